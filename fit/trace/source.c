/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source.h"
#include "base/text.h"
#include "frames.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#define CHUNK ((size_t)64 << 10)

enum packing { UNKNOWN, PLAIN, GZIP, ZSTD };

struct lci_trace_source {
    const char *name;
    int fd;
    enum packing packing;
    bool end_of_file, in_frame, marked; /* in_frame: compressed data has begun and not ended; marked: start looked at */
    uint64_t consumed;                  /* bytes read from the file */
    uint64_t left, begin;               /* until the end of what is read first, a head; then the part from `begin` on */
    uint64_t part;                      /* length of that part; 0: there is none */
    char *in, *out;
    size_t in_at, in_length;
    z_stream gzip;
    ZSTD_DStream *zstd;
    struct lci_frames *frames; /* NULL: none */
    const char *piece;         /* of frames, what is not taken yet */
    size_t piece_length;
};

static struct lc_place place_of(const struct lci_trace_source *s)
{
    return (struct lc_place){s->name, 0, 0, (int64_t)(s->consumed - (s->in_length - s->in_at))};
}

/* NULL: it cannot be opened, for the reason in errno. */
static struct lci_trace_source *open_source(const char *name)
{
    const bool standard = strcmp(name, "-") == 0;
    const int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    struct lci_trace_source *s = lc_calloc(1, sizeof *s);
    s->name = standard ? "standard input" : name;
    s->fd = fd;
    s->in = lc_alloc(CHUNK);
    s->left = UINT64_MAX;
    return s;
}

struct lci_trace_source *lci_source_open(const char *name, struct lc_diag *diag)
{
    struct lci_trace_source *s = open_source(name);
    if (s == NULL)
        lc_error(diag, lci_input_status(errno), &(struct lc_place){name, 0, 0, -1}, "cannot be opened: %s",
                 strerror(errno));
    return s;
}

struct lci_trace_source *lci_source_open_file(const struct lci_file *file, struct lc_diag *diag)
{
    struct lci_trace_source *s = open_source(file->name);
    const struct lc_place place = {file->name, 0, 0, -1};
    if (s == NULL && file->from_folder && errno == ENOENT)
        lc_warn(diag, &place, "left out: it was removed after the folder had been looked at");
    else if (s == NULL)
        lc_error(diag, lci_input_status(errno), &place, "cannot be opened: %s", strerror(errno));
    if (s == NULL || file->end == 0)
        return s;
    s->left = file->head;
    s->begin = file->begin;
    s->part = file->end - file->begin;
    return s;
}

/* From the head to the part behind it. */
static void go_on(struct lci_trace_source *s)
{
    if (s->left > 0 || s->part == 0)
        return;
    s->left = s->part;
    s->part = 0;
    if (lseek(s->fd, (off_t)s->begin, SEEK_SET) < 0)
        s->left = 0; /* no file any more: nothing more comes */
}

void lci_source_close(struct lci_trace_source *s)
{
    if (s == NULL)
        return;
    if (s->packing == GZIP)
        inflateEnd(&s->gzip);
    ZSTD_freeDStream(s->zstd);
    lci_frames_free(s->frames);
    if (s->fd != STDIN_FILENO)
        close(s->fd);
    free(s->in);
    free(s->out);
    free(s);
}

uint64_t lci_source_consumed(const struct lci_trace_source *s)
{
    return s->consumed;
}

/* Fills the input buffer behind what is still in it. 0, or −1 with an error. */
static int fill(struct lci_trace_source *s, struct lc_diag *diag)
{
    if (s->in_at > 0) {
        memmove(s->in, s->in + s->in_at, s->in_length - s->in_at);
        s->in_length -= s->in_at;
        s->in_at = 0;
    }
    while (!s->end_of_file && s->in_length < CHUNK) {
        go_on(s);
        const size_t room = CHUNK - s->in_length;
        const ssize_t got = read(s->fd, s->in + s->in_length, s->left < room ? (size_t)s->left : room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            lc_error(diag, lci_input_status(errno), &(struct lc_place){s->name, 0, 0, (int64_t)s->consumed},
                     "cannot be read: %s", strerror(errno));
            return -1;
        }
        s->end_of_file = got == 0;
        s->left -= s->left == UINT64_MAX ? 0 : (uint64_t)got;
        s->in_length += (size_t)got;
        s->consumed += (uint64_t)got;
        if (s->packing != UNKNOWN)
            break; /* what a pipe gives is used at once; but the first piece is to tell the format, so it is filled */
    }
    return 0;
}

static void detect(struct lci_trace_source *s)
{
    const unsigned char *in = (const unsigned char *)s->in;
    if (s->in_length >= 2 && in[0] == 0x1F && in[1] == 0x8B) {
        s->packing = GZIP;
        s->gzip.zalloc = lci_memory_items;
        s->gzip.zfree = lci_memory_free;
        inflateInit2(&s->gzip, 15 + 16);
    } else if (s->in_length >= 4 && memcmp(in, "\x28\xB5\x2F\xFD", 4) == 0) {
        s->packing = ZSTD;
        s->zstd = ZSTD_createDStream();
        if (s->zstd == NULL)
            lci_no_memory(0);
    } else {
        s->packing = PLAIN;
        return;
    }
    s->out = lc_alloc(CHUNK);
}

static ptrdiff_t cut_off(struct lci_trace_source *s, const char *packing, struct lc_diag *diag)
{
    const struct lc_place place = place_of(s);
    lc_error(diag, LC_INPUT, &place, "the %s stream is cut off here; copy the whole file again", packing);
    return -1;
}

