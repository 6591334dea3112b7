/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LOADCAST_FORMAT_JSON_TREE_H
#define LOADCAST_FORMAT_JSON_TREE_H

#include "loadcast/node.h"

/* One JSON document, as lc_yaml_parse() reads YAML: numbers, truth values and null are scalars without quotes. */
struct lc_node *lci_json_parse(const char *text, size_t length, const char *name, struct lc_diag *diag);

#endif
