/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Processor sharing; with a quantum, round robin. */
#include "discipline.h"

const struct lci_discipline lci_discipline_PS = {.serving = LCI_TOGETHER, .with_quantum = &lci_discipline_round_robin};
