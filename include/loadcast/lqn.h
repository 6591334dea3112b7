/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The layered queueing network in memory: plain arrays, elements refer to each other by index. Built by the readers
 * (model/format), by the learner (fit) or by hand with the lqn_add functions; checked by lc_model_check(); changed by
 * path with lc_edit() (edit.h). Times are in the model's unit.
 *
 * Names: processors, groups, tasks and entries are each one name space; activities are per task.
 */
#ifndef LOADCAST_LQN_H
#define LOADCAST_LQN_H

#include "dist.h"
#include "elastic.h"
#include "pattern.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LC_INFINITE UINT32_MAX /* a multiplicity without limit */
#define LC_NONE     (-1)       /* no element */

/* ---- processors -------------------------------------------------------------------------------------------------- */

/* The disciplines of processors: symbol and word. What each does stands in a file of sim/discipline/.
 *
 * fcfs: first come, first served, by slice. hol: head of line, highest task priority first, not preemptive. pp:
 * preemptive resume by task priority (`pri` in LQN XML). rand: random order. ps: processor sharing; with a quantum > 0
 * round robin by that quantum. inf: delay, no contention. lcfs: last come, first served, not preemptive; lcfs_pr:
 * preemptive resume. srpt: shortest remaining processing time. cfs: completely fair, groups with shares, the quantum is
 * the period. */
#define LC_DISCIPLINES(ROW)                                                                                            \
    ROW(FCFS, "fcfs")                                                                                                  \
    ROW(HOL, "hol")                                                                                                    \
    ROW(PP, "pp")                                                                                                      \
    ROW(RAND, "rand")                                                                                                  \
    ROW(PS, "ps")                                                                                                      \
    ROW(INF, "inf")                                                                                                    \
    ROW(LCFS, "lcfs")                                                                                                  \
    ROW(LCFS_PR, "lcfs_pr")                                                                                            \
    ROW(SRPT, "srpt")                                                                                                  \
    ROW(CFS, "cfs")

enum lc_scheduling {
#define LC_ROW(symbol, word) LC_##symbol,
    LC_DISCIPLINES(LC_ROW)
#undef LC_ROW
    /* tasks only: */
    LC_REF,       /* customers of a closed class: `multiplicity` of them cycle: think, choose an entry, run it */
    LC_BURST,     /* as ref, demands Pareto */
    LC_UNIFORM,   /* as ref, demands uniform(0, 2 mean) */
    LC_OPEN,      /* an open source: each arrival (`arrivals`) runs an entry of the task once, then leaves */
    LC_POLL,      /* served as fcfs */
    LC_SEMAPHORE, /* exactly two entries, signal and wait */
    LC_RWLOCK,    /* exactly four entries */
    LC_TIMEOUT,
    LC_ABORT,
    LC_RETRY,
    LC_INF_RETRY,
};
/* The word for it in YAML and JSON ("fcfs", …, "inf_retry"), and back (LQN XML's words included); −1 if unknown. */
const char *lc_scheduling_name(enum lc_scheduling scheduling);
int lc_scheduling_find(const char *name);
static inline bool lc_is_discipline(enum lc_scheduling scheduling) /* of a processor */
{
    return scheduling < LC_REF;
}

struct lc_processor {
    char *name;
    enum lc_scheduling scheduling; /* fcfs … cfs */
    double quantum;                /* 0: none */
    uint32_t multiplicity;         /* servers that share one queue, or LC_INFINITE */
    uint32_t replicas;             /* separate copies, each with a queue of its own */
    double speed;                  /* demands are divided by it; > 0 */
    char *comment;                 /* NULL: none */
    struct lc_place place;
};

struct lc_group {
    char *name;
    int processor;
    double share; /* (0, 1] */
    bool cap;     /* may not exceed its share even if the processor idles */
    char *comment;
    struct lc_place place;
};

/* ---- tasks ------------------------------------------------------------------------------------------------------- */

/* How requests spread over the replicas of a task. */
enum lc_balance {
    LC_BALANCE_FAN,    /* LQN: replica i calls `fan-out` replicas in turn; equal counts and fan-out 1 pair up */
    LC_BALANCE_RANDOM, /* one replica at random */
    LC_BALANCE_ROUND_ROBIN,
    LC_BALANCE_LEAST,        /* the one with the fewest requests present */
    LC_BALANCE_POWER_OF_TWO, /* the better of two at random */
    LC_BALANCE_SHARED,       /* one queue for all replicas, as with consumers of one message queue */
    LC_BALANCE_STICKY,       /* the one that the customer of the workload, or its session, got first; these in turn */
};
const char *lc_balance_name(enum lc_balance balance); /* fan random … shared sticky */
int lc_balance_find(const char *name);

/* What an arrival to a task does that finds the queue full (queue_length waiting). */
enum lc_overflow { LC_OVERFLOW_DROP, LC_OVERFLOW_BLOCK, LC_OVERFLOW_REJECT };

struct lc_fan {
    int task; /* source of fan-in, destination of fan-out */
    uint32_t value;
};

