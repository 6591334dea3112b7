/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Edits whose value is a whole distribution, as models write it: '{gamma: {shape: 2, scale: 3 ms}}'. */
#include "format/schema.h"
#include "loadcast/edit.h"
#include "model/dist/dist.h"
#include "model/edit/edit_paths.h"

#include <string.h>

int lci_edit_node(struct lc_model *model, const char *path, const char *value, const struct lci_node *node,
                  struct lc_diag *diag, const struct lc_place *place)
{
    struct lc_diag unheard = {0};
    struct lc_diag *heard = diag != NULL ? diag : &unheard;
    struct lci_reader reader = {.unit = lci_model_unit(model), .build.diag = heard};
    const size_t before = heard->errors;
    struct lc_dist dist = {0};
    if (node != NULL)
        lci_type_distribution.read(&reader, &(const struct lci_field){.name = path}, node, &dist);
    const int status =
        heard->errors > before ? -1 : lci_edit_dist(model, path, value, node != NULL ? &dist : NULL, diag, place);
    lc_dist_free(&dist);
    lc_diag_free(&unheard);
    return status;
}

int lc_edit(struct lc_model *model, const char *path, const char *value, struct lc_diag *diag,
            const struct lc_place *place)
{
    struct lc_diag unheard = {0};
    const char *text = value + strspn(value, " \t\n");
    struct lci_node *node = *text == '{' ? lci_node_value(text, place, diag != NULL ? diag : &unheard) : NULL;
    const int status = *text == '{' && node == NULL ? -1 : lci_edit_node(model, path, value, node, diag, place);
    lci_node_free(node);
    lc_diag_free(&unheard);
    return status;
}
