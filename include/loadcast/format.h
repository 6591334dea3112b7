/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models in files. A format is one file of model/format/ and one line of the table there.
 */
#ifndef LOADCAST_FORMAT_H
#define LOADCAST_FORMAT_H

#include "lqn.h"
#include "result.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Reads a model of any format; told apart by content, then by the file's ending. "-" is standard input. The model is
 * checked (lc_model_check). NULL with errors appended if something is wrong; warnings may be appended in any case. */
struct lc_model *lc_model_read(const char *file, struct lc_diag *diag);
/* The same from memory; `name` stands for the file in messages and tells the format where content does not (".yaml").
 */
struct lc_model *lc_model_parse(const char *text, size_t length, const char *name, struct lc_diag *diag);

/* What a format can do. `write` puts the model (with results, where `result` is not NULL and the format has a place for
 * them) to `out` and appends a warning for each thing that the format cannot hold. It returns −1 if an error was
 * appended. */
struct lc_format {
    const char *name;           /* "yaml", "lqn", "lqnx", "json", "dot", "svg" */
    const char *const *endings; /* ".yaml", ".yml", NULL */
    bool (*recognise)(const char *text, size_t length);
    struct lc_model *(*parse)(const char *text, size_t length, const char *name, struct lc_diag *diag); /* unchecked */
    int (*write)(const struct lc_model *model, const struct lc_result *result, FILE *out, struct lc_diag *diag);
};
const struct lc_format *const *lc_formats(void); /* ends with NULL */
const struct lc_format *lc_format_find(const char *name_or_file);

/* Writes `file` whole or not at all (beside, synced, renamed); "-" is standard output. */
int lc_model_write(const struct lc_model *model, const struct lc_result *result, const char *file,
                   struct lc_diag *diag);

/* The JSON schema of models in our own format (YAML and JSON), owned by the caller. */
char *lc_model_schema(void);

#ifdef __cplusplus
}
#endif

#endif
