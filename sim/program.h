/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model compiled for simulation: flat arrays and a list of instructions, read only while simulations run, so that
 * all threads share one program.
 *
 * Elements are in the order of their names and not of the file, and so are branches and stochastic calls: whatever
 * depends on order (ties, numbering, sums) then depends on names alone. `model` in each record is the index in the
 * model.
 *
 * A phase or an activity becomes
 *
 *     BEGIN · DELAY (think time) · SLICE · CALLS (to one of them and back to SLICE, or on) · END
 *
 * of which only those instructions appear that do something. Behind END follow the reply, the next phase, or what the
 * activity graph says.
 */
#ifndef LCI_PROGRAM_H
#define LCI_PROGRAM_H

#include "loadcast/lqn.h"
#include "model/policy.h"
#include "sampler.h"

#define LCI_NIL UINT32_MAX

enum lci_code {
    LCI_WAKE,        /* a customer stops thinking */
    LCI_WAKE_BEGIN,  /* WAKE and the BEGIN behind it */
    LCI_BEGIN_SLICE, /* BEGIN and the SLICE or SLICE_HELD behind it; a: activity */
    LCI_BEGIN_SLICE_DELAY,
    LCI_SERVICE,     /* BEGIN_SLICE_DELAY and the END_SERVICE behind it; a: sampler, b: activity, c: entry */
    LCI_END_SERVICE, /* END, the REPLY and the FINISH behind it; a: activity, b: entry */
    LCI_END_AWAITED, /* END_SERVICE with the LCI_RECORD_ANSWER behind its END */
    LCI_BEGIN,       /* a: activity */
    LCI_DELAY,       /* a: sampler */
    LCI_SLICE_DELAY, /* on a processor without contention; a: sampler, b: activity */
    LCI_SLICE,       /* as above, on a processor with a queue */
    LCI_SLICE_HELD,  /* as above; the processor is kept until the calls below have been looked at */
    LCI_CALL_ONE,    /* stochastic calls of one kind: a: call, b: stream, c: where to go on after it; `below` */
    LCI_CALL_CHOOSE, /* stochastic: a: choice, b: stream, c */
    LCI_CALL_LIST,   /* deterministic: a: choice, c */
    LCI_CALL_MIXED,  /* the same with random ones among them: a: choice, b: stream, c */
    LCI_END,         /* a: activity */
    LCI_REPLY,       /* the end of phase 1; a: entry */
    LCI_FINISH,      /* all done: the thread takes the next message; a: entry */
    LCI_END_LEAVING, /* END_CYCLE in programs that go on: the customer leaves its request to what it set going */
    LCI_END_CYCLE,   /* END and the CYCLE behind it; a: activity, b: entry, flag: the task's only one, c: sampler */
    LCI_JUMP,        /* c */
    LCI_OR,          /* a: choice (whose calls are addresses), b: stream */
    LCI_LOOP,        /* the same; c: the address behind the loop */
    LCI_FORK,        /* a: fork, b: stream that shuffles the branches */
    LCI_JOIN,        /* a: join */
    LCI_BRANCH_END,  /* a branch that joins nothing ends */
    /* what few models have: execute_rare() in engine.c */
    LCI_END_FULL,      /* with a maximum service time or a histogram */
    LCI_REPLY_FORWARD, /* a: entry, b: choice, c: stream; flag: the processor is shared */
    LCI_REPLY_SHARED,  /* LCI_REPLY on a processor that is shared (order.c); a: entry, b: stream */
    LCI_YIELD,         /* the processor, before the next phase or activity, if others wait; flag: in any case */
    LCI_PASS_ON,       /* a record that has kept a processor for others to stand in line; it ends */
    LCI_CYCLE,         /* a customer of a closed class begins anew; a: entry */
    LCI_LEAVE,         /* a customer of an open class is done; a: entry */
    LCI_CYCLE_USERS,   /* CYCLE, where the number of users changes: the customer may end; a: entry */
    LCI_STEP,          /* a step of a session is done (session.c); a: entry, b: stream, flag: users change, c: open */
    LCI_SYNC_JOIN,     /* a join of branches of several entries; a: join */
    LCI_GATHER_BEGIN,  /* of a customer's cycle, in programs with gathers only; see gather.h */
    LCI_GATHER,        /* LCI_OR of a gather: a: the first of three choices, b: stream, c: gather, `below`: requests */
    LCI_ANSWERED,      /* a watched request (decision.c) has its answer */
    LCI_SETTLED,       /* an attempt of a guarded request (guard.c) has its answer */
    LCI_OUTCOME,       /* in programs whose requests can fail only; a: enum lci_outcome, b: entry; see guard.c */
    LCI_SIZE_BEGIN,    /* of a service or a customer's cycle, in programs with sizes only; b: stream; see size.h */
    LCI_SIZE,          /* before a time that depends on the request's size; a: sampler */
    LCI_RECORD,        /* in recorded programs and those that go on only; a: enum lci_record, the rest as there */
    LCI_FIRST_RARE = LCI_END_FULL,
};

