/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protobuf.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS 8 /* of streamed messages */

struct level {
    const struct lci_message *message;
    uint64_t end; /* offset in the input */
};

struct lci_protobuf {
    const struct lci_message_grammar *grammar;
    void *reader;
    struct level levels[LEVELS]; /* streamed messages that are open; [0] ends with the input */
    unsigned depth;
    uint64_t offset; /* of the first byte that is not decoded yet */
    uint64_t skip;   /* bytes that nobody wants */
    char *held;      /* bytes of a field that goes on in the next piece */
    size_t held_length, capacity;
    struct lci_protobuf_error *error;
    const char *base; /* stands at `offset` */
};

struct lci_protobuf *lci_protobuf_new(const struct lci_message_grammar *grammar, void *reader)
{
    struct lci_protobuf *p = lc_calloc(1, sizeof *p);
    p->grammar = grammar;
    p->reader = reader;
    p->levels[0] = (struct level){grammar->root, UINT64_MAX};
    return p;
}

void lci_protobuf_free(struct lci_protobuf *p)
{
    if (p == NULL)
        return;
    free(p->held);
    free(p);
}

/* ---- the encoding ------------------------------------------------------------------------------------------------ */

/* As varint(), of more than one byte. Kept out of it, so that it goes into its callers. */
static __attribute__((noinline)) int long_varint(const char *at, const char *end, uint64_t *value)
{
    uint64_t sum = 0;
    for (int i = 0; i < 10 && at + i < end; i++) {
        const unsigned char byte = (unsigned char)at[i];
        sum |= (uint64_t)(byte & 0x7F) << (7 * i);
        if (byte < 0x80) {
            *value = sum;
            return i + 1;
        }
    }
    return end - at >= 10 ? -1 : 0;
}

/* Bytes of a varint: 0 when it goes on beyond `end`, −1 when it has more than ten. */
static inline int varint(const char *at, const char *end, uint64_t *value)
{
    if (at < end && (signed char)*at >= 0) {
        *value = (uint64_t)*at;
        return 1;
    }
    return long_varint(at, end, value);
}

struct head {                              /* of a field */
    const struct lci_message_field *field; /* NULL: not wanted */
    uint64_t number;
    unsigned wire;
    uint64_t value; /* the number; of bytes: their length */
    int size;       /* up to the bytes, or to the end of the number */
};

enum outcome { DONE, MORE, BAD_NUMBER, BAD_WIRE, NO_FIELD };

/* Reads tag and number, or tag and length. MORE: the bytes end too early. */
static inline __attribute__((always_inline)) enum outcome head_of(const struct lci_message *message, const char *at,
                                                                  const char *end, struct head *h)
{
    uint64_t tag = 0;
    const int size = varint(at, end, &tag);
    if (size <= 0)
        return size < 0 ? BAD_NUMBER : MORE;
    h->number = tag >> 3;
    h->wire = tag & 7;
    if (h->number == 0 || h->number > 0x1FFFFFFF)
        return NO_FIELD;
    const uint64_t number = h->number == message->old && message->old != 0 ? message->as : h->number;
    h->field = number < message->count && message->fields[number].number != 0 ? &message->fields[number] : NULL;
    if (h->field != NULL && h->field->wire != h->wire)
        return BAD_WIRE;
    at += size;
    const bool fixed = h->wire == LCI_FIXED64 || h->wire == LCI_FIXED32;
    if (!fixed && h->wire != LCI_VARINT && h->wire != LCI_BYTES)
        return BAD_WIRE;
    h->value = 0;
    int more = h->wire == LCI_FIXED64 ? 8 : 4;
    if (!fixed)
        more = varint(at, end, &h->value);
    else if (end - at < more)
        return MORE;
    else
        memcpy(&h->value, at, (size_t)more);
    if (more <= 0)
        return more < 0 ? BAD_NUMBER : MORE;
    if (fixed)
        h->value = le64toh(h->value);
    h->size = size + more;
    return DONE;
}

static int fail(struct lci_protobuf *p, const char *at, const char *text)
{
    p->error->offset = (int64_t)(p->offset + (uint64_t)(at - p->base));
    snprintf(p->error->text, sizeof p->error->text, "%s", text);
    return -1;
}

static int explain(struct lci_protobuf *p, const struct lci_message *message, const struct head *h, const char *at,
                   enum outcome outcome)
{
    char text[160];
    switch (outcome) {
    case MORE:
        snprintf(text, sizeof text, "a field that reaches beyond the message which holds it (%s)", message->name);
        break;
    case BAD_NUMBER: snprintf(text, sizeof text, "a number of more than ten bytes in %s", message->name); break;
    case NO_FIELD:
        snprintf(text, sizeof text, "field %" PRIu64 " of %s; there is none of that number", h->number, message->name);
        break;
    default:
        if (h->field != NULL)
            snprintf(text, sizeof text,
                     "field %" PRIu64 " of %s has the wire type %u; expected %u (data of another kind?)", h->number,
                     message->name, h->wire, h->field->wire);
        else
            snprintf(text, sizeof text, "field %" PRIu64 " of %s has the wire type %u; expected 0, 1, 2 or 5",
                     h->number, message->name, h->wire);
    }
    return fail(p, at, text);
}

