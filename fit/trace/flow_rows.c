/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow_rows.h"

#include "trace_assembly.h"

#include <string.h>

#define BATCH  64 /* rows: they stay in the processor's cache until the store takes them */
#define SECOND INT64_C(1000000000)

bool lci_flow_columns_suffice(const struct lci_trace_reader *reader, const bool has[LCI_COLUMNS])
{
    const bool start = has[LCI_COLUMN_START] || has[LCI_COLUMN_START_US];
    const bool end = has[LCI_COLUMN_END] || has[LCI_COLUMN_END_US] || has[LCI_COLUMN_DURATION];
    const char *missing = !has[LCI_COLUMN_POINT] ? "observation_point (or tap_side)"
                          : !start               ? "start_time (or start_time_us)"
                          : !end                 ? "end_time (or end_time_us, response_duration)"
                                                 : NULL;
    if (missing != NULL)
        lc_error(reader->context->diag, LC_INPUT, &(struct lc_place){reader->file, 0, 0, -1},
                 "rows without the column %s; expected those of DeepFlow's l7_flow_log", missing);
    return missing == NULL;
}

/* Reads digits at `at`; -1: there are not as many. */
static int digits_at(const char *text, size_t length, size_t at, size_t digits)
{
    int sum = 0;
    if (at + digits > length)
        return -1;
    for (size_t i = at; i < at + digits; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        sum = 10 * sum + (text[i] - '0');
    }
    return sum;
}

