/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who calls whom, and which calls cannot be. */
#include "check/check.h"

#include <stdlib.h>

static void check_arc(struct lci_check *c, int from, int to, unsigned how, const struct lc_place *place,
                      const char *caller)
{
    static const char *const verbs[] = {
        [LCI_SYNC] = "calls", [LCI_ASYNC] = "sends to", [LCI_FORWARDED] = "forwards to"};
    const struct lc_entry *target = &c->model->entries[to];
    const struct lc_task *task = &c->model->tasks[target->task];
    c->reached[to] |= (unsigned char)how;
    if (lc_is_source(task))
        LCI_WRONG(c, place, "%s %s '%s' of task '%s', which makes load and receives nothing", caller, verbs[how],
                  target->name, task->name);
    else if (target->task == from && how != LCI_ASYNC)
        LCI_WRONG(c, place, "%s %s '%s' of its own task '%s', which would wait for itself", caller, verbs[how],
                  target->name, task->name);
}

static void check_calls_of(struct lci_check *c, int task, const struct lc_activity *a, const char *caller)
{
    for (size_t i = 0; i < a->call_count; i++)
        check_arc(c, task, a->calls[i].entry, a->calls[i].kind == LC_CALL_SYNC ? LCI_SYNC : LCI_ASYNC,
                  &a->calls[i].place, caller);
}

static void check_entry_calls(struct lci_check *c, const struct lc_entry *e)
{
    char *caller = lc_format("entry '%s'", e->name);
    for (int i = 0; i < LC_PHASES; i++)
        check_calls_of(c, e->task, &e->phases[i], caller);
    for (size_t i = 0; i < e->forward_count; i++) {
        check_arc(c, e->task, e->forwards[i].entry, LCI_FORWARDED, &e->forwards[i].place, caller);
        if (lc_is_source(&c->model->tasks[e->task]))
            LCI_WRONG(c, &e->forwards[i].place, "entry '%s' of task '%s' forwards, but nobody waits for its reply",
                      e->name, c->model->tasks[e->task].name);
    }
    free(caller);
}

static void check_kinds(struct lci_check *c, int entry)
{
    const struct lc_entry *e = &c->model->entries[entry];
    const unsigned r = c->reached[entry];
    const bool waits = r & (LCI_SYNC | LCI_FORWARDED), leaves = r & (LCI_ASYNC | LCI_OPEN);
    if (waits && leaves)
        LCI_WRONG(c, &e->place,
                  "entry '%s' is reached both by calls that wait for its reply and by %s that do not; use "
                  "two entries",
                  e->name, r & LCI_ASYNC ? "calls" : "open arrivals");
    if (e->forward_count > 0 && !waits && leaves)
        lc_warn(c->diag, &e->place, "entry '%s' forwards, but nobody waits for its reply: forwarding ends there",
                e->name);
}

void lci_check_calls(struct lci_check *c)
{
    const struct lc_model *m = c->model;
    for (size_t i = 0; i < m->entry_count; i++) {
        if (m->entries[i].open_rate > 0 || m->entries[i].open_arrivals.family != NULL)
            c->reached[i] |= LCI_OPEN;
        check_entry_calls(c, &m->entries[i]);
    }
    for (size_t i = 0; i < m->task_count; i++)
        for (size_t j = 0; j < m->tasks[i].activity_count; j++) {
            const struct lc_activity *a = &m->tasks[i].activities[j];
            char *caller = lc_format("task '%s', activity '%s'", m->tasks[i].name, a->name);
            check_calls_of(c, (int)i, a, caller);
            free(caller);
        }
    for (size_t i = 0; i < m->entry_count; i++)
        check_kinds(c, (int)i);
}
