/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "layers.h"

#include "graph_times.h"
#include "loadcast/base.h"
#include "loadcast/traffic.h"
#include "model/policy.h"
#include "outcomes.h"
#include "turns.h"
#include "walk.h"

#include <math.h>
#include <stdlib.h>

struct building {
    struct lcs_network *n;
    const struct lc_model *model;
    double *visits; /* per entry: of the root at hand */
    struct lc_diag *diag;
};

static const struct lc_task *task_of(const struct lcs_network *n, int entry)
{
    return &n->model->tasks[n->model->entries[entry].task];
}

/* ---- steps ------------------------------------------------------------------------------------------------------- */

static struct lcs_moments2 moments_of(const struct lc_dist *dist, double factor)
{
    if (dist->family == NULL)
        return (struct lcs_moments2){0};
    return (struct lcs_moments2){factor * lc_dist_mean(dist), factor * factor * lc_dist_variance(dist)};
}

static struct lcs_cache cache_of(const struct lc_model *m, int from, const struct lc_call *call)
{
    struct lc_policy policy;
    const int to = m->entries[call->entry].task;
    if (call->kind != LC_CALL_SYNC || !lci_policy_between(m, from, to, &policy) || isnan(policy.hit_ratio))
        return (struct lcs_cache){1, 0};
    return (struct lcs_cache){1 - policy.hit_ratio, isnan(policy.hit_time) ? 0 : policy.hit_time};
}

static void add_step(struct lcs_network *n, int entry, const struct lci_walk_step *from)
{
    const struct lc_activity *a = from->activity;
    const struct lcs_graph_plan *plan = n->entries[entry].plan;
    struct lcs_step_info step = {.entry = entry,
                                 .index = from->index,
                                 .activity = a,
                                 .visits = from->visits,
                                 .phase = from->index + 1,
                                 .slices = 1,
                                 .stretch = 1};
    double calls = 0;
    if (plan != NULL) {
        step.thread = plan->thread[from->index];
        step.phase = plan->phase[from->index];
    }
    for (size_t c = 0; c < a->call_count; c++)
        calls += a->calls[c].mean;
    /* `demand` tells the mean of all slices together, and the shape of one. */
    const struct lc_task *task = task_of(n, entry);
    step.slices = a->demand.family != NULL && lc_dist_mean(&a->demand) > 0 ? 1 + calls : 0;
    step.slice = moments_of(&a->demand, 1 / (1 + calls) / n->model->processors[task->processor].speed);
    if (task->scheduling == LC_UNIFORM)
        step.slice.variance = step.slice.mean * step.slice.mean / 3;
    step.turns = 1;
    step.turn = step.slice;
    step.think = moments_of(&a->think, 1);
    step.call_waits = lc_calloc(a->call_count, sizeof(double));
    step.call_delayed = lc_calloc(a->call_count, sizeof(double));
    step.call_weight = lc_calloc(a->call_count, sizeof(double));
    step.caches = lc_calloc(a->call_count, sizeof *step.caches);
    step.outcomes = lc_calloc(a->call_count, sizeof *step.outcomes);
    for (size_t c = 0; c < a->call_count; c++)
        step.outcomes[c] = (struct lcs_outcome){1, 0};
    for (size_t c = 0; c < a->call_count; c++)
        step.caches[c] = cache_of(n->model, n->model->entries[entry].task, &a->calls[c]);
    LC_GROW(n->steps, n->step_count, n->step_capacity);
    n->steps[n->step_count++] = step;
}

static int read_entry(struct building *b, int entry)
{
    struct lcs_network *n = b->n;
    struct lcs_entry_info *info = &n->entries[entry];
    struct lci_walk_step *steps;
    size_t count;
    if (lci_entry_steps(b->model, entry, &steps, &count, b->diag) != 0)
        return -1;
    int status = 0;
    if (b->model->entries[entry].start != LC_NONE) {
        info->plan = lcs_graph_plan_new(b->model, entry, b->diag);
        status = info->plan != NULL ? 0 : -1;
        info->branches = info->plan != NULL ? info->plan->branches : 0;
    }
    info->first_step = (int)n->step_count;
    for (size_t s = 0; s < count && status == 0; s++)
        add_step(n, entry, &steps[s]);
    info->step_count = (int)n->step_count - info->first_step;
    free(steps);
    const size_t forwards = b->model->entries[entry].forward_count;
    info->forward_waits = lc_calloc(forwards, sizeof(double));
    info->forward_delayed = lc_calloc(forwards, sizeof(double));
    info->forward_weight = lc_calloc(forwards, sizeof(double));
    info->main = info->after = info->arrivals = LC_NONE;
    return status;
}