/* Where a program whose requests can fail looks at whether this one has. */
enum lci_outcome {
    LCI_OUTCOME_BEGIN,  /* of a service or a customer's cycle: nothing has failed yet */
    LCI_OUTCOME_ANSWER, /* what has failed is answered with an error */
    LCI_OUTCOME_LEAVE,  /* the customer's request is over */
};

/* What a recorded program reports to the recorder (sim/record) on its way, and one whose requests go on after their
 * answer to endings.c. Other programs hold none of these instructions, so that it costs nothing there. */
enum lci_record {
    LCI_RECORD_WAKE,      /* a customer stops thinking; not in recorded programs */
    LCI_RECORD_BEGIN,     /* a thread has taken a message */
    LCI_RECORD_CALLING,   /* a call, or a forwarding by entry `b`, may follow at once; flag: of a source of load */
    LCI_RECORD_CALLED,    /* the thread goes on after a call */
    LCI_RECORD_FORWARDED, /* the thread goes on after LCI_REPLY_FORWARD */
    LCI_RECORD_OUTCOME,   /* before LCI_OUTCOME of entry `b` */
    LCI_RECORD_END,       /* all of the service is done */
    LCI_RECORD_ANSWER, /* the service is about to answer a caller that waits for all of it; not in recorded programs */
};

struct lci_instruction {
    uint8_t code;
    uint8_t flag; /* CALL_*: the slice before keeps its processor */
    uint32_t a, b, c;
    uint64_t below;   /* CALL_ONE: probability of a call, times 2^53 */
    uint64_t padding; /* to 32 bytes: found by a shift, as are the engine's records */
};

/* Targets with cumulative weights: of calls (indices of calls), branches and loops (addresses). */
struct lci_choice {
    uint32_t first, count; /* in program.options */
    double total;          /* deterministic: number of calls in all */
};
struct lci_option {
    double upto;  /* cumulative probability; deterministic: cumulative number of calls, a random one counts once */
    double again; /* of a random call among deterministic ones: probability of one more; else 0 */
    uint32_t target;
};

enum lci_route {
    LCI_ROUTE_ONE, /* one instance: `base` */
    LCI_ROUTE_FAN, /* base + (replica of the caller · fan + k) mod replicas */
    LCI_ROUTE_RANDOM,
    LCI_ROUTE_TURN,
    LCI_ROUTE_LEAST,
    LCI_ROUTE_TWO,
    LCI_ROUTE_UP,     /* one of the replicas that serve, by the task's balance: elastic.c */
    LCI_ROUTE_SHARED, /* one queue; whichever replica has an idle thread */
    LCI_ROUTE_STICKY, /* the customer's own: sticky.c */
};

enum lci_kind {
    LCI_SYNC,
    LCI_ASYNC,
    LCI_FORWARD,
    LCI_OPEN,
    LCI_WATCHED,  /* synchronous, to an entry with a decision: decision.c */
    LCI_BLOCKING, /* asynchronous, to a task whose senders wait until there is room: overflow.c */
    LCI_GUARDED,  /* synchronous, with policies: guard.c */
    LCI_GUARDED_ASYNC,
};

static inline bool lci_is_asynchronous(uint8_t kind) /* a call that the caller does not wait for */
{
    return kind == LCI_ASYNC || kind == LCI_BLOCKING || kind == LCI_GUARDED_ASYNC;
}

/* An arc along which messages go. */
struct lci_program_call {
    uint8_t kind, route;
    bool whole;     /* synchronous, to a plain instance, for a service that is one slice: whole.h */
    uint32_t entry; /* called */
    uint32_t base, replicas;
    union {
        uint32_t fan;    /* LCI_ROUTE_FAN */
        uint32_t stream; /* LCI_ROUTE_RANDOM, LCI_ROUTE_TWO, LCI_ROUTE_UP */
    };
    uint32_t offset;     /* LCI_ROUTE_FAN */
    uint32_t level;      /* of the message in the called task's queue, 0 is the most urgent */
    uint32_t statistic;  /* arcs that differ only in the replicas they lead to share one */
    uint32_t message[8]; /* how the record of a message begins (struct lci_thread), to `base` and for nobody */
};

struct lci_activity { /* a phase or an activity */
    uint32_t entry;   /* phases; LCI_NIL for activities */
    uint32_t phase;   /* 0 … */
    uint32_t task;
    int model; /* activities: index in the task */
    double max_service_time;
    struct lc_histogram histogram;
    uint32_t histogram_first; /* in the engine's array of bins */
    uint32_t first_call;      /* statistics: the first of its calls, in the model's order */
};

