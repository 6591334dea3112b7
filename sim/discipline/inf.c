/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A delay. */
#include "discipline.h"

const struct lci_discipline lci_discipline_INF = {.serving = LCI_AT_ONCE};
