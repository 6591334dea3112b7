/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Turns of a quantum; who is interrupted otherwise stands in front. */
#include "discipline.h"

static void wait(struct lci_engine *e, struct lci_station *st, uint32_t thread, bool interrupted)
{
    if (interrupted)
        lci_queue_push_front(&st->queue, e->threads, thread, 0);
    else
        lci_queue_push(e, &st->queue, thread, 0);
}

const struct lci_discipline lci_discipline_round_robin = {.serving = LCI_BY_TURNS, .wait = wait};