struct lci_entry {
    int model;
    uint32_t task;
    bool single;                /* one phase and nothing else: the phase's tally is the entry's (END_SERVICE) */
    uint32_t start, finish;     /* addresses */
    bool graph;                 /* activity entry: phase 1 is start → reply */
    uint32_t phases[LC_PHASES]; /* activities; LCI_NIL where absent */
    uint32_t workload;          /* of its open arrivals, or of the ref/open task; LCI_NIL */
    uint32_t workload_sketch;   /* the workload's; LCI_NIL */
    uint32_t first_forward;     /* statistics */
    double upto;                /* cumulative probability among the entries of a source task */
    uint32_t sketch;            /* of phase 1 */
    uint32_t open_statistic;    /* of open arrivals */
    enum lc_entry_role role;
    bool followed;       /* in programs that go on: its services may outlive the answer, and report themselves */
    bool awaited;        /* in programs that go on: not followed, but its answers are reported: lci_awaited_entries() */
    uint32_t decision;   /* LCI_NIL: none */
    uint32_t next;       /* steps of a session: choice of the entry that follows; LCI_NIL: the session ends */
    uint32_t pause;      /* sampler of the time before it; LCI_NIL */
    uint64_t padding[5]; /* to 128 bytes: found by a shift */
};

/* What becomes of requests that are not answered in time. */
struct lci_decision {
    enum lc_scheduling kind;
    double timeout, sleep, deadline; /* deadline: no attempt begins later than this after the first; infinite: none */
    uint32_t retries;                /* at the most; LC_INFINITE */
    uint32_t divert;                 /* arc to the entry that answers instead; LCI_NIL: an error is the answer */
    uint32_t answered;               /* address of LCI_ANSWERED */
};

/* What holds for the calls from one task to another. */
struct lci_guard {
    uint32_t from, to;       /* tasks */
    bool asynchronous;       /* nobody waits: only admission counts */
    struct lc_policy rules;  /* NaN: not set */
    uint32_t bucket;         /* of the rate limit; LCI_NIL: none */
    bool own_bucket;         /* not shared with other callers */
    uint32_t states;         /* the first of its callers' replicas */
    uint32_t jitter, chance; /* streams: of pauses and of cache hits */
    uint32_t settled;        /* address of LCI_SETTLED */
};

struct lci_program_task {
    int model;
    enum lc_scheduling scheduling;
    uint32_t first, replicas; /* instances */
    uint32_t threads;         /* per instance; customers per instance of a ref task */
    bool shares;              /* its processor has other tasks too, or its threads are tokens: order.c */
    bool alone;               /* its processor has a server for each of its threads: nobody waits */
    uint32_t levels;          /* of urgency of messages */
    uint32_t level;           /* on the processor */
    uint32_t group;           /* index among the processor's groups (cfs) */
    uint32_t queue_length;    /* LCI_NIL: no limit */
    enum lc_overflow overflow;
    bool shared;                       /* one queue for all replicas */
    uint32_t first_entry, entry_count; /* in program.task_entries */
    uint32_t think;                    /* sampler of the think time; LCI_NIL */
    uint32_t choose;                   /* stream of the choice of an entry; random order of the queue */
    uint32_t workload;                 /* sources */
    uint32_t joins;                    /* number of joins across entries */
    uint32_t tokens;                   /* semaphore */
    uint32_t elastic;                  /* LCI_NIL: its replicas stay as they are */
    uint32_t sticky;                   /* number among those whose customers keep their replica; LCI_NIL */
    uint32_t users;                    /* pattern of the number of customers of its first instance; LCI_NIL: fixed */
};

struct lci_processor {
    int model;
    enum lc_scheduling scheduling;
    uint32_t first, replicas; /* stations */
    uint32_t servers;
    double quantum;
    uint32_t levels;
    uint32_t stream; /* random order */
    uint32_t first_group, group_count;
};

/* A task whose replicas come and go. */
struct lci_elastic {
    const struct lc_elastic *rules;
    uint32_t task, initial; /* replicas at time 0 */
    enum lc_balance balance;
    uint32_t keep_alive, start_up, up, down; /* samplers; LCI_NIL: none */
    uint32_t processor;                      /* that comes and goes with it; LCI_NIL: none */
};

struct lci_group {
    double share;
    bool cap;
};

struct lci_pattern_source;

/* Open arrivals: of an entry, or of an open task. */
struct lci_source {
    uint32_t sampler;
    uint32_t call; /* of an entry; LCI_NIL: an open task */
    uint32_t task, replica;
};

struct lci_workload {
    int task, entry; /* in the model; the other LC_NONE */
    uint32_t sketch;
    uint32_t ending_sketch; /* in programs that go on */
};

