/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Graphs drawn by Graphviz, in a process of their own. */
#ifndef FORMAT_GRAPHVIZ_H
#define FORMAT_GRAPHVIZ_H

#include <graphviz/cgraph.h>
#include <stdio.h>

#include "loadcast/base.h"

/* Writes the graph that `make` gives: "dot" as text, other formats ("svg") laid out. `make` runs in the child; NULL
 * from it is an error. 0, or −1 with an error appended. */
int lci_graphviz(Agraph_t *(*make)(const void *context), const void *context, const char *format, FILE *out,
                 struct lc_diag *diag);

/* The same for a graph in Graphviz's own language. */
int lci_svg_of_dot(const char *dot, FILE *out, struct lc_diag *diag);

#endif