/* The bytes of the field with this tag of one byte, NULL: something else stands there. */
static inline const char *text_at(const char **at, const char *end, char tag, size_t *length)
{
    uint64_t value = 0;
    const int size = *at < end && **at == tag ? varint(*at + 1, end, &value) : 0;
    if (size <= 0 || value > (uint64_t)(end - *at - 1 - size))
        return NULL;
    const char *text = *at + 1 + size;
    *length = (size_t)value;
    *at = text + value;
    return text;
}

#define TAG(number) ((number) << 3 | LCI_BYTES)

/* Hands on a pair as it is written everywhere; false: it is written in another way, or has another value. */
static bool take_pair(struct lci_protobuf *p, const struct lci_message *message, const char *at, const char *end)
{
    size_t key_length = 0, length = 0;
    const char *key = text_at(&at, end, TAG(1), &key_length), *text = text_at(&at, end, TAG(2), &length);
    if (key == NULL || text == NULL || at != end)
        return false;
    if (message->fields[2].message != NULL) {
        at = text;
        text = text_at(&at, end, TAG(1), &length);
        if (text == NULL || at != end)
            return false;
    }
    p->grammar->pair(p->reader, message->id, key, key_length, text, length);
    return true;
}

static int decode(struct lci_protobuf *p, const struct lci_message *message, const char *at, const char *end,
                  unsigned depth);

/* A wanted field of bytes inside a message of that depth. */
static inline int take_bytes(struct lci_protobuf *p, const struct lci_message_field *field, const char *value,
                             const char *end, unsigned depth)
{
    const struct lci_message *inner = field->message;
    if (inner == NULL)
        p->grammar->text(p->reader, field->id, value, (size_t)(end - value));
    else if (!inner->pair || !take_pair(p, inner, value, end))
        return decode(p, inner, value, end, depth + 1);
    return 0;
}

/* What nearly all fields of bytes are: wanted, with a tag and a length of a byte each. NULL: it is something else. */
static inline const struct lci_message_field *short_bytes(const struct lci_message *message, const char *at,
                                                          const char *end)
{
    if (end - at < 2 || (at[0] & 0x87) != LCI_BYTES || at[1] < 0 || at[1] > end - at - 2)
        return NULL;
    const unsigned number = (unsigned)at[0] >> 3;
    const struct lci_message_field *field = &message->fields[number];
    return number < message->count && field->number != 0 && field->wire == LCI_BYTES && number != message->old ? field
                                                                                                               : NULL;
}

/* Decodes a message that is there as a whole. */
static int decode(struct lci_protobuf *p, const struct lci_message *message, const char *at, const char *end,
                  unsigned depth)
{
    const struct lci_message_grammar *g = p->grammar;
    if (depth > LCI_PROTOBUF_DEPTH)
        return fail(p, at, "messages are nested too deeply");
    if (!g->begin(p->reader, message->id))
        return 0;
    while (at < end) {
        const struct lci_message_field *quick = short_bytes(message, at, end);
        if (quick != NULL) {
            const char *value = at + 2;
            at = value + at[1];
            if (take_bytes(p, quick, value, at, depth) != 0)
                return -1;
            continue;
        }
        struct head h;
        const enum outcome outcome = head_of(message, at, end, &h);
        if (outcome != DONE)
            return explain(p, message, &h, at, outcome);
        const char *value = at + h.size;
        if (h.wire == LCI_BYTES && h.value > (uint64_t)(end - value))
            return explain(p, message, &h, at, MORE);
        at = h.wire == LCI_BYTES ? value + h.value : value;
        if (h.field == NULL)
            continue;
        if (h.wire != LCI_BYTES)
            g->number(p->reader, h.field->id, h.value);
        else if (take_bytes(p, h.field, value, at, depth) != 0)
            return -1;
    }
    g->end(p->reader, message->id);
    return 0;
}

/* ---- streaming --------------------------------------------------------------------------------------------------- */

static void end_levels(struct lci_protobuf *p, uint64_t offset)
{
    while (p->depth > 0 && p->levels[p->depth].end == offset)
        p->grammar->end(p->reader, p->levels[p->depth--].message->id);
}

