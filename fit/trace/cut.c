/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cut.h"

#include "base/csv.h"
#include "base/table.h"
#include "frames.h"
#include "reader.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define LONGEST  ((size_t)16 << 20) /* bytes of a line at which a file is cut */
#define AROUND   ((size_t)1 << 20)  /* bytes before and after a cut in which traces are looked for */
#define PEEKED   ((size_t)4 << 10)
#define FIELD    0x0A /* the first field of a message, of some length */
#define SHORTEST 16   /* bytes of a record by which its format is known */

enum kind {
    LINES,  /* of JSON, a document each */
    TABLE,  /* lines behind one with the names of their columns */
    FRAMES, /* with their length in four bytes before them */
    FIELDS  /* of the outermost message of protobuf */
};

struct lci_cuts {
    const struct lci_file *file;
    const struct lci_format *format;
    int fd;
    enum kind kind;
    uint64_t head; /* of a table: bytes of its first line */
    size_t column; /* of it, where ids of traces stand; LCI_CSV_FIELDS: nowhere */
    uint64_t near; /* of frames and fields: where one begins that is near by */
    bool packed, failed;
    char peeked[PEEKED]; /* bytes of the file from `peeked_at` on */
    uint64_t peeked_at;
    size_t peeked_length;
};

/* ---- ids of traces ----------------------------------------------------------------------------------------------- */

/* A trace's id as it stands in the text, and where it stands first and last. */
struct extent {
    uint64_t id, first, last;
};

struct extents {
    struct extent *items;
    size_t count, capacity;
};

static void add_id(struct extents *e, const char *id, size_t length, uint64_t at)
{
    LC_GROW(e->items, e->count, e->capacity);
    e->items[e->count++] = (struct extent){lci_hash_bytes(id, length), at, at};
}

/* The value of a key such as "traceId": "…"; NULL: no more. */
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

/* `moves`: how far they move on with the text; 0: all are where it begins. */
static void add_json(struct extents *e, const char *text, size_t length, uint64_t at, bool moves)
{
    const char *stop;
    for (const char *id = text; (id = next_id(id, text + length, &stop)) != NULL; id = stop)
        add_id(e, id, (size_t)(stop - id), moves ? at + (uint64_t)(id - text) : at);
}

/* Spans of protobuf begin with the trace's id and another one: in OTLP and Tempo field 2, in Zipkin field 2 or 3. */
static void add_protobuf(struct extents *e, const char *text, size_t length, uint64_t at)
{
    for (size_t i = 0; i + 12 <= length; i++) {
        const char *id = text + i + 2;
        const size_t size = (size_t)text[i + 1];
        if (text[i] == FIELD && (size == 16 || size == 8) && i + size + 4 <= length &&
            (id[size] == 0x12 || id[size] == 0x1A) && id[size + 1] == 8)
            add_id(e, id, size, at);
    }
}

