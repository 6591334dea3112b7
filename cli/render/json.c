/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "json.h"

#include <math.h>
#include <stdlib.h>

#include "base/output.h"
#include "base/text.h"
#include "loadcast/format.h"

json_t *cli_json_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *cli_json_numbers(const double *values, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, cli_json_number(values[i]));
    return list;
}

json_t *cli_json_text(const char *text)
{
    if (text == NULL)
        return json_null();
    char *clean = lci_utf8_copy(text);
    json_t *string = json_string(clean);
    free(clean);
    return string;
}

void cli_json_put_text(FILE *out, const char *text)
{
    json_t *string = cli_json_text(text);
    json_dumpf(string, out, JSON_ENCODE_ANY);
    json_decref(string);
}

int cli_json_print(json_t *document, unsigned digits, FILE *out, struct lc_diag *diag)
{
    if (document == NULL) {
        lc_error(diag, LC_MACHINE, NULL, "the result cannot be written: a name in it is not UTF-8");
        return -1;
    }
    json_dumpf(document, out, JSON_INDENT(1) | JSON_REAL_PRECISION(digits));
    fputc('\n', out);
    json_decref(document);
    return 0;
}

int cli_json_write(json_t *document, unsigned digits, const char *file, struct lc_diag *diag)
{
    struct lci_output *output = lci_output_open(file, diag);
    if (output == NULL) {
        json_decref(document);
        return -1;
    }
    if (cli_json_print(document, digits, lci_output_stream(output), diag) == 0)
        return lci_output_close(output, diag);
    lci_output_abandon(output);
    return -1;
}
