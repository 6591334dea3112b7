/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How often 95 % intervals hold the exact value, over many runs of models with
 * closed forms under the stopping rule, and how far the estimates are off on
 * the average: of that a rule that stops by chance shows more than of coverage. Then the same of replications that are
 * given and too short for the model, and how often that is said.
 *
 *   bench_intervals [RUNS [MODEL]]   20 runs of each model, or RUNS of all or
 * of one, or of short replications ("short")
 */
#include "loadcast/sim.h"
#include "model/dist/dist.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRECISION 0.05
enum { MOST_FIGURES = 5 };

struct figure {
    const char *name;
    double exact;
    unsigned held, below, runs;
    double sum, squares; /* of estimate / exact − 1 */
};

struct check {
    struct figure figures[MOST_FIGURES];
    size_t count;
};

static void look(struct check *c, size_t *at, const char *name, const struct lc_estimate *e, double exact)
{
    struct figure *f = &c->figures[(*at)++];
    c->count = *at > c->count ? *at : c->count;
    f->name = name;
    f->exact = exact;
    const double off = e->mean / exact - 1;
    f->runs++;
    f->held += fabs(e->mean - exact) <= e->ci95;
    f->below += e->mean + e->ci95 < exact;
    f->sum += off;
    f->squares += off * off;
}

/* ---- models ------------------------------------------------------------------------------------------------------ */

static int add_server(struct lc_model *m, const char *name, enum lc_scheduling scheduling, uint32_t servers,
                      struct lc_dist demand)
{
    const int processor = lc_add_processor(m, name), task = lc_add_task(m, name, processor);
    m->processors[processor].scheduling = scheduling;
    m->processors[processor].multiplicity = servers;
    m->tasks[task].multiplicity = scheduling == LC_FCFS ? servers : LC_INFINITE;
    if (scheduling != LC_FCFS)
        m->tasks[task].scheduling = LC_INF;
    const int entry = lc_add_entry(m, name, task);
    m->entries[entry].phases[0].present = true;
    m->entries[entry].phases[0].demand = demand;
    return entry;
}

static void add_customers(struct lc_model *m, uint32_t count, double think, const int *servers, int server_count)
{
    const int processor = lc_add_processor(m, "users"), task = lc_add_task(m, "users", processor);
    m->processors[processor].scheduling = LC_INF;
    m->tasks[task].scheduling = LC_REF;
    m->tasks[task].multiplicity = count;
    if (think > 0)
        m->tasks[task].think_time = lc_dist_exponential(think);
    const int entry = lc_add_entry(m, "users", task);
    m->entries[entry].phases[0].present = true;
    m->entries[entry].phases[0].deterministic = true;
    for (int i = 0; i < server_count; i++)
        lc_add_call(&m->entries[entry].phases[0], LC_CALL_SYNC, servers[i], 1);
}

static struct lc_model *open_queue(enum lc_scheduling scheduling, uint32_t servers, double rate, struct lc_dist demand)
{
    struct lc_model *m = lc_model_new("queue");
    const int server = add_server(m, "server", scheduling, servers, demand);
    m->entries[server].open_rate = rate;
    return m;
}

/* ---- closed forms ------------------------------------------------------------------------------------------------ */

static double erlang_c(int servers, double offered)
{
    double b = 1;
    for (int k = 1; k <= servers; k++)
        b = offered * b / (k + offered * b);
    const double rho = offered / servers;
    return b / (1 - rho * (1 - b));
}

static double mg1_response(double rho, double cv2)
{
    return 1 + rho * (1 + cv2) / (2 * (1 - rho));
}

/* Response time of a cycle through `stations` stations of demand 1 each, by mean value analysis. */
static double mva(int stations, int customers, double think)
{
    double queue = 0, response = 0;
    for (int n = 1; n <= customers; n++) {
        response = stations * (1 + queue);
        queue = n / (think + response) * (1 + queue);
    }
    return response;
}

/* ---- the list ---------------------------------------------------------------------------------------------------- */

