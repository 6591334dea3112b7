/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The state of one simulation of a program: threads of control, servers, pending events and what is counted. Reset for
 * every replication; memory is kept, and grows only when more messages are under way than ever before.
 *
 * A thread of control is a message from when it is sent, waits in the queue of the called task, becomes the thread that
 * serves it, and ends with it: one record for all of it. A customer of a closed class is one that never ends. Branches
 * of a fork are further threads that belong to the same job.
 *
 * Time integrals are kept as ∫ n dt = area + n · now: when n grows by one `now` is subtracted from the area, when it
 * shrinks `now` is added, and nothing needs doing in between.
 */
#ifndef LCI_ENGINE_H
#define LCI_ENGINE_H

#include "calendar.h"
#include "program.h"
#include "queue.h"
#include "sketch.h"

#include <assert.h>
#include <stddef.h>

struct lci_thread {
    uint32_t pc;
    uint32_t next;     /* in the queue or free list that it is in */
    uint32_t job;      /* the thread that the message became; itself unless a branch */
    uint32_t caller;   /* job: waits for the reply; LCI_NIL: nobody, or replied already */
    uint32_t call;     /* job: the arc along which the message came */
    uint32_t entry;    /* job */
    uint32_t instance; /* of the task */
    uint32_t event;    /* sequence number of the event that counts; 0: none */
    float size;        /* in programs with sizes: of the request; 0: the caller's (size.h) */
    bool failed;       /* job: something that it asked for was answered with an error; attempt: its answer was one */
    double sent;       /* job: when the message was sent; customer in a session: time of its steps so far */
    union {
        struct {              /* a message, the thread that serves it, a customer */
            uint32_t live;    /* job: threads at work for it */
            uint32_t fork;    /* the innermost run of a fork that it is part of; LCI_NIL */
            uint32_t left;    /* calls made, or passed by, so far (deterministic) */
            uint32_t partner; /* job: the next one that a join across entries has made one with it */
            bool holding;     /* keeps its processor between two slices */
            bool keeps;       /* and does not yield it before the next phase: order.c */
            bool counted;     /* job: waits at a join across entries, its service has been counted */
            bool last;        /* round robin: the turn ends the slice */
            double started;   /* job: when a thread took it */
            double replied;   /* job: end of phase 1; negative: not yet */
            double begun;     /* the phase or activity */
            double since;     /* when it asked for the processor */
            double turn;      /* when its turn on the processor began */
            double demand;    /* what is left of the slice */
            double granted;   /* round robin: since when it has had the processor; quanta are counted from here */
        } work;
        struct {                /* a request with policies: guard.c */
            uint32_t attempts;  /* so far */
            uint32_t turns;     /* of the breaker when it was let pass */
            uint32_t first;     /* of its attempts under way, linked through attempt.next; LCI_NIL: none */
            uint32_t copies;    /* sent in this attempt */
            uint32_t waits_for; /* enum in guard.c */
            bool aged;          /* its age has been looked at */
            double begun;       /* of the attempt */
            double dispatched;  /* when its first copy was sent */
        } request;
        struct {
            uint32_t next; /* of the same request; LCI_NIL */
        } attempt;
        struct {               /* a request with a decision: decision.c */
            uint32_t attempts; /* so far */
            bool under_way;    /* false: it is a pause */
        } watch;
    };
};
static_assert(sizeof(struct lci_thread) == 128, "threads are found by a shift, 4 % fewer instructions in all");
static_assert(offsetof(struct lci_thread, size) == sizeof((struct lci_program_call *)NULL)->message,
              "lci_message_new() writes all of these");

struct lci_engine;
struct lci_pattern_state; /* pattern.h */

struct lci_instance { /* a task, or one replica of it */
    uint32_t idle;    /* threads; of LC_INFINITE, what is left of it */
    uint32_t busy;
    uint32_t station;  /* where it runs */
    uint32_t queue_at; /* the instance whose queue it serves */
    uint32_t buffered; /* waiting messages that take up room: those that nobody waits for; `rejects`: all */
    uint32_t limit;    /* of these; LCI_NIL: none */
    bool rejects;      /* what finds no room is answered with an error */
    bool plain;        /* no lock, no limit, and a queue of its own in the order of coming */
    uint32_t stream;   /* random order of its queue */
    uint32_t level;    /* urgency of its slices on the processor */
    double busy_area, queue_area;
    struct lci_queue queue;
    struct lci_queue *outside; /* messages that wait for room, with their senders; NULL: nobody waits so; owned */
    struct lci_lock *lock;     /* semaphores, locks, servers that synchronise entries; NULL for all others */
    uint64_t padding[1];       /* to 128 bytes */
};

