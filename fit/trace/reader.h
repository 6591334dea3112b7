/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the readers of the formats share. A reader gathers spans in a batch (all spans of a Jaeger trace, of an OTLP
 * resource …), completes them when it knows service and host, and hands the batch to the assembler.
 */
#ifndef LCI_TRACE_READER_H
#define LCI_TRACE_READER_H

#include "lines.h"
#include "loadcast/trace.h"
#include "services.h"

struct lci_assembler;
struct lci_attributes;
struct lci_rosebery_tables;
struct lci_flow_draft;
struct lci_flow_kind;
struct lci_flow_meaning;

/* Flag of lc_span that never leaves the assembler: no start was given. */
#define LCI_SPAN_NO_START 0x8000

struct lci_trace_id {
    uint64_t high, low;
};

/* A span of the same trace that becomes the parent when the first choice is not in the trace. */
struct lci_alternative {
    uint64_t id;
    uint32_t span; /* index */
    bool follows;
};

struct lci_batch {
    struct lc_span *spans; /* first_… are indices into the arrays below; [span_count] may be a draft */
    struct lci_trace_id *ids;
    size_t span_count, span_capacity, id_capacity;
    struct lc_attribute *attributes;
    size_t attribute_count, attribute_capacity;
    struct lc_event *events;
    size_t event_count, event_capacity;
    struct lc_link *links;
    size_t link_count, link_capacity;
    struct lci_alternative *alternatives;
    size_t alternative_count, alternative_capacity;
    struct lci_flow_draft *flows; /* of spans that are rows of DeepFlow, in their order */
    size_t flow_count, flow_capacity;
    bool zipkin;    /* shared ids are told apart as Zipkin does */
    bool pipeline;  /* spans without a parent are steps that follow each other, see pipeline.c */
    size_t settled; /* spans of lines that were read whole */
    bool complete;  /* each trace of the batch is thought to be whole */
};

/* What all sources of one reading have in common. */
struct lci_context {
    struct lc_symbols *symbols;
    const struct lci_attributes *attributes;
    struct lci_assembler *assembler;
    struct lc_repairs *repairs;
    struct lc_diag *diag;
    struct lci_services services;
    struct lci_rosebery_tables *rosebery; /* rosebery.h; NULL: none were read */
    uint64_t read;                        /* spans, of any kind */
    uint64_t values;                      /* distinct attribute values kept, see lci_value_symbol */
    lc_symbol recent[LC_ATTR_OTHER];      /* by key of an attribute: the value kept last, as most come again */
    bool values_warned, strict;           /* strict: damaged lines are errors */
};

struct lci_reference {
    struct lci_trace_id trace; /* zero: the span's own */
    uint64_t id;
    bool follows; /* FOLLOWS_FROM or a link */
};

/* The span being read: times and references as found so far. */
struct lci_draft {
    struct lci_trace_id trace;
    struct lc_span *span; /* in the batch, not counted yet */
    int64_t start, end, duration, last_event;
    bool has_start, has_end, has_duration, absurd, named; /* named: an id is no number */
    uint64_t parent;                                      /* given by a field of its own */
    bool bare; /* that field does not tell how the span depends on its parent: the reference to it does */
    struct lci_reference *references;
    size_t reference_count, reference_capacity;
};

struct lci_trace_reader {
    const struct lci_format *format;
    struct lci_context *context;
    struct lci_json *json;
    const char *file;             /* for messages; borrowed */
    int64_t newest;               /* latest end of a span so far, INT64_MIN: none */
    int64_t oldest;               /* earliest start, INT64_MAX: none */
    uint64_t roots;               /* spans without a parent */
    uint64_t spans;               /* read so far, of any kind */
    struct lci_trace_lines lines; /* of JSON */
    struct lci_batch batch;
    struct lci_draft draft;
    struct lci_flow_draft *resources; /* what resources say of rows; a resource's `flow` − 1 is its place */
    size_t resource_count, resource_capacity;
    struct lci_flow_kind *kinds;        /* of rows, see flow_words.c */
    struct lci_flow_meaning **meanings; /* of texts of their columns, see flow_columns.c */
};

/* A format: one file and one line in formats.def. JSON is told by `signs`, paths of keys (arrays left out,
 * "data.spans") that no other format has, and read by a grammar; other texts are told by `begins` and read by `feed`.
 */
struct lci_format {
    const char *name;
    const char *const *signs;                        /* ends with NULL; NULL: not JSON */
    bool (*begins)(const char *text, size_t length); /* whether a text begins as this format does; NULL: JSON */
    const struct lci_grammar *grammar;
    bool beside; /* holds no spans, but what others need: such files are read first */
    size_t size; /* of the reader, whose first member is struct lci_trace_reader */
    /* Each of these may be NULL; those that return a status append an error when it is −1. */
    void (*start)(struct lci_trace_reader *reader);
    int (*feed)(struct lci_trace_reader *reader, const char *bytes, size_t length, struct lc_diag *diag);
    int (*finish)(struct lci_trace_reader *reader,
                  struct lc_diag *diag); /* at the end of the input: hands on what is left */
    void (*drop)(
        struct lci_trace_reader *reader); /* forgets what it read of a document that turned out to be damaged */
    void (*stop)(struct lci_trace_reader *reader); /* frees what is the format's own */
};
#define FORMAT(name) extern const struct lci_format lci_##name;
#include "formats.def"

