/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole services, fused instructions and the ways that common models take in the event loop, against the same programs
 * in single instructions: every time and count is the same, to the last bit. Areas, where a server that goes on without
 * a pause is not counted off and on, to rounding.
 */
#include "engine.h"
#include "laws.h"
#include "loadcast/base.h"
#include "loadcast/format.h"
#include "loadcast/lqn.h"
#include "model/dist/dist.h"
#include "model/random/generator.h"

#include <glob.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

enum { EVENTS = 6000 };

static int whole; /* services of the models so far that are */

static struct lci_engine *run(struct lci_program *p, const char *name)
{
    struct lci_engine *e = lci_engine_new(p);
    lci_engine_reset(e, 1, 2);
    lci_engine_run(e, INFINITY, EVENTS / 4);
    struct lci_laws laws = lci_laws_begin(e);
    lci_engine_forget(e);
    lci_engine_run(e, INFINITY, EVENTS);
    char *violated = e->stuck ? NULL : lci_laws_check(e, &laws);
    if (violated != NULL)
        fail_msg("%s: %s", name, violated);
    lci_laws_free(&laws);
    return e;
}

static void same(const char *name, const char *what, const void *a, const void *b, size_t count, size_t size)
{
    for (size_t i = 0; i < count * size / sizeof(double); i++) {
        double x, y;
        memcpy(&x, (const char *)a + i * sizeof x, sizeof x);
        memcpy(&y, (const char *)b + i * sizeof y, sizeof y);
        if (memcmp(&x, &y, sizeof x) != 0)
            fail_msg("%s: %s: number %zu is %.17g, and %.17g in single instructions", name, what, i, x, y);
    }
}

static void near(const char *name, const char *what, double a, double b, double scale)
{
    if (!(fabs(a - b) <= 1e-9 * scale))
        fail_msg("%s: %s: %.17g, and %.17g in single instructions", name, what, a, b);
}

static void same_sketches(const char *name, const struct lci_engine *a, const struct lci_engine *b)
{
    for (uint32_t i = 0; i < a->program->sketch_count; i++)
        for (size_t block = 0; block < LCI_SKETCH_BLOCKS; block++) {
            const uint64_t *x = lci_sketch_block(&a->sketches[i], block), *y = lci_sketch_block(&b->sketches[i], block);
            if ((x == NULL) != (y == NULL) || (x != NULL && memcmp(x, y, LCI_SKETCH_BLOCK * sizeof *x) != 0))
                fail_msg("%s: a distribution of times differs", name);
        }
}

static void compare(const char *name, const struct lci_engine *a, const struct lci_engine *b)
{
    const struct lci_program *p = a->program;
    assert_true(a->now == b->now);
    assert_true(a->events == b->events && a->completions == b->completions && a->thread_count == b->thread_count);
    same(name, "activities", a->activities, b->activities, p->activity_count, sizeof *a->activities);
    same(name, "calls", a->calls, b->calls, p->call_statistics, sizeof *a->calls);
    same(name, "workloads", a->workloads, b->workloads, p->workload_count, sizeof *a->workloads);
    same(name, "joins", a->joins, b->joins, p->join_count, sizeof *a->joins);
    for (uint32_t i = 0; i < p->entry_count; i++) {
        if (p->entries[i].single)
            same(name, "the entry of a phase", &a->activities[p->entries[i].phases[0]], &b->entries[i], 3,
                 sizeof(double));
        else
            same(name, "entries", &a->entries[i], &b->entries[i], 1, sizeof *a->entries);
        whole += a->services[i].whole;
        assert_false(b->services[i].whole);
    }
    for (uint32_t i = 0; i < p->instance_count; i++) {
        const struct lci_instance *x = &a->instances[i], *y = &b->instances[i];
        assert_true(x->busy == y->busy && x->idle == y->idle && x->queue.count == y->queue.count);
        near(name, "busy threads", x->busy_area, y->busy_area, (1 + x->busy) * a->now);
        near(name, "queue", x->queue_area, y->queue_area, (1 + x->queue.count) * a->now);
    }
    for (uint32_t i = 0; i < p->station_count; i++)
        near(name, "busy servers", lci_load_area(&a->stations[i].busy, a->now),
             lci_load_area(&b->stations[i].busy, b->now), (1 + a->stations[i].busy.n) * a->now);
    same_sketches(name, a, b);
}

