/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A count of threads that nobody uses at the moment, shared by work that goes on at the same time. */
#ifndef LCI_SIM_SPARE_H
#define LCI_SIM_SPARE_H

#include "loadcast/sim.h"

struct lc_spare;
struct lc_spare *lci_spare_new(unsigned threads); /* the caller frees it */
void lci_spare_free(struct lc_spare *spare);
unsigned lci_spare_take(struct lc_spare *spare,
                        unsigned wanted);                /* how many of them were free, and are the caller's now */
void lci_spare_add(struct lc_spare *spare, int threads); /* back; negative: taken, even if none are left */

#endif
