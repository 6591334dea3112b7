/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first stage of learning alone: interaction trees written by hand → visits, in whatever order the trees come.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/hand_visits.h"

#define MS INT64_C(1000000)

/* Two requests of web/page, the second of which does not ask db/read; both send to log/write, and wait for neither. */
static void add_tree(struct hand *hand, uint64_t id, int64_t start, bool asks)
{
    const lc_symbol web = hand_symbol(hand, "web"), page = hand_symbol(hand, "page"), db = hand_symbol(hand, "db"),
                    read = hand_symbol(hand, "read"), log = hand_symbol(hand, "log"),
                    write = hand_symbol(hand, "write"), instance = hand_symbol(hand, "web-1");
    struct lc_span spans[3] = {{.start = start}, {.start = start + 3 * MS}, {.start = start + 9 * MS}};
    const struct lc_tree_node nodes[3] = {
        {.id = 1,
         .parent = -1,
         .task = web,
         .entry = page,
         .instance = instance,
         .kind = LC_KIND_SERVER,
         .fit = true,
         .edge = LC_EDGE_ROOT,
         .start = start,
         .end = start + 20 * MS,
         .request = start,
         .response = start + 20 * MS,
         .first_child = 1,
         .child_count = asks ? 2 : 1},
        {.id = 2,
         .parent = 0,
         .task = asks ? db : log,
         .entry = asks ? read : write,
         .kind = LC_KIND_SERVER,
         .fit = true,
         .edge = asks ? LC_EDGE_SYNC : LC_EDGE_FORGET,
         .group = 0,
         .span = 1,
         .client_id = 7,
         .start = start + 3 * MS,
         .end = start + 7 * MS,
         .request = start + 2 * MS,
         .response = start + 8 * MS},
        {.id = 3,
         .parent = 0,
         .task = log,
         .entry = write,
         .kind = LC_KIND_SERVER,
         .fit = true,
         .edge = LC_EDGE_FORGET,
         .group = -1,
         .span = 2,
         .start = start + 9 * MS,
         .end = start + 10 * MS,
         .request = start + 9 * MS,
         .response = start + 10 * MS},
    };
    const struct lc_trace trace = {.low = id, .spans = spans, .span_count = 3};
    const struct lc_tree tree = {.trace = &trace, .nodes = nodes, .node_count = asks ? 3 : 2};
    assert_int_equal(lc_learner_add(hand->learner, &tree), 0);
}

static const struct lci_variant *variant_of(const struct hand *hand, const char *operation)
{
    for (size_t o = 0; o < hand->visits->operation_count; o++)
        if (strcmp(lci_text(hand->visits, hand->visits->operations[o].entry), operation) == 0)
            return &hand->visits->operations[o].variants[0];
    fail_msg("there is no operation '%s'", operation);
    return NULL;
}

static void finish(const struct hand *hand)
{
    struct lc_diag diag = {0};
    assert_int_equal(lci_visits_finish(hand->visits, &diag), 0);
    assert_int_equal(diag.count, 0);
    lc_diag_free(&diag);
}

static void trees_become_visits_with_their_calls(void **state)
{
    (void)state;
    const struct lc_learn_options options = {.rare = 0.01};
    struct hand hand = hand_begin(&options);
    add_tree(&hand, 1, 1000 * MS, true);
    add_tree(&hand, 2, 2000 * MS, false);
    finish(&hand);
    assert_int_equal(hand.visits->trees, 2);
    assert_int_equal(hand.visits->operation_count, 3);
    const struct lci_variant *page = variant_of(&hand, "page");
    assert_int_equal(page->seen, 2);
    assert_int_equal(page->roots, 2);
    assert_int_equal(page->visit_count, 2);
    const struct lci_visit *first = &page->visits[0];
    assert_int_equal(first->start, 1000 * MS);
    assert_close(first->duration, 0.020);
    assert_true(first->root && first->fit && !first->error);
    assert_int_equal(first->call_count, 2);
    const struct lci_call *read = &page->calls[first->first_call], *write = read + 1;
    assert_close(read->sent, 0.002);
    assert_close(read->answered, 0.008);
    assert_true(read->paired && !read->forget);
    assert_close(read->outside, 0.002); /* the client's 6 ms − the server's 4 */
    assert_true(write->forget);
    assert_int_equal(variant_of(&hand, "read")->sync_calls, 1);
    assert_int_equal(variant_of(&hand, "write")->forget_calls, 2);
    hand_end(&hand);
}

