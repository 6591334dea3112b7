/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Limits that nobody states: of simulated stations whose limits are known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "calibrate/density.h"
#include "loadcast/calibrate.h"
#include "loadcast/edit.h"
#include "model/random/generator.h"
#include "support/hand_visits.h"
#include "support/hidden_limits.h"

#define LOADS 3
#define EACH  500

/* ---- recordings of a station ------------------------------------------------------------------------------------- */

/* "shop" answers requests; it is the station itself, or calls it (a server without spans). */
enum seen_as { HANDLER, CALLED, BEFORE };

static void record(struct hand *hand, const struct hidden_request *requests, size_t count, enum seen_as as)
{
    const uint32_t shop = hand_operation(hand, "shop", "GET /"), db = hand_operation(hand, "db", "query");
    struct lci_task *task = lci_task_add(hand->visits, hand_symbol(hand, "db"));
    const bool external = as == CALLED;
    task->external = hand->visits->operations[db].external = external;
    hand->visits->operations[db].caller = external ? hand_symbol(hand, "shop") : 0;
    double free_at = 0;
    for (size_t i = 0; i < count; i++) {
        const struct hidden_request *r = &requests[i];
        if (as == HANDLER) {
            hand_visit(hand, shop, 0, true, r->begin, r->end - r->begin, NULL, 0);
            continue;
        }
        struct lci_call call = hand_call(db, 0.001, 0.001 + r->end - r->begin);
        const double from = as == BEFORE ? fmax(r->begin + 0.0005, free_at) : r->begin; /* the span of db */
        free_at = r->end;
        call.paired = as == BEFORE;
        call.outside = as == BEFORE ? from - r->begin : 0;
        hand_visit(hand, shop, 0, true, r->begin - 0.001, r->end - r->begin + 0.002, &call, 1);
        hand_visit(hand, db, 0, false, from, r->end - from, NULL, 0);
    }
}

static struct lc_calibrated *found_at(struct lc_calibration *c, const char *component, const char *target)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->items[i].component, component) == 0 &&
            (target == NULL ? c->items[i].target == NULL
                            : c->items[i].target != NULL && strcmp(c->items[i].target, target) == 0))
            return &c->items[i];
    fail_msg("nothing is said of %s", component);
    return NULL;
}

/* What is found of a station that is asked for 20, 40 and 60 % of what it can serve. */
static struct lc_calibration calibrate(const struct hidden *h, double capacity, size_t loads, enum seen_as as)
{
    const double rates[LOADS] = {0.2 * capacity, 0.4 * capacity, 0.6 * capacity};
    struct hidden_request *requests = calloc(LOADS * EACH, sizeof *requests);
    const struct lc_learn_options options = {.kept = SIZE_MAX};
    struct hand hand = hand_begin(&options);
    struct lc_calibration calibration;
    struct lc_diag diag = {0};
    hidden_run(h, 7, rates, loads, EACH, requests);
    record(&hand, requests, loads * EACH, as);
    assert_int_equal(lc_calibrate(hand.learner, &calibration, &diag), 0);
    assert_int_equal(calibration.loads, loads);
    lc_diag_free(&diag);
    hand_end(&hand);
    free(requests);
    return calibration;
}

static void expect_size(const struct hidden *h, double capacity, enum seen_as as, enum lc_limit_kind kind, double size)
{
    struct lc_calibration c = calibrate(h, capacity, LOADS, as);
    const struct lc_calibrated *found = found_at(&c, as == BEFORE ? "db" : "shop", as == CALLED ? "db" : NULL);
    if (found->kind != kind || !(found->low <= size && size <= found->high))
        fail_msg("%s of %g expected: %s", lc_limit_word(kind), size, found->evidence);
    if (kind != LC_LIMIT_NONE)
        assert_within(found->capacity, capacity, 0.15 * capacity);
    assert_non_null(strstr(found->evidence, "requests/s"));
    lc_calibration_free(&c);
}

/* ---- kinds ------------------------------------------------------------------------------------------------------- */

static void threads_are_counted(void **state)
{
    (void)state;
    expect_size(&(struct hidden){HIDDEN_THREADS, 1, 0, 0.02, 0, 4}, 50, HANDLER, LC_LIMIT_THREADS, 1);
    expect_size(&(struct hidden){HIDDEN_THREADS, 3, 0, 0.1, 0, 1}, 30, HANDLER, LC_LIMIT_THREADS, 3);
}

static void cores_are_told_from_threads(void **state)
{
    (void)state;
    expect_size(&(struct hidden){HIDDEN_CORES, 1, 0, 0.02, 0, 2}, 50, HANDLER, LC_LIMIT_CORES, 1);
    expect_size(&(struct hidden){HIDDEN_CORES, 2, 0, 0.1, 0, 1}, 20, HANDLER, LC_LIMIT_CORES, 2);
}

static void connections_are_those_of_the_caller(void **state)
{
    (void)state;
    expect_size(&(struct hidden){HIDDEN_THREADS, 2, 0, 0.08, 0, 2}, 25, CALLED, LC_LIMIT_CONNECTIONS, 2);
}

