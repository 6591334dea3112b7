/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "summary.h"
#include "sim/predict/predict.h"

#include "paragraph.h"
#include "recorded_render.h"
#include "unlimited_render.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "model/policy.h"
#include "model/unstated.h"
#include "questions_render.h"
#include "table.h"
#include "verdict_render.h"

/* ---- what saturates ---------------------------------------------------------------------------------------------- */

static char *factor_text(const struct lc_verdict *verdict, double factor)
{
    char *number = number_text(factor);
    char *text = verdict->reference != NULL ? lc_format("× %s of the load '%s'", number, verdict->reference)
                                            : lc_format("× %s", number);
    free(number);
    return text;
}

static void print_next(const struct page *page, const struct lc_limits *limits)
{
    enum { NEXT = 4 };
    struct lci_buffer list = {0};
    for (size_t i = 1; i < limits->count && i <= NEXT; i++) {
        char *next = verdict_component(limits->items[i].component.name, limits->items[i].component.processor);
        char *number = number_text(limits->items[i].factor);
        lci_buffer_join(&list, ", ", "%s at × %s", next, number);
        free(number);
        free(next);
    }
    if (limits->count > 1)
        paragraph(page->out, 0, 2, "Next: %s.\n", list.text);
    free(list.text);
}

/* The lowest load at which requests that are sent again, or held up, were seen to overload what their flow does not.
 */
static void print_seen(const struct page *page, const struct lc_what_if *change)
{
    const struct lc_point *first = NULL;
    for (size_t i = 0; i < page->verdict->point_count && first == NULL; i++) {
        const struct lc_point *p = &page->verdict->points[i];
        if (p->change == change && p->result != NULL && !lc_point_is_steady(p) && p->traffic.load < 1)
            first = p;
    }
    if (first == NULL)
        return;
    const char *why = first->result->overload.why;
    char *name = verdict_component(first->limit.name, first->limit.processor);
    paint(page, PAINT_BOLD, name);
    fprintf(page->out, " is overloaded at load %s%s%s.\n", first->load->name,
            why != NULL ? ", because " : " by waiting and what holds it up", why != NULL ? why : "");
    fputs("Without that ", page->out);
    free(name);
}

static void print_limits(const struct page *page, const struct lc_limits *limits)
{
    const struct lc_verdict *verdict = page->verdict;
    if (limits->count == 0) {
        print_unlimited(page, limits);
        return;
    }
    print_seen(page, limits->change);
    char *name = verdict_component(limits->items[0].component.name, limits->items[0].component.processor);
    char *factor = factor_text(verdict, limits->items[0].factor);
    paint(page, PAINT_BOLD, name);
    fprintf(page->out, " saturates first, at load %s", factor);
    if (limits->rate > 0) {
        char *rate = number_text(limits->rate * limits->items[0].factor);
        fprintf(page->out, " (%s %s)", rate, verdict_rate_unit(verdict));
        free(rate);
    }
    const bool learned = limits->items[0].uncertainty > 0.001;
    if (learned) {
        char *low = number_text(limits->items[0].low), *high = number_text(limits->items[0].high);
        fprintf(page->out, "; 95 %% interval × %s to × %s, from the number of traces", low, high);
        free(low);
        free(high);
    }
    fputs(".\n", page->out);
    if (learned && limits->sensitivity != NULL) {
        char *text = verdict_sensitivity(verdict, limits->sensitivity, "halve the interval");
        paragraph(page->out, 0, 2, "Sensitivity of that load: %s.\n", text);
        free(text);
    }
    free(factor);
    free(name);
    print_next(page, limits);
    if (limits->change == NULL && lci_model_fails(limits->model))
        paragraph(page->out, 0, 2,
                  "These loads count every request once and in full; what timeouts, retries, breakers and limits of "
                  "queues take away or add is in the tables of loads, not here.\n");
}

/* ---- loads at a glance ------------------------------------------------------------------------------------------- */

static double simulated_load(const struct lc_point *p, const struct lc_component *c)
{
    return c->processor ? p->result->processors[c->index].load.mean : p->result->tasks[c->index].load.mean;
}

static char *load_cell(const struct lc_point *p, const struct lc_component *wanted)
{
    struct lc_component c;
    if (!lcp_find_component(p->model, wanted, &c))
        return lc_strdup("–");
    if (p->result != NULL)
        return percent_text(simulated_load(p, &c));
    return lc_strdup(p->overloaded && c.processor == p->limit.processor && c.index == p->limit.index ? "full" : "·");
}

