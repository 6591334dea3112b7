/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "json.h"

#include "base/digits.h"
#include "base/memory.h"
#include "base/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

struct frame {
    const struct lci_object *object;    /* NULL: an array, whose elements belong to `field` */
    const struct lci_json_field *field; /* of the key read last; NULL: not wanted */
    unsigned next;                      /* of the object's fields, the one that most likely comes next */
};

struct lci_json {
    const struct lci_grammar *grammar;
    void *reader;
    yajl_handle yajl;
    unsigned depth, skip; /* frames in use; levels open below the last one that nobody wants */
    bool too_deep;
    int64_t offset;              /* bytes before the current chunk */
    int64_t last_event;          /* end of the chunk that held the last event */
    bool events;                 /* in the current chunk */
    bool in_row;                 /* the last event was the beginning of a row */
    uint64_t misplaced;          /* values where objects alone are wanted */
    const char *first_misplaced; /* key */
    struct lci_json_field root;
    struct frame frames[LCI_JSON_DEPTH + 1]; /* [0]: the top-level values are elements of an array named `root` */
};

static bool is_key(const struct lci_json_field *field, const char *key, size_t length)
{
    return field->length == length && lci_same_text(field->key, key, length);
}

/* Any field but the expected one. Kept out of on_key, which is then short enough to need no stack. */
static __attribute__((noinline)) void search_key(struct lci_json *json, struct frame *top, const char *key,
                                                 size_t length)
{
    const struct lci_object *object = top->object;
    unsigned at = top->next;
    for (unsigned i = 0; i < object->count; i++) {
        const struct lci_json_field *field = &object->fields[at];
        at = at + 1 < object->count ? at + 1 : 0;
        if (is_key(field, key, length)) {
            top->field = field;
            top->next = at;
            return;
        }
    }
    top->field = object->any;
    if (object->any != NULL)
        json->grammar->any_key(json->reader, object->id, key, length);
}

static int on_key(void *context, const unsigned char *key, size_t length)
{
    struct lci_json *json = context;
    if (json->skip > 0)
        return 1;
    struct frame *top = &json->frames[json->depth];
    const struct lci_object *object = top->object;
    if (object->count == 0 || !is_key(&object->fields[top->next], (const char *)key, length)) {
        search_key(json, top, (const char *)key, length);
        return 1;
    }
    top->field = &object->fields[top->next];
    top->next = top->next + 1 < object->count ? top->next + 1 : 0;
    return 1;
}

/* Goes one level down; false when that is too deep. */
static bool deeper(struct lci_json *json)
{
    json->events = true;
    json->too_deep = json->depth + json->skip >= LCI_JSON_DEPTH;
    return !json->too_deep;
}

static int on_begin_object(void *context)
{
    struct lci_json *json = context;
    if (!deeper(json))
        return 0;
    const struct lci_json_field *field = json->frames[json->depth].field;
    if (json->skip > 0 || field == NULL || field->object == NULL) {
        json->skip++;
        return 1;
    }
    json->frames[++json->depth] = (struct frame){.object = field->object};
    json->grammar->begin(json->reader, field->object->id);
    return 1;
}

static int on_end_object(void *context)
{
    struct lci_json *json = context;
    json->events = true;
    if (json->skip > 0) {
        json->skip--;
        return 1;
    }
    const unsigned id = json->frames[json->depth--].object->id;
    json->grammar->end(json->reader, id);
    return 1;
}

static int on_begin_array(void *context)
{
    struct lci_json *json = context;
    if (!deeper(json))
        return 0;
    const struct lci_json_field *field = json->frames[json->depth].field;
    if (json->skip > 0 || field == NULL) {
        json->skip++;
        return 1;
    }
    json->frames[++json->depth] = (struct frame){.field = field};
    if (json->grammar->array != NULL && field->id != 0)
        json->in_row = json->grammar->array(json->reader, field->id, true);
    return 1;
}

static int on_end_array(void *context)
{
    struct lci_json *json = context;
    json->events = true;
    if (json->skip > 0) {
        json->skip--;
        return 1;
    }
    const struct lci_json_field *field = json->frames[json->depth--].field;
    if (json->grammar->array != NULL && field->id != 0)
        json->grammar->array(json->reader, field->id, false);
    return 1;
}

/* A value that is wanted for the objects in it alone. */
static void misplace(struct lci_json *json, const struct lci_json_field *field)
{
    if (json->misplaced++ == 0)
        json->first_misplaced = field->key;
}

static int scalar(struct lci_json *json, enum lci_json_type type, const char *text, size_t length)
{
    json->events = true;
    if (json->skip > 0)
        return 1;
    const struct lci_json_field *field = json->frames[json->depth].field;
    if (field != NULL && field->id != 0)
        json->grammar->value(json->reader, field->id, type, text, length);
    else if (field != NULL && field->object != NULL && type != LCI_NULL)
        misplace(json, field);
    return 1;
}

