/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/tree.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "tree/passes.h"
#include "tree/trees.h"

static int forget(void *context, const struct lc_trace *trace)
{
    (void)context, (void)trace;
    return 0;
}

/* Spans that were read and are neither in a tree nor left out for a counted reason: 0 after an extraction that went to
 * its end, which checks it. */
static int64_t lost_spans(const struct lc_extraction *e)
{
    const uint64_t *repaired = e->reading.repairs.count;
    const uint64_t left_out = repaired[LC_REPAIR_DUPLICATE] + repaired[LC_REPAIR_NO_ID] +
                              repaired[LC_REPAIR_ABSURD_TIME] + repaired[LC_REPAIR_DAMAGED] +
                              repaired[LC_REPAIR_NETWORK_POINT] + repaired[LC_REPAIR_ONE_WAY];
    return (int64_t)(e->reading.read - left_out - e->fates.nodes - e->fates.merged - e->fates.inside -
                     e->fates.polling);
}

int lc_trees_read(const char *const *inputs, size_t count, const struct lc_tree_options *options,
                  struct lc_symbols *symbols, lc_tree_sink sink, void *context, struct lc_extraction *extraction,
                  struct lc_diag *diag)
{
    struct lci_files files = {0};
    const size_t errors = diag->errors;
    lci_files_find(inputs, count, &files, diag);
    *extraction = (struct lc_extraction){0};
    int status = -1;
    if (diag->errors == errors)
        status = lci_trees_read_files(&files, options, symbols, sink, context, extraction, NULL, diag);
    else /* what is wrong with the others is said as well */
        lci_traces_read_files(&files, &options->reader, symbols, forget, NULL, &extraction->reading, NULL, diag);
    lci_files_free(&files);
    return status;
}

int lci_trees_read_files(const struct lci_files *files, const struct lc_tree_options *options,
                         struct lc_symbols *symbols, lc_tree_sink sink, void *context, struct lc_extraction *extraction,
                         struct lci_seen *seen, struct lc_diag *diag)
{
    *extraction = (struct lc_extraction){0};
    struct lci_passes *passes = lci_passes_new(options, symbols, diag);
    int status = lci_traces_read_files(files, &options->reader, symbols, lci_passes_add, passes, &extraction->reading,
                                       seen, diag);
    if (status == 0)
        status = lci_passes_rename(passes, extraction->reading.renamed, extraction->reading.renamed_count);
    if (status == 0)
        status = lci_passes_finish(passes, sink, context, extraction);
    lci_passes_free(passes);
    assert(status != 0 || lost_spans(extraction) == 0); /* every span is accounted for */
    if (status == 0 && lost_spans(extraction) != 0) {
        lc_error(diag, LC_UNDECIDED, NULL,
                 "internal error: %" PRId64 " of %" PRIu64 " spans that were read are not accounted for",
                 lost_spans(extraction), extraction->reading.read);
        status = -1;
    }
    const uint64_t read = extraction->reading.read;
    if (status == 0 && read > 0 && extraction->reading.repairs.count[LC_REPAIR_NO_ID] == read) {
        lc_error(diag, LC_INPUT, NULL,
                 "none of the %" PRIu64
                 " spans tells which trace it belongs to; expected a trace id and a span id that "
                 "are not 0, found at most one of them",
                 read);
        status = -1;
    }
    return status;
}

void lc_extraction_free(struct lc_extraction *extraction)
{
    free(extraction->offsets);
    free(extraction->edges);
    free(extraction->polls);
    free(extraction->reading.renamed);
    free(extraction->reading.times);
    lc_decisions_free(extraction->decisions);
    *extraction = (struct lc_extraction){0};
}
