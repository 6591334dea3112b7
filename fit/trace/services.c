/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "services.h"
#include "fit/trace/symbols.h"

#include <stdlib.h>
#include <string.h>

void lci_services_free(struct lci_services *s)
{
    free(s->items);
    free(s->first);
    free(s->bare);
    *s = (struct lci_services){0};
}

static void reserve(struct lci_services *s, lc_symbol name)
{
    if (name < s->name_capacity)
        return;
    const size_t old = s->name_capacity;
    s->name_capacity = 2 * (size_t)name + 64;
    s->first = lc_realloc(s->first, s->name_capacity, sizeof *s->first);
    s->bare = lc_realloc(s->bare, s->name_capacity, 1);
    memset(s->first + old, 0, (s->name_capacity - old) * sizeof *s->first);
    memset(s->bare + old, 0, s->name_capacity - old);
}

/* "environment/namespace/name" without what is not wanted or not said. */
static lc_symbol joined(struct lc_symbols *symbols, lc_symbol environment, lc_symbol space, lc_symbol name)
{
    char *text = lc_format("%s%s%s%s%s", lci_symbol_text(symbols, environment), environment != 0 ? "/" : "",
                           lci_symbol_text(symbols, space), space != 0 ? "/" : "", lci_symbol_text(symbols, name));
    const lc_symbol symbol = lci_symbol_of(symbols, text, strlen(text));
    free(text);
    return symbol;
}

/* A text that no service has. */
static lc_symbol key_of(struct lc_symbols *symbols, const struct lci_service *service)
{
    char *text = lc_format("%s\n%s\n%s", lci_symbol_text(symbols, service->environment),
                           lci_symbol_text(symbols, service->space), lci_symbol_text(symbols, service->name));
    const lc_symbol symbol = lci_symbol_of(symbols, text, strlen(text));
    free(text);
    return symbol;
}

static bool is(const struct lci_service *item, lc_symbol name, lc_symbol space, lc_symbol environment)
{
    return item->name == name && item->space == space && item->environment == environment;
}

lc_symbol lci_service_of(struct lci_services *s, struct lc_symbols *symbols, lc_symbol name, lc_symbol space,
                         lc_symbol environment)
{
    if (name == 0)
        return 0;
    if ((space | environment) == 0) {
        reserve(s, name);
        s->bare[name] = 1;
        return name;
    }
    if (s->recent != 0 && is(&s->items[s->recent - 1], name, space, environment))
        return s->items[s->recent - 1].symbol;
    reserve(s, name);
    uint32_t last = 0;
    for (uint32_t i = s->first[name]; i != 0; last = i, i = s->items[i - 1].next)
        if (is(&s->items[i - 1], name, space, environment)) {
            s->recent = i;
            return s->items[i - 1].symbol;
        }
    LC_GROW(s->items, s->count, s->capacity);
    struct lci_service *item = &s->items[s->count++];
    *item = (struct lci_service){.name = name, .space = space, .environment = environment};
    item->symbol = last == 0 ? name : key_of(symbols, item);
    s->recent = (uint32_t)s->count;
    *(last == 0 ? &s->first[name] : &s->items[last - 1].next) = s->recent;
    return item->symbol;
}

struct lc_renamed *lci_services_settle(const struct lci_services *s, struct lc_symbols *symbols, size_t *count,
                                       struct lc_diag *diag)
{
    struct lc_renamed *list = NULL;
    size_t capacity = 0;
    *count = 0;
    for (lc_symbol name = 0; name < s->name_capacity; name++) {
        const uint32_t first = s->first[name];
        if (first == 0 || s->items[first - 1].next == 0)
            continue;
        bool spaces = false, environments = false;
        for (uint32_t i = first; i != 0; i = s->items[i - 1].next) {
            spaces |= s->items[i - 1].space != s->items[first - 1].space;
            environments |= s->items[i - 1].environment != s->items[first - 1].environment;
        }
        for (uint32_t i = first; i != 0; i = s->items[i - 1].next) {
            const struct lci_service *item = &s->items[i - 1];
            LC_GROW(list, *count, capacity);
            list[(*count)++] = (struct lc_renamed){item->symbol, joined(symbols, environments ? item->environment : 0,
                                                                        spaces ? item->space : 0, item->name)};
        }
        if (s->bare[name])
            lc_warn(diag, NULL,
                    "some spans of '%s' tell neither namespace nor environment, of which there are several; they are "
                    "taken for those of '%s'",
                    lci_symbol_text(symbols, name),
                    lci_symbol_text(symbols, joined(symbols, environments ? s->items[first - 1].environment : 0,
                                                    spaces ? s->items[first - 1].space : 0, name)));
    }
    return list;
}

/* ---- pods -------------------------------------------------------------------------------------------------------- */

static size_t digits_in(const char *text, size_t length)
{
    size_t digits = 0;
    for (size_t i = 0; i < length; i++)
        digits += text[i] >= '0' && text[i] <= '9';
    return digits;
}

size_t lci_pod_service_length(const char *pod, size_t length)
{
    const char *dash = memrchr(pod, '-', length);
    if (dash == NULL || dash == pod)
        return length;
    const size_t last = length - (size_t)(dash - pod) - 1;
    if (digits_in(dash + 1, last) == last)
        return (size_t)(dash - pod);
    const char *before = memrchr(pod, '-', (size_t)(dash - pod));
    if (last != 5 || before == NULL || before == pod)
        return length;
    const size_t hash = (size_t)(dash - before) - 1;
    return hash >= 5 && hash <= 10 && digits_in(before + 1, hash) > 0 ? (size_t)(before - pod) : length;
}
