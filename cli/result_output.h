/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A result in the format that was asked for. */
#ifndef RESULT_OUTPUT_H
#define RESULT_OUTPUT_H

#include "cli.h"
#include "loadcast/result.h"

/* "table", "text", "json" and "csv" are results alone; anything else is a format of models that has a place for
 * results. */
bool result_format_known(const char *name);

/* To standard output in the format (not csv), and to the file of --json. `taken`: something else than the result of
 * --json goes to standard output, where tables and JSON then have no place. */
void result_write(const struct lc_result *result, const char *format, bool taken, const struct cli_common *common,
                  struct lc_diag *diag);

#endif
