/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/tree.h"

#include <stdlib.h>

#include "tree/passes.h"

int lc_trees_read(const char *const *inputs, size_t count, const struct lc_tree_options *options,
                  struct lc_symbols *symbols, lc_tree_sink sink, void *context, struct lc_extraction *extraction,
                  struct lc_diag *diag)
{
    *extraction = (struct lc_extraction){0};
    struct lci_passes *passes = lci_passes_new(options, symbols, diag);
    int status =
        lc_traces_read(inputs, count, &options->reader, symbols, lci_passes_add, passes, &extraction->reading, diag);
    if (status == 0)
        status = lci_passes_finish(passes, sink, context, extraction);
    lci_passes_free(passes);
    return status;
}

void lc_extraction_free(struct lc_extraction *extraction)
{
    free(extraction->offsets);
    free(extraction->edges);
    free(extraction->polls);
    lc_decisions_free(extraction->decisions);
    *extraction = (struct lc_extraction){0};
}
