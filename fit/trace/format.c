/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tells formats apart by content: by how a text begins, or by the first path of keys that only one of them has.
 */
#include "reader.h"

#include "base/buffer.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

static const struct lci_format *const formats[] = {
#define FORMAT(name) &lci_##name,
#include "formats.def"
};
#define FORMAT_COUNT (sizeof formats / sizeof(const struct lci_format *))

/* Known by sight, so that the message can name them. */
static const struct {
    const char *sign, *name;
} strangers[] = {
    {"traceEvents", "a Chrome trace"},
};

char *lci_format_names(void)
{
    struct lci_buffer names = {0};
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (!formats[i]->beside)
            lci_buffer_join(&names, ", ", "%s", formats[i]->name);
    return lci_buffer_take(&names);
}

#define DAMAGED_LINES 16 /* at the beginning, before it is given up */
#define LEVELS        4  /* of objects that are looked into */
#define PATH          128

struct sniff {
    const struct lci_format *format;
    const char *stranger;
    unsigned depth, arrays;     /* objects and arrays open */
    char path[PATH];            /* keys of the open objects, joined by points */
    size_t lengths[LEVELS + 1]; /* of the path by depth */
    bool array_begun;
    char keys[200]; /* of the first object, for the message */
    size_t keys_length;
    unsigned key_count, objects;
    bool has_trace_id, has_id; /* keys of the current top-level object, see on_key */
};

/* Compares the path with the signs of all formats. Returns false, which ends the parse, when it is decided. */
static int decide(struct sniff *s)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        for (const char *const *sign = formats[i]->signs; sign != NULL && *sign != NULL; sign++)
            if (strcmp(*sign, s->path) == 0) {
                s->format = formats[i];
                return 0;
            }
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        if (strcmp(strangers[i].sign, s->path) == 0) {
            s->stranger = strangers[i].name;
            return 0;
        }
    return 1;
}

static int on_key(void *context, const unsigned char *key, size_t length)
{
    struct sniff *s = context;
    s->array_begun = false;
    if (s->depth == 0 || s->depth > LEVELS)
        return 1;
    if (s->depth == 1) {
        s->has_trace_id |= length == 7 && memcmp(key, "traceId", 7) == 0;
        s->has_id |= length == 2 && memcmp(key, "id", 2) == 0;
        if (s->has_trace_id && s->has_id) { /* rows of many systems have one of them */
            s->format = &lci_zipkin;
            return 0;
        }
    }
    if (s->depth == 1 && s->objects == 1 && s->key_count < 6 && length < 40) {
        const int put = snprintf(s->keys + s->keys_length, sizeof s->keys - s->keys_length, "%s\"%.*s\"",
                                 s->key_count++ ? ", " : "", (int)length, (const char *)key);
        s->keys_length += put > 0 && (size_t)put < sizeof s->keys - s->keys_length ? (size_t)put : 0;
    }
    const size_t base = s->lengths[s->depth - 1];
    if (base + length + 2 >= PATH)
        return 1;
    char *at = s->path + base;
    if (base > 0)
        *at++ = '.';
    memcpy(at, key, length);
    at[length] = 0;
    s->lengths[s->depth] = (size_t)(at + length - s->path);
    return decide(s);
}

static int on_begin_object(void *context)
{
    struct sniff *s = context;
    s->array_begun = false;
    if (++s->depth <= LEVELS)
        s->lengths[s->depth] = s->lengths[s->depth - 1];
    if (s->depth == 1) {
        s->objects++;
        s->has_trace_id = s->has_id = false;
    }
    return s->depth + s->arrays < LCI_JSON_DEPTH;
}

static int on_end_object(void *context)
{
    struct sniff *s = context;
    s->array_begun = false;
    if (--s->depth <= LEVELS)
        s->path[s->lengths[s->depth]] = 0;
    return 1;
}

/* A key with an empty array or null, written "key[]" in signs. */
static int nothing(struct sniff *s)
{
    if (s->depth > 1)
        return 1;
    const size_t length = s->lengths[s->depth];
    if (length + 3 > PATH)
        return 1;
    memcpy(s->path + length, "[]", 3);
    const int on = decide(s);
    s->path[length] = 0;
    return on;
}

static int on_begin_array(void *context)
{
    struct sniff *s = context;
    s->arrays++;
    s->array_begun = true;
    return s->depth + s->arrays < LCI_JSON_DEPTH;
}

