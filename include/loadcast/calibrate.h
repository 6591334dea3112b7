/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Limits that nobody states, from how times grow with the load: of each service, and of its calls of servers without
 * spans, which of several limits explains best what was recorded, and its size. docs/calibrate.md has the method.
 */
#ifndef LOADCAST_CALIBRATE_H
#define LOADCAST_CALIBRATE_H

#include "learn.h"

#ifdef __cplusplus
extern "C" {
#endif

enum lc_limit_kind {
    LC_LIMIT_NONE,        /* no sign of one */
    LC_LIMIT_THREADS,     /* a queue inside the handler's span, then so many requests at a time */
    LC_LIMIT_BEFORE,      /* the same, but spans begin when a thread is free */
    LC_LIMIT_CORES,       /* requests at work share so many cores evenly */
    LC_LIMIT_LOCK,        /* one request at a time holds a lock for a part of the handler */
    LC_LIMIT_CONNECTIONS, /* a queue for connections to a server without spans */
    LC_LIMIT_GROWTH,      /* times grow with the load, and none of these says why */
    LC_LIMIT_UNKNOWN,     /* too few requests, or one load only */
};
const char *lc_limit_word(enum lc_limit_kind kind); /* "threads", … */

struct lc_calibrated_load {      /* what was recorded at a load */
    double rate;                 /* of all requests that enter the system, per second */
    double recorded, unhindered; /* s: mean own time, and what is left without waiting for the limit; NaN: nothing */
    double error;                /* standard error of the latter */
    size_t visits;
    bool one_by_one; /* no request met another one */
};

struct lc_calibrated_pauses { /* at intervals, in which all requests stand still, such as of garbage collection */
    double every, length;     /* s; NaN: there is no sign of any. `length`: by which the longest times are longer */
};

struct lc_calibrated {        /* a service, or its calls of a server without spans */
    char *component, *target; /* target NULL: the service itself */
    enum lc_limit_kind kind;
    double size, low, high; /* and its 95 % interval. Threads, cores, connections: a number; lock: s of the hold;
                               growth: by which factor, from the quietest load to the busiest */
    double cv2;             /* lock: squared coefficient of variation of the hold */
    double held;            /* s: for how long a request holds one of them, on the average */
    double capacity;        /* requests per second that it can serve at most, per instance; NaN: no limit */
    double ahead;           /* log likelihood, less what its parameters cost, above that of the second best kind */
    enum lc_limit_kind second;
    double own;          /* s: mean own time of a request, without that of its calls, that waits for nobody */
    size_t most, visits; /* the most at a time; all */
    size_t operations;   /* different ones */
    struct lc_calibrated_load *loads;
    size_t load_count;
    double measured;     /* utilization that was measured: part of its limit, or busy cores; NaN: none */
    bool measured_cores; /* they are cores */
    double full;         /* requests per second at which a measured part would be all; NaN: not measured as a part */
    double work, work_error; /* what each request adds to `measured` a second, by regression over its windows, and the
                                standard error: s of processor where it is cores; NaN: not known */
    double background;       /* `measured` without any request; NaN: not known */
    struct lc_calibrated_pauses pauses;
    char *evidence; /* a sentence for people */
    char *remains;  /* what it leaves unexplained; NULL: nothing */
};
struct lc_calibration {
    /* Services and their calls, in the order of the traces' services. Of two limits at one of them, that which requests
     * come to first is the first of two items. */
    struct lc_calibrated *items;
    size_t count, capacity;
    size_t loads;   /* different loads that were recorded; one gives lower bounds only */
    double sampled; /* part of the requests that is in the traces, as they say */
    bool gaps;      /* and it is not all of them: who waited for whom is not known, and no limit is looked for */
};

/* Of traces that were read with lc_learn_options.kept SIZE_MAX: those of a sample do not tell who waited for whom.
 * Limits that the options' capacities state are not looked for. The learner is of no use after it. −1 with errors
 * appended; lc_calibration_free() in any case. */
int lc_calibrate(struct lc_learner *learner, struct lc_calibration *calibration, struct lc_diag *diag);
void lc_calibration_free(struct lc_calibration *calibration);

#ifdef __cplusplus
}
#endif

#endif
