/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Preemptive resume by the priorities of tasks. */
#include "discipline.h"

/* The least urgent one in service, the latest among equals, when it is less urgent than who comes. */
static uint32_t victim(const struct lci_engine *e, const struct lci_station *st, uint32_t thread)
{
    uint32_t found = LCI_NIL, worst = lci_level_of(e, thread);
    for (uint32_t i = 0; i < st->running_count; i++)
        if (lci_level_of(e, st->running[i]) >= (found == LCI_NIL ? worst + 1 : worst)) {
            found = st->running[i];
            worst = lci_level_of(e, found);
        }
    return found;
}

static void wait(struct lci_engine *e, struct lci_station *st, uint32_t thread, bool interrupted)
{
    if (interrupted)
        lci_queue_push_front(&st->queue, e->threads, thread, lci_level_of(e, thread));
    else
        lci_queue_push(e, &st->queue, thread, lci_level_of(e, thread));
}

const struct lci_discipline lci_discipline_PP = {
    .serving = LCI_BY_TURNS, .urgent = true, .victim = victim, .wait = wait};
