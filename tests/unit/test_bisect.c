/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The search for the highest load, on tables and on chance instead of simulations: it ends whatever it is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "sim/predict/bisect.h"

struct row {
    double below; /* of the loads below this that no row before is about */
    enum lc_judgement says;
};

struct world {
    const struct row *screened, *decided; /* the last of each is infinite; NULL: by chance */
    uint64_t seed;
    bool fickle; /* the screening changes its mind with every decision */
    double asked[LCP_DECISIONS];
    size_t decisions, screenings;
};

static enum lc_judgement look_up(const struct row *rows, double load)
{
    while (!(load < rows->below))
        rows++;
    return rows->says;
}

/* As good as chance, and the same for the same load. */
static enum lc_judgement chance(uint64_t seed, double load)
{
    union {
        double number;
        uint64_t bits;
    } of = {.number = load};
    uint64_t x = (of.bits + seed * UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 29)) * UINT64_C(0x94d049bb133111eb);
    static const enum lc_judgement all[] = {LC_GOAL_MET, LC_GOAL_MISSED, LC_GOAL_UNDECIDED};
    return all[(x >> 33) % 3];
}

static enum lc_judgement screen(void *context, double load)
{
    struct world *w = context;
    w->screenings++;
    if (w->screened != NULL)
        return look_up(w->screened, load);
    return chance(w->seed + (w->fickle ? 1000 * w->decisions : 0), load);
}

static int decide(void *context, double load, enum lc_judgement *judgement)
{
    struct world *w = context;
    for (size_t i = 0; i < w->decisions; i++)
        assert_true(w->asked[i] != load);
    assert_in_range(w->decisions, 0, LCP_DECISIONS - 1);
    w->asked[w->decisions++] = load;
    *judgement = w->decided != NULL ? look_up(w->decided, load) : chance(w->seed + 1, load);
    return 0;
}

static struct lcp_bisection bisect(struct world *w, double keeps, double misses, bool screens)
{
    struct lcp_bisection b = {.within = 0.02, .keeps = keeps, .misses = misses, .screens = screens};
    const struct lcp_decider decider = {screen, decide, NULL, w};
    assert_int_equal(lcp_bisect(&b, &decider), 0);
    assert_true(b.keeps < b.misses);
    assert_int_equal(b.decisions, w->decisions);
    /* The way is gone again after each decision: no more than 36 loads up to the highest one, and two bisections. */
    assert_true(w->screenings <= (w->decisions + 2) * 64);
    return b;
}

static void limit_is_found(void **state)
{
    (void)state;
    for (double limit = 0.003; limit < 1e5; limit *= 7.3) {
        const struct row truth[] = {{limit, LC_GOAL_MET}, {INFINITY, LC_GOAL_MISSED}};
        struct world w = {.decided = truth};
        const struct lcp_bisection b = bisect(&w, 0, INFINITY, false);
        assert_true(b.keeps <= limit && limit <= b.misses);
        assert_true(b.narrow);
        assert_true(limit < 0.01 || b.misses - b.keeps <= 0.02 * b.misses);
    }
}

static void right_screening_leaves_the_ends(void **state)
{
    (void)state;
    const struct row truth[] = {{7.77, LC_GOAL_MET}, {INFINITY, LC_GOAL_MISSED}};
    struct world w = {.decided = truth, .screened = truth};
    const struct lcp_bisection b = bisect(&w, 0, INFINITY, true);
    assert_true(b.narrow && b.keeps <= 7.77 && 7.77 <= b.misses && b.misses - b.keeps <= 0.02 * b.misses);
    assert_int_equal(w.decisions, 2); /* both ends */
}

static void wrong_screening_costs_decisions_only(void **state)
{
    (void)state;
    const struct row truth[] = {{7.77, LC_GOAL_MET}, {INFINITY, LC_GOAL_MISSED}};
    const struct row low[] = {{3, LC_GOAL_MET}, {INFINITY, LC_GOAL_MISSED}};
    const struct row high[] = {{40, LC_GOAL_MET}, {INFINITY, LC_GOAL_MISSED}};
    const struct row no_end[] = {{INFINITY, LC_GOAL_MET}};
    const struct row *const wrong[] = {low, high, no_end};
    for (size_t i = 0; i < 3; i++) {
        struct world w = {.decided = truth, .screened = wrong[i]};
        const struct lcp_bisection b = bisect(&w, 0, INFINITY, true);
        assert_true(b.narrow && b.keeps <= 7.77 && 7.77 <= b.misses && b.misses - b.keeps <= 0.02 * b.misses);
        assert_false(b.screens);
        assert_true(w.decisions < 25);
    }
}

/* What cannot be decided lies between the ends, and is not looked through. */
static void undecided_loads_lie_between(void **state)
{
    (void)state;
    const struct row truth[] = {{7, LC_GOAL_MET}, {8, LC_GOAL_UNDECIDED}, {INFINITY, LC_GOAL_MISSED}};
    struct world w = {.decided = truth};
    const struct lcp_bisection b = bisect(&w, 0, INFINITY, false);
    assert_true(b.keeps < 7 && b.keeps > 7 - 0.02 * 8 && b.misses >= 8 && b.misses < 8 * 1.02);
    assert_false(b.narrow);
    assert_true(w.decisions < 25);
}

/* A load is undecided, and a higher one keeps the goals: it hung there. */
static void undecided_below_one_that_keeps(void **state)
{
    (void)state;
    const struct row truth[] = {{1.4, LC_GOAL_MET},
                                {1.6, LC_GOAL_UNDECIDED},
                                {1.8, LC_GOAL_MET},
                                {1.9, LC_GOAL_UNDECIDED},
                                {INFINITY, LC_GOAL_MISSED}};
    for (int screens = 0; screens < 2; screens++) {
        struct world w = {.decided = truth, .screened = truth};
        const struct lcp_bisection b = bisect(&w, 1, 2, screens != 0);
        assert_true(b.keeps >= 1.7 && b.misses >= 1.9);
    }
}

static void one_answer_for_all(void **state)
{
    (void)state;
    static const enum lc_judgement all[] = {LC_GOAL_MET, LC_GOAL_MISSED, LC_GOAL_UNDECIDED};
    for (size_t a = 0; a < 3; a++)
        for (size_t s = 0; s < 4; s++) {
            const struct row says[] = {{INFINITY, all[a]}}, screened[] = {{INFINITY, all[s % 3]}};
            struct world w = {.decided = says, .screened = screened};
            const struct lcp_bisection b = bisect(&w, 0, INFINITY, s < 3);
            assert_true(isinf(b.misses) == (all[a] != LC_GOAL_MISSED));
            assert_true((b.keeps > 0) == (all[a] == LC_GOAL_MET));
        }
}

/* Answers of chance, which contradict each other. */
static void chance_ends(void **state)
{
    (void)state;
    size_t most = 0;
    for (uint64_t seed = 0; seed < 4000; seed++) {
        struct world w = {.seed = seed, .fickle = seed % 4 == 3};
        const bool given = seed % 3 == 0;
        bisect(&w, given ? 1 : 0, given ? 2 : INFINITY, seed % 4 != 0);
        most = w.decisions > most ? w.decisions : most;
    }
    assert_true(most >= 10); /* it is no easy way out */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limit_is_found),
        cmocka_unit_test(right_screening_leaves_the_ends),
        cmocka_unit_test(wrong_screening_costs_decisions_only),
        cmocka_unit_test(undecided_loads_lie_between),
        cmocka_unit_test(undecided_below_one_that_keeps),
        cmocka_unit_test(one_answer_for_all),
        cmocka_unit_test(chance_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