/* One field of the innermost streamed message. Returns the bytes taken, 0 when more are needed, −1 with an error. */
static ptrdiff_t step(struct lci_protobuf *p, const char *at, const char *end)
{
    struct level *level = &p->levels[p->depth];
    const uint64_t here = p->offset + (uint64_t)(at - p->base);
    struct head h;
    if ((uint64_t)(end - at) > level->end - here)
        end = at + (level->end - here); /* no field may reach beyond */
    const bool whole = here + (uint64_t)(end - at) == level->end;
    const enum outcome outcome = head_of(level->message, at, end, &h);
    if (outcome == MORE && !whole)
        return 0;
    if (outcome != DONE)
        return explain(p, level->message, &h, at, outcome);
    if (h.wire != LCI_BYTES) {
        if (h.field != NULL)
            p->grammar->number(p->reader, h.field->id, h.value);
        return h.size;
    }
    if (h.value > level->end - here - (uint64_t)h.size)
        return explain(p, level->message, &h, at, MORE);
    const struct lci_message *inner = h.field != NULL ? h.field->message : NULL;
    if (inner != NULL && inner->streamed && p->grammar->begin(p->reader, inner->id)) {
        p->levels[++p->depth] = (struct level){inner, here + (uint64_t)h.size + h.value};
        return h.size;
    }
    if (h.field == NULL || (inner != NULL && inner->streamed)) {
        p->skip = h.value;
        return h.size;
    }
    if (h.value > LCI_PROTOBUF_HELD)
        return fail(p, at, "a message of more than 64 MiB begins here; no span needs as much");
    if (h.value > (uint64_t)(end - at) - (uint64_t)h.size)
        return 0;
    if (inner == NULL)
        p->grammar->text(p->reader, h.field->id, at + h.size, (size_t)h.value);
    else if (decode(p, inner, at + h.size, at + h.size + h.value, p->depth + 1) != 0)
        return -1;
    return h.size + (ptrdiff_t)h.value;
}

/* Decodes what is whole. Returns the bytes taken, −1 with an error. */
static ptrdiff_t decode_pieces(struct lci_protobuf *p, const char *bytes, size_t length)
{
    const char *at = bytes, *end = bytes + length;
    p->base = bytes;
    for (;;) {
        const size_t skipped = p->skip < (uint64_t)(end - at) ? (size_t)p->skip : (size_t)(end - at);
        p->skip -= skipped;
        at += skipped;
        if (p->skip == 0)
            end_levels(p, p->offset + (uint64_t)(at - bytes));
        const ptrdiff_t taken = at < end ? step(p, at, end) : 0;
        if (taken < 0)
            return -1;
        if (taken == 0)
            break;
        at += taken;
    }
    p->offset += (uint64_t)(at - bytes);
    return at - bytes;
}

int lci_protobuf_feed(struct lci_protobuf *p, const char *bytes, size_t length, struct lci_protobuf_error *error)
{
    p->error = error;
    if (p->held_length > 0) {
        while (p->capacity < p->held_length + length)
            p->capacity *= 2;
        p->held = lc_realloc(p->held, p->capacity, 1);
        memcpy(p->held + p->held_length, bytes, length);
        bytes = p->held;
        length += p->held_length;
    }
    const ptrdiff_t taken = decode_pieces(p, bytes, length);
    if (taken < 0)
        return -1;
    p->held_length = length - (size_t)taken;
    if (p->capacity < p->held_length) {
        p->capacity = 2 * p->held_length;
        p->held = lc_realloc(p->held, p->capacity, 1);
        memcpy(p->held, bytes + taken, p->held_length);
    } else if (p->held_length > 0) {
        memmove(p->held, bytes + taken, p->held_length);
    }
    return 0;
}

int lci_protobuf_finish(struct lci_protobuf *p, struct lci_protobuf_error *error)
{
    p->error = error;
    if (p->held_length == 0 && p->skip == 0 && p->depth == 0)
        return 0;
    p->base = p->held != NULL ? p->held : "";
    return fail(p, p->base + p->held_length, "the message is cut off here; copy the whole file again");
}

bool lci_protobuf_begins(const struct lci_message *message, const char *bytes, size_t length)
{
    const char *at = bytes, *end = bytes + length;
    uint64_t room = UINT64_MAX; /* bytes left of the message */
    for (bool inner = false; message != NULL; inner = true) {
        struct head h;
        if (inner && room == 0)
            return true;
        const enum outcome outcome = head_of(message, at, end, &h);
        if (outcome == MORE)
            return inner;
        if (outcome != DONE || h.field == NULL || (uint64_t)h.size > room)
            return false;
        if (h.wire != LCI_BYTES)
            return true;
        if (h.value > room - (uint64_t)h.size)
            return false;
        at += h.size;
        room = h.value;
        message = h.field->message;
    }
    return true;
}
