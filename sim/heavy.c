/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "heavy.h"

#include "loadcast/base.h"
#include "model/policy.h"
#include "model/traffic.h"

#include <math.h>
#include <stdlib.h>

/* Where the time of an entry, until its last phase has ended, gets a variance that is not finite. */
struct cause {
    int entry; /* whose demand it is; LC_NONE: the variance is finite */
    const struct lc_dist *demand;
};

/* Whether the caller waits until the answer comes, however long that takes. */
static bool waits_for(const struct lc_model *m, int from, const struct lc_call *call)
{
    const int to = m->entries[call->entry].task;
    struct lc_policy policy;
    const bool gives_up =
        m->tasks[to].decision_count > 0 || (lci_policy_between(m, from, to, &policy) && isfinite(policy.timeout));
    return call->kind == LC_CALL_SYNC && call->mean > 0 && !gives_up;
}

/* Of an activity of `entry`: its own demand, or what it waits for. */
static struct cause cause_in(const struct lc_model *m, const struct lc_activity *a, int entry,
                             const struct cause *causes)
{
    if (a->present && a->demand.family != NULL && !isfinite(lc_dist_variance(&a->demand)))
        return (struct cause){entry, &a->demand};
    for (size_t i = 0; i < a->call_count; i++)
        if (causes[a->calls[i].entry].entry != LC_NONE && waits_for(m, m->entries[entry].task, &a->calls[i]))
            return causes[a->calls[i].entry];
    return (struct cause){LC_NONE, NULL};
}

static struct cause cause_of(const struct lc_model *m, int index, const struct cause *causes)
{
    const struct lc_entry *entry = &m->entries[index];
    const struct lc_task *task = &m->tasks[entry->task];
    struct cause cause = {LC_NONE, NULL};
    for (int k = 0; k < LC_PHASES && cause.entry == LC_NONE; k++)
        cause = cause_in(m, &entry->phases[k], index, causes);
    for (size_t i = 0; entry->start != LC_NONE && i < task->activity_count && cause.entry == LC_NONE; i++)
        cause = cause_in(m, &task->activities[i], index, causes);
    return cause;
}

/* Of every entry. */
static struct cause *find_causes(const struct lc_model *m)
{
    struct cause *causes = lc_alloc(m->entry_count * sizeof *causes);
    for (size_t i = 0; i < m->entry_count; i++)
        causes[i] = (struct cause){LC_NONE, NULL};
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < m->entry_count; i++)
            if (causes[i].entry == LC_NONE) {
                causes[i] = cause_of(m, (int)i, causes);
                changed |= causes[i].entry != LC_NONE;
            }
    }
    return causes;
}

/* Whether all servers but one have work all the time. One of several that are free takes the others' turn while it is
 * held, and the mean may be finite. */
static bool one_is_spare(double servers, double busy)
{
    return isfinite(servers) && servers - floor(busy) <= 1;
}

/* Requests wait for the processor until it has ended with another one (`own`: it is the demand that has no finite
 * variance), or for a thread. */
static bool waits_are_infinite(const struct lc_model *m, const struct lc_traffic *traffic, int task, bool own)
{
    const int processor = m->tasks[task].processor;
    const enum lc_scheduling scheduling = m->processors[processor].scheduling;
    const bool in_turn = scheduling == LC_FCFS || scheduling == LC_HOL || scheduling == LC_RAND || scheduling == LC_PP;
    return (own && in_turn &&
            one_is_spare(lci_processor_servers(&m->processors[processor]),
                         traffic->processor_utilization[processor])) ||
           one_is_spare(lci_task_threads(&m->tasks[task]), traffic->task_utilization[task]);
}

bool lci_say_infinite_waits(const struct lc_model *m, const struct lc_traffic *traffic, struct lc_diag *diag)
{
    bool any = false;
    struct cause *causes = find_causes(m);
    for (size_t i = 0; i < m->entry_count; i++) {
        const struct lc_entry *entry = &m->entries[i];
        if (causes[i].entry == LC_NONE || !(traffic->entry_rate[i] > 0) || lc_is_source(&m->tasks[entry->task]) ||
            !waits_are_infinite(m, traffic, entry->task, causes[i].entry == (int)i))
            continue;
        any = true;
        lc_warn(diag, &entry->place,
                "the mean wait for '%s' is infinite: the demand of entry '%s'%s has no finite variance (%s); what is "
                "reported of it depends on how long is simulated; expected a distribution with a finite variance, or "
                "shared servers (ps)",
                m->tasks[entry->task].name, m->entries[causes[i].entry].name,
                causes[i].entry == (int)i ? "" : ", for which it waits,", causes[i].demand->family->name);
    }
    free(causes);
    return any;
}
