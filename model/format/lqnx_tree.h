/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An XML document as a tree whose elements know their exact place. Reading is closed to the outside: a document type
 * declaration is refused (so there are no entities to expand and nothing to fetch), nesting and sizes are libxml2's
 * normal bounds.
 */
#ifndef LOADCAST_FORMAT_LQNX_TREE_H
#define LOADCAST_FORMAT_LQNX_TREE_H

#include "format/line_columns.h"

#include <libxml/tree.h>

struct lci_xml {
    xmlDoc *document;
    struct lci_lines lines;
};

/* 0, or −1 with an error appended. Free `xml` in both cases. `text` and `file` must outlive it. */
int lci_xml_parse(struct lci_xml *xml, const char *text, size_t length, const char *file, struct lc_diag *diag);
void lci_xml_free(struct lci_xml *xml);
/* Where the element begins. */
struct lc_place lci_xml_place(const struct lci_xml *xml, const xmlNode *node);
/* Where an attribute of the element begins; the element's place if it cannot be found. */
struct lc_place lci_xml_attribute_place(const struct lci_xml *xml, const xmlNode *node, const char *attribute);

#endif
