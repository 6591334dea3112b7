/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fields and their simple types. */
#include "format/schema.h"
#include "base/quantity.h"

#include "base/buffer.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- fields ------------------------------------------------------------------------------------------------------ */

static const struct lci_field *find_field(const struct lci_part *parts, size_t count, const char *name, size_t *part)
{
    for (*part = 0; *part < count; (*part)++)
        for (const struct lci_field *f = parts[*part].fields; f->name != NULL; f++)
            if (strcmp(f->name, name) == 0)
                return f;
    return NULL;
}

enum { MOST_KNOWN = 64, MOST_UNKNOWN = 10 };

/* The names of the fields, ended by NULL; and as a list. */
static struct lci_buffer known_keys(const struct lci_part *parts, size_t count, const char *known[MOST_KNOWN + 1])
{
    size_t n = 0;
    struct lci_buffer list = {0};
    for (size_t i = 0; i < count; i++)
        for (const struct lci_field *f = parts[i].fields; f->name != NULL && n < MOST_KNOWN; f++)
            known[n++] = f->name;
    known[n] = NULL;
    lci_buffer_names(&list, known, n, n);
    return list;
}

static void unknown_key(struct lci_reader *r, const struct lci_node *key, const char *what,
                        const struct lci_part *parts, size_t count)
{
    const char *known[MOST_KNOWN + 1];
    struct lci_buffer list = known_keys(parts, count, known);
    const char *nearest = lci_nearest(key->text, known);
    if (nearest != NULL)
        lc_error(r->build.diag, LC_INPUT, &key->place, "%s has no key '%s'; did you mean '%s'?", what, key->text,
                 nearest);
    else
        lc_error(r->build.diag, LC_INPUT, &key->place, "%s has no key '%s'; expected one of %s", what, key->text,
                 list.text);
    free(list.text);
}

/* So many keys that nobody knows are another kind of file: one line tells the first of them. False: they are few. */
static bool all_unknown(struct lci_reader *r, const struct lci_node *node, const char *what,
                        const struct lci_part *parts, size_t count)
{
    const char *first[MOST_UNKNOWN], *known[MOST_KNOWN + 1];
    size_t unknown = 0, at = 0, part;
    for (size_t i = 0; i < node->count; i++) {
        if (find_field(parts, count, node->keys[i].text, &part) != NULL)
            continue;
        at = unknown == 0 ? i : at;
        if (unknown < MOST_UNKNOWN)
            first[unknown] = node->keys[i].text;
        unknown++;
    }
    if (unknown <= MOST_UNKNOWN)
        return false;
    struct lci_buffer list = known_keys(parts, count, known), names = {0};
    lci_buffer_names(&names, first, MOST_UNKNOWN, MOST_UNKNOWN);
    lc_error(r->build.diag, LC_INPUT, &node->keys[at].place,
             "%s has none of the keys %s and %zu more; expected one of %s", what, names.text, unknown - MOST_UNKNOWN,
             list.text);
    free(names.text);
    free(list.text);
    return true;
}

unsigned lci_read_fields(struct lci_reader *r, const struct lci_node *node, const char *what,
                         const struct lci_part *parts, size_t count)
{
    unsigned found = 0;
    if (lci_node_is_null(node) || lci_node_is(node, LCI_NODE_MAP, what, r->build.diag) != 0)
        return 0;
    const bool told = all_unknown(r, node, what, parts, count);
    for (size_t i = 0; i < node->count; i++) {
        size_t part;
        const struct lci_field *f = find_field(parts, count, node->keys[i].text, &part);
        if (f == NULL) {
            if (!told)
                unknown_key(r, &node->keys[i], what, parts, count);
            continue;
        }
        found |= 1u << part;
        const size_t before = r->build.diag->errors;
        const struct lci_part *p = &parts[part];
        r->key = &node->keys[i];
        if (p->type != NULL)
            p->type->read(r, f, &node->items[i], p->element);
        else
            f->type->read(r, f, &node->items[i], (char *)p->element + f->offset);
        if (r->build.model != NULL && r->build.diag->errors > before && node->items[i].kind == LCI_NODE_SCALAR &&
            node->items[i].text[0] == '$')
            lc_note(r->build.diag, &node->items[i].place,
                    "variables fill what 'bindings' of the model name, such as {web.multiplicity: %s}",
                    node->items[i].text);
    }
    return found;
}