static void a_lock_is_told_from_one_thread(void **state)
{
    (void)state;
    expect_size(&(struct hidden){HIDDEN_LOCK, 1, 0.02, 0.03, 0.02, 2}, 1 / 0.03, HANDLER, LC_LIMIT_LOCK, 0.03);
    expect_size(&(struct hidden){HIDDEN_LOCK, 1, 0, 0.03, 0.03, 1}, 1 / 0.03, HANDLER, LC_LIMIT_LOCK, 0.03);
    expect_size(&(struct hidden){HIDDEN_LOCK, 1, 0.01, 0.04, 0, 2}, 25, HANDLER, LC_LIMIT_LOCK, 0.04);
}

/* Nobody sees the borders of the lock, and yet its hold is known almost as well as if all of them had been written
 * down: 1500 exponential holds tell their mean to 5 %, two standard errors. */
static void a_hold_is_known_to_a_few_percent(void **state)
{
    (void)state;
    struct lc_calibration c = calibrate(&(struct hidden){HIDDEN_LOCK, 1, 0.01, 0.04, 0.01, 1}, 25, LOADS, HANDLER);
    const struct lc_calibrated *found = found_at(&c, "shop", NULL);
    assert_int_equal(found->kind, LC_LIMIT_LOCK);
    assert_within(found->size, 0.04, 0.004);
    assert_true(found->high - found->low < 0.3 * 0.04);
    assert_within(found->cv2, 1, 0.35);
    lc_calibration_free(&c);
}

/* Three threads of which two work at a time: both are found, as the two items of the service. */
static void threads_before_cores_are_both_found(void **state)
{
    (void)state;
    const struct hidden h = {HIDDEN_CORES, 2, 0, 0.1, 0, 2, .threads = 3};
    struct lc_calibration c = calibrate(&h, 24, LOADS, HANDLER);
    const struct lc_calibrated *threads = found_at(&c, "shop", NULL), *cores = threads + 1;
    assert_int_equal(threads->kind, LC_LIMIT_THREADS);
    assert_true(threads->low <= 3 && 3 <= threads->high);
    assert_string_equal(cores->component, "shop");
    assert_int_equal(cores->kind, LC_LIMIT_CORES);
    assert_true(cores->low <= 2 && 2 <= cores->high);
    assert_within(cores->own, 0.1, 0.01);
    lc_calibration_free(&c);
}

static void nothing_is_found_where_nothing_is(void **state)
{
    (void)state;
    expect_size(&(struct hidden){HIDDEN_NONE, 1, 0, 0.1, 0, 1}, 30, HANDLER, LC_LIMIT_NONE, INFINITY);
    expect_size(&(struct hidden){HIDDEN_NONE, 1, 0, 0.1, 0, 0}, 30, CALLED, LC_LIMIT_NONE, INFINITY);
}

/* Spans that begin with the thread never overlap. */
static void spans_that_begin_with_the_thread(void **state)
{
    (void)state;
    expect_size(&(struct hidden){HIDDEN_THREADS, 1, 0, 0.02, 0, 2}, 50, BEFORE, LC_LIMIT_BEFORE, 1);
}

/* One load does not tell a limit from a peak. */
static void one_load_tells_lower_bounds_only(void **state)
{
    (void)state;
    struct lc_calibration c = calibrate(&(struct hidden){HIDDEN_THREADS, 2, 0, 0.1, 0, 1}, 20, 1, HANDLER);
    const struct lc_calibrated *found = found_at(&c, "shop", NULL);
    assert_int_equal(found->kind, LC_LIMIT_UNKNOWN);
    assert_true(found->most >= 2);
    lc_calibration_free(&c);
}

/* ---- pauses ------------------------------------------------------------------------------------------------------ */

/* Every 7 s the process stops for 0.15 s: for who is there, and for who comes meanwhile. */
static double paused_until(const struct hidden_request *r)
{
    const double before = 7 * floor(r->begin / 7), since = r->begin - before;
    return since < 0.15 ? r->end + 0.15 - since : before + 7 < r->end ? r->end + 0.15 : r->end;
}

static void pauses_at_intervals_are_named(void **state)
{
    (void)state;
    enum { MANY = 3000 };
    const struct hidden h = {HIDDEN_NONE, 1, 0, 0.02, 0, 1};
    const double rates[LOADS] = {10, 15, 25};
    struct hidden_request *requests = calloc(LOADS * MANY, sizeof *requests);
    hidden_run(&h, 5, rates, LOADS, MANY, requests);
    for (int paused = 0; paused < 2; paused++) {
        const struct lc_learn_options options = {.kept = SIZE_MAX};
        struct hand hand = hand_begin(&options);
        struct lc_calibration c;
        struct lc_diag diag = {0};
        for (size_t i = 0; paused && i < LOADS * MANY; i++)
            requests[i].end = paused_until(&requests[i]);
        record(&hand, requests, LOADS * MANY, HANDLER);
        assert_int_equal(lc_calibrate(hand.learner, &c, &diag), 0);
        const struct lc_calibrated *found = found_at(&c, "shop", NULL);
        assert_int_equal(isnan(found->pauses.every), !paused);
        if (paused) {
            assert_within(found->pauses.every, 7, 0.02);
            assert_within(found->pauses.length, 0.15, 0.05);
            assert_non_null(strstr(found->evidence, "every 7 s"));
        }
        lc_calibration_free(&c);
        lc_diag_free(&diag);
        hand_end(&hand);
    }
    free(requests);
}