struct model {
    const char *name;
    enum { MM1, MG1, MMC, PS, CLOSED } kind;
    double load, cv2;       /* open */
    int servers, customers; /* closed: stations */
    double think;
    const char *family; /* of MG1 and PS; NULL: by its moments */
    double shape;
};

static const struct model models[] = {
    {"M/M/1 at 0.5", MM1, .load = 0.5, .cv2 = 1},
    {"M/M/1 at 0.8", MM1, .load = 0.8, .cv2 = 1},
    {"M/M/1 at 0.9", MM1, .load = 0.9, .cv2 = 1},
    {"M/M/1 at 0.95", MM1, .load = 0.95, .cv2 = 1},
    {"M/D/1 at 0.8", MG1, .load = 0.8, .cv2 = 0},
    {"M/H2/1 at 0.7, c2 4", MG1, .load = 0.7, .cv2 = 4},
    {"M/Pareto/1 at 0.6, shape 3.5", MG1, .load = 0.6, .family = "pareto", .shape = 3.5},
    {"M/M/3 at 0.8", MMC, .load = 0.8, .servers = 3},
    {"M/M/10 at 0.9", MMC, .load = 0.9, .servers = 10},
    {"M/M/1-PS at 0.8", PS, .load = 0.8, .cv2 = 1},
    {"M/H2/1-PS at 0.8, c2 4", PS, .load = 0.8, .cv2 = 4},
    {"1 station, 10 customers who think 10", CLOSED, .servers = 1, .customers = 10, .think = 10},
    {"2 stations, 10 customers", CLOSED, .servers = 2, .customers = 10},
    {"5 stations, 20 customers who think 20", CLOSED, .servers = 5, .customers = 20, .think = 20},
};
enum { MODELS = sizeof models / sizeof *models };

static struct lc_dist demand_of(const struct model *m, double *cv2)
{
    *cv2 = m->cv2;
    if (m->family == NULL)
        return lci_dist_moments(1, m->cv2);
    *cv2 = 1 / (m->shape * (m->shape - 2));
    return lc_dist_named(m->family, 2, m->shape, (m->shape - 1) / m->shape); /* mean 1 */
}

static struct lc_model *build(const struct model *m, double *response)
{
    double cv2;
    struct lc_dist demand = demand_of(m, &cv2);
    const double rate = m->load * (m->kind == MMC ? m->servers : 1);
    if (m->kind == CLOSED) {
        struct lc_model *closed = lc_model_new("closed");
        int stations[8];
        lc_dist_free(&demand);
        for (int i = 0; i < m->servers; i++) {
            char name[16];
            snprintf(name, sizeof name, "s%d", i);
            stations[i] = add_server(closed, name, LC_FCFS, 1, lc_dist_exponential(1));
        }
        add_customers(closed, (uint32_t)m->customers, m->think, stations, m->servers);
        *response = mva(m->servers, m->customers, m->think);
        return closed;
    }
    if (m->kind == MMC) {
        lc_dist_free(&demand);
        demand = lc_dist_exponential(1);
    }
    *response = m->kind == MMC  ? 1 + erlang_c(m->servers, rate) / (m->servers - rate)
                : m->kind == PS ? 1 / (1 - m->load)
                                : mg1_response(m->load, cv2);
    return open_queue(m->kind == PS ? LC_PS : LC_FCFS, m->kind == MMC ? (uint32_t)m->servers : 1, rate, demand);
}

static void look_at(struct check *c, const struct model *m, const struct lc_result *r, double response)
{
    static const double p[LC_PERCENTILES] = {0.5, 0.9, 0.95, 0.99};
    size_t at = 0;
    const bool closed = m->kind == CLOSED;
    const double throughput = closed ? m->customers / (m->think + response) : 0;
    look(c, &at, "response", &r->workloads[0].response_time, response);
    look(c, &at, "load", &r->processors[0].load, closed ? throughput : m->load);
    look(c, &at, "throughput", &r->workloads[0].throughput,
         closed ? throughput : m->load * (m->kind == MMC ? m->servers : 1));
    if (m->kind == MM1) /* the response time is exponential */
        for (int k = 2; k < LC_PERCENTILES; k++)
            look(c, &at, k == 2 ? "p95" : "p99", &r->workloads[0].percentiles.value[k], -response * log(1 - p[k]));
}

