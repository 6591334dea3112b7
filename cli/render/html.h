/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pages that ask for nothing else: no files beside them, no scripts. */
#ifndef HTML_H
#define HTML_H

#include <stdio.h>

/* Everything up to the page's heading, which is the title. */
void html_begin(FILE *out, const char *title);
void html_end(FILE *out);
/* A text with what means something in HTML escaped. */
void html_text(FILE *out, const char *text);

#endif
