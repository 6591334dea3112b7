/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts in double quotes. */
#ifndef LCI_BASE_QUOTED_H
#define LCI_BASE_QUOTED_H

#include "base/buffer.h"

/* A text as a JSON string, which YAML reads as well. Bytes that are not UTF-8 become U+FFFD. Owned by the caller. */
char *lci_json_quoted(const char *text);
void lci_buffer_json(struct lci_buffer *buffer, const char *text);
/* For languages in which a backslash stands before a quote or a backslash, and nothing else needs one. */
void lci_buffer_quoted(struct lci_buffer *buffer, const char *text);

#endif
