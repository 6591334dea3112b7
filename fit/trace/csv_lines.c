/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "csv_lines.h"

#include "trace_assembly.h"

#include <string.h>

#define LINE_MAX_BYTES ((size_t)1 << 20)
#define BATCH          1024

void lci_csv_flush(struct lci_csv_reader *r)
{
    lci_assemble(r->reader.context->assembler, &r->reader.batch);
    lci_batch_clear(&r->reader.batch);
}

static int take_line(struct lci_csv_reader *r, const char *line, size_t length, lci_take_line *take,
                     struct lc_diag *diag)
{
    r->number++;
    return take(r, line, length - (length > 0 && line[length - 1] == '\r'), diag);
}

int lci_csv_feed(struct lci_csv_reader *r, const char *bytes, size_t length, lci_take_line *take, struct lc_diag *diag)
{
    const char *end = bytes + length;
    for (const char *stop; (stop = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL; bytes = stop + 1) {
        const char *line = bytes;
        size_t size = (size_t)(stop - bytes);
        if (r->length > 0) {
            r->line = lc_realloc(r->line, r->length + size + 1, 1);
            memcpy(r->line + r->length, bytes, size);
            line = r->line;
            size += r->length;
        }
        r->length = 0;
        if (take_line(r, line, size, take, diag) != 0)
            return -1;
        r->offset += (int64_t)size + 1;
    }
    const size_t rest = (size_t)(end - bytes);
    if (r->length + rest > LINE_MAX_BYTES) {
        lc_error(diag, LC_INPUT, &(struct lc_place){r->reader.file, r->number + 1, 1, r->offset},
                 "a line of more than %zu MiB begins here; no span needs as much", LINE_MAX_BYTES >> 20);
        return -1;
    }
    r->line = lc_realloc(r->line, r->length + rest + 1, 1);
    memcpy(r->line + r->length, bytes, rest);
    r->length += rest;
    return 0;
}

int lci_csv_last(struct lci_csv_reader *r, lci_take_line *take, struct lc_diag *diag)
{
    return r->length > 0 ? take_line(r, r->line, r->length, take, diag) : 0;
}

int lci_csv_finish(struct lci_csv_reader *r, lci_take_line *take, struct lc_diag *diag)
{
    const int status = lci_csv_last(r, take, diag);
    lci_csv_flush(r);
    return status;
}

void lci_csv_span_end(struct lci_csv_reader *r)
{
    lci_span_end(&r->reader);
    if (r->reader.batch.span_count >= BATCH)
        lci_csv_flush(r);
}

size_t lci_csv_header(const char *text, size_t length)
{
    const char *stop = memchr(text, '\n', length);
    length = stop != NULL ? (size_t)(stop - text) : length;
    return length - (length > 0 && text[length - 1] == '\r');
}

int lci_csv_wrong_count(const struct lci_csv_reader *r, size_t count, size_t columns, struct lc_diag *diag)
{
    lc_error(diag, LC_INPUT, &(struct lc_place){r->reader.file, r->number, 1, r->offset},
             "a line of %zu fields; expected %zu, as there are names of columns", count, columns);
    return -1;
}