/* Everything that the later stages read is the same, bit for bit, whichever tree came first. */
static void the_order_of_trees_does_not_matter(void **state)
{
    (void)state;
    const struct lc_learn_options options = {.rare = 0.01};
    struct hand a = hand_begin(&options), b = hand_begin(&options);
    for (int i = 0; i < 20; i++) {
        const int k = i * 7 % 20;
        add_tree(&a, 100 + (uint64_t)i, i * 50 * MS, i % 3 == 0);
        add_tree(&b, 100 + (uint64_t)k, k * 50 * MS, k % 3 == 0);
    }
    finish(&a);
    finish(&b);
    assert_int_equal(a.visits->operation_count, b.visits->operation_count);
    for (size_t o = 0; o < a.visits->operation_count; o++) {
        const struct lci_variant *x = &a.visits->operations[o].variants[0], *y = &b.visits->operations[o].variants[0];
        assert_string_equal(lci_text(a.visits, a.visits->operations[o].entry),
                            lci_text(b.visits, b.visits->operations[o].entry));
        assert_int_equal(x->visit_count, y->visit_count);
        for (size_t v = 0; v < x->visit_count; v++) {
            const struct lci_visit *p = &x->visits[v], *q = &y->visits[v];
            assert_true(p->trace == q->trace && p->start == q->start);
            assert_int_equal(p->call_count, q->call_count);
            for (uint32_t i = 0; i < p->call_count; i++) {
                const struct lci_call *c = &x->calls[p->first_call + i], *d = &y->calls[q->first_call + i];
                assert_true(c->operation == d->operation && c->sent == d->sent && c->answered == d->answered);
            }
        }
    }
    hand_end(&a);
    hand_end(&b);
}

/* Of many visits those of the traces with the smallest hashes are kept, the same for every operation; all are counted.
 */
static void a_bounded_sample_is_one_of_traces(void **state)
{
    (void)state;
    const struct lc_learn_options options = {.rare = 0.01, .kept = 100};
    struct hand hand = hand_begin(&options);
    for (int i = 0; i < 1000; i++)
        add_tree(&hand, 1 + (uint64_t)i, i * 50 * MS, true);
    finish(&hand);
    const struct lci_variant *page = variant_of(&hand, "page"), *read = variant_of(&hand, "read");
    assert_int_equal(page->seen, 1000);
    assert_int_equal(page->visit_count, 100);
    assert_int_equal(read->visit_count, 100);
    assert_true(page->last == read->last);
    size_t below = 0;
    for (uint64_t i = 0; i < 1000; i++)
        below += lci_trace_hash(0, i + 1) <= page->last;
    assert_int_equal(below, 100);
    hand_end(&hand);
}

static void no_trees_are_an_error(void **state)
{
    (void)state;
    const struct lc_learn_options options = {.rare = 0.01};
    struct hand hand = hand_begin(&options);
    struct lc_diag diag = {0};
    assert_int_equal(lci_visits_finish(hand.visits, &diag), -1);
    assert_string_equal(diag.messages[0].text, "there are no traces to learn from");
    lc_diag_free(&diag);
    hand_end(&hand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_become_visits_with_their_calls),
        cmocka_unit_test(the_order_of_trees_does_not_matter),
        cmocka_unit_test(a_bounded_sample_is_one_of_traces),
        cmocka_unit_test(no_trees_are_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
