/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A change of one branch's probability leaves the rest to the others. */
#include <math.h>

#include "edit/edit.h"
#include "model/edit/edit_paths.h"

static void share(struct lc_precedence *now, const struct lc_precedence *before)
{
    double changed = 0, others = 0;
    for (size_t k = 0; k < now->post_count; k++)
        *(now->weights[k] != before->weights[k] ? &changed : &others) += now->weights[k];
    if (fabs(changed + others - 1) < 1e-9 || !(others > 0) || changed > 1)
        return;
    for (size_t k = 0; k < now->post_count; k++)
        if (now->weights[k] == before->weights[k])
            now->weights[k] *= (1 - changed) / others;
}

void lci_edit_share_branches(struct lc_model *model, const struct lc_model *before)
{
    for (size_t t = 0; t < before->task_count; t++)
        for (size_t i = 0; i < before->tasks[t].precedence_count; i++)
            if (before->tasks[t].precedences[i].fork == LC_FORK_OR)
                share(&model->tasks[t].precedences[i], &before->tasks[t].precedences[i]);
}