static void print_glance(const struct page *page)
{
    enum { COLUMNS = 12 };
    const struct lc_verdict *verdict = page->verdict;
    size_t base = 0;
    const char *headers[COLUMNS + 3] = {"load of"};
    const struct lc_point *points[COLUMNS];
    for (size_t i = 0; i < verdict->point_count; i++)
        if (verdict->points[i].change == NULL && base < COLUMNS) {
            points[base] = &verdict->points[i];
            headers[1 + base++] = verdict->points[i].label;
        }
    if (base < 2 || verdict->limits[0].count == 0)
        return;
    headers[base + 1] = "saturates at";
    headers[base + 2] = "95 % interval";
    const bool samples = verdict->limits[0].count > 0 && verdict->limits[0].items[0].uncertainty > 0.001;
    struct table table = table_new(base + (samples ? 3 : 2), headers);
    for (size_t i = 0; i < verdict->limits[0].count; i++) {
        char *cells[COLUMNS + 3];
        const struct lc_component *c = &verdict->limits[0].items[i].component;
        cells[0] = verdict_component(c->name, c->processor);
        for (size_t k = 0; k < base; k++)
            cells[1 + k] = load_cell(points[k], c);
        char *number = number_text(verdict->limits[0].items[i].factor);
        cells[base + 1] = lc_format("× %s", number);
        if (samples) { /* the table has that column, and takes the texts */
            char *low = number_text(verdict->limits[0].items[i].low),
                 *high = number_text(verdict->limits[0].items[i].high);
            cells[base + 2] = lc_format("%s to %s", low, high);
            free(low);
            free(high);
        }
        free(number);
        table_add(&table, cells);
    }
    fputc('\n', page->out);
    table_print(&table, page->out, "  ");
    table_free(&table);
}

/* ---- goals ------------------------------------------------------------------------------------------------------- */

/* The component that is furthest beyond the limit, or the workload. */
static const struct lc_goal_result *find_worst(const struct lc_point *p, const struct lc_goal *goal,
                                               enum lc_judgement judgement)
{
    const struct lc_goal_result *found = NULL;
    for (size_t i = 0; i < p->goal_count; i++) {
        const struct lc_goal_result *g = &p->goals[i];
        if (g->goal == goal && g->judgement == judgement && (found == NULL || g->value.mean > found->value.mean))
            found = g;
    }
    return found;
}

/* "photo 86.6 ± 0.5 %" */
char *verdict_worst(const struct lc_verdict *verdict, const struct lc_point *p, const struct lc_goal *goal)
{
    const struct lc_goal_result *found = find_worst(p, goal, verdict_judgement(p, goal));
    if (found == NULL && goal->kind == LC_GOAL_LOAD && p->result != NULL)
        return lc_strdup("no component has a limit");
    if (found == NULL || (p->result == NULL && !p->overloaded))
        return lc_strdup("there was no time to simulate it");
    if (!lc_point_is_steady(p) && (goal->kind == LC_GOAL_LOAD || isnan(found->value.mean))) {
        char *name = verdict_component(p->limit.name, p->limit.processor);
        char *text = lc_format("%s is overloaded", name);
        free(name);
        return text;
    }
    const double confidence = verdict->scenario->simulation.confidence;
    char *value = goal->kind == LC_GOAL_LOAD || goal->kind == LC_GOAL_ERRORS
                      ? percent_estimate(&found->value, confidence)
                  : goal->kind == LC_GOAL_RESPONSE ? time_estimate(&found->value, confidence)
                                                   : estimate_text(&found->value, 1, confidence);
    char *name = found->component != NULL ? verdict_component(found->component, found->processor) : NULL;
    char *text = lc_format("%s%s%s%s", name != NULL ? name : "", name != NULL ? " " : "", value,
                           goal->kind == LC_GOAL_THROUGHPUT ? "/s" : "");
    free(name);
    free(value);
    return text;
}

