/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * LQN text (.lqn, .in, .xlqn), as LQNS and LQSIM read it; see docs/lqn-files.md.
 */
#ifndef LOADCAST_FORMAT_LQN_H
#define LOADCAST_FORMAT_LQN_H

#include "format/formats.h"

bool lci_lqn_recognise(const char *text, size_t length);
struct lc_model *lci_lqn_parse(const char *text, size_t length, const char *name, struct lc_diag *diag);
int lci_lqn_write(const struct lc_model *model, const struct lc_result *result, FILE *out, struct lc_diag *diag);

#endif
