/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calls.h"

#include "fit/trace/symbols.h"
#include "loadcast/lqn.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

int lci_call_text(struct lci_call_names *names, const char *text)
{
    if (names->texts.count == 0)
        lci_names_add(&names->texts, "", 0);
    int at = lci_names_find(&names->texts, text);
    if (at == LC_NONE) {
        at = (int)names->texts.count;
        lci_names_add(&names->texts, text, at);
    }
    return at;
}

const char *lci_table_in(const char *label)
{
    const char *name = strchr(label, ' ');
    for (; name != NULL; name = strchr(name, ' ')) {
        name++;
        static const char *const before[] = {"FROM ", "INTO ", "TABLE "};
        bool word = false;
        for (size_t i = 0; i < sizeof before / sizeof *before; i++)
            word |= strncasecmp(name, before[i], strlen(before[i])) == 0;
        if (!word)
            return name;
    }
    return "";
}

/* The attribute that says more than the operation does. */
static lc_symbol about(const struct lc_tree *tree, const struct lc_tree_node *node)
{
    const struct lc_span *span = &tree->trace->spans[node->span];
    switch ((enum lc_class)node->class_) {
    case LC_CLASS_DATABASE: return lc_span_attribute(tree->trace, span, LC_ATTR_DB_COLLECTION);
    case LC_CLASS_CACHE: return lc_span_attribute(tree->trace, span, LC_ATTR_DB_QUERY);
    case LC_CLASS_MESSAGING: return lc_span_attribute(tree->trace, span, LC_ATTR_MESSAGING_DESTINATION);
    default: return 0;
    }
}

/* Owned by the caller. */
static char *object_of(const struct lci_call_names *names, const struct lci_called *called)
{
    const char *task = lci_symbol_text(names->symbols, called->task);
    const char *entry = lci_symbol_text(names->symbols, called->entry);
    const char *told = called->about != 0 ? lci_symbol_text(names->symbols, called->about) : "";
    switch ((enum lc_class)called->class_) {
    case LC_CLASS_DATABASE: {
        const char *name = *told != 0 ? told : lci_table_in(entry);
        return lc_format("%s/%.*s", task, *name != 0 ? (int)strcspn(name, " ") : 9, *name != 0 ? name : "(unknown)");
    }
    case LC_CLASS_CACHE: { /* "GET user": a command on the key space user */
        const char *space = strchr(told, ' ');
        return space != NULL ? lc_format("%s/%s", task, space + 1) : lc_strdup(task);
    }
    case LC_CLASS_MESSAGING: return *told != 0 ? lc_strdup(told) : lc_format("%s/%s", task, entry);
    default: return lc_format("%s/%s", task, entry);
    }
}

struct lci_call_name lci_call_name(struct lci_call_names *names, const struct lc_tree *tree,
                                   const struct lc_tree_node *node)
{
    struct lci_called called = {
        .task = node->task, .entry = node->entry, .about = about(tree, node), .class_ = node->class_};
    const uint32_t words[] = {called.task, called.entry, called.about, called.class_};
    const uint32_t hash = lci_hash_bytes(words, sizeof words);
    uint32_t at;
    LCI_TABLE_FIND(&names->table, hash, at,
                   names->items[at].task == called.task && names->items[at].entry == called.entry &&
                       names->items[at].about == called.about && names->items[at].class_ == called.class_);
    if (at != LCI_ABSENT)
        return names->items[at].name;
    char *callee =
        lc_format("%s/%s", lci_symbol_text(names->symbols, called.task), lci_symbol_text(names->symbols, called.entry));
    char *object = object_of(names, &called);
    called.name = (struct lci_call_name){lci_call_text(names, callee), lci_call_text(names, object)};
    free(callee);
    free(object);
    lci_table_add(&names->table, hash, names->count);
    LC_GROW(names->items, names->count, names->room);
    names->items[names->count++] = called;
    return called.name;
}

void lci_call_names_free(struct lci_call_names *names)
{
    lci_names_free(&names->texts);
    lci_table_free(&names->table);
    free(names->items);
    *names = (struct lci_call_names){0};
}
