/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/format.h"

json_t *cli_json_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *cli_json_text(const char *text)
{
    if (text == NULL)
        return json_null();
    char *clean = lc_utf8_copy(text);
    json_t *string = json_string(clean);
    free(clean);
    return string;
}

int cli_json_write(json_t *document, unsigned digits, const char *file, struct lc_diag *diag)
{
    if (document == NULL) {
        lc_error(diag, LC_MACHINE, NULL, "%s: cannot be written: a name in the result is not UTF-8", file);
        return -1;
    }
    struct lc_output *output = lc_output_open(file, diag);
    if (output == NULL) {
        json_decref(document);
        return -1;
    }
    FILE *out = lc_output_stream(output);
    errno = 0;
    const bool good =
        json_dumpf(document, out, JSON_INDENT(1) | JSON_REAL_PRECISION(digits)) == 0 && fputc('\n', out) != EOF;
    const int why = errno;
    json_decref(document);
    if (good)
        return lc_output_close(output, diag);
    lc_output_abandon(output);
    lc_error(diag, LC_MACHINE, NULL, "%s: cannot be written: %s", strcmp(file, "-") == 0 ? "standard output" : file,
             strerror(why != 0 ? why : EIO));
    return -1;
}
