/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tree/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A record is a header and then the trace's arrays, each padded to eight bytes, so that reading is a matter of pointing
 * into the buffer. */
struct header {
    uint64_t size; /* of the whole record */
    uint64_t high, low;
    uint64_t spans, attributes, events, links;
};

struct lci_spool {
    size_t limit;
    unsigned char *buffer;
    size_t used, capacity; /* while adding: bytes waiting; while reading: bytes in the buffer */
    size_t at;             /* reading position in the buffer */
    int file;              /* -1: everything is in the buffer */
    off_t file_size, file_at;
    bool sealed;          /* reading has begun */
    unsigned char *apart; /* a record read out of turn */
    size_t apart_capacity;
};

#define BLOCK ((size_t)1 << 20) /* bytes of the buffer once there is a file */

struct lci_spool *lci_spool_new(size_t memory)
{
    struct lci_spool *s = lc_calloc(1, sizeof *s);
    s->limit = memory > BLOCK ? memory : BLOCK;
    s->file = -1;
    return s;
}

void lci_spool_free(struct lci_spool *s)
{
    if (s == NULL)
        return;
    if (s->file >= 0)
        close(s->file);
    free(s->buffer);
    free(s->apart);
    free(s);
}

static int failed(struct lc_diag *diag, const char *what)
{
    lc_error(diag, LC_MACHINE, NULL, "temporary file: %s: %s; room for the spans is needed in $TMPDIR", what,
             strerror(errno));
    return -1;
}

static int open_file(struct lci_spool *s, struct lc_diag *diag)
{
    const char *folder = getenv("TMPDIR");
    if (folder == NULL || *folder == 0)
        folder = "/tmp";
    s->file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (s->file < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) {
        /* The file system knows no files without a name: make one and take the name away. */
        char *name = lc_format("%s/loadcast-XXXXXX", folder);
        s->file = mkostemp(name, O_CLOEXEC);
        if (s->file >= 0)
            unlink(name);
        free(name);
    }
    return s->file >= 0 ? 0 : failed(diag, folder);
}

