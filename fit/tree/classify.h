/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a span is: class, reading or writing, a label of low cardinality for its operation, and the name of the server
 * that it calls should nothing else tell. Spans that agree in all of this share one `struct lci_span_type`.
 */
#ifndef TREE_CLASSIFY_H
#define TREE_CLASSIFY_H

#include "tree/url_paths.h"

struct lci_span_type {
    lc_symbol label;  /* operation */
    lc_symbol server; /* name for the called server if it has no span of its own; 0: the span does not tell */
    uint8_t class_, access;
    bool acquire; /* waits for a connection of a pool: no request to the server */
    bool client;  /* has the marks of an outgoing call, for spans whose kind is not known */
};

struct lci_types;
/* `paths` takes the paths of URLs that are met; it must outlive what is returned. */
struct lci_types *lci_types_new(struct lc_symbols *symbols, struct lci_paths *paths);
void lci_types_free(struct lci_types *types);
/* Index of the span's type. Labels that are taken from paths are settled once all spans were seen. */
uint32_t lci_type_of(struct lci_types *types, const struct lc_trace *trace, const struct lc_span *span);
/* Makes the labels that are taken from paths, once it is decided how much of these is kept. */
void lci_types_settle(struct lci_types *types);
const struct lci_span_type *lci_type(const struct lci_types *types,
                                     uint32_t index); /* valid until the next lci_type_of */

/* Whether a client's span within another one's calls another server, by what both tell: another product or database, a
 * store from within a request, or another peer. A library within another (HTTP below Elasticsearch) is not. */
bool lci_types_call_others(const struct lci_types *types, uint32_t outer, uint32_t inner);

/* A name without what changes from request to request: the query of a URL goes, numbers, UUIDs and long hexadecimal
 * words become ":id". `out` has room for `size` bytes (> 0); longer names are cut. Returns the length. */
size_t lci_plain_name(const char *name, char *out, size_t size);
/* By the first word of an operation or a statement; `key_value`: SET is a writing command, not a setting of the
 * session. */
enum lc_access lci_access_of(const char *text, bool key_value);

#endif
