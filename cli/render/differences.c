/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "render/differences.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/json.h"
#include "render/table.h"

/* ---- texts ------------------------------------------------------------------------------------------------------- */

static char *value_of(const struct lci_measure_row *m)
{
    return quantity_text(m->unit, m->mean);
}

static char *change_text(double part)
{
    return isnan(part)   ? lc_strdup("–")
           : isinf(part) ? lc_strdup(part > 0 ? "from 0" : "–")
                         : lc_format("%+.1f %%", 100 * part);
}

static char *interval_of(const struct lci_difference *d)
{
    return isnan(d->low) ? lc_strdup("–") : lc_format("[%+.1f, %+.1f]", 100 * d->low, 100 * d->high);
}

static char *p_text(double p)
{
    return isnan(p) ? lc_strdup("–") : p < 1e-4 ? lc_strdup("< 0.0001") : lc_format("%.4f", p);
}

/* ---- for people -------------------------------------------------------------------------------------------------- */

static void print_gates(FILE *out, const struct differences_page *page)
{
    const struct gates *g = page->gates;
    struct table table =
        table_new(7, (const char *const[]){"gate", "limit", page->a, page->b, "change", "95 %", "p (all gates)"});
    for (size_t i = 0; i < g->count; i++) {
        const struct gated *item = &g->items[i];
        if (!item->broken)
            continue;
        table_add(&table,
                  (char *[]){difference_name(item->difference), change_text(item->gate->limit),
                             value_of(&item->difference->a), value_of(&item->difference->b),
                             change_text(item->difference->change), interval_of(item->difference), p_text(item->p)});
    }
    if (g->broken > 0)
        table_print(&table, out, "  ");
    table_free(&table);
    for (size_t k = 0; k < g->gate_count; k++) {
        size_t count = 0;
        for (size_t i = 0; i < g->count; i++)
            count += g->items[i].gate == &g->gates[k];
        if (count == 0)
            fprintf(out, "The gate '%s' was not judged: the sides have no such measure in common.\n", g->gates[k].what);
    }
}

static void answer(FILE *out, const struct differences_page *page, size_t significant)
{
    if (page->gates != NULL && page->gates->broken > 0)
        fprintf(out, "%zu of %zu comparisons break a gate.\n", page->gates->broken, page->gates->count);
    else if (page->gates != NULL)
        fprintf(out, "No gate is broken (%zu comparisons).\n", page->gates->count);
    if (significant == 0 && !page->exact)
        fprintf(out, "What differs between %s and %s is no more than chance explains.\n", page->a, page->b);
}

/* Of models: what both have and is not the same. */
static void print_exact(FILE *out, const struct differences_page *page)
{
    const struct lci_differences *d = page->differences;
    struct table table = table_new(4, (const char *const[]){"what differs", page->a, page->b, "change"});
    for (size_t i = 0; i < d->count; i++) {
        const struct lci_difference *x = &d->items[i];
        if (fabs(x->change) > 1e-9 && !lci_is_gained(x) && !lci_is_lost(x) &&
            strcmp(x->a.name, "total_process_time") != 0)
            table_add(&table, (char *[]){difference_name(x), value_of(&x->a), value_of(&x->b), change_text(x->change)});
    }
    if (table.rows > 1) {
        fprintf(out, "\n");
        table_print(&table, out, "  ");
    }
    table_free(&table);
}

static size_t print_significant(FILE *out, const struct differences_page *page, bool print)
{
    const struct lci_differences *d = page->differences;
    struct table table =
        table_new(7, (const char *const[]){"measure", page->a, page->b, "change", "95 %", "effect (sd)", "p (of all)"});
    size_t count = 0;
    for (size_t i = 0; i < d->count; i++) {
        const struct lci_difference *x = &d->items[i];
        if (!is_tested(x) || !lci_is_significant(x))
            continue;
        count++;
        table_add(&table, (char *[]){difference_name(x), value_of(&x->a), value_of(&x->b), change_text(x->change),
                                     interval_of(x), isnan(x->effect) ? lc_strdup("–") : lc_format("%+.2f", x->effect),
                                     p_text(x->adjusted)});
    }
    if (print && count > 0) {
        fprintf(out, "\nMore than chance, at 5 %% of all together:\n");
        table_print(&table, out, "  ");
    }
    table_free(&table);
    return count;
}

/* What a row of structure is about. */
static char *structure_name(const struct lci_difference *d)
{
    const struct lci_measure_row *m = &d->a;
    if (strcmp(m->name, "requests") == 0)
        return lc_format("operation %s/%s", m->service, m->operation);
    return lc_format("%s %s/%s %s %s", strcmp(m->name, "calls") == 0 ? "call" : "variant", m->service, m->operation,
                     strcmp(m->name, "calls") == 0 ? "→" : ":", m->subject);
}

