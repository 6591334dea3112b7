/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Documents as JSON, by yajl, which writes numbers as we spell them. */
#include "format/document.h"

#include <string.h>
#include <yajl/yajl_gen.h>

static bool generate(yajl_gen g, const struct lci_doc *node)
{
    const unsigned char *text = (const unsigned char *)node->text;
    yajl_gen_status status = yajl_gen_status_ok;
    switch (node->kind) {
    case LCI_TEXT: return yajl_gen_string(g, text, strlen(node->text)) == yajl_gen_status_ok;
    case LCI_WORD: return yajl_gen_number(g, node->text, strlen(node->text)) == yajl_gen_status_ok;
    case LCI_LIST: status = yajl_gen_array_open(g); break;
    case LCI_MAP: status = yajl_gen_map_open(g); break;
    }
    if (status != yajl_gen_status_ok)
        return false;
    for (size_t i = 0; i < node->count; i++)
        if (!generate(g, &node->items[i]))
            return false;
    return (node->kind == LCI_MAP ? yajl_gen_map_close(g) : yajl_gen_array_close(g)) == yajl_gen_status_ok;
}

static void print(void *context, const char *text, size_t length)
{
    fwrite(text, 1, length, context);
}

int lci_doc_write_json(const struct lci_doc *root, FILE *out, struct lc_diag *diag)
{
    yajl_gen g = yajl_gen_alloc(NULL);
    yajl_gen_config(g, yajl_gen_beautify, 1);
    yajl_gen_config(g, yajl_gen_indent_string, "  ");
    yajl_gen_config(g, yajl_gen_validate_utf8, 1);
    yajl_gen_config(g, yajl_gen_print_callback, print, out);
    const bool good = generate(g, root);
    yajl_gen_free(g);
    if (!good)
        lc_error(diag, LC_MACHINE, NULL, "JSON cannot be written");
    return good ? 0 : -1;
}
