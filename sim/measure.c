/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "measure.h"

#include "endings.h"
#include "estimate.h"
#include "loadcast/base.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct walk {
    struct lci_engine *engine;
    const struct lci_program *program;
    double time; /* measured */
    /* Either the places are noted … */
    struct lci_measures *noted;
    /* … or values are written. */
    double *values;
    size_t count;
    double *processor_waiting; /* per processor of the program: waiting of all slices */
};

static void note(struct lci_measures *m, struct lc_estimate *target, enum lci_watched watched)
{
    if (m->count == m->capacity) {
        m->capacity = m->capacity ? 2 * m->capacity : 64;
        m->targets = lc_realloc(m->targets, m->capacity, sizeof *m->targets);
        m->watched = lc_realloc(m->watched, m->capacity, sizeof *m->watched);
    }
    m->targets[m->count] = target;
    m->watched[m->count++] = (unsigned char)watched;
}

static void put(struct walk *w, struct lc_estimate *target, double value, enum lci_watched watched)
{
    if (w->noted != NULL)
        note(w->noted, target, watched);
    else
        w->values[w->count++] = value;
}
static void watch(struct walk *w, struct lc_estimate *target, double value)
{
    put(w, target, value, LCI_ROW);
}
static void see(struct walk *w, struct lc_estimate *target, double value)
{
    put(w, target, value, LCI_SEEN);
}

static double ratio(double a, double b)
{
    return b > 0 ? a / b : NAN;
}

/* Variance of what has this count, sum and sum of squares. */
static double variance(double count, double sum, double squares)
{
    if (!(count > 0))
        return NAN;
    const double mean = sum / count;
    return fmax(squares / count - mean * mean, 0);
}

static double call_loss(const struct lci_call_tally *c)
{
    return ratio(c->lost, c->lost + c->count);
}

static void put_calls(struct walk *w, uint32_t first, size_t count, struct lc_estimate *waiting,
                      struct lc_estimate *spread, struct lc_estimate *loss)
{
    for (size_t i = 0; i < count; i++) {
        const struct lci_call_tally *c = &w->engine->calls[first + i];
        see(w, &waiting[i], ratio(c->sum, c->count));
        see(w, &spread[i], variance(c->count, c->sum, c->squares));
        if (loss != NULL)
            see(w, &loss[i], call_loss(c));
    }
}

static void put_histogram(struct walk *w, const struct lci_activity *a, struct lc_histogram_result *histogram)
{
    const uint32_t bins = a->histogram.bins + 2;
    double total = 0;
    for (uint32_t i = 0; i < bins; i++)
        total += w->engine->histograms[a->histogram_first + i];
    for (uint32_t i = 0; i < bins; i++)
        see(w, &histogram->bins[i], ratio(w->engine->histograms[a->histogram_first + i], total));
}

static void put_activity(struct walk *w, uint32_t index, const struct lc_activity *from, struct lc_activity_result *to)
{
    const struct lci_activity *a = &w->program->activities[index];
    const struct lci_activity_tally *t = &w->engine->activities[index];
    const double rate = t->count / w->time;
    watch(w, &to->service_time, ratio(t->sum, t->count));
    see(w, &to->service_time_variance, variance(t->count, t->sum, t->squares));
    watch(w, &to->throughput, rate);
    see(w, &to->utilization, t->sum / w->time);
    see(w, &to->processor_waiting, t->count > 0 ? fmax(t->waiting / t->count, 0) : NAN);
    see(w, &to->processor_utilization, t->demand / w->time);
    if (a->max_service_time > 0)
        see(w, &to->exceeded, ratio(t->exceeded, t->count));
    if (a->histogram.bins > 0)
        put_histogram(w, a, &to->histogram);
    put_calls(w, a->first_call, from->call_count, to->calls, to->call_variance, to->call_loss);
}

/* ---- processors -------------------------------------------------------------------------------------------------- */

