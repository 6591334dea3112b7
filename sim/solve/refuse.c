/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "refuse.h"
#include "model/elastic.h"
#include "model/pattern.h"

#include "model/lqn.h"
#include "model/policy.h"
#include "model/traffic.h"
#include "outcomes.h"
#include "turns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void refuse(struct lc_diag *diag, const struct lc_place *place, const char *kind, const char *name,
                   const char *what)
{
    lc_error(diag, LC_INPUT, place, "%s '%s': %s no analytic treatment; simulate the model instead", kind, name, what);
}

static void refuse_processor(const struct lc_processor *p, struct lc_diag *diag)
{
    if (p->scheduling == LC_CFS)
        refuse(diag, &p->place, "processor", p->name, "fair shares of groups (cfs) have");
    if (p->scheduling == LC_SRPT)
        refuse(diag, &p->place, "processor", p->name, "the shortest remaining time first (srpt) has");
}

/* Whether requests come to a task that its policies do not see: open arrivals, forwarded ones, those through a pool. */
static bool passes_policies(const struct lc_model *m, int task)
{
    for (size_t e = 0; e < m->entry_count; e++) {
        if (m->entries[e].task == task && (m->entries[e].open_rate > 0 || m->entries[e].open_arrivals.family != NULL))
            return true;
        for (size_t f = 0; f < m->entries[e].forward_count; f++)
            if (m->entries[m->entries[e].forwards[f].entry].task == task)
                return true;
    }
    for (size_t t = 0; t < m->task_count; t++)
        for (size_t i = 0; i < m->task_count; i++)
            if (lci_is_pool_of(m, (int)t, (int)i) && lci_policy_target(m, (int)i, (int)t) == task)
                return true;
    return false;
}

static void refuse_task(const struct lc_model *m, int task, struct lc_diag *diag)
{
    const struct lc_task *t = &m->tasks[task];
    if (t->scheduling == LC_SEMAPHORE)
        refuse(diag, &t->place, "task", t->name, "a semaphore has");
    if (t->scheduling == LC_RWLOCK)
        refuse(diag, &t->place, "task", t->name, "a read-write lock has");
    if (t->scheduling == LC_BURST)
        refuse(diag, &t->place, "task", t->name, "demands of a Pareto distribution (burst) have");
    if (t->decision_count > 0)
        refuse(diag, &t->place, "task", t->name, "timeouts, aborts and retries have");
    if (lci_elastic_changes(&t->elastic) || lci_elastic_on_demand(&t->elastic))
        refuse(diag, &t->place, "task", t->name, "replicas that come and go have");
    if (t->pattern.kind != LC_PATTERN_NONE || lci_pattern_is_batch(&t->pattern))
        refuse(diag, &t->place, "task", t->name, "a load pattern (rates, users, batches, times) has");
    if (t->replicas > 1 && (t->balance == LC_BALANCE_LEAST || t->balance == LC_BALANCE_POWER_OF_TWO))
        refuse(diag, &t->place, "task", t->name, "a balancer that looks at queues (least, power_of_two) has");
    if (t->queue_length > 0 && t->overflow == LC_OVERFLOW_BLOCK && lcs_receives_async(m, task))
        refuse(diag, &t->place, "task", t->name, "a limited queue that blocks who sends messages has");
    for (size_t i = 0; i < t->policy_count; i++)
        if (isfinite(t->policies[i].shed_length) && t->policies[i].from != LC_NONE)
            refuse(diag, &t->place, "task", t->name, "shedding that depends on the caller has");
    if (lcs_sheds(m, task) && (passes_policies(m, task) || (t->overflow == LC_OVERFLOW_DROP && t->queue_length > 0)))
        refuse(diag, &t->place, "task", t->name, "shedding, which not all of its requests are subject to, has");
}

static bool infinite_variance(const struct lc_dist *dist)
{
    return dist->family != NULL && !isfinite(lc_dist_variance(dist));
}

static void refuse_arrivals(const struct lc_model *m, struct lc_diag *diag)
{
    for (size_t e = 0; e < m->entry_count; e++)
        if (infinite_variance(&m->entries[e].open_arrivals))
            refuse(diag, &m->entries[e].place, "entry", m->entries[e].name,
                   "a time between arrivals without a finite variance has");
    for (size_t t = 0; t < m->task_count; t++)
        if (m->tasks[t].scheduling == LC_OPEN && infinite_variance(&m->tasks[t].arrivals))
            refuse(diag, &m->tasks[t].place, "task", m->tasks[t].name,
                   "a time between arrivals without a finite variance has");
}

static void refuse_times(const struct lc_model *m, struct lc_diag *diag)
{
    for (size_t e = 0; e < m->entry_count; e++)
        for (int p = 0; p < LC_PHASES; p++)
            if (infinite_variance(&m->entries[e].phases[p].demand) || infinite_variance(&m->entries[e].phases[p].think))
                refuse(diag, &m->entries[e].place, "entry", m->entries[e].name, "a time without a finite variance has");
    for (size_t t = 0; t < m->task_count; t++)
        for (size_t a = 0; a < m->tasks[t].activity_count; a++) {
            const struct lc_activity *activity = &m->tasks[t].activities[a];
            if (infinite_variance(&activity->demand) || infinite_variance(&activity->think))
                refuse(diag, &m->tasks[t].place, "activity", activity->name, "a time without a finite variance has");
        }
}

