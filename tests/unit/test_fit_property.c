/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What holds for every family however its sample was observed: the maximum of the likelihood is nowhere below the
 * likelihood of the truth, and the estimates lie as far from it as their standard errors say. `test_fit_property 40`
 * tries 40 samples of each kind instead of some.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "loadcast/fit.h"
#include "model/random/generator.h"

enum { SIZE = 400, PARAMETERS = 8 };

enum observation { PLAIN, WEIGHTED, RIGHT, LEFT, INTERVAL, MIXED, QUANTISED, OBSERVATIONS };
static const char *const observation_names[] = {"plain",    "weighted", "right censored", "left censored",
                                                "interval", "mixed",    "quantised"};

static const struct {
    const char *family;
    size_t count;
    double p[PARAMETERS];
} truths[] = {
    {"uniform", 2, {5, 20}},
    {"exponential", 1, {3}},
    {"erlang", 2, {3, 2}},
    {"gamma", 2, {0.6, 4}},
    {"gamma", 2, {7.7, 0.5}},
    {"lognormal", 2, {-3, 0.4}},
    {"lognormal", 2, {2, 1.5}},
    {"normal", 2, {100, 8}},
    {"normal", 2, {2, 2}},
    {"weibull", 2, {0.6, 3}},
    {"weibull", 2, {4, 0.01}},
    {"log_logistic", 2, {5, 3}},
    {"log_logistic", 2, {1.5, 200}},
    {"inverse_gaussian", 2, {3, 5}},
    {"inverse_gaussian", 2, {2, 1}},
    {"pareto", 2, {2.5, 3}},
    {"lomax", 2, {1.5, 9}},
    {"burr", 3, {4, 0.5, 5}},
    {"hyperexponential", 4, {0.7, 1, 0.3, 20}},
    {"hyper_erlang", 6, {0.75, 6, 1, 0.25, 2, 30}},
    {"coxian", 3, {4, 0.3, 0.1}},
    {"phase_type", 7, {2, 0.3, 0.7, -2, 1, 0.1, -0.3}},
    {"lognormal_mixture", 6, {0.7, 0, 0.3, 0.3, 2.5, 0.4}},
    {"gamma_mixture", 6, {0.6, 4, 0.3, 0.4, 20, 0.8}},
};

struct observed {
    double low[SIZE], high[SIZE], weight[SIZE];
    struct lc_sample sample;
};

/* Each value as it is, cut off at 90 %, not told below 20 %, or rounded to tenths of the middle half; or any of these,
 * with limits that differ. */
static void observe(struct observed *o, const struct lc_dist *truth, enum observation how, uint64_t seed)
{
    struct lc_random r;
    lc_random_init(&r, seed, (uint64_t)how, truth->family->name, "property");
    const double unit = (lc_dist_quantile(truth, 0.75) - lc_dist_quantile(truth, 0.25)) / 10;
    o->sample = (struct lc_sample){o->low, o->high, o->weight, SIZE};
    for (size_t i = 0; i < SIZE; i++) {
        const double x = lc_dist_sample(truth, &r);
        const int kind = (int)(4 * lci_random_uniform(&r));
        const double chance = how == MIXED ? lci_random_uniform(&r) : 0;
        o->weight[i] = how == WEIGHTED ? kind : 1;
        o->low[i] = o->high[i] = x;
        if (how == RIGHT || (how == MIXED && kind == 1)) {
            const double limit = lc_dist_quantile(truth, how == MIXED ? chance : 0.9);
            o->low[i] = fmin(x, limit);
            o->high[i] = x > limit ? INFINITY : x;
        } else if (how == LEFT || (how == MIXED && kind == 2)) {
            const double limit = lc_dist_quantile(truth, how == MIXED ? chance : 0.2);
            o->low[i] = x < limit ? 0 : x;
            o->high[i] = fmax(x, limit);
        } else if (how == INTERVAL || how == QUANTISED || (how == MIXED && kind == 3)) {
            o->low[i] = fmax((nearbyint(x / unit) - 0.5) * unit, 0);
            o->high[i] = (nearbyint(x / unit) + 0.5) * unit;
        }
    }
    if (how != QUANTISED)
        return;
    for (size_t i = 0; i < SIZE; i++)
        o->weight[i] = (o->low[i] > 0 ? o->low[i] + o->high[i] : 0) / 2; /* the reading; all weights are 1 */
    o->sample = (struct lc_sample){.low = o->weight, .count = SIZE};
}