static void gather_processor_waiting(struct walk *w)
{
    const struct lci_program *p = w->program;
    for (size_t i = 0; i < p->activity_count; i++) {
        const int task = p->tasks[p->activities[i].task].model;
        w->processor_waiting[p->model_processor[p->model->tasks[task].processor]] += w->engine->activities[i].waiting;
    }
}

static void put_processor(struct walk *w, uint32_t index, struct lc_processor_result *to)
{
    const struct lci_processor *p = &w->program->processors[index];
    double area = 0;
    for (uint32_t i = 0; i < p->replicas; i++) {
        const struct lci_station *st = &w->engine->stations[p->first + i];
        area += lci_load_area(&st->busy, w->engine->now);
    }
    const double utilization = area / w->time;
    watch(w, &to->utilization, utilization);
    if (p->scheduling != LC_INF) {
        double replicas = p->replicas;
        for (size_t i = 0; i < w->program->elastic_count; i++)
            if (w->program->elastics[i].processor == index)
                replicas = lci_elastic_serving(w->engine, (uint32_t)i) / w->time;
        put(w, &to->load, ratio(utilization, (double)p->servers * replicas), LCI_LOAD);
        see(w, &to->queue_length, fmax(w->processor_waiting[index] / w->time, 0));
    }
}

/* ---- tasks ------------------------------------------------------------------------------------------------------- */

struct task_sums {
    double count, phases[LC_PHASES], demand;
    struct lci_call_tally calls; /* to all its entries */
};

static struct lci_entry_tally entry_tally(const struct walk *w, uint32_t index)
{
    const struct lci_entry *entry = &w->program->entries[index];
    if (!entry->single)
        return w->engine->entries[index];
    const struct lci_activity_tally *phase = &w->engine->activities[entry->phases[0]];
    return (struct lci_entry_tally){.count = phase->count, .sum = phase->sum, .squares = phase->squares};
}

static double entry_demand(const struct walk *w, const struct lci_entry *entry)
{
    double demand = 0;
    for (int k = 0; k < LC_PHASES; k++)
        if (entry->phases[k] != LCI_NIL)
            demand += w->engine->activities[entry->phases[k]].demand;
    return demand;
}

/* The phases of an activity entry: start to reply, and the rest. Where nobody is replied to, by a source or of
 * messages, all of it is the first. */
static double phase_sum(const struct walk *w, uint32_t entry, uint32_t phase)
{
    const struct lci_entry *e = &w->program->entries[entry];
    const struct lci_entry_tally *t = &w->engine->entries[entry];
    if (!e->graph)
        return e->phases[phase] != LCI_NIL ? w->engine->activities[e->phases[phase]].sum : 0;
    if (t->replies == 0)
        return phase == 0 ? t->sum : 0;
    return phase == 0 ? t->reply_sum : phase == 1 ? fmax(t->sum - t->reply_sum, 0) : 0;
}

static void add_tally(struct lci_call_tally *to, const struct lci_call_tally *from)
{
    to->count += from->count;
    to->sum += from->sum;
    to->lost += from->lost;
}

static struct task_sums sum_task(const struct walk *w, uint32_t index)
{
    const struct lci_program *p = w->program;
    const struct lci_program_task *task = &p->tasks[index];
    struct task_sums sums = {0};
    for (uint32_t i = 0; i < task->entry_count; i++) {
        const uint32_t entry = p->task_entries[task->first_entry + i];
        sums.count += entry_tally(w, entry).count;
        sums.demand += entry_demand(w, &p->entries[entry]);
        for (uint32_t k = 0; k < LC_PHASES; k++)
            sums.phases[k] += phase_sum(w, entry, k);
    }
    for (size_t k = 0; k < p->model->tasks[task->model].activity_count; k++)
        sums.demand += w->engine->activities[p->model_activity[task->model][k]].demand;
    return sums;
}

