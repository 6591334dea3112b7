/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The end of what was learned.
 */
#include "model/assumption.h"
#include "network/facts/facts.h"
#include "network/model/build.h"

#include <stdlib.h>

void lc_learned_free(struct lc_learned *learned)
{
    lc_model_free(learned->model);
    free(learned->class_entry);
    free(learned->class_calls);
    free(learned->class_traces);
    for (size_t c = 0; learned->class_starts != NULL && c < learned->class_count; c++)
        free(learned->class_starts[c].times);
    free(learned->class_starts);
    lci_assumptions_free(learned->assumptions, learned->assumption_count);
    for (size_t i = 0; i < learned->parameter_count; i++) {
        free(learned->parameters[i].path);
        free(learned->parameters[i].method);
        lc_choice_free(&learned->parameters[i].choice);
    }
    free(learned->parameters);
    for (size_t i = 0; i < learned->replicated_count; i++) {
        free(learned->replicated[i].path);
        free(learned->replicated[i].ratios);
        free(learned->replicated[i].table);
        free(learned->replicated[i].powers);
    }
    free(learned->replicated);
    lci_summaries_free(learned);
    lci_facts_free(learned);
    lci_recordings_free(learned);
    for (size_t i = 0; learned->roots != NULL && learned->roots[i] != NULL; i++)
        free(learned->roots[i]);
    free(learned->roots);
    for (size_t i = 0; i < learned->operation_count; i++)
        free(learned->operations[i]);
    free(learned->operations);
    for (size_t i = 0; learned->services != NULL && learned->services[i] != NULL; i++)
        free(learned->services[i]);
    free(learned->services);
    *learned = (struct lc_learned){0};
}
