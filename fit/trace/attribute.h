/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which attributes mean what. See the table in attribute.c.
 */
#ifndef LCI_TRACE_ATTRIBUTE_H
#define LCI_TRACE_ATTRIBUTE_H

#include "reader.h"

enum lci_name_role { /* what an attribute is besides (or instead of) being kept */
                     LCI_ROLE_NONE,
                     LCI_ROLE_KIND,    /* span.kind */
                     LCI_ROLE_ERROR,   /* error */
                     LCI_ROLE_STATUS,  /* otel.status_code */
                     LCI_ROLE_SERVICE, /* of a resource, as all below */
                     LCI_ROLE_INSTANCE,
                     LCI_ROLE_HOST,
                     LCI_ROLE_RELEASE,
                     LCI_ROLE_NAMESPACE,
                     LCI_ROLE_ENVIRONMENT,
                     LCI_ROLE_FLOW, /* a column of DeepFlow's rows; rank: which */
};

enum lci_form { /* how a value is kept */
                LCI_WHOLE,
                LCI_STATEMENT, /* of a query: "SELECT FROM orders" */
                LCI_SQL,       /* the same of what may be a query or not; nothing then */
                LCI_PATH,      /* numbers, ids and the query left out: "/users/:id" */
                LCI_URL,       /* scheme and host whole, the rest as LCI_PATH */
                LCI_THRESHOLD, /* of a trace state: what its entry "ot" says of the sampling threshold "th" */
};

struct lci_name {
    const char *text;
    uint32_t length;
    uint8_t key;    /* enum lc_attribute_key, LC_ATTR_NONE: not kept by itself */
    uint8_t role;   /* enum lci_name_role */
    uint8_t form;   /* enum lci_form */
    uint8_t rank;   /* instance and host: the lowest wins; of a row: enum lci_column */
    uint32_t asked; /* 1 + index into `keep`, 0: not asked for */
};

struct lci_attributes *lci_attributes_new(const char *const *keep);
void lci_attributes_free(struct lci_attributes *attributes);
/* NULL when nobody wants the attribute. */
const struct lci_name *lci_name_of(const struct lci_attributes *attributes, const char *text, size_t length);

/* What a resource or process says of its spans. */
struct lci_resource {
    lc_symbol service, space, environment, instance, host, release;
    uint8_t instance_rank, host_rank; /* of what is set; 0: nothing */
    uint32_t first, count;            /* attributes for every span of it, in a list of the reader's */
    uint32_t flow;                    /* 1 + place among the reader's resources of rows; 0: it says nothing of rows */
};

/* Puts a value where it belongs: into the span being read … */
void lci_span_attribute(struct lci_trace_reader *reader, const struct lci_name *name, const char *text, size_t length);
/* … or into a resource; attributes to be kept are appended to the list. */
struct lci_attribute_list {
    struct lc_attribute *items;
    size_t count, capacity;
};
void lci_resource_attribute(struct lci_trace_reader *reader, struct lci_resource *resource,
                            struct lci_attribute_list *list, const struct lci_name *name, const char *text,
                            size_t length);
/* Forgets what resources said of rows; those that are open must be begun anew. */
void lci_resources_clear(struct lci_trace_reader *reader);
/* Gives a span of the batch its resource. Attributes that the span has itself come first and so win. */
void lci_resource_apply(struct lci_trace_reader *reader, const struct lci_resource *resource,
                        const struct lci_attribute_list *list, struct lc_span *span);

/* One key with one value, in either order. */
struct lci_pair {
    const struct lci_name *name;
    bool has_key, has_value;
    char *value; /* when it came before the key */
    size_t length, capacity;
};
void lci_pair_begin(struct lci_pair *pair);
void lci_pair_key(struct lci_pair *pair, const struct lci_attributes *attributes, const char *text, size_t length);
/* True when name and value are there: the value is wanted now. Otherwise it is kept or not wanted. */
bool lci_pair_value(struct lci_pair *pair, const char *text, size_t length);

/* Into `out` of at least LCI_FORM_SIZE bytes; returns the length. */
#define LCI_FORM_SIZE 256
size_t lci_form(enum lci_form form, const char *text, size_t length, char *out);
/* Where "://" stands in a URL; NULL: it has no scheme. */
const char *lci_scheme_end(const char *url, size_t length);

#endif
