/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Traces read in parts by all ranks (base/ranks.h). A part is extracted as if it were all there is; what travels is its
 * summary (visits/shard.h), the evidence of its decisions, and a sample of the ids of its traces. Where the parts
 * together are not surely what one reading of all is, in every bit and message, nothing comes of it, and the traces are
 * read in one. */
#ifndef LCI_NETWORK_PARTS_H
#define LCI_NETWORK_PARTS_H

#include "base/ranks.h"
#include "loadcast/learn.h"

/* lc_learner_add_traces() and lc_learner_note() by all ranks: a learner that holds all traces, with the extraction's
 * reading. NULL, with nothing said: one rank has to do it. */
struct lc_learner *lci_parts_learn(const char *const *inputs, size_t count, const struct lc_tree_options *options,
                                   const struct lc_learn_options *learn_options, struct lc_symbols *symbols,
                                   struct lc_extraction *extraction);
/* lc_trees_read() without the trees; `services`: how many have nodes in them. False: one rank has to do it. */
bool lci_parts_extract(const char *const *inputs, size_t count, const struct lc_tree_options *options,
                       struct lc_symbols *symbols, struct lc_extraction *extraction, uint64_t *services);

/* What a rank does with its part. */
void lci_parts_read(struct lci_pack *in, struct lci_buffer *out);

#endif
