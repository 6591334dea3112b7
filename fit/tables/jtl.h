/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JMeter's log of a load test (JTL as CSV), a row a request.
 */
#ifndef TABLES_JTL_H
#define TABLES_JTL_H

#include "loadcast/measured.h"

/* Whether a text begins with the header of one: timeStamp, elapsed and label among its columns. */
bool lci_is_jtl(const char *text);
/* Fills the level with what the whole test was like: its rate and time; of all requests (the subject is "") and of each
 * label the response times and the throughput. `text` is cut in place. Errors and warnings are appended. */
void lci_jtl_read(const char *file, char *text, struct lc_measured_level *level, struct lc_diag *diag);

#endif
