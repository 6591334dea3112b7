/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LCI_TREE_TREES_H
#define LCI_TREE_TREES_H

#include "loadcast/tree.h"
#include "trace/source.h"

/* lc_trees_read() of files that were found, or of parts of some; `seen` may be NULL. */
int lci_trees_read_files(const struct lci_files *files, const struct lc_tree_options *options,
                         struct lc_symbols *symbols, lc_tree_sink sink, void *context, struct lc_extraction *extraction,
                         struct lci_seen *seen, struct lc_diag *diag);

#endif