static void add_cells(struct extents *e, const struct lci_cuts *c, const char *text, size_t length, uint64_t at)
{
    const char *end = text + length, *stop;
    for (const char *line = text; (stop = memchr(line, '\n', (size_t)(end - line))) != NULL; line = stop + 1) {
        struct lci_csv_field f[LCI_CSV_FIELDS];
        if (lci_csv_split(line, (size_t)(stop - line), ',', f, LCI_CSV_FIELDS) > c->column)
            add_id(e, f[c->column].text, f[c->column].length, at + (uint64_t)(line - text));
    }
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

/* One for each trace, by beginning. */
static void settle(struct extents *e)
{
    size_t kept = 0;
    if (e->count > 1)
        qsort(e->items, e->count, sizeof *e->items, by_id);
    for (size_t i = 0; i < e->count; i++)
        if (kept > 0 && e->items[kept - 1].id == e->items[i].id)
            e->items[kept - 1].last = e->items[i].last;
        else
            e->items[kept++] = e->items[i];
    e->count = kept;
    if (kept > 1)
        qsort(e->items, kept, sizeof *e->items, by_first);
}

/* The first of the ascending places at which no trace that is seen goes on: spans of one mostly stand close together.
 * Where there is none, the first of them. */
static uint64_t between(struct extents *e, const uint64_t *places, size_t count)
{
    uint64_t open_until = 0;
    settle(e);
    for (size_t i = 0, k = 0; i < count; i++) {
        for (; k < e->count && e->items[k].first < places[i]; k++)
            open_until = e->items[k].last > open_until ? e->items[k].last : open_until;
        if (open_until < places[i])
            return places[i];
    }
    return places[0];
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
static bool is_document(const struct lci_cuts *c, uint64_t at)
{
    size_t length;
    char *line = line_at(c->fd, at, &length), *found = NULL;
    if (line == NULL)
        return false;
    json_t *document = json_loadb(line, length, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
    const bool good = document != NULL && lci_sniff(line, length, &found) == c->format;
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

/* The first line from `at`, where one begins, that is between traces. */
static uint64_t between_lines(const struct lci_cuts *c, uint64_t at)
{
    struct extents e = {0};
    uint64_t begin = at - c->head > AROUND ? next_line(c->fd, at - AROUND) : c->head, *places = NULL;
    begin = begin < at ? begin : at;
    char *text = lc_alloc(2 * AROUND);
    const ssize_t got = pread(c->fd, text, 2 * AROUND, (off_t)begin);
    const size_t length = got > 0 ? (size_t)got : 0;
    size_t count = 0, capacity = 0;
    for (uint64_t place = at; place - begin < length;) {
        LC_GROW(places, count, capacity);
        places[count++] = place;
        const char *line = text + (place - begin), *end = memchr(line, '\n', length - (place - begin));
        place = end != NULL ? begin + (uint64_t)(end - text) + 1 : begin + length;
    }
    if (c->kind == LINES)
        add_json(&e, text, length, begin, true);
    else
        add_cells(&e, c, text, length, begin);
    const uint64_t found = count > 0 ? between(&e, places, count) : at;
    free(e.items);
    free(places);
    free(text);
    return found;
}

static uint64_t line_from(struct lci_cuts *c, uint64_t at)
{
    uint64_t place = next_line(c->fd, at > 0 ? at - 1 : 0);
    place = place > 0 && place < c->file->size ? between_lines(c, place) : 0;
    c->failed |= c->kind == LINES && place > 0 && !is_document(c, place);
    return place;
}

/* ---- records with a length --------------------------------------------------------------------------------------- */

/* Some bytes from `at` on; at the file's end fewer than were wanted. */
static size_t peek(struct lci_cuts *c, uint64_t at, size_t wanted, const unsigned char **bytes)
{
    if (at < c->peeked_at || at + wanted > c->peeked_at + c->peeked_length) {
        const ssize_t got = pread(c->fd, c->peeked, PEEKED, (off_t)at);
        c->peeked_at = at;
        c->peeked_length = got > 0 ? (size_t)got : 0;
    }
    *bytes = (const unsigned char *)c->peeked + (at - c->peeked_at);
    const size_t there = c->peeked_length - (size_t)(at - c->peeked_at);
    return there < wanted ? there : wanted;
}

/* Behind the record that begins there; 0: there is none that is whole. */
static uint64_t next_record(struct lci_cuts *c, uint64_t at)
{
    const unsigned char *b;
    const size_t there = peek(c, at, 11, &b);
    uint64_t length = 0;
    size_t head = 4;
    if (c->kind == FRAMES) {
        for (size_t i = 0; i < head && i < there; i++)
            length = length << 8 | b[i];
    } else {
        head = 1;
        do
            length |= head < there ? (uint64_t)(b[head] & 0x7F) << 7 * (head - 1) : 0;
        while (head < there && (b[head++] & 0x80) != 0);
        head = there > 0 && b[0] == FIELD ? head : SIZE_MAX;
    }
    return there > head && length < c->file->size && at + head + length <= c->file->size ? at + head + length : 0;
}

static void add_text(struct extents *e, const struct lci_cuts *c, const char *text, size_t length, uint64_t at)
{
    if (c->format->grammar != NULL)
        add_json(e, text, length, at, false);
    else
        add_protobuf(e, text, length, at);
}

/* What is read of the file from `begin` until before `end`: the ids in it. False: it is none of the format. */
static bool add_unpacked(struct extents *e, const struct lci_cuts *c, uint64_t begin, uint64_t end)
{
    struct lci_file file = *c->file;
    struct lc_diag unheard = {0};
    const char *bytes;
    char *found = NULL;
    file.begin = begin;
    file.end = end;
    struct lci_trace_source *source = lci_source_open_file(&file, &unheard);
    ptrdiff_t length = source != NULL ? lci_source_read(source, &bytes, &unheard) : 0;
    const bool good = length > 0 && lci_sniff(bytes, (size_t)length, &found) == c->format;
    for (; length > 0; length = lci_source_read(source, &bytes, &unheard))
        add_text(e, c, bytes, (size_t)length, begin);
    lci_source_close(source);
    lc_diag_free(&unheard);
    free(found);
    return good;
}

static void add_record(struct extents *e, const struct lci_cuts *c, char *text, uint64_t begin, uint64_t end)
{
    const size_t length = end - begin < AROUND ? (size_t)(end - begin) : AROUND;
    if (c->packed)
        add_unpacked(e, c, begin, end);
    else if (pread(c->fd, text, length, (off_t)begin) == (ssize_t)length)
        add_text(e, c, text, length, begin);
}

static uint64_t record_from(struct lci_cuts *c, uint64_t at)
{
    struct extents e = {0};
    uint64_t *places = NULL, end;
    size_t count = 0, capacity = 0;
    char *text = lc_alloc(AROUND);
    const uint64_t from = at > AROUND ? at - AROUND : 0;
    while (c->near < from && (end = next_record(c, c->near)) != 0)
        c->near = end;
    for (uint64_t begin = c->near; begin < at + AROUND || count == 0; begin = end) {
        end = next_record(c, begin);
        if (end == 0)
            break;
        add_record(&e, c, text, begin, end);
        if (begin < at || end - begin < SHORTEST)
            continue;
        LC_GROW(places, count, capacity);
        places[count++] = begin;
    }
    const uint64_t found = count > 0 ? between(&e, places, count) : 0;
    c->failed |=
        found > 0 && !add_unpacked(&e, c, found, c->file->size < found + AROUND ? c->file->size : found + AROUND);
    free(places);
    free(text);
    free(e.items);
    return found;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static bool is_packed(const char *bytes)
{
    return memcmp(bytes, "\x1F\x8B", 2) == 0 || memcmp(bytes, "\x28\xB5\x2F\xFD", 4) == 0;
}

/* How a file begins; noughts where it is shorter. */
static void beginning(const struct lci_file *file, char bytes[16])
{
    const int fd = open(file->name, O_RDONLY | O_CLOEXEC);
    memset(bytes, 0, 16);
    if (fd < 0)
        return;
    if (pread(fd, bytes, 16, 0) < 0)
        memset(bytes, 0, 16);
    close(fd);
}

bool lci_is_packed(const struct lci_file *file)
{
    char bytes[16];
    beginning(file, bytes);
    struct lci_frames *frames = lci_frames_new(bytes, sizeof bytes);
    const bool packed = is_packed(frames != NULL ? bytes + 4 : bytes);
    lci_frames_free(frames);
    return packed;
}

/* The names of a table's columns. */
static bool take_names(struct lci_cuts *c)
{
    size_t length;
    struct lci_csv_field f[LCI_CSV_FIELDS];
    char *line = line_at(c->fd, 0, &length);
    if (line == NULL)
        return false;
    const size_t count = lci_csv_split(line, length - (length > 0 && line[length - 1] == '\r'), ',', f, LCI_CSV_FIELDS);
    c->head = length + 1;
    c->column = LCI_CSV_FIELDS;
    for (size_t i = 0; i < count && i < LCI_CSV_FIELDS; i++)
        if ((f[i].length == 5 && memcmp(f[i].text, "trace", 5) == 0) ||
            (f[i].length == 7 && strncasecmp(f[i].text, "traceid", 7) == 0))
            c->column = i;
    free(line);
    return true;
}

struct lci_cuts *lci_cuts_new(const struct lci_file *file, const struct lci_format *format)
{
    char bytes[16];
    beginning(file, bytes);
    struct lci_frames *frames = lci_frames_new(bytes, sizeof bytes);
    struct lci_cuts *c = lc_calloc(1, sizeof *c);
    *c = (struct lci_cuts){.file = file, .format = format, .fd = open(file->name, O_RDONLY | O_CLOEXEC)};
    bool good = c->fd >= 0;
    c->packed = is_packed(frames != NULL ? bytes + 4 : bytes);
    if (frames != NULL)
        c->kind = FRAMES;
    else if (c->packed)
        good = false;
    else if (format == &lci_csv || format == &lci_callgraph)
        c->kind = TABLE;
    else if (format->grammar == NULL)
        c->kind = FIELDS;
    lci_frames_free(frames);
    good = good && (c->kind != LINES || is_document(c, 0)) && (c->kind != TABLE || take_names(c));
    if (good)
        return c;
    lci_cuts_free(c);
    return NULL;
}

void lci_cuts_free(struct lci_cuts *c)
{
    if (c != NULL && c->fd >= 0)
        close(c->fd);
    free(c);
}

uint64_t lci_cuts_from(struct lci_cuts *c, uint64_t at)
{
    return c->kind == LINES || c->kind == TABLE ? line_from(c, at) : record_from(c, at);
}

bool lci_cuts_failed(const struct lci_cuts *c)
{
    return c->failed;
}

uint64_t lci_cuts_head(const struct lci_cuts *c)
{
    return c->head;
}