/* Callers first; acyclic, because the traffic equations were solved before. */
static void order_entries(struct lcs_network *n)
{
    struct lci_graph graph = lci_graph_start(n->model->entry_count);
    for (size_t e = 0; e < n->model->entry_count; e++) {
        lci_graph_node(&graph, e);
        for (int s = 0; s < n->entries[e].step_count; s++) {
            const struct lc_activity *a = n->steps[n->entries[e].first_step + s].activity;
            for (size_t c = 0; c < a->call_count; c++)
                lci_graph_edge(&graph, a->calls[c].entry);
        }
        for (size_t f = 0; f < n->model->entries[e].forward_count; f++)
            lci_graph_edge(&graph, n->model->entries[e].forwards[f].entry);
    }
    lci_graph_order(&graph, LC_NONE, n->order);
    lci_graph_free(&graph);
}

/* ---- who is a station -------------------------------------------------------------------------------------------- */

/* Customers that can be in each task at a time, from the top down: infinite where arrivals are open, or where what
 * follows a reply goes on beside its caller. Two callers of one task that share customers count twice, which only makes
 * a station of what need not be one. Calls that go up against the order of layers (cycles of tasks) see the limit. */
struct reach {
    struct lcs_network *n;
    double *customers; /* per task */
};

static double outside(const struct lc_entry *e)
{
    return e->open_arrivals.family != NULL ? 1 / lc_dist_mean(&e->open_arrivals) : e->open_rate;
}

/* Whether branches can go on behind the reply: stragglers of a quorum, and branches that are never joined. */
static bool has_stragglers(const struct lcs_network *n, const struct lc_task *task)
{
    for (size_t i = 0; i < task->entry_count; i++) {
        const struct lcs_graph_plan *plan = n->entries[task->entries[i]].plan;
        for (size_t k = 0; plan != NULL && k < task->precedence_count; k++) {
            const struct lc_precedence *p = &task->precedences[k];
            if ((p->join == LC_JOIN_AND && p->quorum > 0 && p->quorum < p->pre_count) ||
                (p->fork == LC_FORK_AND && plan->join_of[k] == LC_NONE))
                return true;
        }
    }
    return false;
}

static bool has_more_phases(const struct lcs_network *n, const struct lc_task *task)
{
    for (size_t i = 0; i < task->entry_count; i++) {
        const struct lcs_entry_info *e = &n->entries[task->entries[i]];
        for (int s = 0; s < e->step_count; s++)
            if (n->steps[e->first_step + s].phase > 1)
                return true;
    }
    return has_stragglers(n, task);
}

static double threads_in(const struct lcs_network *n, const double *callers, size_t t)
{
    const struct lc_task *task = &n->model->tasks[t];
    if (task->scheduling == LC_OPEN)
        return INFINITY;
    if (lc_is_source(task))
        return task->multiplicity;
    const bool free_threads = task->scheduling == LC_INF || task->multiplicity == LC_INFINITE;
    if (free_threads)
        return callers[t];
    return has_more_phases(n, task) ? task->multiplicity : fmin(task->multiplicity, callers[t]);
}

/* The customers of task `from` that can be at one copy of task `to`. */
static double seen_by(const struct lc_model *m, double population, int from, int to)
{
    const struct lc_task *caller = &m->tasks[from], *called = &m->tasks[to];
    if (called->balance != LC_BALANCE_FAN)
        return population * caller->replicas;
    const double in = lci_fan_out(m, from, to) * caller->replicas / called->replicas;
    return in == floor(in) && in >= 1 ? population * in : population * caller->replicas;
}

static void add_callers(struct reach *r, int from, int entry, bool sync, bool *seen)
{
    const int to = r->n->model->entries[entry].task;
    if (!sync)
        r->customers[to] = INFINITY;
    else if (!seen[to])
        r->customers[to] += seen_by(r->n->model, r->n->population[from], from, to);
    seen[to] = true;
}

