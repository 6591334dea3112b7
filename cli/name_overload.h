/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An overload by waiting alone, said before any event.
 */
#ifndef CLI_NAME_OVERLOAD_H
#define CLI_NAME_OVERLOAD_H

#include "cli.h"
#include "loadcast/predict.h"

/* Reports, as a note behind `where` ("" or "load double: "), what the solver finds and the traffic equations do not:
 * threads that waiting further down keeps busy more than all of the time. Its waits are approximations, so the
 * simulation decides. The model is checked. */
void name_overload(const struct lc_model *model, const char *where, const struct cli_common *common);
/* The same of every load of a verdict that will be simulated in its steady state. */
void name_overloads(const struct lc_verdict *verdict, const struct cli_common *common);

#endif