static void put_locks(struct walk *w, const struct lci_program_task *task, struct lc_task_result *to)
{
    for (int k = 0; k < (task->scheduling == LC_RWLOCK ? 2 : 1); k++) {
        struct lci_lock_tally sum = {0};
        for (uint32_t i = 0; i < task->replicas; i++) {
            const struct lci_lock_tally *t = &lci_lock_tallies(w->engine->instances[task->first + i].lock)[k];
            sum.count += t->count;
            sum.sum += t->sum;
            sum.squares += t->squares;
            sum.waits += t->waits;
            sum.wait_sum += t->wait_sum;
            sum.wait_squares += t->wait_squares;
        }
        see(w, &to->lock_holding[k], ratio(sum.sum, sum.count));
        see(w, &to->lock_holding_variance[k], variance(sum.count, sum.sum, sum.squares));
        see(w, &to->lock_utilization[k], sum.sum / w->time);
        if (task->scheduling == LC_RWLOCK) {
            see(w, &to->lock_waiting[k], ratio(sum.wait_sum, sum.waits));
            see(w, &to->lock_waiting_variance[k], variance(sum.waits, sum.wait_sum, sum.wait_squares));
        }
    }
}

/* What became of the requests to entries with a decision. */
static void put_decisions(struct walk *w, const struct lci_program_task *task, struct lc_task_result *to)
{
    struct lci_decision_tally sum = {0};
    bool any = false;
    for (uint32_t i = 0; i < task->entry_count; i++) {
        const uint32_t decision = w->program->entries[w->program->task_entries[task->first_entry + i]].decision;
        const bool shared =
            i > 0 && decision == w->program->entries[w->program->task_entries[task->first_entry]].decision;
        if (decision == LCI_NIL || shared)
            continue;
        const struct lci_decision_tally *t = &w->engine->decisions[decision];
        any = true;
        sum.requests += t->requests;
        sum.timeouts += t->timeouts;
        sum.retries += t->retries;
        sum.given_up += t->given_up;
    }
    if (!any)
        return;
    see(w, &to->timed_out, ratio(sum.timeouts, sum.requests + sum.retries));
    see(w, &to->given_up, ratio(sum.given_up, sum.requests));
    see(w, &to->retries, ratio(sum.retries, sum.requests));
}

static void put_task(struct walk *w, uint32_t index, const struct lci_call_tally *received, struct lc_task_result *to)
{
    const struct lci_program_task *task = &w->program->tasks[index];
    const struct task_sums sums = sum_task(w, index);
    /* A pair of wait and signal, or lock and unlock, is one; and so are the requests that a join has made one. */
    const bool pairs = task->scheduling == LC_SEMAPHORE || task->scheduling == LC_RWLOCK;
    const double rate = sums.count / (pairs ? 2.0 : task->joins > 0 ? task->entry_count : 1.0) / w->time;
    double busy = 0, queued = 0;
    for (uint32_t i = 0; i < task->replicas; i++) {
        const struct lci_instance *instance = &w->engine->instances[task->first + i];
        busy += task->joins > 0 ? lci_lock_open_time(instance->lock, w->engine->now)
                                : instance->busy_area + instance->busy * w->engine->now;
        queued += instance->queue_area + lci_queued(instance) * w->engine->now;
    }
    watch(w, &to->throughput, rate);
    watch(w, &to->utilization, busy / w->time);
    /* Threads of replicas that are down are held as well. */
    const double replicas =
        task->elastic != LCI_NIL ? lci_elastic_started(w->engine, task->elastic) / w->time : task->replicas;
    if (task->threads != LC_INFINITE && task->scheduling != LC_OPEN)
        put(w, &to->load, ratio(busy / w->time, (double)task->threads * replicas), LCI_LOAD);
    if (task->elastic != LCI_NIL) {
        see(w, &to->replicas, lci_elastic_existing(w->engine, task->elastic) / w->time);
        see(w, &to->serving, lci_elastic_serving(w->engine, task->elastic) / w->time);
        see(w, &to->starts, lci_elastic_starts(w->engine, task->elastic) / w->time);
    }
    for (int k = 0; k < LC_PHASES; k++)
        see(w, &to->phase_utilization[k], sums.phases[k] / w->time);
    see(w, &to->processor_utilization, sums.demand / w->time);
    if (task->workload != LCI_NIL)
        return;
    see(w, &to->queue_length, queued / w->time);
    see(w, &to->waiting_time, ratio(received->sum, received->count));
    see(w, &to->dropped, call_loss(received));
    put_decisions(w, task, to);
    if (task->scheduling == LC_SEMAPHORE || task->scheduling == LC_RWLOCK)
        put_locks(w, task, to);
}