static void measure(const struct model *m, unsigned runs)
{
    struct check c = {.count = 0};
    double response, events = 0;
    unsigned replications = 0, reached = 0;
    struct lc_model *model = build(m, &response);
    for (unsigned run = 0; run < runs; run++) {
        struct lc_diag diag = {0};
        struct lc_sim_options options = lc_sim_defaults();
        options.precision = PRECISION;
        options.seed = run + 1;
        options.jobs = 1;
        struct lc_result *r = lc_simulate(model, &options, &diag);
        for (size_t i = 0; i < diag.count; i++)
            fprintf(stderr, "%s: %s\n", m->name, diag.messages[i].text);
        lc_diag_free(&diag);
        if (r == NULL)
            exit(1);
        look_at(&c, m, r, response);
        events += (double)r->events;
        replications += r->replications;
        reached += r->converged;
        lc_result_free(r);
    }
    printf("%s: %u runs of %.2f million events in %.0f replications, %.0f %% to "
           "their precision\n",
           m->name, runs, 1e-6 * events / runs, (double)replications / runs, 100.0 * reached / runs);
    for (size_t i = 0; i < c.count; i++) {
        const struct figure *f = &c.figures[i];
        const double bias = f->sum / runs, error = sqrt(fmax(f->squares / runs - bias * bias, 0) / runs);
        printf("  %-12s covered %5.1f %%, too low %4.1f %%, bias %+.2f ± %.2f %%\n", f->name, 100.0 * f->held / runs,
               100.0 * f->below / runs, 100 * bias, 196 * error);
    }
    lc_model_free(model);
}

/* 20 replications that last a part of the relaxation time of M/M/1, 1 / (1 − √ρ)². */
static void measure_short(double load, double part, unsigned runs)
{
    struct check c = {.count = 0};
    struct lc_model *model = open_queue(LC_FCFS, 1, load, lc_dist_exponential(1));
    unsigned warned = 0;
    for (unsigned run = 0; run < runs; run++) {
        struct lc_diag diag = {0};
        struct lc_sim_options options = lc_sim_defaults();
        options.replications = 20;
        options.run_time = part / pow(1 - sqrt(load), 2);
        options.seed = run + 1;
        options.jobs = 1;
        struct lc_result *r = lc_simulate(model, &options, &diag);
        size_t at = 0;
        bool said = false;
        for (size_t i = 0; i < diag.count; i++)
            said |= strstr(diag.messages[i].text, "is short for this model") != NULL;
        warned += said;
        lc_diag_free(&diag);
        if (r == NULL)
            exit(1);
        look(&c, &at, "response", &r->workloads[0].response_time, 1 / (1 - load));
        lc_result_free(r);
    }
    const struct figure *f = &c.figures[0];
    printf("M/M/1 at %g, 20 replications of %g relaxation times: warned %.1f %%, covered %.1f %%, bias %+.2f %%\n",
           load, part, 100.0 * warned / runs, 100.0 * f->held / runs, 100 * f->sum / runs);
    lc_model_free(model);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    const unsigned runs = argc > 1 ? (unsigned)atoi(argv[1]) : 20;
    for (size_t i = 0; i < MODELS && runs > 0; i++)
        if (argc < 3 || strcmp(argv[2], models[i].name) == 0)
            measure(&models[i], runs);
    for (int i = 0; i < 4 && runs > 0; i++)
        if (argc < 3 || strcmp(argv[2], "short") == 0)
            measure_short(i < 2 ? 0.9 : 0.95, i % 2 == 0 ? 0.25 : 1, runs);
    return 0;
}
