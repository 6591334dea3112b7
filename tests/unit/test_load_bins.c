/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bins by load: requests whose rates are known by construction → windows and bins; and learning from some of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loadcast/random.h"
#include "model/random/generator.h"
#include "network/facts/load_bins.h"
#include "support/hand_visits.h"

#define SECOND INT64_C(1000000000)

struct made {
    struct lci_request *items;
    size_t count, capacity;
};

/* Poisson arrivals of a kind, at a rate that may depend on time (thinning, Lewis & Shedler 1979). */
static void add_requests(struct made *made, struct lc_random *random, double from, double to, double most,
                         double (*rate)(double), double work, size_t kind)
{
    for (double t = from; (t += lci_random_exponential(random) / most) < to;) {
        if (rate != NULL && lci_random_uniform(random) * most > rate(t))
            continue;
        LC_GROW(made->items, made->count, made->capacity);
        made->items[made->count++] = (struct lci_request){
            .begin = (int64_t)(t * 1e9), .duration = work, .work = work, .weight = 1, .kind = kind};
    }
}

static int by_begin(const void *a, const void *b)
{
    const struct lci_request *x = a, *y = b;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

static struct lc_load_bins cut(struct made *made, size_t kinds, const struct lci_stretch *stretches, size_t count)
{
    qsort(made->items, made->count, sizeof *made->items, by_begin);
    return lci_load_bins_cut(made->items, made->count, kinds, stretches, count);
}

/* Recordings at one rate are a window each, less their first tenth; two at one load are a bin. */
static void test_recordings(void **state)
{
    (void)state;
    struct lc_random random;
    lc_random_init(&random, 7, 0, "recordings", "times");
    struct made made = {0};
    const double rates[] = {20, 5, 12, 5};
    struct lci_stretch stretches[4];
    for (size_t i = 0; i < 4; i++) {
        const double from = 1000.0 * (double)i;
        add_requests(&made, &random, from, from + 200, rates[i], NULL, 0.1, 0);
        stretches[i] = (struct lci_stretch){(int64_t)(from * 1e9), (int64_t)((from + 200) * 1e9), 0};
    }
    struct lc_load_bins bins = cut(&made, 1, stretches, 4);
    assert_int_equal(bins.window_count, 4);
    assert_int_equal(bins.count, 3);
    assert_int_equal(bins.quiet, 1);
    const size_t expected[] = {2, 0, 1, 0};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(bins.windows[i].bin, expected[i]);
        assert_int_equal(bins.windows[i].time.begin, stretches[i].begin + 20 * SECOND);
        assert_within(bins.windows[i].rate, rates[i], 4 * sqrt(rates[i] / 180));
        assert_within(bins.windows[i].load, bins.windows[i].rate * 0.1, 1e-9);
    }
    assert_within(bins.bins[0].seconds, 360, 1e-6);
    assert_within(bins.bins[0].rate, (bins.windows[1].rate + bins.windows[3].rate) / 2, 1e-9);
    lci_load_bins_free(&bins);
    free(made.items);
}

static double swing(double t)
{
    return 50 * (1 + 0.8 * sin(t * 2 * M_PI / 600));
}

/* A load that varies within a recording is cut; every bin is narrower than the whole, and they are in order. */
static void test_varying(void **state)
{
    (void)state;
    struct lc_random random;
    lc_random_init(&random, 8, 0, "varying", "times");
    struct made made = {0};
    add_requests(&made, &random, 0, 1200, 90, swing, 0.01, 0);
    struct lc_load_bins bins = cut(&made, 1, &(struct lci_stretch){0, 1200 * SECOND, 0}, 1);
    assert_true(bins.count >= 4);
    assert_true(bins.bins[0].rate < 20 && bins.bins[bins.count - 1].rate > 75);
    double seconds = 0;
    for (size_t b = 0; b < bins.count; b++) {
        assert_true(b == 0 || bins.bins[b].load > bins.bins[b - 1].load);
        seconds += bins.bins[b].seconds;
    }
    assert_within(seconds, 1200, 1e-3);              /* nothing is lost, nothing counts twice */
    for (size_t w = 0; w < bins.window_count; w++) { /* against the rate that made it */
        const struct lc_load_window *window = &bins.windows[w];
        const double middle = (double)(window->time.begin + window->time.end) * 0.5e-9;
        const double length = (double)(window->time.end - window->time.begin) * 1e-9;
        assert_within(window->rate, swing(middle), 5 * sqrt(swing(middle) / length));
    }
    lci_load_bins_free(&bins);
    free(made.items);
}

/* Kinds weigh by the work that they make: many short requests are less load than a few long ones. One request at a
 * time is no load at all, however fast. */
