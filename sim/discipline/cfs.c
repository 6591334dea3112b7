/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Completely fair shares of groups. */
#include "discipline.h"

const struct lci_discipline lci_discipline_CFS = {.serving = LCI_TOGETHER};