static double likelihood(const struct lc_dist *d, const struct observed *o)
{
    double sum = 0;
    for (size_t i = 0; i < SIZE; i++) {
        const double low = o->low[i], high = o->high[i], w = o->sample.weight != NULL ? o->weight[i] : 1;
        if (w > 0)
            sum += w * (low == high ? lc_dist_log_density(d, low)
                                    : log(lc_dist_survival(d, low) - (isinf(high) ? 0 : lc_dist_survival(d, high))));
    }
    return sum;
}

/* Over all parameters with a standard error: how many lie 2 and 3 of them away from the truth. */
struct rates {
    int all, beyond_two, beyond_three;
};

static void count_errors(struct rates *rates, const struct lc_dist *truth, const struct lc_fit *fit)
{
    if (fit->dist.count != truth->count || fit->standard_errors == NULL)
        return; /* another number of components */
    for (size_t i = 0; i < truth->count; i++) {
        const double z = fabs(fit->dist.parameters[i] - truth->parameters[i]) / fit->standard_errors[i];
        if (isnan(z))
            continue;
        rates->all++;
        rates->beyond_two += z > 2;
        rates->beyond_three += z > 3;
    }
}

static void check(const struct lc_dist *truth, enum observation how, uint64_t seed, struct rates *rates)
{
    static struct observed o;
    struct lc_fit fit;
    observe(&o, truth, how, seed);
    if (lc_fit_family(truth->family, &o.sample, &fit) != 0)
        fail_msg("%s, %s, sample %d: %s", truth->family->name, observation_names[how], (int)seed, fit.note);
    const double expected = likelihood(truth, &o), found = likelihood(&fit.dist, &o);
    if (!(found >= expected - 1e-9 * fabs(expected)) || fabs(found - fit.log_likelihood) > 1e-6 * fabs(found))
        fail_msg("%s, %s, sample %d: log-likelihood %.9g (%.9g is said), of the truth %.9g", truth->family->name,
                 observation_names[how], (int)seed, found, fit.log_likelihood, expected);
    if (how != WEIGHTED) /* these weights are no repetitions: the errors of a weighted mean are greater */
        count_errors(rates, truth, &fit);
    lc_fit_free(&fit);
}

static int samples = 1;

/* Beyond 2 and 3 standard errors lie 4.6 % and 0.27 % of a normal distribution; estimates from 400 values, some of
 * which are hardly seen, have somewhat longer tails. Those of one fit depend on each other. */
static void fits_are_maxima_and_errors_hold(void **state)
{
    (void)state;
    struct rates rates = {0};
    for (size_t t = 0; t < sizeof truths / sizeof *truths; t++) {
        struct lc_dist truth = lc_dist_make(lc_family_find(truths[t].family), 0, truths[t].p, truths[t].count);
        for (enum observation how = PLAIN; how < OBSERVATIONS; how++)
            for (int k = 0; k < samples; k++)
                check(&truth, how, (uint64_t)k, &rates);
        lc_dist_free(&truth);
    }
    print_message("%d parameters, %d beyond 2 standard errors, %d beyond 3\n", rates.all, rates.beyond_two,
                  rates.beyond_three);
    const double n = rates.all, spread = 4 * sqrt(2 * n * 0.046 * 0.954);
    assert_true(rates.beyond_two > 0.04 * n - spread && rates.beyond_two < 0.06 * n + spread);
    assert_true(rates.beyond_three < 0.006 * n + 4 * sqrt(2 * n * 0.006));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fits_are_maxima_and_errors_hold)};
    if (argc > 1)
        samples = atoi(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
