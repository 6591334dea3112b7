/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * First come, first served. */
#include "discipline.h"

const struct lci_discipline lci_discipline_FCFS = {.serving = LCI_IN_LINE};
