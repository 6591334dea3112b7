/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Observations (observe.h) in LQN XML.
 */
#ifndef LOADCAST_FORMAT_LQNX_OBSERVE_H
#define LOADCAST_FORMAT_LQNX_OBSERVE_H

#include "format/lqnx_reader.h"
#include "format/lqnx_writer.h"

/* <result-observe> for each observation of the element whose key begins with the prefix that the format makes; of one
 * phase only unless `phase` is negative: of an entry's, for the activity that it is. */
void lci_out_observe(struct lci_xml_out *w, int phase, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* All observations of the file, when all elements are known. */
void lci_lqnx_observations(struct lci_lqnx *reader, const xmlNode *root);

#endif
