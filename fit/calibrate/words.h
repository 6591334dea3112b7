/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was found at a component, as sentences. */
#ifndef LCI_CALIBRATE_WORDS_H
#define LCI_CALIBRATE_WORDS_H

#include "loadcast/calibrate.h"

/* Owned by the caller. */
char *lci_evidence(const struct lc_calibrated *found, bool gaps);
/* NULL: nothing remains. */
char *lci_remains(const struct lc_calibrated *found);

#endif
