/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Simulations on other ranks (base/ranks.h). A simulation is a pure function of the model, the options and the seed,
 * and a replication one of its number beside these: so both can be worked out anywhere, and every decision is still
 * taken by rank 0, in the same order and from the same numbers as when it is alone. */
#ifndef LCI_SIM_ELSEWHERE_H
#define LCI_SIM_ELSEWHERE_H

#include "base/ranks.h"
#include "experiment.h"
#include "loadcast/transient.h"

/* From now on the simulations of this thread are worked out by a rank that it has taken; 0: here again. */
void lci_elsewhere_bind(unsigned rank);
unsigned lci_elsewhere_bound(void);
/* lc_simulate() by that rank. */
struct lc_result *lci_elsewhere_ask(unsigned rank, const struct lc_model *model, const struct lc_sim_options *options,
                                    struct lc_diag *diag);
/* lc_simulate_transient() by it. */
struct lc_transient *lci_elsewhere_ask_curves(unsigned rank, const struct lc_model *model,
                                              const struct lc_transient_options *options, struct lc_diag *diag);
/* `count` replications of a wave from `first` on, by a rank. */
void lci_elsewhere_wave(struct lci_experiment *x, unsigned rank, unsigned first, unsigned count, struct lci_wave *wave);

/* What a rank does when it is asked for these. */
void lci_elsewhere_simulate(struct lci_pack *in, struct lci_buffer *out);
void lci_elsewhere_curves(struct lci_pack *in, struct lci_buffer *out);
void lci_elsewhere_replicate(struct lci_pack *in, struct lci_buffer *out);

#endif
