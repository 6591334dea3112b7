/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pulled.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fail(const char *target, struct lc_diag *diag)
{
    lc_error(diag, LC_MACHINE, NULL, "%s: what is pulled cannot be written: %s", target, strerror(errno));
    return -1;
}

int pulled_open(struct pulled *p, const char *target, struct lc_diag *diag)
{
    const int fd = lci_temporary_make(target, &p->file);
    if (fd < 0)
        return fail(target, diag);
    p->out = fdopen(fd, "w");
    return p->out != NULL ? 0 : fail(target, diag);
}

int pulled_flush(struct pulled *p, const char *target, struct lc_diag *diag)
{
    return fflush(p->out) == 0 && !ferror(p->out) ? 0 : fail(target, diag);
}

int pulled_append(struct pulled *p, struct pulled *other, struct lc_diag *diag)
{
    char bytes[65536];
    if (pulled_flush(other, other->file.path, diag) != 0)
        return -1;
    for (off_t at = 0; at < other->length;) {
        const ssize_t got = pread(fileno(other->out), bytes, sizeof bytes, at);
        if (got <= 0)
            return fail(other->file.path, diag);
        if (pulled_bytes(p, bytes, (size_t)got) != 0)
            return fail(p->file.path, diag);
        at += got;
    }
    p->length = ftello(p->out);
    p->traces += other->traces;
    return 0;
}

void pulled_close(struct pulled *p)
{
    if (p->file.path != NULL)
        lci_temporary_end(&p->file);
    if (p->out != NULL)
        fclose(p->out);
    free(p->ids);
    lci_table_free(&p->known);
    *p = (struct pulled){0};
}

/* Errors of the stream stay with it, for pulled_flush(). */
static void cut(struct pulled *p, off_t length)
{
    if (fflush(p->out) == 0 && ftruncate(fileno(p->out), length) == 0)
        fseeko(p->out, length, SEEK_SET);
    p->length = length;
}

static uint32_t hash_of(const struct pulled_id *id)
{
    return lci_hash_bytes(id, sizeof *id);
}

void pulled_begin_answer(struct pulled *p)
{
    p->mark = p->length;
    p->id_mark = p->id_count;
}

void pulled_undo_answer(struct pulled *p)
{
    cut(p, p->mark);
    for (; p->id_count > p->id_mark; p->id_count--)
        lci_table_remove(&p->known, hash_of(&p->ids[p->id_count - 1]), p->id_count - 1);
}

int pulled_bytes(struct pulled *p, const char *bytes, size_t length)
{
    return fwrite(bytes, 1, length, p->out) == length ? 0 : -1;
}

int pulled_end_element(struct pulled *p, bool keep)
{
    if (!keep) {
        cut(p, p->length);
        return 0;
    }
    if (putc('\n', p->out) == EOF)
        return -1;
    p->length = ftello(p->out);
    return 0;
}

void pulled_end_bytes(struct pulled *p)
{
    p->length = ftello(p->out);
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Hexadecimal as everywhere; anything else by its hash. */
static struct pulled_id id_of(const char *text, size_t length)
{
    struct pulled_id id = {0};
    for (size_t i = 0; i < length; i++) {
        const int digit = digit_of(text[i]);
        if (digit < 0 || length > 32)
            return (struct pulled_id){(uint64_t)lci_hash_bytes(text, length) << 32 | length,
                                      (uint64_t)lci_hash_bytes(text, length / 2) << 32 |
                                          lci_hash_bytes(text + length / 2, length - length / 2)};
        id.high = id.high << 4 | id.low >> 60;
        id.low = id.low << 4 | (uint64_t)digit;
    }
    return id;
}

enum pulled_news pulled_news_of(struct pulled *p, const char *text, size_t length, bool learn)
{
    const struct pulled_id id = id_of(text, length);
    const uint32_t hash = hash_of(&id);
    uint32_t found;
    LCI_TABLE_FIND(&p->known, hash, found, p->ids[found].high == id.high && p->ids[found].low == id.low);
    if (found != LCI_ABSENT)
        return found < p->id_mark ? PULLED_KNOWN : PULLED_OF_ANSWER;
    if (!learn)
        return PULLED_NEW;
    LC_GROW(p->ids, p->id_count, p->id_capacity);
    p->ids[p->id_count] = id;
    lci_table_add(&p->known, hash, p->id_count++);
    return PULLED_NEW;
}
