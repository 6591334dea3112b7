/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any of those who wait. */
#include "discipline.h"

const struct lci_discipline lci_discipline_RAND = {.serving = LCI_IN_LINE, .random = true};
