/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Policies: what callers do about requests that fail or take long, and what a component admits. A task has a list of
 * them (lqn.h: `policies`), one for every caller and one for each caller that is treated otherwise: what that does not
 * set is as set for every caller. docs/policies.md says what each does.
 *
 * An attribute is a number in the model's units, NaN where not set, or one of some words; its name is of one or two
 * words joined by a dot (`timeout`, `retries.max`), which files and paths of edits use alike.
 */
#ifndef LCI_MODEL_POLICY_H
#define LCI_MODEL_POLICY_H

#include "base/text.h"
#include "loadcast/lqn.h"

/* The first word is what holds when another attribute of the group is set; 0: not set. */
enum lci_jitter { LCI_JITTER_UNSET, LCI_JITTER_NONE, LCI_JITTER_FULL, LCI_JITTER_EQUAL, LCI_JITTER_EXPONENTIAL };
enum lci_retry_on { LCI_RETRY_ON_UNSET, LCI_RETRY_ON_ANY, LCI_RETRY_ON_TIMEOUT, LCI_RETRY_ON_ERROR };
enum lci_losers { LCI_LOSERS_UNSET, LCI_LOSERS_ABANDON, LCI_LOSERS_CANCEL };
enum lci_errors { LCI_ERRORS_UNSET, LCI_ERRORS_PASS, LCI_ERRORS_IGNORE };
enum lci_limit_overflow { LCI_LIMIT_UNSET, LCI_LIMIT_REJECT, LCI_LIMIT_WAIT };

struct lc_policy {
    int from; /* the task that calls, or LC_NONE: every one */
    enum lci_errors errors;
    double timeout;
    double retries_max, backoff, factor, cap, budget;
    enum lci_jitter jitter;
    enum lci_retry_on retry_on;
    double breaker_window, breaker_ratio, breaker_minimum, breaker_open, breaker_probes;
    double bulkhead;
    double limit_rate, limit_burst;
    enum lci_limit_overflow limit_overflow;
    double shed_length, shed_age;
    double hedge_after, hedge_max;
    enum lci_losers hedge_losers;
    double hit_ratio, hit_time;
    struct lc_place place;
};

struct lci_policy_field {
    const char *name;
    size_t offset;
    enum lc_dimension dimension;
    double minimum, maximum;
    bool whole, open;         /* open: more than the minimum */
    double standard;          /* when another attribute of its group is set; NaN: it must be set then */
    const char *const *words; /* NULL: a number (double). Else an enumeration: its words from 1 on. Ends with NULL. */
    const char *about;        /* one sentence for people */
};
/* Ends with a name that is NULL. */
extern const struct lci_policy_field lci_policy_table[];
const struct lci_policy_field *lci_policy_find(const char *name); /* NULL: no such attribute */
/* The number of an attribute, of a word its place among the words from 1 on; NaN: not set. */
double lci_policy_get(const struct lc_policy *policy, const struct lci_policy_field *field);
/* The value must fit, or be NaN: not set any more. */
void lci_policy_set(struct lc_policy *policy, const struct lci_policy_field *field, double value);
/* Whether the number is one that the attribute can have. */
bool lci_policy_fits(const struct lci_policy_field *field, double value);
/* The value of a word; NaN: the attribute has no such word. */
double lci_policy_word(const struct lci_policy_field *field, const char *word);
/* "a time above 0", "one of none, full"; owned by the caller. */
char *lci_policy_expected(const struct lci_policy_field *field);

/* One that sets nothing, for the calls of `from`. */
struct lc_policy lci_policy_none(int from);
/* The policy of `task` for the calls of `from`; NULL if there is none, made when `make`. Pointers are valid until the
 * next one is made. */
struct lc_policy *lci_policies_of(struct lc_model *model, int task, int from, bool make);

/* What holds for the calls from one task to another: of the caller, else of every caller, else standard. A pool of
 * connections stands for its target and makes calls of its own without policies. False: nothing is set. */
bool lci_policy_between(const struct lc_model *model, int from, int to, struct lc_policy *merged);
/* Whether a rate limit or shedding is set, which hold for calls that nobody waits for, too. */
bool lci_policy_admits(const struct lc_policy *merged);
/* Whether `task` has a rate limit for the calls of `from` alone. */
bool lci_policy_limits(const struct lc_model *model, int task, int from);
/* The task whose policies hold for calls to `to`: itself, or the target of a pool that is the caller's; LC_NONE: calls
 * from `from` have none. */
int lci_policy_target(const struct lc_model *model, int from, int to);

struct lci_policy_pair {
    int from, to; /* tasks; `to` is the one called, be it a pool */
    bool acts;    /* what is set concerns these calls: some are waited for, or admission is set */
};
/* All pairs of tasks with calls and something set, by the order of their tasks. The caller frees the array. */
struct lci_policy_pair *lci_policy_pairs(const struct lc_model *model, size_t *count);
/* Whether requests of the model can be answered with an error. */
bool lci_model_fails(const struct lc_model *model);

#endif
