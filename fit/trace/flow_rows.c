/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow_rows.h"

#include "trace_assembly.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 1024

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

/* "2023-11-14 22:13:20.123456", with T, Z or an offset too; UTC unless it says otherwise. */
static bool timestamp(const char *text, size_t length, int64_t *ns)
{
    char copy[40];
    struct tm tm = {0};
    int read = 0;
    if (length < 19 || length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    copy[length] = 0;
    if (sscanf(copy, "%4d-%2d-%2d%*1[ T]%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
               &tm.tm_sec, &read) != 6 ||
        tm.tm_year < 1970 || tm.tm_year > 2200)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    int64_t fraction = 0, unit = 1000000000;
    const char *at = copy + read;
    if (*at == '.')
        for (at++; *at >= '0' && *at <= '9'; at++)
            if (unit > 1) {
                unit /= 10;
                fraction += unit * (*at - '0');
            }
    int hours = 0, minutes = 0;
    const char sign = *at;
    if (sign != 0 && strcmp(at, "Z") != 0 &&
        ((sign != '+' && sign != '-') || sscanf(at + 1, "%2d:%2d", &hours, &minutes) != 2))
        return false;
    const int64_t offset = (int64_t)(60 * hours + minutes) * 60 * (sign == '-' ? -1 : 1);
    *ns = ((int64_t)timegm(&tm) - offset) * 1000000000 + fraction;
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

struct when {
    const char *text;
    size_t length;
    int shift;
    char number[24]; /* of a timestamp */
};

/* False: the row does not say. */
static bool time_of(const struct lci_flow_row *row, unsigned column, unsigned column_us, struct when *when)
{
    int64_t ns;
    if (lci_flow_says(row, column_us)) {
        *when = (struct when){row->text[column_us], row->length[column_us], 3, ""};
        return true;
    }
    if (!lci_flow_says(row, column))
        return false;
    *when = (struct when){row->text[column], row->length[column], unit_of(row->text[column], row->length[column]), ""};
    if (timestamp(when->text, when->length, &ns)) {
        when->length = (size_t)snprintf(when->number, sizeof when->number, "%lld", (long long)ns);
        when->text = when->number;
        when->shift = 0;
    }
    return true;
}

static void put_times(struct lci_trace_reader *r, const struct lci_flow_row *row)
{
    struct when when;
    if (time_of(row, LCI_COLUMN_START, LCI_COLUMN_START_US, &when))
        lci_span_start(r, when.text, when.length, when.shift);
    if (!r->draft.has_start)
        r->draft.absurd = true; /* without a time there is nothing to put together */
    if (time_of(row, LCI_COLUMN_END, LCI_COLUMN_END_US, &when))
        lci_span_stop(r, when.text, when.length, when.shift);
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
    for (uint64_t left = row->said; left != 0; left &= left - 1) {
        const unsigned c = (unsigned)__builtin_ctzll(left);
        lci_flow_set(r->context, flow, c, row->text[c], row->length[c]);
    }
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
