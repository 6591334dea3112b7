/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The analytic solver against the simulation over random layered systems: errors of throughputs and responses of the
 * workloads, time for a model. Arguments: number of models (40), precision of the simulation (0.01), first seed (1).
 * Prints the quantiles, and the ten models with the largest errors.
 */
#include "loadcast/sim.h"
#include "loadcast/solve.h"

#include "../support/random_layers.h"

#include <stdio.h>
#include <time.h>

struct error {
    double size;
    uint64_t seed;
    double solved, simulated;
};

struct errors {
    struct error *items;
    size_t count, capacity;
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

static void add_error(struct errors *e, uint64_t seed, const struct lc_estimate *solved,
                      const struct lc_estimate *simulated)
{
    add(e, (struct error){100 * fabs(solved->mean / simulated->mean - 1), seed, solved->mean, simulated->mean});
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
        printf("  model %3llu: %.4g, simulated %.4g (%+.2f %%)\n", (unsigned long long)x->seed, x->solved, x->simulated,
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

int main(int argc, char **argv)
{
    const uint64_t models = argc > 1 ? strtoull(argv[1], NULL, 10) : 40;
    const uint64_t first = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
    struct errors throughput = {0}, response = {0}, times = {0};
    struct lc_sim_options simulation = lc_sim_defaults();
    simulation.precision = argc > 2 ? strtod(argv[2], NULL) : 0.01;
    simulation.answers = true;
    simulation.max_time_s = 60;
    for (uint64_t seed = first; seed < first + models; seed++) {
        struct lc_model *m = random_layers(seed);
        struct lc_diag diag = {0};
        const struct lc_solve_options options = lc_solve_defaults();
        const double started = seconds();
        struct lc_result *r = lc_solve(m, &options, &diag);
        const double took = seconds() - started;
        struct lc_result *s = r != NULL ? lc_simulate(m, &simulation, &diag) : NULL;
        for (size_t w = 0; s != NULL && s->converged && w < s->workload_count; w++) {
            if (m->tasks[s->workloads[w].task].scheduling == LC_REF)
                add_error(&throughput, seed, &r->workloads[w].throughput, &s->workloads[w].throughput);
            add_error(&response, seed, &r->workloads[w].response_time, &s->workloads[w].response_time);
        }
        if (r != NULL)
            add(&times, (struct error){.size = 1e3 * took, .seed = seed});
        lc_result_free(r);
        lc_result_free(s);
        lc_diag_free(&diag);
        lc_model_free(m);
    }
    report("throughput", "%", &throughput, 10);
    report("response", "%", &response, 10);
    report("time", "ms", &times, 0);
    return 0;
}
