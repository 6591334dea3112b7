/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the traces tell beside the model's numbers: visits → facts, recordings, arrivals.
 */
#ifndef LCI_NETWORK_FACTS_H
#define LCI_NETWORK_FACTS_H

#include "network/visits/visits.h"

/* ---- sampling_facts.c -------------------------------------------------------------------------------------------- */

void lci_tell_sampling(const struct lci_visits *visits, struct lc_learned *learned);
/* Of traces that do not stand for all requests. `load`: of the busiest service that is known. */
void lci_warn_of_sampling(const struct lci_visits *visits, double load, struct lc_diag *diag);

/* ---- request_rates.c --------------------------------------------------------------------------------------------- */

void lci_tell_starts(const struct lci_visits *visits, struct lc_learned *learned);

/* ---- recordings.c ------------------------------------------------------------------------------------------------ */

/* Of the visits as they were recorded, before any waiting is taken out. */
void lci_tell_recordings(const struct lci_visits *visits, const struct lci_stretch *stretches, size_t count,
                         struct lc_learned *learned);
void lci_recordings_free(struct lc_learned *learned);
/* How many requests each visit that was kept, of one where they enter, stands for: visits that were not kept, requests
 * whose traces lost spans, and requests that were not traced. */
double lci_requests_each(const struct lci_visits *visits, const struct lci_variant *variant);

/* ---- facts.c ----------------------------------------------------------------------------------------------------- */

void lci_assume(struct lc_learned *learned, char *what, char *value, char *evidence, char *key); /* takes the texts */
/* The same where no key can replace it, and why. */
void lci_assume_for_good(struct lc_learned *learned, char *what, char *value, char *evidence, char *no_key);
void lci_say(struct lc_learned *learned, const char *kind, char *subject, char *value, char *evidence); /* takes them */
/* Facts and recordings, of visits as they were recorded. */
void lci_tell_all(const struct lci_visits *visits, struct lc_learned *learned);
void lci_facts_free(struct lc_learned *learned);

/* ---- joins.c ----------------------------------------------------------------------------------------------------- */

struct lci_join_wait { /* of a trace whose last request makes the call */
    uint64_t trace;
    double others; /* s from when it begins until all others have ended; below 0: they have before */
};
struct lci_join_found { /* the last of several requests of a trace makes a call */
    uint32_t *callers;  /* operations, any of which may be the last */
    double *shares;     /* of their visits that call */
    size_t caller_count;
    uint32_t *callees; /* that the last one calls */
    size_t callee_count;
    uint64_t traces, by_last;    /* with several of these requests; in which the last one, and no other, called */
    size_t fewest, most;         /* requests of a trace, where there are several */
    size_t alone;                /* traces with one */
    struct lci_join_wait *waits; /* in the order of the lower halves of `trace` */
    size_t wait_count, wait_capacity;
};
/* All of them; owned by the caller, as what lci_join_free frees. */
struct lci_join_found *lci_joins_of(const struct lci_visits *visits, size_t *count);
void lci_join_free(struct lci_join_found *join);
char *lci_join_callers(const struct lci_visits *visits, const struct lci_join_found *join); /* as a list of names */
char *lci_join_callees(const struct lci_visits *visits, const struct lci_join_found *join);

#endif
