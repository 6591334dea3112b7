/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utc.h"
#include "extract.h"
#include "fit/trace/symbols.h"

#define NUMBERS     33 /* columns of the three durations */
#define MOST_LEVELS 40 /* deeper rows are indented no further */

static void put_duration(FILE *out, int64_t ns)
{
    char text[32];
    const double v = (double)ns;
    const struct {
        double limit, factor;
        const char *unit;
    } units[] = {{1e3, 1, "ns"}, {1e6, 1e-3, "µs"}, {1e9, 1e-6, "ms"}, {INFINITY, 1e-9, "s"}};
    size_t i = 0;
    while (v >= units[i].limit)
        i++;
    const double value = v * units[i].factor;
    const int decimals = i == 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
    snprintf(text, sizeof text, "%.*f %s", decimals, value, units[i].unit);
    fprintf(out, "%*s%s", 11 - (int)strlen(text) + (i == 1), "", text); /* µ takes two bytes and one column */
}

/* Writes at most `columns` columns of UTF-8 text, filled up with blanks; a cut is marked. Control characters become
 * blanks. */
static void put_cell(FILE *out, const char *text, int columns)
{
    int length = 0;
    for (const char *c = text; *c != 0; c++)
        length += (*c & 0xc0) != 0x80;
    const bool cut = length > columns;
    int written = 0;
    for (const char *c = text; *c != 0; c++) {
        if ((*c & 0xc0) != 0x80 && written == (cut ? columns - 1 : columns))
            break;
        written += (*c & 0xc0) != 0x80;
        putc_unlocked((unsigned char)*c < 0x20 ? ' ' : *c, out);
    }
    if (cut && columns > 0) {
        fputs("…", out);
        written++;
    }
    fprintf(out, "%*s", columns - written, "");
}

/* The part of the timeline that a row of it shows. */
struct scale {
    int64_t from, to;
    int columns;
};

static bool waits_at(const struct lc_tree *tree, const struct lc_tree_node *n, double at)
{
    for (uint32_t i = 0; i < n->child_count; i++) {
        const struct lc_tree_node *c = &tree->nodes[n->first_child + i];
        if ((double)c->request > at) /* sorted by request */
            return false;
        if (c->edge != LC_EDGE_FORGET && at < (double)c->response)
            return true;
    }
    return false;
}

/* Every column stands for the moment in its middle, but for the first moment of a node, so that nothing is too short
 * to be seen. */
static void put_bar(FILE *out, const struct lc_tree *tree, const struct lc_tree_node *n, const struct scale *scale)
{
    const double step = (double)(scale->to - scale->from) / scale->columns;
    int first = (int)((double)(n->start - scale->from) / step);
    if (first >= scale->columns)
        first = scale->columns - 1;
    for (int i = 0; i < scale->columns; i++) {
        const double at = (double)scale->from + (i + 0.5) * step;
        const bool inside = at >= (double)n->start && at < (double)n->end;
        const bool window = n->parent >= 0 && at >= (double)n->request && at < (double)n->response;
        if (inside)
            fputs(waits_at(tree, n, at) ? "░" : "█", out);
        else if (i == first)
            fputs("▏", out);
        else
            fputs(window && n->edge != LC_EDGE_FORGET ? "·" : " ", out);
    }
}

static const char *mark_of(const struct lc_tree_node *n)
{
    static const char *const marks[] = {
        [LC_EDGE_ROOT] = "", [LC_EDGE_SYNC] = "→ ", [LC_EDGE_CONCURRENT] = "⇉ ", [LC_EDGE_FORGET] = "↷ "};
    return marks[n->edge];
}