static void print_structure(FILE *out, const struct differences_page *page, bool gained)
{
    const struct lci_differences *d = page->differences;
    bool headed = false;
    for (size_t i = 0; i < d->count; i++) {
        const struct lci_difference *x = &d->items[i];
        if (gained ? !lci_is_gained(x) : !lci_is_lost(x))
            continue;
        const struct lci_measure_row *there = gained ? &x->b : &x->a;
        if (!headed)
            fprintf(out, "\nOnly in %s:\n", gained ? page->b : page->a);
        headed = true;
        char *name = structure_name(x);
        fprintf(out, "  %s%s%s", name, *there->activity != 0 ? " in " : "", there->activity);
        if (!page->exact)
            fprintf(out, " (%.0f times%s)", there->mean * (double)there->count,
                    lci_is_significant(x) ? "" : ", may be chance");
        fprintf(out, "\n");
        free(name);
    }
}

/* How many requests it takes to see 5 %: for how many it was enough, and the worst of the others. */
static void print_needed(FILE *out, const struct differences_page *page)
{
    const struct lci_differences *d = page->differences;
    size_t tested = 0, enough = 0, pairs = 0;
    const struct lci_difference *worst = NULL;
    double requests = 0;
    for (size_t i = 0; i < d->count; i++) {
        const struct lci_difference *x = &d->items[i];
        if (!is_tested(x) || isnan(x->needed) || *x->a.unit != 's' || strcmp(x->a.name, "predicted_response_time") == 0)
            continue;
        tested++;
        pairs += x->pairs;
        enough += x->needed <= x->requests;
        requests = fmax(requests, x->requests);
        worst = worst == NULL || x->needed > worst->needed ? x : worst;
    }
    if (tested == 0)
        return;
    if (pairs > 0)
        fprintf(out,
                "\n%zu of %zu times are compared request by request: both sides made the same requests in the same "
                "order.",
                pairs, tested);
    char *name = difference_name(worst);
    fprintf(out,
            "\nWith %.0f requests a change by 5 %% would be seen nine times of ten in %zu of %zu times; %s takes "
            "%.0f.\n",
            requests, enough, tested, name, worst->needed);
    free(name);
}

void differences_text(FILE *out, const struct differences_page *page)
{
    answer(out, page, print_significant(out, page, false));
    if (page->gates != NULL)
        print_gates(out, page);
    if (page->exact)
        print_exact(out, page);
    else
        print_significant(out, page, true);
    print_structure(out, page, false);
    print_structure(out, page, true);
    if (!page->exact)
        print_needed(out, page);
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static json_t *side(const struct lci_measure_row *m)
{
    return json_pack("{s:I, s:o, s:o}", "count", (json_int_t)m->count, "mean", cli_json_number(m->mean), "sd",
                     cli_json_number(m->sd));
}

static json_t *difference_json(const struct lci_difference *x)
{
    const struct lci_measure_row *m = &x->a;
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:b}",
                     "activity", m->activity, "service", m->service, "operation", m->operation, "measure", m->name,
                     "subject", m->subject, "unit", m->unit, "a", side(&x->a), "b", side(&x->b), "change",
                     cli_json_number(x->change), "low", cli_json_number(x->low), "high", cli_json_number(x->high),
                     "effect", cli_json_number(x->effect), "p", cli_json_number(x->p), "adjusted_p",
                     cli_json_number(x->adjusted), "pairs", x->pairs, "requests_for_5_percent",
                     cli_json_number(x->needed), "significant", lci_is_significant(x));
}

static json_t *gate_json(const struct gated *g)
{
    json_t *o = difference_json(g->difference);
    json_object_set_new(o, "gate", json_string(g->gate->what));
    json_object_set_new(o, "limit", cli_json_number(g->gate->limit));
    json_object_set_new(o, "gate_p", cli_json_number(g->p));
    json_object_set_new(o, "broken", json_boolean(g->broken));
    return o;
}

json_t *differences_json(const struct differences_page *page)
{
    json_t *all = json_array(), *gained = json_array(), *lost = json_array(), *gates = json_array();
    const struct lci_differences *d = page->differences;
    for (size_t i = 0; i < d->count; i++) {
        const struct lci_difference *x = &d->items[i];
        if (is_tested(x))
            json_array_append_new(all, difference_json(x));
        if (lci_is_gained(x) || lci_is_lost(x))
            json_array_append_new(lci_is_gained(x) ? gained : lost, difference_json(x));
    }
    for (size_t i = 0; page->gates != NULL && i < page->gates->count; i++)
        json_array_append_new(gates, gate_json(&page->gates->items[i]));
    return json_pack("{s:s, s:o, s:o, s:o, s:I, s:o, s:o, s:o}", "schema", "loadcast.differences/1", "a",
                     cli_json_text(page->a), "b", cli_json_text(page->b), "gates", gates, "broken",
                     (json_int_t)(page->gates != NULL ? page->gates->broken : 0), "differences", all, "gained", gained,
                     "lost", lost);
}