/* All that a thread of the task can call; its branches at the same time. */
static void spread_task(struct reach *r, int task, bool *seen)
{
    const struct lcs_network *n = r->n;
    const struct lc_task *t = &n->model->tasks[task];
    const bool transparent = !lc_is_source(t) && (t->scheduling == LC_INF || t->multiplicity == LC_INFINITE);
    for (size_t i = 0; i < n->model->task_count; i++)
        seen[i] = false;
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lcs_entry_info *e = &n->entries[t->entries[i]];
        for (int s = 0; s < e->step_count; s++) {
            const struct lcs_step_info *step = &n->steps[e->first_step + s];
            for (size_t c = 0; c < step->activity->call_count; c++) {
                const bool sync = step->activity->calls[c].kind == LC_CALL_SYNC;
                const int to = step->activity->calls[c].entry;
                if (step->thread != LCS_MAIN)
                    seen[n->model->entries[to].task] = false; /* beside what the others call */
                add_callers(r, task, to, sync && !(transparent && step->phase > 1), seen);
            }
        }
        /* The customer of a forwarded request leaves the thread: those who wait there are not bounded by it. */
        for (size_t f = 0; f < n->model->entries[t->entries[i]].forward_count; f++) {
            const int to = n->model->entries[n->model->entries[t->entries[i]].forwards[f].entry].task;
            r->customers[to] += r->customers[task];
        }
    }
}

enum { BEHIND = 2 }; /* threads that a caller keeps busy: one with its request, one behind the reply to the last one */

static void find_populations(struct lcs_network *n, const bool *roomy)
{
    const struct lc_model *m = n->model;
    struct reach r = {n, lc_calloc(m->task_count, sizeof(double))};
    bool *seen = lc_calloc(m->task_count, sizeof *seen);
    size_t *left = lc_calloc(m->task_count, sizeof *left);
    for (size_t e = 0; e < m->entry_count; e++) {
        if (outside(&m->entries[e]) > 0)
            r.customers[m->entries[e].task] = INFINITY;
        left[m->entries[e].task]++;
    }
    for (size_t i = 0; i < m->entry_count; i++) {
        const int task = m->entries[n->order[i]].task;
        if (--left[task] > 0)
            continue; /* all callers of all entries come first */
        n->population[task] = threads_in(n, r.customers, (size_t)task);
        spread_task(&r, task, seen);
    }
    for (size_t t = 0; t < m->task_count; t++) {
        const struct lc_task *task = &m->tasks[t];
        n->task_station[t] = -1;
        n->room[t] = lcs_room_of(m, (int)t);
        if (!has_more_phases(n, task) && r.customers[t] <= task->multiplicity + n->room[t])
            n->room[t] = INFINITY; /* it is never full */
        const bool limited = task->scheduling != LC_INF && task->multiplicity != LC_INFINITE && !lc_is_source(task) &&
                             (roomy == NULL || !roomy[t] || isfinite(n->room[t]));
        n->roomy |= roomy != NULL && roomy[t];
        if (limited && (r.customers[t] > task->multiplicity || has_more_phases(n, task)))
            n->task_station[t] = 0;
        if (limited && n->task_station[t] == 0)
            n->population[t] = fmin(task->multiplicity, BEHIND * r.customers[t]);
    }
    free(r.customers);
    free(seen);
    free(left);
}

static int add_station(struct lcs_network *n, struct lcs_station station)
{
    LC_GROW(n->stations, n->station_count, n->station_capacity);
    n->stations[n->station_count] = station;
    return (int)n->station_count++;
}

static enum lcs_station_kind kind_of(enum lc_scheduling scheduling)
{
    switch (scheduling) {
    case LC_PS:
    case LC_LCFS_PR: return LCS_AT_SHARING;
    case LC_HOL: return LCS_AT_HEAD;
    case LC_PP: return LCS_AT_PREEMPTS;
    default: return LCS_AT_FCFS;
    }
}

/* Whether all replicas of all tasks at a processor take from one queue: then who is free serves the next one. */
static bool serves_shared(const struct lc_model *m, int processor)
{
    bool any = false, all = true;
    for (size_t t = 0; t < m->task_count; t++) {
        any |= m->tasks[t].processor == processor;
        all &= m->tasks[t].processor != processor || m->tasks[t].balance == LC_BALANCE_SHARED;
    }
    return any && all;
}

