/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Comma-separated spans, told by the names of the columns in the first line, in any order: a plain form for everything
 * that has no other, and the one in which microservice data sets recorded on Kubernetes are published, whose services
 * are known by their pods only and where the parent of a root is the word "root". Its duration is in µs and said by
 * start and end already.
 */
#include "trace_assembly.h"

#include "base/csv.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_MAX_BYTES ((size_t)1 << 20)
#define BATCH          1024
#define COLUMNS        64

enum role {
    NOTHING,
    TRACE_ID,
    SPAN_ID,
    PARENT_ID,
    SERVICE,
    INSTANCE,
    POD,
    OPERATION,
    KIND,
    STATUS,
    START,
    END,
    DURATION,
    ROLES
};

static const struct {
    const char *name;
    uint8_t role;
    int8_t shift; /* of times: powers of ten to nanoseconds; BY_SUFFIX: as the name's ending says, else µs */
} names[] = {
#define BY_SUFFIX (-1)
    {"trace", TRACE_ID, 0},
    {"span", SPAN_ID, 0},
    {"parent", PARENT_ID, 0},
    {"service", SERVICE, 0},
    {"instance", INSTANCE, 0},
    {"operation", OPERATION, 0},
    {"kind", KIND, 0},
    {"status", STATUS, 0},
    {"start", START, BY_SUFFIX},
    {"end", END, BY_SUFFIX},
    {"duration", DURATION, BY_SUFFIX},
    {"TraceID", TRACE_ID, 0},
    {"SpanID", SPAN_ID, 0},
    {"ParentID", PARENT_ID, 0},
    {"PodName", POD, 0},
    {"OperationName", OPERATION, 0},
    {"StartTimeUnixNano", START, 0},
    {"EndTimeUnixNano", END, 0},
};

struct csv {
    struct lci_trace_reader reader;
    char *line; /* the beginning of a line that goes on in the next piece */
    size_t length, capacity;
    int number; /* of the line */
    int64_t offset;
    size_t columns;
    uint8_t roles[COLUMNS];
    int8_t shifts[COLUMNS];
};

static size_t digits_in(const char *text, size_t length)
{
    size_t digits = 0;
    for (size_t i = 0; i < length; i++)
        digits += text[i] >= '0' && text[i] <= '9';
    return digits;
}

/* The name of the deployment: without the hashes of replica set and pod ("-5b67c48447-mv5hb") or the number of a
 * stateful set's pod. */
static size_t service_length(const char *pod, size_t length)
{
    const char *dash = memrchr(pod, '-', length);
    if (dash == NULL || dash == pod)
        return length;
    const size_t last = length - (size_t)(dash - pod) - 1;
    if (digits_in(dash + 1, last) == last)
        return (size_t)(dash - pod);
    const char *before = memrchr(pod, '-', (size_t)(dash - pod));
    if (last != 5 || before == NULL || before == pod)
        return length;
    const size_t hash = (size_t)(dash - before) - 1;
    return hash >= 5 && hash <= 10 && digits_in(before + 1, hash) > 0 ? (size_t)(before - pod) : length;
}

static void flush(struct lci_trace_reader *reader)
{
    lci_assemble(reader->context->assembler, &reader->batch);
    lci_batch_clear(&reader->batch);
}

/* "start_ms" is a start in milliseconds. False: the column is not known. */
static bool column_of(const struct lci_csv_field *f, uint8_t *role, int8_t *shift)
{
    static const struct {
        const char *suffix;
        int8_t shift;
    } units[] = {{"_ns", 0}, {"_us", 3}, {"_ms", 6}, {"_s", 9}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const size_t length = strlen(names[i].name);
        if (f->length < length || memcmp(f->text, names[i].name, length) != 0)
            continue;
        *role = names[i].role;
        *shift = names[i].shift == BY_SUFFIX ? 3 : names[i].shift;
        if (f->length == length)
            return true;
        for (size_t k = 0; names[i].shift == BY_SUFFIX && k < sizeof units / sizeof *units; k++)
            if (f->length == length + strlen(units[k].suffix) &&
                memcmp(f->text + length, units[k].suffix, f->length - length) == 0) {
                *shift = units[k].shift;
                return true;
            }
    }
    return false;
}

/* Reads the line of names. False: a column that spans need is missing, or there are two of one kind. */
static bool take_header(const char *line, size_t length, uint8_t *roles, int8_t *shifts, size_t *columns)
{
    struct lci_csv_field f[COLUMNS];
    unsigned seen = 0;
    *columns = lci_csv_split(line, length, ',', f, COLUMNS);
    if (*columns > COLUMNS)
        return false;
    for (size_t i = 0; i < *columns; i++) {
        roles[i] = NOTHING;
        if (!column_of(&f[i], &roles[i], &shifts[i]))
            continue;
        if (seen & 1u << roles[i])
            return false;
        seen |= 1u << roles[i];
    }
    const unsigned needed = 1u << TRACE_ID | 1u << SPAN_ID | 1u << START;
    return (seen & needed) == needed && (seen & (1u << SERVICE | 1u << POD)) != 0 &&
           (seen & (1u << END | 1u << DURATION)) != 0;
}

