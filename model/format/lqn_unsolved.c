/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What LQNS 6.2.31 reads and its solver ends at, found by taking such models apart. "range error - Open::convert":
 * where open and closed classes share a server of several threads; and where a task of limited number that asynchronous
 * requests come to sends such on to a server of several threads whose entries have an activity graph. "domain error"
 * with a probability below 0, in some models: where its approximation joins branches under an open load.
 */
#include "format/lqn_unsolved.h"
#include "loadcast/base.h"

#include <stdlib.h>

/* As whom a task is asked, and in `load` (OPEN, CLOSED) whose load comes to it in the end. */
enum { OPEN = 1, CLOSED = 2, ASYNCHRONOUS = 4, CHAINED = 8 };

struct search {
    const struct lc_model *model;
    unsigned *load, *callers;
};

static bool is_limited(const struct lc_task *t)
{
    return t->scheduling != LC_INF && t->scheduling != LC_OPEN && t->multiplicity != LC_INFINITE;
}

/* Marks all that the calls of an activity of task `from` ask. */
static void mark_calls(struct search *s, int from, const struct lc_activity *a)
{
    const bool limited = is_limited(&s->model->tasks[from]);
    for (size_t c = 0; c < a->call_count; c++) {
        const int to = s->model->entries[a->calls[c].entry].task;
        if (a->calls[c].kind == LC_CALL_ASYNC) {
            s->callers[to] |= ASYNCHRONOUS | (limited && s->callers[from] & ASYNCHRONOUS ? CHAINED : 0);
            s->load[to] |= OPEN;
        } else {
            s->callers[to] |= limited ? CLOSED : s->load[from];
            s->load[to] |= s->load[from];
        }
    }
}

static void mark(struct search *s, int task)
{
    const struct lc_model *m = s->model;
    const struct lc_task *t = &m->tasks[task];
    if (lc_is_source(t))
        s->load[task] = t->scheduling == LC_OPEN ? OPEN : CLOSED;
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lc_entry *e = &m->entries[t->entries[i]];
        if (e->open_rate > 0 || e->open_arrivals.family != NULL) {
            s->callers[task] |= OPEN;
            s->load[task] |= OPEN;
        }
    }
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lc_entry *e = &m->entries[t->entries[i]];
        for (int k = 0; k < LC_PHASES; k++)
            mark_calls(s, task, &e->phases[k]);
        for (size_t f = 0; f < e->forward_count; f++)
            s->load[m->entries[e->forwards[f].entry].task] |= s->load[task];
    }
    for (size_t i = 0; i < t->activity_count; i++)
        mark_calls(s, task, &t->activities[i]);
}

static bool has_graph(const struct lc_model *m, const struct lc_task *t)
{
    for (size_t i = 0; i < t->entry_count; i++)
        if (m->entries[t->entries[i]].start != LC_NONE)
            return true;
    return false;
}

static bool note_server(const struct lc_model *m, const struct lc_task *t, unsigned callers, struct lc_diag *diag)
{
    const bool mixed = (callers & (OPEN | CLOSED)) == (OPEN | CLOSED);
    if (!is_limited(t) || t->multiplicity < 2 || (!mixed && !(callers & CHAINED && has_graph(m, t))))
        return false;
    lc_note(diag, &t->place,
            "LQNS ends with a range error: it has no solution for '%s', a server of several threads%s; LQSIM simulates "
            "it",
            t->name,
            mixed ? " that open and closed workloads share"
                  : " with an activity graph at the end of a chain of asynchronous requests");
    return true;
}

static bool note_join(const struct lc_task *t, unsigned load, struct lc_diag *diag)
{
    for (size_t i = 0; i < t->precedence_count && (load & OPEN) != 0; i++)
        if (t->precedences[i].join == LC_JOIN_AND) {
            lc_note(diag, &t->place,
                    "LQNS may end with a domain error where branches join under an open load ('%s'); not with "
                    "-P threads=none, which leaves out that they compete",
                    t->name);
            return true;
        }
    return false;
}

void lci_note_unsolved(const struct lc_model *m, struct lc_diag *diag)
{
    struct search s = {m, lc_calloc(m->task_count, sizeof(unsigned)), lc_calloc(m->task_count, sizeof(unsigned))};
    bool server = false, join = false;
    for (bool changed = true; changed;) { /* as often as the model has layers */
        unsigned before = 0, after = 0;
        for (size_t t = 0; t < m->task_count; t++)
            before += s.load[t] + s.callers[t];
        for (size_t t = 0; t < m->task_count; t++)
            mark(&s, (int)t);
        for (size_t t = 0; t < m->task_count; t++)
            after += s.load[t] + s.callers[t];
        changed = after != before;
    }
    for (size_t t = 0; t < m->task_count; t++) {
        server = server || note_server(m, &m->tasks[t], s.callers[t], diag);
        join = join || note_join(&m->tasks[t], s.load[t], diag);
    }
    free(s.load);
    free(s.callers);
}
