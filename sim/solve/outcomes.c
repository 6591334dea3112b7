/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A request that finds a queue full fails at once, and its caller's own answer is an error, unless it ignores them. A
 * request that comes soon after another one finds what that one found (Fredericks & Reisner 1979).
 */
#include "outcomes.h"

#include "graph_times.h"
#include "limited.h"
#include "loadcast/base.h"
#include "model/lqn.h"
#include "model/policy.h"
#include "model/traffic.h"
#include "station.h"
#include "walk.h"

#include <math.h>
#include <stdlib.h>

#define MANY 1e4 /* servers or places */

/* ---- what can be lost -------------------------------------------------------------------------------------------- */

static bool sends_async(const struct lc_model *m, const struct lc_activity *a, int task)
{
    for (size_t c = 0; c < a->call_count; c++)
        if (a->calls[c].kind == LC_CALL_ASYNC && m->entries[a->calls[c].entry].task == task)
            return true;
    return false;
}

bool lcs_receives_async(const struct lc_model *m, int task)
{
    for (size_t e = 0; e < m->entry_count; e++) {
        if (m->entries[e].task == task && (m->entries[e].open_rate > 0 || m->entries[e].open_arrivals.family != NULL))
            return true;
        for (int p = 0; p < LC_PHASES; p++)
            if (sends_async(m, &m->entries[e].phases[p], task))
                return true;
    }
    for (size_t t = 0; t < m->task_count; t++)
        for (size_t a = 0; a < m->tasks[t].activity_count; a++)
            if (sends_async(m, &m->tasks[t].activities[a], task))
                return true;
    return false;
}

double lcs_room_of(const struct lc_model *m, int task)
{
    const struct lc_task *t = &m->tasks[task];
    double room = INFINITY;
    if (t->queue_length > 0 &&
        (t->overflow == LC_OVERFLOW_REJECT || (t->overflow == LC_OVERFLOW_DROP && lcs_receives_async(m, task))))
        room = t->queue_length;
    for (size_t i = 0; i < t->policy_count; i++)
        if (t->policies[i].from == LC_NONE && isfinite(t->policies[i].shed_length))
            room = fmin(room, t->policies[i].shed_length);
    return room;
}

bool lcs_sheds(const struct lc_model *m, int task)
{
    for (size_t i = 0; i < m->tasks[task].policy_count; i++)
        if (m->tasks[task].policies[i].from == LC_NONE && isfinite(m->tasks[task].policies[i].shed_length))
            return m->tasks[task].policies[i].shed_length == lcs_room_of(m, task);
    return false;
}

/* The station whose queue may turn a request to the entry away; NULL: none does. */
static const struct lcs_station *limited(const struct lcs_network *n, int entry)
{
    const int s = n->task_station[n->model->entries[entry].task];
    return s >= 0 && isfinite(n->stations[s].room) ? &n->stations[s] : NULL;
}

/* What the caller of a call does about errors. */
static struct lc_policy policy_of(const struct lcs_network *n, const struct lcs_step_info *step,
                                  const struct lc_call *call)
{
    struct lc_policy policy;
    lci_policy_between(n->model, n->model->entries[step->entry].task, n->model->entries[call->entry].task, &policy);
    return policy;
}

static bool can_fail(const struct lcs_network *n, const struct lc_call *call)
{
    return call->kind == LC_CALL_SYNC && call->mean > 0 &&
           (limited(n, call->entry) != NULL || n->entries[call->entry].can_fail);
}

/* Until the reply; of the customers of a source always. */
static bool counts(const struct lcs_network *n, const struct lcs_step_info *step)
{
    return step->phase == 1 || lc_is_source(&n->model->tasks[n->model->entries[step->entry].task]);
}

static void refuse(struct lc_diag *diag, const struct lcs_network *n, int task, const char *what)
{
    const struct lc_task *t = &n->model->tasks[task];
    lc_error(diag, LC_INPUT, &t->place, "task '%s': %s no analytic treatment; simulate the model instead", t->name,
             what);
}

