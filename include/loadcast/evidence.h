/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is known of a model besides the model, once it was learned: how certain its numbers are, what was recorded, and
 * what had to be assumed. Learning (learn.h) makes it, prediction (predict.h) takes it; neither needs the other.
 */
#ifndef LOADCAST_EVIDENCE_H
#define LOADCAST_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lc_assumption {                   /* what the traces do not say */
    char *what, *value, *evidence, *key; /* key: the YAML key that replaces it, "" if there is none … */
    char *no_key;                        /* … and why; else NULL */
    bool stated;                         /* the evidence is a source that states it: no guess */
};

#define LC_SHAPE 256

/* A learned number, and what it would have been had other traces been recorded: bootstrap of whole traces (Efron 1979),
 * so that numbers which come from the same traces move together. */
struct lc_replicated {
    char *path;     /* edit.h: a mean demand, think time, number of calls, or probability of a branch */
    double *ratios; /* lc_evidence.replicates of them: value in the bootstrap replicate / estimate */
    int entry;      /* of the model, from whose visits it was learned; LC_NONE: which requests a workload makes */
    /* Of a time that varies, else NULL. `table`: LC_SHAPE values, sorted, that stand for the learned distribution, with
     * its squared coefficient of variation `cv2` and mean 1; a time of another one was stated since. In the first
     * lc_evidence.shapes replicates it is distributed as these values to the power of powers[replicate] are, whatever
     * its mean. */
    double *table, *powers;
    double cv2;
};

struct lc_starts {  /* when the roots of traces began */
    int64_t *times; /* ns since 1970 */
    size_t count, capacity;
};

#define LC_RECORDED_QUANTILES 200

struct lc_recorded_class { /* what came of a class of requests in a recording; times in seconds */
    uint64_t requests;     /* that were kept */
    double rate;           /* per second, of all requests also where traces are a sample */
    double mean, p95;      /* of their durations, waiting included; NaN: there are none */
    double standard_error; /* of the mean, from means of batches; NaN: not known */
    double *quantiles;     /* of the durations, at (i + 0.5) / LC_RECORDED_QUANTILES; NULL: there are none */
    double gap_cv2;        /* squared coefficient of variation of the times between them; NaN: too few */
};
struct lc_recording {                  /* a stretch of time that was recorded without a pause, at one rate */
    int64_t begin, end;                /* ns since 1970: its first and last request began */
    bool one_by_one;                   /* no request met another one */
    struct lc_recorded_class *classes; /* in the order of the options' */
};

/* All of it. Everything is borrowed; the arrays are those of lc_learned. Classes of requests are the elements of the
 * mixes of the scenario's workloads, in that order; a workload of an activity has one. */
struct lc_evidence {
    uint64_t traces; /* that the model was learned from */
    const struct lc_replicated *replicated;
    size_t replicated_count;
    const uint64_t *samples;       /* [replicated] that the number was learned from; 0: not known */
    const uint64_t *entry_samples; /* [entry of the model] visits that its numbers come from; 0: not known */
    size_t replicates;             /* bootstrap replicates */
    size_t shapes;                 /* those of them in which distributions vary in shape as well */
    size_t class_count;
    const int *class_entry;                /* the entry of the model that serves the class; LC_NONE: no trace matches */
    const double *class_calls;             /* requests per run of the activity; 1 without one */
    const uint64_t *class_traces;          /* recorded requests */
    const struct lc_recording *recordings; /* in time order */
    size_t recording_count;
    const struct lc_assumption *assumptions;
    size_t assumption_count;
    char *const *operations; /* [entry of the model] "service/operation" that it stands for; NULL: not known */
    size_t operation_count;
    char *const *services; /* of the traces, whether the model has them or not; ends with NULL; NULL: not known */
};

#ifdef __cplusplus
}
#endif

#endif
