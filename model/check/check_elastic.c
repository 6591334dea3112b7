/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tasks whose replicas come and go. */
#include "check/check.h"
#include "model/dist/dist.h"
#include "model/elastic.h"

#include <math.h>

static void check_scaling(struct lci_check *c, const struct lc_task *t)
{
    const struct lc_elastic *e = &t->elastic;
    if (!lci_elastic_scales(e)) {
        if (e->minimum > 0 || e->target_load > 0 || e->target_queue > 0 || lci_elastic_on_demand(e) || e->period > 0)
            LCI_WRONG(c, &t->place, "task '%s': scaling has no 'max'; give it the most replicas", t->name);
        return;
    }
    const bool targets = e->target_load > 0 || e->target_queue > 0;
    if (e->minimum > e->maximum || e->maximum > 100000)
        LCI_WRONG(c, &t->place, "task '%s': scaling is from %u to %u replicas; expected min ≤ max ≤ 100000", t->name,
                  e->minimum, e->maximum);
    if (targets == lci_elastic_on_demand(e))
        LCI_WRONG(c, &t->place,
                  "task '%s': scaling needs either a target ('target_load', 'target_queue') or 'keep_alive'", t->name);
    if (targets && !(e->period > 0))
        LCI_WRONG(c, &t->place, "task '%s': scaling by a target needs a 'period' above 0", t->name);
    if (!(e->target_load >= 0 && e->target_load <= 1) || !(e->target_queue >= 0) || !(e->cooldown >= 0) ||
        !(e->down_delay >= 0))
        LCI_WRONG(c, &t->place, "task '%s': expected a target_load from 0 to 1, and times and queues of 0 or more",
                  t->name);
    if (e->target_load > 0 && (t->scheduling == LC_INF || t->multiplicity == LC_INFINITE) &&
        c->model->processors[t->processor].scheduling == LC_INF)
        LCI_WRONG(c, &t->place, "task '%s' has no limit, hence no load to scale by", t->name);
}

static void check_disturbance(struct lci_check *c, const struct lc_task *t, const struct lc_disturbance *d,
                              const char *key)
{
    if (d->length == 0 && (d->at > 0 || d->replicas > 0 || d->speed > 0))
        LCI_WRONG(c, &t->place, "task '%s': %s lacks 'for', the time until it is over", t->name, key);
    if (!(d->at >= 0 && d->at < INFINITY) || !(d->length >= 0 && d->length < INFINITY))
        LCI_WRONG(c, &t->place, "task '%s': %s needs times 'at' and 'for' of 0 or more", t->name, key);
}

/* Slow-downs are of processors that can interrupt what they serve. */
static void check_disturbances(struct lci_check *c, const struct lc_task *t)
{
    const struct lc_elastic *e = &t->elastic;
    const struct lc_processor *p = &c->model->processors[t->processor];
    check_disturbance(c, t, &e->outage, "failures");
    check_disturbance(c, t, &e->slow_down, "slow_down");
    if (e->slow_down.length == 0)
        return;
    if (!(e->slow_down.speed > 0 && e->slow_down.speed < 1))
        LCI_WRONG(c, &t->place, "task '%s': slow_down needs a 'speed' above 0 and below 100 %%", t->name);
    if (p->scheduling == LC_INF || p->multiplicity == LC_INFINITE)
        LCI_WRONG(c, &t->place, "task '%s' has a processor without limit, which only delays and cannot slow down",
                  t->name);
}

void lci_check_elastic(struct lci_check *c)
{
    for (size_t i = 0; i < c->model->task_count; i++) {
        const struct lc_task *t = &c->model->tasks[i];
        const struct lc_elastic *e = &t->elastic;
        check_scaling(c, t);
        check_disturbances(c, t);
        if ((e->up.family == NULL) != (e->down.family == NULL))
            LCI_WRONG(c, &t->place, "task '%s': failures need both 'up' and 'down'", t->name);
        const struct lc_dist *const times[] = {&e->keep_alive, &e->start_up, &e->up, &e->down};
        for (int k = 0; k < 4; k++)
            if (times[k]->family != NULL)
                lci_dist_check_alone(times[k], c->diag, &t->place);
        if (lci_elastic_fails(e) && !(lc_dist_mean(&e->up) > 0 && lc_dist_mean(&e->down) > 0))
            LCI_WRONG(c, &t->place, "task '%s': the times up and down must be above 0", t->name);
        if (!lci_elastic_changes(e))
            continue;
        if (lc_is_source(t) || t->scheduling == LC_SEMAPHORE || t->scheduling == LC_RWLOCK ||
            (t->queue_length > 0 && t->overflow == LC_OVERFLOW_BLOCK))
            LCI_WRONG(c, &t->place,
                      "task '%s' is a source or lock, or makes its senders wait; its replicas cannot scale or fail",
                      t->name);
        const struct lc_processor *p = &c->model->processors[t->processor];
        if (p->scheduling == LC_INF)
            continue;
        for (size_t k = 0; k < c->model->task_count; k++)
            if (k != i && c->model->tasks[k].processor == t->processor)
                LCI_WRONG(c, &t->place,
                          "task '%s' scales or fails with its processor, which task '%s' uses as well; give it one of "
                          "its own",
                          t->name, c->model->tasks[k].name);
        if (p->replicas != t->replicas)
            LCI_WRONG(c, &t->place,
                      "task '%s' scales or fails with its processor, but has %u replicas and its processor %u; "
                      "expected as many",
                      t->name, t->replicas, p->replicas);
        if ((lci_elastic_fails(e) || lci_elastic_disturbed(e)) &&
            (p->scheduling == LC_RAND || (p->scheduling == LC_PS && p->quantum > 0)))
            LCI_WRONG(c, &t->place, "task '%s' fails on a processor scheduled as %s; expected fcfs, hol, pp, ps or cfs",
                      t->name, lc_scheduling_name(p->scheduling));
    }
}
