/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What stands in the verdict above single points: who uses the component that limits, capacities, dates, grids, costs.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/predict.h"
#include "model/attribution.h"
#include "questions_render.h"
#include "sim/scenario/growth.h"
#include "table.h"
#include "verdict_render.h"

/* ---- attribution ------------------------------------------------------------------------------------------------- */

static void print_uses(const struct page *page, const char *word, const struct lci_load_uses *uses, double rest,
                       size_t most)
{
    const size_t shown = uses->count < most || page->verbose ? uses->count : most;
    for (size_t i = shown; i < uses->count; i++)
        rest += uses->items[i].share;
    for (size_t i = 0; i < shown; i++)
        fprintf(page->out, "  %-8s %5.1f %%  %s\n", i == 0 ? word : "", 100 * uses->items[i].share,
                uses->items[i].name);
    if (rest >= 0.0005)
        fprintf(page->out, "  %-8s %5.1f %%  others\n", "", 100 * rest);
}

void print_attribution(const struct page *page)
{
    enum { PATHS = 8 };
    const struct lc_limits *limits = &page->verdict->limits[0];
    struct lci_attribution a;
    struct lc_diag own = {0};
    if (limits->count == 0)
        return;
    const struct lc_component *c = &limits->items[0].component;
    if (lci_attribute_uses(limits->model, c->processor ? c->index : LC_NONE, c->processor ? LC_NONE : c->index, &a,
                           &own) == 0 &&
        a.paths.count > 0) {
        char *name = verdict_component(c->name, c->processor);
        fprintf(page->out, "\nWho uses %s\n", name);
        free(name);
        print_uses(page, "workload", &a.sources, 0, PATHS);
        if (a.entries.count > 1)
            print_uses(page, "entry", &a.entries, 0, PATHS);
        print_uses(page, "path", &a.paths, a.rest, PATHS);
    }
    lci_attribution_free(&a);
    lc_diag_free(&own);
}

/* ---- capacity ---------------------------------------------------------------------------------------------------- */

static void print_blame(const struct page *page, const struct lc_search *s)
{
    if (s->miss == NULL)
        return;
    const struct lc_point *p = &s->miss->point;
    for (size_t i = 0; i < page->verdict->scenario->goal_count; i++) {
        const struct lc_goal *goal = &page->verdict->scenario->goals[i];
        const struct lc_search one = {.goal = goal};
        if (lc_search_judge(&one, p) != LC_GOAL_MISSED)
            continue;
        char *text = verdict_goal(goal), *value = verdict_worst(page->verdict, p, goal);
        fprintf(page->out, "    missed then: %s: %s\n", text, value);
        free(text);
        free(value);
    }
    if (p->overloaded) {
        char *name = verdict_component(p->limit.name, p->limit.processor);
        fprintf(page->out, "    overloaded then: %s\n", name);
        free(name);
    }
}

/* The component that limits by the traffic equations, and the next three. */
static void print_order(const struct page *page, const struct lc_bounds *order)
{
    enum { NEXT = 4 };
    for (size_t i = 0; i < order->count && i < NEXT; i++) {
        const struct lc_bound *b = &order->items[i];
        char *name = verdict_component(b->component.name, b->component.processor);
        char *number = number_text(b->factor);
        fprintf(page->out, "%s%s at × %s", i == 0 ? "    limits by the traffic equations alone: " : ", ", name, number);
        free(number);
        free(name);
    }
    fputs(order->count > 0 ? "\n" : "", page->out);
}

static void print_load(const struct page *page, const struct lc_highest_load *capacity)
{
    const struct lc_search *s = &capacity->search;
    char *keeps = lc_format("× %.4g", s->keeps), *misses = lc_format("× %.4g", s->misses);
    if (s->keeps > 0) {
        paint(page, PAINT_BOLD, keeps);
        if (capacity->rate > 0)
            fprintf(page->out, " (%.4g/s)", s->keeps * capacity->rate);
        fputs(page->verdict->scenario->goal_count > 0 ? " keeps every goal" : " can be sustained", page->out);
    } else {
        fputs("no load that was tried keeps every goal", page->out);
    }
    if (isfinite(s->misses))
        fprintf(page->out, ", %s does not", misses);
    if (!isnan(s->low)) {
        char *low = number_text(s->low), *high = number_text(s->high);
        fprintf(page->out, "; 95 %% interval × %s to × %s, from the number of traces", low, high);
        free(low);
        free(high);
    }
    if (!s->decided)
        fprintf(page->out, "%s",
                isinf(s->misses) ? "; no load that was tried misses one"
                                 : "; not known more closely in the time allowed");
    fputs(".\n", page->out);
    free(keeps);
    free(misses);
}