uint64_t lci_json_misplaced(const struct lci_json *json, const char **key)
{
    *key = json->first_misplaced;
    return json->misplaced;
}

static int on_string(void *context, const unsigned char *text, size_t length)
{
    return scalar(context, LCI_STRING, (const char *)text, length);
}

static int on_number(void *context, const char *text, size_t length)
{
    return scalar(context, LCI_NUMBER, text, length);
}

static int on_boolean(void *context, int value)
{
    return scalar(context, LCI_BOOLEAN, value ? "true" : "false", value ? 4 : 5);
}

static int on_null(void *context)
{
    struct lci_json *json = context;
    return json->grammar->array != NULL ? scalar(json, LCI_NULL, "", 0) : 1;
}

static void start(struct lci_json *json)
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
    json->yajl = yajl_alloc(&callbacks, &memory, json);
    yajl_config(json->yajl, yajl_allow_multiple_values, 1);
    /* Texts are checked where they are kept, so that invalid bytes are repaired and not fatal. */
    yajl_config(json->yajl, yajl_dont_validate_strings, 1);
    json->frames[0] = (struct frame){.field = &json->root};
    json->depth = json->skip = 0;
    json->too_deep = false;
    json->last_event = json->offset;
}

struct lci_json *lci_json_new(const struct lci_grammar *grammar, void *reader)
{
    struct lci_json *json = lc_calloc(1, sizeof *json);
    json->grammar = grammar;
    json->reader = reader;
    json->root = (struct lci_json_field){.key = "", .object = grammar->root};
    start(json);
    return json;
}

void lci_json_restart(struct lci_json *json)
{
    yajl_free(json->yajl);
    start(json);
}

bool lci_json_open(const struct lci_json *json)
{
    return json->depth + json->skip > 0;
}

void lci_json_free(struct lci_json *json)
{
    if (json == NULL)
        return;
    yajl_free(json->yajl);
    free(json);
}

static int fail(struct lci_json *json, int64_t offset, struct lci_json_error *error)
{
    error->offset = offset;
    if (json->too_deep) {
        snprintf(error->text, sizeof error->text, "JSON is nested more than %d levels deep; traces need far fewer",
                 LCI_JSON_DEPTH);
        return -1;
    }
    unsigned char *text = yajl_get_error(json->yajl, 0, NULL, 0);
    const char *what = text != NULL ? (const char *)text : "unknown error";
    const char *colon = strstr(what, ": ");
    what = colon != NULL ? colon + 2 : what;
    snprintf(error->text, sizeof error->text, "not valid JSON: %.*s; the input is damaged or cut off here",
             (int)strcspn(what, ".\n"), what);
    if (text != NULL)
        yajl_free_error(json->yajl, text);
    return -1;
}

/* ---- rows of a table --------------------------------------------------------------------------------------------- */

/* Takes the cells of a row behind its bracket, when all of them are here and plain. Returns how many bytes they are: up
 * to the closing bracket; 0 leaves them to the parser. */
static size_t take_cells(struct lci_json *json, const char *bytes, size_t length)
{
    struct lci_json_cell cells[LCI_JSON_CELLS];
    size_t count = 0;
    const size_t size = lci_json_cells(bytes, length, cells, &count);
    if (size > 0)
        json->grammar->cells(json->reader, cells, count);
    return size;
}

/* Takes rows, from behind the bracket of one to the closing bracket of one. Between rows the reader is told what the
 * parser would tell it; to the parser they are one row. Returns how many bytes they are. */
static size_t take_rows(struct lci_json *json, const char *bytes, size_t length)
{
    size_t at = 0, size;
    while ((size = take_cells(json, bytes + at, length - at)) > 0) {
        at += size;
        if (length - at < 3 || memcmp(bytes + at, "],[", 3) != 0)
            break;
        const unsigned field = json->frames[json->depth].field->id;
        json->grammar->array(json->reader, field, false);
        json->grammar->array(json->reader, field, true);
        at += 3;
    }
    return at;
}

/* Up to which byte the parser is given them: in a table to the next bracket, behind which cells may be plain. */
static size_t piece_of(const struct lci_json *json, const char *bytes, size_t length)
{
    const char *bracket = json->grammar->cells != NULL ? memchr(bytes, '[', length) : NULL;
    return bracket != NULL ? (size_t)(bracket + 1 - bytes) : length;
}

