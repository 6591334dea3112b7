/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LCI_DISCIPLINE_H
#define LCI_DISCIPLINE_H

#include "engine.h"

enum lci_serving {
    LCI_IN_LINE,  /* one after the other, each to its end: engine.c */
    LCI_BY_TURNS, /* a turn can be cut short, or the queue has an order of its own: turn.c */
    LCI_TOGETHER, /* servers are shared: fluid.c */
    LCI_AT_ONCE,  /* no contention */
};

/* What a processor does with those who come. One file each in sim/discipline/; the words are in LC_DISCIPLINES. */
struct lci_discipline {
    enum lci_serving serving;
    bool urgent; /* by the priorities of tasks */
    bool random; /* the queue has no order */
    /* By turns: the one in service that makes room for `thread`, which comes; LCI_NIL: it waits. NULL: it always does.
     */
    uint32_t (*victim)(const struct lci_engine *e, const struct lci_station *st, uint32_t thread);
    /* By turns: puts a thread into the queue that comes, or that was interrupted and keeps its place. */
    void (*wait)(struct lci_engine *e, struct lci_station *st, uint32_t thread, bool interrupted);
    const struct lci_discipline *with_quantum; /* NULL: a quantum changes nothing */
};

/* Never NULL for the discipline of a processor. */
const struct lci_discipline *lci_discipline_of(enum lc_scheduling scheduling, double quantum);

/* Priority among those of the processor; 0 is the most urgent. */
uint32_t lci_level_of(const struct lci_engine *e, uint32_t thread);
/* What is left of the slice of a thread that is in service. */
double lci_remaining(const struct lci_engine *e, const struct lci_station *st, uint32_t thread);

#define LCI_ROW(symbol, word) extern const struct lci_discipline lci_discipline_##symbol;
LC_DISCIPLINES(LCI_ROW)
#undef LCI_ROW
extern const struct lci_discipline lci_discipline_round_robin;

#endif
