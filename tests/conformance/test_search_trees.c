/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The recording of a real system, whose structure is known from its source: every request's tree must have it, although
 * the library wrote starts in whole milliseconds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "fit/trace/symbols.h"
#include "loadcast/tree.h"

struct found {
    const struct lc_symbols *symbols;
    unsigned searches, keyword, jobs, logins, verified, background;
    double search_self, job_self; /* ns, sums */
};

static bool is_at(const struct found *f, const struct lc_tree_node *n, const char *task, const char *entry)
{
    return strcmp(lci_symbol_text(f->symbols, n->task), task) == 0 &&
           strcmp(lci_symbol_text(f->symbols, n->entry), entry) == 0;
}

static void assert_call(const struct found *f, const struct lc_tree_node *n, const char *task, int group,
                        enum lc_edge edge)
{
    assert_string_equal(lci_symbol_text(f->symbols, n->task), task);
    assert_int_equal(n->group, group);
    assert_int_equal(n->edge, edge);
}

/* A connection, one SELECT, for keywords a look into the cache, then profile and photo at once; the log entry and three
 * jobs or more without waiting, each of which costs a Redis command. */
static void check_search(struct found *f, const struct lc_tree *tree, const struct lc_tree_node *n)
{
    const struct lc_tree_node *c = &tree->nodes[n->first_child];
    unsigned stats = 0, redis = 0, worker = 0, awaited = 0;
    int group = 2;
    for (uint32_t i = 0; i < n->child_count; i++) {
        const char *task = lci_symbol_text(f->symbols, c[i].task);
        if (c[i].edge != LC_EDGE_FORGET) {
            assert_int_equal(awaited, i);
            awaited++;
            continue;
        }
        stats += strcmp(task, "stats") == 0;
        redis += strcmp(task, "redis") == 0;
        worker += strcmp(task, "worker") == 0;
    }
    assert_call(f, &c[0], "postgresql", 0, LC_EDGE_SYNC);
    assert_true(c[0].acquire);
    assert_call(f, &c[1], "postgresql", 1, LC_EDGE_SYNC);
    assert_int_equal(c[1].access, LC_ACCESS_READ);
    if (awaited == 5) {
        assert_call(f, &c[2], "cache", group++, LC_EDGE_SYNC);
        f->keyword++;
    }
    assert_true(awaited == 4 || awaited == 5);
    const bool photo_first = is_at(f, &c[awaited - 2], "photo", "GET /photos");
    assert_call(f, &c[awaited - 2], photo_first ? "photo" : "profile", group, LC_EDGE_CONCURRENT);
    assert_call(f, &c[awaited - 1], photo_first ? "profile" : "photo", group, LC_EDGE_CONCURRENT);
    assert_int_equal(stats, 1);
    assert_int_equal(redis, worker);
    assert_in_range(worker, 3, 5);
    assert_int_equal(n->child_count, awaited + stats + redis + worker);
    f->searches++;
    f->search_self += (double)n->self;
}

/* An external call, then a connection and an INSERT, then Redis is told. */
static void check_job(struct found *f, const struct lc_tree *tree, const struct lc_tree_node *n)
{
    const struct lc_tree_node *c = &tree->nodes[n->first_child];
    assert_int_equal(n->edge, LC_EDGE_FORGET);
    assert_true(n->queue_delay >= 0 && n->queue_delay < 100000000);
    assert_int_equal(n->child_count, 4);
    assert_call(f, &c[0], "127.0.0.1:21010", 0, LC_EDGE_SYNC);
    assert_true(c[0].external);
    assert_call(f, &c[1], "postgresql", 1, LC_EDGE_SYNC);
    assert_true(c[1].acquire);
    assert_call(f, &c[2], "postgresql", 2, LC_EDGE_SYNC);
    assert_int_equal(c[2].access, LC_ACCESS_WRITE);
    assert_call(f, &c[3], "redis", 3, LC_EDGE_SYNC);
    f->jobs++;
    f->job_self += (double)n->self;
}

static int check(void *context, const struct lc_tree *tree)
{
    struct found *f = context;
    const struct lc_tree_node *root = &tree->nodes[0];
    f->logins += is_at(f, root, "gateway", "GET /login");
    f->background += is_at(f, root, "worker", "moveStalledJobsToWait enrich");
    for (size_t i = 0; i < tree->node_count; i++) {
        const struct lc_tree_node *n = &tree->nodes[i];
        assert_int_equal(n->self + n->blocked, n->end - n->start);
        if (is_at(f, n, "search", "GET /find/:type"))
            check_search(f, tree, n);
        else if (is_at(f, n, "worker", "process enrich"))
            check_job(f, tree, n);
        else if (is_at(f, n, "auth", "GET /verify")) {
            assert_int_equal(n->edge, LC_EDGE_SYNC);
            assert_int_equal(n->group, 0);
            f->verified++;
        }
    }
    return 0;
}

static void every_tree_has_the_structure_of_its_source(void **state)
{
    (void)state;
    const char *const inputs[] = {SOURCE_DIR "/scenarios/search/traces/full-seq-r1.otlp.jsonl.gz"};
    struct lc_symbols *symbols = lci_symbols_new();
    struct found f = {.symbols = symbols};
    struct lc_extraction extraction;
    struct lc_diag diag = {0};
    const struct lc_tree_options options = {.reader = {0}};
    assert_int_equal(lc_trees_read(inputs, 1, &options, symbols, check, &f, &extraction, &diag), 0);
    assert_int_equal(diag.count, 0);
    assert_int_equal(extraction.reading.spans, 10497);
    assert_int_equal(extraction.trees, 302);
    assert_int_equal(f.logins, 100);
    assert_int_equal(f.background, 2);
    assert_int_equal(f.searches, 200);
    assert_int_equal(f.verified, 200);
    assert_int_equal(f.keyword, 100);
    assert_int_equal(f.jobs, 699);
    /* The service's own timer takes 7.9 ms and Node's event loop some more; of a job it is only that. */
    assert_true(f.search_self / f.searches > 7.9e6 && f.search_self / f.searches < 14e6);
    assert_true(f.job_self / f.jobs < 1.5e6);
    lc_extraction_free(&extraction);
    lci_symbols_free(symbols);
    lc_diag_free(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tree_has_the_structure_of_its_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