static void test_work(void **state)
{
    (void)state;
    struct lc_random random;
    lc_random_init(&random, 9, 0, "work", "times");
    struct made made = {0};
    add_requests(&made, &random, 0, 100, 10, NULL, 1, 0);
    add_requests(&made, &random, 500, 600, 100, NULL, 0.01, 1);
    for (int i = 0; i < 400; i++) {
        LC_GROW(made.items, made.count, made.capacity);
        made.items[made.count++] =
            (struct lci_request){.begin = 1000 * SECOND + (i < 200 ? i * SECOND * 2 / 5 : (i - 120) * SECOND),
                                 .duration = i < 200 ? 0.3 : 0.9, /* one after the other */
                                 .work = i % 2 == 0 ? 1 : 0.01,
                                 .weight = 1,
                                 .kind = (size_t)i % 2};
    }
    const struct lci_stretch stretches[] = {
        {0, 100 * SECOND, 0}, {500 * SECOND, 600 * SECOND, 0}, {1000 * SECOND, 1279 * SECOND, 0}};
    struct lc_load_bins bins = cut(&made, 2, stretches, 3);
    assert_int_equal(bins.count, 3);
    assert_int_equal(bins.windows[2].bin, 0);
    assert_true(bins.windows[2].one_by_one && bins.bins[0].one_by_one && bins.bins[0].load == 0);
    assert_int_equal(bins.windows[1].bin, 1);
    assert_int_equal(bins.windows[0].bin, 2);
    assert_int_equal(bins.quiet, 1);
    lci_load_bins_free(&bins);
    free(made.items);
}

/* The quiet part grows until it has requests of every kind. */
static void test_kinds(void **state)
{
    (void)state;
    struct lc_random random;
    lc_random_init(&random, 10, 0, "kinds", "times");
    struct made made = {0};
    add_requests(&made, &random, 0, 100, 10, NULL, 0.01, 0);
    add_requests(&made, &random, 500, 600, 20, NULL, 0.01, 0);
    add_requests(&made, &random, 500, 600, 1, NULL, 0.01, 1);
    add_requests(&made, &random, 1000, 1100, 40, NULL, 0.01, 0);
    const struct lci_stretch stretches[] = {
        {0, 100 * SECOND, 0}, {500 * SECOND, 600 * SECOND, 0}, {1000 * SECOND, 1100 * SECOND, 0}};
    struct lc_load_bins bins = cut(&made, 2, stretches, 3);
    assert_int_equal(bins.count, 3);
    assert_int_equal(bins.quiet, 2);
    lci_load_bins_free(&bins);
    struct lc_load_bins one = lci_load_bins_cut(made.items, made.count, 2, stretches + 2, 1);
    assert_true(one.count == 1 && one.quiet == 1); /* nothing is busier */
    lci_load_bins_free(&one);
    free(made.items);
}

/* Independent counts do not vary slowly, however much they vary; a step does. */
static void test_slowly(void **state)
{
    (void)state;
    struct lc_random random;
    lc_random_init(&random, 11, 0, "slowly", "times");
    size_t false_alarms = 0;
    for (int repeat = 0; repeat < 2000; repeat++) {
        double counts[40];
        for (size_t i = 0; i < 40; i++)
            counts[i] = pow(lci_random_exponential(&random), 2);
        false_alarms += lci_varies_slowly(counts, 40);
    }
    assert_true(false_alarms <= 4); /* four standard deviations: 0.06 expected if counts were normal */
    double step[40];
    for (size_t i = 0; i < 40; i++)
        step[i] = (i < 20 ? 20 : 40) + (double)(i * 7 % 5);
    assert_true(lci_varies_slowly(step, 40));
    assert_false(lci_varies_slowly(step, 9));
}

static void add_trace(struct hand *hand, uint64_t id, int64_t start, bool incomplete)
{
    struct lc_span span = {.start = start};
    const struct lc_tree_node node = {.id = 1,
                                      .parent = -1,
                                      .task = hand_symbol(hand, "web"),
                                      .entry = hand_symbol(hand, "page"),
                                      .kind = LC_KIND_SERVER,
                                      .fit = true,
                                      .edge = LC_EDGE_ROOT,
                                      .start = start,
                                      .end = start + 1000,
                                      .request = start,
                                      .response = start + 1000};
    const struct lc_trace trace = {.low = id, .spans = &span, .span_count = 1};
    const struct lc_tree tree = {.trace = &trace, .nodes = &node, .node_count = 1, .incomplete = incomplete};
    assert_int_equal(lc_learner_add(hand->learner, &tree), 0);
}

/* A trace belongs to the interval that its root begins in, ends excluded. */
static void test_within(void **state)
{
    (void)state;
    const struct lc_interval within[] = {{10, 20}, {30, 31}, {50, 60}};
    const struct lc_learn_options options = {.within = within, .within_count = 3};
    struct hand hand = hand_begin(&options);
    const int64_t starts[] = {9, 10, 19, 20, 30, 31, 45, 50, 59, 60, 100};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        add_trace(&hand, i + 1, starts[i], false);
    assert_int_equal(hand.visits->trees, 5); /* 10, 19, 30, 50, 59 */
    hand_end(&hand);
}

/* Requests whose traces lost spans came as well: ten a second, of which one in four is not learned from. */
static void test_lost(void **state)
{
    (void)state;
    enum { REQUESTS = 4000 };
    const struct lc_learn_options options = {0};
    struct hand hand = hand_begin(&options);
    for (int i = 0; i < REQUESTS; i++)
        add_trace(&hand, (uint64_t)i + 1, i * SECOND / 10, i % 4 == 3);
    const struct lci_stretch whole = {0, REQUESTS * SECOND / 10, 0};
    struct lc_load_bins bins = lci_load_bins_of(hand.visits, &whole, 1);
    assert_int_equal(bins.count, 1);
    assert_within(bins.bins[0].rate, 10, 0.05);
    lci_load_bins_free(&bins);
    hand_end(&hand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lost),   cmocka_unit_test(test_recordings), cmocka_unit_test(test_varying),
        cmocka_unit_test(test_work),   cmocka_unit_test(test_kinds),      cmocka_unit_test(test_slowly),
        cmocka_unit_test(test_within),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
