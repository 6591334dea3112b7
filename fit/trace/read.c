/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads all inputs side by side: always the one whose latest span is the oldest goes on, so that files which hold
 * different services of the same time give the spans of a trace together. At most WINDOW files are open at once; when
 * there are more, they are begun in the order of their first spans.
 */
#include "attribute.h"
#include "base/buffer.h"
#include "base/table.h"
#include "base/text.h"
#include "fit/trace/symbols.h"
#include "flow_store.h"
#include "rosebery.h"
#include "source.h"
#include "trace_assembly.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW        64
#define FOREIGN_NAMED 5 /* files in folders without traces that are named one by one */

struct stream { /* an input being read */
    const struct lci_file *file;
    struct lci_trace_source *source;
    struct lci_trace_reader *reader; /* NULL until the format is known */
    const char *held;                /* the piece by which it was recognised, until others had their turn; NULL: none */
    size_t held_length;
    uint64_t consumed;
};

struct reading {
    const struct lc_reader_options *options;
    struct lci_context context;
    struct lc_reading *totals;
    uint64_t foreign;    /* files in folders that are no traces */
    uint64_t unnamed;    /* further ones that a first look told so */
    uint64_t beside;     /* files that hold what others need */
    uint64_t done, size; /* compressed bytes, for the progress */
    const struct lci_files *files;
    struct lci_seen *seen; /* NULL: nobody asks */
};

static const char *shown_name(const struct lci_file *file)
{
    return strcmp(file->name, "-") == 0 ? "standard input" : file->name;
}

static void warn_at(struct lc_diag *diag, const struct lci_file *file, const char *what)
{
    lc_warn(diag, &(struct lc_place){shown_name(file), 0, 0, -1}, "%s", what);
}

/* Decides on the format from the first piece. False: the input is no traces, which is said. */
static bool recognise(struct reading *r, struct stream *stream, const char *bytes, size_t length)
{
    struct lci_context *context = &r->context;
    char *found = NULL;
    const struct lci_format *format = lci_sniff(bytes, length, &found);
    const struct lc_place place = {shown_name(stream->file), 0, 0, -1};
    if (format != NULL)
        stream->reader = lci_reader_new(format, context, place.file);
    else if (stream->file->from_folder && ++r->foreign > FOREIGN_NAMED)
        ; /* their number is said in the end */
    else {
        char *names = lci_format_names();
        if (stream->file->from_folder)
            lc_warn(context->diag, &place, "left out: %s is no trace format; expected one of %s", found, names);
        else
            lc_error(context->diag, LC_INPUT, &place, "%s is no trace format; expected one of %s", found, names);
        free(names);
    }
    free(found);
    return format != NULL;
}

static void stream_end(struct stream *stream)
{
    lci_reader_free(stream->reader);
    lci_source_close(stream->source);
    stream->reader = NULL;
    stream->source = NULL;
}

/* All of the input is read. */
static void finish(struct reading *r, struct stream *stream)
{
    struct lc_diag *diag = r->context.diag;
    if (stream->reader == NULL) {
        if (!stream->file->from_folder || ++r->foreign <= FOREIGN_NAMED)
            warn_at(diag, stream->file, "the file is empty");
        return;
    }
    r->beside += stream->reader->format->beside;
    if (lci_reader_finish(stream->reader) == 0 && stream->reader->spans == 0 && !stream->reader->format->beside)
        warn_at(diag, stream->file, "holds no spans");
    if (stream->reader->newest >= stream->reader->oldest) {
        if (r->seen != NULL) {
            struct lci_seen *seen = r->seen;
            seen->file_of = lc_realloc(seen->file_of, r->totals->time_count + 1, sizeof *seen->file_of);
            seen->file_of[r->totals->time_count] = (size_t)(stream->file - r->files->items);
        }
        LC_GROW(r->totals->times, r->totals->time_count, r->totals->time_capacity);
        r->totals->times[r->totals->time_count++] =
            (struct lc_file_times){stream->reader->oldest, stream->reader->newest, stream->reader->roots};
    }
}

static bool blank(const char *bytes, size_t length)
{
    size_t at = 0;
    while (at < length && strchr(" \t\r\n", bytes[at]) != NULL && bytes[at] != 0)
        at++;
    return at == length;
}

/* Feeds a piece. Protobuf found in a folder may hold logs or metrics, which nothing but its fields tells: without a
 * span in it, it is left out. */
