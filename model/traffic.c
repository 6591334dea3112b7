/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/traffic.h"

#include "base/buffer.h"
#include "model/elastic.h"
#include "model/lqn.h"
#include "model/traffic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/policy.h"
#include "walk.h"

double lci_processor_servers(const struct lc_processor *processor)
{
    if (processor->scheduling == LC_INF || processor->multiplicity == LC_INFINITE)
        return INFINITY;
    return (double)processor->multiplicity * processor->replicas;
}

double lci_task_threads(const struct lc_task *task)
{
    if (lc_is_source(task) || task->scheduling == LC_INF || task->multiplicity == LC_INFINITE)
        return INFINITY;
    return (double)task->multiplicity * task->replicas;
}

/* Tokens of semaphores and locks are held from one call to another one: what their own calls take says nothing. */
static bool is_lock(const struct lc_task *task)
{
    return task->scheduling == LC_SEMAPHORE || task->scheduling == LC_RWLOCK;
}

static bool drops(const struct lc_task *task)
{
    return task->queue_length > 0 && task->overflow != LC_OVERFLOW_BLOCK;
}

/* Requests that somebody waits for can be lost as well: rejected, or taken back when they have waited too long. */
static bool sheds(const struct lc_task *task)
{
    if (task->queue_length > 0 && task->overflow == LC_OVERFLOW_REJECT)
        return true;
    for (size_t i = 0; i < task->decision_count; i++)
        if (task->decisions[i].kind == LC_ABORT && task->decisions[i].from == LC_NONE)
            return true;
    for (size_t i = 0; i < task->policy_count; i++) {
        const struct lc_policy *p = &task->policies[i];
        if (p->from == LC_NONE &&
            (isfinite(p->shed_length) || isfinite(p->shed_age) || isfinite(p->bulkhead) ||
             isfinite(p->breaker_window) || (isfinite(p->limit_rate) && p->limit_overflow != LCI_LIMIT_WAIT)))
            return true;
    }
    return false;
}

/* The part of the calls from one task to another that no cache answers. */
double lci_uncached(const struct lc_model *model, int from, int to)
{
    struct lc_policy policy;
    const bool hits = lci_policy_between(model, from, to, &policy) && !isnan(policy.hit_ratio);
    return hits ? 1 - policy.hit_ratio : 1;
}

struct entry_plan {
    struct lci_walk_step *steps;
    size_t count;
    double demand; /* of the processor for one invocation, in its time */
};

struct work {
    const struct lc_model *model;
    struct lc_traffic *traffic;
    struct entry_plan *plans;
    int *order;       /* entries, callers first */
    int *depth;       /* per entry: calls between it and the sources, the longest way */
    double *threads;  /* per task, with the replicas that can be added, less those that are down */
    double *servers;  /* per processor, likewise */
    double *passed;   /* per task: the part of what may be dropped that is served */
    double *answered; /* per entry: invocations that somebody waits for; the rest may be dropped */
    double *rate;     /* per entry: all of them */
};

double lci_fan_out(const struct lc_model *model, int from, int to)
{
    const struct lc_task *task = &model->tasks[from];
    if (model->tasks[to].balance == LC_BALANCE_FAN)
        for (size_t i = 0; i < task->fan_out_count; i++)
            if (task->fan_out[i].task == to)
                return task->fan_out[i].value;
    return 1;
}

static double mean_or_zero(const struct lc_dist *dist)
{
    return dist->family != NULL ? lc_dist_mean(dist) : 0;
}

static double demand_of(const struct lc_model *model, int entry, const struct lc_activity *activity)
{
    const struct lc_task *task = &model->tasks[model->entries[entry].task];
    return mean_or_zero(&activity->demand) / model->processors[task->processor].speed;
}

/* ---- capacities ---------------------------------------------------------------------------------------------------
 */

static void find_capacities(struct work *w)
{
    const struct lc_model *m = w->model;
    int *owners = lci_elastic_owners(m);
    for (size_t p = 0; p < m->processor_count; p++)
        w->servers[p] =
            lci_processor_servers(&m->processors[p]) * (owners[p] != LC_NONE ? lci_elastic_growth(m, owners[p]) : 1);
    for (size_t t = 0; t < m->task_count; t++)
        w->threads[t] = lci_task_threads(&m->tasks[t]) * lci_elastic_growth(m, (int)t);
    free(owners);
}

