/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Quantities (base/text.h) that have a name, which errors about them begin with. */
#ifndef LOADCAST_QUANTITY_H
#define LOADCAST_QUANTITY_H

#include "base/text.h"

/* lci_quantity() of the value of `name`. */
int lci_named_quantity(const char *name, const char *text, enum lc_dimension dimension, double *value,
                       struct lc_diag *diag, const struct lc_place *place);
/* Whether the text begins with a number that is greater than any quantity may be. */
bool lci_is_beyond_limit(const char *text);

#endif