struct lci_fork {
    uint32_t first, count; /* addresses of the branches, in program.options */
    uint32_t joins;        /* counters that a run of the fork needs */
};

struct lci_join {
    uint32_t needed, total; /* arrivals: the quorum, and all that can come */
    uint32_t counter;       /* in the run of the fork that it ends */
    uint32_t statistic;
    bool inside;          /* what follows is still inside of the fork: a later join gathers its other branches */
    uint32_t next;        /* address */
    int task, precedence; /* in the model */
};

/* Not every message can take an idle thread of the task at once: lock.c. */
static inline bool lci_has_lock(const struct lci_program_task *task)
{
    return task->scheduling == LC_SEMAPHORE || task->scheduling == LC_RWLOCK || task->joins > 0 ||
           task->elastic != LCI_NIL;
}

/* Whether a task with one replica has a plain instance (engine.h). */
static inline bool lci_is_plain(const struct lci_program_task *task)
{
    return !lci_has_lock(task) && task->queue_length == LCI_NIL && !task->shared && task->levels == 1 &&
           task->scheduling != LC_RAND;
}

/* Requests that come to a task for one request of a customer, the last of which goes another way. */
struct lci_gather {
    int task; /* of the model */
    uint32_t requests;
};

/* A random stream and where it comes from. */
struct lci_origin {
    char *name, *role;
};

struct lci_program {
    const struct lc_model *model;
    bool recorded;
    bool stepwise; /* no instructions are fused: for tests */
    bool goes_on;  /* requests may go on after their answer, and it is looked at when they end: endings.h */
    bool sized;    /* some times depend on the size of the request: size.h */
    struct lci_gather *gathers; /* branches for the last of several requests: gather.h */
    size_t gather_count, gather_capacity;
    uint32_t pass_on; /* address of LCI_PASS_ON */
    struct lci_instruction *code;
    size_t code_count, code_capacity;
    struct lci_choice *choices;
    size_t choice_count, choice_capacity;
    struct lci_option *options;
    size_t option_count, option_capacity;
    struct lci_program_call *calls;
    size_t call_count, call_capacity;
    uint32_t call_statistics; /* number of them */
    struct lci_activity *activities;
    size_t activity_count, activity_capacity;
    struct lci_entry *entries;
    size_t entry_count;
    struct lci_decision *decisions;
    size_t decision_count, decision_capacity;
    struct lci_guard *guards;
    size_t guard_count, guard_capacity;
    uint32_t *call_guards; /* of each call; NULL: no call is guarded */
    uint32_t guard_states, buckets;
    bool fails;             /* requests can be answered with an error */
    uint32_t *task_entries; /* of each task, in the order of names */
    struct lci_program_task *tasks;
    size_t task_count;
    uint32_t sticky_count; /* of the tasks */
    struct lci_elastic *elastics;
    size_t elastic_count, elastic_capacity;
    struct lci_processor *processors;
    size_t processor_count;
    struct lci_group *groups;
    size_t group_count, group_capacity;
    uint32_t *station_processor; /* of each station */
    uint32_t station_count;
    uint32_t *instance_task, *instance_station; /* of each instance */
    uint32_t instance_count;
    struct lci_source *sources;
    size_t source_count, source_capacity;
    struct lci_pattern_source *patterns; /* of sources, pattern.h */
    size_t pattern_count, pattern_capacity;
    struct lci_workload *workloads;
    size_t workload_count, workload_capacity;
    struct lci_fork *forks;
    size_t fork_count, fork_capacity;
    struct lci_join *joins;
    size_t join_count, join_capacity;
    uint32_t fork_counters; /* the most that a fork needs */
    struct lci_sampler *samplers;
    struct lci_origin *sampler_origins;
    struct lc_dist **dists; /* that samplers borrow; one each */
    size_t sampler_count, sampler_capacity;
    struct lci_origin *stream_origins;
    size_t stream_count, stream_capacity;
    double scale;          /* a typical time */
    uint32_t sketch_count; /* distributions of times that are recorded */
    uint32_t histogram_bins;
    uint32_t *model_entry; /* program's index of each entry of the model */
    uint32_t *model_task, *model_processor;
    uint32_t **model_activity; /* [task][activity] */
    double customers;          /* of closed classes, in all */
};

/* NULL with errors when the model cannot be simulated. The model must outlive the program. */
struct lci_program *lci_compile(const struct lc_model *model, struct lc_diag *diag);
/* The same with LCI_RECORD: an engine that runs it needs a recorder. Random streams and times are the same. */
struct lci_program *lci_compile_recorded(const struct lc_model *model, struct lc_diag *diag);
/* The same in single instructions, none of which are fused and no service of which is whole: results are the same. For
 * tests. */
struct lci_program *lci_compile_stepwise(const struct lc_model *model, struct lc_diag *diag);
void lci_program_free(struct lci_program *program);

#endif
