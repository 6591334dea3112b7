/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names are data: what a terminal, a page or an XML reader would take for more than a character is written as an
 * escape sequence, \n or \x1b or \u202e, from the moment that a name is read. Then every output shows it so.
 */
#ifndef LCI_BASE_SHOWN_H
#define LCI_BASE_SHOWN_H

#include <stdbool.h>
#include <stddef.h>

/* Whether UTF-8 text holds no control characters (C0, DEL, C1), no line separators, no marks that turn the direction of
 * writing, and no noncharacters. `lines`: newlines and tabs are welcome. */
bool lci_is_shown(const char *text, size_t length, bool lines);
/* A copy in which each of them is an escape sequence; owned by the caller. */
char *lci_shown(const char *text, size_t length, bool lines);

#endif