static void make_stations(struct lcs_network *n)
{
    const struct lc_model *m = n->model;
    for (size_t p = 0; p < m->processor_count; p++) {
        const struct lc_processor *from = &m->processors[p];
        const bool shared = serves_shared(m, (int)p);
        n->processor_station[p] = -1;
        if (from->scheduling != LC_INF && from->multiplicity != LC_INFINITE)
            n->processor_station[p] = add_station(
                n, (struct lcs_station){.processor = (int)p,
                                        .task = LC_NONE,
                                        .kind = lcs_takes_turns(n, (int)p) ? LCS_AT_FCFS : kind_of(from->scheduling),
                                        .servers = (double)from->multiplicity * (shared ? from->replicas : 1),
                                        .room = INFINITY,
                                        .copies = shared ? 1 : from->replicas});
    }
    for (size_t t = 0; t < m->task_count; t++) {
        const struct lc_task *from = &m->tasks[t];
        if (n->task_station[t] < 0)
            continue;
        const bool shared = from->balance == LC_BALANCE_SHARED;
        n->task_station[t] =
            add_station(n, (struct lcs_station){.processor = LC_NONE,
                                                .task = (int)t,
                                                .kind = from->scheduling == LC_HOL ? LCS_AT_HEAD : LCS_AT_FCFS,
                                                .servers = (double)from->multiplicity * (shared ? from->replicas : 1),
                                                .room = n->room[t],
                                                .copies = shared ? 1 : from->replicas});
    }
}

/* ---- chains and roots -------------------------------------------------------------------------------------------- */

static int add_chain(struct lcs_network *n, struct lcs_chain chain)
{
    LC_GROW(n->chains, n->chain_count, n->chain_capacity);
    n->chains[n->chain_count] = chain;
    return (int)n->chain_count++;
}

static int add_root(struct lcs_network *n, int entry, int chain, int thread)
{
    LC_GROW(n->roots, n->root_count, n->root_capacity);
    n->roots[n->root_count] = (struct lcs_root){.entry = entry, .chain = chain, .thread = thread};
    return (int)n->root_count++;
}

/* One chain for the threads of a task, and one for what comes to each entry from outside. */
static void add_entry_roots(struct lcs_network *n, int entry)
{
    struct lcs_entry_info *e = &n->entries[entry];
    const int t = n->model->entries[entry].task;
    const struct lc_task *task = &n->model->tasks[t];
    const struct lc_dist *arrivals = &n->model->entries[entry].open_arrivals;
    double cv2 = arrivals->family != NULL ? lc_dist_cv2(arrivals) : 1;
    e->station = n->task_station[t] >= 0;
    e->outside = outside(&n->model->entries[entry]) *
                 (task->balance == LC_BALANCE_FAN ? task->replicas : 1); /* each replica has its own */
    if (task->scheduling == LC_OPEN)
        cv2 = lc_dist_cv2(&task->arrivals);
    if (e->outside > 0 || e->asynchronous || task->scheduling == LC_OPEN)
        e->arrivals = add_chain(
            n, (struct lcs_chain){.task = LC_NONE, .open = true, .population = INFINITY, .replicas = 1, .cv2 = cv2});
    if (e->station || lcs_is_closed_source(task)) {
        const double together = task->balance == LC_BALANCE_SHARED ? task->replicas : 1; /* threads at one queue */
        if (n->task_chain[t] == LC_NONE)
            n->task_chain[t] = add_chain(n, (struct lcs_chain){.task = t,
                                                               .population = together * n->population[t],
                                                               .replicas = task->replicas / together,
                                                               .cv2 = 1});
        e->main = add_root(n, entry, n->task_chain[t], LCS_MAIN);
    } else if (e->arrivals != LC_NONE) {
        e->main = add_root(n, entry, e->arrivals, LCS_MAIN);
    }
    bool more = false;
    for (int s = 0; s < e->step_count; s++)
        more = more || n->steps[e->first_step + s].phase > 1;
    if (more && e->main == LC_NONE)
        e->after = add_root(
            n, entry,
            add_chain(
                n, (struct lcs_chain){.task = LC_NONE, .open = true, .population = INFINITY, .replicas = 1, .cv2 = 1}),
            LCS_AFTER);
    e->branch = (int)n->root_count;
    for (int thread = 1; thread <= e->branches; thread++) {
        const double population = n->population[t];
        add_root(n, entry,
                 add_chain(n, (struct lcs_chain){.task = isfinite(population) ? t : LC_NONE,
                                                 .open = isinf(population),
                                                 .population = population,
                                                 .replicas = task->replicas,
                                                 .cv2 = 1}),
                 thread);
    }
}

