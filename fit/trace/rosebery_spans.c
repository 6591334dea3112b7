/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Spans of rosebery's records. Starts and ends are readings of the wall clock in whole ms, durations of another clock
 * in ns: a span begins when the record says and lasts as long as the duration says. Which record of a sequence follows
 * which is found when all of them are there (pipeline.c).
 */
#include "rosebery.h"

#include "attribute.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MILLISECOND 1000000 /* ns */
#define CLOCKS_MS   2       /* by so much the two clocks may differ in a record */

/* Takes what is in ms for ms: such writers exist (rosebery's own test data). */
static int64_t duration_of(const struct lci_rosebery_record *record, struct lci_rosebery_odd *odd)
{
    const double between = (double)record->end - (double)record->start;
    if (record->duration == INT64_MIN)
        return between >= 0 && between < 1e12 ? (int64_t)between * MILLISECOND : -1;
    if (record->duration > 0 && (double)record->duration == between && between < 1e12) {
        odd->in_ms++;
        return record->duration * MILLISECOND;
    }
    const double apart = fabs((double)record->duration / MILLISECOND - between);
    odd->apart += apart > CLOCKS_MS + 0.001 * fabs(between);
    return record->duration;
}

static void put_cpu(struct lci_trace_reader *r, double cpu)
{
    char text[32];
    if (!(cpu >= 0))
        return;
    const struct lci_name *name = lci_name_of(r->context->attributes, LC_CPU_TIME, strlen(LC_CPU_TIME));
    if (name == NULL)
        return;
    snprintf(text, sizeof text, "%.4g", cpu); /* few digits, so that values repeat */
    lci_span_attribute(r, name, text, strlen(text));
}

void lci_rosebery_span(struct lci_csv_reader *reader, const struct lci_rosebery_record *record,
                       struct lci_rosebery_odd *odd)
{
    struct lci_trace_reader *r = &reader->reader;
    lci_span_begin(r);
    struct lci_draft *d = &r->draft;
    d->trace =
        (record->sequence.high | record->sequence.low) != 0 ? record->sequence : (struct lci_trace_id){0, record->id};
    d->span->id = record->id;
    d->span->service = d->span->operation = record->purpose;
    d->span->instance = d->span->host = record->node;
    d->span->kind = LC_KIND_SERVER;
    d->span->flags |= LC_SPAN_STEP | (record->error ? LC_SPAN_ERROR : 0);
    d->has_start = d->has_duration = true;
    d->absurd = record->start < 0 || record->start > INT64_MAX / MILLISECOND;
    d->start = d->absurd ? 0 : record->start * MILLISECOND;
    d->duration = duration_of(record, odd);
    put_cpu(r, record->cpu_share * (double)d->duration);
    r->batch.pipeline = true;
    const bool step = (record->sequence.high | record->sequence.low) != 0;
    const uint64_t roots = r->roots;
    lci_csv_span_end(reader);
    r->roots = step ? roots : r->roots; /* which of a sequence's is the root is found later */
}

void lci_rosebery_tell(const struct lci_csv_reader *reader, const struct lci_rosebery_odd *odd, struct lc_diag *diag)
{
    const struct lc_place place = {reader->reader.file, 0, 0, -1};
    if (odd->in_ms > 0)
        lc_warn(diag, &place,
                "%" PRIu64 " records whose duration is end - start in ms, though durations are ns: taken as ms",
                odd->in_ms);
    if (odd->apart > 0)
        lc_warn(diag, &place,
                "%" PRIu64 " records whose duration differs from end - start by more than %d ms: the duration is taken",
                odd->apart, CLOCKS_MS);
}

/* ---- processor time ---------------------------------------------------------------------------------------------- */

void lci_rosebery_snapshot(struct lci_rosebery_cpu *cpu, int64_t start, int64_t time, int64_t value)
{
    if (value < 0) /* the virtual machine does not know */
        return;
    const double since = (double)time - (double)(cpu->count > 0 ? cpu->last : start);
    const double slack = since > 0 ? CLOCKS_MS : 0; /* nothing is known before the begin: no increment is */
    cpu->exceeds |= (double)value > (since + slack) * MILLISECOND;
    cpu->falls |= cpu->count > 0 && value < cpu->value;
    if (cpu->count++ == 0) {
        cpu->first = time;
        cpu->first_value = value;
    }
    cpu->last = time;
    cpu->value = value;
    cpu->sum += (double)value;
}

double lci_rosebery_cpu_share(const struct lci_rosebery_cpu *cpu, int64_t start, enum lci_rosebery_clock *clock)
{
    if (cpu->count == 0)
        return NAN;
    if (cpu->falls != cpu->exceeds)
        *clock = cpu->falls ? LCI_ROSEBERY_INCREMENTS : LCI_ROSEBERY_COUNTER;
    const bool increments = *clock != LCI_ROSEBERY_COUNTER;
    const double busy = increments ? cpu->sum : (double)cpu->value - (double)cpu->first_value;
    const double covered = ((double)cpu->last - (double)(increments ? start : cpu->first)) * MILLISECOND;
    return covered > 0 && busy >= 0 ? fmin(1, busy / covered) : NAN;
}
