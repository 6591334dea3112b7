/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shortest remaining processing time, preemptive: the mean response time is the least that any discipline reaches at
 * one server (Schrage 1968). */
#include "discipline.h"

#include <assert.h>

static uint32_t victim(const struct lci_engine *e, const struct lci_station *st, uint32_t thread)
{
    uint32_t longest = st->running[0];
    for (uint32_t i = 1; i < st->running_count; i++)
        if (lci_remaining(e, st, st->running[i]) > lci_remaining(e, st, longest))
            longest = st->running[i];
    return lci_remaining(e, st, longest) > e->threads[thread].work.demand ? longest : LCI_NIL;
}

/* The queue is sorted by what is left; whoever comes stands behind equals. */
static void wait(struct lci_engine *e, struct lci_station *st, uint32_t thread, bool interrupted)
{
    const double left = e->threads[thread].work.demand;
    uint32_t before = LCI_NIL, next = st->queue.count > 0 ? st->queue.first.head : LCI_NIL;
    while (next != LCI_NIL &&
           (e->threads[next].work.demand < left || (!interrupted && e->threads[next].work.demand == left))) {
        assert(before == LCI_NIL || e->threads[before].work.demand <= e->threads[next].work.demand);
        before = next;
        next = e->threads[next].next;
    }
    lci_queue_insert(&st->queue, e->threads, before, thread);
}

const struct lci_discipline lci_discipline_SRPT = {.serving = LCI_BY_TURNS, .victim = victim, .wait = wait};
