/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The elements of one array in a JSON document of any size, told and copied as they come: a trace of Jaeger's answer, a
 * hit of Elasticsearch's. Texts and numbers in and beside them are told where they are wanted.
 */
#ifndef CLI_PULL_ELEMENTS_H
#define CLI_PULL_ELEMENTS_H

#include "loadcast/base.h"

/* Paths are keys joined by points; arrays are left out. */
struct pull_grammar {
    const char *array;         /* "" : the document itself is the array; NULL: the document is the one element */
    const char *const *wanted; /* paths of texts, numbers and the like that are told; ends with NULL */
    const char *expected;      /* what an answer is, for messages: "an object with 'data'" */
    bool several;              /* an answer may be several documents, one after the other */
};
/* Each may stop the reading by returning non-zero. */
struct pull_sink {
    int (*begin)(void *context);
    int (*bytes)(void *context, const char *bytes, size_t length); /* of an element, without line breaks */
    int (*end)(void *context);
    int (*value)(void *context, size_t wanted, const char *text, size_t length, bool quoted);
    void *context;
};

struct pull_elements;
struct pull_elements *pull_elements_new(const struct pull_grammar *grammar, const struct pull_sink *sink);
void pull_elements_free(struct pull_elements *elements);
/* For another document. */
void pull_elements_restart(struct pull_elements *elements);
/* Not 0: the sink stopped it, or the text is wrong, which pull_elements_wrong() tells. */
int pull_elements_feed(struct pull_elements *elements, const char *bytes, size_t length);
/* The document is at its end. 0, or −1: it is not whole. */
int pull_elements_finish(struct pull_elements *elements);
/* "found …; expected …", or NULL when nothing is wrong with the text; owned by `elements`. */
const char *pull_elements_wrong(const struct pull_elements *elements);

#endif
