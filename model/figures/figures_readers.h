/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The readers of figures, one for each kind of file. */
#ifndef LOADCAST_MODEL_FIGURES_H
#define LOADCAST_MODEL_FIGURES_H

#include "model/figures/figures.h"

/* Takes over the name; drops the figure when there is one of its kind, name and metric, or its mean is NaN. */
void lci_figures_add(struct lci_figures *figures, enum lci_figure_kind kind, char *name, const char *metric,
                     const struct lc_estimate *value);

/* The names of figures; owned by the caller. */
char *lci_phase_figure(const char *entry, int phase);
char *lci_activity_figure(const char *task, const char *activity);
char *lci_call_figure(const char *from, const char *to, const char *kind);

int lci_figures_json(const char *text, size_t length, const char *name, struct lci_figures *figures,
                     struct lc_diag *diag);
int lci_figures_lqnx(const char *text, size_t length, const char *name, struct lci_figures *figures,
                     struct lc_diag *diag);

#endif
