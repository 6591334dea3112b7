/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values of changes as texts in one line: {gamma: {shape: 2, scale: 1 s}}. */
#include <stdlib.h>
#include <string.h>

#include "scenario_reader.h"

#include "base/quoted.h"

/* What YAML would not read as this text inside of { } and [ ]. */
static bool needs_quotes(const struct lci_node *node)
{
    const char *text = node->text;
    return node->quoted || text[0] == 0 || strchr(" -?&*!|>'\"%@`", text[0]) != NULL ||
           strpbrk(text, ",[]{}#\n\t\\") != NULL || strstr(text, ": ") != NULL || text[strlen(text) - 1] == ':' ||
           text[strlen(text) - 1] == ' ';
}

static char *scalar_text(const struct lci_node *node)
{
    return needs_quotes(node) ? lci_json_quoted(node->text) : lc_strdup(node->text);
}

static char *in_one_line(const struct lci_node *node)
{
    if (node->kind == LCI_NODE_SCALAR)
        return scalar_text(node);
    const bool map = node->kind == LCI_NODE_MAP;
    struct lci_buffer text = {0};
    lci_buffer_add(&text, map ? "{" : "[");
    for (size_t i = 0; i < node->count; i++) {
        char *key = map ? scalar_text(&node->keys[i]) : lc_strdup("");
        char *item = in_one_line(&node->items[i]);
        lci_buffer_add(&text, "%s%s%s%s", i > 0 ? ", " : "", key, map ? ": " : "", item);
        free(key);
        free(item);
    }
    lci_buffer_add(&text, map ? "}" : "]");
    return lci_buffer_take(&text);
}

char *lci_value_text(const struct lci_node *node)
{
    return node->kind == LCI_NODE_SCALAR ? lc_strdup(node->text) : in_one_line(node);
}

struct lci_node lci_node_copy(const struct lci_node *node)
{
    struct lci_node copy = *node;
    copy.text = node->text != NULL ? lc_strdup(node->text) : NULL;
    copy.keys = copy.items = NULL;
    if (node->count == 0)
        return copy;
    copy.items = lc_calloc(node->count, sizeof *copy.items);
    if (node->keys != NULL)
        copy.keys = lc_calloc(node->count, sizeof *copy.keys);
    for (size_t i = 0; i < node->count; i++) {
        copy.items[i] = lci_node_copy(&node->items[i]);
        if (copy.keys != NULL)
            copy.keys[i] = lci_node_copy(&node->keys[i]);
    }
    return copy;
}
