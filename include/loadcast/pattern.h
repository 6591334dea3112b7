/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How load comes, beyond independent times between arrivals: rates that change, bursts, given times, scripts, batches,
 * and a number of users that changes. The pattern of an open task says how its arrivals are spread over time; how many
 * there are is said by the task's `arrivals`, whose mean is the time between arrivals (of batches) in the long run: the
 * pattern is speeded up or slowed down to it. So loads are multiplied without touching the pattern.
 */
#ifndef LOADCAST_PATTERN_H
#define LOADCAST_PATTERN_H

#include "base.h"
#include "random.h"

#ifdef __cplusplus
extern "C" {
#endif

enum lc_pattern_kind {
    LC_PATTERN_NONE,   /* independent times between arrivals, as the task's `arrivals` says */
    LC_PATTERN_RATES,  /* a Poisson process whose rate is linear between points */
    LC_PATTERN_MMPP,   /* a Poisson process whose rate is that of the state of a Markov chain */
    LC_PATTERN_TIMES,  /* at given times */
    LC_PATTERN_SCRIPT, /* at the times of a script */
    LC_PATTERN_USERS,  /* ref tasks: a number of customers that is linear between points */
};

struct lc_pattern {
    enum lc_pattern_kind kind;
    size_t count;   /* of points, states or times */
    double *times;  /* rates, users: of the points, from 0, not falling (a jump: one time twice); times: of arrivals */
    double *values; /* rates, mmpp: arrivals per unit of time, ≥ 0; users: customers, ≥ 0. Times, script: NULL */
    double *generator;  /* mmpp: count × count by rows; off the diagonal transitions per unit of time, rows sum to 0 */
    double period;      /* rates, times: after which they come again; 0: the last rate stays, times end */
    char *script;       /* below; its pauses are in ms */
    double script_unit; /* script: how long 1 ms is in the model's unit */
    /* Requests that come at once at an arrival: */
    double batch_mean;   /* geometric from 1 with this mean; 0: none */
    size_t batch_count;  /* or so many sizes with their probabilities; both 0: always one */
    double *batch_sizes; /* whole, ≥ 1 */
    double *batch_probabilities;
};

static inline bool lc_pattern_is_batch(const struct lc_pattern *p)
{
    return p->batch_mean > 0 || p->batch_count > 0;
}
/* Whether nothing settles in the long run: a rate or number of users that changes at given times, or arrivals that end.
 */
bool lc_pattern_varies(const struct lc_pattern *p);

struct lc_pattern lc_pattern_copy(const struct lc_pattern *p);
void lc_pattern_free(struct lc_pattern *p);
bool lc_pattern_equal(const struct lc_pattern *a, const struct lc_pattern *b);
/* 0, or −1 with an error. */
int lc_pattern_check(const struct lc_pattern *p, const char *what, struct lc_diag *diag, const struct lc_place *place);

/* Arrivals (of batches) per unit of time, of a checked pattern: in the long run; over the time of the points where the
 * last rate would stay for ever; up to the last one where arrivals end. NaN where it has none (NONE, USERS). */
double lc_pattern_rate(const struct lc_pattern *p);
double lc_pattern_batch(const struct lc_pattern *p); /* mean size of a batch; 1 without batches */
/* Probabilities of the states of an MMPP, `count` of them; 0, or −1 when the chain falls apart. */
int lc_pattern_stationary(const struct lc_pattern *p, double *probabilities);
/* Multiplies all times by `factor` > 0 (and divides rates): a change of the unit of time. */
void lc_pattern_stretch(struct lc_pattern *p, double factor);
/* The value of RATES or USERS at a time ≥ 0, without period; where it jumps, after the jump. */
double lc_pattern_value(const struct lc_pattern *p, double time);

/* ---- scripts ----------------------------------------------------------------------------------------------------- */

/* The scenario expressions of rosebery (M. Seybold's thesis):
 *
 *   expression = "once()" | "list(" expression {"," expression} ")" | "random(" expression {"," expression} ")"
 *              | "loop(" [expression ","] count ["," pause in ms] ")"
 *
 * loop(n) is n times once(). The pause follows every iteration, the last one too. random() chooses one of its
 * expressions at each turn anew. Blanks may stand anywhere between words. */
struct lc_script;
/* NULL with an error: syntax, nesting deeper than 32, more than 10 million steps. */
struct lc_script *lc_script_parse(const char *text, struct lc_diag *diag, const struct lc_place *place);
void lc_script_free(struct lc_script *script);
/* Mean number of creations, and mean time until the end of the last pause in ms. */
double lc_script_creations(const struct lc_script *script);
double lc_script_duration(const struct lc_script *script);

#define LC_SCRIPT_DEPTH 32
struct lc_script_run { /* where a run of a script is; starts zeroed */
    bool started;
    int depth;
    struct {
        uint32_t node;
        uint64_t at;
    } stack[LC_SCRIPT_DEPTH + 1];
    double now; /* ms */
};
/* The time of the next creation in ms from the start; false: there is none. */
bool lc_script_next(const struct lc_script *script, struct lc_script_run *run, struct lc_random *random, double *time);

#ifdef __cplusplus
}
#endif

#endif