static bool begins(const char *text, size_t length)
{
    uint8_t roles[COLUMNS];
    int8_t shifts[COLUMNS];
    size_t columns;
    const char *stop = memchr(text, '\n', length);
    length = stop != NULL ? (size_t)(stop - text) : length;
    length -= length > 0 && text[length - 1] == '\r';
    return take_header(text, length, roles, shifts, &columns);
}

static bool is(const struct lci_csv_field *f, const char *word)
{
    return f->length == strlen(word) && strncasecmp(f->text, word, f->length) == 0;
}

static void take_field(struct csv *p, size_t column, const struct lci_csv_field *f)
{
    struct lci_trace_reader *r = &p->reader;
    struct lci_draft *d = &r->draft;
    const int shift = p->shifts[column];
    switch (p->roles[column]) {
    case TRACE_ID: d->trace = lci_trace_id_of(r, f->text, f->length); break;
    case SPAN_ID: d->span->id = lci_span_id_of(r, f->text, f->length); break;
    case PARENT_ID: d->parent = is(f, "root") ? 0 : lci_span_id_of(r, f->text, f->length); break;
    case SERVICE: d->span->service = lci_symbol(r->context, f->text, f->length); break;
    case INSTANCE: d->span->host = d->span->instance = lci_symbol(r->context, f->text, f->length); break;
    case POD:
        d->span->host = d->span->instance = lci_symbol(r->context, f->text, f->length);
        d->span->service = lci_symbol(r->context, f->text, service_length(f->text, f->length));
        break;
    case OPERATION: d->span->operation = lci_symbol(r->context, f->text, f->length); break;
    case KIND: d->span->kind = lci_kind_of(f->text, f->length); break;
    case STATUS: d->span->flags |= is(f, "error") ? LC_SPAN_ERROR : 0; break;
    case START: lci_span_start(r, f->text, f->length, shift); break;
    case END: lci_span_stop(r, f->text, f->length, shift); break;
    case DURATION: lci_span_duration(r, f->text, f->length, shift); break;
    default: break;
    }
}

static int take_line(struct csv *p, const char *line, size_t length, struct lc_diag *diag)
{
    struct lci_trace_reader *r = &p->reader;
    p->number++;
    if (length > 0 && line[length - 1] == '\r')
        length--;
    if (p->number == 1)
        take_header(line, length, p->roles, p->shifts, &p->columns); /* this line is what it was recognised by */
    if (length == 0 || p->number == 1)
        return 0;
    struct lci_csv_field f[COLUMNS];
    const size_t count = lci_csv_split(line, length, ',', f, COLUMNS);
    if (count != p->columns) {
        lc_error(diag, LC_INPUT, &(struct lc_place){r->file, p->number, 1, p->offset},
                 "a line of %zu fields; expected %zu, as there are names of columns", count, p->columns);
        return -1;
    }
    lci_span_begin(r);
    for (size_t i = 0; i < count; i++)
        take_field(p, i, &f[i]);
    lci_span_end(r);
    if (r->batch.span_count >= BATCH)
        flush(r);
    return 0;
}

static int feed(struct lci_trace_reader *reader, const char *bytes, size_t length, struct lc_diag *diag)
{
    struct csv *p = (struct csv *)reader;
    const char *end = bytes + length;
    for (const char *stop; (stop = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL; bytes = stop + 1) {
        const char *line = bytes;
        size_t size = (size_t)(stop - bytes);
        if (p->length > 0) {
            p->line = lc_realloc(p->line, p->length + size + 1, 1);
            memcpy(p->line + p->length, bytes, size);
            line = p->line;
            size += p->length;
        }
        p->length = 0;
        if (take_line(p, line, size, diag) != 0)
            return -1;
        p->offset += (int64_t)size + 1;
    }
    const size_t rest = (size_t)(end - bytes);
    if (p->length + rest > LINE_MAX_BYTES) {
        lc_error(diag, LC_INPUT, &(struct lc_place){reader->file, p->number + 1, 1, p->offset},
                 "a line of more than %zu MiB begins here; no span needs as much", LINE_MAX_BYTES >> 20);
        return -1;
    }
    p->line = lc_realloc(p->line, p->length + rest + 1, 1);
    memcpy(p->line + p->length, bytes, rest);
    p->length += rest;
    return 0;
}

static int finish(struct lci_trace_reader *reader, struct lc_diag *diag)
{
    struct csv *p = (struct csv *)reader;
    const int status = p->length > 0 ? take_line(p, p->line, p->length, diag) : 0;
    flush(reader);
    return status;
}

static void stop(struct lci_trace_reader *reader)
{
    free(((struct csv *)reader)->line);
}

const struct lci_format lci_csv = {
    .name = "CSV of spans", .begins = begins, .size = sizeof(struct csv), .feed = feed, .finish = finish, .stop = stop};