/* ---- order ------------------------------------------------------------------------------------------------------- */

static void cycle_error(const struct lc_model *model, const int *cycle, struct lc_diag *diag)
{
    enum { SHOWN = 8 };
    struct lci_buffer text = {0};
    for (int i = 0; i == 0 || cycle[i - 1] != LC_NONE; i++) {
        const bool last = cycle[i] == LC_NONE;
        if (last || i < SHOWN)
            lci_buffer_join(&text, " → ", "%s", model->entries[last ? cycle[0] : cycle[i]].name);
        else if (i == SHOWN)
            lci_buffer_join(&text, " → ", "…");
    }
    lc_error(diag, LC_INPUT, &model->entries[cycle[0]].place, "calls go in a circle: %s; a call must lead downwards",
             text.text);
    free(text.text);
}

static int order_entries(struct work *w, struct lc_diag *diag)
{
    const struct lc_model *model = w->model;
    struct lci_graph graph = lci_graph_start(model->entry_count);
    for (size_t e = 0; e < model->entry_count; e++) {
        lci_graph_node(&graph, e);
        for (size_t s = 0; s < w->plans[e].count; s++) {
            const struct lc_activity *activity = w->plans[e].steps[s].activity;
            for (size_t c = 0; c < activity->call_count; c++)
                if (activity->calls[c].mean > 0)
                    lci_graph_edge(&graph, activity->calls[c].entry);
        }
        for (size_t f = 0; f < model->entries[e].forward_count; f++)
            lci_graph_edge(&graph, model->entries[e].forwards[f].entry);
    }
    const int count = lci_graph_order(&graph, LC_NONE, w->order);
    if (count < 0)
        cycle_error(model, w->order, diag);
    else
        for (int i = 0; i < count; i++)
            for (size_t k = graph.first[w->order[i]]; k < graph.first[w->order[i] + 1]; k++)
                if (w->depth[graph.targets[k]] <= w->depth[w->order[i]])
                    w->depth[graph.targets[k]] = w->depth[w->order[i]] + 1;
    lci_graph_free(&graph);
    return count < 0 ? -1 : 0;
}

/* ---- times without queueing -------------------------------------------------------------------------------------- */

/* How long a caller waits for an answer: not longer than its timeout, and less where a cache has it. */
static double call_time(const struct work *w, int from, int entry)
{
    const double time = w->traffic->entry_phase1[entry];
    struct lc_policy policy;
    if (!lci_policy_between(w->model, from, w->model->entries[entry].task, &policy))
        return time;
    const double miss = isnan(policy.timeout) ? time : fmin(time, policy.timeout);
    return isnan(policy.hit_ratio) ? miss : (1 - policy.hit_ratio) * miss + policy.hit_ratio * policy.hit_time;
}

static double step_time(const struct work *w, int entry, const struct lc_activity *activity)
{
    double time = demand_of(w->model, entry, activity) + mean_or_zero(&activity->think);
    for (size_t c = 0; c < activity->call_count; c++) {
        const struct lc_call *call = &activity->calls[c];
        const int from = w->model->entries[entry].task, to = w->model->entries[call->entry].task;
        if (call->kind == LC_CALL_SYNC)
            time += call->mean * call_time(w, from, call->entry) * lci_fan_out(w->model, from, to);
    }
    return time;
}

static void entry_times(struct work *w, int entry)
{
    const struct lc_entry *e = &w->model->entries[entry];
    const struct entry_plan *plan = &w->plans[entry];
    double reply = 0, total = 0;
    if (e->start == LC_NONE) {
        for (size_t s = 0; s < plan->count; s++) {
            const double time = step_time(w, entry, plan->steps[s].activity);
            total += time;
            reply += plan->steps[s].index == 0 ? time : 0;
        }
    } else {
        double *time = lc_calloc(w->model->tasks[e->task].activity_count, sizeof *time);
        for (size_t s = 0; s < plan->count; s++)
            time[plan->steps[s].index] = step_time(w, entry, plan->steps[s].activity);
        lci_graph_times(w->model, entry, time, &reply, &total);
        free(time);
    }
    /* The caller of a forwarded request waits for the whole chain; this thread does not. */
    for (size_t f = 0; f < e->forward_count; f++)
        reply += e->forwards[f].probability * w->traffic->entry_phase1[e->forwards[f].entry];
    w->traffic->entry_phase1[entry] = reply;
    w->traffic->entry_total[entry] = total;
}