/* ---- entries ----------------------------------------------------------------------------------------------------- */

static void put_graph_phases(struct walk *w, uint32_t index, struct lc_entry_result *to)
{
    const struct lci_entry_tally *t = &w->engine->entries[index];
    const bool replies = t->replies > 0;
    const double first = phase_sum(w, index, 0), rest = phase_sum(w, index, 1), count = replies ? t->replies : t->count;
    watch(w, &to->phases[0].service_time, ratio(first, count));
    see(w, &to->phases[0].service_time_variance, variance(count, first, replies ? t->reply_squares : t->squares));
    see(w, &to->phases[0].utilization, first / w->time);
    see(w, &to->phases[1].service_time, replies ? ratio(rest, t->count) : NAN);
    see(w, &to->phases[1].utilization, rest / w->time);
}

/* Demands of a graph's activities count for the entry that starts it; where several entries do, they cannot be told
 * apart and the task's sum stands for all of them. */
static double graph_demand(const struct walk *w, const struct lci_entry *entry)
{
    const struct lci_program_task *task = &w->program->tasks[entry->task];
    uint32_t graphs = 0;
    for (uint32_t i = 0; i < task->entry_count; i++)
        graphs += w->program->entries[w->program->task_entries[task->first_entry + i]].graph;
    if (graphs != 1)
        return NAN;
    double demand = 0;
    for (size_t k = 0; k < w->program->model->tasks[task->model].activity_count; k++)
        demand += w->engine->activities[w->program->model_activity[task->model][k]].demand;
    return demand;
}

static void put_entry(struct walk *w, uint32_t index, struct lc_entry_result *to)
{
    const struct lci_program *p = w->program;
    const struct lci_entry *entry = &p->entries[index];
    const struct lc_entry *from = &p->model->entries[entry->model];
    const struct lci_entry_tally tally = entry_tally(w, index), *t = &tally;
    const double rate = t->count / w->time, mean = ratio(t->sum, t->count);
    const bool source = p->tasks[entry->task].workload != LCI_NIL;
    watch(w, &to->throughput, rate);
    see(w, &to->utilization, t->sum / w->time);
    watch(w, &to->service_time, mean);
    see(w, &to->cv2, ratio(variance(t->count, t->sum, t->squares), mean * mean));
    see(w, &to->processor_utilization, (entry->graph ? graph_demand(w, entry) : entry_demand(w, entry)) / w->time);
    if (w->program->goes_on && !source) {
        const struct lci_ending_tally *ends = &lci_endings_of_entries(w->engine)[index];
        see(w, &to->cumulated_runtime, ratio(ends->sum, ends->count));
    }
    if (entry->graph)
        put_graph_phases(w, index, to);
    for (uint32_t k = 0; k < LC_PHASES; k++)
        if (entry->phases[k] != LCI_NIL)
            put_activity(w, entry->phases[k], &from->phases[k], &to->phases[k]);
    put_calls(w, entry->first_forward, from->forward_count, to->forwards, to->forward_variance, NULL);
    if (!source && entry->workload != LCI_NIL) {
        const struct lci_workload_tally *open = &w->engine->workloads[entry->workload];
        see(w, &to->open_response_time, ratio(open->sum, open->count));
        see(w, &to->open_loss, call_loss(&w->engine->calls[entry->open_statistic]));
    }
}

