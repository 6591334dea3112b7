/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit/trace/symbols.h"
#include "tree/slots.h"

#include "base/buffer.h"
#include "base/sort.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 12 /* names in a message */

struct name { /* of a service's internal spans */
    lc_symbol operation;
    bool matches;
};

struct service {
    const struct lc_tree_slot *slot;
    lc_symbol service; /* 0: not met yet */
    struct name *names;
    size_t count, capacity;
    size_t latest; /* name that was looked for last: nearly always the next one as well */
    uint64_t requests, held;
};

struct lci_span_slots {
    const struct lc_symbols *symbols;
    struct service *services;
    size_t count;
    lc_symbol *others; /* services without slots, for messages */
    size_t other_count, other_capacity;
};

struct lci_span_slots *lci_span_slots_new(const struct lc_tree_slot *list, size_t count,
                                          const struct lc_symbols *symbols)
{
    struct lci_span_slots *slots = lc_calloc(1, sizeof *slots);
    slots->symbols = symbols;
    slots->services = lc_calloc(count, sizeof *slots->services);
    slots->count = count;
    for (size_t i = 0; i < count; i++)
        slots->services[i].slot = &list[i];
    return slots;
}

void lci_span_slots_free(struct lci_span_slots *slots)
{
    if (slots == NULL)
        return;
    for (size_t i = 0; i < slots->count; i++)
        free(slots->services[i].names);
    free(slots->services);
    free(slots->others);
    free(slots);
}

bool lci_span_slots_request(const struct lc_span *span)
{
    return span->kind == LC_KIND_SERVER || span->kind == LC_KIND_CONSUMER;
}

static bool is_internal(const struct lc_span *span)
{
    return span->kind == LC_KIND_INTERNAL || span->kind == LC_KIND_UNKNOWN;
}

static struct service *service_of(const struct lci_span_slots *slots, lc_symbol service)
{
    for (size_t i = 0; i < slots->count; i++)
        if (slots->services[i].service == service && service != 0)
            return &slots->services[i];
    return NULL;
}

static struct service *meet(struct lci_span_slots *slots, lc_symbol service)
{
    struct service *known = service_of(slots, service);
    for (size_t i = 0; i < slots->other_count && known == NULL; i++)
        if (slots->others[i] == service)
            return NULL;
    for (size_t i = 0; i < slots->count && known == NULL; i++)
        if (strcmp(slots->services[i].slot->service, lci_symbol_text(slots->symbols, service)) == 0) {
            known = &slots->services[i];
            known->service = service;
        }
    if (known == NULL) {
        LC_GROW(slots->others, slots->other_count, slots->other_capacity);
        slots->others[slots->other_count++] = service;
    }
    return known;
}

static const struct name *find_name(struct service *service, lc_symbol operation)
{
    if (service->latest < service->count && service->names[service->latest].operation == operation)
        return &service->names[service->latest];
    for (size_t i = 0; i < service->count; i++)
        if (service->names[i].operation == operation) {
            service->latest = i;
            return &service->names[i];
        }
    return NULL;
}

void lci_span_slots_see(struct lci_span_slots *slots, const struct lc_span *span)
{
    struct service *service = meet(slots, span->service);
    if (service == NULL)
        return;
    service->requests += lci_span_slots_request(span);
    if (!is_internal(span) || span->parent == 0 || find_name(service, span->operation) != NULL)
        return;
    LC_GROW(service->names, service->count, service->capacity);
    service->names[service->count++] = (struct name){
        span->operation, fnmatch(service->slot->span, lci_symbol_text(slots->symbols, span->operation), 0) == 0};
}

bool lci_span_slots_of(const struct lci_span_slots *slots, lc_symbol service)
{
    return service_of(slots, service) != NULL;
}

bool lci_span_slots_match(struct lci_span_slots *slots, const struct lc_span *span)
{
    struct service *service = is_internal(span) ? service_of(slots, span->service) : NULL;
    const struct name *name = service != NULL ? find_name(service, span->operation) : NULL;
    if (name == NULL || !name->matches)
        return false;
    service->held++;
    return true;
}

static char *list_of(const char **names, size_t count)
{
    struct lci_buffer parts = {0};
    lci_sort_texts(names, count);
    for (size_t i = 0; i <= SHOWN && i < count; i++) {
        lci_buffer_join(&parts, ", ", "%s", i < SHOWN ? names[i] : "…");
    }
    return lci_buffer_take(&parts);
}

static void no_match(const struct lci_span_slots *slots, const struct service *service, struct lc_diag *diag)
{
    const struct lc_tree_slot *slot = service->slot;
    const bool known = service->service != 0;
    const size_t count = known ? service->count : slots->other_count;
    const char **names = lc_alloc((count + 1) * sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = lci_symbol_text(slots->symbols, known ? service->names[i].operation : slots->others[i]);
    char *list = list_of(names, count);
    if (!known)
        lc_error(diag, LC_INPUT, &slot->place,
                 "the traces have no spans of a service '%s', so it has no slot; expected one of %s", slot->service,
                 count > 0 ? list : "their services, of which there are none");
    else if (count == 0)
        lc_error(
            diag, LC_INPUT, &slot->place,
            "the requests to '%s' have no internal spans, so none is its slot; without 'slot' the whole span holds it",
            slot->service);
    else
        lc_error(diag, LC_INPUT, &slot->place,
                 "no internal span within a request to '%s' is called like '%s'; expected one of %s", slot->service,
                 slot->span, list);
    free(list);
    free(names);
}

int lci_span_slots_check(const struct lci_span_slots *slots, struct lc_diag *diag)
{
    int status = 0;
    for (size_t i = 0; i < slots->count; i++) {
        const struct service *service = &slots->services[i];
        if (service->held == 0) {
            no_match(slots, service, diag);
            status = -1;
        } else if (service->held < service->requests) {
            lc_note(diag, &service->slot->place,
                    "%llu of %llu requests to '%s' have no span like '%s': they hold none of its threads",
                    (unsigned long long)(service->requests - service->held), (unsigned long long)service->requests,
                    service->slot->service, service->slot->span);
        }
    }
    return status;
}