static void print_capacity(const struct page *page, const struct lc_highest_load *capacity)
{
    const struct lc_search *s = &capacity->search;
    fprintf(page->out,
            "  %s%s%s: ", s->workload == LC_NONE ? "the mix" : page->verdict->scenario->workloads[s->workload].name,
            s->change != NULL ? ", " : "", s->change != NULL ? s->change->name : "");
    print_load(page, capacity);
    if (!isnan(capacity->analytic_keeps)) {
        char *keeps = number_text(capacity->analytic_keeps), *misses = number_text(capacity->analytic_misses);
        fprintf(page->out, "    by the solver alone: × %s does, × %s does not\n", keeps, misses);
        free(keeps);
        free(misses);
    }
    print_blame(page, s);
    print_order(page, &capacity->order);
}

void print_capacities(const struct page *page)
{
    if (page->verdict->capacity_count > 0)
        fputs("\nCapacity: the highest load, and the next one above it that was tried\n", page->out);
    for (size_t i = 0; i < page->verdict->capacity_count; i++)
        print_capacity(page, &page->verdict->capacities[i]);
}

/* ---- growth ------------------------------------------------------------------------------------------------------ */

static void print_way(const struct page *page)
{
    static const char *const periods[] = {"day", "week", "month", "year"};
    const struct lc_growth *g = &page->verdict->scenario->growth;
    char start[32], end[32];
    if (g->trend.n > 0 && g->trend.shape == LC_EXPONENTIAL)
        fprintf(page->out, "%+.3g %% a year, compound, by the trend of %zu points",
                100 * expm1(365.25 * g->trend.slope), g->trend.n);
    else if (g->trend.n > 0)
        fprintf(page->out, "%+.3g a day, linear, by the trend of %zu points", g->trend.slope, g->trend.n);
    else
        fprintf(page->out, "%+.4g %% a %s%s", 100 * g->amount, periods[g->period],
                g->shape == LC_LINEAR ? " of the load at the start" : ", compound");
    fprintf(page->out, "; from %s to %s, × %.4g then\n", lci_date_text(g->start, start), lci_date_text(g->end, end),
            lci_growth_factor(g, g->end));
}

static char *date_cell(double day)
{
    char text[32];
    return lc_strdup(isfinite(day) ? lci_date_text(day, text) : "never");
}

static char *load_cell(const struct lc_crossing *c)
{
    if (isinf(c->misses))
        return lc_strdup("–");
    if (!(c->keeps > 0))
        return lc_format("below × %.3g", c->misses);
    return c->misses > 1.0005 * c->keeps ? lc_format("× %.3g–%.3g", c->keeps, c->misses)
                                         : lc_format("× %.3g", c->keeps);
}

static char *what_cell(const struct lc_crossing *c)
{
    char *text;
    if (c->component.name == NULL)
        return verdict_goal(c->goal);
    char *name = verdict_component(c->component.name, c->component.processor);
    if (c->goal == NULL) {
        text = lc_format("%s is full", name);
    } else {
        char *limit = percent_text(c->goal->limit);
        text = lc_format("load of %s ≤ %s", name, limit);
        free(limit);
    }
    free(name);
    return text;
}

/* Whether a goal for its load stands before the whole of a component. */
static bool has_goal(const struct lc_verdict *verdict, const struct lc_crossing *c)
{
    for (size_t g = 0; g < verdict->scenario->goal_count; g++) {
        const struct lc_goal *goal = &verdict->scenario->goals[g];
        if (goal->kind == LC_GOAL_LOAD && (goal->component == NULL || strcmp(goal->component, c->component.name) == 0))
            return true;
    }
    return false;
}

/* The day on which the first component is full: no load beyond it has a steady state. */
static const struct lc_crossing *first_full(const struct lc_verdict *verdict, const struct lc_what_if *change)
{
    for (size_t i = 0; i < verdict->crossing_count; i++)
        if (verdict->crossings[i].change == change && verdict->crossings[i].goal == NULL)
            return &verdict->crossings[i];
    return NULL;
}