struct lci_discipline; /* discipline.h */
struct lci_fluid;      /* processor sharing and fair shares, fluid.c */

/* A number and its time integral, which change together: by (1, -now) when the number grows by one. */
struct lci_load {
    double n, area;
};
static inline void lci_load_grow(struct lci_load *load, double now)
{
    load->n++;
    load->area -= now;
}
static inline void lci_load_shrink(struct lci_load *load, double now)
{
    load->n--;
    load->area += now;
}
static inline double lci_load_area(const struct lci_load *load, double now)
{
    return load->area + load->n * now;
}

struct lci_station { /* a processor, or one replica of it */
    uint32_t idle;   /* servers */
    struct lci_load busy;
    double quantum;
    enum lc_scheduling scheduling;
    uint32_t stream;   /* random order */
    uint32_t *running; /* threads in service, where turns can be cut short; owned */
    uint32_t running_count, running_capacity;
    struct lci_fluid *fluid;
    struct lci_queue queue;
    double pace; /* time for a unit of demand, where turns can be cut short */
    const struct lci_discipline *discipline;
};

/* What is counted. Sums of squares are of the same quantity as the sum before. */
struct lci_activity_tally {
    double count, sum, squares;
    double demand, waiting; /* at the processor */
    double exceeded;
};
struct lci_entry_tally {
    double count, sum, squares;               /* services from start to end */
    double replies, reply_sum, reply_squares; /* start to reply */
};
struct lci_call_tally {
    double count, sum, squares, lost;
};
struct lci_decision_tally {
    double requests, answered, timeouts, retries, given_up; /* timeouts: of attempts */
};
struct lci_guard_tally {                     /* of requests, and of attempts: an attempt, its copies, and its retries */
    double requests, answered, failed, hits; /* answered: and well, from the cache or not */
    double attempts, copies, retries, timeouts, errors; /* errors: answers of the called task */
    double short_circuited, full, limited, shed;
    double open_area; /* breakers that are open or half-open */
};
struct lci_workload_tally {
    double count, sum, squares, failed;
};
struct lci_join_tally {
    double count, sum, squares;
};

/* What a service of an entry that is LCI_SERVICE touches, and an open arrival that asks for one, one step away. */
struct lci_whole {
    bool whole; /* the entry is such a service, from its first instruction on */
    struct lci_sampler *demand;
    struct lci_activity_tally *activity;
    struct lci_sketch *sketch;
    struct lci_workload_tally *open; /* NULL: there are no open arrivals */
    struct lci_sketch *responses;    /* of these */
    uint64_t padding[2];             /* to 64 bytes: found by a shift */
};

struct lci_arrivals {
    struct lci_sampler *between;
    const struct lci_program_call *call;
    struct lci_instance *instance; /* a plain one */
    const struct lci_whole *service;
    struct lci_call_tally *tally;
    uint64_t padding[3]; /* to 64 bytes */
};

struct lci_guard_state { /* of a caller's replica */
    uint32_t under_way;  /* requests */
    uint32_t inside;     /* bulkhead: attempts under way */
    uint32_t breaker;    /* enum in guard.c */
    uint32_t probes;     /* half-open: under way; `passed` of them were answered */
    uint32_t passed;
    uint32_t turns;         /* of the breaker: what was let pass before the last one does not count */
    double calls, failures; /* since `window` */
    double window, opened;
    double tokens; /* retry budget */
};
struct lci_bucket { /* of a rate limit */
    double tokens, filled;
};

struct lci_elastic_state; /* elastic.c */

struct lci_fork_run {
    uint32_t outer, references;
    double begun;
    uint32_t counters[]; /* one per join that can end it */
};

/* What is called at an LCI_ALARM; it returns the thread that can go on, or LCI_NIL. */
struct lci_alarm {
    uint32_t (*ring)(struct lci_engine *e, uint32_t about);
    uint32_t about;
};

/* Instructions and events without any time passing: a model that goes round in circles. */
#define LCI_STEPS_AT_ONCE 100000000

