/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "frames.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#define HEAD    4
#define LARGEST ((uint32_t)64 << 20) /* first frame: no text begins with a byte as small */
#define PIECE   ((size_t)64 << 10)

struct lci_frames {
    unsigned char head[HEAD];
    size_t head_length; /* bytes of it; HEAD: within the message */
    uint32_t left;      /* bytes of the message */
    ZSTD_DStream *zstd; /* NULL: messages are not packed */
    bool in_stream;     /* packed data has begun and not ended */
    char *out;
    char *held; /* of a message that is not packed: its beginning, from earlier pieces */
    size_t held_length, capacity;
    bool given; /* a part of the message was given already */
};

static uint32_t length_of(const unsigned char *head)
{
    return (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3];
}

struct lci_frames *lci_frames_new(const char *bytes, size_t length)
{
    static const char zstd[] = "\x28\xB5\x2F\xFD";
    if (length < HEAD + 4 || length_of((const unsigned char *)bytes) > LARGEST)
        return NULL;
    const bool packed = memcmp(bytes + HEAD, zstd, 4) == 0;
    if (!packed && bytes[HEAD] != '{' && bytes[HEAD] != 0x0A) /* the first field of a message of OTLP */
        return NULL;
    struct lci_frames *f = lc_calloc(1, sizeof *f);
    if (packed) {
        f->zstd = ZSTD_createDStream();
        if (f->zstd == NULL)
            lci_no_memory(0);
        f->out = lc_alloc(PIECE);
    }
    return f;
}

void lci_frames_free(struct lci_frames *f)
{
    if (f == NULL)
        return;
    ZSTD_freeDStream(f->zstd);
    free(f->out);
    free(f->held);
    free(f);
}

bool lci_frames_open(const struct lci_frames *f)
{
    return f->head_length > 0;
}

bool lci_frames_untouched(const struct lci_frames *f)
{
    return f->zstd == NULL && !f->given;
}

/* The next `size` bytes of a message that is not packed. It is given as a whole, unless it is very long. */
static ptrdiff_t plain(struct lci_frames *f, const char **bytes, size_t *length, size_t size, const char **piece)
{
    const char *from = *bytes;
    const bool long_one = f->given || (f->held_length == 0 && f->left > LARGEST);
    *bytes += size;
    *length -= size;
    f->left -= (uint32_t)size;
    if (long_one || (f->left == 0 && f->held_length == 0)) {
        f->given = f->left > 0;
        *piece = from;
        return (ptrdiff_t)size;
    }
    while (f->capacity < f->held_length + size) {
        f->capacity = f->capacity > 0 ? 2 * f->capacity : PIECE;
        f->held = lc_realloc(f->held, f->capacity, 1);
    }
    memcpy(f->held + f->held_length, from, size);
    f->held_length += size;
    if (f->left > 0)
        return 0;
    *piece = f->held;
    size = f->held_length;
    f->held_length = 0;
    return (ptrdiff_t)size;
}

/* At most `size` bytes from the packed message. */
static ptrdiff_t unpack(struct lci_frames *f, const char **bytes, size_t *length, size_t size, const char **why)
{
    ZSTD_inBuffer in = {*bytes, size, 0};
    ZSTD_outBuffer out = {f->out, PIECE, 0};
    const size_t status = ZSTD_decompressStream(f->zstd, &out, &in);
    if (ZSTD_getErrorCode(status) == ZSTD_error_memory_allocation)
        lci_no_memory(0);
    if (ZSTD_isError(status)) {
        *why = ZSTD_getErrorName(status);
        return -1;
    }
    f->in_stream = status != 0;
    f->left -= (uint32_t)in.pos;
    *bytes += in.pos;
    *length -= in.pos;
    if (f->left == 0 && f->in_stream && out.pos < PIECE) {
        *why = "the zstd stream in a frame goes on behind its end";
        return -1;
    }
    return (ptrdiff_t)out.pos;
}

ptrdiff_t lci_frames_take(struct lci_frames *f, const char **bytes, size_t *length, const char **piece,
                          const char **why)
{
    for (;;) {
        if (f->head_length == HEAD && f->left == 0 && !f->in_stream)
            f->head_length = 0; /* the message is at its end */
        if (f->head_length<HEAD && * length> 0) {
            f->head[f->head_length++] = (unsigned char)*(*bytes)++;
            --*length;
            f->left = length_of(f->head); /* once all of them are there */
            continue;
        }
        if (*length == 0 && !(f->in_stream && f->left == 0))
            return 0;
        const size_t size = f->left < *length ? f->left : *length;
        if (f->zstd != NULL) {
            *piece = f->out;
            const ptrdiff_t got = unpack(f, bytes, length, size, why);
            if (got != 0)
                return got;
            continue;
        }
        const ptrdiff_t got = plain(f, bytes, length, size, piece);
        if (got != 0)
            return got;
    }
}
