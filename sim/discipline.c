/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discipline.h"

static const struct lci_discipline *const disciplines[] = {
#define ROW(symbol, word) [LC_##symbol] = &lci_discipline_##symbol,
    LC_DISCIPLINES(ROW)
#undef ROW
};

const struct lci_discipline *lci_discipline_of(enum lc_scheduling scheduling, double quantum)
{
    const struct lci_discipline *d = disciplines[scheduling];
    return quantum > 0 && d->with_quantum != NULL ? d->with_quantum : d;
}

uint32_t lci_level_of(const struct lci_engine *e, uint32_t thread)
{
    return e->instances[e->threads[thread].instance].level;
}

double lci_remaining(const struct lci_engine *e, const struct lci_station *st, uint32_t thread)
{
    const struct lci_thread *t = &e->threads[thread];
    return t->work.holding ? 0 : t->work.demand - (e->now - t->work.turn) / st->pace;
}
