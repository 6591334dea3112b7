/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The event loop and the interpreter of programs.
 *
 * A thread of control runs its instructions until it has to wait: for a delay, a processor, a reply, or for good. What
 * it sets free meanwhile (a caller that got its reply, a message that found an idle thread) stands in the ring of ready
 * threads and runs next, at the same instant.
 */
#include "engine.h"
#include "arrival_pattern.h"
#include "endings.h"
#include "gather.h"
#include "loadcast/base.h"
#include "model/random/generator.h"
#include "size.h"
#include "whole.h"

#include <math.h>
#include <string.h>

#define HALT LCI_NIL /* as an address: the thread waits */

static inline uint32_t address_of(const struct lci_engine *e, const struct lci_instruction *in)
{
    return (uint32_t)(in - e->code);
}

/* ---- processors -------------------------------------------------------------------------------------------------- */

static inline void serve(struct lci_engine *e, uint32_t index)
{
    lci_schedule(&e->calendar, e->now + e->threads[index].work.demand, lci_what(LCI_SERVED, index));
}

/* Asks for the processor; the thread waits for the end of the slice in any case. */
LCI_HOT void begin_slice(struct lci_engine *e, uint32_t index, const struct lci_instruction *in)
{
    struct lci_thread *t = &e->threads[index];
    struct lci_activity_tally *tally = &e->activities[in->b];
    t->pc = address_of(e, in);
    t->work.demand = lci_sample(&e->samplers[in->a]);
    tally->demand += t->work.demand;
    const uint32_t station = e->instances[t->instance].station;
    struct lci_station *st = &e->stations[station];
    switch (st->scheduling) {
    case LC_FCFS:
    case LC_HOL:
    case LC_RAND:
        if (t->work.holding) {
            serve(e, index);
        } else if (st->idle > 0) {
            st->idle--;
            lci_load_grow(&st->busy, e->now);
            serve(e, index);
        } else {
            t->work.since = e->now;
            lci_queue_push(e, &st->queue, index, e->instances[t->instance].level);
        }
        break;
    default:
        t->work.since = e->now;
        tally->waiting -= t->work.demand; /* all of the time until the end, less the service */
        if (st->fluid != NULL)
            lci_fluid_arrive(e, station, index);
        else if (t->work.holding)
            t->work.holding = false, lci_turn_continue(e, station, index);
        else
            lci_turn_arrive(e, station, index);
    }
}

/* A server becomes free: the next slice in the queue begins. */
static inline void release(struct lci_engine *e, struct lci_station *st)
{
    if (st->queue.count == 0) {
        LCI_HOLDS(e, LCI_NIL, st->busy.n >= 1);
        st->idle++;
        lci_load_shrink(&st->busy, e->now);
        return;
    }
    const uint32_t next = lci_queue_pop(e, &st->queue, st->stream);
    e->activities[e->code[e->threads[next].pc].b].waiting += e->now - e->threads[next].work.since;
    serve(e, next);
}

void lci_release(struct lci_engine *e, uint32_t station)
{
    release(e, &e->stations[station]);
}

static inline void release_held(struct lci_engine *e, uint32_t index)
{
    if (__builtin_expect(e->threads[index].work.holding, 0))
        lci_pass_on(e, index);
}

/* A processor without contention: a delay that counts as busy. */
LCI_HOT void begin_delay_slice(struct lci_engine *e, uint32_t index, const struct lci_instruction *in)
{
    struct lci_thread *t = &e->threads[index];
    const double demand = lci_sample(&e->samplers[in->a]);
    t->pc = address_of(e, in);
    e->activities[in->b].demand += demand;
    struct lci_station *st = &e->stations[e->instances[t->instance].station];
    lci_load_grow(&st->busy, e->now);
    lci_schedule(&e->calendar, e->now + demand, lci_what(LCI_DELAYED, index));
}

/* ---- messages ---------------------------------------------------------------------------------------------------- */

static uint32_t least_busy(const struct lci_engine *e, const struct lci_program_call *call, uint32_t from,
                           uint32_t count)
{
    uint32_t best = LCI_NIL, fewest = LCI_NIL;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t k = call->base + (from + i) % call->replicas;
        const uint32_t present = e->instances[k].busy + e->instances[k].queue.count;
        if (present < fewest) {
            fewest = present;
            best = k;
        }
    }
    return best;
}

/* The replica with the most idle threads takes from the common queue. */
static uint32_t most_idle(const struct lci_engine *e, const struct lci_program_call *call)
{
    uint32_t best = call->base;
    for (uint32_t i = 1; i < call->replicas; i++)
        if (e->instances[call->base + i].idle > e->instances[best].idle)
            best = call->base + i;
    return best;
}

