/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model as a network of stations and chains, for the analytic solver.
 *
 * Stations are what queues form at: processors, and tasks whose threads can run out. Chains are what circulates among
 * them: the customers of a ref task, the threads of a task with a limit, the threads of one branch of an and-fork; or,
 * open, what arrives at an entry. A task whose threads cannot run out (an infinite server, or one with at least as many
 * threads as there are customers above it) is no station: its work is done by the chain that calls it, so that a model
 * without software queues is one closed network, whose solution is exact where it has a product form.
 *
 * A root is an entry whose work a chain does from its beginning: of a ref task, of a task that is a station, of open
 * arrivals; a branch of its graph; or what a transparent entry does after its reply, which nobody waits for. From a
 * root, calls lead through transparent entries to stations: arcs say how often for one run of the root. Rates of roots
 * follow from those of the sources (the traffic equations); so flow is conserved, whatever the queues.
 */
#ifndef LCS_SOLVE_NETWORK_H
#define LCS_SOLVE_NETWORK_H

#include "loadcast/lqn.h"

#include <math.h>

struct lcs_moments2 { /* of a time */
    double mean, variance;
};

enum lcs_station_kind {
    LCS_AT_FCFS,     /* order of arrival, or any that does not look at demands: W is the same */
    LCS_AT_SHARING,  /* processor sharing, or lcfs_pr: the time is stretched */
    LCS_AT_HEAD,     /* head of line by priority, not preemptive */
    LCS_AT_PREEMPTS, /* preemptive resume by priority */
};

enum { LCS_POINTS = 32 };

/* Who comes to one copy of a station: open requests at a rate, and `others` customers, each at the rate `calling` while
 * it is elsewhere. A service takes `mean` on the average, with the squared variation `cv2`. Above 0: mean. */
struct lcs_demand {
    double open, others, calling;
    double mean, cv2;
};

struct lcs_station {
    int processor, task; /* one of them, the other LC_NONE */
    enum lcs_station_kind kind;
    double servers; /* of a copy */
    double copies;  /* each with a queue of its own, all alike */
    /* Tasks with several threads, which are in each other's way further down: when at[k] threads are busy all the time
     * a service takes times[k], and weights[k] of all services are made then; `usual` is the mean. Between the points
     * it is linear. */
    int points;
    double at[LCS_POINTS], times[LCS_POINTS], weights[LCS_POINTS];
    double usual;
    double beyond, damped;    /* by how much it served more than it can; the part of a correction that is left out */
    double extra;             /* what customers must wait besides, lest it serves more than it can */
    double room;              /* for those who wait; infinite: nobody is turned away */
    double lost, moved;       /* the part of what comes that finds no room; by how much it changed last */
    struct lcs_demand demand; /* where there is a limit */
    int component;
    int *links; /* into the network's */
    size_t link_count, link_capacity;
};

/* What one chain asks of one copy of a station, at one priority. */
struct lcs_link {
    int chain, station, priority;
    bool once;                        /* open requests that come from outside, each of them one time */
    double share;                     /* visits to one copy = visits of the chain to all × share */
    double sees;                      /* customers of the chain that come to one copy */
    double cv2;                       /* open: of the times between arrivals at one copy */
    double visits;                    /* per cycle of the chain to all copies; open chains: requests per time unit */
    double service, second, variance; /* thread or server: mean time it is kept; what of it comes after the reply */
    double stays;                     /* the part of `service` during which the customer is there: service − second */
    /* The answer: a visit with service s takes stretch·s + waits. */
    double waits, stretch;
    double delayed;                    /* probability of waiting */
    double rate;                       /* of visits to one copy */
    double visits_before, work_before; /* the parts of visits and of work before the reply of the chain's task */
    double alone; /* the part of the customers here for whom nobody waits who would come here else; 1: not known */
};

struct lcs_chain {
    int task; /* whose threads they are; LC_NONE: open */
    bool open;
    double population; /* of one replica; infinite: open */
    double replicas;
    double cv2;        /* open: of the times between arrivals */
    double rate;       /* cycles per time unit, of all replicas */
    double busy, held; /* tasks: what a thread does in a cycle, and what of it is at stations */
    double away;       /* per cycle: time at no station (thinking, delays, joins, idle) */
    int component;
    int *links;
    size_t link_count, link_capacity;
};

enum lcs_thread { LCS_MAIN = 0, LCS_AFTER = -1 }; /* of a root; from 1: branches of its graph */

struct lcs_root {
    int entry, chain;
    int thread;    /* LCS_MAIN: all of the entry but its branches; LCS_AFTER: what comes behind the reply */
    double rate;   /* runs per time unit */
    double longer; /* a run waits so much longer in entries that are no station than all who call them do in the mean */
    double below;  /* the mean of what these take in a run */
};

/* One run of a root makes `visits` runs of a step: a phase or an activity. */
struct lcs_use {
    int root, step;
    double visits;
    int link; /* of its processor; −1: none, or a delay */
};
/* … or so many requests to an entry: by call number `call` of a step, or (step −1) forwarded by entry `from`. */
struct lcs_arc {
    int root, step, call, from, entry;
    double visits;
    bool async;
    int link; /* of the station that the entry belongs to; −1: taken at once. Async: of the entry's own open chain */
};

struct lcs_cache { /* in front of a call: */
    double misses; /* the part that goes on; 1: there is no cache */
    double time;   /* of the others */
};

struct lcs_outcome { /* of a request that no cache answers (outcomes.h): */
    double accepted; /* the part that is let in; 1 where there is no limit */
    double errors;   /* the part that is not, or is answered with an error */
};