static int prepare(struct work *w, struct lc_diag *diag)
{
    const struct lc_model *model = w->model;
    for (size_t e = 0; e < model->entry_count; e++) {
        struct entry_plan *plan = &w->plans[e];
        if (lci_entry_steps(model, (int)e, &plan->steps, &plan->count, diag) != 0)
            return -1;
        for (size_t s = 0; s < plan->count; s++)
            plan->demand += plan->steps[s].visits * demand_of(model, (int)e, plan->steps[s].activity);
    }
    if (order_entries(w, diag) != 0)
        return -1;
    for (size_t i = model->entry_count; i-- > 0;)
        entry_times(w, w->order[i]);
    return 0;
}

/* ---- traffic ----------------------------------------------------------------------------------------------------- */

/* Adds `rate` runs of the task of a source to its entries, by their probabilities. */
static void choose_entries(struct work *w, int source, double rate)
{
    const struct lc_task *task = &w->model->tasks[source];
    double *visits = lc_calloc(task->entry_count, sizeof *visits);
    lci_session_visits(w->model, task, visits);
    for (size_t i = 0; i < task->entry_count; i++) {
        w->rate[task->entries[i]] += rate * visits[i];
        w->answered[task->entries[i]] += rate * visits[i];
    }
    free(visits);
}

static void start_open(struct work *w)
{
    const struct lc_model *model = w->model;
    memset(w->rate, 0, model->entry_count * sizeof *w->rate);
    memset(w->answered, 0, model->entry_count * sizeof *w->answered);
    for (size_t t = 0; t < model->task_count; t++) {
        const struct lc_task *task = &model->tasks[t];
        if (task->scheduling == LC_OPEN && task->arrivals.family != NULL)
            choose_entries(w, (int)t, lci_arrival_rate(task));
    }
    for (size_t e = 0; e < model->entry_count; e++) {
        const struct lc_entry *entry = &model->entries[e];
        if (entry->open_arrivals.family != NULL)
            w->rate[e] += 1 / lc_dist_mean(&entry->open_arrivals);
        else
            w->rate[e] += entry->open_rate;
    }
}

/* Invocations of an entry that are not dropped. */
static double served(const struct work *w, int entry)
{
    if (sheds(&w->model->tasks[w->model->entries[entry].task]))
        return w->rate[entry] * w->passed[w->model->entries[entry].task];
    return w->answered[entry] + (w->rate[entry] - w->answered[entry]) * w->passed[w->model->entries[entry].task];
}

/* Spreads what the sources started over all entries; or only what somebody waits for of it. */
static void spread(struct work *w, bool all)
{
    const struct lc_model *model = w->model;
    for (size_t i = 0; i < model->entry_count; i++) {
        const int e = w->order[i], task = model->entries[e].task;
        const double runs = served(w, (int)e);
        for (size_t s = 0; s < w->plans[e].count; s++) {
            const struct lci_walk_step *step = &w->plans[e].steps[s];
            for (size_t c = 0; c < step->activity->call_count; c++) {
                const struct lc_call *call = &step->activity->calls[c];
                const int to = model->entries[call->entry].task;
                double calls = runs * step->visits * call->mean * lci_fan_out(model, task, to);
                if (call->kind == LC_CALL_SYNC)
                    calls *= lci_uncached(model, task, to);
                else if (!all)
                    continue;
                w->rate[call->entry] += calls;
                w->answered[call->entry] += call->kind == LC_CALL_SYNC ? calls : 0;
            }
        }
        /* Only a request that waits for its reply can be forwarded. */
        for (size_t f = 0; f < model->entries[e].forward_count; f++) {
            const struct lc_forward *forward = &model->entries[e].forwards[f];
            w->rate[forward->entry] += w->answered[e] * forward->probability;
            w->answered[forward->entry] += w->answered[e] * forward->probability;
        }
    }
}