static void print_goal(const struct page *page, const struct lc_goal *goal, const struct lc_what_if *change)
{
    enum { TEXT = 13 }; /* the column in which it begins */
    static const char *const words[] = {
        [LC_GOAL_MISSED] = "missed   ", [LC_GOAL_MET] = "met      ", [LC_GOAL_UNDECIDED] = "undecided"};
    static const enum paint paints[] = {
        [LC_GOAL_MISSED] = PAINT_RED, [LC_GOAL_MET] = PAINT_GREEN, [LC_GOAL_UNDECIDED] = PAINT_YELLOW};
    const struct lc_point *first, *last_met = NULL;
    const enum lc_judgement all = verdict_goal_judgement(page->verdict, goal, change, &first);
    for (size_t i = 0; i < page->verdict->point_count; i++) {
        const struct lc_point *p = &page->verdict->points[i];
        if (p->change == change && verdict_judgement(p, goal) == LC_GOAL_MET)
            last_met = p;
    }
    char *text = verdict_goal(goal);
    fputs("  ", page->out);
    paint(page, paints[all], words[all]);
    fputs("  ", page->out);
    if (all == LC_GOAL_MET) {
        paragraph(page->out, TEXT, TEXT, "%s at every load looked at\n", text);
        free(text);
        return;
    }
    const struct lc_goal_result *found = find_worst(first, goal, all);
    char *value = verdict_worst(page->verdict, first, goal);
    char *why = all == LC_GOAL_UNDECIDED && found != NULL ? verdict_undecided(page->verdict, found) : lc_strdup("");
    paragraph(page->out, TEXT, TEXT, "%s: at load %s %s%s%s%s\n", text, first->load->name, value, why,
              last_met != NULL ? "; holds at load " : "", last_met != NULL ? last_met->load->name : "");
    free(why);
    free(text);
    if (all == LC_GOAL_UNDECIDED && found != NULL && found->sensitivity != NULL) {
        char *parts = verdict_sensitivity(page->verdict, found->sensitivity, "decide the goal");
        paragraph(page->out, 0, 15, "             sensitivity: %s\n", parts);
        free(parts);
    }
    free(value);
}

static void print_goals(const struct page *page, const struct lc_what_if *change)
{
    const struct lc_scenario *s = page->verdict->scenario;
    if (s->goal_count > 0)
        fputs(change == NULL ? "\nGoals\n" : "", page->out);
    for (size_t g = 0; g < s->goal_count; g++)
        print_goal(page, &s->goals[g], change);
}

/* ---- differences --------------------------------------------------------------------------------------------------
 */

static const struct lc_comparison *find_difference(const struct lc_verdict *verdict, const struct lc_point *p,
                                                   enum lc_compared quantity, const char *name)
{
    for (size_t i = 0; i < verdict->comparison_count; i++) {
        const struct lc_comparison *c = &verdict->comparisons[i];
        if (c->point == p && c->quantity == quantity && strcmp(c->name, name) == 0)
            return c;
    }
    return NULL;
}

static char *difference_text(const struct lc_comparison *c, double scale, const char *unit)
{
    return c == NULL ? lc_strdup("– ")
                     : verdict_difference(c->difference.mean, c->low, c->high, &c->before, scale, unit);
}

static void add_differences(struct table *table, const struct lc_verdict *verdict, const struct lc_point *p,
                            const char *workload, const struct time_scale *scale)
{
    char *cells[] = {
        lc_strdup(workload),
        difference_text(find_difference(verdict, p, LC_COMPARED_THROUGHPUT, workload), 1, ""),
        difference_text(find_difference(verdict, p, LC_COMPARED_MEAN, workload), scale->seconds, ""),
        difference_text(find_difference(verdict, p, LC_COMPARED_P95, workload), scale->seconds, ""),
    };
    table_add(table, cells);
}

static double largest_time(const struct lc_verdict *verdict, const struct lc_point *p)
{
    double largest = 0;
    for (size_t i = 0; i < verdict->comparison_count; i++)
        if (verdict->comparisons[i].point == p && verdict->comparisons[i].quantity >= LC_COMPARED_MEAN)
            largest = fmax(largest, fabs(verdict->comparisons[i].difference.mean));
    return largest;
}

