/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Learning, from the first stage to the last: visits, what they tell, how operations behave, and the network.
 */
#include "network/facts/facts.h"
#include "network/facts/measured_load.h"
#include "network/model/build.h"
#include "network/visits/collect.h"

#include <stdlib.h>

const struct lc_decisions *lc_learner_decisions(const struct lc_learner *learner)
{
    return learner->visits.decisions;
}

int lc_learner_tell(struct lc_learner *learner, struct lc_learned *learned, struct lc_diag *diag)
{
    *learned = (struct lc_learned){0};
    if (lci_visits_finish(&learner->visits, diag) != 0)
        return -1;
    lci_tell_all(&learner->visits, learned);
    learned->measured = lci_measure_load(&learner->visits, &learned->bins);
    lci_tell_deployment(&learner->visits, learned, diag);
    return 0;
}

int lc_learner_finish(struct lc_learner *learner, struct lc_learned *learned, struct lc_diag *diag)
{
    const struct lc_learn_options *options = &learner->visits.options;
    *learned = (struct lc_learned){
        .replicates = options->replicates, .shapes = options->shapes, .cache = options->cache, .unit = options->unit};
    if (lci_visits_finish(&learner->visits, diag) != 0)
        return -1;
    const struct lci_visits *visits = &learner->visits;
    lci_tell_all(visits, learned);
    struct lci_behaviour behaviour;
    int status = lci_behaviour_make(visits, &behaviour, diag);
    if (status == 0)
        status = lci_network_build(&behaviour, learned, diag);
    lci_behaviour_free(&behaviour);
    return status;
}