/* Dates far behind the horizon say little: the nearest few are stated. */
static void print_crossings(const struct page *page, const struct lc_what_if *change)
{
    const size_t most = change == NULL ? 10 : 4;
    static const char *const headers[] = {"first missed", "at load", "on", "at the earliest", "at the latest"};
    const double end = page->verdict->scenario->growth.end;
    struct table table = table_new(5, headers);
    size_t shown = 0, kept = 0, left = 0;
    double last = 0;
    for (size_t i = 0; i < page->verdict->crossing_count; i++) {
        const struct lc_crossing *c = &page->verdict->crossings[i];
        if (c->change != change || (c->goal == NULL && has_goal(page->verdict, c)))
            continue;
        if (c->simulated && isinf(c->misses)) {
            kept++;
            continue;
        }
        if (shown == most && !page->verbose) {
            left++;
            continue;
        }
        shown++;
        const bool sure = c->early == c->late;
        last = c->day;
        char *cells[] = {what_cell(c), load_cell(c), c->keeps > 0 ? date_cell(c->day) : lc_strdup("before"),
                         sure ? lc_strdup("") : date_cell(c->early), sure ? lc_strdup("") : date_cell(c->late)};
        table_add(&table, cells);
    }
    if (shown > 0)
        table_print(&table, page->out, "  ");
    table_free(&table);
    char text[32];
    for (size_t i = 0; i < page->verdict->crossing_count && kept > 0; i++)
        if (page->verdict->crossings[i].change == change && page->verdict->crossings[i].simulated &&
            isinf(page->verdict->crossings[i].misses)) {
            char *goal = what_cell(&page->verdict->crossings[i]);
            fprintf(page->out, "  %s: not missed until %s\n", goal, lci_date_text(end, text));
            free(goal);
        }
    if (left > 0)
        fprintf(page->out, "  … and %zu later ones (--verbose shows all)\n", left);
    const struct lc_crossing *full = first_full(page->verdict, change);
    if (full != NULL && last > full->day) {
        char *name = verdict_component(full->component.name, full->component.processor);
        fprintf(page->out, "  Later dates assume that %s, which saturates on %s, is extended by then.\n", name,
                lci_date_text(full->day, text));
        free(name);
    }
}

void print_growth(const struct page *page)
{
    const struct lc_scenario *s = page->verdict->scenario;
    if (!s->growth.given)
        return;
    fputs("\nGrowth: ", page->out);
    print_way(page);
    print_crossings(page, NULL);
    for (size_t i = 0; i < s->what_if_count; i++) {
        if (s->what_ifs[i].swept)
            continue;
        fprintf(page->out, "  with %s\n", s->what_ifs[i].name);
        print_crossings(page, &s->what_ifs[i]);
    }
    if (s->growth.trend.n > 0 || page->verdict->learned)
        fputs("  (at the earliest and at the latest: 95 % of what the trend and the samples of the traces allow)\n",
              page->out);
}

/* ---- sweep ------------------------------------------------------------------------------------------------------- */

static char *axis_cell(const struct lc_what_if *w, size_t axis)
{
    return lc_strdup(w->edits[axis].value);
}

/* What a goal, or the cost a month (NULL), is at each combination and load. */
static void print_grid(const struct page *page, const char *const *headers, const struct lc_goal *goal)
{
    const struct lc_verdict *verdict = page->verdict;
    const struct lc_scenario *s = verdict->scenario;
    const size_t columns = s->axis_count + s->point_count;
    char **cells = lc_calloc(columns, sizeof *cells);
    char *title = goal != NULL ? verdict_goal(goal) : NULL;
    fprintf(page->out, "  %s%s\n", title != NULL ? title : "cost a month",
            title != NULL ? " (! missed, ? undecided)" : "");
    free(title);
    struct table table = table_new(columns, headers);
    for (size_t w = 0; w < s->what_if_count; w++) {
        if (!s->what_ifs[w].swept)
            continue;
        for (size_t a = 0; a < s->axis_count; a++)
            cells[a] = axis_cell(&s->what_ifs[w], a);
        for (size_t l = 0; l < s->point_count; l++) {
            const struct lc_point *p = &verdict->points[l * (1 + s->what_if_count) + 1 + w];
            if (goal == NULL) {
                const double sum = lc_cost_total(verdict, p);
                cells[s->axis_count + l] = isnan(sum) ? lc_strdup("–") : lc_format("%.2f", sum);
                continue;
            }
            const enum lc_judgement j = verdict_judgement(p, goal);
            char *value = verdict_worst(verdict, p, goal);
            cells[s->axis_count + l] = lc_format("%s %s", value,
                                                 j == LC_GOAL_MISSED      ? "!"
                                                 : j == LC_GOAL_UNDECIDED ? "?"
                                                                          : " ");
            free(value);
        }
        table_add(&table, cells);
    }
    table_print(&table, page->out, "    ");
    table_free(&table);
    free(cells);
}