static uint32_t route_rest(struct lci_engine *e, const struct lci_program_call *call, uint32_t replica, uint32_t sender)
{
    const uint32_t index = (uint32_t)(call - e->arcs);
    switch (call->route) {
    case LCI_ROUTE_FAN: return call->base + (uint32_t)(((uint64_t)replica * call->fan + call->offset) % call->replicas);
    case LCI_ROUTE_RANDOM: return call->base + (uint32_t)lci_random_below(&e->streams[call->stream], call->replicas);
    case LCI_ROUTE_TURN:
        e->turns[index] = e->turns[index] + 1 < call->replicas ? e->turns[index] + 1 : 0;
        return call->base + e->turns[index];
    case LCI_ROUTE_LEAST:
        e->turns[index] = e->turns[index] + 1 < call->replicas ? e->turns[index] + 1 : 0;
        return least_busy(e, call, e->turns[index], call->replicas);
    case LCI_ROUTE_SHARED: return most_idle(e, call);
    case LCI_ROUTE_UP: return lci_route_up(e, call, sender);
    case LCI_ROUTE_STICKY: return lci_route_sticky(e, call, sender);
    default: { /* the better of two that differ */
        const uint32_t first = (uint32_t)lci_random_below(&e->streams[call->stream], call->replicas);
        const uint32_t other = (uint32_t)lci_random_below(&e->streams[call->stream], call->replicas - 1);
        const uint32_t a = call->base + first, b = call->base + (first + 1 + other) % call->replicas;
        const struct lci_instance *x = &e->instances[a], *y = &e->instances[b];
        return x->busy + x->queue.count <= y->busy + y->queue.count ? a : b;
    }
    }
}

static inline uint32_t route(struct lci_engine *e, const struct lci_program_call *call, uint32_t from, uint32_t sender)
{
    if (__builtin_expect(call->route == LCI_ROUTE_ONE, 1))
        return call->base;
    return route_rest(e, call, from - e->program->tasks[e->program->instance_task[from]].first, sender);
}

/* A thread of the called task takes the message: from here on it is that thread. */
static inline void start_service(struct lci_engine *e, uint32_t index)
{
    struct lci_thread *t = &e->threads[index];
    t->work.started = e->now;
    t->work.replied = -1;
    t->work.live = 1;
    t->work.fork = LCI_NIL;
    t->work.left = 0;
    t->work.partner = LCI_NIL;
    t->work.counted = t->work.keeps = false;
}

static inline void record_wait(struct lci_engine *e, const struct lci_thread *t)
{
    struct lci_call_tally *tally = &e->calls[e->arcs[t->call].statistic];
    const double wait = e->now - t->sent;
    tally->count++;
    tally->sum += wait;
    tally->squares += wait * wait;
}

static inline bool buffered(const struct lci_engine *e, const struct lci_thread *t)
{
    const uint8_t kind = e->arcs[t->call].kind;
    return kind == LCI_OPEN || lci_is_asynchronous(kind) || e->instances[e->instances[t->instance].queue_at].rejects;
}

/* A message comes to a queue of limited length. True: it is full and the message lost. Whoever waits for it goes on at
 * once, with an error. */
static bool is_lost(struct lci_engine *e, uint32_t index, struct lci_instance *at)
{
    struct lci_thread *t = &e->threads[index];
    if (!buffered(e, t))
        return false;
    if (at->buffered < at->limit || at->outside != NULL) {
        at->buffered++;
        return false;
    }
    e->calls[e->arcs[t->call].statistic].lost++;
    lci_note(e, LCI_NOTE_DROPPED, index, t->caller);
    if (t->caller != LCI_NIL) {
        lci_fail(e, t->caller);
        lci_ready(e, t->caller);
    }
    lci_thread_end(e, index);
    return true;
}

/* No thread is idle: the message waits, or is lost. */
LCI_HOT void wait_in_queue(struct lci_engine *e, uint32_t index, const struct lci_instance *instance)
{
    struct lci_thread *t = &e->threads[index];
    struct lci_instance *at = &e->instances[instance->queue_at];
    if (__builtin_expect(at->limit != LCI_NIL, 0) && is_lost(e, index, at))
        return;
    at->queue_area -= e->now;
    lci_queue_push(e, &at->queue, index, e->arcs[t->call].level);
}

void lci_left_queue(struct lci_engine *e, struct lci_instance *at, const struct lci_thread *t)
{
    if (at->limit == LCI_NIL || !buffered(e, t))
        return;
    LCI_HOLDS(e, LCI_NIL, at->buffered > 0);
    at->buffered--;
    if (at->outside != NULL)
        lci_room(e, at);
}

/* Sends a message along `call`. Returns the thread that serves it when one is idle, else LCI_NIL. Pointers to threads
 * are void afterwards. */
LCI_HOT uint32_t send_to(struct lci_engine *e, uint32_t call_index, uint32_t to, uint32_t caller)
{
    const struct lci_program_call *call = &e->arcs[call_index];
    const uint32_t index = lci_message_new(e, call, caller);
    struct lci_instance *instance = &e->instances[to];
    e->threads[index].instance = to;
    if (__builtin_expect(instance->plain, 1)) {
        if (instance->idle == 0) {
            instance->queue_area -= e->now;
            lci_queue_append(e, &instance->queue, index);
            return LCI_NIL;
        }
        instance->idle--;
    } else if (instance->lock != NULL) {
        if (!lci_lock_accepts(e, index))
            return LCI_NIL;
        instance = &e->instances[to];
    } else if (instance->idle == 0) {
        wait_in_queue(e, index, instance);
        return LCI_NIL;
    } else {
        instance->idle--;
    }
    instance->busy++;
    instance->busy_area -= e->now;
    e->calls[call->statistic].count++;
    start_service(e, index);
    return index;
}

LCI_HOT uint32_t send(struct lci_engine *e, uint32_t call, uint32_t from, uint32_t caller)
{
    return send_to(e, call, route(e, &e->arcs[call], from, caller), caller);
}

uint32_t lci_route(struct lci_engine *e, const struct lci_program_call *call, uint32_t sender)
{
    return route(e, call, e->threads[sender].instance, sender);
}

