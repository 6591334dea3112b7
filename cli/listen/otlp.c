/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "otlp.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "loadcast/base.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

/* ---- answers ----------------------------------------------------------------------------------------------------- */

static void put_varint(struct lci_buffer *out, uint64_t value)
{
    char bytes[10];
    size_t length = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[length++] = (char)(value | 0x80);
    bytes[length++] = (char)value;
    lci_buffer_put(out, bytes, length);
}

static void put_text(struct lci_buffer *out, unsigned field, const char *text, size_t length)
{
    put_varint(out, field << 3 | 2);
    put_varint(out, length);
    lci_buffer_put(out, text, length);
}

static struct otlp_bytes taken(struct lci_buffer *out)
{
    const size_t length = out->length;
    return (struct otlp_bytes){lci_buffer_take(out), length};
}

static struct otlp_bytes dumped(json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    return (struct otlp_bytes){text, strlen(text)};
}

struct otlp_bytes otlp_success(bool protobuf, uint64_t rejected, const char *why)
{
    struct lci_buffer out = {0}, inner = {0};
    if (!protobuf && rejected == 0)
        return (struct otlp_bytes){lc_strdup("{}"), 2};
    if (!protobuf) {
        char number[24]; /* 64 bits are a text in the JSON of Protocol Buffers */
        snprintf(number, sizeof number, "%" PRIu64, rejected);
        return dumped(json_pack("{s:{s:s, s:s}}", "partialSuccess", "rejectedSpans", number, "errorMessage", why));
    }
    if (rejected > 0) {
        put_varint(&inner, 1 << 3 | 0);
        put_varint(&inner, rejected);
        put_text(&inner, 2, why, strlen(why));
        put_text(&out, 1, inner.text, inner.length);
    }
    free(inner.text);
    return taken(&out);
}

/* https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
static unsigned code_of(unsigned http_status)
{
    switch (http_status) {
    case 404: return 5;  /* NOT_FOUND */
    case 405: return 12; /* UNIMPLEMENTED */
    case 413:
    case 429: return 8;  /* RESOURCE_EXHAUSTED */
    case 503: return 14; /* UNAVAILABLE */
    default: return 3;   /* INVALID_ARGUMENT */
    }
}

struct otlp_bytes otlp_failure(bool protobuf, unsigned http_status, const char *why)
{
    if (!protobuf)
        return dumped(json_pack("{s:i, s:s}", "code", (int)code_of(http_status), "message", why));
    struct lci_buffer out = {0};
    put_varint(&out, 1 << 3 | 0);
    put_varint(&out, code_of(http_status));
    put_text(&out, 2, why, strlen(why));
    return taken(&out);
}

/* ---- gzip -------------------------------------------------------------------------------------------------------- */

/* Room for more of what is unpacked. */
static enum otlp_unpacked more_room(struct otlp_bytes *to, size_t *capacity, size_t most,
                                    bool (*grow)(void *context, size_t bytes), void *context)
{
    if (to->length < *capacity)
        return OTLP_WHOLE;
    if (*capacity > most)
        return OTLP_TOO_LARGE;
    const size_t next = *capacity == 0 ? 16384 : 2 * *capacity;
    const size_t wanted = next < most + 1 ? next : most + 1; /* one more tells that it is too large */
    if (!grow(context, wanted - *capacity))
        return OTLP_NO_ROOM;
    to->bytes = lc_realloc(to->bytes, wanted, 1);
    *capacity = wanted;
    return OTLP_WHOLE;
}

static enum otlp_unpacked unpack(z_stream *z, size_t most, bool (*grow)(void *context, size_t bytes), void *context,
                                 struct otlp_bytes *to, size_t *capacity)
{
    for (int status = Z_OK;;) {
        if (status == Z_STREAM_END && z->avail_in == 0)
            return to->length > most ? OTLP_TOO_LARGE : OTLP_WHOLE;
        if (status == Z_STREAM_END)
            inflateReset(z); /* another member */
        const enum otlp_unpacked room = more_room(to, capacity, most, grow, context);
        if (room != OTLP_WHOLE)
            return room;
        z->next_out = (unsigned char *)to->bytes + to->length;
        z->avail_out = (unsigned)(*capacity - to->length);
        status = inflate(z, Z_NO_FLUSH);
        to->length = *capacity - z->avail_out;
        if (status != Z_OK && status != Z_STREAM_END && !(status == Z_BUF_ERROR && z->avail_out == 0))
            return OTLP_DAMAGED; /* or cut off */
    }
}

enum otlp_unpacked otlp_unpack(const char *packed, size_t length, size_t most,
                               bool (*grow)(void *context, size_t bytes), void *context, struct otlp_bytes *unpacked,
                               size_t *capacity)
{
    z_stream z = {.zalloc = lci_memory_items, .zfree = lci_memory_free};
    *unpacked = (struct otlp_bytes){0};
    *capacity = 0;
    inflateInit2(&z, 15 + 16);
    z.next_in = (const unsigned char *)packed;
    z.avail_in = (unsigned)length;
    const enum otlp_unpacked result = unpack(&z, most, grow, context, unpacked, capacity);
    inflateEnd(&z);
    return result;
}
