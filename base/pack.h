/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Data structures as flat bytes, to another process of the same program on the same kind of machine. One function a
 * structure serves both ways: it writes what it is given, or, when reading, puts in its place what was written.
 *
 *     static void pack_call(struct lci_pack *p, struct call *call)
 *     {
 *         lci_pack_text(p, &call->name);
 *         LCI_PACK_ARRAY(p, call->values, call->count);
 *     }
 *
 * Records are copied whole, so that a new number in one needs no line here; pointers in them do. What was cut short or
 * is none of this program's ends the program: ranks are one program, and nothing between them is input.
 */
#ifndef LCI_BASE_PACK_H
#define LCI_BASE_PACK_H

#include "base/buffer.h"
#include "loadcast/base.h"

#include <stdint.h>

struct lci_pack {
    struct lci_buffer *out; /* written to; NULL: reading */
    const char *at, *end;   /* what is left to read */
    char **names;           /* borrowed texts that were read: freed with the pack */
    size_t name_count, name_capacity;
};

static inline struct lci_pack lci_pack_writer(struct lci_buffer *out)
{
    return (struct lci_pack){.out = out};
}
static inline struct lci_pack lci_pack_reader(const char *bytes, size_t length)
{
    return (struct lci_pack){.at = bytes, .end = bytes + length};
}
static inline bool lci_pack_reads(const struct lci_pack *pack)
{
    return pack->out == NULL;
}
/* Frees what was borrowed (lci_pack_name). */
void lci_pack_end(struct lci_pack *pack);

/* `size` bytes as they are. */
void lci_pack_bytes(struct lci_pack *pack, void *data, size_t size);
#define LCI_PACK(pack, value) lci_pack_bytes(pack, &(value), sizeof(value))
/* A text that its holder owns, or NULL. */
void lci_pack_text(struct lci_pack *pack, char **text);
/* A text that its holder borrows (the name of a file), or NULL: what was read lives until lci_pack_end(). */
void lci_pack_name(struct lci_pack *pack, const char **text);
/* The array at `*array`; when reading, a new one comes there (NULL: there was none). Capacities are left as they are:
 * what was read is not made to grow. */
void lci_pack_array(struct lci_pack *pack, void *array, size_t count, size_t size);
#define LCI_PACK_ARRAY(pack, array, count) lci_pack_array(pack, &(array), count, sizeof *(array))
/* Appends to `diag` what was written of another one. */
void lci_pack_diag(struct lci_pack *pack, struct lc_diag *diag);

#endif