/* One row for each combination: what saturates, and each goal at each load. */
void print_sweep(const struct page *page)
{
    const struct lc_verdict *verdict = page->verdict;
    const struct lc_scenario *s = verdict->scenario;
    const size_t columns = s->axis_count + 2;
    if (s->axis_count == 0)
        return;
    const char **headers = lc_calloc(columns + s->point_count, sizeof *headers);
    for (size_t a = 0; a < s->axis_count; a++)
        headers[a] = s->axes[a].path;
    headers[s->axis_count] = "saturates first";
    headers[s->axis_count + 1] = "at load";
    fputs("\nSweep\n", page->out);
    struct table first = table_new(columns, headers);
    char **cells = lc_calloc(columns + s->point_count, sizeof *cells);
    for (size_t w = 0; w < s->what_if_count; w++) {
        const struct lc_limits *limits = &verdict->limits[1 + w];
        if (!s->what_ifs[w].swept)
            continue;
        for (size_t a = 0; a < s->axis_count; a++)
            cells[a] = axis_cell(&s->what_ifs[w], a);
        const struct lc_component *c = limits->count > 0 ? &limits->items[0].component : NULL;
        cells[s->axis_count] = c != NULL ? verdict_component(c->name, c->processor) : lc_strdup("nothing");
        cells[s->axis_count + 1] = c != NULL ? lc_format("× %.4g", limits->items[0].factor) : lc_strdup("–");
        table_add(&first, cells);
    }
    table_print(&first, page->out, "  ");
    table_free(&first);
    for (size_t l = 0; l < s->point_count; l++)
        headers[s->axis_count + l] = s->points[l].name;
    for (size_t g = 0; g < s->goal_count; g++)
        print_grid(page, headers, &s->goals[g]);
    if (s->price_count > 0)
        print_grid(page, headers, NULL);
    free(cells);
    free(headers);
}

/* ---- cost -------------------------------------------------------------------------------------------------------- */

void print_costs(const struct page *page)
{
    const struct lc_verdict *verdict = page->verdict;
    const struct lc_scenario *s = verdict->scenario;
    if (s->price_count == 0)
        return;
    const char **headers = lc_calloc(s->price_count + 2, sizeof *headers);
    char **cells = lc_calloc(s->price_count + 2, sizeof *cells);
    headers[0] = "cost a month";
    for (size_t i = 0; i < s->price_count; i++)
        headers[1 + i] = s->prices[i].component;
    headers[1 + s->price_count] = "together";
    struct table table = table_new(s->price_count + 2, headers);
    for (size_t i = 0; i < verdict->point_count; i++) {
        const struct lc_point *p = &verdict->points[i];
        if (p->change != NULL && p->change->swept)
            continue; /* print_sweep() tells them */
        cells[0] = lc_strdup(p->label);
        for (size_t k = 0; k < s->price_count; k++) {
            const struct lc_cost c = lc_cost_of(verdict, p, k);
            const double sum = c.replicas + c.invocations + c.memory;
            cells[1 + k] = isnan(sum) ? lc_strdup("–") : lc_format("%.2f", sum);
        }
        const double sum = lc_cost_total(verdict, p);
        cells[1 + s->price_count] = isnan(sum) ? lc_strdup("–") : lc_format("%.2f", sum);
        table_add(&table, cells);
    }
    fputc('\n', page->out);
    table_print(&table, page->out, "  ");
    table_free(&table);
    free(cells);
    free(headers);
}