struct lci_engine {
    const struct lci_program *program;
    const struct lci_instruction *code; /* the program's, one step nearer: */
    const struct lci_program_call *arcs;
    const struct lci_entry *kinds; /* of services */
    struct lci_calendar calendar;
    double now, origin; /* origin: counting began */
    double lead;        /* patterns of load begin at this time, and stay until then as they begin */
    struct lci_thread *threads;
    uint32_t thread_count, thread_capacity, free_thread;
    uint32_t *ready; /* a ring of threads that can go on at once */
    uint32_t ready_head, ready_tail, ready_mask;
    struct lci_instance *instances;
    struct lci_station *stations;
    struct lci_sampler *samplers;
    struct lc_random *streams;
    struct lci_alarm *alarms;
    size_t alarm_count, alarm_capacity;
    struct lci_pattern_state *patterns; /* as program.patterns */
    uint32_t *turns;                    /* per call: replica whose turn it is */
    uint32_t *places;                   /* per thread and sticky task: the customer's replica; LCI_NIL: none yet */
    uint32_t *gathered;                 /* per thread and gather: the customer's requests so far */
    uint32_t *sticky_turns;             /* per sticky task: the next new customer's replica */
    char *fork_runs;                    /* records of fork_size bytes */
    size_t fork_size;
    uint32_t fork_count, fork_capacity, free_fork;
    uint32_t *branches; /* room for the branches of the widest fork */
    struct lci_activity_tally *activities;
    struct lci_entry_tally *entries;
    struct lci_call_tally *calls;
    double *left_waits; /* as calls: what those waited who left the queue without a thread */
    struct lci_workload_tally *workloads;
    struct lci_join_tally *joins;
    struct lci_decision_tally *decisions;
    struct lci_guard_tally *guards;
    struct lci_guard_state *guard_states;
    struct lci_bucket *buckets;
    struct lci_elastic_state *elastics; /* as program.elastics */
    uint32_t *histograms;
    struct lci_sketch *sketches;
    int64_t sketch_origin;
    struct lci_whole *services;    /* of entries */
    struct lci_arrivals *arrivals; /* of sources, those of LCI_ARRIVAL_WHOLE */
    uint64_t events, completions;
    int64_t patience;              /* steps that there may still be before time moves; negative: there were too many */
    struct lci_recorder *recorder; /* of a recorded program, record/record.h; not owned */
    struct lci_endings *endings;   /* of a program that goes on, endings.h; NULL: of others */
    bool stuck;                    /* time does not advance, nothing is left to happen, or `unmatched` */
    uint32_t unmatched;            /* entry of a signal or unlock that found nothing taken; LCI_NIL: none */
    uint64_t seed, replication;    /* since the last reset */
};

/* What always holds while a program runs. In builds with assertions (debug, sanitizers, fuzzers) it is checked: where
 * it does not hold, the seed, the replication, the time and the thread (LCI_NIL: it is about none) are printed, and the
 * program is aborted. */
#ifdef NDEBUG
#define LCI_HOLDS(e, thread, condition) ((void)sizeof(condition))
#else
_Noreturn void lci_broken(const struct lci_engine *e, uint32_t thread, const char *condition, const char *file,
                          int line);
#define LCI_HOLDS(e, thread, condition) ((condition) ? (void)0 : lci_broken(e, thread, #condition, __FILE__, __LINE__))
#endif

/* Never back, but for a reset. */
static inline void lci_engine_set_time(struct lci_engine *e, double now)
{
    LCI_HOLDS(e, LCI_NIL, now >= e->now || now == 0);
    e->now = now;
}

struct lci_engine *lci_engine_new(const struct lci_program *program);
void lci_engine_free(struct lci_engine *engine);
/* Back to time 0, all queues empty, random streams of this replication. */
void lci_engine_reset(struct lci_engine *engine, uint64_t seed, uint64_t replication);
/* Forgets what was counted so far; what goes on at present goes on. */
void lci_engine_forget(struct lci_engine *engine);
/* Runs to time `until`, or until there were `events` events since the reset. */
void lci_engine_run(struct lci_engine *engine, double until, uint64_t events);

/* ---- between the parts of the engine ----------------------------------------------------------------------------- */

/* LCI_RECORD, record/recorder.c or endings.c. */
void lci_record(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in);

