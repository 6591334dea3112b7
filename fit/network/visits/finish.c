/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The end of the first stage: what was collected is put in order, judged, and does not change any more.
 */
#include "network/visits/collect.h"

#include "base/buffer.h"
#include "base/sort.h"
#include "model/walk.h"
#include "tree/decisions.h"

#include <inttypes.h>
#include <stdlib.h>

#define RING_NAMED 6 /* operations */

/* Parts that were extracted otherwise than all of them together would have been are no parts of it. */
static int check_parts(const struct lci_visits *visits, struct lc_diag *diag)
{
    if (visits->decisions == NULL || visits->decisions->parts == 0)
        return 0;
    lci_decisions_settle(visits->decisions);
    return lci_decisions_agree(visits->decisions, diag);
}

/* Calls that are waited for, of one class. */
static struct lci_graph calls_of(const struct lci_visits *visits, size_t class_)
{
    struct lci_graph graph = lci_graph_start(visits->operation_count);
    size_t *last = lc_calloc(visits->operation_count + 1, sizeof *last); /* who called it last, from 1 */
    for (size_t o = 0; o < visits->operation_count; o++) {
        const struct lci_variant *variant = &visits->operations[o].variants[class_];
        lci_graph_node(&graph, o);
        for (size_t i = 0; i < variant->call_count; i++) {
            const struct lci_call *call = &variant->calls[i];
            if (call->forget || last[call->operation] == o + 1)
                continue;
            last[call->operation] = o + 1;
            lci_graph_edge(&graph, (int)call->operation);
        }
    }
    free(last);
    return graph;
}

static char *ring_text(const struct lci_visits *visits, const int *ring)
{
    struct lci_buffer text = {0};
    size_t count = 0;
    for (; ring[count] != LC_NONE; count++)
        if (count < RING_NAMED)
            lci_buffer_join(&text, " → ", "%s/%s", lci_text(visits, visits->operations[ring[count]].task),
                            lci_text(visits, visits->operations[ring[count]].entry));
    if (count > RING_NAMED)
        lci_buffer_add(&text, " → … (%zu operations)", count);
    return lci_buffer_take(&text);
}

/* Recursion over more services than are looked back for makes a ring of operations. */
static int check_rings(const struct lci_visits *visits, struct lc_diag *diag)
{
    int *order = lc_alloc((visits->operation_count + 1) * sizeof *order);
    bool ring = false;
    for (size_t c = 0; c < visits->class_count && visits->far != NULL && !ring; c++) {
        struct lci_graph graph = calls_of(visits, c);
        ring = lci_graph_order(&graph, LC_NONE, order) < 0;
        lci_graph_free(&graph);
    }
    if (ring) {
        char *text = ring_text(visits, order);
        lc_error(diag, LC_INPUT, NULL,
                 "calls go round in a ring of more than %d levels, as in trace %016" PRIx64 "%016" PRIx64
                 ": %s, and then the first again; expected recursion of at most %d levels: leave such traces out",
                 LCI_MOST_NESTED, visits->far->trace_high, visits->far->trace_low, text, LCI_MOST_NESTED);
        free(text);
    }
    free(order);
    return ring ? -1 : 0;
}

static int check_depth(const struct lci_visits *visits, struct lc_diag *diag)
{
    const struct lci_deep *deep = visits->deep;
    if (deep == NULL)
        return check_rings(visits, diag);
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
