/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The size of a request, on which its times may depend (lc_dist.size_correlation): a normal variate that is drawn where
 * the request enters the model and that all services of it see. A time of correlation r is the quantile at Φ(r size +
 * √(1 − r²) ε), ε normal and its own: it is distributed as it would be without. What nobody waits for is a request of
 * its own.
 *
 * Programs in which no time depends on it hold none of these instructions, so that sizes cost nothing there.
 */
#ifndef LCI_SIZE_H
#define LCI_SIZE_H

#include "engine.h"

/* Whether some demand or think time of the model depends on the size of its request. */
bool lci_model_is_sized(const struct lc_model *model);
/* LCI_SIZE_BEGIN at the start of an entry, and LCI_SIZE before the instruction that draws from `sampler`, made of
 * `dist`; nothing where there is no need. */
void lci_compile_size_begin(struct lci_program *p, const char *entry);
void lci_compile_size(struct lci_program *p, const struct lc_dist *dist, uint32_t sampler);

void lci_size_begin(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in);
void lci_size_look(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in);
double lci_sample_sized(struct lci_sampler *s);

#endif
