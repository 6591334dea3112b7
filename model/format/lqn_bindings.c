/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/lqn_bindings.h"

#include <ctype.h>
#include <stdlib.h>

void lci_bindings_start(struct lci_bindings *bindings, const struct lc_model *model)
{
    *bindings = (struct lci_bindings){.model = model};
    for (size_t i = 0; i < model->binding_count; i++)
        if (lci_names_find(&bindings->paths, model->bindings[i].path) == LC_NONE)
            lci_names_add(&bindings->paths, model->bindings[i].path, (int)i);
}

void lci_bindings_free(struct lci_bindings *bindings)
{
    lci_names_free(&bindings->paths);
}

const char *lci_bindings_find(const struct lci_bindings *bindings, struct lci_owner owner, const char *attribute)
{
    if (bindings->paths.count == 0 || attribute == NULL)
        return NULL;
    char *path = lci_build_path(bindings->model, owner, attribute);
    const int found = path != NULL ? lci_names_find(&bindings->paths, path) : LC_NONE;
    free(path);
    return found != LC_NONE ? bindings->model->bindings[found].expression : NULL;
}

bool lci_is_variable(const char *expression)
{
    if (*expression++ != '$' || *expression == 0)
        return false;
    while (isalnum((unsigned char)*expression) || *expression == '_')
        expression++;
    return *expression == 0;
}
