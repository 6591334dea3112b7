/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libyaml's events into a tree of nodes. */
#include "model/format/node.h"

#include "base/memory.h"
#include "base/shown.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { DEEPEST = 64 };

struct frame { /* a list or map that is being read; its node moves to its place when it is complete */
    struct lci_node node;
    size_t key_count, key_capacity, capacity;
};

struct tree {
    yaml_parser_t parser;
    const char *name;
    struct lc_diag *diag;
    struct frame stack[DEEPEST];
    int depth; /* frames in use */
    struct lci_node root;
    bool complete;
};

static struct lc_place place_of(const struct tree *t, yaml_mark_t mark)
{
    return (struct lc_place){t->name, (int)mark.line + 1, (int)mark.column + 1, -1};
}

static void release(struct lci_node *node)
{
    for (size_t i = 0; i < node->count; i++)
        release(&node->items[i]); /* DEEPEST at the most */
    if (node->keys != NULL)
        for (size_t i = 0; i < node->count; i++)
            free(node->keys[i].text);
    free(node->keys);
    free(node->items);
    free(node->text);
}

/* Puts a complete node where it belongs: key or value of the innermost map, element of the list, or the root. */
static int put(struct tree *t, struct lci_node node)
{
    if (t->depth == 0) {
        t->root = node;
        t->complete = true;
        return 0;
    }
    struct frame *f = &t->stack[t->depth - 1];
    if (f->node.kind == LCI_NODE_MAP && f->key_count == f->node.count) {
        if (node.kind != LCI_NODE_SCALAR) {
            lc_error(t->diag, LC_INPUT, &node.place, "a key must be a text");
            release(&node);
            return -1;
        }
        LC_GROW(f->node.keys, f->key_count, f->key_capacity);
        char *name = node.text;
        node.text = lci_shown(name, strlen(name), false); /* a name is one line */
        free(name);
        f->node.keys[f->key_count++] = node;
        return 0;
    }
    LC_GROW(f->node.items, f->node.count, f->capacity);
    f->node.items[f->node.count++] = node;
    return 0;
}

static int by_text(const void *a, const void *b)
{
    const struct lci_node *const *x = a, *const *y = b;
    const int order = strcmp((*x)->text, (*y)->text);
    return order != 0 ? order : (*x > *y) - (*x < *y);
}

static int check_duplicates(struct tree *t, const struct lci_node *map)
{
    int status = 0;
    const struct lci_node **keys = lc_calloc(map->count, sizeof *keys);
    for (size_t i = 0; i < map->count; i++)
        keys[i] = &map->keys[i];
    if (map->count > 1)
        qsort(keys, map->count, sizeof *keys, by_text);
    for (size_t i = 1; i < map->count; i++)
        if (strcmp(keys[i - 1]->text, keys[i]->text) == 0) {
            lc_error(t->diag, LC_INPUT, &keys[i]->place, "'%s' stands here again (first in line %d); a key stands once",
                     keys[i]->text, keys[i - 1]->place.line);
            status = -1;
        }
    free(keys);
    return status;
}

static int unsupported(struct tree *t, const yaml_event_t *event, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    const struct lc_place place = place_of(t, event->start_mark);
    if (event->type == YAML_ALIAS_EVENT || anchor != NULL)
        lc_error(t->diag, LC_INPUT, &place, "anchors and aliases (& and *) are not read here; write the value out");
    else if (tag != NULL)
        lc_error(t->diag, LC_INPUT, &place, "tags (%s) are not read here; leave it out", (const char *)tag);
    else
        return 0;
    return -1;
}

static int scalar(struct tree *t, const yaml_event_t *event)
{
    if (unsupported(t, event, event->data.scalar.anchor, event->data.scalar.tag) != 0)
        return -1;
    const char *text = (const char *)event->data.scalar.value;
    struct lci_node node = {.kind = LCI_NODE_SCALAR,
                            .text = lci_shown(text, event->data.scalar.length, true),
                            .quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE,
                            .place = place_of(t, event->start_mark)};
    if (memchr(text, 0, event->data.scalar.length) != NULL) {
        lc_error(t->diag, LC_INPUT, &node.place, "a text must not hold the character 0");
        free(node.text);
        return -1;
    }
    return put(t, node);
}