/* ---- links, uses, arcs ------------------------------------------------------------------------------------------- */

/* Of replicas that take turns each gets one of so many arrivals: the times between these add up. `own`: each has
 * arrivals of its own. */
static double arrivals_at(const struct lcs_chain *c, const struct lc_task *task, double copies, bool own)
{
    return task->balance == LC_BALANCE_RANDOM || own ? c->cv2 : c->cv2 / copies;
}

static int link_to(struct lcs_network *n, int chain, int station, int priority, double sees, double cv2)
{
    struct lcs_chain *c = &n->chains[chain];
    if (n->stations[station].kind == LCS_AT_FCFS || n->stations[station].kind == LCS_AT_SHARING)
        priority = 0;
    for (size_t i = 0; i < c->link_count; i++) {
        struct lcs_link *l = &n->links[c->links[i]];
        if (l->station == station && l->priority == priority) {
            l->cv2 = fmax(l->cv2, cv2);
            return c->links[i];
        }
    }
    struct lcs_station *s = &n->stations[station];
    LC_GROW(n->links, n->link_count, n->link_capacity);
    LC_GROW(c->links, c->link_count, c->link_capacity);
    LC_GROW(s->links, s->link_count, s->link_capacity);
    n->links[n->link_count] = (struct lcs_link){.chain = chain,
                                                .station = station,
                                                .priority = priority,
                                                .share = 1 / s->copies,
                                                .sees = sees,
                                                .cv2 = cv2,
                                                .alone = 1,
                                                .stretch = 1};
    c->links[c->link_count++] = (int)n->link_count;
    s->links[s->link_count++] = (int)n->link_count;
    return (int)n->link_count++;
}

/* Customers of the chain that one of `copies` sees, when requests of a task with `replicas` go to them. */
static double sees_paired(const struct lcs_chain *c, double replicas, double copies)
{
    if (c->open)
        return INFINITY;
    const double all = c->population * c->replicas, ratio = replicas / copies;
    return ratio == floor(ratio) && ratio >= 1 && c->replicas == replicas ? c->population * ratio : all;
}

static int processor_link(struct lcs_network *n, int chain, const struct lcs_step_info *step)
{
    const struct lc_task *task = task_of(n, step->entry);
    const int station = n->processor_station[task->processor];
    if (station < 0 || !(step->slice.mean > 0))
        return -1;
    const struct lcs_chain *c = &n->chains[chain];
    const double copies = n->stations[station].copies;
    return link_to(n, chain, station, task->priority, sees_paired(c, task->replicas, copies),
                   arrivals_at(c, task, copies, false));
}

static int task_link(struct lcs_network *n, int chain, int caller, int entry)
{
    const struct lc_entry *to = &n->model->entries[entry];
    const struct lc_task *task = &n->model->tasks[to->task];
    const struct lcs_chain *c = &n->chains[chain];
    const int station = n->task_station[to->task];
    const double copies = n->stations[station].copies;
    const int priority = to->priority + (caller != LC_NONE ? n->model->tasks[caller].priority : 0);
    double sees = INFINITY;
    if (!c->open && caller != LC_NONE)
        sees = task->balance == LC_BALANCE_SHARED
                   ? c->population * c->replicas
                   : fmin(seen_by(n->model, c->population, caller, to->task), c->population * c->replicas);
    const bool own = caller == LC_NONE && n->entries[entry].outside > 0 && task->balance == LC_BALANCE_FAN;
    return link_to(n, chain, station, priority, sees, arrivals_at(c, task, copies, own));
}

