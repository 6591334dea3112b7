/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "elements.h"

#include "base/memory.h"
#include "base/shown.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#define DEEPEST 200
#define KEYS    8 /* of open objects that paths are looked at for */
#define PATH    256
#define LONGEST ((size_t)8 << 20) /* bytes without a new value */
#define BEGIN   60                /* bytes of a wrong answer that are shown */

struct pull_elements {
    const struct pull_grammar *grammar;
    struct pull_sink sink;
    yajl_handle yajl;
    unsigned depth, objects; /* open values; of them objects */
    unsigned array;          /* depth within the wanted array; 0: not in it */
    bool in_element, found, any, stopped;
    char path[PATH];
    size_t lengths[KEYS + 1];
    bool is_object[DEEPEST + 1];
    const char *piece; /* that is being fed */
    size_t from;       /* of the piece: what is not copied yet */
    size_t silent;     /* bytes since the last value */
    uint64_t offset;   /* of the piece in the document */
    char begin[BEGIN];
    size_t begin_length;
    char *wrong;
};

static size_t at(const struct pull_elements *e)
{
    return yajl_get_bytes_consumed(e->yajl);
}

static int stop(struct pull_elements *e, int status)
{
    e->stopped |= status != 0;
    return status == 0;
}

/* Line breaks, which stand between values only, become spaces, so that an element is a line. */
static int copy(struct pull_elements *e, size_t until)
{
    const char *bytes = e->piece + e->from, *end = e->piece + until;
    int status = 0;
    while (bytes < end && status == 0) {
        const size_t length = (size_t)(end - bytes);
        const char *line = memchr(bytes, '\n', length);
        const size_t take = line != NULL ? (size_t)(line - bytes) : length;
        if (take > 0)
            status = e->sink.bytes(e->sink.context, bytes, take);
        if (status == 0 && line != NULL)
            status = e->sink.bytes(e->sink.context, " ", 1);
        bytes += take + (line != NULL);
    }
    e->from = until;
    return status;
}

static bool at_array(const struct pull_elements *e)
{
    return e->grammar->array != NULL && strcmp(e->path, e->grammar->array) == 0;
}

/* A value with others in it has begun, with the byte before the parser's place. */
static int open_value(struct pull_elements *e, bool object)
{
    e->silent = 0;
    e->any = true;
    if (e->depth == DEEPEST)
        return 0;
    const bool element = e->grammar->array == NULL ? e->depth == 0 : e->array > 0 && e->depth == e->array;
    e->is_object[++e->depth] = object;
    if (element) {
        e->in_element = e->found = true;
        e->from = at(e) - 1;
        if (!stop(e, e->sink.begin(e->sink.context)))
            return 0;
    } else if (!object && e->array == 0 && at_array(e)) {
        e->array = e->depth;
        e->found = true;
    }
    if (object) {
        e->objects++;
        if (e->objects <= KEYS)
            e->lengths[e->objects] = e->lengths[e->objects - 1];
    }
    return 1;
}

static int close_value(struct pull_elements *e)
{
    e->silent = 0;
    if (e->is_object[e->depth]) {
        e->objects--;
        if (e->objects < KEYS)
            e->path[e->lengths[e->objects]] = 0;
    }
    e->depth--;
    if (e->in_element && e->depth == e->array) {
        e->in_element = false;
        return stop(e, copy(e, at(e))) && stop(e, e->sink.end(e->sink.context));
    }
    if (e->depth < e->array)
        e->array = 0;
    return 1;
}

static int on_begin_object(void *context)
{
    return open_value(context, true);
}

static int on_begin_array(void *context)
{
    return open_value(context, false);
}

static int on_end(void *context)
{
    return close_value(context);
}

static int on_key(void *context, const unsigned char *key, size_t length)
{
    struct pull_elements *e = context;
    e->silent = 0;
    if (e->objects > KEYS)
        return 1;
    size_t base = e->lengths[e->objects - 1];
    if (base + length + 2 >= PATH)
        length = 0; /* no path that anybody wants */
    if (base > 0)
        e->path[base++] = '.';
    memcpy(e->path + base, key, length);
    e->path[base + length] = 0;
    e->lengths[e->objects] = base + length;
    return 1;
}

