/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The analytic solver against the simulation: errors of throughputs and responses of the workloads, time for a model.
 *
 *     bench_solve [-n MODELS] [-s FIRST_SEED] [-p PRECISION] [-e EVENTS] [-c CACHE] [FILE...]
 *
 * The models are random layered systems (40 of them from seed 1), and those of the files; one that has no load, as it
 * is learned, gets open arrivals at what nobody calls, of six tenths of what it carries, and once more customers who
 * would make eight tenths of that if nobody waited. Prints the quantiles, and the
 * twenty largest errors. What was simulated is kept in the cache, so that another solver costs no simulation; what has
 * not become precise within so many events is simulated again by a run that allows more. Figures that are less precise
 * are left out, and counted.
 */
#include "loadcast/format.h"
#include "loadcast/sim.h"
#include "loadcast/solve.h"

#include "../support/random_layers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WORST = 20 };

struct error {
    double size;
    const char *model;
    double solved, simulated;
};

struct errors {
    struct error *items;
    size_t count, capacity;
};

/* What the simulation says of one workload. */
struct known {
    char *model;
    size_t workload;
    double events;                                                   /* allowed */
    double throughput, response, throughput_within, response_within; /* relative half-widths */
};

struct bench {
    double precision, events;
    const char *cache;
    struct known *known;
    size_t known_count, known_capacity;
    size_t refused, unsteady, imprecise, unsettled; /* models; imprecise: figures */
    struct errors throughput, response, times;
    char **names; /* of what errors are about */
    size_t name_count;
};

static int compare_errors(const void *a, const void *b)
{
    const double x = ((const struct error *)a)->size, y = ((const struct error *)b)->size;
    return (x > y) - (x < y);
}

static void add(struct errors *e, struct error error)
{
    LC_GROW(e->items, e->count, e->capacity);
    e->items[e->count++] = error;
}

static void add_error(struct errors *e, const char *model, double solved, double simulated)
{
    if (simulated > 0)
        add(e, (struct error){100 * fabs(solved / simulated - 1), model, solved, simulated});
}