static void read_node(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    (void)r;
    (void)f;
    *(const struct lci_node **)value = node;
}

const struct lci_type lci_type_node = {read_node};

int lci_read_nodes(const struct lci_node *node, const char *what, const struct lci_field *fields, void *nodes,
                   struct lc_diag *diag)
{
    struct lci_reader reader = {.build.diag = diag};
    const size_t before = diag->errors;
    if (lci_node_is(node, LCI_NODE_MAP, what, diag) == 0)
        lci_read_fields(&reader, node, what, &(const struct lci_part){fields, nodes}, 1);
    return diag->errors == before ? 0 : -1;
}

void lci_write_fields(const struct lci_layout *l, const struct lci_field *fields, const void *element,
                      struct lci_doc *map)
{
    for (const struct lci_field *f = fields; f->name != NULL; f++) {
        struct lci_doc value;
        if (f->type->write(l, f, (const char *)element + f->offset, &value))
            lci_doc_put(map, f->name, value);
    }
}

/* ---- texts ------------------------------------------------------------------------------------------------------- */

static void read_text(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    char **text = value;
    if (lci_node_is(node, LCI_NODE_SCALAR, f->name, r->build.diag) != 0)
        return;
    free(*text);
    *text = lc_strdup(node->text);
}

static bool write_text(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)l;
    (void)f;
    const char *text = *(char *const *)value;
    if (text == NULL)
        return false;
    *doc = lci_doc_text(text);
    return true;
}

const struct lci_type lci_type_text = {read_text, write_text, "text"};

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

int lci_read_number(struct lci_reader *r, const struct lci_node *node, enum lc_dimension dimension, const char *what,
                    double *value)
{
    static const char *const right[] = {
        [LC_NUMBER] = "a number",
        [LC_TIME] = "a number in the model's unit of time, or with its own unit as in '20 ms'",
        [LC_RATE] = "a number per unit of time of the model, or with its own unit as in '12/s'",
        [LC_FRACTION] = "a fraction, such as '80 %' or 0.8",
        [LC_GROWTH] = "a growth, such as '10 % / month'",
    };
    if (lci_node_is(node, LCI_NODE_SCALAR, what, r->build.diag) != 0)
        return -1;
    const bool plain = r->unit > 0 || (dimension != LC_TIME && dimension != LC_RATE);
    const double unit = r->unit > 0 ? r->unit : 1;
    double number;
    if (plain && lci_quantity(node->text, LC_NUMBER, &number, NULL, NULL) == 0) {
        *value = number;
        return 0;
    }
    if (dimension != LC_NUMBER && lci_quantity(node->text, dimension, &number, NULL, NULL) == 0) {
        *value = dimension == LC_TIME ? number / unit : dimension == LC_RATE ? number * unit : number;
        return 0;
    }
    lc_error(r->build.diag, LC_INPUT, &node->place, "%s is '%s'%s; expected %s", what, node->text,
             lci_is_beyond_limit(node->text) ? ", beyond the limit of 1e100" : "",
             plain                  ? right[dimension]
             : dimension == LC_TIME ? "a time, such as '20 ms'"
                                    : "a rate, such as '12/s'");
    return -1;
}

static void read_number(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    lci_read_number(r, node, LC_NUMBER, f->name, value);
}

static void read_time(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    lci_read_number(r, node, LC_TIME, f->name, value);
}

static void read_rate(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    lci_read_number(r, node, LC_RATE, f->name, value);
}

static bool write_number(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)l;
    const double number = *(const double *)value;
    if (number == f->standard)
        return false;
    *doc = lci_doc_number(number);
    return true;
}

