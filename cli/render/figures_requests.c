/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Requests as they were recorded. Of the requests to each operation some are kept, chosen by their trace ids, so that
 * the same traces give the same picture in whatever order their files are read. */
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "figures.h"
#include "fit/trace/source.h"
#include "fit/trace/symbols.h"
#include "json.h"
#include "loadcast/tree.h"

enum { KEPT = 64, SEEN = 256, SHOWN = 12, MOST_NODES = 150, MOST_BYTES = 1 << 30 };

struct request {
    uint32_t key; /* a hash of the trace id: the lowest ones are kept */
    int64_t duration;
    size_t left_out; /* nodes beyond MOST_NODES */
    json_t *rows;    /* owned */
};
struct operation {
    lc_symbol service, name;
    uint64_t count;
    struct request requests[KEPT];
    size_t kept;
};
struct seen {
    struct lc_symbols *symbols;
    struct operation *items;
    size_t count, capacity;
    struct lci_table table; /* of the items, by service and name */
};

/* NULL: it is one too many. */
static struct operation *find(struct seen *seen, const struct lc_tree_node *root)
{
    uint32_t at;
    const uint32_t hash = lci_hash_pair(root->task, root->entry);
    LCI_TABLE_FIND(&seen->table, hash, at,
                   seen->items[at].service == root->task && seen->items[at].name == root->entry);
    if (at != LCI_ABSENT)
        return &seen->items[at];
    if (seen->count == SEEN)
        return NULL;
    lci_table_add(&seen->table, hash, seen->count);
    LC_GROW(seen->items, seen->count, seen->capacity);
    seen->items[seen->count] = (struct operation){.service = root->task, .name = root->entry};
    return &seen->items[seen->count++];
}

/* [service, operation, place of the caller or −1, start, end, kind of call] for each node; seconds since the request
 * began. */
static json_t *rows_of(const struct seen *seen, const struct lc_tree *tree)
{
    json_t *rows = json_array();
    const int64_t zero = tree->nodes[0].start;
    for (size_t i = 0; i < tree->node_count && i < MOST_NODES; i++) {
        const struct lc_tree_node *n = &tree->nodes[i];
        json_array_append_new(rows,
                              json_pack("[o, o, i, f, f, s]", cli_json_text(lci_symbol_text(seen->symbols, n->task)),
                                        cli_json_text(lci_symbol_text(seen->symbols, n->entry)), (int)n->parent,
                                        (double)(n->start - zero) * 1e-9, (double)(n->end - zero) * 1e-9,
                                        lc_edge_name((enum lc_edge)n->edge)));
    }
    return rows;
}

static int keep(void *context, const struct lc_tree *tree)
{
    struct seen *seen = context;
    struct operation *o = find(seen, &tree->nodes[0]);
    const uint64_t id[] = {tree->trace->high, tree->trace->low};
    const uint32_t key = lci_hash_bytes(id, sizeof id);
    if (o == NULL)
        return 0;
    size_t place = o->kept;
    o->count++;
    if (o->kept == KEPT) {
        place = 0;
        for (size_t i = 1; i < KEPT; i++)
            place = o->requests[i].key > o->requests[place].key ? i : place;
        if (o->requests[place].key <= key)
            return 0;
        json_decref(o->requests[place].rows);
    } else {
        o->kept++;
    }
    o->requests[place] =
        (struct request){key, tree->nodes[0].end - tree->nodes[0].start,
                         tree->node_count > MOST_NODES ? tree->node_count - MOST_NODES : 0, rows_of(seen, tree)};
    return 0;
}

static int by_duration(const void *a, const void *b)
{
    const struct request *x = a, *y = b;
    return x->duration != y->duration ? (x->duration > y->duration) - (x->duration < y->duration)
                                      : (x->key > y->key) - (x->key < y->key);
}

static int by_count(const void *a, const void *b)
{
    const struct operation *x = a, *y = b;
    return (x->count < y->count) - (x->count > y->count);
}

static json_t *request_json(const struct request *r)
{
    return json_pack("{s:f, s:I, s:O}", "duration", (double)r->duration * 1e-9, "left_out", (json_int_t)r->left_out,
                     "nodes", r->rows);
}

static json_t *operation_json(const struct seen *seen, struct operation *o)
{
    qsort(o->requests, o->kept, sizeof *o->requests, by_duration);
    return json_pack("{s:o, s:o, s:I, s:I, s:o, s:o}", "service",
                     cli_json_text(lci_symbol_text(seen->symbols, o->service)), "operation",
                     cli_json_text(lci_symbol_text(seen->symbols, o->name)), "requests", (json_int_t)o->count, "of",
                     (json_int_t)o->kept, "typical", request_json(&o->requests[(o->kept - 1) / 2]), "slow",
                     request_json(&o->requests[(size_t)(0.95 * (double)(o->kept - 1) + 0.5)]));
}

static const char *why_not(const struct lc_scenario *scenario, const struct lc_reading *reading, size_t *count)
{
    for (*count = 0; scenario->traces[*count] != NULL; ++*count)
        if (lci_comes_once(scenario->traces[*count]))
            return "Not shown: the traces came through a pipe, which cannot be read again.";
    return reading->bytes > MOST_BYTES ? "Not shown for traces of more than 1 GiB, which would be read a second time."
                                       : NULL;
}

void figures_add_requests(const struct lc_scenario *scenario, const struct lc_reading *reading, json_t *document)
{
    struct seen seen = {.symbols = lci_symbols_new()};
    struct lc_extraction extraction = {0};
    struct lc_diag said = {0}; /* when they were read first */
    json_t *list = json_array();
    size_t count;
    const char *wrong = why_not(scenario, reading, &count);
    if (wrong != NULL)
        json_object_set_new(document, "no_requests", json_string(wrong));
    else
        lc_trees_read((const char *const *)scenario->traces, count, &(struct lc_tree_options){0}, seen.symbols, keep,
                      &seen, &extraction, &said);
    if (seen.count > 0)
        qsort(seen.items, seen.count, sizeof *seen.items, by_count);
    for (size_t i = 0; i < seen.count; i++) {
        if (i < SHOWN)
            json_array_append_new(list, operation_json(&seen, &seen.items[i]));
        for (size_t k = 0; k < seen.items[i].kept; k++)
            json_decref(seen.items[i].requests[k].rows);
    }
    json_object_set_new(document, "requests", list);
    free(seen.items);
    lci_table_free(&seen.table);
    lc_extraction_free(&extraction);
    lc_diag_free(&said);
    lci_symbols_free(seen.symbols);
}