/* Whether branches may go on when others reply: then it depends on who is first whether their errors count. */
static bool has_stragglers(const struct lcs_network *n, int entry)
{
    const struct lc_task *t = &n->model->tasks[n->model->entries[entry].task];
    const struct lcs_graph_plan *plan = n->entries[entry].plan;
    for (size_t i = 0; plan != NULL && i < t->precedence_count; i++) {
        const struct lc_precedence *p = &t->precedences[i];
        if ((p->join == LC_JOIN_AND && p->quorum > 0 && p->quorum < p->pre_count) ||
            (p->fork == LC_FORK_AND && plan->join_of[i] == LC_NONE))
            return true;
    }
    return false;
}

static bool step_fits(struct lcs_network *n, struct lcs_step_info *step, struct lc_diag *diag)
{
    for (size_t c = 0; c < step->activity->call_count; c++) {
        const struct lc_call *call = &step->activity->calls[c];
        if (!can_fail(n, call))
            continue;
        const struct lc_policy policy = policy_of(n, step, call);
        if (policy.retries_max > 0 && policy.retry_on != LCI_RETRY_ON_TIMEOUT) {
            refuse(diag, n, n->model->entries[call->entry].task,
                   "retries of requests that a full queue turned away have");
            return false;
        }
        if (policy.errors == LCI_ERRORS_IGNORE || !counts(n, step))
            continue;
        n->entries[step->entry].can_fail = true;
        const char *what = step->visits > 1 + 1e-9          ? "errors of calls within loops have"
                           : has_stragglers(n, step->entry) ? "errors beside branches that nobody waits for have"
                                                            : NULL;
        if (what != NULL) {
            refuse(diag, n, n->model->entries[step->entry].task, what);
            return false;
        }
    }
    return true;
}

static bool entry_fits(struct lcs_network *n, int entry, struct lc_diag *diag)
{
    const struct lc_entry *e = &n->model->entries[entry];
    struct lcs_entry_info *info = &n->entries[entry];
    for (size_t f = 0; f < e->forward_count; f++)
        if (limited(n, e->forwards[f].entry) != NULL || n->entries[e->forwards[f].entry].can_fail) {
            refuse(diag, n, n->model->entries[e->forwards[f].entry].task, "a limited queue of forwarded requests has");
            return false;
        }
    for (int s = info->first_step; s < info->first_step + info->step_count; s++)
        if (!step_fits(n, &n->steps[s], diag))
            return false;
    return true;
}

/* Whether a run of the step sends several requests to the task at once: messages, or from branches. */
static bool comes_in_bunches(const struct lcs_network *n, const struct lcs_step_info *step, int task)
{
    const double few = 0.1; /* of a geometric number hardly ever more than one */
    double most = 0;
    bool random = false;
    for (size_t c = 0; c < step->activity->call_count; c++) {
        const struct lc_call *call = &step->activity->calls[c];
        if (n->model->entries[call->entry].task != task || !(call->mean > 0))
            continue;
        if (step->thread > LCS_MAIN)
            return true;
        if (call->kind == LC_CALL_ASYNC) {
            most += call->mean;
            random |= !step->activity->deterministic || call->random;
        }
    }
    return most > (random ? few : 1);
}

