/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Our own format as JSON: the same structure as the YAML one. */
#include "format/formats.h"
#include "format/json_tree.h"
#include "format/schema.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* An object whose first thing is a quoted key, or nothing. YAML's flow maps seldom begin so, and are read as well. */
static bool recognise(const char *text, size_t length)
{
    size_t i = 0;
    while (i < length && is_blank(text[i]))
        i++;
    if (i == length || text[i] != '{')
        return false;
    for (i++; i < length && is_blank(text[i]); i++)
        ;
    return i < length && (text[i] == '"' || text[i] == '}');
}

static struct lc_model *parse(const char *text, size_t length, const char *name, struct lc_diag *diag)
{
    return lci_model_of_text(lci_json_parse, text, length, name, diag);
}

static int write(const struct lc_model *model, const struct lc_result *result, FILE *out, struct lc_diag *diag)
{
    (void)result; /* a model's file has no place for results */
    struct lci_doc document = lci_model_layout(model, diag);
    const int status = lci_doc_write_json(&document, out, diag);
    lci_doc_free(&document);
    return status;
}

const struct lc_format lci_format_json = {
    .name = "json",
    .endings = (const char *const[]){".json", NULL},
    .recognise = recognise,
    .parse = parse,
    .write = write,
};
