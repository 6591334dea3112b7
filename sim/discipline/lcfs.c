/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Last come, first served; nobody is interrupted. */
#include "discipline.h"

static void wait(struct lci_engine *e, struct lci_station *st, uint32_t thread, bool interrupted)
{
    (void)interrupted;
    lci_queue_push_front(&st->queue, e->threads, thread, 0);
}

const struct lci_discipline lci_discipline_LCFS = {.serving = LCI_BY_TURNS, .wait = wait};
