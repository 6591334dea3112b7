/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Dumps of the tables that rosebery keeps in a database: records (runtime_performance) name their node by its number in
 * the table node, and snapshots (resource_snapshot) their record by its number. These tables are read before records.
 */
#include "rosebery.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct node {
    int64_t id;
    lc_symbol name, purpose;
};
struct snapshot {
    int64_t record, time, cpu; /* ms, ns */
};
struct lci_rosebery_tables {
    struct node *nodes;
    size_t node_count, node_capacity;
    struct snapshot *snapshots;
    size_t snapshot_count, snapshot_capacity;
    bool sorted;
};

#define RECENT 64 /* a power of two */

struct table {
    struct lci_csv_reader lines;
    struct {
        bool known, named; /* named: by the table node */
        struct node node;
    } recent[RECENT]; /* nodes of records, by their numbers */
    struct lci_rosebery_layout layout;
    bool known;       /* the layout is read */
    uint64_t unnamed; /* records whose node is not in the table node */
    enum lci_rosebery_clock clock;
    struct lci_rosebery_odd odd;
};

void lci_rosebery_tables_free(struct lci_rosebery_tables *tables)
{
    if (tables == NULL)
        return;
    free(tables->nodes);
    free(tables->snapshots);
    free(tables);
}

static struct lci_rosebery_tables *tables_of(struct lci_context *context)
{
    if (context->rosebery == NULL)
        context->rosebery = lc_calloc(1, sizeof *context->rosebery);
    return context->rosebery;
}

/* ---- what records refer to --------------------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
    const struct node *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static int by_record(const void *a, const void *b)
{
    const struct snapshot *x = a, *y = b;
    if (x->record != y->record)
        return x->record < y->record ? -1 : 1;
    return (x->time > y->time) - (x->time < y->time);
}

static void sort(struct lci_rosebery_tables *tables)
{
    if (tables->node_count > 1)
        qsort(tables->nodes, tables->node_count, sizeof *tables->nodes, by_id);
    if (tables->snapshot_count > 1)
        qsort(tables->snapshots, tables->snapshot_count, sizeof *tables->snapshots, by_record);
    tables->sorted = true;
}

#define NUMBERED 48

/* A word and a number in a buffer of NUMBERED bytes; returns the length. */
static size_t numbered(char *name, const char *word, int64_t id)
{
    char *const digits = stpcpy(name, word);
    return (size_t)(digits - name) + lci_integer_text(id, digits);
}

static void name_node(struct table *p, int64_t id, struct lci_rosebery_record *record)
{
    struct lci_context *context = p->lines.reader.context;
    const struct lci_rosebery_tables *tables = context->rosebery;
    const size_t at = (uint64_t)id % RECENT;
    struct node *node = &p->recent[at].node;
    if (!p->recent[at].known || node->id != id) {
        const struct node key = {.id = id}, *found = NULL;
        if (tables->node_count > 0)
            found = bsearch(&key, tables->nodes, tables->node_count, sizeof key, by_id);
        *node = found != NULL ? *found : key;
        p->recent[at].known = true;
        p->recent[at].named = found != NULL;
        char name[NUMBERED];
        if (found == NULL)
            node->name = node->purpose = lci_symbol(context, name, numbered(name, "node ", id));
    }
    record->node = node->name;
    record->purpose = node->purpose;
    p->unnamed += !p->recent[at].named;
}

static double cpu_share_of(struct table *p, int64_t id, int64_t start)
{
    const struct lci_rosebery_tables *tables = p->lines.reader.context->rosebery;
    struct lci_rosebery_cpu cpu = {0};
    size_t low = 0, high = tables->snapshot_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (tables->snapshots[middle].record < id)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < tables->snapshot_count && tables->snapshots[low].record == id; low++)
        lci_rosebery_snapshot(&cpu, start, tables->snapshots[low].time, tables->snapshots[low].cpu);
    return lci_rosebery_cpu_share(&cpu, start, &p->clock);
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

static bool take_integer(const struct table *p, const struct lci_csv_field *f, enum lci_rosebery_role role,
                         const char *what, int64_t *value, struct lc_diag *diag)
{
    return lci_rosebery_integer(&p->lines, &f[p->layout.column[role] - 1], what, value, diag);
}

/* The id of a span: that of the name "rosebery record 7". */
static uint64_t id_of_record(int64_t number)
{
    static const char word[] = "rosebery record ";
    char digits[LCI_INTEGER_DIGITS];
    const size_t length = lci_integer_text(number, digits);
    return lci_name_id(lci_name_hash(lci_name_hash(LCI_NAME_EMPTY, word, sizeof word - 1), digits, length));
}