static void reach_entry(struct building *b, int root, struct lcs_arc arc)
{
    struct lcs_network *n = b->n;
    const struct lcs_entry_info *to = &n->entries[arc.entry];
    const struct lc_entry *entry = &n->model->entries[arc.entry];
    const int caller = n->model->entries[arc.step >= 0 ? n->steps[arc.step].entry : arc.from].task;
    arc.root = root;
    arc.link = -1;
    if (!(arc.visits > 0))
        return;
    if (arc.async && to->station)
        arc.link = task_link(n, to->arrivals, LC_NONE, arc.entry);
    else if (!arc.async && to->station)
        arc.link = task_link(n, n->roots[root].chain, caller, arc.entry);
    LC_GROW(n->arcs, n->arc_count, n->arc_capacity);
    n->arcs[n->arc_count++] = arc;
    if (arc.async)
        return;
    if (!to->station)
        b->visits[arc.entry] += arc.visits;
    for (size_t f = 0; to->station && f < entry->forward_count; f++)
        reach_entry(b, root,
                    (struct lcs_arc){.step = -1,
                                     .call = (int)f,
                                     .from = arc.entry,
                                     .entry = entry->forwards[f].entry,
                                     .visits = arc.visits * entry->forwards[f].probability});
}

/* What one run of the entry does in this thread; of a transparent one that is called: until its reply. */
static void expand_entry(struct building *b, int root, int entry, int thread, double visits, bool until_reply)
{
    struct lcs_network *n = b->n;
    const struct lcs_entry_info *e = &n->entries[entry];
    for (int s = e->first_step; s < e->first_step + e->step_count; s++) {
        const struct lcs_step_info *step = &n->steps[s];
        const bool after = thread == LCS_AFTER;
        if (step->thread != (after ? LCS_MAIN : thread) || (after && step->phase == 1) ||
            (until_reply && step->phase > 1))
            continue;
        LC_GROW(n->uses, n->use_count, n->use_capacity);
        n->uses[n->use_count++] =
            (struct lcs_use){root, s, visits * step->visits, processor_link(n, n->roots[root].chain, step)};
        for (size_t c = 0; c < step->activity->call_count; c++) {
            const struct lc_call *call = &step->activity->calls[c];
            const double fan =
                lci_fan_out(n->model, n->model->entries[entry].task, n->model->entries[call->entry].task);
            reach_entry(b, root,
                        (struct lcs_arc){.step = s,
                                         .call = (int)c,
                                         .entry = call->entry,
                                         .visits = visits * step->visits * call->mean * fan * step->caches[c].misses,
                                         .async = call->kind == LC_CALL_ASYNC});
        }
    }
    const struct lc_entry *from = &n->model->entries[entry];
    for (size_t f = 0; until_reply && f < from->forward_count; f++)
        reach_entry(b, root,
                    (struct lcs_arc){.step = -1,
                                     .call = (int)f,
                                     .from = entry,
                                     .entry = from->forwards[f].entry,
                                     .visits = visits * from->forwards[f].probability});
}

static void expand_root(struct building *b, int root, size_t *position)
{
    struct lcs_network *n = b->n;
    const struct lcs_root *r = &n->roots[root];
    expand_entry(b, root, r->entry, r->thread, 1, false);
    for (size_t i = position[r->entry]; i < n->model->entry_count; i++) {
        const int e = n->order[i];
        if (b->visits[e] > 0)
            expand_entry(b, root, e, LCS_MAIN, b->visits[e], true);
        b->visits[e] = 0;
    }
}

/* Open arrivals wait for the threads of a station's task. */
static void link_arrivals(struct lcs_network *n)
{
    for (size_t e = 0; e < n->model->entry_count; e++)
        if (n->entries[e].station && n->entries[e].arrivals != LC_NONE) {
            const int link = task_link(n, n->entries[e].arrivals, LC_NONE, (int)e); /* may move the links */
            n->links[link].once = true;
        }
}

/* ---- components -------------------------------------------------------------------------------------------------- */

