/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a call is to the one who counts: its callee by name, and the table, queue or server that it is about.
 */
#ifndef LCI_FIT_CALLS_H
#define LCI_FIT_CALLS_H

#include "base/names.h"
#include "loadcast/tree.h"

struct lci_call_name { /* indices of lci_call_names.texts */
    int callee;        /* "service/operation" */
    int object;        /* "server/table", "server/key space", the queue, or the callee */
};

struct lci_call_names {
    const struct lc_symbols *symbols; /* borrowed */
    struct lci_names texts;           /* their index is their place; [0] is "" */
    struct lci_called {
        lc_symbol task, entry, about; /* about: the attribute that names the table, queue or key */
        uint32_t class_;
        struct lci_call_name name;
    } * items;
    size_t count, room;
    struct lci_table table;
};

/* The table's name that the label of a database's operation gives: "SELECT FROM orders", "INSERT orders"; "" when it
 * gives none. `label` is looked into. */
const char *lci_table_in(const char *label);
/* The index of a text, which is kept. */
int lci_call_text(struct lci_call_names *names, const char *text);
struct lci_call_name lci_call_name(struct lci_call_names *names, const struct lc_tree *tree,
                                   const struct lc_tree_node *node);
void lci_call_names_free(struct lci_call_names *names);

#endif