/* What becomes of requests that policies, decisions and full queues treat, and of replicas: told to the recorder,
 * record/attempts.c, or to endings.c. Elsewhere it is a branch that is never taken, on such ways alone. */
enum lci_note {
    LCI_NOTE_REQUEST,   /* a request with attempts begins, for `other` or nobody */
    LCI_NOTE_HIT,       /* the request's cache answers it */
    LCI_NOTE_MISS,      /* the request's cache was asked in vain */
    LCI_NOTE_ATTEMPT,   /* an attempt of the request `other` is sent: its message is the thread made next */
    LCI_NOTE_TAKEN,     /* takes the place of the request `other` */
    LCI_NOTE_REFUSED,   /* an attempt of the request is not sent */
    LCI_NOTE_ANSWERED,  /* an attempt, whether or not anybody still waits; with an error if `other` */
    LCI_NOTE_GIVEN_UP,  /* an attempt: its time is up, or another copy was answered */
    LCI_NOTE_DIVERTED,  /* another entry is asked instead: its message is the thread made next */
    LCI_NOTE_ENDED,     /* the request */
    LCI_NOTE_DROPPED,   /* a message, by a full queue: its caller gets an error */
    LCI_NOTE_WITHDRAWN, /* a message, from the queue */
    LCI_NOTE_STARTED,   /* an instance, not a thread */
};
void lci_note_rest(struct lci_engine *e, enum lci_note what, uint32_t thread, uint32_t other);
static inline void lci_note(struct lci_engine *e, enum lci_note what, uint32_t thread, uint32_t other)
{
    if (__builtin_expect(e->recorder != NULL || e->endings != NULL, 0))
        lci_note_rest(e, what, thread, other);
}

/* What an event is about: the kind in the upper bits of `what`, an index in the others. */
enum lci_happening {
    LCI_RESUME,        /* a thread goes on after a delay */
    LCI_SERVED,        /* a slice ends at a processor with a queue */
    LCI_DELAYED,       /* a slice ends at a processor without contention */
    LCI_TURN,          /* a turn ends that may have been cut short */
    LCI_FLOW,          /* a slice ends at a station with shared servers */
    LCI_ARRIVAL,       /* of a source */
    LCI_EXPIRY,        /* a watched request was not answered in time, or is sent anew */
    LCI_ALARM,         /* whatever else has its time: one of `alarms` */
    LCI_SERVICE_ENDS,  /* a service that is one slice ends: LCI_SERVICE */
    LCI_ARRIVAL_WHOLE, /* of a source, for such a service: whole.h */
};
#define LCI_WHAT_BITS 28
static inline uint32_t lci_what(enum lci_happening kind, uint32_t index)
{
    return (uint32_t)kind << LCI_WHAT_BITS | index;
}

/* While an engine is made: an alarm that can be scheduled as lci_what(LCI_ALARM, the index returned). */
uint32_t lci_alarm_add(struct lci_engine *e, uint32_t (*ring)(struct lci_engine *e, uint32_t about), uint32_t about);

uint32_t lci_thread_new_rest(struct lci_engine *e); /* grows the pool: pointers to threads are void after it */
static inline uint32_t lci_thread_new(struct lci_engine *e)
{
    const uint32_t index = e->free_thread;
    if (__builtin_expect(index == LCI_NIL, 0))
        return lci_thread_new_rest(e);
    e->free_thread = e->threads[index].next;
    return index;
}
/* The message of `caller` (LCI_NIL: nobody waits for it) along `call`, to the only instance there is. */
static inline uint32_t lci_message_new(struct lci_engine *e, const struct lci_program_call *call, uint32_t caller)
{
    const uint32_t index = lci_thread_new(e);
    struct lci_thread *t = &e->threads[index];
    memcpy(t, call->message, sizeof call->message);
    t->job = index;
    t->caller = caller;
    t->work.holding = false;
    t->sent = e->now;
    return index;
}
/* The thread that the next message becomes. */
static inline uint32_t lci_next_thread(const struct lci_engine *e)
{
    return e->free_thread == LCI_NIL ? e->thread_count : e->free_thread;
}
#define LCI_ENDED LCI_NIL /* where assertions are on: the address of a thread that has ended */
static inline void lci_thread_end(struct lci_engine *e, uint32_t index)
{
    LCI_HOLDS(e, index, index < e->thread_count && e->threads[index].pc != LCI_ENDED);
#ifndef NDEBUG
    e->threads[index].pc = LCI_ENDED;
#endif
    e->threads[index].next = e->free_thread;
    e->free_thread = index;
}

