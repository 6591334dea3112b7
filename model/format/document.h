/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A document to be written: what YAML and JSON have in common, so that a model is laid out in one piece of code
 * for both (model_layout.c). Nesting is a dozen levels at the most. */
#ifndef LOADCAST_FORMAT_DOCUMENT_H
#define LOADCAST_FORMAT_DOCUMENT_H

#include "loadcast/base.h"

#include <stdio.h>

enum lci_doc_kind {
    LCI_TEXT,
    LCI_WORD, /* a number or truth value: JSON writes it without quotes */
    LCI_LIST,
    LCI_MAP,
};

struct lci_doc {
    enum lci_doc_kind kind;
    bool compact;          /* YAML: on one line; set by the writer */
    char *text;            /* TEXT and WORD; owned */
    struct lci_doc *items; /* LIST: items; MAP: key, value, key, value … (keys are TEXT) */
    size_t count, capacity;
};

struct lci_doc lci_doc_text(const char *text); /* bytes that are no UTF-8 become U+FFFD */
struct lci_doc lci_doc_word(const char *text);
struct lci_doc lci_doc_number(double value);
struct lci_doc lci_doc_list(void);
struct lci_doc lci_doc_numbers(const double *values, size_t count);
struct lci_doc lci_doc_map(void);
/* Appends to a list; the item belongs to it then. */
void lci_doc_add(struct lci_doc *list, struct lci_doc item);
/* Appends a pair to a map. */
void lci_doc_put(struct lci_doc *map, const char *key, struct lci_doc value);
void lci_doc_free(struct lci_doc *doc);

/* Returns 0, or −1 with an error appended when the stream takes no more. */
int lci_doc_write_yaml(struct lci_doc *root, FILE *out, struct lc_diag *diag);
int lci_doc_write_json(const struct lci_doc *root, FILE *out, struct lc_diag *diag);

#endif
