/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/quoted.h"

#include "base/text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

char *lci_json_quoted(const char *text)
{
    char *clean = lci_utf8_copy(text);
    json_t *string = json_string(clean);
    char *quoted = json_dumps(string, JSON_ENCODE_ANY);
    json_decref(string);
    free(clean);
    return quoted;
}

void lci_buffer_json(struct lci_buffer *buffer, const char *text)
{
    char *quoted = lci_json_quoted(text);
    lci_buffer_put(buffer, quoted, strlen(quoted));
    free(quoted);
}

void lci_buffer_quoted(struct lci_buffer *buffer, const char *text)
{
    lci_buffer_put(buffer, "\"", 1);
    for (; *text != 0; text++) {
        if (*text == '"' || *text == '\\')
            lci_buffer_put(buffer, "\\", 1);
        lci_buffer_put(buffer, text, 1);
    }
    lci_buffer_put(buffer, "\"", 1);
}