void lci_ready_grow(struct lci_engine *e);
static inline void lci_ready(struct lci_engine *e, uint32_t index)
{
    LCI_HOLDS(e, index, index < e->thread_count && e->threads[index].pc != LCI_ENDED);
    if (__builtin_expect(e->ready_tail - e->ready_head > e->ready_mask, 0))
        lci_ready_grow(e);
    e->ready[e->ready_tail++ & e->ready_mask] = index;
}

/* To and from a queue in the order of coming. The thread's `next` must be LCI_NIL; the queue not empty. */
static inline void lci_queue_append(struct lci_engine *e, struct lci_queue *q, uint32_t index)
{
    LCI_HOLDS(e, index, e->threads[index].next == LCI_NIL);
    if (q->count++ == 0)
        q->first.head = index;
    else
        e->threads[q->first.tail].next = index;
    q->first.tail = index;
}
static inline uint32_t lci_queue_first(struct lci_engine *e, struct lci_queue *q)
{
    LCI_HOLDS(e, LCI_NIL, q->count > 0);
    const uint32_t index = q->first.head;
    q->first.head = e->threads[index].next;
    q->count--;
    return index;
}
static inline void lci_queue_push(struct lci_engine *e, struct lci_queue *q, uint32_t index, uint32_t level)
{
    if (__builtin_expect(q->random || q->levels > 1, 0)) {
        lci_queue_push_rest(q, e->threads, index, level);
        return;
    }
    e->threads[index].next = LCI_NIL;
    lci_queue_append(e, q, index);
}
/* The queue must not be empty. `stream` is for those in random order. */
static inline uint32_t lci_queue_pop(struct lci_engine *e, struct lci_queue *q, uint32_t stream)
{
    if (__builtin_expect(q->random || q->levels > 1, 0))
        return lci_queue_pop_rest(q, e->threads, &e->streams[stream]);
    return lci_queue_first(e, q);
}

/* Stations where a turn can be cut short (pp, ps with a quantum), turn.c. */
void lci_turn_arrive(struct lci_engine *e, uint32_t station, uint32_t thread);
/* The event `sequence` of a thread has come up. True: its slice is complete. */
bool lci_turn_ends(struct lci_engine *e, uint32_t thread, uint32_t sequence);
/* A thread that has kept its server: begins another slice; gives the server away; hands it to another thread. */
void lci_turn_continue(struct lci_engine *e, uint32_t station, uint32_t thread);
void lci_turn_release(struct lci_engine *e, uint32_t station, uint32_t thread);
void lci_turn_hand_over(struct lci_engine *e, uint32_t station, uint32_t from, uint32_t to);

/* Processors that several tasks share, order.c. What returns an address returns where the thread goes on, or LCI_NIL.
 */
void lci_pass_on(struct lci_engine *e, uint32_t thread); /* gives away the processor that it holds */
/* The same where `woken`, whom the thread has just set free, stands in line before. LCI_NIL: nobody. */
void lci_pass_on_after(struct lci_engine *e, uint32_t thread, uint32_t woken);
uint32_t lci_yield(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in, uint32_t next);
uint32_t lci_stand_behind(struct lci_engine *e, uint32_t thread, uint32_t woken, uint32_t stream, uint32_t next);
/* The thread has ended: its server takes the next message, which is returned, and keeps the processor for it. */
uint32_t lci_finish_held(struct lci_engine *e, uint32_t thread, uint32_t answered);
void lci_release(struct lci_engine *e, uint32_t station); /* a server of a station with a queue is free, engine.c */

/* Nothing is served from now on; and again. What was in service goes on where it was. */
void lci_turn_stop(struct lci_engine *e, uint32_t station);
void lci_turn_go_on(struct lci_engine *e, uint32_t station, uint32_t servers);
void lci_fluid_stop(struct lci_engine *e, uint32_t station, bool stopped);
void lci_fluid_set_speed(struct lci_engine *e, uint32_t station,
                         double speed); /* of each server; what is served goes on */

