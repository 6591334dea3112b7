/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tree/account.h"

#include <stdlib.h>
#include <string.h>

enum { LOST, NODE, MERGED, INSIDE };

void lci_account_free(struct lci_account *a)
{
    free(a->marks);
    *a = (struct lci_account){0};
}

void lci_account_begin(struct lci_account *a, const struct lci_tree_record *record)
{
    const size_t count = record->trace.span_count;
    if (count > a->capacity) {
        a->capacity = 2 * count;
        a->marks = lc_realloc(a->marks, a->capacity, 1);
    }
    memset(a->marks, LOST, count);
}

void lci_account_tree(struct lci_account *a, const struct lci_assembly *assembly)
{
    const struct lc_span *spans = assembly->record->trace.spans;
    for (size_t i = 0; i < assembly->reached; i++) {
        const uint32_t span = assembly->queue[i];
        const bool outgoing = spans[span].kind == LC_KIND_CLIENT || spans[span].kind == LC_KIND_PRODUCER;
        a->marks[span] = outgoing ? MERGED : INSIDE;
    }
    for (size_t i = 0; i < assembly->call_count; i++)
        a->marks[assembly->calls[i].span] = NODE;
}

void lci_account_end(struct lci_account *a, const struct lci_tree_record *record)
{
    uint64_t counts[INSIDE + 1] = {0};
    for (size_t i = 0; i < record->trace.span_count; i++)
        counts[a->marks[i]]++;
    a->fates.nodes += counts[NODE];
    a->fates.merged += counts[MERGED];
    a->fates.inside += counts[INSIDE];
    a->lost += counts[LOST];
}
