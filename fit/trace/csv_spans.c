/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Comma-separated spans, told by the names of the columns in the first line, in any order: a plain form for everything
 * that has no other, and the one in which microservice data sets recorded on Kubernetes are published, whose services
 * are known by their pods only and where the parent of a root is the word "root". Its duration is in µs and said by
 * start and end already.
 */
#include "csv_lines.h"

#include "base/csv.h"
#include "services.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COLUMNS 64

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
    int shift; /* of times: powers of ten to nanoseconds; BY_SUFFIX: as the name's ending says, else µs */
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
    struct lci_csv_reader lines;
    size_t columns;
    uint8_t roles[COLUMNS];
    int shifts[COLUMNS];
};

/* "start_ms" is a start in milliseconds. False: the column is not known. */
static bool column_of(const struct lci_csv_field *f, uint8_t *role, int *shift)
{
    static const struct {
        const char *suffix;
        int shift;
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
static bool take_header(const char *line, size_t length, uint8_t *roles, int *shifts, size_t *columns)
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
    int shifts[COLUMNS];
    size_t columns;
    return take_header(text, lci_csv_header(text, length), roles, shifts, &columns);
}

static bool is(const struct lci_csv_field *f, const char *word)
{
    return f->length == strlen(word) && strncasecmp(f->text, word, f->length) == 0;
}

static void take_field(struct csv *p, size_t column, const struct lci_csv_field *f)
{
    struct lci_trace_reader *r = &p->lines.reader;
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
        d->span->service = lci_symbol(r->context, f->text, lci_pod_service_length(f->text, f->length));
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

static int take_line(struct lci_csv_reader *lines, const char *line, size_t length, struct lc_diag *diag)
{
    struct csv *p = (struct csv *)lines;
    if (lines->number == 1)
        take_header(line, length, p->roles, p->shifts, &p->columns); /* this line is what it was recognised by */
    if (length == 0 || lines->number == 1)
        return 0;
    struct lci_csv_field f[COLUMNS];
    const size_t count = lci_csv_split(line, length, ',', f, COLUMNS);
    if (count != p->columns)
        return lci_csv_wrong_count(lines, count, p->columns, diag);
    lci_span_begin(&lines->reader);
    for (size_t i = 0; i < count; i++)
        take_field(p, i, &f[i]);
    lci_csv_span_end(lines);
    return 0;
}

static int feed(struct lci_trace_reader *reader, const char *bytes, size_t length, struct lc_diag *diag)
{
    return lci_csv_feed((struct lci_csv_reader *)reader, bytes, length, take_line, diag);
}

static int finish(struct lci_trace_reader *reader, struct lc_diag *diag)
{
    return lci_csv_finish((struct lci_csv_reader *)reader, take_line, diag);
}

static void stop(struct lci_trace_reader *reader)
{
    free(((struct lci_csv_reader *)reader)->line);
}

const struct lci_format lci_csv = {.name = "CSV with the columns trace, span, service, start, …",
                                   .begins = begins,
                                   .size = sizeof(struct csv),
                                   .feed = feed,
                                   .finish = finish,
                                   .stop = stop};
