/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON into a tree of nodes, by yajl, which tells where it is, as jansson does not. */
#include "format/json_tree.h"

#include "base/memory.h"
#include "base/names.h"
#include "base/shown.h"
#include "loadcast/lqn.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

enum { DEEPEST = 64 };

struct frame { /* a list or map that is being read */
    struct lci_node node;
    size_t key_count, key_capacity, capacity;
};

struct reading {
    yajl_handle parser;
    const char *text, *name;
    struct lc_diag *diag;
    size_t offset; /* up to here lines are counted */
    int line, column;
    struct frame stack[DEEPEST];
    int depth;
    struct lci_node *root; /* NULL until it is complete */
    bool failed;           /* an error was appended; what else is found does not matter */
};

static void advance(struct reading *r, size_t to)
{
    for (; r->offset < to; r->offset++) {
        const unsigned char c = (unsigned char)r->text[r->offset];
        if (c == '\n') {
            r->line++;
            r->column = 1;
        } else if ((c & 0xC0) != 0x80) {
            r->column++;
        }
    }
}

static bool is_between_tokens(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == ':';
}

/* Where the token begins that was just read: behind the one before, blanks and separators. */
static struct lc_place token_place(struct reading *r)
{
    const size_t end = yajl_get_bytes_consumed(r->parser);
    size_t start = r->offset;
    while (start < end && is_between_tokens(r->text[start]))
        start++;
    advance(r, start);
    const struct lc_place place = {r->name, r->line, r->column, -1};
    advance(r, end);
    return place;
}

static int fail(struct reading *r, const struct lc_place *place, const char *what)
{
    lc_error(r->diag, LC_INPUT, place, "%s", what);
    r->failed = true;
    return 0;
}

/* Puts a complete value where it belongs. */
static int put(struct reading *r, struct lci_node node)
{
    if (r->depth == 0) {
        r->root = lc_alloc(sizeof *r->root);
        *r->root = node;
        return 1;
    }
    struct frame *f = &r->stack[r->depth - 1];
    LC_GROW(f->node.items, f->node.count, f->capacity);
    f->node.items[f->node.count++] = node;
    return 1;
}

static struct lci_node scalar(struct reading *r, const char *text, size_t length, bool quoted)
{
    return (struct lci_node){
        .kind = LCI_NODE_SCALAR, .text = lci_shown(text, length, true), .quoted = quoted, .place = token_place(r)};
}

static int take_null(void *context)
{
    return put(context, scalar(context, "null", 4, false));
}

static int take_boolean(void *context, int value)
{
    return put(context, scalar(context, value ? "true" : "false", value ? 4 : 5, false));
}

static int take_number(void *context, const char *text, size_t length)
{
    return put(context, scalar(context, text, length, false));
}

static int take_text(void *context, const unsigned char *text, size_t length)
{
    struct lci_node node = scalar(context, (const char *)text, length, true);
    if (memchr(text, 0, length) != NULL) {
        free(node.text);
        return fail(context, &node.place, "a text must not hold the character 0");
    }
    return put(context, node);
}

static int take_key(void *context, const unsigned char *text, size_t length)
{
    struct reading *r = context;
    struct lci_node node = scalar(r, (const char *)text, length, true);
    if (memchr(text, 0, length) != NULL) {
        free(node.text);
        return fail(r, &node.place, "a text must not hold the character 0");
    }
    struct frame *f = &r->stack[r->depth - 1];
    LC_GROW(f->node.keys, f->key_count, f->key_capacity);
    char *name = node.text;
    node.text = lci_shown(name, strlen(name), false); /* a name is one line */
    free(name);
    f->node.keys[f->key_count++] = node;
    return 1;
}

static int open_frame(struct reading *r, enum lci_node_kind kind)
{
    const struct lc_place place = token_place(r);
    if (r->depth == DEEPEST)
        return fail(r, &place, "nested deeper than 64 levels");
    r->stack[r->depth++] = (struct frame){.node = {.kind = kind, .place = place}};
    return 1;
}

static int open_map(void *context)
{
    return open_frame(context, LCI_NODE_MAP);
}

static int open_list(void *context)
{
    return open_frame(context, LCI_NODE_LIST);
}

static void check_duplicates(struct reading *r, const struct lci_node *map)
{
    struct lci_names seen = {0};
    for (size_t i = 0; i < map->count; i++) {
        const struct lci_node *key = &map->keys[i];
        const int first = lci_names_find(&seen, key->text);
        if (first == LC_NONE) {
            lci_names_add(&seen, key->text, (int)i);
            continue;
        }
        lc_error(r->diag, LC_INPUT, &key->place, "'%s' stands here again (first in line %d); a key stands once",
                 key->text, map->keys[first].place.line);
        r->failed = true;
    }
    lci_names_free(&seen);
}

static int close_frame(void *context)
{
    struct reading *r = context;
    token_place(r);
    const struct lci_node node = r->stack[--r->depth].node;
    if (node.kind == LCI_NODE_MAP)
        check_duplicates(r, &node);
    return put(r, node);
}

static const yajl_callbacks callbacks = {
    .yajl_null = take_null,
    .yajl_boolean = take_boolean,
    .yajl_number = take_number,
    .yajl_string = take_text,
    .yajl_start_map = open_map,
    .yajl_map_key = take_key,
    .yajl_end_map = close_frame,
    .yajl_start_array = open_list,
    .yajl_end_array = close_frame,
};

static void syntax_error(struct reading *r)
{
    unsigned char *why = yajl_get_error(r->parser, 0, NULL, 0);
    why[strcspn((char *)why, "\n")] = 0; /* yajl ends its reason with a line break */
    advance(r, yajl_get_bytes_consumed(r->parser));
    const struct lc_place place = {r->name, r->line, r->column, -1};
    lc_error(r->diag, LC_INPUT, &place, "this is not JSON: %s", (char *)why);
    yajl_free_error(r->parser, why);
    r->failed = true;
}

/* A list or map that never ended: its last key may have no value. */
static void release_frame(struct frame *f)
{
    for (size_t i = f->node.count; i < f->key_count; i++)
        free(f->node.keys[i].text);
    struct lci_node *node = lc_alloc(sizeof *node);
    *node = f->node;
    lci_node_free(node);
}

struct lci_node *lci_json_parse(const char *text, size_t length, const char *name, struct lc_diag *diag)
{
    struct reading *r = lc_calloc(1, sizeof *r);
    *r = (struct reading){.text = text, .name = name, .diag = diag, .line = 1, .column = 1};
    yajl_alloc_funcs memory = {lci_memory_new, lci_memory_resize, lci_memory_free, NULL};
    r->parser = yajl_alloc(&callbacks, &memory, r);
    yajl_status status = yajl_parse(r->parser, (const unsigned char *)text, length);
    if (status == yajl_status_ok) {
        advance(r, length);
        status = yajl_complete_parse(r->parser);
    }
    if (status == yajl_status_error)
        syntax_error(r);
    yajl_free(r->parser);
    while (r->depth > 0)
        release_frame(&r->stack[--r->depth]);
    struct lci_node *root = r->root;
    if (r->failed) {
        lci_node_free(root);
        root = NULL;
    }
    free(r);
    return root;
}
