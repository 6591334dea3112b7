/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LOADCAST_FORMAT_LQN_DROPPED_H
#define LOADCAST_FORMAT_LQN_DROPPED_H

#include "loadcast/lqn.h"

/* One warning that names the task's policies, scaling, failures and slow-down, if it has any. */
void lci_warn_dropped(const struct lc_task *task, struct lc_diag *diag);
/* Makes times that depend on the size of their request independent, with one warning. */
void lci_drop_sizes(struct lc_model *model, struct lc_diag *diag);
/* Leaves to chance which requests take the branches of the last ones, with one warning. */
void lci_drop_lasts(struct lc_model *model, struct lc_diag *diag);

#endif