/* What the change does at the highest load that can be compared. */
static void print_differences(const struct page *page, const struct lc_what_if *change)
{
    const struct lc_verdict *verdict = page->verdict;
    const struct lc_point *p = NULL;
    for (size_t i = 0; i < verdict->comparison_count; i++)
        if (verdict->comparisons[i].point->change == change)
            p = verdict->comparisons[i].point;
    if (p == NULL)
        return;
    fprintf(page->out, "Changes at load %s, on the same random numbers:\n", p->load->name);
    const struct time_scale scale = time_scale_of(largest_time(verdict, p));
    char *mean = lc_format("mean (%s)", scale.unit);
    const char *const headers[] = {"", "served/s", mean, "p95"};
    struct table table = table_new(4, headers);
    for (size_t w = 0; w < p->result->workload_count; w++)
        add_differences(&table, verdict, p, lc_source_name(p->model, &p->result->workloads[w]), &scale);
    for (size_t i = 0; i < verdict->comparison_count; i++) {
        const struct lc_comparison *c = &verdict->comparisons[i];
        if (c->point != p || c->quantity != LC_COMPARED_LOAD)
            continue;
        char *name = verdict_component(c->name, c->processor), *difference = difference_text(c, 0.01, " %");
        char *cells[] = {lc_format("load of %s", name), difference, lc_strdup(""), lc_strdup("")};
        free(name);
        table_add(&table, cells);
    }
    table_print(&table, page->out, "  ");
    table_free(&table);
    free(mean);
    paragraph(page->out, 0, 3,
              "  (95 %% intervals hold for all differences at that load together; in parentheses: not significant; 0: "
              "less than the digits shown)\n");
}

static void print_changes(const struct page *page)
{
    const struct lc_scenario *s = page->verdict->scenario;
    for (size_t w = 0; w < s->what_if_count; w++) {
        if (s->what_ifs[w].swept)
            continue;
        char *title = lc_format("\nWhat if: %s\n", s->what_ifs[w].name);
        paint(page, PAINT_BOLD, title);
        free(title);
        print_limits(page, &page->verdict->limits[1 + w]);
        print_differences(page, &s->what_ifs[w]);
        print_goals(page, &s->what_ifs[w]);
    }
}

/* ---- where it comes from ----------------------------------------------------------------------------------------- */

static void print_assumptions(const struct page *page)
{
    enum { SHOWN = 15 };
    size_t open = 0;
    for (size_t i = 0; i < page->verdict->evidence.assumption_count; i++) {
        const struct lc_assumption *a = &page->verdict->evidence.assumptions[i];
        if (!verdict_assumed(page->verdict, a))
            continue;
        if (open++ == 0)
            fputs("\nAssumed, because the traces do not say (the key replaces it)\n", page->out);
        if (open <= SHOWN || page->verbose)
            paragraph(page->out, 0, 4, "  %s: %s; %s → %s%s\n", a->what, a->value, a->evidence,
                      a->no_key != NULL ? "no key: " : "", a->no_key != NULL ? a->no_key : a->key);
    }
    if (open > SHOWN && !page->verbose)
        fprintf(page->out, "  … and %zu more (--verbose shows all)\n", open - SHOWN);
    char *demands = lci_unstated_demands(page->verdict->base);
    if (demands != NULL)
        paragraph(page->out, 0, 2, "\nExponential, because only a mean is stated: %s; %s\n", demands,
                  lci_unstated_consequence);
    free(demands);
}

static void print_reading(const struct page *page)
{
    const struct lc_reading *r = page->reading;
    if (r == NULL)
        return;
    fprintf(page->out, "\nRead %llu traces with %llu spans from %llu file%s", (unsigned long long)r->traces,
            (unsigned long long)r->spans, (unsigned long long)r->files, r->files == 1 ? "" : "s");
    bool any = false;
    for (int i = 0; i < LC_REPAIR_KINDS; i++) {
        if (r->repairs.count[i] == 0)
            continue;
        fprintf(page->out, "%s%llu %s", any ? ", " : "; repaired: ", (unsigned long long)r->repairs.count[i],
                lc_repair_sentence((enum lc_repair)i));
        any = true;
    }
    fputs(any ? ".\n" : "; nothing had to be repaired.\n", page->out);
}

void print_summary(const struct page *page)
{
    heading(page, "Verdict");
    print_limits(page, &page->verdict->limits[0]);
    print_attribution(page);
    print_glance(page);
    print_goals(page, NULL);
    if (page->verdict->out_of_time)
        fputs("\nThe allowed time (simulation: max_time) ran out before the work was done.\n", page->out);
    print_capacities(page);
    print_growth(page);
    print_recorded(page);
    print_changes(page);
    print_sweep(page);
    print_costs(page);
    print_assumptions(page);
    print_reading(page);
}
