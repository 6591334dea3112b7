/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LOADCAST_MODEL_UTF8_H
#define LOADCAST_MODEL_UTF8_H

#include <stdbool.h>

/* Is the text UTF-8 as RFC 3629 has it: shortest forms, no surrogates, nothing above U+10FFFF? */
bool lci_utf8_valid(const char *text);
/* A copy of a text in ISO 8859-1, as old files have it. */
char *lci_utf8_from_latin1(const char *text);

#endif
