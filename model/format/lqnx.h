/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * LQN XML (.lqnx, .lqxo, .xml), as LQNS and LQSIM read and write it; see docs/lqn-files.md.
 */
#ifndef LOADCAST_FORMAT_LQNX_H
#define LOADCAST_FORMAT_LQNX_H

#include "format/formats.h"

bool lci_lqnx_recognise(const char *text, size_t length);
struct lc_model *lci_lqnx_parse(const char *text, size_t length, const char *name, struct lc_diag *diag);

#endif