static int feed(struct reading *r, struct stream *stream, const char *bytes, size_t length)
{
    struct lci_trace_reader *reader = stream->reader;
    struct lc_diag own = {0}, *diag = r->context.diag;
    if (!stream->file->from_folder || reader->format != &lci_otlp_protobuf || reader->batch.span_count > 0)
        return lci_reader_feed(reader, bytes, length);
    r->context.diag = &own;
    int status = lci_reader_feed(reader, bytes, length);
    r->context.diag = diag;
    const bool none = reader->newest == INT64_MIN; /* no span with an id */
    if (!none || (status == 0 && reader->spans == 0)) {
        lc_diag_append(diag, &own);
    } else {
        r->context.read -= reader->spans; /* a metric's fields are of the same types as a span's */
        r->context.repairs->count[LC_REPAIR_NO_ID] -= reader->spans;
        if (++r->foreign <= FOREIGN_NAMED)
            warn_at(diag, stream->file, "left out: protobuf that holds no traces; it may be logs or metrics");
        status = -1;
    }
    lc_diag_free(&own);
    return status;
}

static void show_progress(const struct reading *r)
{
    if (r->options->progress != NULL)
        r->options->progress(r->options->context, r->done, r->size);
}

/* Reads the next piece; the first one of a file is recognised, and read in a second step. False: the stream is at its
 * end, for better or worse. */
static bool stream_step(struct reading *r, struct stream *stream)
{
    struct lc_diag *diag = r->context.diag;
    const char *bytes = stream->held;
    stream->held = NULL;
    if (bytes != NULL)
        return feed(r, stream, bytes, stream->held_length) == 0;
    const ptrdiff_t length = lci_source_read(stream->source, &bytes, diag);
    const uint64_t consumed = lci_source_consumed(stream->source);
    r->done += consumed - stream->consumed;
    stream->consumed = consumed;
    show_progress(r);
    if (length <= 0) {
        if (length == 0)
            finish(r, stream);
        else if (stream->reader != NULL)
            lci_reader_drop(stream->reader);
        return false;
    }
    r->totals->bytes += (uint64_t)length;
    if (stream->reader == NULL && blank(bytes, (size_t)length))
        return true; /* nothing yet */
    if (stream->reader != NULL)
        return feed(r, stream, bytes, (size_t)length) == 0;
    stream->held = bytes;
    stream->held_length = (size_t)length;
    if (recognise(r, stream, bytes, (size_t)length))
        return true;
    if (stream->file->size > consumed) /* nobody waits for the rest */
        r->size -= stream->file->size - consumed;
    return false;
}

/* What the first piece of a file tells. */
struct look {
    size_t file;
    int64_t time;    /* the latest end among its spans, INT64_MIN when there are none */
    bool foreign;    /* no trace format, or empty: not opened again */
    uint64_t length; /* of the piece, unpacked */
    uint64_t read;   /* bytes of the file */
};

/* The latest end among the spans of a piece. */
static int64_t newest_in(const struct lci_format *format, const char *name, const char *bytes, size_t length)
{
    struct lc_diag ignored = {0};
    struct lc_reading totals = {0};
    struct lc_symbols *symbols = lci_symbols_new();
    struct lci_attributes *attributes = lci_attributes_new(NULL);
    struct lci_context context = {.symbols = symbols,
                                  .attributes = attributes,
                                  .assembler = lci_assembler_new(0, NULL, NULL, 0, &totals),
                                  .repairs = &totals.repairs,
                                  .diag = &ignored};
    struct lci_trace_reader *reader = lci_reader_new(format, &context, name);
    lci_reader_feed(reader, bytes, length);
    const int64_t newest = reader->newest;
    lci_reader_free(reader);
    lci_rosebery_tables_free(context.rosebery);
    lci_services_free(&context.services);
    lci_assembler_free(context.assembler);
    lci_symbols_free(symbols);
    lci_attributes_free(attributes);
    lc_diag_free(&ignored);
    return newest;
}

/* What cannot be read is no concern here: who reads it says so. */
static void look_at(const struct lci_file *file, struct look *look)
{
    struct lc_diag ignored = {0};
    struct lci_trace_source *source = lci_source_open(file->name, &ignored);
    if (source != NULL) {
        const char *bytes;
        const ptrdiff_t length = lci_source_read(source, &bytes, &ignored);
        look->foreign = length == 0;
        if (length > 0 && !blank(bytes, (size_t)length)) {
            char *found;
            const struct lci_format *format = lci_sniff(bytes, (size_t)length, &found);
            free(found);
            look->foreign = format == NULL;
            look->length = (uint64_t)length;
            if (format != NULL)
                look->time = newest_in(format, file->name, bytes, (size_t)length);
        }
        look->read = lci_source_consumed(source);
        lci_source_close(source);
    }
    lc_diag_free(&ignored);
}

