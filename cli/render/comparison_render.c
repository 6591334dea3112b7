/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A comparison as aligned tables and as a document. */
#include "comparison_render.h"

#include "comparison.h"
#include "json.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const headings[LCI_FIGURE_KINDS] = {"Processors", "Tasks", "Entries",  "Phases and activities",
                                                       "Joins",      "Calls", "Workloads"};

/* ---- text -------------------------------------------------------------------------------------------------------- */

static void title(const char *text, bool colour, FILE *out)
{
    fprintf(out, colour ? "\n\033[1m%s\033[0m\n" : "\n%s\n", text);
}

static char *mean_text(double value)
{
    return lc_format("%.5g", value);
}

static char *width_text(double value)
{
    return isfinite(value) ? lc_format("%.2g", value) : lc_strdup("–");
}

static char *percent(double part)
{
    if (fabs(part) < 0.5e-4)
        return lc_strdup("0.00 %");
    return isfinite(part) ? lc_format("%+.2f %%", 100 * part) : lc_strdup(part > 0 ? "+∞" : "−∞");
}

static void print_kind(const struct comparison *c, int kind, bool colour, FILE *out)
{
    const char *const headers[] = {"name", "metric", "A", "±", "B", "±", "difference", ""};
    struct table table = table_new(8, headers);
    const struct lci_figure *last = NULL;
    for (size_t i = 0; i < c->figure_count; i++) {
        const struct compared *p = &c->figures[i];
        if ((int)p->a->kind != kind)
            continue;
        const bool again = last != NULL && strcmp(last->name, p->a->name) == 0;
        char *cells[] = {lc_strdup(again ? "" : p->a->name),
                         lc_strdup(p->a->metric),
                         mean_text(p->a->value.mean),
                         width_text(p->a->value.ci95),
                         mean_text(p->b->value.mean),
                         width_text(p->b->value.ci95),
                         percent(p->relative),
                         lc_strdup(p->significant ? "*" : "")};
        table_add(&table, cells);
        last = p->a;
    }
    if (table.rows > 1) {
        title(headings[kind], colour, out);
        table_print(&table, out, "  ");
    }
    table_free(&table);
}

static void print_statistics(const struct comparison *c, bool colour, FILE *out)
{
    const char *const headers[] = {"statistic", "figures", "rms", "largest", "significant"};
    struct table table = table_new(5, headers);
    for (size_t i = 0; i < c->statistic_count; i++) {
        const struct statistic *s = &c->statistics[i];
        char *cells[] = {lc_format("%s %s", lci_figure_kind_name(s->kind), s->metric), lc_format("%zu", s->count),
                         lc_format("%.2f %%", 100 * s->rms), lc_format("%.2f %%", 100 * s->largest),
                         lc_format("%zu", s->significant)};
        table_add(&table, cells);
    }
    title("Relative differences", colour, out);
    table_print(&table, out, "  ");
    table_free(&table);
}

int comparison_text(const struct page *page, struct lc_diag *diag)
{
    const struct comparison *c = page->comparison;
    const bool colour = page->colour;
    FILE *out = page->out;
    (void)diag;
    fprintf(out, "A: %s\nB: %s\n", c->a, c->b);
    for (int kind = 0; kind < LCI_FIGURE_KINDS; kind++)
        print_kind(c, kind, colour, out);
    print_statistics(c, colour, out);
    if (c->lonely_count > 0)
        title("In one of them only", colour, out);
    for (size_t i = 0; i < c->lonely_count; i++)
        fprintf(out, "  %s: %s %s\n", c->lonely[i].in_a ? "A" : "B", lci_figure_kind_name(c->lonely[i].figure->kind),
                c->lonely[i].figure->name);
    fputs("\n* significant: the difference is larger than √(a² + b²) of the 95 % half-widths a and b\n", out);
    return 0;
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static json_t *estimate(const struct lc_estimate *e)
{
    return json_pack("{s:o, s:o}", "mean", cli_json_number(e->mean), "ci95", cli_json_number(e->ci95));
}

static json_t *figure_json(const struct compared *p)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:b}", "kind", lci_figure_kind_name(p->a->kind), "name",
                     p->a->name, "metric", p->a->metric, "a", estimate(&p->a->value), "b", estimate(&p->b->value),
                     "difference", cli_json_number(p->relative), "significant", (int)p->significant);
}

static json_t *statistic_json(const struct statistic *s)
{
    return json_pack("{s:s, s:s, s:I, s:o, s:o, s:I}", "kind", lci_figure_kind_name(s->kind), "metric", s->metric,
                     "figures", (json_int_t)s->count, "rms", cli_json_number(s->rms), "largest",
                     cli_json_number(s->largest), "significant", (json_int_t)s->significant);
}

int comparison_json(const struct page *page, struct lc_diag *diag)
{
    const struct comparison *c = page->comparison;
    json_t *figures = json_array(), *statistics = json_array(), *lonely = json_array();
    for (size_t i = 0; i < c->figure_count; i++)
        json_array_append_new(figures, figure_json(&c->figures[i]));
    for (size_t i = 0; i < c->statistic_count; i++)
        json_array_append_new(statistics, statistic_json(&c->statistics[i]));
    for (size_t i = 0; i < c->lonely_count; i++)
        json_array_append_new(lonely, json_pack("{s:s, s:s, s:s}", "in", c->lonely[i].in_a ? "a" : "b", "kind",
                                                lci_figure_kind_name(c->lonely[i].figure->kind), "name",
                                                c->lonely[i].figure->name));
    json_t *o = json_object();
    json_object_set_new(o, "schema", json_string("loadcast.compare/1"));
    json_object_set_new(o, "a", cli_json_text(c->a));
    json_object_set_new(o, "b", cli_json_text(c->b));
    json_object_set_new(o, "threshold", cli_json_number(c->threshold));
    json_object_set_new(o, "exceeded", isnan(c->threshold) ? json_null() : json_boolean(comparison_exceeds(c)));
    json_object_set_new(o, "statistics", statistics);
    json_object_set_new(o, "only_in_one", lonely);
    json_object_set_new(o, "figures", figures);
    return cli_json_print(o, CLI_JSON_SIMULATED, page->out, diag);
}
