/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the number of traces leaves open, against closed forms: intervals of an M/M/1 whose bootstrap replicates are
 * known, and who carries them.
 */
#include "support/asked.h"

/* ---- evidence that is known -------------------------------------------------------------------------------------- */

enum { ALL = 199, SIMULATED = 39, MOST_NUMBERS = 2 }; /* the ends of 95 % are the 5th and 195th, the first and last */

/* Numbers of a model with given replicates, learned from 300 requests of each of its first entries. */
struct known {
    double ratios[MOST_NUMBERS][ALL];
    struct lc_replicated numbers[MOST_NUMBERS];
    uint64_t samples[MOST_NUMBERS], entry_samples[4], traces[2];
    int entries[2];
    double calls[2];
    struct lc_evidence evidence;
};

static void know(struct known *k, size_t numbers, size_t replicates, size_t classes)
{
    *k = (struct known){.samples = {300, 300},
                        .entry_samples = {300, 300, 300, 300},
                        .traces = {300, 300},
                        .entries = {0, 1},
                        .calls = {1, 1}};
    for (size_t i = 0; i < numbers; i++)
        k->numbers[i] = (struct lc_replicated){.ratios = k->ratios[i]};
    k->evidence = (struct lc_evidence){.traces = 300 * classes,
                                       .replicated = k->numbers,
                                       .replicated_count = numbers,
                                       .samples = k->samples,
                                       .entry_samples = k->entry_samples,
                                       .replicates = replicates,
                                       .class_count = classes,
                                       .class_entry = k->entries,
                                       .class_calls = k->calls,
                                       .class_traces = k->traces};
}

/* The demand of one_queue's server: 1 ± 9.5 % of it in 95 % of the replicates, in no order. */
static void know_demand(struct known *k, size_t replicates)
{
    know(k, 1, replicates, 1);
    k->numbers[0].path = (char *)"query.demand";
    k->numbers[0].entry = 1;
    const double step = replicates == ALL ? 0.001 : 0.005;
    for (size_t b = 0; b < replicates; b++)
        k->ratios[0][b * 77 % replicates] = 1 + step * ((double)b - (double)(replicates / 2));
}
#define LOW  (1 - 0.095)
#define HIGH (1 + 0.095)

/* ---- the traffic equations --------------------------------------------------------------------------------------- */

/* Of n = 199 replicates of a demand the quantile at p is the (n + 1) p-th: the fifth, 195th of 200 − 5. The capacity is
 * in inverse proportion to the demand. */
static void intervals_of_a_known_sample(void **state)
{
    (void)state;
    struct known k;
    know_demand(&k, ALL);
    struct asked a = predict(one_queue,
                             "workloads: [{name: u, entry: page, rate: 5/s}]\n"
                             "goals: {response_time: {u: {mean: 210 ms}}}\n"
                             "simulation: {precision: 10 %, seed: 7, max_time: 20 s}\n",
                             &k.evidence);
    const struct lc_limit *limit = &a.verdict->limits[0].items[0];
    near(limit->factor, 2, 1e-9);
    near(limit->low, 2 / HIGH, 1e-9);
    near(limit->high, 2 / LOW, 1e-9);
    /* One number carries all of it, and 300 requests that halve the variance are as many again. */
    const struct lc_sensitivity *s = a.verdict->limits[0].sensitivity;
    assert_non_null(s);
    assert_int_equal(s->parts[0].entry, 1);
    near(s->parts[0].share, 1, 1e-9);
    near(s->requests, (s->times - 1) * 300, 1);
    const struct lc_estimate *mean = &a.verdict->points[0].result->workloads[0].response_time;
    assert_true(mean->learned);
    assert_true(mean->low < 0.2 / 1.15 && mean->high > 0.2 * 1.15); /* d ln R / d ln D is 2 at half the load */
    assert_int_equal(a.verdict->points[0].goals[0].judgement, LC_GOAL_UNDECIDED);
    assert_true(a.verdict->points[0].goals[0].traces > 1);
    done(&a);
}

