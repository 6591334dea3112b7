/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tree/decisions.h"

#include <inttypes.h>
#include <stdlib.h>

struct lc_decisions *lci_decisions_new(const struct lc_symbols *symbols)
{
    struct lc_decisions *d = lc_calloc(1, sizeof *d);
    d->symbols = symbols;
    d->clocks = lci_clocks_new(symbols);
    d->edges = lci_edges_new();
    d->paths = lci_paths_new();
    d->lost = lci_lost_new();
    return d;
}

void lc_decisions_free(struct lc_decisions *d)
{
    if (d == NULL)
        return;
    lci_clocks_free(d->clocks);
    lci_edges_free(d->edges);
    lci_paths_free(d->paths);
    lci_lost_free(d->lost);
    free(d->polls.items);
    free(d);
}

void lc_decisions_list(const struct lc_decisions *d, struct lc_extraction *extraction)
{
    free(extraction->offsets);
    free(extraction->edges);
    extraction->offsets = lci_clocks_list(d->clocks, &extraction->offset_count);
    extraction->edges = lci_edges_list(d->edges, d->symbols, &extraction->edge_count);
    free(extraction->polls);
    extraction->polls = lci_polls_list(&d->polls, d->symbols);
    extraction->poll_count = d->polls.count;
}

void lci_decisions_write(struct lc_decisions *d, lci_put_line put, void *sink)
{
    put(sink, json_pack("{s:I}", "unjoined", (json_int_t)d->unjoined));
    lci_clocks_write(d->clocks, put, sink);
    lci_paths_write(d->paths, d->symbols, put, sink);
    lci_edges_write(d->edges, d->symbols, put, sink);
    lci_polls_write(&d->polls, d->symbols, put, sink);
    lci_lost_write(d->lost, d->symbols, put, sink);
}

enum lci_line lci_decisions_read(struct lc_decisions *d, struct lc_symbols *symbols, const json_t *line)
{
    const json_t *part;
    bool good = true;
    if ((part = json_object_get(line, "edge")) != NULL) {
        good = lci_edges_read(d->edges, symbols, part);
    } else if ((part = json_object_get(line, "paths")) != NULL) {
        good = lci_paths_read(d->paths, symbols, part);
    } else if ((part = json_object_get(line, "poll")) != NULL) {
        good = lci_polls_read(&d->polls, symbols, part);
    } else if ((part = json_object_get(line, "lost")) != NULL) {
        good = lci_lost_read(d->lost, symbols, part);
    } else if ((part = json_object_get(line, "hosts")) != NULL) {
        good = lci_clocks_read(d->clocks, symbols, part);
    } else if ((part = json_object_get(line, "clock")) != NULL) {
        good = lci_clocks_read_tick(d->clocks, symbols, part);
    } else if ((part = json_object_get(line, "unjoined")) != NULL) {
        good = json_is_integer(part) && json_integer_value(part) >= 0;
        d->unjoined += good ? (uint64_t)json_integer_value(part) : 0;
        d->parts++;
    } else {
        return LCI_LINE_OTHER;
    }
    return good ? LCI_LINE_READ : LCI_LINE_WRONG;
}

void lci_decisions_settle(struct lc_decisions *d)
{
    lci_clocks_settle(d->clocks);
    lci_edges_settle(d->edges);
}

int lci_decisions_agree(const struct lc_decisions *d, struct lc_diag *diag)
{
    const size_t errors = diag->errors;
    const bool exact = lci_clocks_agree(d->clocks, diag);
    lci_paths_agree(d->paths, d->symbols, diag);
    lci_edges_agree(d->edges, exact, d->symbols, diag);
    lci_lost_agree(d->lost, d->symbols, diag);
    if (diag->errors != errors)
        lc_error(diag, LC_INPUT, NULL,
                 "the parts of the traces were not extracted as all of them together would be; merge their summaries "
                 "to one (--merge … --summary ALL), summarise each part again with --decisions ALL, and merge these");
    else if (d->parts > 1 && d->unjoined > 0)
        lc_warn(diag, NULL,
                "%" PRIu64
                " jobs with traces of their own name a sender that is not in their part of the traces; if it "
                "is in another part, a part that holds both would join them",
                d->unjoined);
    lci_lost_tell(d->lost, d->symbols, diag);
    return diag->errors == errors ? 0 : -1;
}