/* The network latency of a call by the points between which it passed, on a line of its own. */
static void put_hops(FILE *out, const struct lc_tree *tree, const struct lc_tree_node *n, int level,
                     const struct lc_symbols *symbols)
{
    if (n->hop_count == 0)
        return;
    fprintf(out, "%*s    network", 2 * (level < MOST_LEVELS ? level : MOST_LEVELS), "");
    for (uint32_t i = 0; i < n->hop_count; i++) {
        const struct lc_hop *hop = &tree->hops[n->first_hop + i];
        fprintf(out, "%s %s → %s %.3g ms", i > 0 ? "," : "", lci_symbol_text(symbols, hop->from),
                lci_symbol_text(symbols, hop->to), (double)hop->latency * 1e-6);
    }
    putc_unlocked('\n', out);
}

static void put_row(FILE *out, const struct lc_tree *tree, uint32_t index, int level, int names,
                    const struct lc_symbols *symbols, const struct scale *scale)
{
    const struct lc_tree_node *n = &tree->nodes[index];
    char *name = lc_format("%*s%s%s  %s%s%s", 2 * (level < MOST_LEVELS ? level : MOST_LEVELS), "", mark_of(n),
                           lci_symbol_text(symbols, n->task), lci_symbol_text(symbols, n->entry),
                           n->acquire ? " (connection)" : "", n->error ? " ✗" : "");
    put_cell(out, name, names);
    fputs(" │", out);
    put_bar(out, tree, n, scale);
    fputs("│", out);
    put_duration(out, n->end - n->start);
    if (n->external) {
        fprintf(out, "%*s", 22, "");
    } else {
        put_duration(out, n->self);
        put_duration(out, n->blocked);
    }
    if (n->queue_delay > 0) {
        fputs("  queued", out);
        put_duration(out, n->queue_delay);
    }
    putc_unlocked('\n', out);
    put_hops(out, tree, n, level, symbols);
    free(name);
}

static void put_header(FILE *out, const struct lc_tree *tree, const struct lc_symbols *symbols, int names, int bars)
{
    const struct lc_tree_node *root = &tree->nodes[0];
    char *when = lci_utc_text(root->start, LCI_UTC_SHOWN);
    fputs("trace ", out);
    if (tree->trace->high != 0)
        fprintf(out, "%016" PRIx64, tree->trace->high);
    fprintf(out, "%016" PRIx64 "  %s.%03d UTC  %s  %s\n", tree->trace->low, when, (int)(root->start / 1000000 % 1000),
            lci_symbol_text(symbols, root->task), lci_symbol_text(symbols, root->entry));
    fprintf(out, "%*s%11s%11s\n", names + bars + 14, "duration", "self", "blocked");
    free(when);
}

void extract_text(FILE *out, const struct lc_tree *tree, const struct lc_symbols *symbols, int width)
{
    const int room = width - NUMBERS - 3, names = room * 5 / 9, bars = room - names;
    struct scale scale = {tree->nodes[0].start, tree->nodes[0].end, bars};
    for (size_t i = 0; i < tree->node_count; i++) {
        scale.from = tree->nodes[i].start < scale.from ? tree->nodes[i].start : scale.from;
        scale.to = tree->nodes[i].end > scale.to ? tree->nodes[i].end : scale.to;
    }
    if (scale.to == scale.from)
        scale.to++;
    put_header(out, tree, symbols, names, bars);
    /* Nodes still to be shown with their levels; children are pushed in reverse. */
    struct pending {
        uint32_t node;
        int level;
    } *stack = lc_calloc(tree->node_count, sizeof *stack);
    size_t depth = 1;
    while (depth > 0) {
        const struct pending p = stack[--depth];
        const struct lc_tree_node *n = &tree->nodes[p.node];
        put_row(out, tree, p.node, p.level, names, symbols, &scale);
        for (uint32_t i = n->child_count; i-- > 0;)
            stack[depth++] = (struct pending){n->first_child + i, p.level + 1};
    }
    fputs("█ works itself  ░ waits  · on the way   → call  ⇉ calls at once  ↷ nobody waits\n\n", out);
    free(stack);
}