struct lc_task {
    char *name;
    int processor;
    int group; /* LC_NONE unless the processor is cfs */
    enum lc_scheduling scheduling;
    uint32_t multiplicity; /* threads per replica, customers of a ref task, or LC_INFINITE */
    uint32_t replicas;
    enum lc_balance balance;
    int priority;              /* larger is more urgent */
    struct lc_dist think_time; /* ref tasks */
    struct lc_dist arrivals;   /* open tasks: inter-arrival times */
    struct lc_pattern pattern; /* open tasks: how arrivals come; `arrivals` then is their mean only. Ref: users */
    uint32_t queue_length;     /* buffer for asynchronous and open requests; 0: no limit */
    enum lc_overflow overflow;
    int initially; /* semaphore: tokens at the start; −1: as many as the multiplicity */
    struct lc_fan *fan_in, *fan_out;
    size_t fan_in_count, fan_out_count;
    int *entries; /* in order of declaration; owned */
    size_t entry_count, entry_capacity;
    struct lc_activity *activities; /* of the activity graph; owned */
    size_t activity_count, activity_capacity;
    struct lc_precedence *precedences; /* owned */
    size_t precedence_count, precedence_capacity;
    struct lc_decision *decisions;
    size_t decision_count;
    struct lc_elastic elastic;  /* replicas that come and go */
    struct lc_policy *policies; /* of calls to the task, policy.h; owned */
    size_t policy_count;
    bool service; /* a component that people know (appears in verdicts): the default; the learner's helpers are not */
    char *comment;
    struct lc_place place;
};

/* ---- calls, phases, activities ----------------------------------------------------------------------------------- */

enum lc_call_kind { LC_CALL_SYNC, LC_CALL_ASYNC };

#define LC_MOST_CALLS 1000000000 /* exact calls of one kind in one execution */

struct lc_call {
    enum lc_call_kind kind;
    int entry;   /* destination */
    double mean; /* ≥ 0; an integer where it is the exact number */
    bool random; /* of a phase in order: a geometric number with this mean, not exactly so many */
    char *comment;
    struct lc_place place;
};

struct lc_histogram {
    double minimum, maximum;
    uint32_t bins; /* 0: none */
};

/* A phase of an entry or an activity of a task. Its demand is cut into slices between the calls: stochastic: after each
 * slice a call to k with probability y_k/(1+Y), end with 1/(1+Y); deterministic: exactly y_k calls in order of
 * declaration, Y+1 slices; in its place a random call is made a geometric number of times, with one more slice each.
 * Slices are distributed as `demand`, scaled to the mean demand/(1+Y) (lqn.md 2.4). */
struct lc_activity {
    char *name;            /* phases may have none: NULL */
    bool present;          /* phases: the phase exists */
    struct lc_dist demand; /* of the processor; family NULL: none */
    struct lc_dist think;  /* a delay that keeps the thread and no processor, before the first slice */
    bool deterministic;    /* calls in order, exactly so many where they are not `random` */
    struct lc_call *calls;
    size_t call_count, call_capacity;
    double max_service_time; /* 0: none; P(service time > this) is reported */
    struct lc_histogram histogram;
    /* Replies to these entries when the activity ends (activities only). */
    int *replies;
    size_t reply_count;
    /* Activities that begin a branch of an or-fork; 0: chance decides. Else so many requests come to such forks of the
     * task for one request of a customer, and the last of them takes this branch, the others one without it. */
    uint32_t last_of;
    char *comment;
    struct lc_place place;
};

enum lc_join { LC_JOIN_NONE, LC_JOIN_AND, LC_JOIN_OR };               /* NONE: one activity */
enum lc_fork { LC_FORK_NONE, LC_FORK_AND, LC_FORK_OR, LC_FORK_LOOP }; /* NONE: one activity, or none at all */

/* pre (join side) → post (fork side), indices into the task's activities. */
struct lc_precedence {
    enum lc_join join;
    int *pre;
    size_t pre_count;
    uint32_t quorum; /* and-join: 0 = all */
    enum lc_fork fork;
    int *post;
    double *weights; /* or-fork: probabilities; loop: mean counts; else NULL. As long as post. */
    size_t post_count;
    int end; /* loop: the activity after it, or LC_NONE */
    struct lc_place place;
};

struct lc_decision { /* timeouts and retries of LQNS 6 */
    char *name;
    enum lc_scheduling kind; /* timeout, abort, retry, inf_retry */
    int from, to;            /* entries, LC_NONE where not given */
    double timeout, abort, sleep;
    uint32_t max_retries;
};

/* ---- entries ----------------------------------------------------------------------------------------------------- */

enum lc_entry_role {
    LC_ROLE_NONE,
    LC_ROLE_SIGNAL,
    LC_ROLE_WAIT,
    LC_ROLE_READ_LOCK,
    LC_ROLE_READ_UNLOCK,
    LC_ROLE_WRITE_LOCK,
    LC_ROLE_WRITE_UNLOCK,
};