/* Days since 1970-01-01 of the Gregorian calendar: years begin in March, so that leap days end them. */
static int64_t days_of(int year, int month, int day)
{
    const int y = year - (month < 3), m = month < 3 ? month + 9 : month - 3;
    return (int64_t)365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* Seconds by which a clock is before UTC: "Z", nothing, or "+02:00". False: something else. */
static bool zone_of(const char *text, size_t length, int64_t *offset)
{
    *offset = 0;
    if (length == 0 || (length == 1 && *text == 'Z'))
        return true;
    const int hours = digits_at(text, length, 1, 2), minutes = digits_at(text, length, 4, 2);
    *offset = (int64_t)(60 * hours + minutes) * 60 * (*text == '-' ? -1 : 1);
    return (*text == '+' || *text == '-') && length == 6 && text[3] == ':' && hours >= 0 && minutes >= 0;
}

/* "2023-11-14 22:13:20.123456", with T, Z or an offset too; UTC unless it says otherwise. */
static bool timestamp(const char *text, size_t length, int64_t *ns)
{
    if (length < 19 || text[4] != '-' || text[7] != '-' || (text[10] != ' ' && text[10] != 'T') || text[13] != ':' ||
        text[16] != ':')
        return false;
    const int year = digits_at(text, length, 0, 4), month = digits_at(text, length, 5, 2),
              day = digits_at(text, length, 8, 2), hour = digits_at(text, length, 11, 2),
              minute = digits_at(text, length, 14, 2), second = digits_at(text, length, 17, 2);
    if (year < 1970 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || minute < 0 ||
        second < 0)
        return false;
    int64_t fraction = 0, unit = SECOND, offset;
    size_t at = 19;
    if (at < length && text[at] == '.')
        for (at++; at < length && text[at] >= '0' && text[at] <= '9'; at++) {
            unit /= 10;
            fraction += unit * (text[at] - '0');
        }
    if (!zone_of(text + at, length - at, &offset))
        return false;
    *ns = (((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60 + second - offset) * SECOND + fraction;
    return true;
}

/* Powers of ten to ns: by the size of a number that is a time of today. */
static int unit_of(const char *text, size_t length)
{
    size_t digits = 0;
    while (digits < length && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    return digits >= 18 ? 0 : digits >= 15 ? 3 : digits >= 12 ? 6 : 9;
}

static void put_start(struct lci_trace_reader *r, const struct lci_flow_row *row)
{
    const char *text = row->text[LCI_COLUMN_START];
    const size_t length = row->length[LCI_COLUMN_START];
    int64_t ns;
    if (lci_flow_says(row, LCI_COLUMN_START_US))
        lci_span_start(r, row->text[LCI_COLUMN_START_US], row->length[LCI_COLUMN_START_US], 3);
    else if (!lci_flow_says(row, LCI_COLUMN_START))
        return;
    else if (timestamp(text, length, &ns))
        lci_span_start_ns(r, (uint64_t)ns);
    else
        lci_span_start(r, text, length, unit_of(text, length));
}

static void put_stop(struct lci_trace_reader *r, const struct lci_flow_row *row)
{
    const char *text = row->text[LCI_COLUMN_END];
    const size_t length = row->length[LCI_COLUMN_END];
    int64_t ns;
    if (lci_flow_says(row, LCI_COLUMN_END_US))
        lci_span_stop(r, row->text[LCI_COLUMN_END_US], row->length[LCI_COLUMN_END_US], 3);
    else if (!lci_flow_says(row, LCI_COLUMN_END))
        return;
    else if (timestamp(text, length, &ns))
        lci_span_stop_ns(r, (uint64_t)ns);
    else
        lci_span_stop(r, text, length, unit_of(text, length));
}

static void put_times(struct lci_trace_reader *r, const struct lci_flow_row *row)
{
    put_start(r, row);
    if (!r->draft.has_start)
        r->draft.absurd = true; /* without a time there is nothing to put together */
    put_stop(r, row);
    if (!r->draft.has_end && lci_flow_says(row, LCI_COLUMN_DURATION))
        lci_span_duration(r, row->text[LCI_COLUMN_DURATION], row->length[LCI_COLUMN_DURATION], 3);
}

static const char *text_of(const struct lci_flow_row *row, unsigned column)
{
    return lci_flow_says(row, column) ? row->text[column] : "";
}

static size_t length_of(const struct lci_flow_row *row, unsigned column)
{
    return lci_flow_says(row, column) ? row->length[column] : 0;
}

static void warn_point(const struct lci_trace_reader *r, const struct lci_flow_row *row, bool *warned)
{
    if (*warned)
        return;
    *warned = true;
    const size_t length = length_of(row, LCI_COLUMN_POINT) < 40 ? length_of(row, LCI_COLUMN_POINT) : 40;
    lc_warn(r->context->diag, &(struct lc_place){r->file, 0, 0, -1},
            "'%.*s' is no observation_point that is known; expected c-p, c, s, s-p and the like; taken as a place "
            "somewhere on the way",
            (int)length, text_of(row, LCI_COLUMN_POINT));
}

void lci_flow_put(struct lci_trace_reader *r, const struct lci_flow_row *row, bool *warned)
{
    lci_span_begin(r);
    struct lci_flow_draft *flow = lci_span_flow(r);
    lci_flow_set_row(r, flow, row);
    if (!lci_flow_says(row, LCI_COLUMN_POINT) || flow->flow.point == LCI_POINTS)
        warn_point(r, row, warned);
    r->draft.span->id = flow->flow.id != 0 ? flow->flow.id : LCI_NO_ROW_ID;
    if (flow->flow.traces[0] != 0) {
        const char *text = row->text[LCI_COLUMN_TRACE_ID], *comma = memchr(text, ',', row->length[LCI_COLUMN_TRACE_ID]);
        r->draft.trace =
            lci_trace_id_of(r, text, comma != NULL ? (size_t)(comma - text) : row->length[LCI_COLUMN_TRACE_ID]);
        r->draft.named = false; /* "t1" is as good as any */
    }
    put_times(r, row);
    lci_flow_describe(r, flow,
                      &(struct lci_flow_words){text_of(row, LCI_COLUMN_ENDPOINT), text_of(row, LCI_COLUMN_REQUEST_TYPE),
                                               text_of(row, LCI_COLUMN_RESOURCE), length_of(row, LCI_COLUMN_ENDPOINT),
                                               length_of(row, LCI_COLUMN_REQUEST_TYPE),
                                               length_of(row, LCI_COLUMN_RESOURCE)});
    lci_span_end(r);
    if (r->batch.span_count >= BATCH)
        lci_flow_flush(r);
}

void lci_flow_flush(struct lci_trace_reader *r)
{
    lci_assemble(r->context->assembler, &r->batch);
    lci_batch_clear(&r->batch);
}
