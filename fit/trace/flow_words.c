/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What kind of work a row was: operation and attributes by the texts of its request. Rows of one kind say the same
 * again and again, so what the latest texts became is kept: forms of statements and paths are dear.
 */
#include "flow_columns.h"

#include "attribute.h"
#include "base/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY        160 /* bytes of the three texts; longer ones are not kept */
#define ATTRIBUTES 6
#define KINDS      1024

struct lci_flow_kind { /* of a row; zero: free */
    uint16_t l7, lengths[3];
    uint8_t attribute_count;
    lc_symbol operation;
    struct lc_attribute attributes[ATTRIBUTES];
    char key[KEY];
};

static void attribute(struct lci_trace_reader *r, const char *name, const char *text, size_t length)
{
    if (length > 0)
        lci_span_attribute(r, lci_name_of(r->context->attributes, name, strlen(name)), text, length);
}

static lc_symbol operation_of(struct lci_trace_reader *r, const struct lci_flow_words *w, char family,
                              const char *system)
{
    const char *named = w->endpoint;
    size_t length = w->endpoint_length;
    char form[LCI_FORM_SIZE];
    char both[LCI_FORM_SIZE];
    if (length == 0 && w->resource_length > 0 && w->type_length > 0 && family == 'h') {
        named = both; /* "GET /orders" */
        length = (size_t)snprintf(both, sizeof both, "%.*s %.*s", (int)w->type_length, w->type, (int)w->resource_length,
                                  w->resource);
        length = length < sizeof both ? length : sizeof both - 1;
    } else if (length == 0 && (w->resource_length > 0 || w->type_length > 0)) {
        named = w->resource_length > 0 ? w->resource : w->type;
        length = w->resource_length > 0 ? w->resource_length : w->type_length;
    } else if (length == 0) {
        named = system;
        length = strlen(system);
    }
    const enum lci_form reduced = family == 'd' ? LCI_STATEMENT : family == 'h' ? LCI_URL : LCI_WHOLE;
    length = lci_form(reduced, named, length, form);
    if (strcmp(system, "redis") == 0 || strcmp(system, "memcached") == 0) /* the command without its key */
        length = memchr(form, ' ', length) != NULL ? (size_t)((char *)memchr(form, ' ', length) - form) : length;
    return lci_symbol(r->context, form, length);
}

static bool is_url(const struct lci_flow_words *w, char family)
{
    return (family == 'h' || family == 'r') && memmem(w->endpoint, w->endpoint_length, "://", 3) != NULL;
}

static void put_attributes(struct lci_trace_reader *r, const struct lci_flow_words *w, char family, const char *system)
{
    if (is_url(w, family))
        attribute(r, "url.full", w->endpoint, w->endpoint_length);
    switch (family) {
    case 'h':
        attribute(r, "http.request.method", w->type, w->type_length);
        attribute(r, "url.path", w->resource, w->resource_length);
        break;
    case 'r': attribute(r, "rpc.system", system, strlen(system)); break;
    case 'd':
        attribute(r, "db.system", system, strlen(system));
        attribute(r, "db.query.text", w->resource_length > 0 ? w->resource : w->endpoint,
                  w->resource_length > 0 ? w->resource_length : w->endpoint_length);
        break;
    case 'm':
        attribute(r, "messaging.system", system, strlen(system));
        attribute(r, "messaging.operation", w->type, w->type_length);
        attribute(r, "messaging.destination", w->resource, w->resource_length);
        break;
    default: break;
    }
}

/* The place where the kind of these texts is kept, with `found`: it is that kind. NULL: it cannot be kept. */
static struct lci_flow_kind *kind_of(struct lci_trace_reader *r, const struct lci_flow_draft *draft,
                                     const struct lci_flow_words *w, bool *found)
{
    const unsigned l7 = draft->flow.l7;
    const size_t lengths[] = {w->endpoint_length, w->type_length, w->resource_length};
    const char *texts[] = {w->endpoint, w->type, w->resource};
    if (lengths[0] > KEY || lengths[1] > KEY || lengths[0] + lengths[1] + lengths[2] > KEY ||
        r->batch.attribute_count != r->draft.span->first_attribute) /* others came before: they may be the same */
        return NULL;
    static const uint8_t columns[] = {LCI_SAID_ENDPOINT, LCI_SAID_TYPE, LCI_SAID_RESOURCE};
    uint32_t hash = l7;
    for (int i = 0; i < 3; i++) {
        const uint32_t said = draft->flow.said[columns[i]]; /* hash of the text, where it is known */
        hash = lci_hash_pair(hash, said != 0 || lengths[i] == 0 ? said : lci_hash_bytes(texts[i], lengths[i]));
    }
    if (r->kinds == NULL)
        r->kinds = lc_calloc(KINDS, sizeof *r->kinds);
    struct lci_flow_kind *k = &r->kinds[hash % KINDS];
    *found = k->operation != 0 && k->l7 == l7;
    const char *key = k->key;
    for (int i = 0; i < 3; key += lengths[i++])
        *found = *found && k->lengths[i] == lengths[i] && lci_same_text(key, texts[i], lengths[i]);
    return k;
}

static void keep_kind(struct lci_trace_reader *r, struct lci_flow_kind *k, unsigned l7, const struct lci_flow_words *w)
{
    const struct lc_span *span = r->draft.span;
    const size_t count = r->batch.attribute_count - span->first_attribute;
    if (count > ATTRIBUTES)
        return;
    *k = (struct lci_flow_kind){
        .l7 = (uint16_t)l7,
        .lengths = {(uint16_t)w->endpoint_length, (uint16_t)w->type_length, (uint16_t)w->resource_length},
        .attribute_count = (uint8_t)count,
        .operation = span->operation};
    if (count > 0)
        memcpy(k->attributes, r->batch.attributes + span->first_attribute, count * sizeof *k->attributes);
    memcpy(k->key, w->endpoint, w->endpoint_length);
    memcpy(k->key + w->endpoint_length, w->type, w->type_length);
    memcpy(k->key + w->endpoint_length + w->type_length, w->resource, w->resource_length);
}

void lci_flow_describe(struct lci_trace_reader *r, struct lci_flow_draft *draft, const struct lci_flow_words *w)
{
    const char *system;
    const char family = lci_l7_family(draft->flow.l7, &system);
    const uint64_t mended = r->context->repairs->count[LC_REPAIR_UTF8];
    bool found = false;
    struct lci_flow_kind *kind = kind_of(r, draft, w, &found);
    if (found) {
        r->draft.span->operation = kind->operation;
        for (unsigned i = 0; i < kind->attribute_count; i++)
            lci_push_attribute(&r->batch, kind->attributes[i].key, kind->attributes[i].value);
    } else {
        r->draft.span->operation = operation_of(r, w, family, system);
        put_attributes(r, w, family, system);
        if (kind != NULL && r->context->repairs->count[LC_REPAIR_UTF8] == mended) /* mended texts count each time */
            keep_kind(r, kind, draft->flow.l7, w);
    }
    if ((family == 'h' || family == 'r') && lci_flow_service(draft, 1) == 0 && !is_url(w, family))
        draft->flow.peer = lci_symbol(r->context, system, strlen(system)); /* all that is known of an unseen server */
}