/* ---- the rest ---------------------------------------------------------------------------------------------------- */

static struct lc_workload_result *workload_result(struct lc_result *r, const struct lci_workload *workload)
{
    for (size_t i = 0; i < r->workload_count; i++)
        if (r->workloads[i].task == workload->task && r->workloads[i].entry == workload->entry)
            return &r->workloads[i];
    return NULL;
}

/* What comes at a rate of its own and is never turned away is served at that rate: how often it happened to come while
 * it was measured says nothing about the system, and is no reason to measure for longer. */
static bool rate_is_given(const struct lc_model *model, const struct lci_workload *workload)
{
    if (workload->task != LC_NONE && model->tasks[workload->task].scheduling != LC_OPEN)
        return false;
    for (size_t i = 0; i < model->task_count; i++)
        if (model->tasks[i].queue_length > 0 || model->tasks[i].policy_count > 0)
            return false;
    return true;
}

static void put_workload(struct walk *w, uint32_t index, struct lc_result *r)
{
    struct lc_workload_result *to = workload_result(r, &w->program->workloads[index]);
    const struct lci_workload_tally *t = &w->engine->workloads[index];
    const double rate = t->count / w->time;
    const bool given = w->noted != NULL && rate_is_given(r->model, &w->program->workloads[index]);
    put(w, &to->throughput, rate, given ? LCI_SEEN : LCI_ANSWER);
    put(w, &to->response_time, ratio(t->sum, t->count), LCI_ANSWER);
    if (w->program->goes_on) {
        const struct lci_ending_tally *ends = &lci_endings_of_workloads(w->engine)[index];
        see(w, &to->completion_time, ratio(ends->sum, ends->count));
    }
    if (w->program->fails)
        see(w, &to->failed, ratio(t->failed, t->count));
}

/* A pair of tasks may have two guards: of calls that somebody waits for, and of others. */
static struct lci_guard_tally guard_sum(const struct walk *w, const struct lc_policy_result *r)
{
    const struct lci_program *p = w->program;
    struct lci_guard_tally sum = {0};
    for (size_t i = 0; i < p->guard_count; i++) {
        const struct lci_guard_tally *t = &w->engine->guards[i];
        const struct lci_guard *guard = &p->guards[i];
        if (p->tasks[guard->from].model != r->from || p->tasks[guard->to].model != r->to)
            continue;
        sum.requests += t->requests;
        sum.failed += t->failed;
        sum.hits += t->hits;
        sum.attempts += t->attempts;
        sum.copies += t->copies;
        sum.retries += t->retries;
        sum.timeouts += t->timeouts;
        sum.errors += t->errors;
        sum.short_circuited += t->short_circuited;
        sum.full += t->full;
        sum.limited += t->limited;
        sum.shed += t->shed;
        sum.open_area += t->open_area + lci_open_breakers(w->engine, guard) * w->engine->now;
    }
    return sum;
}

static void put_policy(struct walk *w, struct lc_policy_result *to)
{
    const struct lci_guard_tally t = guard_sum(w, to);
    const struct lci_program_task *from = &w->program->tasks[w->program->model_task[to->from]];
    const double breakers =
        from->elastic != LCI_NIL ? lci_elastic_existing(w->engine, from->elastic) : from->replicas * w->time;
    see(w, &to->requests, t.requests / w->time);
    see(w, &to->failed, ratio(t.failed, t.requests));
    see(w, &to->hits, ratio(t.hits, t.requests));
    see(w, &to->retries, ratio(t.retries, t.requests));
    see(w, &to->timed_out, ratio(t.timeouts, t.attempts));
    see(w, &to->errors, ratio(t.errors, t.attempts));
    see(w, &to->short_circuited, ratio(t.short_circuited, t.attempts));
    see(w, &to->full, ratio(t.full, t.attempts));
    see(w, &to->limited, ratio(t.limited, t.attempts));
    see(w, &to->shed, ratio(t.shed, t.attempts));
    see(w, &to->copies, ratio(t.copies, t.attempts));
    see(w, &to->open, ratio(t.open_area, breakers));
}