/* The part of the droppable requests that each task with a bounded queue can serve. True if one has changed. */
static bool lose(struct work *w)
{
    const struct lc_model *model = w->model;
    bool changed = false;
    for (size_t t = 0; t < model->task_count; t++) {
        const struct lc_task *task = &model->tasks[t];
        if (!drops(task) && !sheds(task))
            continue;
        double kept = 0, droppable = 0;
        for (size_t i = 0; i < task->entry_count; i++) {
            const int e = task->entries[i];
            const double stays = sheds(task) ? 0 : w->answered[e];
            kept += stays * w->traffic->entry_total[e];
            droppable += (w->rate[e] - stays) * w->traffic->entry_total[e];
        }
        const double room = fmax(w->threads[t] - kept, 0);
        const double part = droppable > room ? room / droppable : 1;
        changed |= fabs(part - w->passed[t]) > 1e-9;
        w->passed[t] = part;
    }
    return changed;
}

/* ---- utilizations and limits ------------------------------------------------------------------------------------- */

/* Busy servers and threads that `w->rate` makes. */
static void utilizations(const struct work *w, double *processors, double *tasks)
{
    const struct lc_model *model = w->model;
    memset(processors, 0, model->processor_count * sizeof *processors);
    memset(tasks, 0, model->task_count * sizeof *tasks);
    for (size_t e = 0; e < model->entry_count; e++) {
        const int task = model->entries[e].task;
        const double runs = served(w, (int)e);
        processors[model->tasks[task].processor] += runs * w->plans[e].demand;
        tasks[task] += runs * w->traffic->entry_total[e];
    }
}

static void loads(struct work *w)
{
    const struct lc_model *model = w->model;
    for (size_t p = 0; p < model->processor_count; p++)
        w->traffic->processor_load[p] = w->traffic->processor_utilization[p] / w->servers[p];
    for (size_t t = 0; t < model->task_count; t++)
        w->traffic->task_load[t] = is_lock(&model->tasks[t]) ? 0 : w->traffic->task_utilization[t] / w->threads[t];
}

/* Calls from one task to another that wait for tokens until they have one: those that are given up or refused before
 * leave room for others. */
static double waits_for_tokens(const struct work *w, const struct lci_policy_pair *pair, const struct lc_policy *p)
{
    const struct lc_model *model = w->model;
    const struct lc_task *from = &model->tasks[pair->from];
    const bool patient = !isfinite(p->timeout) && !isfinite(p->bulkhead) && !isfinite(p->breaker_window);
    double rate = 0;
    for (size_t i = 0; i < from->entry_count; i++) {
        const int e = from->entries[i];
        for (size_t s = 0; s < w->plans[e].count; s++) {
            const struct lci_walk_step *step = &w->plans[e].steps[s];
            for (size_t c = 0; c < step->activity->call_count; c++) {
                const struct lc_call *call = &step->activity->calls[c];
                const bool sync = call->kind == LC_CALL_SYNC;
                if (model->entries[call->entry].task == pair->to && (patient || !sync))
                    rate += served(w, e) * step->visits * call->mean * lci_fan_out(model, pair->from, pair->to) *
                            (sync ? lci_uncached(model, pair->from, pair->to) : 1);
            }
        }
    }
    return rate;
}

/* A rate limit that is set for one caller is that one's alone; another one is that of all the others. */
static void tokens(struct work *w)
{
    const struct lc_model *model = w->model;
    size_t count;
    struct lci_policy_pair *pairs = lci_policy_pairs(model, &count);
    double *common = lc_calloc(model->task_count, sizeof *common);
    memset(w->traffic->token_load, 0, model->task_count * sizeof *w->traffic->token_load);
    for (size_t i = 0; i < count; i++) {
        struct lc_policy p;
        lci_policy_between(model, pairs[i].from, pairs[i].to, &p);
        if (isnan(p.limit_rate) || p.limit_overflow != LCI_LIMIT_WAIT)
            continue;
        const int task = lci_policy_target(model, pairs[i].from, pairs[i].to);
        double load = waits_for_tokens(w, &pairs[i], &p) / p.limit_rate;
        if (!lci_policy_limits(model, task, pairs[i].from))
            load = common[task] += load;
        w->traffic->token_load[task] = fmax(w->traffic->token_load[task], load);
        w->traffic->task_load[task] = fmax(w->traffic->task_load[task], load);
    }
    free(common);
    free(pairs);
}

static int task_depth(const struct work *w, const struct lc_task *task)
{
    int deepest = 0;
    for (size_t i = 0; i < task->entry_count; i++)
        if (w->depth[task->entries[i]] > deepest)
            deepest = w->depth[task->entries[i]];
    return deepest;
}