static int write_out(struct lci_spool *s, struct lc_diag *diag)
{
    if (s->file < 0 && open_file(s, diag) != 0)
        return -1;
    for (size_t done = 0; done < s->used;) {
        const ssize_t n = write(s->file, s->buffer + done, s->used - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return failed(diag, "cannot be written");
        done += (size_t)n;
        s->file_size += n;
    }
    s->used = 0;
    return 0;
}

static size_t padded(size_t count, size_t size)
{
    return (count * size + 7) & ~(size_t)7;
}

static void reserve(struct lci_spool *s, size_t capacity)
{
    if (capacity <= s->capacity)
        return;
    s->capacity = capacity > 2 * s->capacity ? capacity : 2 * s->capacity;
    s->buffer = lc_realloc(s->buffer, s->capacity, 1);
}

static unsigned char *put(unsigned char *to, const void *from, size_t count, size_t size)
{
    if (count > 0)
        memcpy(to, from, count * size);
    return to + padded(count, size);
}

int lci_spool_add(struct lci_spool *s, struct lci_tree_record *record, struct lc_diag *diag)
{
    const struct lc_trace *t = &record->trace;
    const size_t n = t->span_count;
    struct header h = {0, t->high, t->low, n, t->attribute_count, t->event_count, t->link_count};
    h.size = sizeof h + padded(n, sizeof *t->spans) + 2 * padded(n, sizeof(uint32_t)) +
             padded(t->attribute_count, sizeof *t->attributes) + padded(t->event_count, sizeof *t->events) +
             padded(t->link_count, sizeof *t->links);
    if (s->used + h.size > (s->file < 0 ? s->limit : BLOCK) && s->used > 0 && write_out(s, diag) != 0)
        return -1;
    reserve(s, s->used + h.size);
    record->offset = (uint64_t)s->file_size + s->used;
    unsigned char *to = put(s->buffer + s->used, &h, 1, sizeof h);
    to = put(to, t->spans, n, sizeof *t->spans);
    to = put(to, record->parents, n, sizeof *record->parents);
    to = put(to, record->types, n, sizeof *record->types);
    to = put(to, t->attributes, t->attribute_count, sizeof *t->attributes);
    to = put(to, t->events, t->event_count, sizeof *t->events);
    put(to, t->links, t->link_count, sizeof *t->links);
    s->used += h.size;
    return 0;
}

int lci_spool_rewind(struct lci_spool *s, struct lc_diag *diag)
{
    if (s->file >= 0) {
        if (!s->sealed && write_out(s, diag) != 0)
            return -1;
        if (s->capacity > BLOCK) { /* the memory of the time before the file */
            s->capacity = BLOCK;
            s->buffer = lc_realloc(s->buffer, s->capacity, 1);
        }
        s->used = 0;
        s->file_at = 0;
    }
    s->at = 0;
    s->sealed = true;
    return 0;
}

/* Fills the buffer from the file until it holds `wanted` bytes from the position on. */
static int fill(struct lci_spool *s, size_t wanted, struct lc_diag *diag)
{
    if (s->at > 0)
        memmove(s->buffer, s->buffer + s->at, s->used - s->at);
    s->used -= s->at;
    s->at = 0;
    reserve(s, wanted > BLOCK ? wanted : BLOCK);
    while (s->used < wanted) {
        const ssize_t n = pread(s->file, s->buffer + s->used, s->capacity - s->used, s->file_at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return failed(diag, n == 0 ? "is shorter than was written" : "cannot be read");
        s->used += (size_t)n;
        s->file_at += n;
    }
    return 0;
}

/* Makes `wanted` bytes available at the position. 1, 0 at the end, -1. */
static int available(struct lci_spool *s, size_t wanted, struct lc_diag *diag)
{
    if (s->used - s->at >= wanted)
        return 1;
    if (s->file < 0 || (s->used == s->at && s->file_at >= s->file_size))
        return 0;
    return fill(s, wanted, diag) == 0 ? 1 : -1;
}

static void *take(unsigned char **at, size_t count, size_t size)
{
    void *here = *at;
    *at += padded(count, size);
    return here;
}

static struct lci_tree_record record_in(unsigned char *at, uint64_t offset)
{
    struct header h;
    memcpy(&h, at, sizeof h);
    at += sizeof h;
    struct lci_tree_record record = {.trace = {.high = h.high,
                                               .low = h.low,
                                               .span_count = h.spans,
                                               .attribute_count = h.attributes,
                                               .event_count = h.events,
                                               .link_count = h.links},
                                     .offset = offset};
    record.trace.spans = take(&at, h.spans, sizeof *record.trace.spans);
    record.parents = take(&at, h.spans, sizeof *record.parents);
    record.types = take(&at, h.spans, sizeof *record.types);
    record.trace.attributes = take(&at, h.attributes, sizeof *record.trace.attributes);
    record.trace.events = take(&at, h.events, sizeof *record.trace.events);
    record.trace.links = take(&at, h.links, sizeof *record.trace.links);
    return record;
}

int lci_spool_next(struct lci_spool *s, struct lci_tree_record *record, struct lc_diag *diag)
{
    struct header h;
    int status = available(s, sizeof h, diag);
    if (status != 1)
        return status;
    memcpy(&h, s->buffer + s->at, sizeof h);
    status = available(s, h.size, diag);
    if (status != 1)
        return status;
    const uint64_t before = s->file >= 0 ? (uint64_t)s->file_at - s->used : 0;
    *record = record_in(s->buffer + s->at, before + s->at);
    s->at += h.size;
    return 1;
}

static int read_at(struct lci_spool *s, void *to, size_t size, uint64_t offset, struct lc_diag *diag)
{
    for (size_t done = 0; done < size;) {
        const ssize_t n = pread(s->file, (unsigned char *)to + done, size - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return failed(diag, n == 0 ? "is shorter than was written" : "cannot be read");
        done += (size_t)n;
    }
    return 0;
}

int lci_spool_at(struct lci_spool *s, uint64_t offset, struct lci_tree_record *record, struct lc_diag *diag)
{
    if (s->file < 0) {
        *record = record_in(s->buffer + offset, offset);
        return 0;
    }
    struct header h;
    if (read_at(s, &h, sizeof h, offset, diag) != 0)
        return -1;
    if (h.size > s->apart_capacity) {
        s->apart_capacity = h.size;
        s->apart = lc_realloc(s->apart, h.size, 1);
    }
    if (read_at(s, s->apart, h.size, offset, diag) != 0)
        return -1;
    *record = record_in(s->apart, offset);
    return 0;
}