static void put_join(struct walk *w, uint32_t index, struct lc_result *r)
{
    const struct lci_join *join = &w->program->joins[index];
    const struct lci_join_tally *t = &w->engine->joins[index];
    for (size_t i = 0; i < r->join_count; i++)
        if (r->joins[i].task == join->task && r->joins[i].precedence == join->precedence) {
            see(w, &r->joins[i].delay, ratio(t->sum, t->count));
            see(w, &r->joins[i].variance, variance(t->count, t->sum, t->squares));
        }
}

struct lci_call_tally *lci_received(const struct lci_engine *e)
{
    const struct lci_program *p = e->program;
    struct lci_call_tally *tallies = lc_calloc(p->task_count, sizeof *tallies);
    bool *seen = lc_calloc(p->call_statistics, sizeof *seen); /* arcs to several replicas share a statistic */
    for (size_t i = 0; i < p->call_count; i++)
        if (!seen[p->calls[i].statistic]) {
            seen[p->calls[i].statistic] = true;
            add_tally(&tallies[p->entries[p->calls[i].entry].task], &e->calls[p->calls[i].statistic]);
        }
    free(seen);
    return tallies;
}

static void walk_result(struct walk *w, struct lc_result *r)
{
    const struct lci_program *p = w->program;
    struct lci_call_tally *tallies = lci_received(w->engine);
    w->processor_waiting = lc_calloc(p->processor_count, sizeof *w->processor_waiting);
    w->time = w->engine->now - w->engine->origin;
    gather_processor_waiting(w);
    for (uint32_t i = 0; i < p->processor_count; i++)
        put_processor(w, i, &r->processors[p->processors[i].model]);
    for (uint32_t i = 0; i < p->task_count; i++) {
        put_task(w, i, &tallies[i], &r->tasks[p->tasks[i].model]);
        const struct lc_task *from = &p->model->tasks[p->tasks[i].model];
        for (size_t k = 0; k < from->activity_count; k++)
            put_activity(w, p->model_activity[p->tasks[i].model][k], &from->activities[k],
                         &r->activities[p->tasks[i].model][k]);
    }
    for (uint32_t i = 0; i < p->entry_count; i++)
        put_entry(w, i, &r->entries[p->entries[i].model]);
    for (uint32_t i = 0; i < p->workload_count; i++)
        put_workload(w, i, r);
    for (uint32_t i = 0; i < p->join_count; i++)
        put_join(w, i, r);
    for (size_t i = 0; i < r->policy_count; i++)
        put_policy(w, &r->policies[i]);
    free(w->processor_waiting);
    free(tallies);
}

/* The percentiles that come from the program's distribution `sketch`, in up to two places of the result. */
static int sketch_targets(const struct lci_program *p, uint32_t sketch, struct lc_result *r,
                          struct lc_percentiles *targets[2])
{
    const uint32_t first = p->entry_count > 0 ? p->entries[0].sketch : 0;
    if (sketch >= first && sketch - first < p->entry_count) { /* those of entries are numbered as these are */
        targets[0] = &r->entries[p->entries[sketch - first].model].percentiles;
        return 1;
    }
    for (uint32_t i = 0; i < p->workload_count; i++) {
        if (p->workloads[i].ending_sketch == sketch) {
            targets[0] = &workload_result(r, &p->workloads[i])->completion_percentiles;
            return 1;
        }
        if (p->workloads[i].sketch == sketch) {
            targets[0] = &workload_result(r, &p->workloads[i])->percentiles;
            if (p->workloads[i].entry == LC_NONE)
                return 1;
            targets[1] = &r->entries[p->workloads[i].entry].open_percentiles;
            return 2;
        }
    }
    return 0;
}