static int value(struct pull_elements *e, const char *text, size_t length, bool quoted)
{
    e->silent = 0;
    e->any = true;
    for (size_t i = 0; e->objects <= KEYS && e->grammar->wanted[i] != NULL; i++)
        if (strcmp(e->path, e->grammar->wanted[i]) == 0)
            return stop(e, e->sink.value(e->sink.context, i, text, length, quoted));
    return 1;
}

static int on_string(void *context, const unsigned char *text, size_t length)
{
    return value(context, (const char *)text, length, true);
}

static int on_number(void *context, const char *text, size_t length)
{
    return value(context, text, length, false);
}

static int on_boolean(void *context, int boolean)
{
    return value(context, boolean ? "true" : "false", boolean ? 4 : 5, false);
}

static int on_null(void *context)
{
    struct pull_elements *e = context;
    e->silent = 0;
    e->any = true;
    e->found |= at_array(e); /* nothing, instead of an empty array */
    return 1;
}

static void begin_document(struct pull_elements *e)
{
    static const yajl_callbacks callbacks = {
        .yajl_null = on_null,
        .yajl_boolean = on_boolean,
        .yajl_number = on_number,
        .yajl_string = on_string,
        .yajl_start_map = on_begin_object,
        .yajl_map_key = on_key,
        .yajl_end_map = on_end,
        .yajl_start_array = on_begin_array,
        .yajl_end_array = on_end,
    };
    yajl_alloc_funcs memory = {lci_memory_new, lci_memory_resize, lci_memory_free, NULL};
    e->yajl = yajl_alloc(&callbacks, &memory, e);
    yajl_config(e->yajl, yajl_dont_validate_strings, 1); /* readers replace bytes that are not UTF-8 */
    yajl_config(e->yajl, yajl_allow_multiple_values, e->grammar->several);
}

struct pull_elements *pull_elements_new(const struct pull_grammar *grammar, const struct pull_sink *sink)
{
    struct pull_elements *e = lc_calloc(1, sizeof *e);
    e->grammar = grammar;
    e->sink = *sink;
    begin_document(e);
    return e;
}

void pull_elements_free(struct pull_elements *e)
{
    if (e == NULL)
        return;
    yajl_free(e->yajl);
    free(e->wrong);
    free(e);
}

void pull_elements_restart(struct pull_elements *e)
{
    yajl_free(e->yajl);
    free(e->wrong);
    *e = (struct pull_elements){.grammar = e->grammar, .sink = e->sink};
    begin_document(e);
}

static int fail(struct pull_elements *e, const char *what)
{
    char *utf8 = lc_strndup(e->begin, e->begin_length), *valid = lci_utf8_copy(utf8);
    char *shown = lci_shown(valid, strlen(valid), false);
    free(e->wrong);
    e->wrong = e->begin_length == 0 ? lc_format("found an empty answer; expected %s", e->grammar->expected)
                                    : lc_format("found %s, in an answer that begins with '%s'; expected %s", what,
                                                shown, e->grammar->expected);
    free(utf8);
    free(valid);
    free(shown);
    return -1;
}

int pull_elements_feed(struct pull_elements *e, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length && e->begin_length < BEGIN; i++)
        e->begin[e->begin_length++] = bytes[i];
    e->piece = bytes;
    e->from = 0;
    e->silent += length;
    const yajl_status status = yajl_parse(e->yajl, (const unsigned char *)bytes, length);
    if (e->stopped)
        return -1;
    if (status != yajl_status_ok) {
        char what[64];
        snprintf(what, sizeof what,
                 status == yajl_status_error ? "no JSON at byte %llu" : "too deep a nesting at byte %llu",
                 (unsigned long long)(e->offset + at(e) - (at(e) > 0)));
        return fail(e, what);
    }
    if (e->silent > LONGEST)
        return fail(e, "a value of more than 8 MiB");
    e->offset += length;
    return e->in_element && copy(e, length) != 0 ? -1 : 0;
}

int pull_elements_finish(struct pull_elements *e)
{
    if (!e->any || yajl_complete_parse(e->yajl) != yajl_status_ok || e->depth > 0)
        return fail(e, "its end within a value");
    return e->found ? 0 : fail(e, "something else");
}

const char *pull_elements_wrong(const struct pull_elements *e)
{
    return e->wrong;
}