/* The format whose sign comes first in the text, or NULL; then `found` says what was seen instead (allocated). */
const struct lci_format *lci_sniff(const char *text, size_t length, char **found);
/* "Jaeger JSON, OTLP JSON, …"; owned by the caller. */
char *lci_format_names(void);

struct lci_trace_reader *lci_reader_new(const struct lci_format *format, struct lci_context *context, const char *file);
void lci_reader_free(struct lci_trace_reader *reader);
/* Both return 0, or −1 with one error appended; nothing may be fed after that. */
int lci_reader_feed(struct lci_trace_reader *reader, const char *bytes, size_t length);
int lci_reader_finish(struct lci_trace_reader *reader);
/* The input cannot be read on: what is whole in the batch goes with it, as its spans may lack what comes later. */
void lci_reader_drop(struct lci_trace_reader *reader);

/* ---- building spans ---------------------------------------------------------------------------------------------- */

/* Begins a span in the batch; nothing is in the batch until lci_span_end. */
void lci_span_begin(struct lci_trace_reader *reader);
/* Ends it: times are settled, references become parent, alternatives and links. Returns the span, or NULL when it was
 * left out (and counted). A trace id may still be missing; it must be there when the batch is handed on. */
struct lc_span *lci_span_end(struct lci_trace_reader *reader);
/* Empties the batch. */
void lci_batch_clear(struct lci_batch *batch);
/* Takes back what came into the batch since its last settled span; these spans are counted as damaged. */
void lci_batch_drop(struct lci_trace_reader *reader);

/* Times: numbers as text, times 10^shift ns. */
void lci_span_start(struct lci_trace_reader *reader, const char *text, size_t length, int shift);
void lci_span_stop(struct lci_trace_reader *reader, const char *text, size_t length, int shift);
void lci_span_duration(struct lci_trace_reader *reader, const char *text, size_t length, int shift);
/* The time of an event, 0 when it is none. */
int64_t lci_event_time(struct lci_trace_reader *reader, const char *text, size_t length, int shift);
/* The same of nanoseconds that are a number already. */
void lci_span_start_ns(struct lci_trace_reader *reader, uint64_t time);
void lci_span_stop_ns(struct lci_trace_reader *reader, uint64_t time);
void lci_span_duration_ns(struct lci_trace_reader *reader, uint64_t duration);
int64_t lci_event_time_ns(struct lci_trace_reader *reader, uint64_t time);

void lci_push_attribute(struct lci_batch *batch, uint32_t key, lc_symbol value);
void lci_push_event(struct lci_trace_reader *reader, const struct lc_event *event);

/* ---- texts ------------------------------------------------------------------------------------------------------- */

/* A symbol of the text with invalid UTF-8 replaced (and counted). */
lc_symbol lci_symbol(struct lci_context *context, const char *text, size_t length);
/* The same for values of which there may be any number: when more than LCI_VALUES distinct ones were kept, new ones are
 * 0 and a warning is given once. */
#define LCI_VALUES 1000000u
lc_symbol lci_value_symbol(struct lci_context *context, const char *text, size_t length);
/* The same for names, types and ids of events; what is longer than 128 bytes is prose and gives 0. */
lc_symbol lci_event_symbol(struct lci_context *context, const char *text, size_t length);

/* Ids: hex (any case, any number of digits up to 32), or base64 of 8 or 16 bytes; other texts are names: they are
 * hashed, and the span being read is counted. Empty or zero gives 0. */
struct lci_trace_id lci_trace_id_of(struct lci_trace_reader *reader, const char *text, size_t length);
uint64_t lci_span_id_of(struct lci_trace_reader *reader, const char *text, size_t length);
/* The same of bytes, big-endian: 16 or 8 of a trace, 8 of a span. Others are no id, and count as missing. */
struct lci_trace_id lci_trace_id_of_bytes(const char *bytes, size_t length);
uint64_t lci_span_id_of_bytes(const char *bytes, size_t length);

/* Ids of names such as "span-1" of hand-made files: FNV-1a, piece by piece, with a final mix. Never 0. */
#define LCI_NAME_EMPTY UINT64_C(0xCBF29CE484222325)
static inline uint64_t lci_name_hash(uint64_t hash, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001B3);
    return hash;
}
static inline uint64_t lci_name_id(uint64_t hash)
{
    hash = (hash ^ hash >> 32) * UINT64_C(0x9E3779B97F4A7C15);
    return hash != 0 ? hash : 1;
}

/* 0 when unknown. Names in any case, with or without "SPAN_KIND_". */
uint8_t lci_kind_of(const char *text, size_t length);

#endif
