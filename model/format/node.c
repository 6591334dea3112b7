/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/format/node.h"
#include "base/quantity.h"

#include "base/buffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct lci_node *lci_node_get(const struct lci_node *node, const char *key)
{
    if (node == NULL || node->kind != LCI_NODE_MAP)
        return NULL;
    for (size_t i = 0; i < node->count; i++)
        if (strcmp(node->keys[i].text, key) == 0)
            return &node->items[i];
    return NULL;
}

bool lci_node_is_null(const struct lci_node *node)
{
    return node->kind == LCI_NODE_SCALAR && !node->quoted &&
           (node->text[0] == 0 || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

static const char *kind_text(const struct lci_node *node)
{
    if (lci_node_is_null(node))
        return "empty";
    switch (node->kind) {
    case LCI_NODE_LIST: return "a list";
    case LCI_NODE_MAP: return "a map";
    case LCI_NODE_SCALAR: break;
    }
    return "a single value";
}

int lci_node_is(const struct lci_node *node, enum lci_node_kind kind, const char *what, struct lc_diag *diag)
{
    static const char *const expected[] = {
        [LCI_NODE_SCALAR] = "a single value",
        [LCI_NODE_LIST] = "a list ('[a, b]', or lines that begin with '- ')",
        [LCI_NODE_MAP] = "a map (lines of 'key: value', or '{key: value}')",
    };
    if (node->kind == kind && !lci_node_is_null(node))
        return 0;
    lc_error(diag, LC_INPUT, &node->place, "%s is %s; expected %s", what, kind_text(node), expected[kind]);
    return -1;
}

static char *list_of(const char *const *known)
{
    struct lci_buffer parts = {0};
    for (size_t i = 0; known[i] != NULL; i++) {
        lci_buffer_join(&parts, ", ", "%s", known[i]);
    }
    return lci_buffer_take(&parts);
}

static bool is_known(const char *const *known, const char *key)
{
    for (; *known != NULL; known++)
        if (strcmp(*known, key) == 0)
            return true;
    return false;
}

int lci_node_keys(const struct lci_node *node, const char *const *known, const char *what, struct lc_diag *diag)
{
    if (lci_node_is(node, LCI_NODE_MAP, what, diag) != 0)
        return -1;
    int status = 0;
    for (size_t i = 0; i < node->count; i++) {
        const char *key = node->keys[i].text, *nearest = lci_nearest(key, known);
        if (is_known(known, key))
            continue;
        status = -1;
        if (nearest != NULL) {
            lc_error(diag, LC_INPUT, &node->keys[i].place, "%s has no key '%s'; did you mean '%s'?", what, key,
                     nearest);
            continue;
        }
        char *list = list_of(known);
        lc_error(diag, LC_INPUT, &node->keys[i].place, "%s has no key '%s'; expected one of %s", what, key, list);
        free(list);
    }
    return status;
}

int lci_node_text(const struct lci_node *node, const char *what, const char **text, struct lc_diag *diag)
{
    if (lci_node_is(node, LCI_NODE_SCALAR, what, diag) != 0)
        return -1;
    if (node->text[0] == 0) {
        lc_error(diag, LC_INPUT, &node->place, "%s is empty", what);
        return -1;
    }
    *text = node->text;
    return 0;
}

int lci_node_quantity(const struct lci_node *node, enum lc_dimension dimension, const char *what, double *value,
                      struct lc_diag *diag)
{
    if (lci_node_is(node, LCI_NODE_SCALAR, what, diag) != 0)
        return -1;
    return lci_named_quantity(what, node->text, dimension, value, diag, &node->place);
}

/* "40", and "4e1" or "40.0", which YAML and JSON write too. */
static bool read_whole(const char *text, uint64_t *value)
{
    const double exact = 0x1p53; /* up to which a double is every whole number */
    char *end;
    errno = 0;
    if (text[0] == 0 || strspn(text, "0123456789.eE+") != strlen(text))
        return false;
    *value = strtoull(text, &end, 10);
    if (*end == 0)
        return errno == 0;
    const double number = strtod(text, &end);
    *value = number >= 0 && number <= exact ? (uint64_t)number : 0;
    return *end == 0 && number <= exact && (double)*value == number;
}

int lci_node_count(const struct lci_node *node, uint64_t minimum, uint64_t maximum, const char *what, uint64_t *value,
                   struct lc_diag *diag)
{
    if (lci_node_is(node, LCI_NODE_SCALAR, what, diag) != 0)
        return -1;
    uint64_t n;
    if (!read_whole(node->text, &n) || n < minimum || n > maximum) {
        if (maximum < UINT32_MAX - 1)
            lc_error(diag, LC_INPUT, &node->place, "%s is '%s'; expected a whole number from %llu to %llu", what,
                     node->text, (unsigned long long)minimum, (unsigned long long)maximum);
        else
            lc_error(diag, LC_INPUT, &node->place, "%s is '%s'; expected a whole number of at least %llu", what,
                     node->text, (unsigned long long)minimum);
        return -1;
    }
    *value = n;
    return 0;
}

int lci_node_flag(const struct lci_node *node, const char *what, bool *value, struct lc_diag *diag)
{
    if (lci_node_is(node, LCI_NODE_SCALAR, what, diag) != 0)
        return -1;
    *value = strcmp(node->text, "true") == 0 || strcmp(node->text, "yes") == 0;
    if (*value || strcmp(node->text, "false") == 0 || strcmp(node->text, "no") == 0)
        return 0;
    lc_error(diag, LC_INPUT, &node->place, "%s is '%s'; expected true or false", what, node->text);
    return -1;
}

static void stand_at(struct lci_node *node, const struct lc_place *place)
{
    node->place = *place;
    for (size_t i = 0; i < node->count; i++) {
        stand_at(&node->items[i], place);
        if (node->keys != NULL)
            node->keys[i].place = *place;
    }
}

struct lci_node *lci_node_value(const char *text, const struct lc_place *place, struct lc_diag *diag)
{
    struct lc_diag own = {0};
    struct lci_node *node;
    if (text[0] == '{' || text[0] == '[') {
        node = lci_yaml_parse(text, strlen(text), "value", &own);
    } else {
        node = lc_calloc(1, sizeof *node);
        *node = (struct lci_node){.kind = LCI_NODE_SCALAR, .text = lc_strdup(text)};
    }
    if (own.count > 0) /* where in the value is no place that people could find */
        lc_error(diag, LC_INPUT, place, "'%s': %s", text, strstr(own.messages[0].text, ": ") + 2);
    lc_diag_free(&own);
    if (node != NULL)
        stand_at(node, place != NULL ? place : &(struct lc_place){0});
    return node;
}
