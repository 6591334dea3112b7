/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "divide.h"

#include "base/table.h"
#include "reader.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEAST    ((uint64_t)64 << 10) /* bytes of a range: less is read faster than it is cut */
#define LONGEST  ((size_t)16 << 20)   /* bytes of a line at which a file is cut */
#define UNPACKED 8                    /* bytes of a file are so many of what is in it, where it is compressed */

struct piece {
    struct lci_file file; /* its name is borrowed */
    size_t of;
    double weight;
};

struct pieces {
    struct piece *items;
    size_t count, capacity;
};

static void add(struct pieces *p, const struct lci_file *file, size_t of, double weight)
{
    LC_GROW(p->items, p->count, p->capacity);
    p->items[p->count++] = (struct piece){*file, of, weight};
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

/* The line that begins at `at`, without its end; NULL: there is none, or it is too long to look at. */
static char *line_at(int fd, uint64_t at, size_t *length)
{
    char *text = NULL;
    size_t have = 0, room = 0;
    while (have < LONGEST) {
        if (have == room)
            text = lc_realloc(text, room = room > 0 ? 4 * room : 64 << 10, 1);
        const ssize_t got = pread(fd, text + have, room - have, (off_t)(at + have));
        if (got <= 0)
            break;
        const char *end = memchr(text + have, '\n', (size_t)got);
        if (end != NULL) {
            *length = (size_t)(end - text);
            return text;
        }
        have += (size_t)got;
    }
    free(text);
    return NULL;
}

/* Whether the line that begins there is a document of its own, of the format. */
static bool is_document(int fd, uint64_t at, const struct lci_format *format, size_t *length)
{
    char *line = line_at(fd, at, length), *found = NULL;
    if (line == NULL)
        return false;
    json_t *document = json_loadb(line, *length, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
    const bool good = document != NULL && lci_sniff(line, *length, &found) == format;
    json_decref(document);
    free(found);
    free(line);
    return good;
}

/* Where the first line behind `at` begins. 0: there is none. */
static uint64_t next_line(int fd, uint64_t at)
{
    size_t length;
    char *rest = line_at(fd, at, &length);
    free(rest);
    return rest != NULL ? at + length + 1 : 0;
}

/* What all parts of the file need before their lines; false: its lines cannot be told apart. */
static bool is_of_lines(int fd, const struct lci_format *format, uint64_t *head)
{
    unsigned char begin[4] = {0};
    size_t length = 0;
    *head = 0;
    if (pread(fd, begin, sizeof begin, 0) != sizeof begin || (begin[0] == 0x1F && begin[1] == 0x8B) ||
        memcmp(begin, "\x28\xB5\x2F\xFD", 4) == 0)
        return false; /* compressed */
    if (format != &lci_csv)
        return format->grammar != NULL && is_document(fd, 0, format, &length);
    free(line_at(fd, 0, &length));
    *head = length + 1;
    return length > 0;
}

/* ---- between traces ---------------------------------------------------------------------------------------------- */

#define AROUND ((size_t)1 << 20) /* bytes before and after a cut in which traces are looked for */

/* A trace's id as it stands in the text, and where it stands first and last. */
struct extent {
    uint64_t id;
    size_t first, last;
};

struct extents {
    struct extent *items;
    size_t count, capacity;
};

/* The value of a key such as "traceId": "…", or of the column of that name; NULL: no more. */
static const char *next_id(const char *at, const char *end, const char **stop)
{
    static const char *const keys[] = {"\"traceId\"", "\"traceID\"", "\"trace_id\"", "\"trace\""};
    while ((at = memmem(at, (size_t)(end - at), "\"trace", 6)) != NULL) {
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
            const size_t length = strlen(keys[i]);
            if ((size_t)(end - at) < length || memcmp(at, keys[i], length) != 0)
                continue;
            const char *value = at + length;
            while (value < end && strchr(" \t:", *value) != NULL)
                value++;
            if (value == end || *value != '"')
                continue;
            *stop = memchr(value + 1, '"', (size_t)(end - value) - 1);
            return *stop != NULL ? value + 1 : NULL;
        }
        at++;
    }
    return NULL;
}

static int by_id(const void *left, const void *right)
{
    const struct extent *a = left, *b = right;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return (a->first > b->first) - (a->first < b->first);
}

static int by_first(const void *left, const void *right)
{
    const struct extent *a = left, *b = right;
    return (a->first > b->first) - (a->first < b->first);
}

/* Where each trace of the text begins and ends, by beginning. */
static struct extents find_extents(const char *text, size_t length)
{
    struct extents e = {0};
    const char *stop;
    for (const char *at = text; (at = next_id(at, text + length, &stop)) != NULL; at = stop) {
        LC_GROW(e.items, e.count, e.capacity);
        const uint64_t id = lci_hash_bytes(at, (size_t)(stop - at));
        e.items[e.count++] = (struct extent){id, (size_t)(at - text), (size_t)(stop - text)};
    }
    size_t kept = 0;
    if (e.count > 1)
        qsort(e.items, e.count, sizeof *e.items, by_id);
    for (size_t i = 0; i < e.count; i++)
        if (kept > 0 && e.items[kept - 1].id == e.items[i].id)
            e.items[kept - 1].last = e.items[i].last;
        else
            e.items[kept++] = e.items[i];
    e.count = kept;
    if (kept > 1)
        qsort(e.items, kept, sizeof *e.items, by_first);
    return e;
}

/* The first beginning of a line from `at` on at which no trace that is seen goes on: spans of one mostly stand close
 * together. Where all lines near by are within traces, `at` itself. */
static uint64_t between_traces(int fd, uint64_t at)
{
    const uint64_t begin = at > AROUND ? at - AROUND : 0;
    char *text = lc_alloc(2 * AROUND);
    const ssize_t length = pread(fd, text, 2 * AROUND, (off_t)begin);
    struct extents e = find_extents(text, length > 0 ? (size_t)length : 0);
    const size_t from = (size_t)(at - begin);
    size_t open_until = 0, i = 0, found = from;
    for (size_t line = from; length > 0 && line < (size_t)length;) {
        for (; i < e.count && e.items[i].first < line; i++)
            open_until = e.items[i].last > open_until ? e.items[i].last : open_until;
        if (open_until < line) {
            found = line;
            break;
        }
        const char *end = memchr(text + line, '\n', (size_t)length - line);
        line = end != NULL ? (size_t)(end - text) + 1 : (size_t)length;
    }
    free(e.items);
    free(text);
    return begin + found;
}

/* Cuts a file to ranges of about `size`; where a cut would fall into a document, it stays whole. */
static void cut(struct pieces *p, const struct lci_file *file, size_t of, const struct lci_format *format,
                uint64_t size)
{
    uint64_t head = 0, begin = 0;
    size_t length;
    const size_t before = p->count;
    const int fd = open(file->name, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && file->size > size && is_of_lines(fd, format, &head);
    for (uint64_t at = size; good && at + size / 2 < file->size; at = begin + size) {
        uint64_t end = next_line(fd, at);
        end = end > 0 && format != &lci_csv ? between_traces(fd, end) : end;
        if (end == 0 || end >= file->size)
            break;
        good = format == &lci_csv || is_document(fd, end, format, &length);
        struct lci_file part = *file;
        part.begin = begin;
        part.end = end;
        part.head = begin > 0 ? head : 0;
        add(p, &part, of, (double)(end - begin));
        begin = end;
    }
    if (!good || begin == 0) {
        p->count = before;
        add(p, file, of, (double)file->size);
    } else {
        struct lci_file part = *file;
        part.begin = begin;
        part.end = file->size;
        part.head = head;
        add(p, &part, of, (double)(file->size - begin));
    }
    if (fd >= 0)
        close(fd);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* The format, of those whose traces do not depend on what stands in other files; NULL: none of them. */
static const struct lci_format *format_of(const struct lci_file *file, bool *packed)
{
    static const struct lci_format *const apart[] = {&lci_jaeger, &lci_jaeger_documents, &lci_otlp, &lci_otlp_protobuf,
                                                     &lci_zipkin, &lci_skywalking,       &lci_csv};
    struct lc_diag unheard = {0};
    struct lci_trace_source *source = lci_source_open(file->name, &unheard);
    const struct lci_format *format = NULL;
    const char *bytes;
    char *found = NULL;
    const ptrdiff_t length = source != NULL ? lci_source_read(source, &bytes, &unheard) : 0;
    if (length > 0)
        format = lci_sniff(bytes, (size_t)length, &found);
    *packed = length > 0 && (uint64_t)length > lci_source_consumed(source);
    free(found);
    lci_source_close(source);
    lc_diag_free(&unheard);
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++)
        if (format == apart[i])
            return format;
    return NULL;
}

static int by_weight(const void *left, const void *right)
{
    const struct piece *a = left, *b = right;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    if (a->of != b->of)
        return a->of < b->of ? -1 : 1;
    return (a->file.begin > b->file.begin) - (a->file.begin < b->file.begin);
}

/* Each piece goes to the part that has the least so far. */
static void deal(struct lci_division *d, struct pieces *p, size_t most)
{
    double *sums = lc_calloc(most, sizeof *sums);
    d->count = p->count < most ? p->count : most;
    d->parts = lc_calloc(d->count, sizeof *d->parts);
    d->file_of = lc_calloc(d->count, sizeof *d->file_of);
    qsort(p->items, p->count, sizeof *p->items, by_weight);
    for (size_t i = 0; i < p->count; i++) {
        size_t least = 0;
        for (size_t k = 1; k < d->count; k++)
            if (sums[k] < sums[least])
                least = k;
        struct lci_files *part = &d->parts[least];
        struct lci_file file = p->items[i].file;
        file.name = lc_strdup(file.name);
        d->file_of[least] = lc_realloc(d->file_of[least], part->count + 1, sizeof **d->file_of);
        d->file_of[least][part->count] = p->items[i].of;
        LC_GROW(part->items, part->count, part->capacity);
        part->items[part->count++] = file;
        part->size += file.end > 0 ? file.end - file.begin : file.size;
        sums[least] += p->items[i].weight;
    }
    free(sums);
}

bool lci_divide(const char *const *inputs, size_t count, size_t most, struct lci_division *d)
{
    struct lc_diag unheard = {0};
    struct pieces pieces = {0};
    *d = (struct lci_division){0};
    bool good = most > 1 && lci_files_find(inputs, count, &d->files, &unheard) == 0 && unheard.count == 0;
    const uint64_t share = d->files.size / (most > 0 ? most : 1) + 1, size = share > LEAST ? share : LEAST;
    for (size_t i = 0; i < d->files.count && good; i++) {
        const struct lci_file *file = &d->files.items[i];
        struct stat status;
        bool packed;
        good = stat(file->name, &status) == 0 && S_ISREG(status.st_mode);
        const struct lci_format *format = good ? format_of(file, &packed) : NULL;
        good = format != NULL;
        if (good && packed)
            add(&pieces, file, i, UNPACKED * (double)file->size);
        else if (good)
            cut(&pieces, file, i, format, size);
    }
    good = good && pieces.count > 1;
    if (good)
        deal(d, &pieces, most);
    free(pieces.items);
    lc_diag_free(&unheard);
    if (!good)
        lci_division_free(d);
    return good;
}

void lci_division_free(struct lci_division *d)
{
    for (size_t i = 0; i < d->count; i++) {
        lci_files_free(&d->parts[i]);
        free(d->file_of[i]);
    }
    free(d->parts);
    free(d->file_of);
    lci_files_free(&d->files);
    *d = (struct lci_division){0};
}
