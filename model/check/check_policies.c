/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Policies: attributes that need each other, and calls that policies do not reach. */
#include "check/check.h"
#include "model/policy.h"

#include <math.h>
#include <stdlib.h>

static void check_pair(struct lci_check *c, const struct lci_policy_pair *pair, const struct lc_policy *p)
{
    const char *from = c->model->tasks[pair->from].name, *to = c->model->tasks[pair->to].name;
    const double *const at[] = {&p->breaker_window, &p->limit_rate, &p->hedge_after, &p->hit_ratio, &p->retries_max};
    const double *const other[] = {&p->breaker_ratio, &p->limit_burst, &p->hedge_max, &p->hit_time, &p->backoff};
    static const char *const names[] = {"breaker.window", "rate_limit.rate", "hedge.after", "cache.hit_ratio",
                                        "retries.max"};
    for (int i = 0; i < 5; i++)
        if (isnan(*at[i]) && !isnan(*other[i]))
            LCI_WRONG(c, &p->place, "calls from '%s' to '%s': '%s' is not set; give it a value", from, to, names[i]);
    if (!isnan(p->breaker_ratio) && isnan(p->breaker_open))
        LCI_WRONG(c, &p->place, "calls from '%s' to '%s': 'breaker.open_time' is not set; give it a value", from, to);
    if (isinf(p->retries_max) && !(p->backoff > 0))
        LCI_WRONG(c, &p->place, "calls from '%s' to '%s': retries without end need a 'retries.backoff' above 0", from,
                  to);
    if (p->retries_max > 1000 && !isinf(p->retries_max))
        LCI_WRONG(c, &p->place, "calls from '%s' to '%s': retries.max is %g; expected 1000 at the most, or infinite",
                  from, to, p->retries_max);
}

void lci_check_policies(struct lci_check *c)
{
    const struct lc_model *m = c->model;
    size_t count;
    struct lci_policy_pair *pairs = lci_policy_pairs(m, &count);
    for (size_t i = 0; i < count; i++) {
        struct lc_policy merged;
        lci_policy_between(m, pairs[i].from, pairs[i].to, &merged);
        check_pair(c, &pairs[i], &merged);
    }
    free(pairs);
    for (size_t t = 0; t < m->task_count; t++) {
        const struct lc_task *task = &m->tasks[t];
        if (task->policy_count == 0)
            continue;
        if (lc_is_source(task) || task->scheduling == LC_SEMAPHORE || task->scheduling == LC_RWLOCK)
            LCI_WRONG(c, &task->place, "task '%s' is a source, semaphore or lock; policies are of servers", task->name);
        if (task->decision_count > 0)
            LCI_WRONG(c, &task->place, "task '%s' has decisions and policies; write the decisions as policies",
                      task->name);
        for (size_t i = 0; i < task->entry_count; i++) {
            const struct lc_entry *e = &m->entries[task->entries[i]];
            if (e->open_rate > 0 || e->open_arrivals.family != NULL)
                lc_warn(c->diag, &e->place,
                        "entry '%s' has open arrivals, which no policy of task '%s' is about; let an open task call it",
                        e->name, task->name);
        }
    }
}
