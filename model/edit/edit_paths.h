/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Edits by path beyond lc_edit(): relative values, numbers, many at once. */
#ifndef LCI_MODEL_EDIT_PATHS_H
#define LCI_MODEL_EDIT_PATHS_H

#include "base/text.h"
#include "loadcast/edit.h"

/* Reads a value: absolute (factor 0) or relative. Quantities are in seconds and per second; a sum of `%` is relative to
 * the number itself. 0, or −1 with an error about the path. */
int lci_change_read(const char *path, const char *value, enum lc_dimension dimension, struct lc_change *change,
                    struct lc_diag *diag, const struct lc_place *place);
bool lci_change_is_relative(const char *value);
/* lc_edit() with a distribution in the model's unit, whose text is `value`; NULL: the value is none. */
int lci_edit_dist(struct lc_model *model, const char *path, const char *value, const struct lc_dist *dist,
                  struct lc_diag *diag, const struct lc_place *place);
struct lci_node;
/* lc_edit() with the map of a distribution as it stands in a file; `value` is its text. NULL: the value is no map.
 * format/schema_edit.c. */
int lci_edit_node(struct lc_model *model, const char *path, const char *value, const struct lci_node *node,
                  struct lc_diag *diag, const struct lc_place *place);
/* The same with a number in the model's units (LQN files' parameters, sweeps). */
int lci_edit_number(struct lc_model *model, const char *path, double value, struct lc_diag *diag,
                    const struct lc_place *place);
/* After edits of a model that is as `before` otherwise: where the probabilities of branches no longer sum to 1, those
 * that are as they were share what the changed ones leave, in their proportions. */
void lci_edit_share_branches(struct lc_model *model, const struct lc_model *before);
/* Multiplies the numbers of `count` paths, in time n log n of the model and the paths together; what has no number
 * stays. */
void lci_edit_scale(struct lc_model *model, const char *const *paths, const double *factors, size_t count);
/* The name of the element that a path begins with, the longest that fits: *name points to it within the path. Returns
 * its length; 0: the model has no such element. */
size_t lci_path_element(struct lc_model *model, const char *path, const char **name);
/* The unit of time of the model in seconds. */
double lci_model_unit(const struct lc_model *model);
/* The distribution of the one time that each path of a demand or think time stands for, in time n log n as above; NULL
 * where there is none, or several. They are the model's. */
void lci_edit_times(struct lc_model *model, const char *const *paths, struct lc_dist **times, size_t count);

#endif
