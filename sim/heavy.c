/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "heavy.h"
#include "model/flow.h"

#include <math.h>

static bool is_heavy(const struct lc_activity *a)
{
    return a->present && a->demand.family != NULL && !isfinite(lc_dist_variance(&a->demand));
}

/* Whether all servers but one have work all the time. One of several that are free takes the others' turn while it is
 * held, and the mean may be finite. */
static bool one_is_spare(double servers, double busy)
{
    return isfinite(servers) && servers - floor(busy) <= 1;
}

/* Requests wait for the processor until it has ended with another one, or for a thread. */
static bool waits_are_infinite(const struct lc_model *m, const struct lc_flow *flow, int task)
{
    const int processor = m->tasks[task].processor;
    const enum lc_scheduling scheduling = m->processors[processor].scheduling;
    const bool in_turn = scheduling == LC_FCFS || scheduling == LC_HOL || scheduling == LC_RAND || scheduling == LC_PP;
    return (in_turn &&
            one_is_spare(lci_processor_servers(&m->processors[processor]), flow->processor_utilization[processor])) ||
           one_is_spare(lci_task_threads(&m->tasks[task]), flow->task_utilization[task]);
}

bool lci_say_infinite_waits(const struct lc_model *m, const struct lc_flow *flow, struct lc_diag *diag)
{
    bool any = false;
    for (size_t i = 0; i < m->entry_count; i++) {
        const struct lc_entry *entry = &m->entries[i];
        if (!(flow->entry_rate[i] > 0) || lc_is_source(&m->tasks[entry->task]) ||
            !waits_are_infinite(m, flow, entry->task))
            continue;
        for (int k = 0; k < LC_PHASES; k++) {
            if (!is_heavy(&entry->phases[k]))
                continue;
            any = true;
            lc_warn(diag, &entry->place,
                    "the mean wait for '%s' is infinite: the demand of entry '%s' "
                    "has no finite variance (%s); what is "
                    "reported of it depends on how long is simulated; expected a "
                    "distribution with a finite variance, or "
                    "shared servers (ps)",
                    m->tasks[entry->task].name, entry->name, entry->phases[k].demand.family->name);
        }
    }
    return any;
}
