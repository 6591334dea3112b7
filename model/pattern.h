/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Work on arrival patterns: checks, copies, rates in the long run; and the scripts that are one kind of them. */
#ifndef LCI_MODEL_PATTERN_H
#define LCI_MODEL_PATTERN_H

#include "loadcast/pattern.h"

static inline bool lci_pattern_is_batch(const struct lc_pattern *p)
{
    return p->batch_mean > 0 || p->batch_count > 0;
}
/* Whether nothing settles in the long run: a rate or number of users that changes at given times, or arrivals that end.
 */
bool lci_pattern_varies(const struct lc_pattern *p);
struct lc_pattern lci_pattern_copy(const struct lc_pattern *p);
void lci_pattern_free(struct lc_pattern *p);
bool lci_pattern_equal(const struct lc_pattern *a, const struct lc_pattern *b);
/* 0, or −1 with an error. */
int lci_pattern_check(const struct lc_pattern *p, const char *what, struct lc_diag *diag, const struct lc_place *place);
/* Arrivals (of batches) per unit of time, of a checked pattern: in the long run; over the time of the points where the
 * last rate would stay for ever; up to the last one where arrivals end. NaN where it has none (NONE, USERS). */
double lci_pattern_rate(const struct lc_pattern *p);
double lci_pattern_batch(const struct lc_pattern *p); /* mean size of a batch; 1 without batches */
/* Probabilities of the states of an MMPP, `count` of them; 0, or −1 when the chain falls apart. */
int lci_pattern_stationary(const struct lc_pattern *p, double *probabilities);
/* Multiplies all times by `factor` > 0 (and divides rates): a change of the unit of time. */
void lci_pattern_stretch(struct lc_pattern *p, double factor);
/* The value of RATES or USERS at a time ≥ 0, without period; where it jumps, after the jump. */
double lci_pattern_value(const struct lc_pattern *p, double time);

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
struct lc_script *lci_script_parse(const char *text, struct lc_diag *diag, const struct lc_place *place);
void lci_script_free(struct lc_script *script);
/* Mean number of creations, and mean time until the end of the last pause in ms. */
double lci_script_creations(const struct lc_script *script);
double lci_script_duration(const struct lc_script *script);

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
bool lci_script_next(const struct lc_script *script, struct lc_script_run *run, struct lc_random *random, double *time);

#endif
