/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>

#include "extract.h"
#include "fit/trace/symbols.h"
#include "render/json.h"

static void put_count(FILE *out, const char *what, uint64_t n)
{
    fprintf(out, "%-10s %15" PRIu64 "\n", what, n);
}

static void put_ms(FILE *out, int64_t ns)
{
    if (ns == INT64_MIN)
        fprintf(out, "%10s", "-");
    else
        fprintf(out, "%10.3f", (double)ns * 1e-6);
}

void extract_clocks(FILE *out, const struct lc_extraction *e, const struct lc_symbols *symbols)
{
    size_t moved = 0;
    for (size_t i = 0; i < e->offset_count; i++)
        moved += e->offsets[i].offset != 0 || !e->offsets[i].consistent;
    fprintf(out, "\nclocks: %zu pairs of hosts call each other, %zu with clocks that differ\n", e->offset_count, moved);
    bool headed = false;
    for (size_t i = 0; i < e->offset_count; i++) {
        const struct lc_clock_offset *o = &e->offsets[i];
        if (o->offset == 0 && o->consistent && o->contradictory == 0)
            continue;
        if (!headed)
            fprintf(out, "%-24s %-24s %10s %10s %10s %10s %13s\n", "caller", "callee", "offset ms", "from", "to",
                    "calls", "contradictory");
        headed = true;
        fprintf(out, "%-24s %-24s ", lci_symbol_text(symbols, o->caller), lci_symbol_text(symbols, o->callee));
        put_ms(out, o->offset);
        putc(' ', out);
        put_ms(out, o->low);
        putc(' ', out);
        put_ms(out, o->high);
        fprintf(out, " %10" PRIu64 " %13" PRIu64 "%s\n", o->samples, o->contradictory,
                o->consistent ? "" : "  the clocks contradict each other");
    }
}

static void put_edges(FILE *out, const struct lc_extraction *e, const struct lc_symbols *symbols)
{
    size_t forgotten = 0;
    for (size_t i = 0; i < e->edge_count; i++)
        forgotten += e->edges[i].forget;
    fprintf(out, "\n%zu kinds of calls, of which nobody waits for %zu\n", e->edge_count, forgotten);
    for (size_t i = 0; i < e->edge_count; i++) {
        const struct lc_edge_fact *f = &e->edges[i];
        if (f->forget)
            fprintf(out, "  %s %s → %s %s: %s (%" PRIu64 " of %" PRIu64 " end after it)\n",
                    lci_symbol_text(symbols, f->caller_task), lci_symbol_text(symbols, f->caller_entry),
                    lci_symbol_text(symbols, f->task), lci_symbol_text(symbols, f->entry), f->reason, f->outlived,
                    f->samples);
    }
}

static const enum lc_repair left_out[] = {LC_REPAIR_NO_ID, LC_REPAIR_ABSURD_TIME, LC_REPAIR_DAMAGED,
                                          LC_REPAIR_NETWORK_POINT, LC_REPAIR_ONE_WAY};
#define LEFT_OUT (sizeof left_out / sizeof *left_out)

/* What became of every span that was read; the numbers below the first sum up to it. */
static void put_fates(FILE *out, const struct lc_extraction *e)
{
    const struct lc_reading *r = &e->reading;
    uint64_t left = 0;
    for (size_t i = 0; i < LEFT_OUT; i++)
        left += r->repairs.count[left_out[i]];
    const struct {
        uint64_t count;
        const char *what;
    } fates[] = {{e->fates.nodes, "nodes of trees"},
                 {e->fates.merged, "of callers, merged with what they called"},
                 {e->fates.inside, "parts of their callers' work"},
                 {e->fates.polling, "that wait for messages, which is no work"},
                 {r->repairs.count[LC_REPAIR_DUPLICATE], "duplicates"},
                 {left, "left out, see repairs"}};
    fprintf(out, "\n%" PRIu64 " spans read\n", r->read);
    for (size_t i = 0; i < sizeof fates / sizeof *fates; i++)
        if (fates[i].count > 0)
            fprintf(out, "  %" PRIu64 " %s\n", fates[i].count, fates[i].what);
}

static void put_fates_json(FILE *out, const struct lc_extraction *e)
{
    const uint64_t *repaired = e->reading.repairs.count;
    fprintf(out,
            ",\n \"spans_read\": %" PRIu64 ", \"span_fates\": {\"nodes\": %" PRIu64 ", \"merged\": %" PRIu64
            ", \"inside\": %" PRIu64 ", \"polling\": %" PRIu64 ", \"duplicate\": %" PRIu64,
            e->reading.read, e->fates.nodes, e->fates.merged, e->fates.inside, e->fates.polling,
            repaired[LC_REPAIR_DUPLICATE]);
    for (size_t i = 0; i < LEFT_OUT; i++)
        fprintf(out, ", \"%s\": %" PRIu64, lc_repair_name(left_out[i]), repaired[left_out[i]]);
    putc('}', out);
}

