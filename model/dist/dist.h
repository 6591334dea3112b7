/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Distributions as the rooms handle them: copies, checks, changes of scale. */
#ifndef LCI_MODEL_DIST_DIST_H
#define LCI_MODEL_DIST_DIST_H

#include "loadcast/dist.h"

/* All families, ends with NULL; a stable order. */
const struct lc_family *const *lci_families(void);
struct lc_dist lci_dist_moments(double mean, double cv2);
struct lc_dist lci_dist_copy(const struct lc_dist *d);
bool lci_dist_equal(const struct lc_dist *a, const struct lc_dist *b); /* same family, shift and parameters, exactly */
/* Appends an error and returns -1 if the parameters are out of range. */
int lci_dist_check(const struct lc_dist *d, struct lc_diag *diag, const struct lc_place *place);
/* The same for times that are no part of a request: they cannot depend on its size. */
int lci_dist_check_alone(const struct lc_dist *d, struct lc_diag *diag, const struct lc_place *place);
void lci_dist_scale(struct lc_dist *d, double factor); /* shift included */

#endif