struct lc_forward {
    int entry;
    double probability;
    char *comment;
    struct lc_place place;
};

#define LC_PHASES 3

struct lc_entry {
    char *name;
    int task;
    int start;                            /* activity that starts it, or LC_NONE: phases */
    struct lc_activity phases[LC_PHASES]; /* phase 1 ends with the reply */
    double open_rate;                     /* open arrivals per time unit; 0: none. Poisson, or: */
    struct lc_dist open_arrivals;         /* inter-arrival times, instead of open_rate (family NULL: Poisson) */
    int priority;
    double probability; /* ref and open tasks with several entries: of being chosen; 0 for all: uniformly */
    enum lc_entry_role role;
    struct lc_forward *forwards;
    size_t forward_count, forward_capacity;
    /* Entries of a source can be the steps of a session: the customer pauses and then runs one of these entries of the
     * same task; with what is left of the probability the session ends. Sessions begin with an entry by `probability`.
     */
    struct lc_forward *next;
    size_t next_count, next_capacity;
    struct lc_dist pause; /* family NULL: none */
    char *comment;
    struct lc_place place;
};

/* ---- the model --------------------------------------------------------------------------------------------------- */

struct lc_pragma {
    char *name, *value;
};
/* A parameter of the model: `$name = expression`, in order; lists and ranges make sweeps. */
struct lc_variable {
    char *name, *expression;
    struct lc_place place;
};
/* A place in the model that a variable or expression fills: path as in edit.h. */
struct lc_binding {
    char *path, *expression;
    struct lc_place place;
};

struct lc_model {
    char *name, *description, *comment;
    char *time_unit; /* "s", "ms", … or NULL: not set (taken for seconds) */
    struct lc_processor *processors;
    size_t processor_count, processor_capacity;
    struct lc_group *groups;
    size_t group_count, group_capacity;
    struct lc_task *tasks;
    size_t task_count, task_capacity;
    struct lc_entry *entries;
    size_t entry_count, entry_capacity;
    struct lc_pragma *pragmas;
    size_t pragma_count, pragma_capacity;
    double convergence, underrelaxation; /* LQNS's solver parameters, kept for round trips; 0: not set */
    int iteration_limit, print_interval;
    struct lc_variable *variables;
    size_t variable_count, variable_capacity;
    struct lc_binding *bindings;
    size_t binding_count, binding_capacity;
    struct lc_variable *observations; /* result variables: path-like key → $name, see lqn.md 1.10.4 */
    size_t observation_count, observation_capacity;
    struct lc_variable *reports; /* R section */
    size_t report_count, report_capacity;
    char *source; /* file name, kept alive because places borrow it */
};

struct lc_model *lc_model_new(const char *name);
void lc_model_free(struct lc_model *model);
struct lc_model *lc_model_copy(const struct lc_model *model);
/* Same in every respect but places, source and the order between elements: elements are matched by name, the order of a
 * task's entries, of calls, activities and precedences counts. On a difference and a non-NULL `difference`, a line that
 * names the first one (owned by the caller). */
bool lc_model_equal(const struct lc_model *a, const struct lc_model *b, char **difference);

/* Adding elements: return the index; names are copied; everything else has its default (fcfs, 1, 1, speed 1, a service,
 * no start activity …). A call makes its phase present.
 * Pointers into the arrays are valid until the next element of that kind is added. Names are not checked to be new. */
int lc_add_processor(struct lc_model *model, const char *name);
int lc_add_group(struct lc_model *model, const char *name, int processor);
int lc_add_task(struct lc_model *model, const char *name, int processor);
int lc_add_entry(struct lc_model *model, const char *name, int task);
int lc_add_activity(struct lc_model *model, int task, const char *name);
struct lc_call *lc_add_call(struct lc_activity *activity, enum lc_call_kind kind, int entry, double mean);
struct lc_forward *lc_add_forward(struct lc_entry *entry, int to, double probability);
void lc_add_reply(struct lc_activity *activity, int entry);
/* pre/post are copied; weights may be NULL. */
struct lc_precedence *lc_add_precedence(struct lc_task *task, enum lc_join join, const int *pre, size_t pre_count,
                                        enum lc_fork fork, const int *post, const double *weights, size_t post_count,
                                        int end);
/* Index, or LC_NONE. Linear in the number of elements; readers keep tables of their own. */
int lc_find_processor(const struct lc_model *model, const char *name);
int lc_find_task(const struct lc_model *model, const char *name);
int lc_find_entry(const struct lc_model *model, const char *name);
int lc_find_activity(const struct lc_task *task, const char *name);

static inline bool lc_is_source(const struct lc_task *task) /* makes load and receives nothing */
{
    return task->scheduling == LC_REF || task->scheduling == LC_BURST || task->scheduling == LC_UNIFORM ||
           task->scheduling == LC_OPEN;
}

/* Finds everything that is wrong (errors) or suspicious (warnings); returns 0 when there is no error. Every function
 * that works on models may rely on a checked one. */
int lc_model_check(const struct lc_model *model, struct lc_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
