/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A document (YAML, and JSON read as YAML) as a tree that knows where everything stands, and the checks that all
 * readers of such documents share: what is wrong is said with line and column, and reading goes on to find the next
 * error.
 */
#ifndef LCI_MODEL_FORMAT_NODE_H
#define LCI_MODEL_FORMAT_NODE_H

#include "base/text.h"
#include "loadcast/base.h"

enum lci_node_kind { LCI_NODE_SCALAR, LCI_NODE_LIST, LCI_NODE_MAP };

struct lci_node {
    enum lci_node_kind kind;
    char *text;             /* scalar: as written, without quotes; "" for nothing at all */
    bool quoted;            /* scalar: in quotes or a block, so it is a text whatever it looks like */
    struct lci_node *keys;  /* map: `count` scalars, all different */
    struct lci_node *items; /* list: its elements; map: the values, in the order of the keys */
    size_t count;
    struct lc_place place; /* `file` is borrowed from the caller of the parser */
};

/* One document. NULL with errors appended: broken syntax, duplicate keys, keys that are no scalars, anchors, aliases,
 * tags, several documents, nesting deeper than 64. `name` stands in messages and must outlive the tree. */
struct lci_node *lci_yaml_parse(const char *text, size_t length, const char *name, struct lc_diag *diag);
/* The value of a change: a map or list in one line, "{gamma: {shape: 2, scale: 1 s}}", or else a scalar; all of it
 * stands at `place` (NULL: nowhere). NULL with an error. */
struct lci_node *lci_node_value(const char *text, const struct lc_place *place, struct lc_diag *diag);
void lci_node_free(struct lci_node *node);

/* The value of a key of a map, or NULL. `node` may be NULL or no map: then NULL. */
const struct lci_node *lci_node_get(const struct lci_node *node, const char *key);
bool lci_node_is_null(const struct lci_node *node); /* nothing, ~ or null, not in quotes */

/* Each returns 0, or −1 with an error appended that names `what` ("a service", "'rate'") and what would be right. */
int lci_node_is(const struct lci_node *node, enum lci_node_kind kind, const char *what, struct lc_diag *diag);
/* A map all of whose keys are in `known` (ends with NULL); the nearest known key is named for each that is not. */
int lci_node_keys(const struct lci_node *node, const char *const *known, const char *what, struct lc_diag *diag);
/* A text that is not empty; borrowed from the node. */
int lci_node_text(const struct lci_node *node, const char *what, const char **text, struct lc_diag *diag);
int lci_node_quantity(const struct lci_node *node, enum lc_dimension dimension, const char *what, double *value,
                      struct lc_diag *diag);
/* A whole number from `minimum` to `maximum`. */
int lci_node_count(const struct lci_node *node, uint64_t minimum, uint64_t maximum, const char *what, uint64_t *value,
                   struct lc_diag *diag);
struct lc_dist;
/* A distribution of times above 0 as models write them (docs/model-format.md), but every time carries its unit: "5 s"
 * (exponential), {mean, cv2}, {FAMILY: parameters}. In seconds; the caller frees it. */
int lci_node_distribution(const struct lci_node *node, const char *what, struct lc_dist *dist, struct lc_diag *diag);
struct lc_pattern;
/* A pattern of load as models write it (docs/model-format.md), but every time carries its unit, and so does every rate;
 * or, with `multiples`, rates are plain numbers, multiples of one that is told elsewhere. In seconds; checked; the
 * caller frees it. */
int lci_node_pattern(const struct lci_node *node, bool multiples, struct lc_pattern *pattern, struct lc_diag *diag);
/* true or false (yes, no). */
int lci_node_flag(const struct lci_node *node, const char *what, bool *value, struct lc_diag *diag);

#endif
