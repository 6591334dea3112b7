/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Last come, first served, preemptive resume: who comes takes the place of the one in service that has come first. Its
 * M/G/1 is insensitive: response times depend on the mean demand alone. */
#include "discipline.h"

static uint32_t victim(const struct lci_engine *e, const struct lci_station *st, uint32_t thread)
{
    (void)thread;
    uint32_t first = st->running[0];
    for (uint32_t i = 1; i < st->running_count; i++)
        if (e->threads[st->running[i]].work.since < e->threads[first].work.since)
            first = st->running[i];
    return first;
}

/* Whoever waits has come before those in service. */
static void wait(struct lci_engine *e, struct lci_station *st, uint32_t thread, bool interrupted)
{
    (void)interrupted;
    lci_queue_push_front(&st->queue, e->threads, thread, 0);
}

const struct lci_discipline lci_discipline_LCFS_PR = {.serving = LCI_BY_TURNS, .victim = victim, .wait = wait};
