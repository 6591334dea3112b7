/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Customers that nothing can set free any more.
 */
#ifndef LCI_DEADLOCK_H
#define LCI_DEADLOCK_H

#include "engine.h"

/* A closed task all of whose customers wait for ever, with what they wait for, as a text owned by the caller; NULL:
 * there is none. Looks at every thread: for the end of a run. */
char *lci_find_deadlock(const struct lci_engine *engine);

#endif
