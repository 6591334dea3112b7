/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What became of each span of a record: none is lost between the reader and the trees.
 */
#ifndef TREE_ACCOUNT_H
#define TREE_ACCOUNT_H

#include "tree/tree_assembly.h"

struct lci_account {
    struct lc_span_fates fates; /* so far */
    uint64_t lost;              /* in no tree: must be 0 */
    uint8_t *marks;             /* by span of the record: what it is */
    size_t capacity;
};
void lci_account_free(struct lci_account *account);

void lci_account_begin(struct lci_account *account, const struct lci_tree_record *record);
void lci_account_tree(struct lci_account *account, const struct lci_assembly *assembly);
void lci_account_end(struct lci_account *account, const struct lci_tree_record *record);

#endif
