/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "variants.h"

#include <stdlib.h>
#include <string.h>

#define MOST    64   /* variants of an operation that have names */
#define LONGEST 1000 /* bytes of a name */

void lci_variant_begin(struct lci_variants *v)
{
    v->part_count = 0;
}

void lci_variant_call(struct lci_variants *v, const struct lc_tree_node *call, const char *name)
{
    LC_GROW(v->parts, v->part_count, v->part_room);
    v->parts[v->part_count++] = (struct lci_variant_part){call->group < 0 ? UINT32_MAX : (uint32_t)call->group, name};
}

/* Which of several calls at once was sent first is chance. */
static int by_group(const void *a, const void *b)
{
    const struct lci_variant_part *x = a, *y = b;
    return x->group != y->group ? (x->group > y->group) - (x->group < y->group) : strcmp(x->name, y->name);
}

static void write_text(struct lci_variants *v)
{
    v->text.length = 0;
    if (v->part_count > 1)
        qsort(v->parts, v->part_count, sizeof *v->parts, by_group);
    bool repeated = false;
    for (size_t i = 0; i < v->part_count && v->text.length < LONGEST; i++) {
        const struct lci_variant_part *p = &v->parts[i];
        if (i > 0 && strcmp(p[-1].name, p->name) == 0 &&
            (p->group == UINT32_MAX) ==
                (p[-1].group == UINT32_MAX)) { /* a loop: how often it goes is another measure */
            if (!repeated)
                lci_buffer_add(&v->text, " +");
            repeated = true;
            continue;
        }
        const char *between = p->group == UINT32_MAX ? " & " : i > 0 && p->group == p[-1].group ? " | " : ", ";
        if (i == 0)
            between = p->group == UINT32_MAX ? "& " : "";
        lci_buffer_add(&v->text, "%s%s", between, p->name);
        repeated = false;
    }
    if (v->part_count == 0)
        lci_buffer_add(&v->text, "(no calls)");
    if (v->text.length >= LONGEST)
        lci_buffer_add(&v->text, ", …");
}

/* Whether the text is, or now becomes, one of those that the operation has names for. */
static bool is_named(struct lci_variants *v, uint32_t group, uint32_t operation)
{
    const struct lci_variant_known key = {group, operation, lci_hash_bytes(v->text.text, v->text.length)};
    const uint32_t hash = lci_hash_bytes(&key, sizeof key), pair = lci_hash_pair(group, operation);
    uint32_t at, others = 0;
    LCI_TABLE_FIND(&v->table, hash, at, memcmp(&v->known[at], &key, sizeof key) == 0);
    if (at != LCI_ABSENT)
        return true;
    LCI_TABLE_FIND(&v->counts, pair, at,
                   v->known[at].group == group && v->known[at].operation == operation && ++others >= MOST);
    if (at != LCI_ABSENT)
        return false;
    lci_table_add(&v->table, hash, v->known_count);
    lci_table_add(&v->counts, pair, v->known_count);
    LC_GROW(v->known, v->known_count, v->known_room);
    v->known[v->known_count++] = key;
    return true;
}

const char *lci_variant_text(struct lci_variants *v, uint32_t group, uint32_t operation)
{
    write_text(v);
    return is_named(v, group, operation) ? v->text.text : "(others)";
}

void lci_variants_free(struct lci_variants *v)
{
    free(v->parts);
    free(v->text.text);
    free(v->known);
    lci_table_free(&v->table);
    lci_table_free(&v->counts);
    *v = (struct lci_variants){0};
}
