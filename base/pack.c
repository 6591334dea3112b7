/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/pack.h"

#include <stdlib.h>
#include <string.h>

void lci_pack_end(struct lci_pack *p)
{
    for (size_t i = 0; i < p->name_count; i++)
        free(p->names[i]);
    free(p->names);
    *p = (struct lci_pack){0};
}

void lci_pack_bytes(struct lci_pack *p, void *data, size_t size)
{
    if (!lci_pack_reads(p)) {
        if (size > 0)
            lci_buffer_put(p->out, data, size);
        return;
    }
    if ((size_t)(p->end - p->at) < size)
        abort(); /* another program's, or an error of this one */
    if (size > 0)
        memcpy(data, p->at, size);
    p->at += size;
}

static void write_text(struct lci_pack *p, const char *text)
{
    uint64_t length = text == NULL ? UINT64_MAX : strlen(text);
    LCI_PACK(p, length);
    if (text != NULL)
        lci_buffer_put(p->out, text, length);
}

static char *read_text(struct lci_pack *p)
{
    uint64_t length = UINT64_MAX;
    LCI_PACK(p, length);
    if (length == UINT64_MAX)
        return NULL;
    if ((uint64_t)(p->end - p->at) < length)
        abort();
    char *text = lc_strndup(p->at, length);
    p->at += length;
    return text;
}

void lci_pack_text(struct lci_pack *p, char **text)
{
    if (lci_pack_reads(p))
        *text = read_text(p);
    else
        write_text(p, *text);
}

void lci_pack_name(struct lci_pack *p, const char **text)
{
    if (!lci_pack_reads(p)) {
        write_text(p, *text);
        return;
    }
    char *own = read_text(p);
    *text = own;
    for (size_t i = p->name_count; own != NULL && i > 0; i--)
        if (strcmp(p->names[i - 1], own) == 0) { /* mostly the last one again */
            free(own);
            *text = p->names[i - 1];
            return;
        }
    if (own == NULL)
        return;
    LC_GROW(p->names, p->name_count, p->name_capacity);
    p->names[p->name_count++] = own;
}

void lci_pack_array(struct lci_pack *p, void *at, size_t count, size_t size)
{
    void *array;
    memcpy(&array, at, sizeof array); /* when reading, the other process's pointer stands there */
    bool there = array != NULL;
    LCI_PACK(p, there);
    if (lci_pack_reads(p)) {
        array = there ? lc_calloc(count, size) : NULL;
        memcpy(at, &array, sizeof array);
    }
    if (there)
        lci_pack_bytes(p, array, count * size);
}

void lci_pack_diag(struct lci_pack *p, struct lc_diag *diag)
{
    struct lc_diag read = {0}, *d = lci_pack_reads(p) ? &read : diag;
    LCI_PACK(p, *d);
    LCI_PACK_ARRAY(p, d->messages, d->count);
    for (size_t i = 0; i < d->count; i++)
        lci_pack_text(p, &d->messages[i].text);
    if (!lci_pack_reads(p))
        return;
    if (diag->count == 0 && diag->limit == 0) {
        lc_diag_free(diag);
        *diag = read;
        diag->capacity = diag->count;
        return;
    }
    lc_diag_append(diag, &read);
    lc_diag_free(&read);
}