/* Stations whose servers are shared (ps, cfs), fluid.c. */
struct lci_fluid *lci_fluid_new(const struct lci_program *program, const struct lci_processor *processor);
void lci_fluid_free(struct lci_fluid *fluid);
void lci_fluid_clear(struct lci_fluid *fluid);
void lci_fluid_arrive(struct lci_engine *e, uint32_t station, uint32_t thread);
/* Returns the thread whose slice is complete, or LCI_NIL. */
uint32_t lci_fluid_flow(struct lci_engine *e, uint32_t station, uint32_t sequence);

/* A customer of a source task, at `instance`; it has not chosen an entry yet. */
uint32_t lci_customer_new(struct lci_engine *e, uint32_t instance);
/* Lets a new customer think, or makes it ready. */
void lci_customer_start(struct lci_engine *e, uint32_t index);
void lci_start_service(struct lci_engine *e, uint32_t index, bool waited);
void lci_count_service(struct lci_engine *e, uint32_t job); /* of a job that waits at a join across entries */
uint32_t lci_take_next(struct lci_engine *e, uint32_t instance);
void lci_wait_in_queue(struct lci_engine *e, uint32_t index);

/* The instance that a message of `sender` along `call` goes to, and sending it there; see engine.c. */
uint32_t lci_route(struct lci_engine *e, const struct lci_program_call *call, uint32_t sender);
uint32_t lci_send_to(struct lci_engine *e, uint32_t call, uint32_t to, uint32_t caller);

/* LCI_ROUTE_STICKY, sticky.c: where the request of `sender` (LCI_NIL: an open arrival) goes; which replica its customer
 * has, NULL: it has no customer; and a customer, or a new session of it, that has none. */
uint32_t lci_route_sticky(struct lci_engine *e, const struct lci_program_call *call, uint32_t sender);
/* The thread of the customer for whom `sender` works; LCI_NIL: of nobody. */
uint32_t lci_customer_of(const struct lci_engine *e, uint32_t sender);
uint32_t *lci_sticky_place(struct lci_engine *e, const struct lci_program_call *call, uint32_t sender);
void lci_sticky_forget(struct lci_engine *e, uint32_t customer);

/* A message has left the queue of `at`: it takes up no room any more. */
void lci_left_queue(struct lci_engine *e, struct lci_instance *at, const struct lci_thread *t);

/* Requests that are given up when their answer takes too long, decision.c. All return the thread that can go on, or
 * LCI_NIL. */
uint32_t lci_watched_call(struct lci_engine *e, uint32_t caller, uint32_t call);
uint32_t lci_answered(struct lci_engine *e, uint32_t watch);
uint32_t lci_expire(struct lci_engine *e, uint32_t watch, uint32_t sequence);
/* Takes the request that `watch` waits for out of the queue it was sent to. False: a thread has it already. */
bool lci_withdraw(struct lci_engine *e, uint32_t watch);

/* Requests with policies, guard.c. `caller`: LCI_NIL when nobody waits. All return the thread that can go on, or
 * LCI_NIL. */
uint32_t lci_guarded_call(struct lci_engine *e, uint32_t caller, uint32_t from, uint32_t call);
uint32_t lci_settled(struct lci_engine *e, uint32_t attempt);
uint32_t lci_guard_wake(struct lci_engine *e, uint32_t request);
void lci_guards_clear(struct lci_engine *e);
void lci_guards_forget(struct lci_engine *e);
void lci_guards_renew(struct lci_engine *e, uint32_t instance); /* a caller's replica goes: the next one begins anew */
uint32_t lci_open_breakers(const struct lci_engine *e, const struct lci_guard *guard); /* of how many callers */
/* LCI_OUTCOME. */
void lci_look_at_outcome(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in);
/* The answer that `caller` gets is an error. */
static inline void lci_fail(struct lci_engine *e, uint32_t caller)
{
    LCI_HOLDS(e, caller, e->threads[caller].pc != LCI_ENDED);
    e->threads[e->threads[caller].job].failed = true;
}

