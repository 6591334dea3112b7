/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The CSV that rosebery writes: RuntimePerformance, a record a line, and ExecutionProfile, where the snapshots of a
 * record's threads and memory follow it on lines of their own. docs/traces.md has the columns.
 */
#include "rosebery.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REPEATED 4096 /* a power of two */

struct rosebery {
    struct lci_csv_reader lines;
    struct lci_rosebery_layout layout;
    bool known, pending; /* the layout is read; `record` waits for its snapshots */
    struct lci_rosebery_record record;
    struct lci_rosebery_cpu cpu;
    enum lci_rosebery_clock clock;
    struct lci_rosebery_odd odd;
    struct { /* equal lines that came lately: several records, which are told apart by their number */
        uint64_t id, times;
    } repeated[REPEATED];
};

static bool begins(const char *text, size_t length)
{
    return lci_rosebery_is(text, length, LCI_ROSEBERY_RUNTIME);
}

static void hand_on(struct rosebery *p)
{
    if (!p->pending)
        return;
    p->record.cpu_share = lci_rosebery_cpu_share(&p->cpu, p->record.start, &p->clock);
    lci_rosebery_span(&p->lines, &p->record, &p->odd);
    p->pending = false;
}

static uint64_t mix(uint64_t hash, uint64_t with)
{
    hash = (hash ^ with) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 29;
}

static uint64_t mix_text(uint64_t hash, const struct lci_csv_field *f)
{
    for (size_t i = 0; i < f->length; i++)
        hash = (hash ^ (unsigned char)f->text[i]) * UINT64_C(0x100000001B3);
    return mix(hash, f->length);
}

/* The id of a record is made of what it says, so that a file given twice is known. */
static uint64_t id_of(struct rosebery *p, const struct lci_csv_field *node, const struct lci_csv_field *purpose)
{
    const struct lci_rosebery_record *record = &p->record;
    uint64_t id = mix_text(mix_text(record->error, node), purpose);
    id = mix(mix(id, record->sequence.high), record->sequence.low);
    id = mix(mix(mix(id, (uint64_t)record->start), (uint64_t)record->end), (uint64_t)record->duration);
    id += id == 0;
    const size_t at = id % REPEATED;
    p->repeated[at].times = p->repeated[at].id == id ? p->repeated[at].times + 1 : 0;
    p->repeated[at].id = id;
    return id + p->repeated[at].times * UINT64_C(0x9E3779B97F4A7C15);
}

static bool is_result(const struct lci_csv_field *f)
{
    return (f->length == 2 && (memcmp(f->text, "OK", 2) == 0 || strncasecmp(f->text, "OK", 2) == 0)) ||
           (f->length == 9 && strncasecmp(f->text, "EXCEPTION", 9) == 0);
}

/* timestamp; system load; process load; process time; thread time; largest heap; used heap */
static int take_snapshot(struct rosebery *p, const struct lci_csv_field *f, struct lc_diag *diag)
{
    int64_t time, thread;
    if (!lci_rosebery_integer(&p->lines, &f[0], "a record that ends with OK or EXCEPTION, or the time of a snapshot",
                              &time, diag) ||
        !lci_rosebery_integer(&p->lines, &f[4], "the processor time of a thread in ns", &thread, diag))
        return -1;
    if (!p->pending) {
        lc_error(diag, LC_INPUT, &(struct lc_place){p->lines.reader.file, p->lines.number, 1, p->lines.offset},
                 "expected a record before its first snapshot");
        return -1;
    }
    lci_rosebery_snapshot(&p->cpu, p->record.start, time, thread);
    return 0;
}

static int take_line(struct lci_csv_reader *lines, const char *line, size_t length, struct lc_diag *diag)
{
    struct rosebery *p = (struct rosebery *)lines;
    struct lci_trace_reader *r = &lines->reader;
    struct lci_csv_field f[LCI_ROSEBERY_COLUMNS];
    if (length == 0)
        return 0;
    if (!p->known) {
        p->known = true;
        lci_rosebery_recognise(line, length, &p->layout); /* this line is what it was recognised by */
        if (p->layout.header)
            return 0;
    }
    if (!lci_rosebery_split(lines, &p->layout, line, length, f, diag))
        return -1;
    if (!is_result(&f[p->layout.column[LCI_ROSEBERY_RESULT] - 1]) && p->layout.columns == 7)
        return take_snapshot(p, f, diag);
    hand_on(p);
    if (!lci_rosebery_read(lines, &p->layout, f, &p->record, diag))
        return -1;
    const struct lci_csv_field *node = &f[p->layout.column[LCI_ROSEBERY_NODE] - 1],
                               *purpose = &f[p->layout.column[LCI_ROSEBERY_PURPOSE] - 1];
    p->record.node = lci_symbol(r->context, node->text, node->length);
    p->record.purpose = lci_symbol(r->context, purpose->text, purpose->length);
    p->record.id = id_of(p, node, purpose);
    p->cpu = (struct lci_rosebery_cpu){0};
    p->pending = true;
    return 0;
}

static int feed(struct lci_trace_reader *reader, const char *bytes, size_t length, struct lc_diag *diag)
{
    return lci_csv_feed((struct lci_csv_reader *)reader, bytes, length, take_line, diag);
}

static int finish(struct lci_trace_reader *reader, struct lc_diag *diag)
{
    struct rosebery *p = (struct rosebery *)reader;
    int status = lci_csv_last(&p->lines, take_line, diag);
    hand_on(p);
    lci_csv_flush(&p->lines);
    lci_rosebery_tell(&p->lines, &p->odd, diag);
    return status;
}

static void stop(struct lci_trace_reader *reader)
{
    free(((struct lci_csv_reader *)reader)->line);
}

const struct lci_format lci_rosebery = {.name = "CSV of rosebery",
                                        .begins = begins,
                                        .size = sizeof(struct rosebery),
                                        .feed = feed,
                                        .finish = finish,
                                        .stop = stop};