uint32_t lci_send_to(struct lci_engine *e, uint32_t call, uint32_t to, uint32_t caller)
{
    return send_to(e, call, to, caller);
}

static inline void become_idle(struct lci_engine *e, struct lci_instance *instance)
{
    LCI_HOLDS(e, LCI_NIL, instance->busy > 0);
    instance->idle++;
    instance->busy--;
    instance->busy_area += e->now;
}

/* A thread of `instance` is free: it takes the next message, which is returned, or becomes idle. */
LCI_HOT uint32_t take_next(struct lci_engine *e, uint32_t instance_index)
{
    struct lci_instance *instance = &e->instances[instance_index];
    struct lci_instance *at = instance->plain ? instance : &e->instances[instance->queue_at];
    if (at->queue.count == 0) {
        become_idle(e, instance);
        return LCI_NIL;
    }
    if (__builtin_expect(instance->plain, 1)) {
        const uint32_t next = lci_queue_first(e, &at->queue);
        at->queue_area += e->now;
        record_wait(e, &e->threads[next]);
        start_service(e, next);
        return next;
    }
    const uint32_t index = lci_queue_pop(e, &at->queue, instance->stream);
    at->queue_area += e->now;
    struct lci_thread *t = &e->threads[index];
    t->instance = instance_index;
    if (at->limit != LCI_NIL)
        lci_left_queue(e, at, t);
    record_wait(e, t);
    start_service(e, index);
    return index;
}

uint32_t lci_take_next(struct lci_engine *e, uint32_t instance)
{
    return take_next(e, instance);
}

void lci_start_service(struct lci_engine *e, uint32_t index, bool waited)
{
    if (waited)
        record_wait(e, &e->threads[index]);
    else
        e->calls[e->arcs[e->threads[index].call].statistic].count++;
    start_service(e, index);
}

void lci_wait_in_queue(struct lci_engine *e, uint32_t index)
{
    wait_in_queue(e, index, &e->instances[e->threads[index].instance]);
}

/* Returns the caller, who can go on, or LCI_NIL. */
static inline uint32_t answer(struct lci_engine *e, uint32_t job)
{
    struct lci_thread *t = &e->threads[job];
    const uint32_t caller = t->caller;
    if (caller != LCI_NIL)
        lci_ready(e, caller);
    t->caller = LCI_NIL;
    return caller;
}

/* The end of phase 1. */
LCI_HOT void record_answer(struct lci_engine *e, const struct lci_thread *t, const struct lci_entry *entry,
                           double elapsed)
{
    lci_sketch_add(&e->sketches[entry->sketch], e->sketch_origin, elapsed);
    if (entry->workload != LCI_NIL && e->arcs[t->call].kind == LCI_OPEN) {
        struct lci_workload_tally *tally = &e->workloads[entry->workload];
        const double response = e->now - t->sent;
        tally->count++;
        tally->sum += response;
        tally->squares += response * response;
        lci_sketch_add(&e->sketches[entry->workload_sketch], e->sketch_origin, response);
    }
}

static inline void record_reply(struct lci_engine *e, struct lci_thread *t)
{
    const struct lci_entry *entry = &e->kinds[t->entry];
    const double elapsed = e->now - t->work.started;
    t->work.replied = e->now;
    if (entry->graph) {
        struct lci_entry_tally *tally = &e->entries[t->entry];
        tally->replies++;
        tally->reply_sum += elapsed;
        tally->reply_squares += elapsed * elapsed;
    }
    record_answer(e, t, entry, elapsed);
}

static inline uint32_t reply(struct lci_engine *e, uint32_t index, const struct lci_instruction *in)
{
    const uint32_t job = lci_job_of(e, index, in->a);
    if (__builtin_expect(!e->threads[job].work.counted, 1))
        record_reply(e, &e->threads[job]);
    return answer(e, job);
}

/* Passes the request on instead of replying; the caller goes on waiting. What nobody waits for ends here. Returns who
 * has been set free, or LCI_NIL. */
static uint32_t reply_or_forward(struct lci_engine *e, uint32_t index, const struct lci_instruction *in)
{
    const uint32_t job = lci_job_of(e, index, in->a);
    if (!e->threads[job].work.counted)
        record_reply(e, &e->threads[job]);
    const struct lci_choice *choice = &e->program->choices[in->b];
    const struct lci_option *options = &e->program->options[choice->first];
    const double drawn = lci_random_uniform(&e->streams[in->c]);
    const uint32_t caller = e->threads[job].caller;
    if (caller == LCI_NIL)
        return LCI_NIL;
    for (uint32_t i = 0; i < choice->count; i++)
        if (drawn < options[i].upto) {
            e->threads[job].caller = LCI_NIL;
            const uint32_t next = send(e, options[i].target, e->threads[job].instance, caller);
            if (next != LCI_NIL)
                lci_ready(e, next);
            return next;
        }
    return answer(e, job);
}