/* Chains and stations that are connected are solved together. */
static void find_components(struct lcs_network *n)
{
    int *stack = lc_calloc(n->chain_count + n->station_count + 1, sizeof *stack);
    for (size_t i = 0; i < n->chain_count; i++)
        n->chains[i].component = -1;
    for (size_t i = 0; i < n->station_count; i++)
        n->stations[i].component = -1;
    for (size_t i = 0; i < n->chain_count; i++) {
        if (n->chains[i].component >= 0)
            continue;
        size_t depth = 0;
        const int here = n->chains[i].component = (int)n->component_count++;
        stack[depth++] = (int)i;
        while (depth > 0) {
            const int c = stack[--depth];
            for (size_t k = 0; k < n->chains[c].link_count; k++) {
                struct lcs_station *s = &n->stations[n->links[n->chains[c].links[k]].station];
                if (s->component >= 0)
                    continue;
                s->component = here;
                for (size_t j = 0; j < s->link_count; j++) {
                    struct lcs_chain *other = &n->chains[n->links[s->links[j]].chain];
                    if (other->component >= 0)
                        continue;
                    other->component = here;
                    stack[depth++] = n->links[s->links[j]].chain;
                }
            }
        }
    }
    free(stack);
}

/* Customers of all closed sources, where nothing else makes requests. */
static double count_customers(const struct lcs_network *n)
{
    double customers = 0;
    for (size_t i = 0; i < n->chain_count; i++) {
        if (n->chains[i].open)
            return INFINITY;
        if (lcs_is_source_chain(n, (int)i))
            customers += n->chains[i].population * n->chains[i].replicas;
    }
    return customers;
}

struct lcs_network *lcs_network_new(const struct lc_model *model, const bool *roomy, struct lc_diag *diag)
{
    struct lcs_network *n = lc_calloc(1, sizeof *n);
    struct building b = {.n = n, .model = model, .diag = diag};
    const size_t entries = model->entry_count, tasks = model->task_count;
    n->model = model;
    n->underway = n->residual = 1;
    n->entries = lc_calloc(entries, sizeof *n->entries);
    n->order = lc_calloc(entries + 1, sizeof *n->order);
    n->task_station = lc_calloc(tasks, sizeof(int));
    n->processor_station = lc_calloc(model->processor_count + 1, sizeof(int));
    n->population = lc_calloc(tasks, sizeof(double));
    n->room = lc_calloc(tasks, sizeof(double));
    n->task_chain = lc_calloc(tasks, sizeof(int));
    for (size_t e = 0; e < entries; e++)
        if (read_entry(&b, (int)e) != 0) {
            lcs_network_free(n);
            return NULL;
        }
    order_entries(n);
    find_populations(n, roomy);
    make_stations(n);
    for (size_t t = 0; t < tasks; t++)
        n->task_chain[t] = LC_NONE;
    for (size_t s = 0; s < n->step_count; s++)
        for (size_t c = 0; c < n->steps[s].activity->call_count; c++)
            if (n->steps[s].activity->calls[c].kind == LC_CALL_ASYNC)
                n->entries[n->steps[s].activity->calls[c].entry].asynchronous = true;
    size_t *position = lc_calloc(entries, sizeof *position);
    for (size_t i = 0; i < entries; i++) {
        add_entry_roots(n, n->order[i]);
        position[n->order[i]] = i;
    }
    b.visits = lc_calloc(entries, sizeof *b.visits);
    for (size_t r = 0; r < n->root_count; r++)
        expand_root(&b, (int)r, position);
    link_arrivals(n);
    find_components(n);
    n->customers = count_customers(n);
    free(b.visits);
    free(position);
    if (lcs_outcomes_fit(n, diag))
        return n;
    lcs_network_free(n);
    return NULL;
}

void lcs_network_free(struct lcs_network *n)
{
    if (n == NULL)
        return;
    for (size_t e = 0; n->entries != NULL && e < n->model->entry_count; e++) {
        lcs_graph_plan_free(n->entries[e].plan);
        free(n->entries[e].forward_waits);
        free(n->entries[e].forward_delayed);
        free(n->entries[e].forward_weight);
    }
    for (size_t s = 0; s < n->step_count; s++) {
        free(n->steps[s].call_waits);
        free(n->steps[s].call_delayed);
        free(n->steps[s].call_weight);
        free(n->steps[s].caches);
        free(n->steps[s].outcomes);
    }
    for (size_t i = 0; i < n->station_count; i++)
        free(n->stations[i].links);
    for (size_t i = 0; i < n->chain_count; i++)
        free(n->chains[i].links);
    void *const arrays[] = {n->entries,    n->steps, n->order,    n->task_station, n->processor_station,
                            n->population, n->room,  n->stations, n->chains,       n->task_chain,
                            n->links,      n->roots, n->uses,     n->arcs,         n->works_for};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
    free(n);
}
