/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file of a recording: plain or gzip, one trace after the other.
 */
#include "base/memory.h"
#include "base/output.h"
#include "base/quoted.h"
#include "loadcast/base.h"
#include "loadcast/format.h"
#include "record_text.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct lci_writer {
    const struct lci_program *program;
    struct lc_record_options options;
    const struct lci_trace_format *format;
    struct lci_output *output;
    FILE *stream;
    char *file;
    z_stream *zip; /* NULL: plain */
    unsigned char *packed;
    struct lci_buffer text;
    struct lci_record_names names;
    uint64_t traces;
};

enum { PACKED = 1 << 16 };

bool lci_sampler_of(const struct lc_record_options *options, const char **type, double *param)
{
    const bool limited = options->limit > 0;
    *type = limited ? "\"ratelimiting\"" : "\"probabilistic\"";
    *param = limited ? options->limit : options->sampling;
    return limited || (options->sampling < 1 && options->slow <= 0);
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* Learned entries are called SERVICE/OPERATION: the service stands elsewhere. */
static const char *operation(const char *entry, const char *task)
{
    const size_t length = strlen(task);
    return strncmp(entry, task, length) == 0 && entry[length] == '/' && entry[length + 1] != 0 ? entry + length + 1
                                                                                               : entry;
}

/* What a helper's caller asks for: the entry that the helper calls, as a pool of connections does. */
static int served_by(const struct lc_model *m, int entry)
{
    for (size_t i = 0; i < m->entry_count && !m->tasks[m->entries[entry].task].service; i++) {
        const struct lc_activity *first = &m->entries[entry].phases[0];
        if (first->call_count != 1)
            break;
        entry = first->calls[0].entry;
    }
    return entry;
}

static void make_names(struct lci_record_names *names, const struct lci_program *p)
{
    const struct lc_model *m = p->model;
    names->operations = lc_calloc(p->entry_count, sizeof(char *));
    names->callees = lc_calloc(p->entry_count, sizeof(char *));
    names->caches = lc_calloc(p->entry_count, sizeof(char *));
    for (size_t i = 0; i < p->entry_count; i++) {
        const struct lc_entry *entry = &m->entries[served_by(m, p->entries[i].model)];
        names->operations[i] = lci_json_quoted(operation(entry->name, m->tasks[entry->task].name));
        names->callees[i] = lci_json_quoted(m->tasks[entry->task].name);
        char *cache = lc_format("%s cache", m->tasks[entry->task].name);
        names->caches[i] = lci_json_quoted(cache);
        free(cache);
    }
}

uint32_t lci_writer_host(struct lci_writer *w, const char *service, uint32_t number)
{
    struct lci_record_names *names = &w->names;
    char *name = lc_format("%s-%u", service, number);
    LC_GROW(names->hosts, names->host_count, names->host_capacity);
    names->hosts[names->host_count] = (struct lci_host){lci_json_quoted(service), lci_json_quoted(name)};
    free(name);
    return (uint32_t)names->host_count++;
}

static void free_names(struct lci_record_names *names, const struct lci_program *p)
{
    for (size_t i = 0; i < names->host_count; i++) {
        free(names->hosts[i].service);
        free(names->hosts[i].name);
    }
    for (size_t i = 0; i < p->entry_count; i++) {
        free(names->operations[i]);
        free(names->callees[i]);
        free(names->caches[i]);
    }
    free(names->hosts);
    free(names->operations);
    free(names->callees);
    free(names->caches);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static void put_plain(struct lci_writer *w, const void *bytes, size_t length)
{
    fwrite(bytes, 1, length, w->stream);
}

static void put_packed(struct lci_writer *w, int flush)
{
    z_stream *z = w->zip;
    z->next_in = (unsigned char *)w->text.text;
    z->avail_in = (uInt)w->text.length;
    do {
        z->next_out = w->packed;
        z->avail_out = PACKED;
        deflate(z, flush);
        put_plain(w, w->packed, PACKED - z->avail_out);
    } while (z->avail_out == 0);
}

static void put(struct lci_writer *w, int flush)
{
    if (w->zip != NULL)
        put_packed(w, flush);
    else
        put_plain(w, w->text.text, w->text.length);
    w->text.length = 0;
}

struct lci_writer *lci_writer_new(const struct lci_program *program, const struct lc_record_options *options,
                                  const char *file, struct lc_diag *diag)
{
    struct lci_output *output = lci_output_open(file, diag);
    if (output == NULL)
        return NULL;
    struct lci_writer *w = lc_calloc(1, sizeof *w);
    w->program = program;
    w->options = *options;
    w->format = options->format == LC_RECORD_JAEGER ? &lci_jaeger_traces : &lci_otlp_traces;
    w->output = output;
    w->stream = lci_output_stream(output);
    w->file = lc_strdup(file);
    const size_t length = strlen(file);
    if (length > 3 && strcmp(file + length - 3, ".gz") == 0) {
        w->zip = lc_calloc(1, sizeof *w->zip);
        w->packed = lc_alloc(PACKED);
        w->zip->zalloc = lci_memory_items;
        w->zip->zfree = lci_memory_free;
        /* 15 + 16: the largest window, in a gzip wrapper (which holds no time, so that bytes depend on nothing else) */
        deflateInit2(w->zip, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    }
    make_names(&w->names, program);
    lci_buffer_add(&w->text, "%s", w->format->begin);
    return w;
}

void lci_writer_trace(struct lci_writer *w, const struct lci_trace *trace)
{
    if (w->traces++ > 0)
        lci_buffer_add(&w->text, "%s", w->format->between);
    w->format->trace(&w->text, &w->names, &w->options, trace);
    put(w, Z_NO_FLUSH);
}

static void free_writer(struct lci_writer *w)
{
    if (w->zip != NULL)
        deflateEnd(w->zip);
    free(w->zip);
    free(w->packed);
    free_names(&w->names, w->program);
    free(w->text.text);
    free(w->file);
    free(w);
}

int lci_writer_close(struct lci_writer *w, struct lc_diag *diag)
{
    lci_buffer_add(&w->text, "%s", w->format->end);
    put(w, Z_FINISH);
    const int status = lci_output_close(w->output, diag);
    free_writer(w);
    return status;
}

void lci_writer_abandon(struct lci_writer *w)
{
    lci_output_abandon(w->output);
    free_writer(w);
}
