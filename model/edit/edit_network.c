/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The time on the way between two components: the think times of the steps of one that call the other and wait. What a
 * step that calls several components spends on the way is divided among its calls by their numbers.
 */
#include "base/buffer.h"
#include "base/text.h"
#include "edit/edit.h"
#include "walk.h"

#include "model/policy.h"

#include <stdlib.h>
#include <string.h>

/* A step's synchronous calls: to the target, directly or through the caller's pool of connections, and all. */
struct waits {
    double target, all;
};

static struct waits waits_of(const struct lc_model *m, const struct lc_activity *a, int task, int target)
{
    struct waits waits = {0};
    for (size_t i = 0; i < a->call_count; i++) {
        if (a->calls[i].kind != LC_CALL_SYNC)
            continue;
        waits.all += a->calls[i].mean;
        if (target != LC_NONE && lci_policy_target(m, task, m->entries[a->calls[i].entry].task) == target)
            waits.target += a->calls[i].mean;
    }
    return waits;
}

/* What a task calls and waits for, for a message. */
static void list_waits(const struct lc_model *m, const struct lc_activity *a, int task, struct lci_buffer *list)
{
    for (size_t i = 0; i < a->call_count; i++) {
        const int called = lci_policy_target(m, task, m->entries[a->calls[i].entry].task);
        if (a->calls[i].kind != LC_CALL_SYNC || called == LC_NONE)
            continue;
        char *quoted = lc_format("'%s'", m->tasks[called].name);
        if (list->text == NULL || strstr(list->text, quoted) == NULL)
            lci_buffer_join(list, ", ", "%s", quoted);
        free(quoted);
    }
}

/* Slots of one entry's steps; their weights are visits yet. Returns calls to the target per invocation, −1: failed. */
static double add_entry(struct lci_edit *e, int task, int entry, int target, struct lci_slots *slots,
                        struct lci_buffer *list)
{
    struct lc_task *t = &e->model->tasks[task];
    struct lci_walk_step *steps;
    size_t count;
    double calls = 0;
    if (lci_entry_steps(e->model, entry, &steps, &count, e->diag) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct lc_activity *a = e->model->entries[entry].start != LC_NONE
                                    ? &t->activities[steps[i].index]
                                    : &e->model->entries[entry].phases[steps[i].index];
        const struct waits waits = waits_of(e->model, a, task, target);
        list_waits(e->model, a, task, list);
        if (!(waits.target > 0))
            continue;
        calls += steps[i].visits * waits.target;
        lci_add_slot(slots, LCI_DIST, &a->think, LC_TIME, steps[i].visits * waits.target / waits.all);
        slots->list[slots->count - 1].part = waits.target / waits.all;
        slots->list[slots->count - 1].even = waits.target;
    }
    free(steps);
    return calls;
}

enum lci_found lci_network(struct lci_edit *e, int task, const char *target, struct lci_slots *slots)
{
    const struct lc_task *t = &e->model->tasks[task];
    const int callee = lc_find_task(e->model, target);
    const size_t first = slots->count;
    double calls = 0;
    struct lci_buffer list = {0};
    for (size_t i = 0; i < t->entry_count; i++) {
        const double more = add_entry(e, task, t->entries[i], callee, slots, &list);
        if (more < 0) {
            free(list.text);
            return LCI_FAILED;
        }
        calls += more;
    }
    for (size_t i = first; i < slots->count; i++)
        slots->list[i].weight /= calls;
    if (slots->count == first)
        LCI_BAD(e, "'%s': '%s' waits for no calls to '%s'; %s%s", e->path, t->name, target,
                list.text != NULL ? "it calls " : "it calls nobody", list.text != NULL ? list.text : "");
    free(list.text);
    return slots->count > first ? LCI_SLOTS : LCI_FAILED;
}
