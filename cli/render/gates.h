/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gates of a scenario, held against what differs between two releases. */
#ifndef GATES_H
#define GATES_H

#include "fit/measure/differences.h"
#include "loadcast/scenario.h"

struct gated { /* a difference that a gate is about */
    const struct lc_gate *gate;
    const struct lci_difference *difference;
    double p;    /* that chance makes a change in the gate's direction so large, of all gates together; NaN: no test */
    bool broken; /* the change is beyond the limit, and no chance */
};
struct gates {
    const struct lc_gate *gates; /* the scenario's; borrowed */
    size_t gate_count;
    struct gated *items; /* in the order of the gates, then of the differences */
    size_t count, room;
    size_t broken;
};

/* Marks what is compared at all: what gates may be about. */
bool is_tested(const struct lci_difference *difference);
/* Judges all gates as one family (Holm). Borrows both. */
void gates_judge(const struct lc_gate *gates, size_t count, const struct lci_differences *differences,
                 struct gates *judged);
void gates_free(struct gates *gates);
/* "web/GET /: db_reads", "activity login: response_time"; allocated. */
char *difference_name(const struct lci_difference *difference);

#endif
