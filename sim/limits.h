/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What ends a simulation before it is done: the clock, whoever asked for it, and a queue without end. They are looked
 * at between pieces of so many events, which costs an event nothing and holds for a model whose time stands still.
 */
#ifndef LCI_LIMITS_H
#define LCI_LIMITS_H

#include "engine.h"

#include <stdatomic.h>

struct lci_limits {
    double deadline;        /* of the monotonic clock; infinite: none */
    const atomic_int *stop; /* not 0: end now; NULL: nobody can ask for it */
    double max_queue;       /* requests that wait for one task; infinite: any number */
    double most;            /* records of requests in memory, besides the customers of closed classes */
};

enum lci_ended {
    LCI_REACHED, /* the time it was to run to */
    LCI_STUCK,   /* nothing is left to happen, or no time passes */
    LCI_TIME_UP, /* the clock, or somebody asked */
    LCI_FULL,    /* more requests than `max_queue` or `most` */
};

/* `max_time_s`, `max_queue` 0: no limit; `engines` share a quarter of the memory. */
struct lci_limits lci_limits_new(double max_time_s, const atomic_int *stop, double max_queue, unsigned engines);
bool lci_is_stopped(const struct lci_limits *limits); /* somebody asked for the end */
bool lci_is_over(const struct lci_limits *limits);    /* that, or the time is up */
/* What is looked at between pieces, for who runs to times that may be less than a piece apart; LCI_REACHED: go on. */
enum lci_ended lci_look(const struct lci_limits *limits, const struct lci_engine *engine);
enum lci_ended lci_run_within(const struct lci_limits *limits, struct lci_engine *engine, double until,
                              uint64_t events);

/* The task of the program with the longest queue, and how many requests wait in it. */
uint32_t lci_longest_queue(const struct lci_engine *engine, double *waiting);
/* Appends an error that names it. */
void lci_say_full(const struct lci_engine *engine, struct lc_diag *diag);

#endif
