/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tables of the points. The summary is summary.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "beside.h"
#include "curve_goals_render.h"
#include "findings.h"
#include "model/elastic.h"
#include "model/lqn.h"
#include "model/policy.h"
#include "paragraph.h"
#include "result_parts.h"
#include "summary.h"
#include "table.h"
#include "verdict_render.h"

static const char *const reset = "\033[0m";

void paint(const struct page *page, enum paint paint, const char *text)
{
    static const char *const codes[] = {"", "\033[1m", "\033[32m", "\033[33m", "\033[31m"};
    if (page->colour && paint != PAINT_NONE)
        fprintf(page->out, "%s%s%s", codes[paint], text, reset);
    else
        fputs(text, page->out);
}

void heading(const struct page *page, const char *text)
{
    enum { WIDTH = 100 };
    fputc('\n', page->out);
    paint(page, PAINT_BOLD, text);
    fputc(' ', page->out);
    for (size_t i = text_width(text) + 1; i < WIDTH; i++)
        fputs("─", page->out);
    fputc('\n', page->out);
}

/* ---- components -------------------------------------------------------------------------------------------------- */

static const struct lc_estimate *load_of(const struct lc_point *p, const struct lc_component *c)
{
    return c->processor ? &p->result->processors[c->index].load : &p->result->tasks[c->index].load;
}

struct sorted {
    struct lc_component component;
    double load; /* −1: no limit */
};

static int by_load(const void *a, const void *b)
{
    const struct sorted *x = a, *y = b;
    if (x->load != y->load)
        return x->load > y->load ? -1 : 1;
    if (x->component.processor != y->component.processor)
        return x->component.processor ? 1 : -1;
    return (x->component.index > y->component.index) - (x->component.index < y->component.index);
}

static char *size_text(const struct lc_model *model, const struct lc_component *c)
{
    const uint32_t each = c->processor ? model->processors[c->index].multiplicity : model->tasks[c->index].multiplicity;
    const uint32_t replicas = c->processor ? model->processors[c->index].replicas : model->tasks[c->index].replicas;
    if (!c->limited)
        return lc_strdup("∞");
    const int scaled = c->processor ? lci_elastic_owner(model, c->index) : c->index;
    if (scaled != LC_NONE && lci_elastic_scales(&model->tasks[scaled].elastic))
        return lc_format("%u to %u × %u", lci_elastic_least(&model->tasks[scaled].elastic),
                         model->tasks[scaled].elastic.maximum, each);
    return replicas > 1 ? lc_format("%u × %u", replicas, each) : lc_format("%u", each);
}

static void add_component(struct table *table, const struct lc_verdict *verdict, const struct lc_point *p,
                          const struct lc_component *c, const struct time_scale *scale)
{
    const double unit = verdict->time_unit;
    const struct lc_task_result *task = c->processor ? NULL : &p->result->tasks[c->index];
    const struct lc_estimate *queue =
        c->processor ? &p->result->processors[c->index].queue_length : &task->queue_length;
    char *cells[] = {
        verdict_component(c->name, c->processor),
        size_text(p->model, c),
        c->limited ? percent_estimate(load_of(p, c), verdict->scenario->simulation.confidence) : lc_strdup("–"),
        number_text(task != NULL ? task->throughput.mean / unit : NAN),
        amount_text(queue->mean),
        amount_text(task != NULL ? task->waiting_time.mean * unit / scale->seconds : NAN),
    };
    table_add(table, cells);
}

static double longest_wait(const struct lc_verdict *verdict, const struct lc_point *p, const struct sorted *sorted,
                           size_t count)
{
    double longest = 0;
    for (size_t i = 0; i < count; i++)
        if (!sorted[i].component.processor)
            longest = fmax(longest, p->result->tasks[sorted[i].component.index].waiting_time.mean * verdict->time_unit);
    return longest;
}

