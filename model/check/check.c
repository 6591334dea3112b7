/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check/check.h"

#include <stdlib.h>

int lc_model_check(const struct lc_model *model, struct lc_diag *diag)
{
    struct lc_diag unheard = {0};
    struct lci_check c = {.model = model, .diag = diag != NULL ? diag : &unheard};
    const size_t before = c.diag->errors;
    c.reached = lc_calloc(model->entry_count, 1);
    lci_check_elements(&c);
    lci_check_calls(&c);
    lci_check_entries(&c);
    for (size_t i = 0; i < model->task_count; i++)
        lci_check_graph(&c, (int)i);
    lci_check_elastic(&c);
    lci_check_policies(&c);
    lci_check_cycles(&c);
    lci_check_variables(&c);
    free(c.reached);
    const int status = c.diag->errors == before ? 0 : -1;
    lc_diag_free(&unheard);
    return status;
}