/* ---- waiting that limits explain ------------------------------------------------------------------------------------
 */

/* The learned mean demand of an entry, when the station is asked for up to 60 % of what it can serve; *truth: of the
 * same requests, alone. */
static double learned_mean(const struct hidden *h, double capacity, enum seen_as as, const struct lc_capacity *stated,
                           const char *path, double *truth)
{
    const double rates[LOADS] = {0.2 * capacity, 0.4 * capacity, 0.6 * capacity};
    struct hidden_request *requests = calloc(LOADS * EACH, sizeof *requests);
    const struct lc_learn_options options = {.capacities = stated, .capacity_count = stated != NULL, .rare = 0.01};
    struct hand hand = hand_begin(&options);
    struct lc_learned learned;
    struct lc_diag diag = {0};
    hidden_run(h, 11, rates, LOADS, EACH, requests);
    record(&hand, requests, LOADS * EACH, as);
    *truth = 0;
    for (size_t i = 0; i < LOADS * EACH; i++)
        *truth += requests[i].served / (LOADS * EACH);
    assert_int_equal(lc_learner_finish(hand.learner, &learned, &diag), 0);
    double mean = NAN;
    if (lc_edit_get(learned.model, path, &mean, &diag, NULL) != 0)
        fail_msg("%s", diag.messages[diag.count - 1].text);
    lc_learned_free(&learned);
    lc_diag_free(&diag);
    hand_end(&hand);
    free(requests);
    return mean;
}

/* Exactly what each call took alone. */
static void waiting_for_connections_is_taken_out(void **state)
{
    (void)state;
    const struct hidden h = {HIDDEN_THREADS, 2, 0, 0.08, 0, 1};
    double truth;
    assert_true(learned_mean(&h, 25, CALLED, NULL, "db/query.demand", &truth) > 1.1 * truth);
    const struct lc_capacity pool = {.task = "shop", .pools = &(struct lc_pool){(char[]){"db"}, 2}, .pool_count = 1};
    assert_within(learned_mean(&h, 25, CALLED, &pool, "db/query.demand", &truth), truth, 1e-6);
    const struct lc_capacity server = {.task = "db", .threads = 2};
    assert_within(learned_mean(&h, 25, CALLED, &server, "db/query.demand", &truth), truth, 1e-6);
}

/* Those who found nobody are as long as all would be alone, but for chance: 4 standard errors. */
static void waiting_for_locks_is_in_no_time(void **state)
{
    (void)state;
    const struct hidden h = {HIDDEN_LOCK, 1, 0.01, 0.04, 0, 2};
    double truth;
    assert_true(learned_mean(&h, 25, HANDLER, NULL, "shop/GET /.demand", &truth) > 1.3 * truth);
    const struct lc_capacity lock = {.task = "shop", .locks = true};
    assert_within(learned_mean(&h, 25, HANDLER, &lock, "shop/GET /.demand", &truth), truth, 4 * 0.03 / sqrt(800));
}

/* ---- densities --------------------------------------------------------------------------------------------------- */

/* The density integrates to 1, and that of exponential times is about theirs. */
static void density_is_one(void **state)
{
    (void)state;
    enum { COUNT = 2000 };
    static double times[COUNT];
    struct lc_random random;
    lc_random_init(&random, 3, 0, "density", "test");
    for (int i = 0; i < COUNT; i++)
        times[i] = lci_random_exponential(&random);
    struct lci_density *d = lci_density_new(times, COUNT, 1e-9, 10);
    double sum = 0;
    for (int i = 0; i < 20000; i++)
        sum += exp(lci_density_log(d, (i + 0.5) * 1e-3)) * 1e-3;
    assert_within(sum, 1, 0.02);
    assert_within(exp(lci_density_log(d, 1)), exp(-1), 0.05);
    lci_density_free(d);
    /* −1 is the entropy of the distribution, and no density is better on the average */
    assert_within(lci_density_likelihood(times, COUNT, 1e-9, 10) / COUNT, -1, 0.06);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(density_is_one),
        cmocka_unit_test(waiting_for_connections_is_taken_out),
        cmocka_unit_test(waiting_for_locks_is_in_no_time),
        cmocka_unit_test(threads_are_counted),
        cmocka_unit_test(cores_are_told_from_threads),
        cmocka_unit_test(connections_are_those_of_the_caller),
        cmocka_unit_test(a_lock_is_told_from_one_thread),
        cmocka_unit_test(a_hold_is_known_to_a_few_percent),
        cmocka_unit_test(threads_before_cores_are_both_found),
        cmocka_unit_test(nothing_is_found_where_nothing_is),
        cmocka_unit_test(spans_that_begin_with_the_thread),
        cmocka_unit_test(one_load_tells_lower_bounds_only),
        cmocka_unit_test(pauses_at_intervals_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
