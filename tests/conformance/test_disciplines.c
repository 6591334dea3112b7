/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Disciplines of processors against closed forms of M/G/1, and the words they go by.
 */
#include "model/dist/dist.h"
#include "model/lqn.h"
#include "support.h"

static struct lc_result *open_station(struct lc_model **m, enum lc_scheduling scheduling, struct lc_dist demand,
                                      double rate)
{
    *m = lc_model_new("M/G/1");
    const int processor = lc_add_processor(*m, "cpu"), task = lc_add_task(*m, "work", processor);
    (*m)->processors[processor].scheduling = scheduling;
    (*m)->tasks[task].scheduling = LC_INF;
    (*m)->tasks[task].multiplicity = LC_INFINITE;
    const int entry = lc_add_entry(*m, "work", task);
    (*m)->entries[entry].phases[0].present = true;
    (*m)->entries[entry].phases[0].demand = demand;
    (*m)->entries[entry].open_rate = rate;
    return simulate_to(*m, 0.01, 0.05);
}

/* Last come, first served, preemptive resume: T = s / (1 − ρ) whatever the distribution (Kelly 1979). */
static void last_come_preemptive(void **state)
{
    (void)state;
    const double cv2[] = {0, 1, 4};
    for (size_t i = 0; i < sizeof cv2 / sizeof *cv2; i++) {
        struct lc_model *m;
        struct lc_result *r = open_station(&m, LC_LCFS_PR, lci_dist_moments(1, cv2[i]), 0.7);
        expect("response", r->entries[0].open_response_time, 1 / 0.3);
        done(m, r);
    }
}

/* Last come, first served: the mean wait is that of first come (Pollaczek and Khinchine), its second moment 1 / (1 − ρ)
 * times that of first come (Takács 1963). M/M/1: T of first come is exponential. */
static void last_come(void **state)
{
    (void)state;
    const double rho = 0.5, wait = rho / (1 - rho), square = 2 * rho / pow(1 - rho, 2) / (1 - rho);
    struct lc_model *m;
    struct lc_result *r = open_station(&m, LC_LCFS, lc_dist_exponential(1), rho);
    expect("wait", r->entries[0].phases[0].processor_waiting, wait);
    expect("response's variance", r->entries[0].phases[0].service_time_variance, square - wait * wait + 1);
    done(m, r);
}

/* Schrage and Miller (1966): a request of size x waits until those that count before it have left, and is interrupted
 * by smaller ones while it is served. */
static double srpt_mean(double lambda)
{
    const double step = 1e-3;
    double mean = 0, load = 0, square = 0, residence = 0;
    for (double x = step / 2; x < 40; x += step) { /* exponential sizes of mean 1; midpoints */
        const double density = exp(-x) * step;
        load += lambda * x * density;
        square += lambda * x * x * density;
        residence += step / (1 - load);
        mean += density * ((square + lambda * x * x * exp(-x)) / (2 * pow(1 - load, 2)) + residence);
    }
    return mean;
}

static void shortest_remaining(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct lc_model *m;
        const double rho = i == 0 ? 0.5 : 0.8;
        struct lc_result *r = open_station(&m, LC_SRPT, lc_dist_exponential(1), rho);
        expect("response", r->entries[0].open_response_time, srpt_mean(rho));
        done(m, r);
    }
}

static struct lc_result *shares(struct lc_model **m, const char *name)
{
    struct lc_diag diag = {0};
    char *path = lc_format("%s/tests/data/lqn/%s.lqn", SOURCE_DIR, name);
    *m = lc_model_read(path, &diag);
    require(&diag);
    lc_diag_free(&diag);
    free(path);
    return simulate_to(*m, 0.01, 0.05);
}

/* Two customers (think 1, demand 1) in two groups of the same share are processor sharing between two. From one's
 * arrival R₁ alone = τ₂ + ½ R₂ and R₂ = τ₁ + ½ R₁, with τ exponential of rate 2 and 1; the other one is there half of
 * the time: the mean is 3/2, the variance 29/12. With shares of 0.8 and 0.2 the balance of who is there (nobody 0.2,
 * the one 0.14, the other 0.26, both 0.4) and Little's law give 0.54 / 0.46 and 0.66 / 0.34. */
static void fair_shares(void **state)
{
    (void)state;
    struct lc_model *m;
    struct lc_result *r = shares(&m, "fair-share");
    const struct lc_activity_result *phase = &r->entries[lc_find_entry(m, "ea")].phases[0];
    expect("service", phase->service_time, 1.5);
    expect("service's variance", phase->service_time_variance, 29.0 / 12);
    done(m, r);
    r = shares(&m, "fair-share-unequal");
    expect("0.8", r->entries[lc_find_entry(m, "ea")].phases[0].service_time, 0.54 / 0.46);
    expect("0.2", r->entries[lc_find_entry(m, "eb")].phases[0].service_time, 0.66 / 0.34);
    done(m, r);
}

/* Every discipline has a word that is read, and stands in the sentence of allowed ones. */
static void words(void **state)
{
    (void)state;
    assert_string_equal(lci_discipline_words(), "fcfs, hol, pp, rand, ps, inf, lcfs, lcfs_pr, srpt, cfs");
    for (int i = 0; lc_is_discipline((enum lc_scheduling)i); i++)
        assert_int_equal(lc_scheduling_find(lc_scheduling_name((enum lc_scheduling)i)), i);
    assert_int_equal(lc_scheduling_find("LCFS-PR"), LC_LCFS_PR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(last_come_preemptive), cmocka_unit_test(last_come), cmocka_unit_test(shortest_remaining),
        cmocka_unit_test(fair_shares),          cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
