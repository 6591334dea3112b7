/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which formats there are, and reading and writing a model in the right one. */
#include "base/output.h"
#include "formats.h"

#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Content is tried in this order. */
static const struct lc_format *const formats[] = {
    &lci_format_yaml,      &lci_format_json, &lci_format_lqnx, &lci_format_lqn,
    &lci_format_parseable, &lci_format_dot,  &lci_format_svg,  NULL,
};

#define MODEL_LIMIT ((size_t)256 << 20) /* bytes of a model file */

const struct lc_format *const *lc_formats(void)
{
    return formats;
}

static bool ends_with(const char *name, const char *ending)
{
    const size_t length = strlen(name), tail = strlen(ending);
    return length > tail && strcasecmp(name + length - tail, ending) == 0;
}

const struct lc_format *lc_format_find(const char *name_or_file)
{
    for (const struct lc_format *const *f = formats; *f != NULL; f++)
        if (strcasecmp((*f)->name, name_or_file) == 0)
            return *f;
    for (const struct lc_format *const *f = formats; *f != NULL; f++)
        for (const char *const *ending = (*f)->endings; *ending != NULL; ending++)
            if (ends_with(name_or_file, *ending))
                return *f;
    return NULL;
}

/* ".yaml, .lqnx, …" of the formats that can be read, or written. Owned by the caller. */
static char *known_endings(bool reading)
{
    struct lci_buffer parts = {0};
    for (const struct lc_format *const *f = formats; *f != NULL; f++) {
        if (reading ? (*f)->parse == NULL : (*f)->write == NULL)
            continue;
        lci_buffer_join(&parts, ", ", "%s", (*f)->endings[0]);
    }
    return lci_buffer_take(&parts);
}

static const struct lc_format *recognise(const char *text, size_t length, const char *name)
{
    for (const struct lc_format *const *f = formats; *f != NULL; f++)
        if ((*f)->parse != NULL && (*f)->recognise != NULL && (*f)->recognise(text, length))
            return *f;
    const struct lc_format *f = lc_format_find(name);
    return f != NULL && f->parse != NULL ? f : NULL;
}

struct lc_model *lc_model_parse(const char *text, size_t length, const char *name, struct lc_diag *diag)
{
    struct lc_diag unheard = {0};
    struct lc_diag *const heard = diag != NULL ? diag : &unheard;
    const size_t before = heard->errors;
    struct lc_model *model = NULL;
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) { /* a byte order mark says nothing */
        text += 3;
        length -= 3;
    }
    const struct lc_format *format = recognise(text, length, name);
    if (format == NULL) {
        char *endings = known_endings(true);
        lc_error(heard, LC_INPUT, NULL, "%s: is no model of a known format; expected one of %s", name, endings);
        free(endings);
    } else {
        model = format->parse(text, length, name, heard);
        if (model != NULL)
            lc_model_check(model, heard);
    }
    if (heard->errors != before) {
        lc_model_free(model);
        model = NULL;
    }
    lc_diag_free(&unheard);
    return model;
}

struct lc_model *lc_model_read(const char *file, struct lc_diag *diag)
{
    size_t length;
    char *text = lci_file_read(file, MODEL_LIMIT, &length, diag);
    if (text == NULL)
        return NULL;
    struct lc_model *model = lc_model_parse(text, length, strcmp(file, "-") == 0 ? "standard input" : file, diag);
    free(text);
    return model;
}

int lc_model_write(const struct lc_model *model, const struct lc_result *result, const char *file, struct lc_diag *diag)
{
    const struct lc_format *format = lc_format_find(strcmp(file, "-") == 0 ? "yaml" : file);
    if (format == NULL || format->write == NULL) {
        char *endings = known_endings(false);
        lc_error(diag, LC_USAGE, NULL, "%s: its ending names no format that can be written; these can: %s", file,
                 endings);
        free(endings);
        return -1;
    }
    struct lci_output *output = lci_output_open(file, diag);
    if (output == NULL)
        return -1;
    if (format->write(model, result, lci_output_stream(output), diag) != 0) {
        lci_output_abandon(output);
        return -1;
    }
    return lci_output_close(output, diag);
}
