/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "render/gates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum level { OF_ACTIVITIES = 1, OF_OPERATIONS = 2, OF_SUBJECTS = 4 };

static const struct {
    const char *gate, *measure;
    unsigned of;
} kinds[] = {
    {"demand", "non_blocked_process_time", OF_OPERATIONS},
    {"response_time", "response_time", OF_ACTIVITIES},
    {"total_process_time", "total_process_time", OF_ACTIVITIES},
    {"db_reads", "db_reads", OF_ACTIVITIES | OF_OPERATIONS},
    {"db_writes", "db_writes", OF_ACTIVITIES | OF_OPERATIONS},
    {"cache_operations", "cache_operations", OF_ACTIVITIES | OF_OPERATIONS},
    {"api_calls", "api_calls", OF_ACTIVITIES | OF_OPERATIONS},
    {"queue_dispatches", "queue_dispatches", OF_ACTIVITIES | OF_OPERATIONS},
    {"queue_delay", "queue_delay", OF_ACTIVITIES | OF_OPERATIONS},
    {"async_calls", "async_calls", OF_ACTIVITIES | OF_OPERATIONS},
    {"spans", "spans", OF_ACTIVITIES},
    {"requests", "requests", OF_OPERATIONS},
    {"load", "load", OF_SUBJECTS},
    {"capacity", "capacity", OF_ACTIVITIES},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static unsigned level_of(const struct lci_measure_row *m)
{
    const bool whole = *m->service == 0 && *m->operation == 0;
    return *m->subject != 0 ? (whole ? OF_SUBJECTS : 0) : whole ? OF_ACTIVITIES : OF_OPERATIONS;
}

static bool is_of(size_t kind, const struct lci_difference *d)
{
    return (kinds[kind].of & level_of(&d->a)) != 0 && strcmp(kinds[kind].measure, d->a.name) == 0;
}

bool is_tested(const struct lci_difference *d)
{
    for (size_t k = 0; k < KINDS; k++)
        if (is_of(k, d))
            return true;
    return false;
}

char *difference_name(const struct lci_difference *d)
{
    const struct lci_measure_row *m = &d->a;
    const char *const in = *m->activity != 0 ? " in " : "";
    if (*m->service == 0 && *m->operation == 0)
        return lc_format("%s%s%s%s%s", m->name, *m->subject != 0 ? " of " : "", m->subject, in, m->activity);
    return lc_format("%s of %s/%s%s%s%s%s", m->name, m->service, m->operation, *m->subject != 0 ? ": " : "", m->subject,
                     in, m->activity);
}

/* ---- judging ----------------------------------------------------------------------------------------------------- */

static const char *measure_of(const struct lc_gate *gate, size_t *kind)
{
    for (*kind = 0; *kind < KINDS; (*kind)++)
        if (strcmp(kinds[*kind].gate, gate->what) == 0)
            return kinds[*kind].measure;
    return NULL;
}

/* Of a change to the gate's side only: half of the two-sided one. */
static double one_sided(const struct lc_gate *gate, const struct lci_difference *d)
{
    const double change = d->b.mean - d->a.mean;
    if (isnan(d->p))
        return NAN;
    return change == 0 ? 1 : (change > 0) == (gate->limit > 0) ? d->p / 2 : 1 - d->p / 2;
}

static int by_p(const void *a, const void *b)
{
    const struct gated *x = *(struct gated *const *)a, *y = *(struct gated *const *)b;
    return (x->p > y->p) - (x->p < y->p);
}

/* Holm's p of the family; what never varies is in none. */
static void adjust(struct gates *g)
{
    struct gated **family = lc_calloc(g->count + 1, sizeof *family);
    size_t count = 0;
    for (size_t i = 0; i < g->count; i++)
        if (!isnan(g->items[i].p) && !(isnan(g->items[i].difference->effect) && g->items[i].p == 1))
            family[count++] = &g->items[i];
    if (count > 1)
        qsort(family, count, sizeof(struct gated *), by_p);
    double last = 0;
    for (size_t i = 0; i < count; i++)
        family[i]->p = last = fmax(last, fmin(1, family[i]->p * (double)(count - i)));
    free(family);
}

void gates_judge(const struct lc_gate *gates, size_t count, const struct lci_differences *d, struct gates *g)
{
    *g = (struct gates){.gates = gates, .gate_count = count};
    for (size_t i = 0; i < count; i++) {
        size_t kind;
        if (measure_of(&gates[i], &kind) == NULL)
            continue;
        for (size_t k = 0; k < d->count; k++)
            if (is_of(kind, &d->items[k])) {
                LC_GROW(g->items, g->count, g->room);
                g->items[g->count++] = (struct gated){
                    .gate = &gates[i], .difference = &d->items[k], .p = one_sided(&gates[i], &d->items[k])};
            }
    }
    adjust(g);
    for (size_t i = 0; i < g->count; i++) {
        struct gated *item = &g->items[i];
        const double limit = item->gate->limit, change = item->difference->change;
        item->broken = item->p <= LCI_LEVEL && (limit > 0 ? change > limit : change < limit);
        g->broken += item->broken;
    }
}

void gates_free(struct gates *g)
{
    free(g->items);
    *g = (struct gates){0};
}
