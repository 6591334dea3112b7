/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How coarsely the clocks of services write starts: in whole milliseconds, whole microseconds, or finer. What most of a
 * service's starts are decides; of a few starts, which may be whole by chance, those of all services.
 */
#ifndef TREE_TICKS_H
#define TREE_TICKS_H

#include "tree/clocks.h"

enum { LCI_TICK_UNKNOWN, LCI_TICK_MILLISECOND, LCI_TICK_MICROSECOND, LCI_TICK_FINER };

struct lci_ticks {
    struct lci_tick_counts {
        uint64_t milliseconds, microseconds, all; /* starts that are whole ones; milliseconds are microseconds, too */
        uint8_t decided;                          /* tick with which trees are made; unknown until then */
        uint8_t used;                             /* bit 1 << tick: a part was decided with it */
    } * services, total;                          /* by symbol */
    size_t capacity;
};
void lci_ticks_free(struct lci_ticks *ticks);

void lci_ticks_span(struct lci_ticks *ticks, const struct lc_span *span);
/* As decided, or as the starts so far tell. */
unsigned lci_tick(const struct lci_ticks *ticks, lc_symbol service);
/* Decides on the starts, or as `given` where that knows the service (NULL: nothing given). */
void lci_ticks_decide(struct lci_ticks *ticks, const struct lci_ticks *given);

/* Parts of the traces, as in clocks.h. */
void lci_ticks_write(const struct lci_ticks *ticks, const struct lc_symbols *symbols, lci_put_line put, void *sink);
bool lci_ticks_read(struct lci_ticks *ticks, struct lc_symbols *symbols, const json_t *line);
/* How many services a part decided otherwise; errors for the first LCI_MOST_TOLD. */
size_t lci_ticks_differ(const struct lci_ticks *ticks, const struct lc_symbols *symbols, struct lc_diag *diag);

#endif