static void print_components(const struct page *page, const struct lc_point *p)
{
    enum { SHOWN = 40 };
    size_t count;
    struct lc_component *components = lc_components(p->model, &count);
    struct sorted *sorted = lc_calloc(count, sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = (struct sorted){components[i], components[i].limited ? load_of(p, &components[i])->mean : -1};
    if (count > 1)
        qsort(sorted, count, sizeof *sorted, by_load);
    const struct time_scale scale = time_scale_of(longest_wait(page->verdict, p, sorted, count));
    char *wait = lc_format("wait (%s)", scale.unit);
    const char *const headers[] = {"component", "size", "load", "served/s", "queue", wait};
    struct table table = table_new(6, headers);
    const size_t shown = page->verbose || count <= SHOWN ? count : SHOWN;
    for (size_t i = 0; i < shown; i++)
        add_component(&table, page->verdict, p, &sorted[i].component, &scale);
    table_print(&table, page->out, "  ");
    if (shown < count)
        fprintf(page->out, "  … and %zu less busy ones (--verbose shows all)\n", count - shown);
    table_free(&table);
    free(wait);
    free(sorted);
    free(components);
}

/* ---- workloads --------------------------------------------------------------------------------------------------- */

static double slowest(const struct lc_verdict *verdict, const struct lc_result *result)
{
    double most = 0;
    for (size_t i = 0; i < result->workload_count; i++)
        most = fmax(most, result->workloads[i].response_time.mean * verdict->time_unit);
    return most;
}

/* A session's steps, below it. */
/* What the table of workloads shows: the tenth of the percentiles is left out, those that goals ask for are not. */
enum { MOST_COLUMNS = 4 + LC_MOST_PERCENTILES };

static bool is_shown(const struct lc_percentile_list *list, unsigned k)
{
    return list->percent[k] != 90 || k >= LC_PERCENTILES;
}

static void add_steps(struct table *table, const struct page *page, const struct lc_point *p,
                      const struct lc_workload_result *w, const struct time_scale *scale, bool fails)
{
    const double unit = page->verdict->time_unit, confidence = page->verdict->scenario->simulation.confidence;
    const struct lc_task *task = w->task != LC_NONE ? &p->model->tasks[w->task] : NULL;
    if (task == NULL || !lci_is_session(p->model, task))
        return;
    for (size_t i = 0; i < task->entry_count; i++) {
        const struct lc_entry_result *step = &p->result->entries[task->entries[i]];
        const struct lc_percentile_list *list = &p->result->percentile_list;
        char *cells[MOST_COLUMNS] = {
            lc_strdup(p->model->entries[task->entries[i]].name),
            estimate_text(&step->throughput, unit, confidence),
            estimate_text(&step->service_time, scale->seconds / unit, confidence),
        };
        size_t n = 3;
        for (unsigned k = 0; k < list->count; k++)
            if (is_shown(list, k))
                cells[n++] = number_text(
                    step->percentiles.known ? step->percentiles.value[k].mean * unit / scale->seconds : NAN);
        cells[n] = fails ? lc_strdup("–") : NULL;
        table_add(table, cells);
    }
}

/* Between which the means of a workload lie whatever the queues do: beside a solution, and with --verbose. */
static void print_bounds(const struct page *page, const struct lc_point *p, const struct lc_workload_result *w)
{
    const struct lc_workload_bounds *b = &w->bounds;
    const double unit = page->verdict->time_unit;
    if (!(page->verbose || page->verdict->method != LC_METHOD_SIMULATE) ||
        (isnan(b->response_low) && isnan(b->throughput_high)))
        return;
    char *low = number_text(isnan(b->throughput_low) ? 0 : b->throughput_low / unit);
    char *high = number_text(b->throughput_high / unit);
    char *shortest = time_text(b->response_low * unit), *longest = time_text(b->response_high * unit);
    fprintf(page->out, "  bounds of %s:", lc_source_name(p->model, w));
    if (!isnan(b->throughput_high))
        fprintf(page->out, " %s to %s/s%s", low, high, isnan(b->response_low) ? "" : ",");
    if (!isnan(b->response_high))
        fprintf(page->out, " %s to %s", shortest, longest);
    else if (!isnan(b->response_low))
        fprintf(page->out, " %s or longer", shortest);
    fputc('\n', page->out);
    free(low);
    free(high);
    free(shortest);
    free(longest);
}

static void print_workloads(const struct page *page, const struct lc_point *p)
{
    const double unit = page->verdict->time_unit, confidence = page->verdict->scenario->simulation.confidence;
    const struct time_scale scale = time_scale_of(slowest(page->verdict, p->result));
    char *mean = lc_format("mean (%s)", scale.unit);
    const bool fails = lci_model_fails(p->model);
    const struct lc_percentile_list *list = &p->result->percentile_list;
    const char *headers[MOST_COLUMNS] = {"workload", "served/s", mean};
    char names[LC_MOST_PERCENTILES][32];
    size_t columns = 3;
    for (unsigned k = 0; k < list->count; k++) {
        snprintf(names[k], sizeof names[k], "p%g", list->percent[k]);
        if (is_shown(list, k))
            headers[columns++] = names[k];
    }
    headers[columns] = "failed";
    struct table table = table_new(columns + fails, headers);
    for (size_t i = 0; i < p->result->workload_count; i++) {
        const struct lc_workload_result *w = &p->result->workloads[i];
        char *cells[MOST_COLUMNS] = {
            lc_strdup(lc_source_name(p->model, w)),
            estimate_text(&w->throughput, unit, confidence),
            estimate_text(&w->response_time, scale.seconds / unit, confidence),
        };
        size_t n = 3;
        for (unsigned k = 0; k < list->count; k++)
            if (is_shown(list, k))
                cells[n++] = w->percentiles.known
                                 ? estimate_text(&w->percentiles.value[k], scale.seconds / unit, confidence)
                                 : lc_strdup("–");
        cells[n] = fails ? percent_text(w->failed.mean) : NULL;
        table_add(&table, cells);
        add_steps(&table, page, p, w, &scale, fails);
    }
    fputc('\n', page->out);
    table_print(&table, page->out, "  ");
    for (size_t i = 0; i < p->result->workload_count; i++)
        print_bounds(page, p, &p->result->workloads[i]);
    table_free(&table);
    free(mean);
}

/* ---- points ------------------------------------------------------------------------------------------------------ */

/* "load × 2: login 12.4/s, browsers 200 users" */
static char *point_title(const struct lc_verdict *verdict, const struct lc_point *p)
{
    char *title = lc_format("load %s:", p->label);
    for (size_t w = 0; w < verdict->scenario->workload_count; w++) {
        const struct lc_workload *load = &verdict->scenario->workloads[w];
        const double level = lc_mean_level(verdict, p->load, p->change, w);
        char *amount = load->closed ? lc_format("%.0f", level) : number_text(level);
        char *longer =
            lc_format("%s%s %s %s%s", title, w > 0 ? "," : "", load->name, amount, load->closed ? " users" : "/s");
        free(amount);
        free(title);
        title = longer;
    }
    if (verdict->scenario->workload_count == 0)
        title[strlen(title) - 1] = 0;
    return title;
}

static void print_overload(const struct page *page, const struct lc_point *p)
{
    char *name = verdict_component(p->limit.name, p->limit.processor);
    char *size = size_text(p->model, &p->limit);
    const bool tokens = !p->limit.processor && p->traffic.token_load[p->limit.index] >= p->traffic.load;
    paint(page, PAINT_RED, "  overloaded: ");
    fprintf(page->out,
            "%s (size %s) would have to %s %.1f %% of the time.\n"
            "  Its queue grows without end, and with it the response times of all who wait for it.\n"
            "  At most %.1f %% of this load can be served.\n",
            name, size, tokens ? "give the tokens of its rate limit for" : "be busy", 100 * p->traffic.load,
            100 * p->traffic.limit_factor);
    if (p->overload_share < 1)
        fprintf(page->out,
                "  The traces are too few to be sure: in %.0f %% of the bootstrap replicates all of it is served.\n",
                100 * (1 - p->overload_share));
    free(size);
    free(name);
}

static bool asks_again(const struct lc_model *m)
{
    for (size_t i = 0; i < m->task_count; i++)
        if (m->tasks[i].policy_count > 0 || m->tasks[i].decision_count > 0)
            return true;
    return false;
}

/* A queue was seen to grow. */
static void print_growth(const struct page *page, const struct lc_point *p)
{
    const struct lc_overload *o = &p->result->overload;
    char *name = verdict_component(p->limit.name, p->limit.processor);
    paint(page, PAINT_RED, "  overloaded: ");
    if (o->task != o->queue)
        fprintf(page->out, "%s is full, and ", name);
    fprintf(page->out, "the queue of %s grows without end%s\n", p->model->tasks[o->queue].name,
            o->why != NULL ? "," : "");
    if (o->why != NULL)
        fprintf(page->out, "  because %s\n", o->why);
    if (p->result->iterations > 0 || p->result->replications == 0 || page->verdict->method == LC_METHOD_ANALYTIC)
        fputs("  The solver has no figures without a steady state.\n", page->out);
    else
        fputs("  The figures below depend on how long it was watched.\n", page->out);
    if (asks_again(p->model) && p->traffic.load < 1)
        fprintf(page->out,
                "  Without waiting, retries and copies no load is above %.0f %%; 'mode: transient' shows whether it "
                "recovers.\n",
                100 * p->traffic.load);
    free(name);
}

static void print_refusal(const struct page *page, const struct lc_point *p)
{
    paint(page, PAINT_RED, "  overloaded: ");
    fprintf(page->out, "%s is full, and %.3g %% of its requests are refused or lost\n", p->limit.name,
            100 * p->result->tasks[p->limit.index].dropped.mean);
}

static void print_point(const struct page *page, const struct lc_point *p)
{
    char *title = point_title(page->verdict, p);
    heading(page, title);
    free(title);
    if (p->result == NULL) {
        if (p->overloaded)
            print_overload(page, p);
        else
            fputs(page->stopped_by != NULL ? "  not simulated\n"
                                           : "  not simulated: the time allowed was too short (simulation: max_time)\n",
                  page->out);
        return;
    }
    if (!lc_point_is_steady(p))
        print_growth(page, p);
    else if (p->overloaded)
        print_refusal(page, p);
    print_components(page, p);
    const struct result_parts parts = {p->result,     page->verdict->time_unit,
                                       NULL,          page->verdict->scenario->simulation.confidence,
                                       page->verbose, page->out};
    networks_text(&parts);
    print_workloads(page, p);
    completions_text(&parts);
    print_beside(page, p);
    if (!p->overloaded && p->overload_share > 0)
        fprintf(page->out,
                "  In %.*f %% of the bootstrap replicates this load exceeds the capacity: response times grow without "
                "end.\n",
                p->overload_share < 0.1, 100 * p->overload_share);
    if (p->result->iterations > 0 && !p->result->converged) {
        fprintf(page->out, "  (not converged: after %u iterations the largest relative change is %.3g)\n",
                p->result->iterations, p->result->residual);
    } else if (p->result->drifts != LC_NONE) {
        fprintf(page->out,
                "  (no steady state in the time simulated: how many requests are at %s depends on how long it was)\n",
                p->model->tasks[p->result->drifts].name);
    } else if (!p->result->converged && !p->result->ended) {
        char *missed = missed_precision(p->result->precision, p->precision);
        fprintf(page->out, "  (the time allowed ended before the precision was reached: %s)\n", missed);
        free(missed);
    }
    if ((p->clear || p->costly) && p->result->precision > page->verdict->scenario->simulation.precision)
        fprintf(page->out, "  (± %.1f %%: %s; 'simulation: {precision: …}' asks for more)\n",
                100 * p->result->precision,
                p->clear ? "all goals are ten half-widths away" : "the model is large and nothing else is asked");
}

static void print_gates(const struct page *page)
{
    const struct gate_outcomes *gates = page->gates;
    if (gates == NULL || gates->count == 0)
        return;
    if (gates->against == NULL) {
        fputs("\nNo gate is judged: no release stands before this one.\n", page->out);
        return;
    }
    fprintf(page->out, "\nGates against %s%s\n", gates->against,
            gates->good ? "" : ", the last release; none before is good: of each a goal or gate is not met");
    for (size_t i = 0; i < gates->count; i++) {
        const struct gate_outcome *gate = &gates->items[i];
        fputs("  ", page->out);
        paint(page,
              !gate->judged ? PAINT_YELLOW
              : gate->met   ? PAINT_GREEN
                            : PAINT_RED,
              !gate->judged ? "not judged "
              : gate->met   ? "met        "
                            : "broken     ");
        paragraph(page->out, 13, 15, "%s%s%s\n", gate->name, *gate->text != 0 ? ": " : "", gate->text);
    }
}

int verdict_text(const struct page *page, struct lc_diag *diag)
{
    const struct lc_verdict *verdict = page->verdict;
    (void)diag;
    char *answer = verdict_answer(verdict, NULL);
    paint(page, PAINT_BOLD, answer);
    fputc('\n', page->out);
    free(answer);
    verdict_partial(page, "");
    if (verdict->scenario->curves.duration > 0) {
        curves_verdict_text(page);
        return 0;
    }
    fprintf(page->out, "%s\n", verdict->scenario->name);
    if (verdict->method == LC_METHOD_ANALYTIC)
        fputs("Solved, not simulated: approximate, and without intervals of its own (--method simulate has them).\n",
              page->out);
    for (size_t i = 0; i < verdict->point_count; i++)
        if (verdict->points[i].change == NULL || page->verbose)
            print_point(page, &verdict->points[i]);
    print_gates(page);
    print_summary(page);
    return 0;
}
