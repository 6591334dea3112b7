/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The arithmetic of one interaction: a caller's interval and the windows of its calls give the time it worked itself,
 * the time it was blocked, and where in its own work each call was sent. Definitions: docs/extraction.md.
 */
#ifndef TREE_TIMING_H
#define TREE_TIMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lci_span_window {
    int64_t request, response; /* sent, answered: ns on the caller's clock; may lie outside the caller */
    uint64_t id;               /* decides between windows that are equal otherwise */
    uint32_t rank;             /* position in the recording: spans are written as they end */
    bool blocking;             /* the caller waits; false: fire-and-forget */
    /* Results. */
    int64_t relative; /* self time of the caller before the call was sent */
    int64_t own;      /* length of the window within the caller; 0 for fire-and-forget */
    int64_t marginal; /* growth of the caller's blocked time by this window */
    int32_t group;    /* of overlapping windows, counted from 0 in the order of time; -1: none */
};

struct lci_timing {
    int64_t self, blocked;
    uint32_t group_count; /* group_count + 1 segments were written */
};

/* `order` is scratch for `count` numbers, `segments` has room for count + 1. start <= end. The windows stay where they
 * are; their results do not depend on their order. */
struct lci_timing lci_timing(int64_t start, int64_t end, struct lci_span_window *windows, size_t count, uint32_t *order,
                             int64_t *segments);

/* Moves windows (of a caller whose clock ticks only every `tick` ns, so that every time it wrote may be up to one tick
 * too early) by less than a tick where that makes them follow each other instead of overlapping by less than a tick,
 * and lie inside the caller. Windows that no such move can reconcile stay where they are. `order` and `ends` are
 * scratch for `count` elements. */
void lci_settle(int64_t start, int64_t end, int64_t tick, struct lci_span_window *windows, size_t count,
                uint32_t *order, int64_t *ends);

#endif