/* A task that may drop cannot be filled beyond its threads, except by those who wait. */
static bool can_limit(const struct work *w, int task)
{
    return (!drops(&w->model->tasks[task]) && !sheds(&w->model->tasks[task])) || w->passed[task] <= 0 ||
           w->traffic->task_load[task] < 1;
}

struct below {    /* what runs on a processor */
    bool bounded; /* its tasks all lose what they cannot serve: overload makes no queue grow */
    int depth;    /* of the deepest of its tasks: a processor is below them */
};

/* Per processor. */
static struct below *tasks_of_processors(const struct work *w)
{
    const struct lc_model *m = w->model;
    struct below *below = lc_calloc(m->processor_count, sizeof *below);
    for (size_t p = 0; p < m->processor_count; p++)
        below[p].bounded = w->traffic->processor_load[p] > 1 - 1e-9;
    for (size_t t = 0; t < m->task_count; t++) {
        const struct lc_task *task = &m->tasks[t];
        struct below *b = &below[task->processor];
        const int depth = task_depth(w, task);
        b->depth = depth > b->depth ? depth : b->depth;
        if (lc_is_source(task) || sheds(task))
            continue;
        double answered = 0;
        for (size_t i = 0; i < task->entry_count; i++)
            answered += w->answered[task->entries[i]];
        b->bounded = b->bounded && drops(task) && !(answered > 0);
    }
    return below;
}

static void find_limit(struct work *w)
{
    const double same = 1e-9; /* relative difference of loads that rounding makes */
    struct lc_traffic *traffic = w->traffic;
    int depth = -1;
    traffic->processor = traffic->task = LC_NONE;
    traffic->load = 0;
    for (size_t t = 0; t < w->model->task_count; t++) {
        const double load = traffic->task_load[t];
        const int here = task_depth(w, &w->model->tasks[t]);
        if (!can_limit(w, (int)t) || !(load > 0) || load < traffic->load * (1 - same) ||
            (load <= traffic->load * (1 + same) && here <= depth))
            continue;
        traffic->load = load;
        traffic->task = (int)t;
        depth = here;
    }
    struct below *below = tasks_of_processors(w);
    for (size_t p = 0; p < w->model->processor_count; p++) {
        const double load = traffic->processor_load[p];
        const int here = below[p].depth;
        if (below[p].bounded || !(load > 0) || load < traffic->load * (1 - same) ||
            (load <= traffic->load * (1 + same) && here < depth))
            continue;
        traffic->load = load;
        traffic->task = LC_NONE;
        traffic->processor = (int)p;
        depth = here;
    }
    free(below);
    traffic->limit_factor = traffic->load > 0 ? 1 / traffic->load : INFINITY;
}

/* ---- closed sources ---------------------------------------------------------------------------------------------- */

/* One cycle of the source runs an entry once; what it uses of each resource limits the rate of cycles by the servers
 * that the open sources leave free (Denning & Buzen 1978). Work that nobody waits for limits nobody: it may pile up. */
static struct lc_traffic_bound bound_of(struct work *w, int source, double *processors, double *tasks)
{
    const struct lc_model *model = w->model;
    const struct lc_traffic *traffic = w->traffic;
    const struct lc_task *task = &model->tasks[source];
    struct lc_traffic_bound bound = {.source = source, .processor = LC_NONE, .task = LC_NONE};
    memset(w->rate, 0, model->entry_count * sizeof *w->rate);
    memset(w->answered, 0, model->entry_count * sizeof *w->answered);
    choose_entries(w, source, 1);
    bound.cycle = mean_or_zero(&task->think_time);
    for (size_t i = 0; i < task->entry_count; i++)
        bound.cycle += w->rate[task->entries[i]] *
                       (traffic->entry_total[task->entries[i]] + mean_or_zero(&model->entries[task->entries[i]].pause));
    spread(w, false);
    utilizations(w, processors, tasks);
    bound.throughput = (double)task->multiplicity * task->replicas / bound.cycle;
    for (size_t t = 0; t < model->task_count; t++) {
        const double threads = is_lock(&model->tasks[t]) ? INFINITY : w->threads[t];
        const double most = fmax(threads - traffic->task_utilization[t], 0) / tasks[t];
        if (tasks[t] > 0 && most < bound.throughput) {
            bound.throughput = most;
            bound.task = (int)t;
        }
    }
    for (size_t p = 0; p < model->processor_count; p++) {
        const double servers = w->servers[p];
        const double most = fmax(servers - traffic->processor_utilization[p], 0) / processors[p];
        if (processors[p] > 0 && most <= bound.throughput) {
            bound.throughput = most;
            bound.task = LC_NONE;
            bound.processor = (int)p;
        }
    }
    return bound;
}

