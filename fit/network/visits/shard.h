/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of what was collected from a part of the traces: shard_write.c, shard_read.c.
 */
#ifndef LCI_NETWORK_SHARD_H
#define LCI_NETWORK_SHARD_H

#include "network/visits/collect.h"

#include <jansson.h>

/* One more with every change of what the lines hold; tests/cli/fit_merge.sh tells of such a change. */
#define LCI_SHARD_SCHEMA "summary/11"

enum { LCI_VISIT_FIT = 1, LCI_VISIT_ROOT = 2, LCI_VISIT_ERROR = 4 };
enum {
    LCI_CALL_FORGET = 1,
    LCI_CALL_PAIRED = 2,
    LCI_CALL_FAILED = 4,
    LCI_CALL_FORWARDED = 8,
    LCI_CALL_HIT = 16,
    LCI_CALL_MISS = 32
};

/* What shapes the collecting; summaries go together only if all of it is the same. Keys are words for people. */
json_t *lci_shard_options(const struct lci_visits *visits);

/* A summary as text, and its adding up: lc_learner_write() and lc_learner_read() without a file. `name` is for
 * messages. */
char *lci_learner_text(struct lc_learner *learner, size_t *length);
int lci_learner_read_text(struct lc_learner *learner, struct lc_symbols *symbols, const char *text, size_t length,
                          const char *name, struct lc_diag *diag);
/* The decisions alone, with their evidence; reading adds to what is there. */
char *lci_decisions_text(struct lc_decisions *decisions, size_t *length);
int lci_decisions_read_text(struct lc_decisions *decisions, struct lc_symbols *symbols, const char *text, size_t length,
                            struct lc_diag *diag);

#endif
