/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Variants of an operation, its patterns of calls, as texts: "postgres/SELECT FROM a +, photo/GET | profile/GET &
 * mails/send" is some queries in a row, then two calls at once, and a call that nobody waits for.
 */
#ifndef LCI_FIT_VARIANTS_H
#define LCI_FIT_VARIANTS_H

#include "base/buffer.h"
#include "base/table.h"
#include "loadcast/tree.h"

struct lci_variants {
    struct lci_variant_part { /* a call of the execution under way */
        uint32_t group;       /* of calls at once; the last: nobody waits for it */
        const char *name;     /* borrowed */
    } * parts;
    size_t part_count, part_room;
    struct lci_buffer text;
    struct lci_variant_known { /* so many that an operation has */
        uint32_t group, operation, text_hash;
    } * known;
    size_t known_count, known_room;
    struct lci_table table, counts;
};

void lci_variant_begin(struct lci_variants *variants);
void lci_variant_call(struct lci_variants *variants, const struct lc_tree_node *call, const char *name);
/* That of the calls since lci_variant_begin(); valid until the next one begins. Of the variants of an operation
 * in a group of traces the first 64 have names, the others are "(others)". "(no calls)" where there are none. */
const char *lci_variant_text(struct lci_variants *variants, uint32_t group, uint32_t operation);
void lci_variants_free(struct lci_variants *variants);

#endif
