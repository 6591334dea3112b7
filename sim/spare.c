/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdatomic.h>
#include <stdlib.h>

#include "loadcast/sim.h"
#include "sim/spare.h"

struct lc_spare {
    atomic_int threads; /* below 0: more are at work than there should be */
};

struct lc_spare *lci_spare_new(unsigned threads)
{
    struct lc_spare *spare = lc_alloc(sizeof *spare);
    atomic_init(&spare->threads, (int)threads);
    return spare;
}

void lci_spare_free(struct lc_spare *spare)
{
    free(spare);
}

unsigned lci_spare_take(struct lc_spare *spare, unsigned wanted)
{
    int left = atomic_load(&spare->threads);
    while (left > 0) {
        const int taken = left < (int)wanted ? left : (int)wanted;
        if (atomic_compare_exchange_weak(&spare->threads, &left, left - taken))
            return (unsigned)taken;
    }
    return 0;
}

void lci_spare_add(struct lc_spare *spare, int threads)
{
    atomic_fetch_add(&spare->threads, threads);
}
