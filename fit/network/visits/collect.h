/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How visits are made: from trees, and from the summaries of parts.
 */
#ifndef LCI_NETWORK_COLLECT_H
#define LCI_NETWORK_COLLECT_H

#include "network/visits/visits.h"

#include <jansson.h>

struct lc_learner {
    struct lci_visits visits;
    uint32_t *node_operations; /* scratch of lc_learner_add(): of the tree's nodes */
    size_t node_capacity;
};

/* ---- collect.c --------------------------------------------------------------------------------------------------- */

/* The operation with this task, entry, caller and levels; added when new. */
uint32_t lci_operation_of(struct lci_visits *visits, const struct lci_operation *key);
struct lci_task *lci_task_add(struct lci_visits *visits, lc_symbol name);
void lci_note_instance(struct lci_task *task, lc_symbol instance);
/* One per class; added when new. `release`: LCI_THIS_RELEASE, or another one. */
struct lci_variant *lci_variants_of(const struct lci_visits *visits, struct lci_operation *operation, size_t release);
/* Makes the table of operations anew. */
void lci_table_fill(struct lci_visits *visits);

/* ---- sample.c ---------------------------------------------------------------------------------------------------- */

/* How many visits of the service's operations are kept, but for those of one trace. */
size_t lci_most_kept(const struct lci_visits *visits, lc_symbol task);
/* Leaves out the visits of the traces with the largest hashes. */
void lci_variant_bound(struct lci_variant *variant, size_t most);
/* The same when there is much to leave out. */
void lci_variant_trim(struct lci_variant *variant, size_t most);

/* ---- order.c ----------------------------------------------------------------------------------------------------- */

void lci_calls_sort(struct lci_call *calls, size_t count);
void lci_order(struct lci_visits *visits);

/* ---- match.c ----------------------------------------------------------------------------------------------------- */

/* The class of a tree, options.class_count when none matches; with `count`, counts it for its run. */
size_t lci_match(struct lci_visits *visits, const struct lc_tree *tree, bool count);
/* The span's attribute of that name, 0: it has none. */
lc_symbol lci_span_symbol(const struct lci_visits *visits, const struct lc_tree *tree, const struct lc_span *span,
                          const char *name);
/* The root span's attribute of that name, 0 or NULL when it has none. */
lc_symbol lci_root_symbol(const struct lci_visits *visits, const struct lc_tree *tree, const char *name);
const char *lci_root_attribute(const struct lci_visits *visits, const struct lc_tree *tree, const char *name);

/* ---- sampling.c -------------------------------------------------------------------------------------------------- */

#define LCI_WEIGHT_UNIT 1024
extern const char *const lci_sampling_keys[]; /* attributes of roots that say something; ends with NULL */
/* Counts what the root says: probability (Jaeger's sampler.param), a limited rate, a policy that saw the whole trace.
 */
void lci_count_sampling(struct lci_visits *visits, const struct lc_tree *tree, size_t class_);
struct lci_policy *lci_policy_of(struct lci_visits *visits, lc_symbol name);

/* ---- starts.c ---------------------------------------------------------------------------------------------------- */

/* A tree whose root is of this operation. */
void lci_starts_add(struct lci_visits *visits, const struct lc_tree *tree, uint32_t operation);
/* What parts have counted, as a value of a summary; reading is false when it is wrong. `operations`: of the file → of
 * the learner. */
json_t *lci_starts_json(const struct lci_visits *visits);
bool lci_starts_read(struct lci_visits *visits, struct lc_symbols *symbols, const uint32_t *operations,
                     size_t operation_count, json_t *starts);
void lci_starts_free(struct lci_visits *visits);

/* ---- files.c ----------------------------------------------------------------------------------------------------- */

/* A file whose spans began and ended between these times (ns); lci_files_settle() when all are added. */
void lci_files_add(struct lci_visits *visits, int64_t begin, int64_t end);
void lci_files_settle(struct lci_visits *visits);
json_t *lci_files_json(const struct lci_visits *visits);
bool lci_files_read(struct lci_visits *visits, const json_t *files);
/* Files of the same time whose rates are not alike may be recordings of their own: a note. */
void lci_files_note(const struct lc_reading *reading, struct lc_diag *diag);

/* ---- releases.c -------------------------------------------------------------------------------------------------- */

#define LCI_THIS_RELEASE SIZE_MAX
#define LCI_LEFT_OUT     (SIZE_MAX - 1)
/* Its number; added when new. */
size_t lci_release_find(struct lci_visits *visits, const char *name, lc_symbol service);
/* The index of the tree's release among `releases`, or one of the above. */
size_t lci_release_of(struct lci_visits *visits, const struct lc_tree *tree);
/* −1 with an error when no tree is of the release that is asked for; else says what was done with the others. */
int lci_releases_check(const struct lci_visits *visits, struct lc_diag *diag);

/* ---- forwarded.c ------------------------------------------------------------------------------------------------- */

/* The child that answers for the node, NULL: none. Of several that may, the one that ends last: there is one answer. */
const struct lc_tree_node *lci_passed_on_to(const struct lc_tree *tree, const struct lc_tree_node *node);
/* For how long after the node's end its caller waited for the answer of those that it passed the request on to: ns. */
int64_t lci_forwarded_time(const struct lc_tree *tree, const struct lc_tree_node *node);

/* ---- concurrency.c ----------------------------------------------------------------------------------------------- */

/* Notes that the node holds a thread of its service, or a connection of its caller. */
void lci_held_add(struct lci_visits *visits, const struct lc_tree *tree, const struct lc_tree_node *node,
                  uint32_t operation);
struct lci_held *lci_held_of(struct lci_visits *visits, lc_symbol task, lc_symbol instance, lc_symbol server);
/* By the names of service, server and instance. */
void lci_held_order(struct lci_visits *visits);

/* ---- refused.c --------------------------------------------------------------------------------------------------- */

/* Marks calls that never reached the operation they asked for. */
void lci_mark_refused(struct lci_visits *visits);

/* ---- finish.c ---------------------------------------------------------------------------------------------------- */

/* When everything is collected: after it nothing changes any more. −1 with errors appended where there are no traces to
 * learn from, or parts that do not belong together. */
int lci_visits_finish(struct lci_visits *visits, struct lc_diag *diag);

/* ---- windows.c --------------------------------------------------------------------------------------------------- */

/* Prepares counting the operation's visits in the windows of its component. */
void lci_utilization_windows(const struct lci_visits *visits, struct lci_operation *operation);
/* A visit of `operation` that ended at `end` (ns), with its self time. */
void lci_utilization_add(struct lci_visits *visits, uint32_t operation, int64_t end, int64_t self);

/* Adds delays from the dispatch to the start of jobs: their number, sum (ns), squares, least and most. */
void lci_delays_add(struct lci_variant *variant, uint64_t count, uint64_t sum, uint64_t squares, uint64_t least,
                    uint64_t most);

/* ---- said.c ------------------------------------------------------------------------------------------------------ */

void lci_said_add(const struct lci_visits *visits, const struct lc_tree *tree, const struct lc_span *span,
                  struct lci_task *task);
void lci_said_note(struct lci_task *task, unsigned name, lc_symbol value, uint64_t count);

#endif
