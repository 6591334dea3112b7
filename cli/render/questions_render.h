/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of the verdict that stand above single points; each prints or adds nothing where nothing was asked. */
#ifndef QUESTIONS_RENDER_H
#define QUESTIONS_RENDER_H

#include "summary.h"

void print_attribution(const struct page *page);
void print_capacities(const struct page *page);
void print_growth(const struct page *page);
void print_sweep(const struct page *page);
void print_costs(const struct page *page);

/* Adds "attribution", "capacity", "growth" and "sweep" to the document (a json_t *). */
void questions_json(const struct lc_verdict *verdict, void *document);
/* {"total", "components": [{"component", "replicas", "invocations", "memory"}]}, or null without prices (a json_t *).
 */
void *cost_json(const struct lc_verdict *verdict, const struct lc_point *point);

/* Of curves over time: what it costs an hour, and in all; nothing without prices. */
void print_cost_curves(const struct lc_verdict *verdict, const struct lc_point *point, FILE *out);
/* {"total", "per_hour": […], "components": [{"component", "total", "per_hour": […]}]}, or null (a json_t *). */
void *cost_curves_json(const struct lc_verdict *verdict, const struct lc_point *point);

#endif