/* Tasks whose replicas come and go, elastic.c. */
void lci_elastics_new(struct lci_engine *e);
void lci_elastics_free(struct lci_engine *e);
void lci_elastics_clear(struct lci_engine *e);  /* when everything else has been */
void lci_elastics_forget(struct lci_engine *e); /* before everything else is */
uint32_t lci_route_up(struct lci_engine *e, const struct lci_program_call *call, uint32_t sender);
bool lci_elastic_accepts(struct lci_engine *e, uint32_t elastic, uint32_t message);
uint32_t lci_elastic_finish(struct lci_engine *e, uint32_t elastic, uint32_t job);
/* ∫ of the replicas there are: those that start, serve, are down or come to their end; of those that have started; and
 * of those that serve. */
double lci_elastic_existing(const struct lci_engine *e, uint32_t elastic);
double lci_elastic_started(const struct lci_engine *e, uint32_t elastic);
double lci_elastic_serving(const struct lci_engine *e, uint32_t elastic);
double lci_elastic_starts(const struct lci_engine *e, uint32_t elastic);

/* Full queues whose senders wait for room, overflow.c. */
uint32_t lci_blocking_send(struct lci_engine *e, uint32_t sender, uint32_t call, bool *blocked);
/* There may be room in the queue of `at`: the first of those outside comes in. */
void lci_room(struct lci_engine *e, struct lci_instance *at);

/* The end of a step of a session, session.c. The customer goes on with another step at once or after a pause, begins a
 * new session, or has left. */
enum lci_engine_step { LCI_STEP_GOES_ON, LCI_STEP_PAUSES, LCI_STEP_BEGINS, LCI_STEP_LEAVES };
enum lci_engine_step lci_step(struct lci_engine *e, uint32_t index, const struct lci_instruction *in);

/* Forks and joins, fork.c. */
uint32_t lci_fork(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in); /* where it goes on */
bool lci_join_passes(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in);
/* A thread leaves the run of a fork, which ends with its last one. */
void lci_fork_leave_rest(struct lci_engine *e, uint32_t run);
static inline void lci_fork_leave(struct lci_engine *e, uint32_t run)
{
    if (run != LCI_NIL)
        lci_fork_leave_rest(e, run);
}

/* Semaphores, read/write locks and servers that synchronise entries, lock.c. */
struct lci_lock *lci_lock_new(const struct lci_program *program, const struct lci_program_task *task);
void lci_lock_free(struct lci_lock *lock);
void lci_lock_clear(struct lci_lock *lock);
void lci_lock_forget(struct lci_lock *lock, double now);
/* Synchronising servers: the time during which a request was served or waited at a join, since the last forgetting. */
double lci_lock_open_time(const struct lci_lock *lock, double now);
/* A message has come: true when it may start, otherwise it has been queued. */
bool lci_lock_accepts(struct lci_engine *e, uint32_t message);
/* The job ends; returns a message that has been started because of it, or LCI_NIL. */
uint32_t lci_lock_finish(struct lci_engine *e, uint32_t job);
/* The signal or unlock that the token of `job` has got already, and serves next; LCI_NIL: none. */
uint32_t lci_lock_next(const struct lci_engine *e, uint32_t job);
/* Where the thread goes on, or LCI_NIL when it waits for its partners. */
uint32_t lci_sync_join(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in);
/* The job of `thread` that serves `entry`: its own, or one that a join across entries has made one with it. */
static inline uint32_t lci_job_of(const struct lci_engine *e, uint32_t thread, uint32_t entry)
{
    uint32_t job = e->threads[thread].job;
    while (__builtin_expect(e->threads[job].entry != entry, 0) && e->threads[job].work.partner != LCI_NIL)
        job = e->threads[job].work.partner;
    return job;
}
/* What a lock counted: holding and waiting times; [0] semaphore or readers, [1] writers. */
struct lci_lock_tally {
    double count, sum, squares, waits, wait_sum, wait_squares;
};
const struct lci_lock_tally *lci_lock_tallies(const struct lci_lock *lock);
uint32_t lci_lock_queued(const struct lci_lock *lock); /* in the queues below, beside the instance's own */
uint32_t lci_lock_queues(const struct lci_lock *lock); /* how many that are */
const struct lci_queue *lci_lock_queue(const struct lci_lock *lock, uint32_t which);
uint32_t lci_lock_parked(const struct lci_lock *lock, uint32_t join); /* the first thread; linked through `next` */

/* Messages that wait for a thread of the instance. */
static inline uint32_t lci_queued(const struct lci_instance *instance)
{
    return instance->queue.count + (instance->lock != NULL ? lci_lock_queued(instance->lock) : 0);
}

#endif
