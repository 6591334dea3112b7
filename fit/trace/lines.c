/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lines.h"

#include "reader.h"

#include <inttypes.h>

/* Of more damaged lines than one in this many the input is refused: it is something else, or not worth a model. */
#define GOOD_LINES 10

static int fail(struct lci_trace_reader *reader, const struct lci_json_error *error)
{
    lc_error(reader->context->diag, LC_INPUT, &(struct lc_place){reader->file, 0, 0, error->offset}, "%s", error->text);
    return -1;
}

/* Leaves out what is read of a line. */
static int leave_out(struct lci_trace_reader *reader, uint64_t line, const struct lci_json_error *why)
{
    struct lci_trace_lines *l = &reader->lines;
    lci_json_restart(reader->json);
    lci_batch_drop(reader);
    if (reader->format->drop != NULL)
        reader->format->drop(reader);
    l->open = false;
    if (l->damaged++ == 0) {
        l->first = line;
        l->why = *why;
    }
    if (!reader->context->strict)
        return 0;
    lc_error(reader->context->diag, LC_INPUT, &(struct lc_place){reader->file, (int)line, 0, -1}, "%s", why->text);
    return -1;
}

static void end_line(struct lci_trace_reader *reader)
{
    struct lci_trace_lines *l = &reader->lines;
    const bool whole = !lci_json_open(reader->json);
    if (l->mode == LCI_FIRST_LINE && l->any && l->pending.text[0] == 0)
        l->mode = whole ? LCI_LINES : LCI_SECOND_LINE;
    else if (l->mode == LCI_SECOND_LINE)
        l->mode = LCI_ONE_DOCUMENT;
    l->open = l->mode == LCI_LINES && !whole;
    if (whole)
        reader->batch.settled = reader->batch.span_count;
    l->line++;
    l->column = 0;
    l->skipping = l->any = false;
}

/* At the beginning of a line: whether the one before was cut off or damaged. */
static int look_back(struct lci_trace_reader *reader, const char *bytes, size_t length)
{
    struct lci_trace_lines *l = &reader->lines;
    static const struct lci_json_error cut = {0, "not valid JSON: the line ends within a value"};
    if (l->line == 1)
        memcpy(l->begin, bytes, length < 2 ? length : 2);
    if (l->mode == LCI_LINES) /* lines begin alike */
        return l->open && memcmp(l->begin, bytes, length < 2 ? length : 2) == 0 ? leave_out(reader, l->line - 1, &cut)
                                                                                : 0;
    if (l->mode != LCI_FIRST_LINE || l->pending.text[0] == 0)
        return 0;
    if (*bytes != '{' && *bytes != '[')
        return fail(reader, &l->pending);
    l->mode = LCI_LINES;
    const struct lci_json_error why = l->pending;
    l->pending.text[0] = 0;
    return leave_out(reader, l->line - 1, &why);
}

/* The parser stopped in a piece of a line that begins with `first`. 1: the piece is to be read again. */
static int settle_error(struct lci_trace_reader *reader, char first, struct lci_json_error *error)
{
    struct lci_trace_lines *l = &reader->lines;
    const int64_t column = l->column + error->offset;
    error->offset += l->offset;
    switch (l->mode) {
    case LCI_FIRST_LINE: /* the next line will tell */
        l->pending = *error;
        l->skipping = true;
        return 0;
    case LCI_SECOND_LINE: /* where a value begins in a place that cannot be, the first line was cut off */
        if (l->column > 0 || column > 1 || first != '{')
            return fail(reader, error);
        l->mode = LCI_LINES;
        return leave_out(reader, l->line - 1, error) != 0 ? -1 : 1;
    case LCI_LINES: l->skipping = true; return leave_out(reader, l->line, error);
    case LCI_ONE_DOCUMENT: break;
    }
    return fail(reader, error);
}

/* A piece of one line. */
static int feed_piece(struct lci_trace_reader *reader, const char *bytes, size_t length)
{
    struct lci_trace_lines *l = &reader->lines;
    struct lci_json_error error;
    if (l->column == 0 && look_back(reader, bytes, length) != 0)
        return -1;
    l->any |= *bytes != '\n' && *bytes != '\r';
    while (!l->skipping && lci_json_feed(reader->json, bytes, length, &error) != 0) {
        const int status = settle_error(reader, *bytes, &error);
        if (status < 0)
            return -1;
        if (status == 0)
            break;
    }
    l->offset += (int64_t)length;
    l->column += (int64_t)length;
    return 0;
}

int lci_lines_feed(struct lci_trace_reader *reader, const char *bytes, size_t length)
{
    struct lci_trace_lines *l = &reader->lines;
    const char *end = bytes + length;
    while (bytes < end) {
        const char *stop = l->mode != LCI_ONE_DOCUMENT ? memchr(bytes, '\n', (size_t)(end - bytes)) : NULL;
        const char *next = stop != NULL ? stop + 1 : end;
        if (feed_piece(reader, bytes, (size_t)(next - bytes)) != 0)
            return -1;
        if (stop != NULL)
            end_line(reader);
        bytes = next;
    }
    return 0;
}

int lci_lines_finish(struct lci_trace_reader *reader)
{
    struct lci_trace_lines *l = &reader->lines;
    struct lc_diag *diag = reader->context->diag;
    struct lci_json_error error;
    if (l->pending.text[0] != 0)
        return fail(reader, &l->pending);
    const bool lines = l->mode == LCI_LINES;
    const bool nothing = lines && !l->open && (l->column == 0 || l->skipping);
    if (!nothing && lci_json_finish(reader->json, &error) != 0) {
        error.offset += l->offset;
        if (!lines)
            return fail(reader, &error);
        if (leave_out(reader, l->line - (l->column == 0), &error) != 0)
            return -1;
    }
    if (l->damaged == 0)
        return 0;
    const uint64_t all = l->line - (l->column == 0);
    const struct lc_place place = {reader->file, (int)l->first, 0, -1};
    if (l->damaged > 1 && GOOD_LINES * l->damaged > all) {
        lc_error(diag, LC_INPUT, &place,
                 "%" PRIu64 " of %" PRIu64 " lines are damaged, more than one in %d; the first is this one: %s",
                 l->damaged, all, GOOD_LINES, l->why.text);
        return -1;
    }
    lc_warn(diag, &place, "%" PRIu64 " of %" PRIu64 " lines %s damaged and left out, the first is this one: %s",
            l->damaged, all, l->damaged == 1 ? "is" : "are", l->why.text);
    return 0;
}
