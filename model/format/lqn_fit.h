/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model as LQN files can hold it: what they have no word for is expressed by what they have, with one warning for
 * each thing; see docs/lqn-files.md.
 */
#ifndef LOADCAST_FORMAT_LQN_FIT_H
#define LOADCAST_FORMAT_LQN_FIT_H

#include "loadcast/lqn.h"

/* Elements keep their indices, so that results of the model fit this one too. */
struct lci_lqn_fitted {
    struct lc_model *model; /* a changed copy */
    bool *hidden_task;      /* not to be written: an open source that became an open arrival rate */
    bool *hidden_processor; /* all its tasks are hidden */
    int *source;            /* per entry: the hidden task whose arrivals it gets, LC_NONE, or −2: several */
};

/* `results`: elements of its results are written too, so none may be added. */
struct lci_lqn_fitted lci_lqn_fit(const struct lc_model *model, bool results, struct lc_diag *diag);
void lci_fitted_free(struct lci_lqn_fitted *fitted);

#endif