void extract_summary(FILE *out, const struct lc_extraction *e, const struct extract_counts *counts,
                     const struct lc_symbols *symbols)
{
    const struct lc_reading *r = &e->reading;
    put_count(out, "files", r->files);
    put_count(out, "bytes", r->bytes);
    put_count(out, "traces", r->traces);
    put_count(out, "spans", r->spans);
    put_count(out, "services", counts->services);
    put_count(out, "trees", e->trees);
    put_count(out, "nodes", e->nodes);
    fprintf(out, "%-10s %15.3f\n", "seconds", r->seconds);
    put_fates(out, e);
    bool any = false;
    for (int i = 0; i < LC_REPAIR_KINDS; i++) {
        if (r->repairs.count[i] == 0)
            continue;
        fputs(any ? "" : "\nrepairs\n", out);
        any = true;
        fprintf(out, "  %" PRIu64 " %s\n", r->repairs.count[i], lc_repair_sentence((enum lc_repair)i));
    }
    extract_hops_text(out, &counts->hops, symbols);
    extract_clocks(out, e, symbols);
    put_edges(out, e, symbols);
}

static void put_offsets_json(FILE *out, const struct lc_extraction *e, const struct lc_symbols *symbols)
{
    fputs(",\n \"clock_offsets\": [", out);
    for (size_t i = 0; i < e->offset_count; i++) {
        const struct lc_clock_offset *o = &e->offsets[i];
        fprintf(out, "%s\n  {\"caller\": ", i > 0 ? "," : "");
        cli_json_put_text(out, lci_symbol_text(symbols, o->caller));
        fputs(", \"callee\": ", out);
        cli_json_put_text(out, lci_symbol_text(symbols, o->callee));
        fprintf(out, ", \"offset_ns\": %" PRId64 ", \"low_ns\": ", o->offset);
        if (o->low == INT64_MIN)
            fputs("null", out);
        else
            fprintf(out, "%" PRId64, o->low);
        fprintf(out,
                ", \"high_ns\": %" PRId64 ", \"samples\": %" PRIu64 ", \"contradictory\": %" PRIu64
                ", \"consistent\": %s}",
                o->high, o->samples, o->contradictory, o->consistent ? "true" : "false");
    }
    putc(']', out);
}

static void put_edges_json(FILE *out, const struct lc_extraction *e, const struct lc_symbols *symbols)
{
    fputs(",\n \"edges\": [", out);
    for (size_t i = 0; i < e->edge_count; i++) {
        const struct lc_edge_fact *f = &e->edges[i];
        const struct {
            const char *key;
            lc_symbol symbol;
        } names[] = {{"caller_service", f->caller_task},
                     {"caller_operation", f->caller_entry},
                     {"service", f->task},
                     {"operation", f->entry}};
        fputs(i > 0 ? ",\n  {" : "\n  {", out);
        for (size_t k = 0; k < 4; k++) {
            fprintf(out, "\"%s\": ", names[k].key);
            cli_json_put_text(out, lci_symbol_text(symbols, names[k].symbol));
            fputs(", ", out);
        }
        fprintf(out, "\"samples\": %" PRIu64 ", \"outlived\": %" PRIu64 ", \"forget\": %s, \"reason\": ", f->samples,
                f->outlived, f->forget ? "true" : "false");
        cli_json_put_text(out, f->reason);
        putc('}', out);
    }
    putc(']', out);
}

void extract_summary_json(FILE *out, const struct lc_extraction *e, const struct extract_counts *counts,
                          const struct lc_symbols *symbols)
{
    const struct lc_reading *r = &e->reading;
    fprintf(out,
            "{\"files\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"traces\": %" PRIu64 ", \"spans\": %" PRIu64
            ", \"services\": %" PRIu64 ",\n \"repairs\": {",
            r->files, r->bytes, r->traces, r->spans, counts->services);
    for (int i = 0; i < LC_REPAIR_KINDS; i++)
        fprintf(out, "%s\"%s\": %" PRIu64, i > 0 ? ", " : "", lc_repair_name((enum lc_repair)i), r->repairs.count[i]);
    fprintf(out, "},\n \"seconds\": %.6f, \"trees\": %" PRIu64 ", \"nodes\": %" PRIu64, r->seconds, e->trees, e->nodes);
    put_fates_json(out, e);
    extract_hops_json(out, &counts->hops, symbols);
    put_offsets_json(out, e, symbols);
    put_edges_json(out, e, symbols);
    fputs("}\n", out);
}