/* The parser sees rows whose cells were taken as empty ones, so that all around them is parsed as ever. */
int lci_json_feed(struct lci_json *json, const char *bytes, size_t length, struct lci_json_error *error)
{
    json->events = false;
    for (size_t at = 0; at < length;) {
        const size_t piece = piece_of(json, bytes + at, length - at);
        json->in_row = false;
        if (yajl_parse(json->yajl, (const unsigned char *)bytes + at, piece) != yajl_status_ok)
            return fail(json, (int64_t)(at + yajl_get_bytes_consumed(json->yajl)), error);
        at += piece;
        if (json->in_row)
            at += take_rows(json, bytes + at, length - at);
    }
    json->offset += (int64_t)length;
    if (json->events)
        json->last_event = json->offset;
    if ((size_t)(json->offset - json->last_event) > LCI_JSON_TOKEN) {
        error->offset = json->last_event - json->offset + (int64_t)length;
        snprintf(error->text, sizeof error->text, "a text of more than %zu MiB begins here; no trace format has any",
                 LCI_JSON_TOKEN >> 20);
        return -1;
    }
    return 0;
}

int lci_json_finish(struct lci_json *json, struct lci_json_error *error)
{
    /* The parser is given a blank to finish with, which is not in the file. */
    return yajl_complete_parse(json->yajl) == yajl_status_ok ? 0 : fail(json, 0, error);
}

/* Reads digits with their decimal point: value and how many of the digits stand behind the point. */
struct digits {
    const char *at, *end;
    int64_t point; /* digits before the decimal point, with the exponent */
};

static enum lci_integer parts_of(const char *text, const char *end, struct digits *digits)
{
    const char *at = text;
    int64_t before = 0;
    bool any = false, point = false;
    for (; at < end && ((*at >= '0' && *at <= '9') || (*at == '.' && !point)); at++) {
        if (*at == '.') {
            point = true;
        } else {
            any = true;
            before += !point;
        }
    }
    *digits = (struct digits){text, at, before};
    if (!any)
        return LCI_INTEGER_WRONG;
    if (at == end)
        return LCI_INTEGER_OK;
    if (*at != 'e' && *at != 'E')
        return LCI_INTEGER_WRONG;
    at++;
    const bool negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    if (at == end)
        return LCI_INTEGER_WRONG;
    int64_t exponent = 0;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9')
            return LCI_INTEGER_WRONG;
        if (exponent < 1000000)
            exponent = 10 * exponent + (*at - '0');
    }
    digits->point += negative ? -exponent : exponent;
    return LCI_INTEGER_OK;
}

/* Nothing but up to 19 digits, perhaps with a decimal point among them and no more digits behind it than are wanted:
 * nearly all numbers. */
static bool plain(const char *text, size_t length, int shift, int64_t *value)
{
    static const int64_t power[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};
    uint64_t whole, part = 0;
    if (length == 0 || shift < 0 || shift > 9)
        return false;
    if (lci_all_digits(text, length, &whole))
        return !__builtin_mul_overflow((int64_t)whole, power[shift], value);
    const size_t digits = lci_digits(text, length, &whole);
    if (digits == 0 || whole > INT64_MAX || __builtin_mul_overflow((int64_t)whole, power[shift], value))
        return false;
    if (digits == length)
        return true;
    const size_t rest = length - digits - 1;
    return text[digits] == '.' && rest <= (size_t)shift && lci_digits(text + digits + 1, rest, &part) == rest &&
           !__builtin_add_overflow(*value, (int64_t)part * power[(size_t)shift - rest], value);
}

enum lci_integer lci_integer_of(const char *text, size_t length, int shift, int64_t *value)
{
    if (plain(text, length, shift, value))
        return LCI_INTEGER_OK;
    const char *end = text + length;
    const bool negative = length > 0 && *text == '-';
    struct digits digits;
    const enum lci_integer wrong = parts_of(text + negative, end, &digits);
    if (wrong != LCI_INTEGER_OK)
        return wrong;
    int64_t left = digits.point + shift; /* digits that belong to the integer */
    uint64_t sum = 0;
    for (const char *at = digits.at; left > 0; at += at < digits.end) {
        while (at < digits.end && *at == '.')
            at++;
        const unsigned digit = at < digits.end ? (unsigned)(*at - '0') : 0;
        if (at >= digits.end && sum == 0)
            break; /* nothing but zeros, whatever the exponent */
        if (sum > ((uint64_t)INT64_MAX - digit) / 10)
            return LCI_INTEGER_RANGE;
        sum = 10 * sum + digit;
        left--;
    }
    *value = negative ? -(int64_t)sum : (int64_t)sum;
    return LCI_INTEGER_OK;
}

size_t lci_integer_text(int64_t value, char text[LCI_INTEGER_DIGITS])
{
    char digits[LCI_INTEGER_DIGITS], *at = digits + sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do
        *--at = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        *--at = '-';
    const size_t length = (size_t)(digits + sizeof digits - at);
    memcpy(text, at, length);
    return length;
}