/* Means and utilizations hold all the same; so it is said, and no reason to refuse. */
static void warn_of_sizes(const struct lc_model *m, struct lc_diag *diag)
{
    bool any = false;
    for (size_t e = 0; e < m->entry_count; e++)
        for (int p = 0; p < LC_PHASES; p++)
            any |= m->entries[e].phases[p].demand.size_correlation != 0 ||
                   m->entries[e].phases[p].think.size_correlation != 0;
    for (size_t t = 0; t < m->task_count; t++)
        for (size_t a = 0; a < m->tasks[t].activity_count; a++)
            any |= m->tasks[t].activities[a].demand.size_correlation != 0 ||
                   m->tasks[t].activities[a].think.size_correlation != 0;
    if (any)
        lc_warn(
            diag, NULL,
            "times that depend on the size of a request (size_correlation) are taken as independent: high percentiles "
            "of response times come out too low; simulate has them");
}

static double slice_of(const struct lc_activity *a, const struct lc_processor *p)
{
    double slices = 1;
    for (size_t c = 0; c < a->call_count; c++)
        slices += a->calls[c].mean;
    return a->demand.family != NULL ? lc_dist_mean(&a->demand) / slices / p->speed : 0;
}

/* Turns are taken as ideal sharing where slices are long beside the quantum, though not where others are short. */
static void warn_of_turns(const struct lc_model *m, struct lc_diag *diag)
{
    for (size_t i = 0; i < m->processor_count; i++) {
        const struct lc_processor *p = &m->processors[i];
        double shortest = INFINITY, longest = 0;
        for (size_t e = 0; e < m->entry_count; e++)
            for (int k = 0; k < LC_PHASES && m->tasks[m->entries[e].task].processor == (int)i; k++) {
                const double slice = slice_of(&m->entries[e].phases[k], p);
                shortest = slice > 0 ? fmin(shortest, slice) : shortest;
                longest = fmax(longest, slice);
            }
        if (p->scheduling == LC_PS && lcs_turns_count(p->quantum, shortest) && longest > LCS_MOST_QUANTA * p->quantum)
            lc_warn(
                diag, &p->place,
                "processor '%s': a quantum of %.3g beside slices of %.3g to %.3g is taken as ideal sharing; simulate "
                "takes turns",
                p->name, p->quantum, shortest, longest);
    }
}

/* The same of branches. */
static void warn_of_lasts(const struct lc_model *m, struct lc_diag *diag)
{
    bool any = false;
    for (size_t t = 0; t < m->task_count; t++)
        for (size_t a = 0; a < m->tasks[t].activity_count; a++)
            any |= m->tasks[t].activities[a].last_of > 0;
    if (any)
        lc_warn(diag, NULL,
                "branches for the last of several requests (last_of) are taken by chance: response times of who waits "
                "for all of them come out too short; simulate has them");
}

static bool begins_with(const char *name, const char *const *words, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any |= strncmp(name, words[i], strlen(words[i])) == 0;
    return any;
}

/* Whether all that the task says of the calls of `from` is that a cache answers some of them, that a queue turns some
 * away, and what is done about errors. */
static bool is_solved(const struct lc_task *task, int from)
{
    static const char *const known[] = {"cache.", "errors", "retries.", "shed.queue_length"};
    for (size_t i = 0; i < task->policy_count; i++) {
        const struct lc_policy *p = &task->policies[i];
        for (const struct lci_policy_field *f = lci_policy_table; f->name != NULL; f++)
            if ((p->from == from || p->from == LC_NONE) && !begins_with(f->name, known, 4) &&
                !isnan(lci_policy_get(p, f)))
                return false;
    }
    return true;
}

bool lcs_solve_refuses(const struct lc_model *m, struct lc_diag *diag)
{
    const size_t before = diag->errors;
    if (!lci_makes_load(m))
        lc_error(diag, LC_INPUT, &(struct lc_place){m->source, 0, 0, -1},
                 "nothing makes load in this model; expected a ref task, an open task, or open arrivals at an entry");
    for (size_t i = 0; i < m->processor_count; i++)
        refuse_processor(&m->processors[i], diag);
    for (size_t i = 0; i < m->task_count; i++)
        refuse_task(m, (int)i, diag);
    refuse_times(m, diag);
    refuse_arrivals(m, diag);
    size_t count;
    struct lci_policy_pair *pairs = lci_policy_pairs(m, &count);
    for (size_t i = 0; i < count; i++) {
        const int target = lci_policy_target(m, pairs[i].from, pairs[i].to);
        if (target == LC_NONE || is_solved(&m->tasks[target], pairs[i].from))
            continue;
        refuse(diag, &m->tasks[pairs[i].to].place, "task", m->tasks[pairs[i].to].name,
               "a policy of the calls to it, other than caches, retries of errors and shedding, has");
    }
    free(pairs);
    if (diag->errors > before)
        return true;
    warn_of_sizes(m, diag);
    warn_of_turns(m, diag);
    warn_of_lasts(m, diag);
    return false;
}
