/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Branches of or-forks that the last of several requests takes (lc_activity.last_of), as services have it that gather
 * parts: one request of a customer makes several requests to the task, on whatever way, and whichever brings the last
 * part goes on with all of them. A gather is a task and a number of requests; what comes to its or-forks is counted for
 * each customer, from 0 when its request begins. Whose request it is, is known as it is for sticky balance: where
 * nobody waits for it, chance decides by the probabilities of the branches.
 *
 * Programs without such branches hold none of these instructions.
 */
#ifndef LCI_GATHER_H
#define LCI_GATHER_H

#include "engine.h"

/* The gathers of the model, before anything is compiled. */
void lci_list_gathers(struct lci_program *p, const struct lc_model *model);
/* LCI_GATHER_BEGIN at the start of an entry of a source. */
void lci_compile_gather_begin(struct lci_program *p, bool source);
/* Makes the LCI_OR at `address`, whose branches are the activities `posts` of task `task` (of the model), an LCI_GATHER
 * if some of them are for the last one. The branches are compiled. */
void lci_compile_gather(struct lci_program *p, uint32_t address, int task, const int *posts);

void lci_gather_begin(struct lci_engine *e, uint32_t thread);
/* The choice among the branches that thread may take. */
uint32_t lci_gather(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in);

#endif