/* Two operations at one server, with loads of 0.1 and 0.3 whose replicates do not go together: 1 and 9 tenths of the
 * variance. Half of the interval is a quarter of it: 9 tenths fall to 15 hundredths with six times the samples of b. */
static void shares_of_independent_numbers(void **state)
{
    (void)state;
    struct known k;
    enum { SIDE = 13 };
    know(&k, 2, SIDE * SIDE, 2);
    k.numbers[0].path = (char *)"qa.demand";
    k.numbers[1].path = (char *)"qb.demand";
    k.numbers[0].entry = 2;
    k.numbers[1].entry = 3;
    for (int i = 0; i < SIDE * SIDE; i++) {
        k.ratios[0][i] = 1 + (i % SIDE - SIDE / 2) * 0.01;
        k.ratios[1][i] = 1 + (i / SIDE - SIDE / 2) * 0.01;
    }
    struct asked a =
        predict("loadcast: model/1\n"
                "processors: {delay: {scheduling: inf}}\n"
                "tasks:\n"
                "  web: {processor: delay, scheduling: inf, entries: {a: {calls: [qa]}, b: {calls: [qb]}}}\n"
                "  db: {processor: delay, multiplicity: 1, entries: {qa: {demand: 100 ms}, qb: {demand: "
                "100 ms}}}\n",
                "workloads: [{name: u, entry: a, rate: 1/s}, {name: v, entry: b, rate: 3/s}]\n"
                "simulation: {precision: 10 %, seed: 7}\n",
                &k.evidence);
    const struct lc_sensitivity *s = a.verdict->limits[0].sensitivity;
    assert_int_equal(s->count, 2);
    assert_int_equal(s->parts[0].entry, 3);
    assert_ptr_equal(s->parts[0].most, &k.numbers[1]);
    near(s->parts[0].share, 0.9, 1e-6);
    near(s->parts[1].share, 0.1, 1e-6);
    assert_int_equal(s->workload, 1);
    near(s->requests, 5 * 300, 1);
    done(&a);
}

/* ---- simulated replicates ---------------------------------------------------------------------------------------- */

/* By Pollaczek and Khinchine the mean response at half the load is D (1 + (1 + c²) / 2): in each replicate c² is that
 * of the table to a power, and the mean stays. */
static double at_half_the_load(const double *table, double power)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < LC_SHAPE; i++) {
        sum += pow(table[i], power);
        squares += pow(table[i], 2 * power);
    }
    return 0.1 * (1 + squares * LC_SHAPE / (sum * sum) / 2);
}

static void shapes_vary_by_pollaczek_and_khinchine(void **state)
{
    (void)state;
    struct known k;
    double table[LC_SHAPE], powers[SIMULATED];
    know(&k, 1, SIMULATED, 1);
    k.numbers[0] = (struct lc_replicated){
        .path = (char *)"query.demand", .ratios = k.ratios[0], .entry = 1, .table = table, .powers = powers, .cv2 = 1};
    k.evidence.shapes = SIMULATED;
    for (size_t i = 0; i < LC_SHAPE; i++)
        table[i] = -log(1 - ((double)i + 0.5) / LC_SHAPE);
    for (size_t b = 0; b < SIMULATED; b++) {
        k.ratios[0][b] = 1;
        powers[b * 7 % SIMULATED] = 1 + 0.02 * ((double)b - SIMULATED / 2);
    }
    struct asked a = predict(one_queue,
                             "workloads: [{name: u, entry: page, rate: 5/s}]\n"
                             "goals: {response_time: {u: {mean: 210 ms}}}\n"
                             "simulation: {precision: 3 %, seed: 7, max_time: 60 s}\n",
                             &k.evidence);
    const struct lc_estimate *mean = &a.verdict->points[0].result->workloads[0].response_time;
    const double own = at_half_the_load(table, 1);
    near(mean->low / mean->mean, at_half_the_load(table, 0.62) / own, 0.05);
    near(mean->high / mean->mean, at_half_the_load(table, 1.38) / own, 0.1);
    const struct lc_goal_result *goal = &a.verdict->points[0].goals[0];
    assert_int_equal(goal->judgement, LC_GOAL_UNDECIDED);
    assert_non_null(goal->sensitivity);
    assert_int_equal(goal->sensitivity->parts[0].entry, 1);
    assert_true(goal->sensitivity->parts[0].share > 0.8); /* a regression on what the traffic equations tell */
    done(&a);
}