struct lcs_step_info {
    int entry, index; /* phase from 0, or activity */
    const struct lc_activity *activity;
    double visits; /* for one run of the entry */
    int thread;    /* LCS_MAIN, or a branch */
    int phase;     /* 1 until the reply, 2 behind it (phases: 1 to 3) */
    double slices; /* per run of the step */
    struct lcs_moments2 slice, think;
    double turns; /* of a slice, each of which waits for the processor; 1 but where they are long (turns.h) */
    struct lcs_moments2 turn;
    /* Over all roots: */
    double rate, waits, stretch;       /* runs per time unit; mean wait and stretch of a slice */
    double *call_waits, *call_delayed; /* per call: mean wait in the queue of the called task, chance of it */
    double weight, *call_weight;       /* scratch */
    double takes;                      /* the mean of `time`, where it is known; 0: it follows from the parts */
    struct lcs_cache *caches;          /* per call */
    struct lcs_outcome *outcomes;      /* per call */
    struct lcs_moments2 time;
};

struct lcs_entry_info {
    int first_step, step_count;
    int branches;                    /* threads of its graph besides the main one */
    bool station;                    /* of a task that is one */
    int main, after;                 /* roots, LC_NONE */
    int branch;                      /* the root of its first branch; the others follow */
    int arrivals;                    /* the chain of open arrivals and of messages that nobody waits for, LC_NONE */
    double outside;                  /* open arrivals of its own */
    double rate, open_rate;          /* all runs per time unit; those of `arrivals` */
    bool asynchronous;               /* receives what nobody waits for */
    bool can_fail;                   /* may be answered with an error … */
    double fails;                    /* … in this part, */
    const struct lcs_station *loser; /* … most of them because this station turns requests away; NULL */
    double most;                     /* the part of those in which that makes a call of one step fail */
    struct lcs_graph_plan *plan;     /* entries with activities */
    double *forward_waits, *forward_delayed, *forward_weight;
    double overlap_weight; /* scratch */
    double overlap;        /* a request waits so long at its processor for the second phase of its sender's last one */
    struct lcs_moments2 reply, total; /* from the taking of a request until the reply; until the end */
    struct lcs_moments2 answer;       /* until the reply that the caller gets: with what it was forwarded to */
    struct lcs_moments2 phase[LC_PHASES];
    struct lcs_moments2 good_reply, good_total; /* of what nothing turned away; where the network loses */
};

struct lcs_network {
    const struct lc_model *model;
    struct lcs_entry_info *entries;
    struct lcs_step_info *steps;
    size_t step_count, step_capacity;
    int *order;             /* entries, callers first */
    int *task_station;      /* per task; −1: transparent */
    int *processor_station; /* −1: a delay */
    double *population;     /* per task: the most threads that can be busy in one replica */
    double *room;           /* per task: that one replica has in its queue; infinite: for all who can come */
    struct lcs_station *stations;
    size_t station_count, station_capacity;
    struct lcs_chain *chains;
    size_t chain_count, chain_capacity;
    int *task_chain; /* per task: LC_NONE */
    struct lcs_link *links;
    size_t link_count, link_capacity;
    struct lcs_root *roots; /* callers first */
    size_t root_count, root_capacity;
    struct lcs_use *uses; /* by root */
    size_t use_count, use_capacity;
    struct lcs_arc *arcs; /* by root */
    size_t arc_count, arc_capacity;
    size_t component_count;
    double *works_for; /* [chain][of whom]: the part of what it does; NULL: not known */
    bool loses;        /* some queue may turn requests away */
    bool lets_all_in;  /* times are those of requests of which none was turned away */
    bool roomy;        /* of a task that has a limit it is taken that its threads do not run out */
    double customers;  /* of all closed sources; infinite: there are open ones as well */
    double residual;   /* of the last iteration */
    double underway;   /* the part of a change that an iteration makes */
};

/* NULL with errors: what has no analytic treatment. `model` is borrowed. Tasks that are `roomy` (NULL: none) are taken
 * to have threads enough: no station. */
struct lcs_network *lcs_network_new(const struct lc_model *model, const bool *roomy, struct lc_diag *diag);
/* Whether the threads of a task hardly ever run out, by the mean number of those that are busy. */
bool lcs_is_roomy(const struct lcs_network *network, int task);
void lcs_network_free(struct lcs_network *network);

/* Sets the rates of roots, steps, entries and links, and the visits of links, from those of the chains of sources. */
void lcs_network_traffic(struct lcs_network *network);
/* From the waits of links the times of steps and entries, and from those the services of links and what chains are
 * away. */
void lcs_network_times(struct lcs_network *network);
/* The second half of it: from the waits of steps and calls. */
void lcs_network_compose(struct lcs_network *network);

/* By how much, relatively, X (R + Z) = N fails to hold for the source where it fails most, or more threads of a task
 * are busy than there are. */
double lcs_network_gap(const struct lcs_network *network);

/* Whether a task is the source of a closed class. */
static inline bool lcs_is_closed_source(const struct lc_task *task)
{
    return lc_is_source(task) && task->scheduling != LC_OPEN;
}
/* How many times its mean a service takes when so many servers are busy. */
double lcs_crowding(const struct lcs_station *station, double busy);
/* Spreads a weight over the points on both sides of a number of busy servers. */
void lcs_crowd(struct lcs_station *station, double busy, double weight);

/* Whether the customers of one circulate in a chain; its rate is what is sought. */
static inline bool lcs_is_source_chain(const struct lcs_network *n, int chain)
{
    const int task = n->chains[chain].task;
    return task != LC_NONE && n->task_chain[task] == chain && lcs_is_closed_source(&n->model->tasks[task]);
}

#endif
