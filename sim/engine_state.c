/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making, resetting and freeing the state of a simulation.
 */
#include "arrival_pattern.h"
#include "base/memory.h"
#include "discipline.h"
#include "endings.h"
#include "loadcast/base.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef NDEBUG
void lci_broken(const struct lci_engine *e, uint32_t thread, const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: '%s' does not hold; seed %" PRIu64 ", replication %" PRIu64 ", time %.17g, ", file, line,
            condition, e->seed, e->replication, e->now);
    if (thread == LCI_NIL)
        fprintf(stderr, "no thread\n");
    else
        fprintf(stderr, "thread %" PRIu32 "\n", thread);
    abort();
}
#endif

uint32_t lci_thread_new_rest(struct lci_engine *e)
{
    if (e->thread_count == e->thread_capacity) {
        e->thread_capacity +=
            e->thread_capacity + 64; /* who is not there yet takes no memory: no page of it is touched */
        e->threads = lc_realloc(e->threads, e->thread_capacity, sizeof *e->threads);
        if (e->program->sticky_count > 0)
            e->places = lc_realloc(e->places, e->thread_capacity * (size_t)e->program->sticky_count, sizeof *e->places);
        if (e->program->gather_count > 0)
            e->gathered = lc_realloc(e->gathered, e->thread_capacity * e->program->gather_count, sizeof *e->gathered);
    }
    if (e->thread_count >> LCI_WHAT_BITS != 0) /* an event could not name it */
        lci_no_memory(0);
    return e->thread_count++;
}

uint32_t lci_alarm_add(struct lci_engine *e, uint32_t (*ring)(struct lci_engine *e, uint32_t about), uint32_t about)
{
    LC_GROW(e->alarms, e->alarm_count, e->alarm_capacity);
    e->alarms[e->alarm_count] = (struct lci_alarm){ring, about};
    return (uint32_t)e->alarm_count++;
}

void lci_ready_grow(struct lci_engine *e)
{
    const uint32_t capacity = 2 * (e->ready_mask + 1), count = e->ready_tail - e->ready_head;
    uint32_t *ready = lc_calloc(capacity, sizeof *ready);
    for (uint32_t i = 0; i < count; i++)
        ready[i] = e->ready[(e->ready_head + i) & e->ready_mask];
    free(e->ready);
    e->ready = ready;
    e->ready_head = 0;
    e->ready_tail = count;
    e->ready_mask = capacity - 1;
}

static void make_servers(struct lci_engine *e)
{
    const struct lci_program *p = e->program;
    e->stations = lc_calloc(p->station_count, sizeof *e->stations);
    for (uint32_t i = 0; i < p->station_count; i++) {
        const struct lci_processor *processor = &p->processors[p->station_processor[i]];
        struct lci_station *st = &e->stations[i];
        st->scheduling = processor->scheduling;
        st->discipline = lci_discipline_of(processor->scheduling, processor->quantum);
        st->quantum = st->discipline == &lci_discipline_round_robin ? processor->quantum : 0;
        st->stream = processor->stream;
        st->fluid = st->discipline->serving == LCI_TOGETHER ? lci_fluid_new(p, processor) : NULL;
        lci_queue_init(&st->queue, processor->levels, st->discipline->random);
    }
    e->instances = lc_calloc(p->instance_count, sizeof *e->instances);
    for (uint32_t i = 0; i < p->instance_count; i++) {
        const struct lci_program_task *task = &p->tasks[p->instance_task[i]];
        struct lci_instance *instance = &e->instances[i];
        instance->station = p->instance_station[i];
        instance->queue_at = task->shared ? task->first : i;
        instance->limit = task->queue_length;
        instance->rejects = task->overflow == LC_OVERFLOW_REJECT;
        if (task->queue_length != LCI_NIL && task->overflow == LC_OVERFLOW_BLOCK) {
            instance->outside = lc_calloc(1, sizeof *instance->outside);
            lci_queue_init(instance->outside, 1, false);
        }
        instance->stream = task->choose;
        instance->level = task->level;
        instance->lock = lci_lock_new(p, task);
        const bool joins = task->joins > 0; /* one line: admit_entries() in lock.c */
        lci_queue_init(&instance->queue, joins ? 1 : task->levels, !joins && task->scheduling == LC_RAND);
        instance->plain = lci_is_plain(task);
    }
}