static int open_frame(struct tree *t, const yaml_event_t *event)
{
    const bool map = event->type == YAML_MAPPING_START_EVENT;
    if (unsupported(t, event, map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor,
                    map ? event->data.mapping_start.tag : event->data.sequence_start.tag) != 0)
        return -1;
    const struct lc_place place = place_of(t, event->start_mark);
    if (t->depth == DEEPEST) {
        lc_error(t->diag, LC_INPUT, &place, "nested deeper than %d levels", DEEPEST);
        return -1;
    }
    t->stack[t->depth++] = (struct frame){.node = {.kind = map ? LCI_NODE_MAP : LCI_NODE_LIST, .place = place}};
    return 0;
}

static int close_frame(struct tree *t)
{
    struct lci_node node = t->stack[--t->depth].node;
    if (node.kind == LCI_NODE_MAP && check_duplicates(t, &node) != 0) {
        release(&node);
        return -1;
    }
    return put(t, node);
}

static void syntax_error(struct tree *t)
{
    const yaml_parser_t *p = &t->parser;
    if (p->error == YAML_MEMORY_ERROR)
        lci_no_memory(0);
    struct lc_place place = place_of(t, p->problem_mark);
    if (p->error == YAML_READER_ERROR)
        place = (struct lc_place){t->name, 0, 0, (int64_t)p->problem_offset};
    lc_error(t->diag, LC_INPUT, &place, "this is not YAML: %s%s%s", p->context != NULL ? p->context : "",
             p->context != NULL ? ", " : "", p->problem != NULL ? p->problem : "unknown error");
}

/* 1: go on, 0: the end, −1: an error was appended. */
static int event(struct tree *t, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT: return scalar(t, e) != 0 ? -1 : 1;
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT: return open_frame(t, e) != 0 ? -1 : 1;
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT: return close_frame(t) != 0 ? -1 : 1;
    case YAML_ALIAS_EVENT: return unsupported(t, e, NULL, NULL);
    case YAML_DOCUMENT_START_EVENT:
        if (t->complete) {
            const struct lc_place place = place_of(t, e->start_mark);
            lc_error(t->diag, LC_INPUT, &place, "a second document begins here; one is read");
            return -1;
        }
        return 1;
    case YAML_STREAM_END_EVENT: return 0;
    default: return 1;
    }
}

static int read_events(struct tree *t)
{
    int status = 1;
    while (status > 0) {
        yaml_event_t e;
        if (!yaml_parser_parse(&t->parser, &e)) {
            syntax_error(t);
            return -1;
        }
        status = event(t, &e);
        yaml_event_delete(&e);
    }
    return status;
}

/* A map whose last key has no value yet holds one key more than values. */
static void release_frame(struct frame *f)
{
    for (size_t i = f->node.count; i < f->key_count; i++)
        free(f->node.keys[i].text);
    release(&f->node);
}

struct lci_node *lci_yaml_parse(const char *text, size_t length, const char *name, struct lc_diag *diag)
{
    struct tree *t = lc_calloc(1, sizeof *t);
    struct lci_node *root = NULL;
    t->name = name;
    t->diag = diag;
    const size_t mark = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* byte order mark */
    if (!yaml_parser_initialize(&t->parser))
        lci_no_memory(0);
    yaml_parser_set_input_string(&t->parser, (const unsigned char *)text + mark, length - mark);
    yaml_parser_set_encoding(&t->parser, YAML_UTF8_ENCODING);
    const int status = read_events(t);
    yaml_parser_delete(&t->parser);
    while (t->depth > 0)
        release_frame(&t->stack[--t->depth]);
    if (status == 0 && !t->complete) {
        t->root = (struct lci_node){.kind = LCI_NODE_SCALAR, .text = lc_strdup(""), .place = {name, 1, 1, -1}};
        t->complete = true;
    }
    if (status == 0) {
        root = lc_alloc(sizeof *root);
        *root = t->root;
    } else if (t->complete) {
        release(&t->root);
    }
    free(t);
    return root;
}

void lci_node_free(struct lci_node *node)
{
    if (node == NULL)
        return;
    release(node);
    free(node);
}
