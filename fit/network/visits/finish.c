/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The end of the first stage: what was collected is put in order, judged, and does not change any more.
 */
#include "network/visits/collect.h"

#include "base/sort.h"
#include "tree/decisions.h"

#include <inttypes.h>
#include <stdlib.h>

/* Parts that were extracted otherwise than all of them together would have been are no parts of it. */
static int check_parts(const struct lci_visits *visits, struct lc_diag *diag)
{
    if (visits->decisions == NULL || visits->decisions->parts == 0)
        return 0;
    lci_decisions_settle(visits->decisions);
    return lci_decisions_agree(visits->decisions, diag);
}

static int check_depth(const struct lci_visits *visits, struct lc_diag *diag)
{
    const struct lci_deep *deep = visits->deep;
    if (deep == NULL)
        return 0;
    lc_error(diag, LC_INPUT, NULL,
             "calls of '%s/%s' lie within each other over more than %d levels (trace %016" PRIx64 "%016" PRIx64
             "); expected at most %d: record the inner ones as internal spans, which count as their caller's own work, "
             "or leave such traces out",
             lci_text(visits, deep->task), lci_text(visits, deep->entry), LCI_MOST_NESTED, deep->trace_high,
             deep->trace_low, LCI_MOST_NESTED);
    return -1;
}

int lci_visits_finish(struct lci_visits *visits, struct lc_diag *diag)
{
    lci_order(visits);
    lci_mark_refused(visits);
    for (size_t c = 0; c < visits->class_count; c++)
        lci_sort_int64(visits->class_starts[c].times, visits->class_starts[c].count);
    if (check_parts(visits, diag) != 0 || lci_releases_check(visits, diag) != 0 || check_depth(visits, diag) != 0)
        return -1;
    if (visits->trees > 0)
        return 0;
    lc_error(diag, LC_INPUT, NULL, "there are no traces to learn from");
    return -1;
}
