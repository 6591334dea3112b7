/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LOADCAST_FORMAT_LQN_UNSOLVED_H
#define LOADCAST_FORMAT_LQN_UNSOLVED_H

#include "loadcast/lqn.h"

/* A note for each kind of thing in the model, as it is written, that LQNS reads but cannot solve. */
void lci_note_unsolved(const struct lc_model *model, struct lc_diag *diag);

#endif