/* What comes to a queue of limited length must be alike, and come by chance; its states are gone through one by one. */
static bool station_fits(const struct lcs_network *n, const struct lcs_station *s, struct lc_diag *diag)
{
    const struct lc_task *t = &n->model->tasks[s->task];
    bool waited = false;
    for (size_t i = 0; i < n->arc_count; i++)
        waited |= !n->arcs[i].async && n->model->entries[n->arcs[i].entry].task == s->task;
    const char *what = NULL;
    if (t->replicas > 1 && t->balance != LC_BALANCE_RANDOM)
        what = "a limited queue of replicas, unless they are chosen at random, has";
    else if (s->servers > MANY || s->room > MANY)
        what = "a limited queue of more than 10,000 servers or places has";
    else if (s->kind != LCS_AT_FCFS)
        what = "a limited queue with priorities has";
    else if (waited && t->queue_length > 0 && t->overflow == LC_OVERFLOW_DROP)
        what = "a queue that drops messages beside requests that wait for answers has";
    for (size_t i = 0; i < n->step_count && what == NULL; i++)
        if (comes_in_bunches(n, &n->steps[i], s->task))
            what = "a limited queue of requests that come several at a time has";
    for (size_t i = 0; i < s->link_count && what == NULL; i++)
        if (n->chains[n->links[s->links[i]].chain].open && fabs(n->links[s->links[i]].cv2 - 1) > 1e-9)
            what = "a limited queue of arrivals other than Poisson's has";
    if (what != NULL)
        refuse(diag, n, s->task, what);
    return what == NULL;
}

bool lcs_outcomes_fit(struct lcs_network *n, struct lc_diag *diag)
{
    for (size_t s = 0; s < n->station_count; s++)
        if (isfinite(n->stations[s].room)) {
            n->loses = true;
            if (!station_fits(n, &n->stations[s], diag))
                return false;
        }
    for (size_t i = n->model->entry_count; n->loses && i-- > 0;)
        if (!entry_fits(n, n->order[i], diag))
            return false;
    return true;
}

/* ---- outcomes ---------------------------------------------------------------------------------------------------- */

static void step_outcomes(struct lcs_network *n, struct lcs_step_info *step)
{
    for (size_t c = 0; c < step->activity->call_count; c++) {
        const struct lc_call *call = &step->activity->calls[c];
        const struct lcs_station *s = limited(n, call->entry);
        struct lcs_outcome *o = &step->outcomes[c];
        if (s != NULL)
            o->accepted = 1 - s->lost;
        if (call->kind == LC_CALL_SYNC)
            o->errors = 1 - o->accepted * (1 - n->entries[call->entry].fails);
    }
}

/* The station that makes most requests to the entry fail: at once, or further down. */
static const struct lcs_station *loser(const struct lcs_network *n, int entry)
{
    const struct lcs_station *s = limited(n, entry);
    const struct lcs_entry_info *e = &n->entries[entry];
    return e->loser != NULL && (s == NULL || s->lost < (1 - s->lost) * e->fails) ? e->loser : s;
}

/* From a request of a step to the next one to the same entry: the slices and the calls between. */
static double between(const struct lcs_network *n, const struct lcs_step_info *step, size_t call)
{
    const struct lc_activity *a = step->activity;
    const double own = a->calls[call].mean, slice = step->slice.mean * step->stretch + step->waits;
    double time = step->slices > 0 ? slice : 0;
    for (size_t c = 0; c < a->call_count && !a->deterministic; c++) {
        const bool waits = a->calls[c].kind == LC_CALL_SYNC;
        if (c != call)
            time += a->calls[c].mean / own *
                    ((step->slices > 0 ? slice : 0) +
                     (waits ? step->call_waits[c] + n->entries[a->calls[c].entry].answer.mean : 0));
    }
    return time;
}

/* The part of the runs of a step in which no request of a call fails, of a known number or a geometric one. Requests in
 * a row find what those before them found: after one that failed the next one fails with the chance that the queue is
 * full again then; after others with that which makes the same part of all of them fail. */
static double call_succeeds(const struct lcs_network *n, const struct lcs_step_info *step, size_t c)
{
    const struct lc_call *call = &step->activity->calls[c];
    const int from = n->model->entries[step->entry].task, to = n->model->entries[call->entry].task;
    const double fails = step->caches[c].misses * step->outcomes[c].errors;
    const struct lcs_station *s = loser(n, call->entry);
    if (!(fails > 0) || s == NULL || !(s->lost > 0) || !(s->demand.mean > 0))
        return 1;
    const double gap = between(n, step, c) + (s != limited(n, call->entry) ? n->entries[call->entry].answer.mean : 0);
    const double again = fmin(1, fails / s->lost * lcs_full_again(s, &s->demand, gap, 1));
    const double next = 1 - fmin(1, fails * (1 - again) / (1 - fails)); /* succeeds after one that did */
    const double count = call->mean * lci_fan_out(n->model, from, to);
    if (step->activity->deterministic && !call->random)
        return count < 1 ? 1 - count * fails : (1 - fails) * pow(next, count - 1);
    const double on = count / (1 + count);
    return (1 - on) * (1 + on * (1 - fails) / (1 - on * next));
}