static int take_record(struct table *p, const struct lci_csv_field *f, struct lc_diag *diag)
{
    struct lci_rosebery_record record;
    struct lci_trace_reader *r = &p->lines.reader;
    int64_t id = p->lines.number, node;
    if (!lci_rosebery_read(&p->lines, &p->layout, f, &record, diag) ||
        !take_integer(p, f, LCI_ROSEBERY_NODE, "the number of a node", &node, diag) ||
        (p->layout.column[LCI_ROSEBERY_ID] != 0 &&
         !take_integer(p, f, LCI_ROSEBERY_ID, "the number of a record", &id, diag)))
        return -1;
    struct lci_rosebery_tables *tables = tables_of(r->context);
    if (!tables->sorted)
        sort(tables);
    name_node(p, node, &record);
    record.cpu_share = cpu_share_of(p, id, record.start);
    record.id = id_of_record(id);
    lci_rosebery_span(&p->lines, &record, &p->odd);
    return 0;
}

static int take_node(struct table *p, const struct lci_csv_field *f, struct lc_diag *diag)
{
    struct lci_context *context = p->lines.reader.context;
    struct lci_rosebery_tables *tables = tables_of(context);
    const struct lci_csv_field *name = &f[p->layout.column[LCI_ROSEBERY_NODE] - 1],
                               *purpose = &f[p->layout.column[LCI_ROSEBERY_PURPOSE] - 1];
    struct node node = {.name = lci_symbol(context, name->text, name->length),
                        .purpose = lci_symbol(context, purpose->text, purpose->length)};
    if (!take_integer(p, f, LCI_ROSEBERY_ID, "the number of a node", &node.id, diag))
        return -1;
    LC_GROW(tables->nodes, tables->node_count, tables->node_capacity);
    tables->nodes[tables->node_count++] = node;
    return 0;
}

static int take_snapshot(struct table *p, const struct lci_csv_field *f, struct lc_diag *diag)
{
    struct lci_rosebery_tables *tables = tables_of(p->lines.reader.context);
    struct snapshot snapshot;
    if (!take_integer(p, f, LCI_ROSEBERY_ID, "the number of a record", &snapshot.record, diag) ||
        !take_integer(p, f, LCI_ROSEBERY_TIME, "the time of a snapshot in ms", &snapshot.time, diag) ||
        !take_integer(p, f, LCI_ROSEBERY_THREAD_TIME, "the processor time of a thread in ns", &snapshot.cpu, diag))
        return -1;
    LC_GROW(tables->snapshots, tables->snapshot_count, tables->snapshot_capacity);
    tables->snapshots[tables->snapshot_count++] = snapshot;
    return 0;
}

static int take_line(struct lci_csv_reader *lines, const char *line, size_t length, struct lc_diag *diag)
{
    struct table *p = (struct table *)lines;
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
    switch (p->layout.kind) {
    case LCI_ROSEBERY_RECORDS: return take_record(p, f, diag);
    case LCI_ROSEBERY_NODES: return take_node(p, f, diag);
    case LCI_ROSEBERY_SNAPSHOTS: return take_snapshot(p, f, diag);
    default: return 0; /* says nothing that others do not */
    }
}

static int feed(struct lci_trace_reader *reader, const char *bytes, size_t length, struct lc_diag *diag)
{
    return lci_csv_feed((struct lci_csv_reader *)reader, bytes, length, take_line, diag);
}

static int finish(struct lci_trace_reader *reader, struct lc_diag *diag)
{
    struct table *p = (struct table *)reader;
    const int status = lci_csv_finish(&p->lines, take_line, diag);
    lci_rosebery_tell(&p->lines, &p->odd, diag);
    if (p->layout.kind == LCI_ROSEBERY_JVM || p->layout.kind == LCI_ROSEBERY_JVM_TABLE)
        lc_note(diag, &(struct lc_place){reader->file, 0, 0, -1},
                "profiles of processes hold no spans; '--utilization %s' takes their processor times", reader->file);
    if (p->unnamed > 0)
        lc_warn(diag, &(struct lc_place){reader->file, 0, 0, -1},
                "%" PRIu64 " records of nodes that no table 'node' names: services are called by their numbers",
                p->unnamed);
    return status;
}

static void stop(struct lci_trace_reader *reader)
{
    free(((struct lci_csv_reader *)reader)->line);
}

static bool begins_records(const char *text, size_t length)
{
    return lci_rosebery_is(text, length, LCI_ROSEBERY_RECORDS);
}

static bool begins_beside(const char *text, size_t length)
{
    struct lci_rosebery_layout layout;
    return lci_rosebery_recognise(text, length, &layout) && layout.kind != LCI_ROSEBERY_RECORDS &&
           layout.kind != LCI_ROSEBERY_RUNTIME;
}

const struct lci_format lci_rosebery_records = {.name = "dumps of rosebery",
                                                .begins = begins_records,
                                                .size = sizeof(struct table),
                                                .feed = feed,
                                                .finish = finish,
                                                .stop = stop};
const struct lci_format lci_rosebery_beside = {.name = "a dump of a table of rosebery",
                                               .begins = begins_beside,
                                               .beside = true,
                                               .size = sizeof(struct table),
                                               .feed = feed,
                                               .finish = finish,
                                               .stop = stop};