static int on_end_array(void *context)
{
    struct sniff *s = context;
    s->arrays--;
    const bool empty = s->array_begun;
    s->array_begun = false;
    return !empty || nothing(s);
}

static int on_null(void *context)
{
    struct sniff *s = context;
    s->array_begun = false;
    return s->depth == 0 || nothing(s);
}

static int on_boolean(void *context, int boolean)
{
    (void)boolean;
    ((struct sniff *)context)->array_begun = false;
    return 1;
}

static int on_number(void *context, const char *text, size_t length)
{
    (void)text, (void)length;
    ((struct sniff *)context)->array_begun = false;
    return 1;
}

static int on_string(void *context, const unsigned char *text, size_t length)
{
    (void)text, (void)length;
    ((struct sniff *)context)->array_begun = false;
    return 1;
}

/* What a text that is no JSON, or JSON without a known key, looks like. */
static char *description(const struct sniff *s, const char *text, size_t length)
{
    if (s->stranger != NULL)
        return lc_format("%s", s->stranger);
    if (s->key_count > 0)
        return lc_format("JSON with the keys %s", s->keys);
    size_t shown = 0, start = 0;
    while (start < length && (text[start] == ' ' || text[start] == '\n' || text[start] == '\t' || text[start] == '\r'))
        start++;
    while (start + shown < length && shown < 30 && (unsigned char)text[start + shown] >= ' ' &&
           (unsigned char)text[start + shown] < 0x7F)
        shown++;
    if (shown < 4 && start + shown < length && text[start + shown] != '\n' && text[start + shown] != '\r')
        return lc_format("binary data that begins with the bytes %02x %02x", (unsigned char)text[0],
                         length > 1 ? (unsigned char)text[1] : 0);
    return lc_format("text that begins with \"%.*s\"", (int)shown, text + start);
}

static bool opens(const char *at, const char *end)
{
    return at < end && (*at == '{' || *at == '[');
}

/* What does not begin as JSON is a line that was cut off only when another one follows at once (lines.c). */
static bool may_be_json(const char *text, const char *end)
{
    while (text < end && strchr(" \t\r\n", *text) != NULL && *text != 0)
        text++;
    const char *stop = text < end ? memchr(text, '\n', (size_t)(end - text)) : NULL;
    return opens(text, end) || (stop != NULL && opens(stop + 1, end));
}

/* Looks at the keys; a first document that is damaged gives way to those on the next lines. */
static void look(struct sniff *s, const char *text, size_t length)
{
    static const yajl_callbacks callbacks = {
        .yajl_null = on_null,
        .yajl_boolean = on_boolean,
        .yajl_number = on_number,
        .yajl_string = on_string,
        .yajl_start_map = on_begin_object,
        .yajl_map_key = on_key,
        .yajl_end_map = on_end_object,
        .yajl_start_array = on_begin_array,
        .yajl_end_array = on_end_array,
    };
    yajl_alloc_funcs memory = {lci_memory_new, lci_memory_resize, lci_memory_free, NULL};
    const char *end = text + length;
    if (!may_be_json(text, end))
        return;
    for (int line = 0; line < DAMAGED_LINES && text < end; line++) {
        const struct sniff before = *s;
        yajl_handle yajl = yajl_alloc(&callbacks, &memory, s);
        yajl_config(yajl, yajl_allow_multiple_values, 1);
        yajl_config(yajl, yajl_dont_validate_strings, 1);
        const yajl_status status = yajl_parse(yajl, (const unsigned char *)text, (size_t)(end - text));
        yajl_free(yajl);
        if (status != yajl_status_error)
            return;
        do {
            const char *stop = memchr(text, '\n', (size_t)(end - text));
            text = stop != NULL ? stop + 1 : end;
        } while (text < end && *text != '{');
        if (text < end) {
            *s = before; /* nothing is open in a new document */
            s->objects = 0;
        }
    }
}

const struct lci_format *lci_sniff(const char *text, size_t length, char **found)
{
    struct sniff s = {0};
    *found = NULL;
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (formats[i]->begins != NULL && formats[i]->begins(text, length))
            return formats[i];
    look(&s, text, length);
    *found = s.format == NULL ? description(&s, text, length) : NULL;
    return s.format;
}
