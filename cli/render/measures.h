/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Measures of traces, for people and for programs. */
#ifndef RENDER_MEASURES_H
#define RENDER_MEASURES_H

#include <jansson.h>
#include <stdio.h>

#include "fit/measure/measures.h"
#include "render/json.h"

/* Of each run of an activity a table of the whole and one of the operations; `all`: every row. */
void measures_text(FILE *out, const struct lci_measure_table *table, bool all);
/* A document of its own, to which the caller, who owns the reference, may add; keys stand in this order. */
json_t *measures_json(const struct lci_measure_table *table);
/* The schema of measures_json() and differences_json(); owned by the caller. */
char *measures_schema(void);

#endif