/* What whole.h runs without instructions. */
static void make_services(struct lci_engine *e)
{
    const struct lci_program *p = e->program;
    e->services = lc_calloc(p->entry_count, sizeof *e->services);
    for (uint32_t i = 0; i < p->code_count; i++) {
        const struct lci_instruction *in = &p->code[i];
        if (in->code != LCI_SERVICE)
            continue;
        const struct lci_entry *entry = &p->entries[in->c];
        const bool open = entry->workload != LCI_NIL;
        e->services[in->c] = (struct lci_whole){.whole = entry->start == i,
                                                .demand = &e->samplers[in->a],
                                                .activity = &e->activities[in->b],
                                                .sketch = &e->sketches[entry->sketch],
                                                .open = open ? &e->workloads[entry->workload] : NULL,
                                                .responses = open ? &e->sketches[entry->workload_sketch] : NULL};
    }
    e->arrivals = lc_calloc(p->source_count, sizeof *e->arrivals);
    for (size_t i = 0; i < p->source_count; i++) {
        const struct lci_source *source = &p->sources[i];
        const struct lci_program_call *call = source->call != LCI_NIL ? &p->calls[source->call] : NULL;
        if (call != NULL && call->route == LCI_ROUTE_ONE && e->instances[call->base].plain &&
            e->services[call->entry].whole)
            e->arrivals[i] = (struct lci_arrivals){.between = &e->samplers[source->sampler],
                                                   .call = call,
                                                   .instance = &e->instances[call->base],
                                                   .service = &e->services[call->entry],
                                                   .tally = &e->calls[call->statistic]};
    }
}

struct lci_engine *lci_engine_new(const struct lci_program *p)
{
    struct lci_engine *e = lc_calloc(1, sizeof *e);
    e->program = p;
    e->code = p->code;
    e->arcs = p->calls;
    e->kinds = p->entries;
    lci_calendar_init(&e->calendar);
    make_servers(e);
    lci_elastics_new(e);
    e->samplers = lc_calloc(p->sampler_count, sizeof *e->samplers);
    e->streams = lc_calloc(p->stream_count, sizeof *e->streams);
    e->turns = lc_calloc(p->call_count, sizeof *e->turns);
    e->sticky_turns = lc_calloc(p->sticky_count, sizeof *e->sticky_turns);
    e->activities = lc_calloc(p->activity_count, sizeof *e->activities);
    e->entries = lc_calloc(p->entry_count, sizeof *e->entries);
    e->calls = lc_calloc(p->call_statistics, sizeof *e->calls);
    e->left_waits = lc_calloc(p->call_statistics, sizeof *e->left_waits);
    e->workloads = lc_calloc(p->workload_count, sizeof *e->workloads);
    e->joins = lc_calloc(p->join_count, sizeof *e->joins);
    e->decisions = lc_calloc(p->decision_count, sizeof *e->decisions);
    e->guards = lc_calloc(p->guard_count, sizeof *e->guards);
    e->guard_states = lc_calloc(p->guard_states, sizeof *e->guard_states);
    e->buckets = lc_calloc(p->buckets, sizeof *e->buckets);
    e->histograms = lc_calloc(p->histogram_bins, sizeof *e->histograms);
    e->sketches = lc_calloc(p->sketch_count, sizeof *e->sketches);
    e->sketch_origin = lci_sketch_origin(p->scale);
    e->ready_mask = 63;
    e->ready = lc_calloc(e->ready_mask + 1, sizeof *e->ready);
    size_t widest = 0;
    for (size_t i = 0; i < p->fork_count; i++)
        widest = p->forks[i].count > widest ? p->forks[i].count : widest;
    e->branches = lc_calloc(widest, sizeof *e->branches);
    e->fork_size = (sizeof(struct lci_fork_run) + p->fork_counters * sizeof(uint32_t) + 7) & ~(size_t)7;
    lci_patterns_new(e);
    e->endings = lci_endings_new(p);
    make_services(e);
    return e;
}

void lci_engine_free(struct lci_engine *e)
{
    if (e == NULL)
        return;
    for (uint32_t i = 0; i < e->program->station_count; i++) {
        lci_queue_free(&e->stations[i].queue);
        lci_fluid_free(e->stations[i].fluid);
        free(e->stations[i].running);
    }
    for (uint32_t i = 0; i < e->program->instance_count; i++) {
        lci_queue_free(&e->instances[i].queue);
        lci_lock_free(e->instances[i].lock);
        free(e->instances[i].outside);
    }
    lci_elastics_free(e);
    lci_endings_free(e->endings);
    lci_calendar_free(&e->calendar);
    lci_sketches_free(e->sketches, e->program->sketch_count);
    void *const arrays[] = {e->threads,    e->ready,        e->instances, e->stations,   e->samplers, e->streams,
                            e->turns,      e->entries,      e->calls,     e->workloads,  e->joins,    e->histograms,
                            e->activities, e->branches,     e->fork_runs, e->decisions,  e->alarms,   e->patterns,
                            e->guards,     e->guard_states, e->buckets,   e->left_waits, e->places,   e->sticky_turns,
                            e->gathered,   e->services,     e->arrivals};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
    free(e);
}

