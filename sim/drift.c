/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drift.h"

#include <math.h>

/* How likely it is that any task of a steady state is said to drift, which costs longer replications, or, where their
 * length is given, the answer. */
#define DOUBT       0.001
#define DOUBT_GIVEN 1e-4
#define APART       0.3 /* replications that are many relaxation times long hardly differ so much in their queues */
#define MANY        1.0 /* requests: of fewer, chance decides how many a replication sees */
#define GROWING                                                                                                        \
    0.8 /* confidence that a queue of which they differ so is still growing; failures from time to time                \
         * let replications differ, too, but no more at their ends than at their beginnings */

double lci_present_area(const struct lci_engine *e, uint32_t task)
{
    const struct lci_program_task *t = &e->program->tasks[task];
    double area = 0;
    for (uint32_t i = 0; i < t->replicas; i++) {
        const struct lci_instance *instance = &e->instances[t->first + i];
        area += instance->busy_area + instance->queue_area + (instance->busy + lci_queued(instance)) * e->now;
    }
    return area;
}

void lci_drift_add(struct lci_drift *drift, double half_time, double half, double time, double all)
{
    const double rest = time - half_time;
    if (!(rest > 0))
        return;
    lci_moments_add(&drift->change, (all - half) / rest - half / half_time);
    lci_moments_add(&drift->present, all / time);
}

static bool changes(const struct lci_drift *d, double by, double confidence)
{
    const double size = fabs(d->change.mean);
    return size > by * d->present.mean && size > lci_half_width(&d->change, confidence);
}

/* Replications are too short beside what happens in them, and began before it. */
static bool is_short(const struct lci_drift *d)
{
    const double spread = sqrt(d->present.squares / (d->present.count - 1)) / d->present.mean;
    return d->present.mean > MANY && spread > APART && d->change.mean > lci_half_width(&d->change, GROWING);
}

uint32_t lci_find_drift(const struct lci_program *p, const struct lci_drift *drifts, double by, bool given)
{
    const double confidence = 1 - (given ? DOUBT_GIVEN : DOUBT) / (double)p->task_count;
    uint32_t found = LCI_NIL;
    for (uint32_t i = 0; i < p->task_count; i++) {
        const struct lci_drift *d = &drifts[i];
        if (p->tasks[i].workload != LCI_NIL || d->present.count < 2)
            continue;
        if (!changes(d, by, confidence) && (given || !is_short(d)))
            continue;
        if (found == LCI_NIL || d->present.mean > drifts[found].present.mean)
            found = i;
    }
    return found;
}
