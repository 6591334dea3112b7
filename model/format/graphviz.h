/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Graphs drawn by Graphviz, in a process of their own. It is loaded for the first of them: then what is called of it
 * stands behind these names. */
#ifndef FORMAT_GRAPHVIZ_H
#define FORMAT_GRAPHVIZ_H

#include <graphviz/gvc.h>
#include <stdio.h>

#include "base/library.h"

#define LCI_GRAPHVIZ(X)                                                                                                \
    X(agedge)                                                                                                          \
    X(agmemread)                                                                                                       \
    X(agnode)                                                                                                          \
    X(agopen)                                                                                                          \
    X(agsafeset)                                                                                                       \
    X(agseterrf)                                                                                                       \
    X(agstrdup_html)                                                                                                   \
    X(agstrfree)                                                                                                       \
    X(agsubg)                                                                                                          \
    X(agwrite)                                                                                                         \
    X(gvContext)                                                                                                       \
    X(gvLayout)                                                                                                        \
    X(gvRenderData)                                                                                                    \
    X(Agdirected)
LCI_GRAPHVIZ(LCI_DECLARED)
#define agedge        lci_agedge
#define agmemread     lci_agmemread
#define agnode        lci_agnode
#define agopen        lci_agopen
#define agsafeset     lci_agsafeset
#define agseterrf     lci_agseterrf
#define agstrdup_html lci_agstrdup_html
#define agstrfree     lci_agstrfree
#define agsubg        lci_agsubg
#define agwrite       lci_agwrite
#define gvContext     lci_gvContext
#define gvLayout      lci_gvLayout
#define gvRenderData  lci_gvRenderData

/* Writes the graph that `make` gives: "dot" as text, other formats ("svg") laid out. `make` runs in the child; NULL
 * from it is an error. 0, or −1 with an error appended. */
int lci_graphviz(Agraph_t *(*make)(const void *context), const void *context, const char *format, FILE *out,
                 struct lc_diag *diag);

/* The same for a graph in Graphviz's own language. */
int lci_svg_of_dot(const char *dot, FILE *out, struct lc_diag *diag);

#endif