static void clear_counts(struct lci_engine *e)
{
    const struct lci_program *p = e->program;
    memset(e->activities, 0, p->activity_count * sizeof *e->activities);
    memset(e->entries, 0, p->entry_count * sizeof *e->entries);
    memset(e->calls, 0, p->call_statistics * sizeof *e->calls);
    memset(e->left_waits, 0, p->call_statistics * sizeof *e->left_waits);
    memset(e->workloads, 0, p->workload_count * sizeof *e->workloads);
    memset(e->joins, 0, p->join_count * sizeof *e->joins);
    memset(e->decisions, 0, p->decision_count * sizeof *e->decisions);
    memset(e->guards, 0, p->guard_count * sizeof *e->guards);
    memset(e->histograms, 0, p->histogram_bins * sizeof *e->histograms);
    for (uint32_t i = 0; i < p->sketch_count; i++)
        lci_sketch_clear(&e->sketches[i]);
    lci_endings_forget(e);
}

void lci_engine_forget(struct lci_engine *e)
{
    lci_elastics_forget(e);
    clear_counts(e);
    e->origin = e->now;
    lci_guards_forget(e);
    for (uint32_t i = 0; i < e->program->station_count; i++)
        e->stations[i].busy.area = -e->stations[i].busy.n * e->now;
    for (uint32_t i = 0; i < e->program->instance_count; i++) {
        struct lci_instance *instance = &e->instances[i];
        instance->busy_area = -(double)instance->busy * e->now;
        instance->queue_area = -(double)lci_queued(instance) * e->now;
        if (instance->lock != NULL)
            lci_lock_forget(instance->lock, e->now);
    }
}

static void clear_servers(struct lci_engine *e)
{
    const struct lci_program *p = e->program;
    for (uint32_t i = 0; i < p->station_count; i++) {
        struct lci_station *st = &e->stations[i];
        st->idle = p->processors[p->station_processor[i]].servers;
        st->busy = (struct lci_load){0};
        st->running_count = 0;
        st->pace = 1;
        lci_queue_clear(&st->queue);
        if (st->fluid != NULL)
            lci_fluid_clear(st->fluid);
    }
    for (uint32_t i = 0; i < p->instance_count; i++) {
        struct lci_instance *instance = &e->instances[i];
        instance->idle = p->tasks[p->instance_task[i]].threads;
        instance->busy = instance->buffered = 0;
        instance->busy_area = instance->queue_area = 0;
        lci_queue_clear(&instance->queue);
        if (instance->outside != NULL)
            lci_queue_clear(instance->outside);
        if (instance->lock != NULL)
            lci_lock_clear(instance->lock);
    }
}

/* All begin at one instant: the more urgent ones ask for their processor first. */
static void start_customers(struct lci_engine *e)
{
    const struct lci_program *p = e->program;
    for (uint32_t level = 0, last = 0; level <= last; level++)
        for (uint32_t i = 0; i < p->task_count; i++) {
            const struct lci_program_task *task = &p->tasks[i];
            if (task->workload == LCI_NIL || task->scheduling == LC_OPEN || task->users != LCI_NIL)
                continue;
            const uint32_t own = e->instances[task->first].level;
            last = own > last ? own : last;
            for (uint32_t k = 0; own == level && k < task->replicas; k++)
                for (uint32_t n = 0; n < task->threads; n++)
                    lci_customer_start(e, lci_customer_new(e, task->first + k));
        }
}

static void start_sources(struct lci_engine *e)
{
    const struct lci_program *p = e->program;
    for (uint32_t i = 0; i < p->source_count; i++)
        lci_schedule(&e->calendar, lci_sample(&e->samplers[p->sources[i].sampler]),
                     lci_what(e->arrivals[i].call != NULL ? LCI_ARRIVAL_WHOLE : LCI_ARRIVAL, i));
    lci_patterns_start(e);
    start_customers(e);
}

void lci_engine_reset(struct lci_engine *e, uint64_t seed, uint64_t replication)
{
    const struct lci_program *p = e->program;
    lci_calendar_clear(&e->calendar);
    lci_engine_set_time(e, 0);
    e->origin = 0;
    e->seed = seed;
    e->replication = replication;
    e->thread_count = 0;
    e->free_thread = LCI_NIL;
    e->ready_head = e->ready_tail = 0;
    e->fork_count = 0;
    e->free_fork = LCI_NIL;
    e->events = e->completions = 0;
    e->patience = LCI_STEPS_AT_ONCE;
    e->stuck = false;
    e->unmatched = LCI_NIL;
    clear_servers(e);
    clear_counts(e);
    lci_guards_clear(e);
    lci_endings_clear(e);
    memset(e->turns, 0, p->call_count * sizeof *e->turns);
    if (p->sticky_count > 0)
        memset(e->sticky_turns, 0, p->sticky_count * sizeof *e->sticky_turns);
    for (size_t i = 0; i < p->sampler_count; i++) {
        e->samplers[i] = p->samplers[i];
        lc_random_init(&e->samplers[i].stream, seed, replication, p->sampler_origins[i].name,
                       p->sampler_origins[i].role);
        lci_sampler_begin(&e->samplers[i]);
    }
    for (size_t i = 0; i < p->stream_count; i++)
        lc_random_init(&e->streams[i], seed, replication, p->stream_origins[i].name, p->stream_origins[i].role);
    lci_elastics_clear(e);
    start_sources(e);
}