static double step_succeeds(struct lcs_network *n, const struct lcs_step_info *step)
{
    double good = 1;
    for (size_t c = 0; c < step->activity->call_count; c++) {
        const struct lc_call *call = &step->activity->calls[c];
        if (!can_fail(n, call) || policy_of(n, step, call).errors == LCI_ERRORS_IGNORE)
            continue;
        const double one = call_succeeds(n, step, c);
        struct lcs_entry_info *e = &n->entries[step->entry];
        if (1 - one > e->most) {
            e->most = 1 - one;
            e->loser = loser(n, call->entry);
        }
        good *= one;
    }
    return good;
}

/* The part of the ways on from a precedence on which no call fails; `of`: from each activity on, as far as its join. */
static double way_succeeds(const struct lcs_network *n, int entry, int index, const double *of)
{
    const struct lc_task *t = &n->model->tasks[n->model->entries[entry].task];
    const struct lc_precedence *p = &t->precedences[index];
    double good = p->fork == LC_FORK_OR ? 0 : 1;
    for (size_t k = 0; k < p->post_count; k++) {
        const double one = of[p->post[k]];
        if (p->fork == LC_FORK_OR)
            good += p->weights[k] * one;
        else
            good *= p->fork == LC_FORK_LOOP ? 1 / (1 + p->weights[k] * (1 - one)) : one;
    }
    if (p->fork == LC_FORK_LOOP && p->end != LC_NONE)
        good *= of[p->end];
    if (p->fork == LC_FORK_AND)
        good *= way_succeeds(n, entry, n->entries[entry].plan->join_of[index], of);
    return good;
}

static double graph_succeeds(struct lcs_network *n, int entry)
{
    const struct lcs_entry_info *e = &n->entries[entry];
    const struct lc_task *t = &n->model->tasks[n->model->entries[entry].task];
    double *of = lc_calloc(t->activity_count, sizeof *of);
    for (int s = e->first_step; s < e->first_step + e->step_count; s++)
        of[n->steps[s].index] = counts(n, &n->steps[s]) ? step_succeeds(n, &n->steps[s]) : 1;
    for (int i = e->plan->count - 1; i >= 0; i--) {
        const int a = e->plan->order[i], next = e->plan->from[a];
        if (next != LC_NONE && t->precedences[next].join != LC_JOIN_AND)
            of[a] *= way_succeeds(n, entry, next, of);
    }
    const double good = of[e->plan->order[0]];
    free(of);
    return good;
}

void lcs_network_outcomes(struct lcs_network *n)
{
    for (size_t i = n->model->entry_count; n->loses && i-- > 0;) {
        struct lcs_entry_info *e = &n->entries[n->order[i]];
        double good = 1;
        e->most = 0;
        for (int s = e->first_step; s < e->first_step + e->step_count; s++) {
            step_outcomes(n, &n->steps[s]);
            if (e->can_fail && e->plan == NULL && counts(n, &n->steps[s]))
                good *= step_succeeds(n, &n->steps[s]);
        }
        if (e->can_fail && e->plan != NULL)
            good = graph_succeeds(n, n->order[i]);
        e->fails = 1 - good;
    }
}

static bool calls_others(const struct lcs_network *n, int task)
{
    const struct lc_task *t = &n->model->tasks[task];
    bool any = false;
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lcs_entry_info *e = &n->entries[t->entries[i]];
        for (int s = e->first_step; s < e->first_step + e->step_count; s++)
            any |= n->steps[s].activity->call_count > 0;
    }
    return any;
}