static int by_time(const void *left, const void *right)
{
    const struct look *a = left, *b = right;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return a->file < b->file ? -1 : 1;
}

/* In which order the files are begun. When all are open at once, nobody needs to know. */
static struct look *looks_of(struct reading *r, const struct lci_files *files)
{
    struct look *looks = lc_alloc(files->count * sizeof *looks);
    for (size_t i = 0; i < files->count; i++) {
        const struct lci_file *file = &files->items[i];
        looks[i] = (struct look){.file = i, .time = INT64_MIN};
        if (files->count <= WINDOW || file->size == 0) /* what a pipe gives is not to be lost */
            continue;
        look_at(file, &looks[i]);
        looks[i].foreign &= file->from_folder; /* named ones are errors */
        r->done += looks[i].read;
        r->size += looks[i].read;
        show_progress(r);
    }
    qsort(looks, files->count, sizeof *looks, by_time);
    return looks;
}

/* First all files are recognised, then those read that others need, then the one that is behind in time. */
static int64_t newest_of(const struct stream *stream)
{
    const bool first = stream->reader == NULL || stream->reader->format->beside;
    return first ? INT64_MIN : stream->reader->newest > INT64_MIN ? stream->reader->newest : INT64_MIN + 1;
}

static void read_all(struct reading *r, const struct lci_files *files)
{
    struct stream streams[WINDOW];
    size_t active = 0, begun = 0, foreign = 0;
    struct look *looks = looks_of(r, files);
    while ((active > 0 || begun < files->count) && !lci_assembler_stopped(r->context.assembler)) {
        while (active < WINDOW && begun < files->count) {
            const struct look *look = &looks[begun++];
            const struct lci_file *file = &files->items[look->file];
            if (look->foreign && foreign++ >= FOREIGN_NAMED) { /* the others are opened again, to be named */
                r->unnamed++;
                r->size -= file->size;
                r->totals->files++;
                r->totals->bytes += look->length;
                continue;
            }
            struct stream stream = {.file = file, .source = lci_source_open_file(file, r->context.diag)};
            if (stream.source == NULL)
                continue;
            r->totals->files++;
            r->totals->bytes -= file->head; /* counted where it stands */
            streams[active++] = stream;
        }
        if (active == 0)
            break;
        size_t oldest = 0;
        for (size_t i = 1; i < active; i++)
            if (newest_of(&streams[i]) < newest_of(&streams[oldest]))
                oldest = i;
        if (!stream_step(r, &streams[oldest])) {
            stream_end(&streams[oldest]);
            memmove(streams + oldest, streams + oldest + 1, (--active - oldest) * sizeof *streams);
        }
    }
    for (size_t i = 0; i < active; i++)
        stream_end(&streams[i]);
    free(looks);
}

/* ---- what else was seen ------------------------------------------------------------------------------------------ */