static void closed_bounds(struct work *w)
{
    const struct lc_model *model = w->model;
    double *processors = lc_calloc(model->processor_count, sizeof *processors);
    double *tasks = lc_calloc(model->task_count, sizeof *tasks);
    w->traffic->bounds = lc_calloc(model->task_count, sizeof *w->traffic->bounds);
    for (size_t t = 0; t < model->task_count; t++)
        if (lc_is_source(&model->tasks[t]) && model->tasks[t].scheduling != LC_OPEN)
            w->traffic->bounds[w->traffic->bound_count++] = bound_of(w, (int)t, processors, tasks);
    free(processors);
    free(tasks);
}

/* ------------------------------------------------------------------------------------------------------------------ */

static void solve(struct work *w)
{
    /* What a full queue drops depends on the traffic and the traffic below on what is dropped: each round settles the
     * tasks one layer further down. */
    size_t rounds = 0;
    do {
        start_open(w);
        spread(w, true);
    } while (lose(w) && ++rounds <= w->model->task_count);
    for (size_t e = 0; e < w->model->entry_count; e++)
        w->traffic->entry_rate[e] = served(w, (int)e);
    utilizations(w, w->traffic->processor_utilization, w->traffic->task_utilization);
    loads(w);
    tokens(w);
    find_limit(w);
    closed_bounds(w);
}

int lc_traffic_solve(const struct lc_model *model, struct lc_traffic *traffic, struct lc_diag *diag)
{
    const size_t entries = model->entry_count, tasks = model->task_count, processors = model->processor_count;
    *traffic = (struct lc_traffic){.entry_rate = lc_calloc(entries, sizeof(double)),
                                   .processor_utilization = lc_calloc(processors, sizeof(double)),
                                   .task_utilization = lc_calloc(tasks, sizeof(double)),
                                   .processor_load = lc_calloc(processors, sizeof(double)),
                                   .task_load = lc_calloc(tasks, sizeof(double)),
                                   .token_load = lc_calloc(tasks, sizeof(double)),
                                   .entry_phase1 = lc_calloc(entries, sizeof(double)),
                                   .entry_total = lc_calloc(entries, sizeof(double)),
                                   .processor = LC_NONE,
                                   .task = LC_NONE};
    struct work w = {.model = model,
                     .traffic = traffic,
                     .plans = lc_calloc(entries, sizeof *w.plans),
                     .order = lc_calloc(entries + 1, sizeof *w.order),
                     .depth = lc_calloc(entries, sizeof *w.depth),
                     .threads = lc_calloc(tasks, sizeof *w.threads),
                     .servers = lc_calloc(processors, sizeof *w.servers),
                     .passed = lc_calloc(tasks, sizeof *w.passed),
                     .answered = lc_calloc(entries, sizeof *w.answered),
                     .rate = lc_calloc(entries, sizeof *w.rate)};
    for (size_t t = 0; t < tasks; t++)
        w.passed[t] = 1;
    find_capacities(&w);
    const int status = prepare(&w, diag);
    if (status == 0)
        solve(&w);
    for (size_t e = 0; e < entries; e++)
        free(w.plans[e].steps);
    free(w.plans);
    free(w.order);
    free(w.depth);
    free(w.threads);
    free(w.servers);
    free(w.passed);
    free(w.answered);
    free(w.rate);
    if (status != 0)
        lc_traffic_free(traffic);
    return status;
}

void lc_traffic_free(struct lc_traffic *traffic)
{
    free(traffic->entry_rate);
    free(traffic->processor_utilization);
    free(traffic->task_utilization);
    free(traffic->processor_load);
    free(traffic->task_load);
    free(traffic->token_load);
    free(traffic->entry_phase1);
    free(traffic->entry_total);
    free(traffic->bounds);
    *traffic = (struct lc_traffic){.processor = LC_NONE, .task = LC_NONE};
}
