/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What all results in JSON share. */
#ifndef RENDER_JSON_H
#define RENDER_JSON_H

#include <jansson.h>

#include <stdio.h>

#include "loadcast/base.h"

/* Significant digits: more than any estimate of a simulation deserves, few enough to be the same everywhere; and all.
 */
enum { CLI_JSON_SIMULATED = 12, CLI_JSON_ALL = 17 };

json_t *cli_json_number(double value); /* null where it is not finite */
json_t *cli_json_numbers(const double *values, size_t count);
/* A text, in which each byte that is not UTF-8 (names of files may hold such) is U+FFFD; null for NULL. */
json_t *cli_json_text(const char *text);
void cli_json_put_text(FILE *out, const char *text); /* the same, written with its quotes */
/* Prints the document, whose reference it takes, with this number of significant digits. A NULL document is one that
 * could not be made. 0, or −1 with an error. */
int cli_json_print(json_t *document, unsigned digits, FILE *out, struct lc_diag *diag);
/* Writes the document, whose reference it takes, whole or not at all, with this number of significant digits; "-" is
 * standard output. A NULL document is one that could not be made. 0, or −1 with an error. */
int cli_json_write(json_t *document, unsigned digits, const char *file, struct lc_diag *diag);

/* The schema of all documents that simulate, solve and run write; owned by the caller. */
char *cli_result_schema(void);

#endif
