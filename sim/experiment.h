/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An experiment: pilots that find the warm-up, then replications in waves until the precision is reached.
 */
#ifndef LCI_EXPERIMENT_H
#define LCI_EXPERIMENT_H

#include "balance.h"
#include "drift.h"
#include "guess.h"
#include "limits.h"
#include "loadcast/sim.h"
#include "measure.h"
#include "program.h"
#include "solve/steady.h"

#include <pthread.h>

/* What was measured before replications were made longer. */
struct lci_earlier {
    struct lci_measures *measures; /* NULL: nothing */
    struct lci_drift *drifts;
    unsigned replications;
    double warmup, run_time;
};

struct lci_experiment {
    const struct lc_sim_options *options;
    const struct lci_program *program;
    struct lc_diag *diag;
    struct lc_result *result;
    struct lci_measures *measures;
    struct lci_balances balances;
    struct lci_earlier before;
    struct lci_engine **engines; /* one per thread; the first always, others when they are needed */
    unsigned jobs;
    struct lci_limits limits;
    double warmup, run_time;
    double pace;            /* events per time unit, by the first pilot */
    bool guessed;           /* the length of replications is a guess, and none has told yet what it is worth */
    struct lci_guess guess; /* nothing where the options leave nothing to guess */
    uint64_t number;        /* of the experiment in this process, from 1 */
    uint64_t next;          /* number of the next replication, which keys its random streams */
    uint64_t events, completions;
    uint64_t planned;         /* events until the last plan */
    bool grows;               /* pilots or waves leave no doubt that queues grow: there is no precision to wait for */
    atomic_bool failed;       /* an error has been appended that ends the experiment */
    pthread_mutex_t lock;     /* guards the merged sketches and the totals */
    struct lci_drift *drifts; /* per task */
};

/* Whether requests can make more of themselves, or replicas come and go, which the traffic equations know nothing of;
 * and the longest of the times that this takes: feedback.c. */
bool lci_feeds_back(const struct lc_model *model, double *longest);

/* Pilot replications: sets warm-up and run time where the options leave them open. False: an error was appended. */
bool lci_pilot(struct lci_experiment *x);

/* Append the error: of an engine that ended so; that the time was over before anything was known. */
void lci_tell_end(struct lci_experiment *x, const struct lci_engine *engine, enum lci_ended ended);
void lci_say_over(const struct lci_experiment *x);

/* Runs `count` replications on all threads; replication i of them is number x->next + i. `run` works on one engine and
 * must depend on nothing but its arguments. */
void lci_run_parallel(struct lci_experiment *x, unsigned count,
                      void (*run)(struct lci_experiment *x, struct lci_engine *engine, unsigned index, void *context),
                      void *context);

/* Replications that are simulated side by side, in the order of their numbers. */
struct lci_wave {
    double *values;  /* [replication][measure] */
    double *half;    /* [replication][task]: integral of the requests present in the first half … */
    double *present; /* … and in all of it */
    double *time;    /* [replication] */
    bool *complete, *stuck, *full;
    char **violated; /* a law; NULL: none */
};
struct lci_wave lci_wave_new(const struct lci_experiment *x, unsigned count);
void lci_wave_free(struct lci_wave *wave, unsigned count);
/* The one with this index, number x->next + index, into the wave; its sketches and events are added to x. */
void lci_replicate(struct lci_experiment *x, struct lci_engine *engine, unsigned index, void *wave);

/* Compiles the model, and makes what replications of it need; false: an error was appended. The result is the
 * caller's. */
bool lci_experiment_begin(struct lci_experiment *x, const struct lc_model *model, const struct lc_sim_options *options,
                          struct lc_diag *diag);
void lci_experiment_end(struct lci_experiment *x);

#endif