static ptrdiff_t damaged(struct lci_trace_source *s, const char *packing, const char *why, struct lc_diag *diag)
{
    const struct lc_place place = place_of(s);
    lc_error(diag, LC_INPUT, &place, "the %s stream is damaged (%s); copy the file again", packing, why);
    return -1;
}

/* Between the members of a gzip file: true when another one begins. Zeros, as tapes pad with, are passed over. */
static int next_member(struct lci_trace_source *s, struct lc_diag *diag)
{
    for (;;) {
        while (s->in_at < s->in_length && s->in[s->in_at] == 0)
            s->in_at++;
        if (s->in_length - s->in_at >= 2 || s->end_of_file)
            break;
        if (fill(s, diag) != 0)
            return -1;
    }
    if (s->in_at == s->in_length)
        return 0;
    if (s->in_length - s->in_at < 2 || memcmp(s->in + s->in_at, "\x1F\x8B", 2) != 0)
        return (int)damaged(s, "gzip", "other data follow its end", diag);
    inflateReset(&s->gzip);
    return 1;
}

static ptrdiff_t read_gzip(struct lci_trace_source *s, struct lc_diag *diag)
{
    s->gzip.next_out = (unsigned char *)s->out;
    s->gzip.avail_out = (unsigned)CHUNK;
    while (s->gzip.avail_out > 0) {
        if (!s->in_frame && s->marked) {
            const int more = next_member(s, diag);
            if (more < 0)
                return -1;
            if (more == 0)
                break;
        }
        s->marked = s->in_frame = true;
        if (s->in_at == s->in_length && fill(s, diag) != 0)
            return -1;
        if (s->in_at == s->in_length)
            return cut_off(s, "gzip", diag);
        s->gzip.next_in = (unsigned char *)s->in + s->in_at;
        s->gzip.avail_in = (unsigned)(s->in_length - s->in_at);
        const int status = inflate(&s->gzip, Z_NO_FLUSH);
        s->in_at = s->in_length - s->gzip.avail_in;
        if (status == Z_STREAM_END)
            s->in_frame = false;
        else if (status != Z_OK && status != Z_BUF_ERROR)
            return damaged(s, "gzip", s->gzip.msg != NULL ? s->gzip.msg : "wrong data", diag);
    }
    return (ptrdiff_t)(CHUNK - s->gzip.avail_out);
}

static ptrdiff_t read_zstd(struct lci_trace_source *s, struct lc_diag *diag)
{
    ZSTD_outBuffer out = {s->out, CHUNK, 0};
    while (out.pos < out.size) {
        if (s->in_at == s->in_length && fill(s, diag) != 0)
            return -1;
        /* A frame may have more to give although all input is taken. */
        if (s->in_at == s->in_length && !s->in_frame)
            break;
        ZSTD_inBuffer in = {s->in, s->in_length, s->in_at};
        const size_t before = out.pos;
        const size_t status = ZSTD_decompressStream(s->zstd, &out, &in);
        const bool stuck = in.pos == s->in_at && out.pos == before;
        s->in_at = in.pos;
        if (ZSTD_getErrorCode(status) == ZSTD_error_memory_allocation)
            lci_no_memory(0);
        if (ZSTD_isError(status))
            return damaged(s, "zstd", ZSTD_getErrorName(status), diag);
        s->in_frame = status != 0;
        if (stuck && s->end_of_file)
            return cut_off(s, "zstd", diag);
    }
    return (ptrdiff_t)out.pos;
}

static ptrdiff_t read_plain(struct lci_trace_source *s, struct lc_diag *diag)
{
    s->in_at = s->in_length;
    return fill(s, diag) != 0 ? -1 : (ptrdiff_t)s->in_length;
}

/* The next piece as it lies in the file, unpacked. */
static ptrdiff_t read_any(struct lci_trace_source *s, const char **bytes, struct lc_diag *diag)
{
    const bool first = s->packing == UNKNOWN;
    if (first) {
        if (fill(s, diag) != 0)
            return -1;
        detect(s);
    }
    ptrdiff_t length;
    if (s->packing == PLAIN)
        length = first ? (ptrdiff_t)s->in_length : read_plain(s, diag);
    else
        length = s->packing == GZIP ? read_gzip(s, diag) : read_zstd(s, diag);
    *bytes = s->packing == PLAIN ? s->in : s->out;
    if (!first || length <= 0)
        return length;
    s->frames = lci_frames_new(*bytes, (size_t)length);
    if (length >= 3 && memcmp(*bytes, "\xEF\xBB\xBF", 3) == 0) {
        *bytes += 3;
        length -= 3;
    }
    return length;
}

ptrdiff_t lci_source_read(struct lci_trace_source *s, const char **bytes, struct lc_diag *diag)
{
    for (;;) {
        const char *why = NULL;
        if (s->frames != NULL) {
            const ptrdiff_t taken = lci_frames_take(s->frames, &s->piece, &s->piece_length, bytes, &why);
            if (taken != 0)
                return taken > 0 ? taken : damaged(s, "framed", why, diag);
        }
        const ptrdiff_t length = read_any(s, bytes, diag);
        if (length == 0 && s->frames != NULL && lci_frames_open(s->frames)) {
            if (!lci_frames_untouched(s->frames))
                return cut_off(s, "framed", diag);
            const struct lc_place place = place_of(s);
            lc_warn(diag, &place, "the last message is cut off here and left out");
        }
        if (length <= 0 || s->frames == NULL)
            return length;
        s->piece = *bytes;
        s->piece_length = (size_t)length;
    }
}
