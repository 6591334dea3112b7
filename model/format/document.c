/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/document.h"
#include "base/text.h"

#include <stdlib.h>

struct lci_doc lci_doc_text(const char *text)
{
    return (struct lci_doc){.kind = LCI_TEXT, .text = lci_utf8_copy(text)};
}

struct lci_doc lci_doc_word(const char *text)
{
    return (struct lci_doc){.kind = LCI_WORD, .text = lc_strdup(text)};
}

struct lci_doc lci_doc_number(double value)
{
    char buffer[32];
    return lci_doc_word(lci_number_text(value, buffer));
}

struct lci_doc lci_doc_list(void)
{
    return (struct lci_doc){.kind = LCI_LIST};
}

struct lci_doc lci_doc_map(void)
{
    return (struct lci_doc){.kind = LCI_MAP};
}

void lci_doc_add(struct lci_doc *list, struct lci_doc item)
{
    LC_GROW(list->items, list->count, list->capacity);
    list->items[list->count++] = item;
}

struct lci_doc lci_doc_numbers(const double *values, size_t count)
{
    struct lci_doc list = lci_doc_list();
    for (size_t i = 0; i < count; i++)
        lci_doc_add(&list, lci_doc_number(values[i]));
    return list;
}

void lci_doc_put(struct lci_doc *map, const char *key, struct lci_doc value)
{
    lci_doc_add(map, lci_doc_text(key));
    lci_doc_add(map, value);
}

void lci_doc_free(struct lci_doc *doc)
{
    for (size_t i = 0; i < doc->count; i++)
        lci_doc_free(&doc->items[i]);
    free(doc->items);
    free(doc->text);
    *doc = (struct lci_doc){0};
}