static bool is_of_workload(const struct lci_program *p, uint32_t sketch)
{
    for (uint32_t i = 0; i < p->workload_count; i++)
        if (p->workloads[i].sketch == sketch)
            return true;
    return false;
}

struct lci_measures *lci_measures_new(struct lci_engine *engine, struct lc_result *result)
{
    const struct lci_program *p = engine->program;
    struct lci_measures *m = lc_calloc(1, sizeof *m);
    struct walk w = {.engine = engine, .program = p, .noted = m};
    walk_result(&w, result);
    m->percentiles = m->count;
    for (uint32_t i = 0; i < p->sketch_count; i++) {
        struct lc_percentiles *targets[2];
        const int places = sketch_targets(p, i, result, targets);
        for (unsigned k = 0; k < result->percentile_list.count; k++)
            note(m, places > 0 ? &targets[0]->value[k] : NULL, is_of_workload(p, i) ? LCI_PERCENTILE : LCI_SEEN);
    }
    m->moments = lc_calloc(m->count, sizeof *m->moments);
    m->merged = lc_calloc(p->sketch_count, sizeof *m->merged);
    m->merged_count = p->sketch_count;
    return m;
}

void lci_measures_free(struct lci_measures *m)
{
    if (m == NULL)
        return;
    free(m->targets);
    free(m->moments);
    free(m->watched);
    lci_sketches_free(m->merged, m->merged_count);
    free(m);
}

static void quantiles(const struct lc_result *r, const struct lci_sketch *sketch, int64_t origin, double *values)
{
    double parts[LC_MOST_PERCENTILES];
    for (unsigned k = 0; k < r->percentile_list.count; k++)
        parts[k] = r->percentile_list.percent[k] / 100;
    lci_sketch_quantiles(sketch, origin, parts, r->percentile_list.count, values);
}

void lci_measure(struct lci_engine *engine, struct lc_result *result, double *values)
{
    struct walk w = {.engine = engine, .program = engine->program, .values = values};
    walk_result(&w, result);
    for (uint32_t i = 0; i < engine->program->sketch_count; i++) {
        quantiles(result, &engine->sketches[i], engine->sketch_origin, values + w.count);
        w.count += result->percentile_list.count;
    }
}

void lci_measures_add(struct lci_measures *m, const double *values)
{
    for (size_t i = 0; i < m->count; i++)
        if (!isnan(values[i]))
            lci_moments_add(&m->moments[i], values[i]);
}

/* Percentiles: the value from all replications together, the interval from their spread. */
static void report_percentiles(const struct lci_measures *m, const struct lci_program *p, int64_t origin,
                               struct lc_result *r)
{
    const unsigned count = r->percentile_list.count;
    for (uint32_t i = 0; i < p->sketch_count; i++) {
        struct lc_percentiles *targets[2];
        const int places = sketch_targets(p, i, r, targets);
        double values[LC_MOST_PERCENTILES];
        quantiles(r, &m->merged[i], origin, values);
        for (int place = 0; place < places; place++) {
            targets[place]->known = !isnan(values[0]);
            for (unsigned k = 0; k < count; k++) {
                targets[place]->value[k] = lci_estimate(&m->moments[m->percentiles + (size_t)i * count + k]);
                targets[place]->value[k].mean = values[k];
            }
        }
    }
}

void lci_measures_report(const struct lci_measures *m, const struct lci_program *program, struct lc_result *result)
{
    for (size_t i = 0; i < m->percentiles; i++)
        *m->targets[i] = lci_estimate(&m->moments[i]);
    report_percentiles(m, program, lci_sketch_origin(program->scale), result);
}
