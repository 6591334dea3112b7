/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What differs between two releases, for people and for programs. */
#ifndef RENDER_DIFFERENCES_H
#define RENDER_DIFFERENCES_H

#include <jansson.h>
#include <stdio.h>

#include "fit/measure/differences.h"
#include "render/gates.h"

struct differences_page {
    const char *a, *b; /* what they are called */
    const struct lci_differences *differences;
    const struct gates *gates; /* NULL: none were stated */
    bool exact;                /* of models: nothing is measured, nothing is chance */
};
/* Gates first, then what is more than chance, what was gained and lost, and what could not have been seen. */
void differences_text(FILE *out, const struct differences_page *page);
/* A document; the caller owns the reference. */
json_t *differences_json(const struct differences_page *page);

#endif