/* The part of the time elsewhere in which the customers of a link wait for others. */
static double waits_elsewhere(const struct lcs_network *n, const struct lcs_link *link)
{
    const struct lcs_chain *c = &n->chains[link->chain];
    double all = c->away, waits = 0;
    for (size_t i = 0; i < c->link_count; i++) {
        const struct lcs_link *l = &n->links[c->links[i]];
        if (l == link)
            continue;
        all += l->visits * (l->stretch * l->stays + l->waits);
        waits += l->visits * ((l->stretch - 1) * l->stays + l->waits);
    }
    return all > 0 ? waits / all : 0;
}

/* Why what a station turns away is only an estimate; NULL: it is better than that. */
static const char *estimated(const struct lcs_network *n, const struct lcs_station *s)
{
    const double same = 0.1, some = 0.1, little = 0.01, hardly = 1e-4;
    const bool exponential = fabs(s->demand.cv2 - 1) < same;
    bool closed = false, wait = false;
    for (size_t i = 0; i < s->link_count; i++) {
        const struct lcs_link *l = &n->links[s->links[i]];
        closed |= !n->chains[l->chain].open && l->rate > 0;
        wait |= !n->chains[l->chain].open && waits_elsewhere(n, l) > some;
    }
    if (s->lost < hardly)
        return NULL;
    if (lcs_is_crowded(s) && (!exponential || calls_others(n, s->task)))
        return "its threads wait for each other";
    if (wait)
        return "who comes to it waits for others elsewhere";
    if (closed && !exponential)
        return "a limited number of customers comes to it, and its times are not exponential";
    return s->servers > 1 && !exponential && s->lost < little ? "little is lost, and its times are not exponential"
                                                              : NULL;
}

void lcs_warn_of_losses(const struct lcs_network *n, struct lc_diag *diag)
{
    for (size_t s = 0; s < n->station_count; s++) {
        const char *why = isfinite(n->stations[s].room) ? estimated(n, &n->stations[s]) : NULL;
        const struct lc_task *t = why != NULL ? &n->model->tasks[n->stations[s].task] : NULL;
        if (why != NULL)
            lc_warn(diag, &t->place,
                    "task '%s': what its full queue turns away (%.2g %%) is a rough estimate: %s; simulate has it",
                    t->name, 100 * n->stations[s].lost, why);
    }
}

double lcs_work_cv2(const struct lcs_network *n, int task)
{
    const struct lc_task *t = &n->model->tasks[task];
    double rate = 0, sum = 0, square = 0;
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lcs_entry_info *e = &n->entries[t->entries[i]];
        const double runs = e->rate + e->open_rate;
        double mean = 0, variance = 0;
        for (int s = e->first_step; s < e->first_step + e->step_count; s++) {
            const struct lcs_step_info *step = &n->steps[s];
            const double calls = step->slices > 0 ? step->slices - 1 : 0, one = step->slice.mean;
            const double spread = step->activity->deterministic ? 0 : calls * (1 + calls); /* of the number */
            mean += step->visits * step->slices * one;
            variance += step->visits * (step->slices * step->slice.variance + spread * one * one);
        }
        rate += runs;
        sum += runs * mean;
        square += runs * (variance + mean * mean);
    }
    return sum > 0 ? fmax(0, rate * square / (sum * sum) - 1) : 1;
}

double lcs_source_fails(const struct lcs_network *n, const struct lc_task *task)
{
    double fails = 0, *visits = lc_calloc(task->entry_count, sizeof *visits);
    bool any = false;
    lci_session_visits(n->model, task, visits);
    for (size_t i = 0; i < task->entry_count; i++) {
        fails += visits[i] * n->entries[task->entries[i]].fails;
        any |= n->entries[task->entries[i]].can_fail;
    }
    free(visits);
    return any && lci_is_session(n->model, task) ? NAN : fails;
}
