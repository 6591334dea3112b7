/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PARAGRAPH_H
#define PARAGRAPH_H

#include <stddef.h>
#include <stdio.h>

/* Prints text in lines of at most 100 characters, broken at spaces; all but the first are indented. `column` is where
 * the first line stands already. A word that is longer than a line stands on one of its own. Ends without a newline. */
void paragraph(FILE *out, size_t column, size_t indent, const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