static int by_value(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

void lci_seen_sort(struct lci_seen *seen)
{
    if (seen->id_count > 1)
        qsort(seen->ids, seen->id_count, sizeof *seen->ids, by_value);
    if (seen->id_count > LCI_SEEN_IDS) {
        seen->id_count = LCI_SEEN_IDS;
        seen->last = seen->ids[LCI_SEEN_IDS - 1];
    }
}

struct watched { /* a sink, and what goes to it */
    lc_trace_sink sink;
    void *context;
    struct lci_seen *seen;
};

static int watch(void *context, const struct lc_trace *trace)
{
    const struct watched *w = context;
    const uint64_t id = lci_name_id(trace->low); /* 64 bits: with fewer, two of a million traces are taken for one */
    if (w->seen->last == 0 || id <= w->seen->last) {
        LC_GROW(w->seen->ids, w->seen->id_count, w->seen->id_capacity);
        w->seen->ids[w->seen->id_count++] = id;
        if (w->seen->id_count == 2 * LCI_SEEN_IDS)
            lci_seen_sort(w->seen);
    }
    return w->sink(w->context, trace);
}

/* A line for each service that says a namespace or an environment. */
static void note_services(struct lci_seen *seen, const struct lci_services *services, const struct lc_symbols *symbols)
{
    struct lci_buffer lines = {0};
    for (size_t i = 0; i < services->count; i++)
        lci_buffer_add(&lines, "%s\t%s\t%s\n", lci_symbol_text(symbols, services->items[i].name),
                       lci_symbol_text(symbols, services->items[i].space),
                       lci_symbol_text(symbols, services->items[i].environment));
    seen->services = lci_buffer_take(&lines);
}

void lci_seen_free(struct lci_seen *seen)
{
    free(seen->ids);
    free(seen->file_of);
    free(seen->services);
    *seen = (struct lci_seen){0};
}

int lc_traces_read(const char *const *inputs, size_t count, const struct lc_reader_options *options,
                   struct lc_symbols *symbols, lc_trace_sink sink, void *context, struct lc_reading *reading,
                   struct lc_diag *diag)
{
    struct lci_files files = {0};
    const size_t errors = diag->errors;
    lci_files_find(inputs, count, &files, diag);
    const int status = lci_traces_read_files(&files, options, symbols, sink, context, reading, NULL, diag);
    lci_files_free(&files);
    return status == 0 && diag->errors == errors ? 0 : -1;
}

int lci_traces_read_files(const struct lci_files *files, const struct lc_reader_options *options,
                          struct lc_symbols *symbols, lc_trace_sink sink, void *context, struct lc_reading *reading,
                          struct lci_seen *seen, struct lc_diag *diag)
{
    static const struct lc_reader_options defaults;
    const double begin = lci_seconds();
    const size_t errors = diag->errors;
    options = options != NULL ? options : &defaults;
    *reading = (struct lc_reading){0};
    struct lci_attributes *attributes = lci_attributes_new(options->keep);
    struct watched watched = {sink, context, seen};
    struct lci_assembler *assembler =
        lci_assembler_new(options->memory, seen != NULL ? watch : sink, seen != NULL ? &watched : context,
                          lci_symbol_of(symbols, "unknown", 7), reading);
    struct lci_flow_store *store =
        lci_flow_store_new(symbols, reading, options->memory > 0 ? options->memory : LCI_TRACE_MEMORY,
                           options->assembled, options->context);
    lci_assembler_set_store(assembler, store);
    struct reading r = {
        .options = options,
        .context = {.symbols = symbols,
                    .attributes = attributes,
                    .assembler = assembler,
                    .repairs = &reading->repairs,
                    .diag = diag,
                    .strict = options->strict},
        .totals = reading,
        .size = files->size,
        .files = files,
        .seen = seen,
    };
    read_all(&r, files);
    const uint64_t more = r.unnamed + (r.foreign > FOREIGN_NAMED ? r.foreign - FOREIGN_NAMED : 0);
    if (more > 0)
        lc_warn(diag, NULL, "%" PRIu64 " more files in folders left out: they are empty or no trace format", more);
    if (r.beside > 0 && r.context.read == 0)
        lc_warn(diag, NULL, "tables of nodes, snapshots or profiles alone hold no spans; expected records beside them");
    const bool rows = lci_flow_store_used(store);
    lci_flow_store_finish(store, assembler, diag);
    lci_flow_store_free(store);
    lci_assemble_rest(assembler);
    lci_assembler_free(assembler);
    if (reading->repairs.count[LC_REPAIR_LATE] > 0)
        lc_warn(diag, NULL,
                "%" PRIu64 " spans came after their traces had been closed to save memory: the calls of these traces "
                "are too few, and their own times too long; expected files in which the spans of a trace are near "
                "each other",
                reading->repairs.count[LC_REPAIR_LATE]);
    lci_attributes_free(attributes);
    lci_rosebery_tables_free(r.context.rosebery);
    reading->read = r.context.read;
    reading->renamed = lci_services_settle(&r.context.services, symbols, &reading->renamed_count, diag);
    if (seen != NULL) {
        note_services(seen, &r.context.services, symbols);
        seen->values = r.context.values;
        if (rows) { /* those of two parts may belong together: as a trace that has spans in both */
            LC_GROW(seen->ids, seen->id_count, seen->id_capacity);
            seen->ids[seen->id_count++] = 0;
        }
        lci_seen_sort(seen);
    }
    lci_services_free(&r.context.services);
    reading->seconds = lci_seconds() - begin;
    return diag->errors == errors ? 0 : -1;
}