/* Half of a time that nobody waits for: the difference is half of the demand of each replicate. */
static void differences_of_a_delay(void **state)
{
    (void)state;
    struct known k;
    know_demand(&k, SIMULATED);
    struct asked a = predict(one_queue,
                             "deployment: {services: {db: {concurrency: infinite}}}\n"
                             "workloads: [{name: u, entry: page, rate: 5/s}]\n"
                             "what_if: [{name: faster, change: {query.demand: x 0.5}}]\n"
                             "simulation: {precision: 2 %, seed: 7, max_time: 60 s}\n",
                             &k.evidence);
    const struct lc_comparison *mean = NULL;
    for (size_t i = 0; i < a.verdict->comparison_count; i++)
        if (a.verdict->comparisons[i].quantity == LC_COMPARED_MEAN)
            mean = &a.verdict->comparisons[i];
    assert_non_null(mean);
    near(mean->difference.low, -0.05 * HIGH, 0.003);
    near(mean->difference.high, -0.05 * LOW, 0.003);
    assert_true(mean->low <= mean->difference.low && mean->high >= mean->difference.high && mean->significant);
    done(&a);
}

/* The load is 105 %, and between 95 and 115 % in 95 % of the replicates: too much in those whose demand is at least
 * 1 / 1.05 of the model's. A goal is missed if the best of them misses it: its mean response is 0.0905 / (1 − 0.95). */
static void overloaded_in_some_replicates(void **state)
{
    (void)state;
    struct known k;
    know_demand(&k, SIMULATED);
    struct asked a = predict(one_queue,
                             "workloads: [{name: u, entry: page, rate: 10.5/s}]\n"
                             "goals: {response_time: {u: {mean: 300 ms, p95: 1 min}}, load: {db: 97 %}}\n"
                             "simulation: {precision: 10 %, seed: 7, max_time: 60 s}\n",
                             &k.evidence);
    const struct lc_point *p = &a.verdict->points[0];
    double too_much = 0;
    for (size_t b = 0; b < SIMULATED; b++)
        too_much += k.ratios[0][b] * 1.05 >= 1;
    size_t count;
    struct lc_component *components = lc_components(p->model, &count);
    assert_string_equal(components[1].name, "db");
    free(components);
    assert_true(p->overloaded && p->unsure);
    near(p->overload_share, too_much / SIMULATED, 1e-9);
    near(p->traffic_low[1], 1.05 * LOW, 1e-9);
    near(p->traffic_high[1], 1.05 * HIGH, 1e-9);
    near(p->load_high, 1.05 * HIGH, 1e-9);
    for (size_t g = 0; g < p->goal_count; g++) {
        const struct lc_goal_result *goal = &p->goals[g];
        const bool mean = goal->component == NULL && goal->goal->percentile == 0;
        assert_int_equal(goal->judgement, mean ? LC_GOAL_MISSED : LC_GOAL_UNDECIDED);
        /* The side of the interval over the room that it has, squared: to a load of 97 %, and to one that is full. */
        const double room = goal->component != NULL ? 0.08 : 0.05;
        if (!mean)
            near(goal->traces, pow(1.05 * 0.095 / room, 2), 1e-6);
    }
    assert_int_equal(a.verdict->status, LC_MISSED);
    done(&a);
}

