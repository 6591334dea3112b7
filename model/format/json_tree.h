/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LOADCAST_FORMAT_JSON_TREE_H
#define LOADCAST_FORMAT_JSON_TREE_H

#include "model/format/node.h"

/* One JSON document, as lci_yaml_parse() reads YAML: numbers, truth values and null are scalars without quotes. */
struct lci_node *lci_json_parse(const char *text, size_t length, const char *name, struct lc_diag *diag);

#endif
