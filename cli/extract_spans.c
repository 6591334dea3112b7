/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How rows of DeepFlow were put together: one JSON document a trace, one line each. docs/assembly.md.
 */
#include <inttypes.h>

#include "extract.h"
#include "fit/trace/symbols.h"
#include "render/json.h"

/* Rows are called by the lower half of their numbers, as people know them; `ids` has all of it. */
#define ROW(id) ((uint32_t)(id))

static void put_us(FILE *out, int64_t ns)
{
    const uint64_t n = (uint64_t)(ns < 0 ? -ns : ns);
    fprintf(out, "%s%" PRIu64, ns < 0 ? "-" : "", n / 1000);
    if (n % 1000 != 0)
        fprintf(out, ".%03u", (unsigned)(n % 1000));
}

static void put_span(FILE *out, const struct lc_assembled_span *s)
{
    fputs("{\"rows\": [", out);
    for (size_t i = 0; i < s->row_count; i++)
        fprintf(out, "%s\"%" PRIu32 "\"", i > 0 ? ", " : "", ROW(s->rows[i]));
    fputs("], \"ids\": [", out);
    for (size_t i = 0; i < s->row_count; i++)
        fprintf(out, "%s\"%" PRIu64 "\"", i > 0 ? ", " : "", s->rows[i]);
    fprintf(out, "], \"tap_side\": \"%s\", ", s->point);
    if (s->root)
        fputs("\"parent_row\": null, \"parent_id\": null, ", out);
    else
        fprintf(out, "\"parent_row\": %" PRIu32 ", \"parent_id\": \"%" PRIu64 "\", ", ROW(s->parent), s->parent);
    fputs("\"duration_us\": ", out);
    put_us(out, s->duration);
    fputs(", \"self_us\": ", out);
    put_us(out, s->self);
    fprintf(out, ", \"async\": %s, \"reason\": ", s->async ? "true" : "false");
    if (s->reason != NULL)
        cli_json_put_text(out, s->reason);
    else
        fputs("null", out);
    fputc('}', out);
}

void extract_spans(FILE *out, const struct lc_assembled *trace, const struct lc_symbols *symbols)
{
    fputs("{\"spans\": [", out);
    for (size_t i = 0; i < trace->span_count; i++) {
        fputs(i > 0 ? ", " : "", out);
        put_span(out, &trace->spans[i]);
    }
    fputs("], \"host_clock_correction_us\": {", out);
    for (size_t i = 0; i < trace->clock_count; i++) {
        fputs(i > 0 ? ", " : "", out);
        cli_json_put_text(out, trace->clocks[i].agent != 0 ? lci_symbol_text(symbols, trace->clocks[i].agent) : "");
        fputs(": ", out);
        put_us(out, trace->clocks[i].shift);
    }
    fputs("}}\n", out);
}