static void report(const char *what, const char *unit, struct errors *e, size_t worst)
{
    if (e->count == 0)
        return;
    qsort(e->items, e->count, sizeof *e->items, compare_errors);
    printf("%-10s of %4zu: median %.3g %s, 95th percentile %.3g %s, largest %.3g %s\n", what, e->count,
           e->items[e->count / 2].size, unit, e->items[e->count * 95 / 100].size, unit, e->items[e->count - 1].size,
           unit);
    for (size_t i = 0; i < worst && i < e->count; i++) {
        const struct error *x = &e->items[e->count - 1 - i];
        printf("  %s: %.4g, simulated %.4g (%+.2f %%)\n", x->model, x->solved, x->simulated,
               100 * (x->solved / x->simulated - 1));
    }
    free(e->items);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- the cache: a line for each workload ------------------------------------------------------------------------- */

static void keep(struct bench *b, struct known known)
{
    LC_GROW(b->known, b->known_count, b->known_capacity);
    b->known[b->known_count++] = known;
}

static void read_cache(struct bench *b)
{
    FILE *file = b->cache != NULL ? fopen(b->cache, "r") : NULL;
    char model[512];
    struct known k;
    while (file != NULL && fscanf(file, "%511s %zu %lf %lf %lf %lf %lf", model, &k.workload, &k.events, &k.throughput,
                                  &k.throughput_within, &k.response, &k.response_within) == 7) {
        k.model = lc_strdup(model);
        keep(b, k);
    }
    if (file != NULL)
        fclose(file);
}

/* What the simulation that was allowed most events said. */
static const struct known *find(const struct bench *b, const char *model, size_t workload)
{
    for (size_t i = b->known_count; i-- > 0;)
        if (b->known[i].workload == workload && strcmp(b->known[i].model, model) == 0)
            return &b->known[i];
    return NULL;
}

static bool is_precise(const struct bench *b, double within)
{
    return within <= b->precision;
}

/* Whether a simulation of as many events as are allowed now would say no more. */
static bool is_known(const struct bench *b, const char *model, size_t workloads)
{
    bool precise = true;
    for (size_t w = 0; w < workloads; w++) {
        const struct known *k = find(b, model, w);
        if (k == NULL)
            return false;
        if (k->events >= b->events || isnan(k->throughput))
            return true;
        precise = precise && is_precise(b, k->throughput_within) && is_precise(b, k->response_within);
    }
    return precise;
}

static double within(struct lc_estimate e)
{
    return e.mean > 0 ? e.ci95 / e.mean : 0;
}

/* A model without a steady state is known as well: NaN. */
static void simulate(struct bench *b, const struct lc_model *m, const char *name, size_t workloads)
{
    struct lc_sim_options options = lc_sim_defaults();
    struct lc_diag diag = {0};
    options.precision = b->precision;
    options.answers = true;
    options.max_events = b->events;
    options.jobs = 1;
    struct lc_result *r = lc_simulate(m, &options, &diag);
    FILE *file = b->cache != NULL ? fopen(b->cache, "a") : NULL;
    for (size_t w = 0; w < workloads; w++) {
        struct known k = {lc_strdup(name), w, b->events, NAN, NAN, NAN, NAN};
        if (r != NULL) {
            const struct lc_workload_result *x = &r->workloads[w];
            k = (struct known){k.model,
                               w,
                               b->events,
                               x->throughput.mean,
                               x->response_time.mean,
                               within(x->throughput),
                               within(x->response_time)};
        }
        keep(b, k);
        if (file != NULL)
            fprintf(file, "%s %zu %g %.9g %.3g %.9g %.3g\n", name, w, k.events, k.throughput, k.throughput_within,
                    k.response, k.response_within);
    }
    if (file != NULL)
        fclose(file);
    lc_result_free(r);
    lc_diag_free(&diag);
}

/* ------------------------------------------------------------------------------------------------------------------ */

static bool is_open(const struct lc_model *m, const struct lc_workload_result *w)
{
    return w->task == LC_NONE || m->tasks[w->task].scheduling == LC_OPEN;
}

static void measure(struct bench *b, const struct lc_model *m, const char *name)
{
    struct lc_diag diag = {0};
    const struct lc_solve_options options = lc_solve_defaults();
    const double started = seconds();
    struct lc_result *r = lc_solve(m, &options, &diag);
    const double took = seconds() - started;
    b->refused += r == NULL;
    b->unsettled += r != NULL && !r->converged;
    if (r != NULL)
        add(&b->times, (struct error){.size = 1e3 * took, .model = name});
    if (r != NULL && !is_known(b, name, r->workload_count))
        simulate(b, m, name, r->workload_count);
    for (size_t w = 0; r != NULL && w < r->workload_count; w++) {
        const struct known *k = find(b, name, w);
        b->unsteady += w == 0 && isnan(k->response);
        if (is_open(m, &r->workloads[w]))
            ;
        else if (is_precise(b, k->throughput_within))
            add_error(&b->throughput, name, r->workloads[w].throughput.mean, k->throughput);
        else
            b->imprecise++;
        if (is_precise(b, k->response_within))
            add_error(&b->response, name, r->workloads[w].response_time.mean, k->response);
        else
            b->imprecise++;
    }
    lc_result_free(r);
    lc_diag_free(&diag);
}

/* A source that calls, once a cycle, what nobody calls. */
static int add_source(struct lc_model *m)
{
    bool *called = lc_calloc(m->entry_count + 1, sizeof *called);
    const size_t entries = m->entry_count;
    for (size_t e = 0; e < entries; e++) {
        const struct lc_task *task = &m->tasks[m->entries[e].task];
        for (int p = 0; p < LC_PHASES; p++)
            for (size_t c = 0; c < m->entries[e].phases[p].call_count; c++)
                called[m->entries[e].phases[p].calls[c].entry] = true;
        for (size_t f = 0; f < m->entries[e].forward_count; f++)
            called[m->entries[e].forwards[f].entry] = true;
        for (size_t a = 0; a < task->activity_count; a++)
            for (size_t c = 0; c < task->activities[a].call_count; c++)
                called[task->activities[a].calls[c].entry] = true;
    }
    const int p = lc_add_processor(m, "bench-source"), t = lc_add_task(m, "bench-source", p);
    const int source = lc_add_entry(m, "bench-source", t);
    m->processors[p].scheduling = LC_INF;
    m->processors[p].multiplicity = LC_INFINITE;
    m->tasks[t].scheduling = LC_OPEN;
    m->tasks[t].arrivals = lc_dist_exponential(1);
    m->entries[source].phases[0].deterministic = true;
    for (size_t e = 0; e < entries; e++)
        if (!called[e])
            lc_add_call(&m->entries[source].phases[0], LC_CALL_SYNC, (int)e, 1);
    free(called);
    return t;
}

static void measure_without_load(struct bench *b, struct lc_model *m, const char *name)
{
    enum { CUSTOMERS = 20 };
    struct lc_diag diag = {0};
    struct lc_traffic traffic = {0};
    const int source = add_source(m);
    if (lc_traffic_solve(m, &traffic, &diag) == 0) {
        const double load = traffic.load > 0 ? traffic.load : 1;
        lci_dist_scale(&m->tasks[source].arrivals, load / 0.6);
        char *closed = lc_format("%s:closed", name);
        b->names = lc_realloc(b->names, ++b->name_count, sizeof *b->names);
        b->names[b->name_count - 1] = closed;
        measure(b, m, name);
        m->tasks[source].scheduling = LC_REF;
        m->tasks[source].multiplicity = CUSTOMERS;
        m->tasks[source].think_time = lc_dist_exponential(CUSTOMERS * load / 0.8);
        measure(b, m, closed);
    } else {
        b->refused++;
    }
    lc_traffic_free(&traffic);
    lc_diag_free(&diag);
}

static bool has_load(const struct lc_model *m)
{
    bool any = false;
    for (size_t t = 0; t < m->task_count; t++)
        any = any || lc_is_source(&m->tasks[t]);
    for (size_t e = 0; e < m->entry_count; e++)
        any = any || m->entries[e].open_rate > 0 || m->entries[e].open_arrivals.family != NULL;
    return any;
}

static void measure_file(struct bench *b, const char *name)
{
    struct lc_diag diag = {0};
    struct lc_model *m = lc_model_read(name, &diag);
    if (m == NULL)
        b->refused++;
    else if (has_load(m))
        measure(b, m, name);
    else
        measure_without_load(b, m, name);
    lc_model_free(m);
    lc_diag_free(&diag);
}

int main(int argc, char **argv)
{
    uint64_t models = 40, first = 1;
    struct bench b = {.precision = 0.01, .events = 1e8};
    for (int option; (option = getopt(argc, argv, "n:s:p:e:c:")) != -1;)
        switch (option) {
        case 'n': models = strtoull(optarg, NULL, 10); break;
        case 's': first = strtoull(optarg, NULL, 10); break;
        case 'p': b.precision = strtod(optarg, NULL); break;
        case 'e': b.events = strtod(optarg, NULL); break;
        case 'c': b.cache = optarg; break;
        default: return 2;
        }
    read_cache(&b);
    for (uint64_t i = 0; i < models; i++) {
        struct lc_model *m = random_layers(first + i);
        b.names = lc_realloc(b.names, ++b.name_count, sizeof *b.names);
        b.names[b.name_count - 1] = lc_format("%" PRIu64, first + i);
        measure(&b, m, b.names[b.name_count - 1]);
        lc_model_free(m);
    }
    for (int i = optind; i < argc; i++)
        measure_file(&b, argv[i]);
    report("throughput", "%", &b.throughput, WORST);
    report("response", "%", &b.response, WORST);
    report("time", "ms", &b.times, 0);
    printf("%zu refused, %zu did not converge, %zu without a steady state, %zu figures not precise\n", b.refused,
           b.unsettled, b.unsteady, b.imprecise);
    for (size_t i = 0; i < b.name_count; i++)
        free(b.names[i]);
    for (size_t i = 0; i < b.known_count; i++)
        free(b.known[i].model);
    free(b.names);
    free(b.known);
    return 0;
}
