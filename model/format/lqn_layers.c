/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/lqn_layers.h"
#include "model/lqn.h"

#include "check/check.h"

#include <stdlib.h>
#include <string.h>

/* How many entries of the task are passed through before each entry, on the longest way of a request. */
static unsigned depths(const struct lc_model *m, const struct lci_graph *waits, const int *order, int task,
                       unsigned *depth)
{
    unsigned most = 0;
    memset(depth, 0, m->entry_count * sizeof *depth);
    for (size_t i = 0; i < m->entry_count; i++) {
        const int from = order[i];
        const bool own = m->entries[from].task == task;
        if (own && depth[from] > most)
            most = depth[from];
        for (size_t k = waits->first[from]; k < waits->first[from + 1]; k++) {
            unsigned *to = &depth[waits->targets[k]];
            *to = depth[from] + own > *to ? depth[from] + own : *to;
        }
    }
    return most;
}

/* Marks the activities that follow those that are marked. */
static void spread(const struct lc_task *t, char *used)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < t->precedence_count; i++) {
            const struct lc_precedence *p = &t->precedences[i];
            bool from = false;
            for (size_t k = 0; k < p->pre_count; k++)
                from = from || used[p->pre[k]];
            for (size_t k = 0; from && k < p->post_count; k++) {
                more = more || !used[p->post[k]];
                used[p->post[k]] = 1;
            }
            if (from && p->end != LC_NONE) {
                more = more || !used[p->end];
                used[p->end] = 1;
            }
        }
    }
}

/* Leaves the task those of `entries` whose depth is the one given, and the activities that they run. */
static void keep_layer(struct lc_model *m, int task, const int *entries, size_t count, const unsigned *depth,
                       unsigned layer)
{
    struct lc_task *t = &m->tasks[task];
    char *gone = lc_calloc(t->activity_count + 1, 1);
    t->entry_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct lc_entry *e = &m->entries[entries[i]];
        if (depth[entries[i]] != layer)
            continue;
        t->entries[t->entry_count++] = entries[i];
        m->entries[entries[i]].task = task;
        if (e->start != LC_NONE)
            gone[e->start] = 1;
    }
    spread(t, gone);
    for (size_t i = 0; i < t->activity_count; i++)
        gone[i] = !gone[i];
    lci_remove_activities(m, task, gone);
    free(gone);
}

/* Do entries of different layers meet in the same activities? */
static bool layers_meet(const struct lc_model *m, int task, const unsigned *depth)
{
    const struct lc_task *t = &m->tasks[task];
    unsigned *layer = lc_calloc(t->activity_count + 1, sizeof *layer);
    bool meet = false;
    for (size_t i = 0; i < t->entry_count; i++) {
        const int start = m->entries[t->entries[i]].start;
        char *used = lc_calloc(t->activity_count + 1, 1);
        if (start != LC_NONE)
            used[start] = 1;
        spread(t, used);
        for (size_t a = 0; a < t->activity_count; a++) {
            meet = meet || (used[a] && layer[a] != 0 && layer[a] != depth[t->entries[i]] + 1);
            layer[a] = used[a] ? depth[t->entries[i]] + 1 : layer[a];
        }
        free(used);
    }
    free(layer);
    return meet;
}

static char *lengthen(char *name)
{
    char *longer = lc_format("%s_", name);
    free(name);
    return longer;
}

static void split(struct lc_model *m, int task, const unsigned *depth, unsigned most, struct lc_diag *diag)
{
    const size_t count = m->tasks[task].entry_count;
    int *entries = lc_alloc(count * sizeof *entries);
    memcpy(entries, m->tasks[task].entries, count * sizeof *entries);
    for (unsigned layer = 1; layer <= most; layer++) {
        char *name = lc_format("%s (nested %u)", m->tasks[task].name, layer);
        while (lc_find_task(m, name) != LC_NONE)
            name = lengthen(name);
        const int nested = lci_copy_task(m, task, name);
        lc_warn(diag, &m->tasks[task].place,
                "requests come back to '%s', which LQNS refuses: the entries that they come back to become '%s'",
                m->tasks[task].name, name);
        keep_layer(m, nested, entries, count, depth, layer);
        free(name);
    }
    keep_layer(m, task, entries, count, depth, 0);
    free(entries);
}

void lci_lqn_split_cycles(struct lc_model *m, struct lc_diag *diag)
{
    struct lci_graph waits = lci_wait_graph(m);
    int *order = lc_calloc(m->entry_count + 1, sizeof *order);
    unsigned *depth = lc_calloc(m->entry_count + 1, sizeof *depth);
    const size_t tasks = m->task_count;
    const bool any = !lci_may_cycle(m) && lci_tasks_have_cycle(m, &waits) &&
                     lci_graph_order(&waits, LC_NONE, order) == (int)m->entry_count;
    for (size_t t = 0; t < tasks && any; t++) {
        if (m->tasks[t].multiplicity != LC_INFINITE && m->tasks[t].scheduling != LC_INF)
            continue; /* one with a limit would be a deadlock, which no model may have */
        const unsigned most = depths(m, &waits, order, (int)t, depth);
        if (most > 0 && layers_meet(m, (int)t, depth))
            lc_warn(diag, &m->tasks[t].place,
                    "requests come back to '%s', which LQNS refuses; its entries share activities and cannot be parted",
                    m->tasks[t].name);
        else if (most > 0)
            split(m, (int)t, depth, most, diag);
    }
    lci_graph_free(&waits);
    free(order);
    free(depth);
}
