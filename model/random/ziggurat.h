/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The other half of the ziggurat tables. heights[i] is the density (without its constant) at the right end of layer i;
 * layer 0 is the base, which the tail beyond lci_…_tail belongs to, layer 255 the top.
 */
#ifndef ZIGGURAT_H
#define ZIGGURAT_H

extern const double lci_ziggurat_exponential_tail, lci_ziggurat_exponential_heights[256];
extern const double lci_ziggurat_normal_tail, lci_ziggurat_normal_heights[256];

#endif