const struct lci_type lci_type_number = {read_number, write_number, "number"};
const struct lci_type lci_type_time = {read_time, write_number, "time"};
const struct lci_type lci_type_rate = {read_rate, write_number, "rate"};

static void read_count(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    uint64_t count;
    if (node->kind == LCI_NODE_SCALAR &&
        (strcmp(node->text, "infinite") == 0 || strcmp(node->text, "inf") == 0 || strcmp(node->text, ".inf") == 0))
        *(uint32_t *)value = LC_INFINITE;
    else if (lci_node_count(node, 1, LC_INFINITE - 1, f->name, &count, r->build.diag) == 0)
        *(uint32_t *)value = (uint32_t)count;
}

static bool write_count(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)l;
    const uint32_t count = *(const uint32_t *)value;
    if ((double)count == f->standard)
        return false;
    *doc = count == LC_INFINITE ? lci_doc_text("infinite") : lci_doc_number((double)count);
    return true;
}

static void read_size(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    uint64_t count;
    if (lci_node_count(node, 0, LC_INFINITE - 1, f->name, &count, r->build.diag) == 0)
        *(uint32_t *)value = (uint32_t)count;
}

const struct lci_type lci_type_count = {read_count, write_count, "count"};
const struct lci_type lci_type_size = {read_size, write_count, "number"};

static void read_integer(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    if (lci_node_is(node, LCI_NODE_SCALAR, f->name, r->build.diag) != 0)
        return;
    char *end;
    errno = 0;
    const long number = strtol(node->text, &end, 10);
    if (node->text[0] == 0 || *end != 0 || errno != 0 || number < INT_MIN || number > INT_MAX)
        lc_error(r->build.diag, LC_INPUT, &node->place, "%s is '%s'; expected a whole number", f->name, node->text);
    else
        *(int *)value = (int)number;
}

static bool write_integer(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)l;
    char text[32];
    const int number = *(const int *)value;
    if (number == (int)f->standard)
        return false;
    snprintf(text, sizeof text, "%d", number);
    *doc = lci_doc_word(text);
    return true;
}

const struct lci_type lci_type_integer = {read_integer, write_integer, "number"};

/* ---- words ------------------------------------------------------------------------------------------------------- */

static void read_flag(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    lci_node_flag(node, f->name, value, r->build.diag);
}

static bool write_flag(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)l;
    const bool flag = *(const bool *)value;
    if (flag == (f->standard != 0))
        return false;
    *doc = lci_doc_word(flag ? "true" : "false");
    return true;
}

const struct lci_type lci_type_flag = {read_flag, write_flag, "flag"};

static void read_word(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    if (lci_node_is(node, LCI_NODE_SCALAR, f->name, r->build.diag) != 0)
        return;
    struct lci_buffer parts = {0};
    for (unsigned i = 0; f->words[i] != NULL; i++) {
        if (strcmp(f->words[i], node->text) == 0) {
            *(unsigned *)value = i;
            free(parts.text);
            return;
        }
        lci_buffer_join(&parts, ", ", "%s", f->words[i]);
    }
    char *list = lci_buffer_take(&parts);
    lc_error(r->build.diag, LC_INPUT, &node->place, "%s is '%s'; expected one of %s", f->name, node->text, list);
    free(list);
}

static bool write_word(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)l;
    const unsigned word = *(const unsigned *)value;
    if (word == (unsigned)f->standard)
        return false;
    *doc = lci_doc_text(f->words[word]);
    return true;
}

const struct lci_type lci_type_word = {read_word, write_word, "word"};

/* ---- maps -------------------------------------------------------------------------------------------------------- */

static void read_map(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    lci_read_fields(r, node, f->name, &(const struct lci_part){f->fields, value}, 1);
}

static bool write_map(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    *doc = lci_doc_map();
    lci_write_fields(l, f->fields, value, doc);
    if (doc->count == 0)
        lci_doc_free(doc);
    return doc->count > 0;
}

const struct lci_type lci_type_map = {read_map, write_map};