/* At 95 % of what the server can do, too, some replicates have no end; the goal is undecided, by traces. */
static void no_upper_end_near_saturation(void **state)
{
    (void)state;
    struct known k;
    know_demand(&k, SIMULATED);
    struct asked a = predict(one_queue,
                             "workloads: [{name: u, entry: page, rate: 9.5/s}]\n"
                             "goals: {response_time: {u: {mean: 10 s}}}\n"
                             "simulation: {precision: 10 %, seed: 7, max_time: 60 s}\n",
                             &k.evidence);
    const struct lc_point *p = &a.verdict->points[0];
    const struct lc_estimate *mean = &p->result->workloads[0].response_time;
    assert_false(p->overloaded);
    assert_true(isinf(mean->high) && mean->low < 2);
    const struct lc_estimate *load = &p->result->tasks[lc_find_task(p->model, "db")].load;
    assert_true(load->high > 0.98 && load->high <= 1);
    assert_int_equal(p->goals[0].judgement, LC_GOAL_UNDECIDED);
    /* Until the load stays below 1 − (1 − 0.95) R / 10 s: there the mean, which grows as 1 / (1 − load), is 10 s. */
    const double highest = 1 - 0.05 * mean->mean / 10;
    near(p->goals[0].traces, pow(0.95 * 0.095 / (highest - 0.95), 2), 1e-6);
    done(&a);
}

/* ---- the highest load -------------------------------------------------------------------------------------------- */

/* A load of 80 % is reached at 8 / D a second: in each replicate in inverse proportion to its demand, exactly. */
static void capacity_of_a_load_by_the_traffic_equations(void **state)
{
    (void)state;
    struct known k;
    know_demand(&k, ALL);
    struct asked a = predict(one_queue,
                             "deployment: {services: {db: {cores: 1}}}\n"
                             "workloads: [{name: u, entry: page, rate: 5/s}]\n"
                             "goals: {load: 80 %}\n"
                             "capacity: {of: mix, within: 1 %}\n"
                             "simulation: {precision: 5 %, seed: 7, max_time: 60 s}\n",
                             &k.evidence);
    const struct lc_search *s = &a.verdict->capacities[0].search;
    assert_true(s->keeps <= 1.6 + 1e-9 && s->misses >= 1.6 - 1e-9);
    assert_int_equal(s->ratio_count, ALL);
    near(s->ratios[4], 1 / HIGH, 1e-6);
    near(s->ratios[194], 1 / LOW, 1e-6);
    near(s->low, exp(log(1.6) - hypot(log(1.6 / s->keeps), log(HIGH))), 1e-6);
    near(s->high, exp(log(1.6) + hypot(log(s->misses / 1.6), -log(LOW))), 1e-6);
    done(&a);
}

/* The mean is 300 ms where λ = 1 / D − 1 / 0.3: between 5.8 and 7.72 a second in 95 % of the replicates. */
static void capacity_of_a_response_time_by_simulation(void **state)
{
    (void)state;
    struct known k;
    know_demand(&k, SIMULATED);
    struct asked a = predict(one_queue,
                             "workloads: [{name: u, entry: page, rate: 5/s}]\n"
                             "goals: {response_time: {u: {mean: 300 ms}}}\n"
                             "capacity: {of: mix, within: 5 %}\n"
                             "simulation: {precision: 3 %, seed: 7, max_time: 60 s}\n",
                             &k.evidence);
    const struct lc_search *s = &a.verdict->capacities[0].search;
    const double own = 10 - 1 / 0.3;
    assert_true(s->keeps <= own / 5 * 1.02 && s->misses >= own / 5 * 0.98);
    assert_int_equal(s->ratio_count, SIMULATED);
    near(s->ratios[0], (10 / HIGH - 1 / 0.3) / own, 0.03);
    near(s->ratios[SIMULATED - 1], (10 / LOW - 1 / 0.3) / own, 0.04);
    assert_true(s->low < s->keeps && s->high > s->misses);
    done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_of_a_known_sample),
        cmocka_unit_test(shares_of_independent_numbers),
        cmocka_unit_test(shapes_vary_by_pollaczek_and_khinchine),
        cmocka_unit_test(differences_of_a_delay),
        cmocka_unit_test(overloaded_in_some_replicates),
        cmocka_unit_test(no_upper_end_near_saturation),
        cmocka_unit_test(capacity_of_a_load_by_the_traffic_equations),
        cmocka_unit_test(capacity_of_a_response_time_by_simulation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
