/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Network time per hop, over all calls between two services: points of observation tell what passed between them.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "extract.h"
#include "fit/trace/symbols.h"
#include "render/json.h"

struct hop_row {
    lc_symbol caller, callee, from, to;
    uint64_t calls;
    int64_t sum; /* ns */
};

static uint32_t hash_of(const struct hop_row *row)
{
    return lci_hash_pair(lci_hash_pair(row->caller, row->callee), lci_hash_pair(row->from, row->to));
}

void extract_hops_add(struct extract_hops *hops, const struct lc_tree *tree)
{
    for (size_t i = 0; i < tree->node_count; i++) {
        const struct lc_tree_node *n = &tree->nodes[i];
        for (uint32_t k = 0; n->parent >= 0 && k < n->hop_count; k++) {
            const struct lc_hop *hop = &tree->hops[n->first_hop + k];
            const struct hop_row key = {tree->nodes[n->parent].task, n->task, hop->from, hop->to, 0, 0};
            uint32_t at;
            LCI_TABLE_FIND(&hops->table, hash_of(&key), at,
                           hops->rows[at].caller == key.caller && hops->rows[at].callee == key.callee &&
                               hops->rows[at].from == key.from && hops->rows[at].to == key.to);
            if (at == LCI_ABSENT) {
                LC_GROW(hops->rows, hops->count, hops->capacity);
                at = (uint32_t)hops->count;
                hops->rows[hops->count++] = key;
                lci_table_add(&hops->table, hash_of(&key), at);
            }
            hops->rows[at].calls++;
            hops->rows[at].sum += hop->latency;
        }
    }
}

void extract_hops_text(FILE *out, const struct extract_hops *hops, const struct lc_symbols *symbols)
{
    if (hops->count == 0)
        return;
    fprintf(out, "\nnetwork by hops (both directions together)\n%-24s %-24s %-16s %10s %10s\n", "caller", "callee",
            "between", "calls", "mean ms");
    for (size_t i = 0; i < hops->count; i++) {
        const struct hop_row *row = &hops->rows[i];
        char *between = lc_format("%s – %s", lci_symbol_text(symbols, row->from), lci_symbol_text(symbols, row->to));
        fprintf(out, "%-24s %-24s %-18s %10" PRIu64 " %10.3f\n", lci_symbol_text(symbols, row->caller),
                lci_symbol_text(symbols, row->callee), between, row->calls,
                (double)row->sum / (double)row->calls * 1e-6);
        free(between);
    }
}

void extract_hops_json(FILE *out, const struct extract_hops *hops, const struct lc_symbols *symbols)
{
    if (hops->count == 0)
        return;
    fputs(",\n \"hops\": [", out);
    for (size_t i = 0; i < hops->count; i++) {
        const struct hop_row *row = &hops->rows[i];
        const lc_symbol names[] = {row->caller, row->callee, row->from, row->to};
        static const char *const keys[] = {"caller", "callee", "from", "to"};
        for (size_t k = 0; k < 4; k++) {
            fprintf(out, "%s\"%s\": ", k > 0 ? ", " : i > 0 ? ",\n  {" : "\n  {", keys[k]);
            cli_json_put_text(out, lci_symbol_text(symbols, names[k]));
        }
        fprintf(out, ", \"calls\": %" PRIu64 ", \"mean_us\": %.3f}", row->calls,
                (double)row->sum / (double)row->calls * 1e-3);
    }
    fputc(']', out);
}

void extract_hops_free(struct extract_hops *hops)
{
    free(hops->rows);
    lci_table_free(&hops->table);
}
