/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Our own format as YAML (docs/model-format.md). */
#include "format/formats.h"
#include "format/schema.h"

#include <string.h>

/* A line that begins with the key every model has. */
static bool recognise(const char *text, size_t length)
{
    static const char key[] = "loadcast:";
    const char *end = text + length;
    for (const char *line = text; line != NULL && end - line >= (ptrdiff_t)(sizeof key - 1);) {
        if (memcmp(line, key, sizeof key - 1) == 0)
            return true;
        line = memchr(line, '\n', (size_t)(end - line));
        if (line != NULL)
            line++;
    }
    return false;
}

static struct lc_model *parse(const char *text, size_t length, const char *name, struct lc_diag *diag)
{
    return lci_model_of_text(lci_yaml_parse, text, length, name, diag);
}

static int write(const struct lc_model *model, const struct lc_result *result, FILE *out, struct lc_diag *diag)
{
    (void)result; /* a model's file has no place for results */
    struct lci_doc document = lci_model_layout(model, diag);
    const int status = lci_doc_write_yaml(&document, out, diag);
    lci_doc_free(&document);
    return status;
}

const struct lc_format lci_format_yaml = {
    .name = "yaml",
    .endings = (const char *const[]){".yaml", ".yml", NULL},
    .recognise = recognise,
    .parse = parse,
    .write = write,
};
