/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was pulled from one source, in a file: one answer's element a line, each trace once.
 */
#ifndef CLI_PULL_PULLED_H
#define CLI_PULL_PULLED_H

#include "base/table.h"
#include "base/temporary.h"
#include "loadcast/base.h"

#include <stdio.h>

struct pulled_id {
    uint64_t high, low;
};

struct pulled {
    struct lci_temporary file;
    FILE *out;
    off_t length;    /* of whole elements */
    off_t mark;      /* where the answer that is read now begins */
    uint64_t traces; /* kept */
    struct pulled_id *ids;
    size_t id_count, id_capacity, id_mark; /* those of the answer that is read now begin at the mark */
    struct lci_table known;                /* those before it, and in it */
};

/* Beside `target`, which it becomes if it is kept. 0, or −1 with an error appended. */
int pulled_open(struct pulled *pulled, const char *target, struct lc_diag *diag);
/* 0, or −1 with an error appended: the disk is full. */
int pulled_flush(struct pulled *pulled, const char *target, struct lc_diag *diag);
/* All of another one behind this one. 0, or −1 with an error appended. */
int pulled_append(struct pulled *pulled, struct pulled *other, struct lc_diag *diag);
void pulled_close(struct pulled *pulled);

/* An answer is tried again, or asked for in smaller parts: what came from it is taken back. */
void pulled_begin_answer(struct pulled *pulled);
void pulled_undo_answer(struct pulled *pulled);

int pulled_bytes(struct pulled *pulled, const char *bytes, size_t length);
/* The element is whole. `keep` false: it is taken back. */
int pulled_end_element(struct pulled *pulled, bool keep);
/* What came since the last element is whole, and no text. */
void pulled_end_bytes(struct pulled *pulled);
/* Whether this trace is known; with `learn` it is from now on. */
enum pulled_news { PULLED_KNOWN, PULLED_OF_ANSWER, PULLED_NEW }; /* OF_ANSWER: known since the answer began */
enum pulled_news pulled_news_of(struct pulled *pulled, const char *id, size_t length, bool learn);
/* Whether this trace is new; it is known from now on. */
static inline bool pulled_is_new(struct pulled *pulled, const char *id, size_t length)
{
    return pulled_news_of(pulled, id, length, true) == PULLED_NEW;
}

#endif
