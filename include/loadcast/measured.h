/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was measured at several loads, to be held against a model: from traces (learn.h), or from tables that other
 * tools wrote. Backtests (predict.h) say what a model predicts there. Times in seconds, rates per second.
 */
#ifndef LOADCAST_MEASURED_H
#define LOADCAST_MEASURED_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum lc_measure {
    LC_MEASURED_RESPONSE,    /* of a workload: s */
    LC_MEASURED_CALL,        /* s from sending a request to the answer, as the caller sees it */
    LC_MEASURED_PRESENT,     /* requests at a component, waiting ones included */
    LC_MEASURED_THROUGHPUT,  /* of a component, or of a workload: per second */
    LC_MEASURED_UTILIZATION, /* of a component: part of its threads, or of its cores */
};
/* "response_time", "call_time", "present", "throughput", "utilization" */
const char *lc_measure_name(enum lc_measure measure);

struct lc_measured_cell {
    enum lc_measure measure;
    int percentile; /* of a response: 50, 90, 95, 99; 0: its mean */
    char *subject;  /* a workload, a component, or what is called: "service/operation" */
    char *caller;   /* of a call, "service/operation"; else NULL */
    double value;
    double low, high; /* what its sampling leaves open: 95 %; equal to the value: not known, or nothing */
    uint64_t n;       /* requests; 0: not known */
};

struct lc_measured_level { /* a load */
    char *name;
    double rate;       /* requests a second that enter the system; NaN: not known */
    double factor;     /* of the workloads' loads; NaN: `rates` tell more */
    double *rates;     /* requests a second of each class of requests (learn.h); NULL: not known */
    double *workloads; /* arrivals a second of each workload of the scenario; NULL: not known */
    bool summed;       /* `rate` is the sum of the throughputs that were measured: others may have come besides */
    double seconds;    /* that it lasted; 0: not known */
    bool one_by_one;   /* no request met another one */
    bool learned;      /* the model was learned from it */
    struct lc_measured_cell *cells;
    size_t count, capacity;
};
struct lc_measured {
    struct lc_measured_level *levels; /* lowest load first */
    size_t count, capacity;
};
void lc_measured_free(struct lc_measured *measured);

#ifdef __cplusplus
}
#endif

#endif
