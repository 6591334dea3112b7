/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The formats of models. A new one is one file that defines its `struct lc_format`, its declaration here and its line
 * in the table of registry.c. */
#ifndef LOADCAST_MODEL_FORMATS_H
#define LOADCAST_MODEL_FORMATS_H

#include "loadcast/format.h"

extern const struct lc_format lci_format_yaml;
extern const struct lc_format lci_format_json;
extern const struct lc_format lci_format_lqn;
extern const struct lc_format lci_format_lqnx;
extern const struct lc_format lci_format_parseable;
extern const struct lc_format lci_format_dot;
extern const struct lc_format lci_format_svg;

#endif