static uint32_t reply_and_forward(struct lci_engine *e, uint32_t index, const struct lci_instruction *in, uint32_t next)
{
    const uint32_t woken = reply_or_forward(e, index, in);
    return in->flag ? lci_stand_behind(e, index, woken, LCI_NIL, next) : next;
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

/* Calls with a decision or policies, and to tasks whose senders wait for room. Returns the thread that goes on. */
static uint32_t make_special_call(struct lci_engine *e, uint32_t index, uint32_t call)
{
    const uint8_t kind = e->arcs[call].kind;
    const uint32_t from = e->threads[index].instance;
    bool blocked = false;
    if (kind == LCI_GUARDED || kind == LCI_WATCHED) {
        release_held(e, index);
        return kind == LCI_GUARDED ? lci_guarded_call(e, index, from, call) : lci_watched_call(e, index, call);
    }
    const uint32_t called =
        kind == LCI_BLOCKING ? lci_blocking_send(e, index, call, &blocked) : lci_guarded_call(e, LCI_NIL, from, call);
    if (called != LCI_NIL)
        lci_ready(e, called);
    if (!blocked)
        return index;
    release_held(e, index);
    return LCI_NIL;
}

/* Makes the call, after which the thread goes on at `after`. Returns who goes on now: the called thread when it is
 * idle, the caller itself when it does not wait, or LCI_NIL. */
LCI_HOT uint32_t make_call(struct lci_engine *e, uint32_t index, uint32_t call, uint32_t after)
{
    struct lci_thread *t = &e->threads[index];
    const uint32_t instance = t->instance;
    t->pc = after;
    if (__builtin_expect(e->arcs[call].kind == LCI_SYNC, 1)) {
        const bool held = t->work.holding;
        const uint32_t called = send(e, call, instance, index);
        if (__builtin_expect(held, 0))
            lci_pass_on_after(e, index, called);
        return called;
    }
    if (e->arcs[call].kind != LCI_ASYNC)
        return make_special_call(e, index, call);
    const uint32_t called = lci_send_to(e, call, route(e, &e->arcs[call], instance, index), LCI_NIL);
    if (called != LCI_NIL)
        lci_ready(e, called);
    return index;
}

static inline const struct lci_option *choose(const struct lci_engine *e, uint32_t choice_index, double drawn)
{
    const struct lci_choice *choice = &e->program->choices[choice_index];
    const struct lci_option *option = &e->program->options[choice->first];
    for (const struct lci_option *end = option + choice->count; option < end; option++)
        if (drawn < option->upto)
            return option;
    return NULL;
}

/* The call that is made next, or LCI_NIL: no more. */
static inline uint32_t next_call(struct lci_engine *e, const struct lci_instruction *in)
{
    const struct lci_option *option = choose(e, in->a, lci_random_uniform(&e->streams[in->b]));
    return option != NULL ? option->target : LCI_NIL;
}

static inline uint32_t next_listed_call(struct lci_engine *e, uint32_t index, const struct lci_instruction *in)
{
    struct lci_thread *t = &e->threads[index];
    const struct lci_option *option = choose(e, in->a, t->work.left);
    t->work.left += option != NULL;
    return option != NULL ? option->target : LCI_NIL;
}

static uint32_t next_mixed_call(struct lci_engine *e, uint32_t index, const struct lci_instruction *in)
{
    struct lci_thread *t = &e->threads[index];
    const struct lci_option *option;
    while ((option = choose(e, in->a, t->work.left)) != NULL) {
        if (option->again > 0 && lci_random_uniform(&e->streams[in->b]) < option->again)
            return option->target;
        t->work.left++;
        if (!(option->again > 0))
            return option->target;
    }
    return LCI_NIL;
}

/* ---- phases and activities --------------------------------------------------------------------------------------- */

static inline void begin(struct lci_engine *e, uint32_t index)
{
    e->threads[index].work.begun = e->now;
    e->threads[index].work.left = 0;
}

static inline double record_activity(struct lci_engine *e, uint32_t activity, const struct lci_thread *t)
{
    struct lci_activity_tally *tally = &e->activities[activity];
    const double elapsed = e->now - t->work.begun;
    tally->count++;
    tally->sum += elapsed;
    tally->squares += elapsed * elapsed;
    return elapsed;
}

static inline double end(struct lci_engine *e, uint32_t index, const struct lci_instruction *in)
{
    return record_activity(e, in->a, &e->threads[index]);
}

static void end_full(struct lci_engine *e, uint32_t index, const struct lci_instruction *in)
{
    const struct lci_activity *activity = &e->program->activities[in->a];
    const struct lc_histogram *h = &activity->histogram;
    const double elapsed = end(e, index, in);
    if (activity->max_service_time > 0 && elapsed > activity->max_service_time)
        e->activities[in->a].exceeded++;
    if (h->bins == 0)
        return;
    const double place = (elapsed - h->minimum) / (h->maximum - h->minimum) * h->bins;
    const uint32_t bin = place < 0 ? 0 : place >= h->bins ? h->bins + 1 : (uint32_t)place + 1;
    e->histograms[activity->histogram_first + bin]++;
}

static inline void delay(struct lci_engine *e, uint32_t index, const struct lci_instruction *in)
{
    e->threads[index].pc = address_of(e, in) + 1;
    lci_schedule(&e->calendar, e->now + lci_sample(&e->samplers[in->a]), lci_what(LCI_RESUME, index));
}

/* ---- the end of a service ---------------------------------------------------------------------------------------- */

static inline void record_service(struct lci_engine *e, const struct lci_thread *t)
{
    struct lci_entry_tally *tally = &e->entries[t->entry];
    const double elapsed = e->now - t->work.started;
    tally->count++;
    tally->sum += elapsed;
    tally->squares += elapsed * elapsed;
}

static inline uint32_t end_job(struct lci_engine *e, uint32_t job)
{
    struct lci_thread *t = &e->threads[job];
    if (__builtin_expect(t->work.counted, 0))
        return answer(e, job);
    record_service(e, t);
    if (t->work.replied < 0) /* a graph that does not reply: its end does */
        record_reply(e, t);
    return answer(e, job);
}

void lci_count_service(struct lci_engine *e, uint32_t job)
{
    struct lci_thread *t = &e->threads[job];
    record_service(e, t);
    if (t->work.replied < 0)
        record_reply(e, t);
    t->work.counted = true;
}

/* Jobs that a join across entries has made one end together. */
static void end_partners(struct lci_engine *e, uint32_t job)
{
    for (uint32_t partner = e->threads[job].work.partner; partner != LCI_NIL;
         partner = e->threads[partner].work.partner)
        end_job(e, partner);
}

/* Returns the thread that goes on, or LCI_NIL. */
static uint32_t finish(struct lci_engine *e, uint32_t index)
{
    const uint32_t instance = e->threads[index].instance;
    const uint32_t answered = end_job(e, index);
    if (__builtin_expect(e->threads[index].work.partner != LCI_NIL, 0))
        end_partners(e, index);
    uint32_t next;
    if (__builtin_expect(e->threads[index].work.holding, 0))
        next = lci_finish_held(e, index, answered);
    else if (__builtin_expect(e->instances[instance].lock != NULL, 0))
        next = lci_lock_finish(e, index);
    else
        next = take_next(e, instance);
    lci_thread_end(e, index);
    return next;
}

/* The end of an entry's only phase, its reply and the end of the service. Returns the thread that goes on. */
static inline uint32_t end_service(struct lci_engine *e, uint32_t index, const struct lci_instruction *in)
{
    struct lci_thread *t = &e->threads[index];
    const uint32_t instance = t->instance, caller = t->caller;
    record_answer(e, t, &e->kinds[in->b], end(e, index, in));
    const uint32_t next = take_next(e, instance);
    lci_thread_end(e, index);
    if (next == LCI_NIL)
        return caller;
    if (caller != LCI_NIL)
        lci_ready(e, caller);
    return next;
}

static inline void record_response(struct lci_engine *e, const struct lci_entry *entry, double elapsed)
{
    struct lci_workload_tally *tally = &e->workloads[entry->workload];
    tally->count++;
    tally->sum += elapsed;
    tally->squares += elapsed * elapsed;
    lci_sketch_add(&e->sketches[entry->workload_sketch], e->sketch_origin, elapsed);
}

/* A customer stops thinking. */
static inline void wake(struct lci_engine *e, uint32_t index)
{
    struct lci_thread *t = &e->threads[index];
    struct lci_instance *instance = &e->instances[t->instance];
    instance->busy++;
    instance->busy_area -= e->now;
    t->work.started = e->now;
    t->work.live = 1;
}

/* Chooses the next entry of a customer and lets it think. Returns where it goes on, or HALT. */
static uint32_t think(struct lci_engine *e, uint32_t index, const struct lci_program_task *task)
{
    struct lci_thread *t = &e->threads[index];
    const uint32_t *entry = &e->program->task_entries[task->first_entry];
    if (task->entry_count > 1) {
        const double drawn = lci_random_uniform(&e->streams[task->choose]);
        for (const uint32_t *last = entry + task->entry_count - 1; entry < last && drawn >= e->kinds[*entry].upto;)
            entry++;
    }
    t->entry = *entry;
    t->pc = e->kinds[*entry].start;
    if (task->think == LCI_NIL)
        return t->pc;
    lci_schedule(&e->calendar, e->now + lci_sample(&e->samplers[task->think]), lci_what(LCI_RESUME, index));
    return HALT;
}

static inline void sit_down(struct lci_engine *e, uint32_t instance_index)
{
    struct lci_instance *instance = &e->instances[instance_index];
    LCI_HOLDS(e, LCI_NIL, instance->busy > 0);
    instance->busy--;
    instance->busy_area += e->now;
}

static void rest(struct lci_engine *e, uint32_t index)
{
    const struct lci_thread *t = &e->threads[index];
    record_service(e, t);
    record_response(e, &e->kinds[t->entry], e->now - t->work.started);
    sit_down(e, t->instance);
    if (e->endings != NULL)
        lci_endings_leave(e, index);
}

/* The end of the only phase of a customer's entry, whose tally is the entry's; with the task's only entry it begins
 * again without a choice. */
LCI_HOT uint32_t end_cycle(struct lci_engine *e, uint32_t index, const struct lci_instruction *in)
{
    const struct lci_entry *entry = &e->kinds[in->b];
    record_response(e, entry, end(e, index, in));
    sit_down(e, e->threads[index].instance);
    if (!in->flag)
        return think(e, index, &e->program->tasks[entry->task]);
    if (in->c == LCI_NIL)
        return entry->start;
    e->threads[index].pc = entry->start;
    lci_schedule(&e->calendar, e->now + lci_sample(&e->samplers[in->c]), lci_what(LCI_RESUME, index));
    return HALT;
}

static uint32_t cycle(struct lci_engine *e, uint32_t index, uint32_t entry)
{
    rest(e, index);
    return think(e, index, &e->program->tasks[e->kinds[entry].task]);
}

static uint32_t cycle_users(struct lci_engine *e, uint32_t index, const struct lci_instruction *in)
{
    const uint32_t task = e->kinds[in->a].task;
    rest(e, index);
    if (lci_customer_stays(e, task, e->threads[index].instance))
        return think(e, index, &e->program->tasks[task]);
    lci_thread_end(e, index);
    return HALT;
}

static uint32_t step(struct lci_engine *e, uint32_t index, const struct lci_instruction *in)
{
    switch (lci_step(e, index, in)) {
    case LCI_STEP_GOES_ON: return e->threads[index].pc;
    case LCI_STEP_BEGINS: return think(e, index, &e->program->tasks[e->kinds[in->a].task]);
    default: return HALT;
    }
}

/* A branch of a fork, or the whole of a graph without one, is done. Returns the thread that goes on, or LCI_NIL. */
static inline uint32_t end_branch(struct lci_engine *e, uint32_t index)
{
    const uint32_t job = e->threads[index].job;
    release_held(e, index);
    lci_fork_leave(e, e->threads[index].work.fork);
    /* A customer's thread goes on after the last branch, with a fork of its own. */
    e->threads[index].work.fork = LCI_NIL;
    if (index != job)
        lci_thread_end(e, index);
    LCI_HOLDS(e, job, e->threads[job].work.live > 0);
    if (--e->threads[job].work.live > 0)
        return LCI_NIL;
    e->threads[job].pc = e->kinds[e->threads[job].entry].finish;
    return job;
}

/* ---- the interpreter --------------------------------------------------------------------------------------------- */

static inline uint32_t branch_of(struct lci_engine *e, const struct lci_instruction *in, uint32_t choice_index)
{
    const struct lci_option *option = choose(e, choice_index, lci_random_uniform(&e->streams[in->b]));
    if (option != NULL)
        return option->target;
    /* An or-fork whose probabilities sum to a little less than 1: its last branch. A loop is left. */
    const struct lci_choice *choice = &e->program->choices[choice_index];
    return in->code == LCI_LOOP ? in->c : e->program->options[choice->first + choice->count - 1].target;
}

static inline uint32_t branch(struct lci_engine *e, const struct lci_instruction *in)
{
    return branch_of(e, in, in->a);
}

/* One more step without any time passing: whether there have been too many. */
static inline bool is_stuck(struct lci_engine *e)
{
    if (__builtin_expect(--e->patience >= 0, 1))
        return false;
    e->stuck = true;
    return true;
}

/* Where a thread goes on, or HALT when there is none. */
static inline uint32_t place_of(const struct lci_engine *e, uint32_t index)
{
    return index == LCI_NIL ? HALT : e->threads[index].pc;
}

/* The processor that was kept for another goes to the next, unless who kept it was preempted meanwhile. */
static void pass_on(struct lci_engine *e, uint32_t keeper)
{
    release_held(e, keeper);
    lci_thread_end(e, keeper);
}

/* Where the last branch goes on behind a join; HALT for those before it. */
static inline uint32_t join(struct lci_engine *e, uint32_t index, const struct lci_instruction *in)
{
    return lci_join_passes(e, index, in) ? e->program->joins[in->a].next : HALT;
}

/* Instructions of what few models have. Returns where the thread goes on, or HALT; it may become another thread. */
__attribute__((noinline)) static uint32_t execute_rare(struct lci_engine *e, uint32_t *thread,
                                                       const struct lci_instruction *in)
{
    const uint32_t index = *thread, pc = address_of(e, in);
    switch (in->code) {
    case LCI_END_FULL: end_full(e, index, in); return pc + 1;
    case LCI_REPLY_SHARED: return lci_stand_behind(e, index, reply(e, index, in), in->b, pc + 1);
    case LCI_REPLY_FORWARD: return reply_and_forward(e, index, in, pc + 1);
    case LCI_YIELD: return lci_yield(e, index, in, pc + 1);
    case LCI_PASS_ON: pass_on(e, index); return HALT;
    case LCI_CYCLE: return cycle(e, index, in->a);
    case LCI_LEAVE: rest(e, index), lci_thread_end(e, index); return HALT;
    case LCI_CYCLE_USERS: return cycle_users(e, index, in);
    case LCI_STEP: return step(e, index, in);
    case LCI_SYNC_JOIN: return lci_sync_join(e, index, in);
    case LCI_SIZE_BEGIN: lci_size_begin(e, index, in); return pc + 1;
    case LCI_GATHER_BEGIN: lci_gather_begin(e, index); return pc + 1;
    case LCI_GATHER: return branch_of(e, in, lci_gather(e, index, in));
    case LCI_SIZE: lci_size_look(e, index, in); return pc + 1;
    case LCI_RECORD: e->recorder != NULL ? lci_record(e, index, in) : lci_endings_record(e, index, in); return pc + 1;
    case LCI_ANSWERED: *thread = lci_answered(e, index); return place_of(e, *thread);
    case LCI_SETTLED: *thread = lci_settled(e, index); return place_of(e, *thread);
    case LCI_OUTCOME: lci_look_at_outcome(e, index, in); return pc + 1;
    default: __builtin_unreachable();
    }
}

/* Runs a thread until it waits. Instructions that just go on to the one behind them `continue`, those that always wait
 * return; only the others, without which nothing goes round in circles, come to the check at the end. */
LCI_HOT void execute(struct lci_engine *e, uint32_t index)
{
    const struct lci_instruction *const code = e->code, *in = code + e->threads[index].pc;
    uint32_t pc, call, other;
    while (true) {
        LCI_HOLDS(e, index, address_of(e, in) < e->program->code_count);
        switch (in->code) {
        case LCI_WAKE: wake(e, index), in++; continue;
        case LCI_WAKE_BEGIN: wake(e, index), begin(e, index), in += 2; continue;
        case LCI_BEGIN_SLICE: begin(e, index), in++; /* fall through */
        case LCI_SLICE:
        case LCI_SLICE_HELD: begin_slice(e, index, in); return;
        case LCI_BEGIN_SLICE_DELAY: begin(e, index), in++; /* fall through */
        case LCI_SLICE_DELAY: begin_delay_slice(e, index, in); return;
        case LCI_SERVICE: lci_whole_start(e, index, &e->services[in->c]); return;
        case LCI_END_AWAITED: lci_endings_answer(e, index); /* fall through */
        case LCI_END_SERVICE: index = end_service(e, index, in); goto switched;
        case LCI_BEGIN: begin(e, index), in++; continue;
        case LCI_DELAY: delay(e, index, in); return;
        case LCI_CALL_ONE: call = lci_random_bits(&e->streams[in->b]) >> 11 < in->below ? in->a : LCI_NIL; break;
        case LCI_CALL_CHOOSE: call = next_call(e, in); break;
        case LCI_CALL_LIST: call = next_listed_call(e, index, in); break;
        case LCI_CALL_MIXED: call = next_mixed_call(e, index, in); break;
        case LCI_END: end(e, index, in), in++; continue;
        case LCI_REPLY: reply(e, index, in), in++; continue;
        case LCI_FINISH: index = finish(e, index); goto switched;
        case LCI_END_LEAVING: lci_endings_leave(e, index); /* fall through */
        case LCI_END_CYCLE: pc = end_cycle(e, index, in); goto jumped;
        case LCI_JUMP: pc = in->c; goto jumped;
        case LCI_OR:
        case LCI_LOOP: pc = branch(e, in); goto jumped;
        case LCI_FORK: pc = lci_fork(e, index, in); goto jumped;
        case LCI_JOIN:
            if ((pc = join(e, index, in)) != HALT)
                goto jumped; /* fall through */
        case LCI_BRANCH_END: index = end_branch(e, index); goto switched;
        case LCI_FIRST_RARE ... LCI_RECORD: other = index, pc = execute_rare(e, &other, in), index = other; goto jumped;
        default: __builtin_unreachable(); /* no bounds are checked at a dispatch */
        }
        if (call == LCI_NIL) { /* all calls are made */
            if (in->flag)
                release_held(e, index);
            in++;
            continue;
        }
        if (e->arcs[call].whole && lci_whole_call(e, index, call, in->c))
            return;
        index = make_call(e, index, call, in->c);
    switched:
        if (index == LCI_NIL)
            return;
        pc = e->threads[index].pc;
    jumped:
        if (pc == HALT || is_stuck(e))
            return;
        in = code + pc;
    }
}

uint32_t lci_customer_new(struct lci_engine *e, uint32_t instance)
{
    const uint32_t index = lci_thread_new(e);
    e->threads[index] = (struct lci_thread){.job = index,
                                            .caller = LCI_NIL,
                                            .call = LCI_NIL,
                                            .instance = instance,
                                            .work.fork = LCI_NIL,
                                            .work.partner = LCI_NIL,
                                            .work.replied = -1};
    lci_sticky_forget(e, index);
    if (e->endings != NULL)
        lci_endings_arrive(e, index);
    return index;
}

void lci_customer_start(struct lci_engine *e, uint32_t index)
{
    const uint32_t task = e->program->instance_task[e->threads[index].instance];
    if (think(e, index, &e->program->tasks[task]) != HALT)
        lci_ready(e, index);
}

/* ---- events ------------------------------------------------------------------------------------------------------ */

/* An open source fires; returns the thread that can go on, or LCI_NIL. */
static uint32_t arrive(struct lci_engine *e, uint32_t source_index)
{
    const struct lci_source *source = &e->program->sources[source_index];
    lci_schedule(&e->calendar, e->now + lci_sample(&e->samplers[source->sampler]), lci_what(LCI_ARRIVAL, source_index));
    if (source->call != LCI_NIL)
        return send(e, source->call, e->arcs[source->call].base, LCI_NIL);
    const struct lci_program_task *task = &e->program->tasks[source->task];
    const uint32_t index = lci_customer_new(e, task->first + source->replica);
    return think(e, index, task) == HALT ? LCI_NIL : index;
}

/* The slice of a thread at a processor with a queue is over. */
static inline void served(struct lci_engine *e, uint32_t index)
{
    struct lci_thread *t = &e->threads[index];
    e->completions++;
    if (__builtin_expect(e->code[t->pc].code == LCI_SLICE_HELD, 0))
        t->work.holding = true;
    else
        release(e, &e->stations[e->instances[t->instance].station]);
    t->pc++;
}

static inline void delayed(struct lci_engine *e, uint32_t index)
{
    struct lci_thread *t = &e->threads[index];
    struct lci_station *st = &e->stations[e->instances[t->instance].station];
    LCI_HOLDS(e, index, st->busy.n >= 1);
    lci_load_shrink(&st->busy, e->now);
    e->completions++;
    t->pc++;
}

/* A service that is one slice is over, and the server free; `next` is served, unless it is LCI_NIL. Returns who goes
 * on. */
static uint32_t go_on_after_whole(struct lci_engine *e, uint32_t instance, uint32_t caller, uint32_t next)
{
    lci_calendar_take(&e->calendar);
    if (next != LCI_NIL && e->services[e->threads[next].entry].whole) {
        lci_schedule(&e->calendar, lci_whole_begin(e, &e->threads[next], &e->services[e->threads[next].entry]),
                     lci_what(LCI_SERVICE_ENDS, next));
        return caller;
    }
    lci_load_shrink(&e->stations[e->instances[instance].station].busy, e->now);
    if (next == LCI_NIL)
        return caller;
    if (caller != LCI_NIL)
        lci_ready(e, caller);
    return next;
}

/* A service that is one slice is over, whose event is at `leaf`: its tally, the answer, and the next message, whose
 * service begins before the caller goes on. */
LCI_HOT uint32_t whole_ends(struct lci_engine *e, uint32_t leaf, uint32_t index)
{
    const struct lci_thread *t = &e->threads[index];
    struct lci_instance *instance = &e->instances[t->instance];
    e->completions++;
    lci_whole_record(e, t, &e->services[t->entry]);
    if (__builtin_expect(!instance->plain || instance->queue.count == 0, 0)) {
        const uint32_t at = t->instance, caller = t->caller, next = take_next(e, at);
        lci_thread_end(e, index);
        return go_on_after_whole(e, at, caller, next);
    }
    lci_thread_end(e, index);
    const uint32_t next = lci_queue_first(e, &instance->queue);
    struct lci_thread *message = &e->threads[next];
    const struct lci_whole *service = &e->services[message->entry];
    instance->queue_area += e->now;
    record_wait(e, message);
    if (__builtin_expect(!service->whole, 0)) {
        start_service(e, next);
        return go_on_after_whole(e, t->instance, t->caller, next);
    }
    lci_schedule_instead(&e->calendar, leaf, lci_whole_begin(e, message, service), lci_what(LCI_SERVICE_ENDS, next));
    return t->caller;
}

static void end_shared_slice(struct lci_engine *e, uint32_t index)
{
    struct lci_thread *t = &e->threads[index];
    e->activities[e->code[t->pc].b].waiting += e->now - t->work.since;
    e->completions++;
    t->pc++;
}

/* What happens at an event that is taken; returns the thread that can go on, or LCI_NIL. */
static inline uint32_t happen(struct lci_engine *e, uint32_t kind, uint32_t index, uint32_t sequence)
{
    switch (kind) {
    case LCI_RESUME: break;
    case LCI_SERVED: served(e, index); break;
    case LCI_DELAYED: delayed(e, index); break;
    case LCI_TURN:
        if (!lci_turn_ends(e, index, sequence))
            return LCI_NIL;
        end_shared_slice(e, index);
        break;
    case LCI_FLOW:
        index = lci_fluid_flow(e, index, sequence);
        if (index != LCI_NIL)
            end_shared_slice(e, index);
        break;
    case LCI_ARRIVAL: index = arrive(e, index); break;
    case LCI_EXPIRY: index = lci_expire(e, index, sequence); break;
    case LCI_ALARM: index = e->alarms[index].ring(e, e->alarms[index].about); break;
    default: __builtin_unreachable();
    }
    return index;
}

/* Runs everything that can happen at the present instant: `index`, then who stands in the ring. */
static inline void run_instant(struct lci_engine *e, uint32_t index)
{
    while (true) {
        if (index == LCI_NIL) {
            if (e->ready_head == e->ready_tail)
                return;
            index = e->ready[e->ready_head++ & e->ready_mask];
            if (is_stuck(e)) /* some set each other free for ever */
                return;
        }
        execute(e, index);
        index = LCI_NIL;
    }
}

/* Nothing happens before `until`, or ever. */
__attribute__((noinline)) static void end_of_time(struct lci_engine *e, double until)
{
    if (lci_calendar_is_empty(&e->calendar))
        e->stuck = true;
    else
        lci_engine_set_time(e, until);
}

/* Time goes on to the next event. False: it has stood still for too long. */
static inline bool pass_time(struct lci_engine *e, double time)
{
    LCI_HOLDS(e, LCI_NIL, time >= e->now);
    e->events++;
    if (__builtin_expect(!(time > e->now), 0))
        return !is_stuck(e);
    lci_engine_set_time(e, time);
    e->patience = LCI_STEPS_AT_ONCE;
    return true;
}

void lci_engine_run(struct lci_engine *e, double until, uint64_t events)
{
    struct lci_calendar *calendar = &e->calendar;
    uint32_t index = LCI_NIL; /* customers that begin without thinking are ready already */
    while (true) {
        run_instant(e, index);
        if (e->stuck)
            return;
        lci_calendar_settle(calendar);
        do { /* while what happens sets nobody free, and leaves an event behind in its place */
            if (e->events >= events)
                return;
            const uint32_t leaf = lci_calendar_top(calendar);
            const double time = lci_calendar_time(calendar, leaf);
            if (__builtin_expect(!(time <= until), 0)) { /* that of no event is no number */
                end_of_time(e, until);
                return;
            }
            if (!pass_time(e, time))
                return;
            const uint32_t what = calendar->pending[leaf].what, about = what & ((1u << LCI_WHAT_BITS) - 1);
            const uint32_t kind = what >> LCI_WHAT_BITS;
            if (kind == LCI_SERVICE_ENDS) {
                index = whole_ends(e, leaf, about);
            } else if (kind == LCI_ARRIVAL_WHOLE) {
                lci_whole_arrive(e, leaf, about);
                index = LCI_NIL;
                continue;
            } else {
                const uint32_t sequence = calendar->pending[leaf].sequence;
                lci_calendar_take(calendar);
                index = happen(e, kind, about, sequence);
                break;
            }
        } while (index == LCI_NIL && calendar->taken == LCI_NO_LEAF);
    }
}