static void check(const struct lc_model *m, const char *name)
{
    struct lc_diag diag = {0};
    struct lci_program *fused = lci_compile(m, &diag), *single = lci_compile_stepwise(m, &diag);
    if (fused == NULL || single == NULL)
        fail_msg("%s: not compiled", name);
    struct lci_engine *a = run(fused, name), *b = run(single, name);
    compare(name, a, b);
    lci_engine_free(a);
    lci_engine_free(b);
    lci_program_free(fused);
    lci_program_free(single);
    lc_diag_free(&diag);
}

static void of_files(void **state)
{
    (void)state;
    glob_t files = {0};
    assert_int_equal(glob(SOURCE_DIR "/tests/data/lqn/*.lqn*", 0, NULL, &files), 0);
    assert_int_equal(glob(SOURCE_DIR "/tests/data/lqn/order/*.lqn", GLOB_APPEND, NULL, &files), 0);
    assert_int_equal(glob(SOURCE_DIR "/tests/data/hand/*.yaml", GLOB_APPEND, NULL, &files), 0);
    assert_true(files.gl_pathc > 60);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct lc_diag diag = {0};
        struct lc_model *m = lc_model_read(files.gl_pathv[i], &diag);
        if (m == NULL)
            fail_msg("%s: not read", files.gl_pathv[i]);
        check(m, files.gl_pathv[i]);
        lc_model_free(m);
        lc_diag_free(&diag);
    }
    globfree(&files);
    assert_true(whole > 20);
}

/* A server of some kind: most of them plain, some of which share a processor, or have another queue. */
static int add_server(struct lc_model *m, struct lc_random *r, int number, bool goes_on)
{
    static const enum lc_scheduling queues[] = {LC_FCFS, LC_FCFS, LC_FCFS, LC_HOL, LC_RAND};
    char *name = lc_format("s%d", number);
    const bool shared = number > 0 && lci_random_below(r, 6) == 0;
    const int processor = shared ? m->tasks[0].processor : lc_add_processor(m, name),
              task = lc_add_task(m, name, processor);
    const uint32_t threads = 1 + (uint32_t)lci_random_below(r, 3);
    m->tasks[task].multiplicity = threads;
    m->tasks[task].scheduling = queues[lci_random_below(r, 5)];
    if (!shared)
        m->processors[processor].multiplicity = threads - (threads > 1 && lci_random_below(r, 4) == 0);
    m->tasks[task].queue_length = lci_random_below(r, 8) == 0 ? 2 : 0;
    const int entry = lc_add_entry(m, name, task);
    struct lc_activity *phase = &m->entries[entry].phases[0];
    phase->present = true;
    phase->demand = lci_dist_moments(0.2 + lci_random_uniform(r), 0.5 * (double)lci_random_below(r, 4));
    if (goes_on && lci_random_below(r, 3) == 0) {
        m->entries[entry].phases[1].present = true;
        m->entries[entry].phases[1].demand = lc_dist_exponential(0.1);
    }
    m->entries[entry].open_rate = lci_random_below(r, 2) == 0 ? 0.3 : 0;
    free(name);
    return entry;
}

static void of_chance(void **state)
{
    (void)state;
    whole = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct lc_random r;
        lc_random_init(&r, seed, 0, "stepwise", "shape");
        struct lc_model *m = lc_model_new("random");
        const bool goes_on = lci_random_below(&r, 3) == 0; /* after the answer */
        int entries[4];
        for (int i = 0; i < 4; i++)
            entries[i] = add_server(m, &r, i, goes_on);
        const int users = lc_add_task(m, "users", lc_add_processor(m, "users")),
                  entry = lc_add_entry(m, "users", users);
        m->processors[m->tasks[users].processor].scheduling = LC_INF;
        m->tasks[users].scheduling = LC_REF;
        m->tasks[users].multiplicity = 1 + (uint32_t)lci_random_below(&r, 8);
        if (lci_random_below(&r, 2) == 0)
            m->tasks[users].think_time = lc_dist_exponential(2);
        struct lc_activity *phase = &m->entries[entry].phases[0];
        phase->present = true;
        phase->deterministic = lci_random_below(&r, 2) == 0;
        phase->demand = lc_dist_exponential(0.5);
        for (int i = 0; i < 4; i++)
            lc_add_call(phase, goes_on && lci_random_below(&r, 3) == 0 ? LC_CALL_ASYNC : LC_CALL_SYNC, entries[i], 1);
        if (lci_random_below(&r, 2) == 0)
            lc_add_call(&m->entries[entries[3]].phases[0], LC_CALL_SYNC, entries[1], 1);
        char *name = lc_format("seed %d", (int)seed);
        check(m, name);
        free(name);
        lc_model_free(m);
    }
    assert_true(whole > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(of_files), cmocka_unit_test(of_chance)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
