/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * LQN text (.lqn, .in, .xlqn), as LQNS and LQSIM read it; see docs/lqn-files.md.
 */
#ifndef LOADCAST_FORMAT_LQN_H
#define LOADCAST_FORMAT_LQN_H

#include "format/formats.h"

struct lc_model *lci_lqn_parse(const char *text, size_t length, const char *name, struct lc_diag *diag);

#endif
