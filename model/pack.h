/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models and results as bytes between processes of this program (base/pack.h), with every bit of every number. */
#ifndef LCI_MODEL_PACK_H
#define LCI_MODEL_PACK_H

#include "base/pack.h"
#include "loadcast/result.h"

/* Reading makes a new model, whose places borrow names from the pack: it is freed before the pack ends. */
void lci_pack_model(struct lci_pack *pack, struct lc_model **model);
/* Reading makes a new result of `model`, which is the same as the one of what was written. */
void lci_pack_result(struct lci_pack *pack, struct lc_result **result, const struct lc_model *model);

#endif
