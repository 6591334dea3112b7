/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Head of line: the most urgent first; nobody is interrupted. */
#include "discipline.h"

const struct lci_discipline lci_discipline_HOL = {.serving = LCI_IN_LINE, .urgent = true};
