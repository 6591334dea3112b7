/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LOADCAST_FORMAT_LQN_LAYERS_H
#define LOADCAST_FORMAT_LQN_LAYERS_H

#include "loadcast/lqn.h"

/* LQNS refuses requests that come back to a task which still waits for them, be its threads without limit. Entries that
 * such requests come back to become tasks of their own on the same processor, with a warning for each. */
void lci_lqn_split_cycles(struct lc_model *model, struct lc_diag *diag);

#endif
