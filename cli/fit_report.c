/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The report of a learned model for people: entries with what their visits did, every parameter with its samples beside
 * the distribution that was fitted, times on the way, facts and assumptions.
 */
#include "fit.h"

#include "loadcast/base.h"
#include "loadcast/format.h"
#include "model/dist/dist.h"
#include "render/html.h"
#include "render/table.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH  180 /* of a plot, in pixels */
#define HEIGHT 44
#define STEPS  60 /* of a curve */

static void cell(FILE *out, const char *text)
{
    fputs("<td>", out);
    html_text(out, text);
    fputs("</td>", out);
}

static void table_heading(FILE *out, const char *title, const char *columns)
{
    fputs("<h2>", out);
    html_text(out, title);
    fprintf(out, "</h2>\n<table><tr>%s</tr>\n", columns);
}

/* Takes the text over. */
static void put(FILE *out, char *text)
{
    fputs(text, out);
    free(text);
}

/* ---- plots ------------------------------------------------------------------------------------------------------- */

static double place_x(double value, double most)
{
    return fmin(1, value / most) * WIDTH;
}

static double place_y(double probability)
{
    return 2 + (1 - probability) * (HEIGHT - 4);
}

/* The fitted distribution function as a line, quantiles of the samples as dots. */
static void plot(FILE *out, const struct lc_parameter *parameter)
{
    const struct lc_choice *choice = &parameter->choice;
    const double most = 1.1 * parameter->quantiles[LC_QUANTILES - 1];
    if (choice->best >= choice->count || choice->fits[choice->best].dist.family == NULL || !(most > 0))
        return;
    struct lc_dist dist = lci_dist_copy(&choice->fits[choice->best].dist);
    const double mean = lc_dist_mean(&dist);
    if (mean > 0 && isfinite(mean))
        lci_dist_scale(&dist, parameter->mean / mean);
    fprintf(out,
            "<svg width=\"%d\" height=\"%d\" style=\"background:#fafafa\"><polyline fill=\"none\" stroke=\"#1f6fb4\" "
            "points=\"",
            WIDTH, HEIGHT);
    for (int i = 0; i <= STEPS; i++) {
        const double x = most * i / STEPS;
        fprintf(out, "%.1f,%.1f ", place_x(x, most), place_y(lc_dist_cdf(&dist, x)));
    }
    fputs("\"/>", out);
    for (size_t i = 0; i < LC_QUANTILES; i++)
        fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"1.6\" fill=\"#c33\"/>",
                place_x(parameter->quantiles[i], most), place_y(((double)i + 0.5) / LC_QUANTILES));
    fputs("</svg><br><small>0 … ", out);
    put(out, time_text(most));
    fputs("</small>", out);
    lc_dist_free(&dist);
}

/* A bar for each hour of the day. */
static void plot_day(FILE *out, const struct lc_arrivals *arrivals)
{
    double most = 0;
    for (size_t h = 0; h < LC_HOURS; h++)
        most = isnan(arrivals->rates[h]) ? most : fmax(most, arrivals->rates[h]);
    fprintf(out, "<svg width=\"%d\" height=\"%d\" style=\"background:#fafafa\">", 2 * WIDTH, HEIGHT);
    for (size_t h = 0; h < LC_HOURS; h++) {
        const double height = isnan(arrivals->rates[h]) ? 0 : arrivals->rates[h] / most * (HEIGHT - 4);
        fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#1f6fb4\"/>",
                2.0 * WIDTH / LC_HOURS * (double)h + 1, HEIGHT - height, 2.0 * WIDTH / LC_HOURS - 2, height);
    }
    fprintf(out, "</svg><br><small>0 to 24 h UTC, at the most %.3g/s</small>", most);
}

/* ---- parts ------------------------------------------------------------------------------------------------------- */

static void put_entries(FILE *out, const struct lc_learned *learned)
{
    table_heading(out, "Entries", "<th>entry</th><th>visits</th><th>self time</th><th>what its visits did</th>");
    for (size_t i = 0; i < learned->entry_count; i++) {
        const struct lc_entry_summary *entry = &learned->entries[i];
        fputs("<tr>", out);
        cell(out, learned->model->entries[entry->entry].name);
        fprintf(out, "<td class=n>%" PRIu64, entry->visits);
        if (entry->fitted < entry->visits)
            fprintf(out, "<br><small>fitted from %" PRIu64 "</small>", entry->fitted);
        fputs("</td><td class=n>", out);
        put(out, time_text(entry->self));
        fputs("</td><td>", out);
        for (size_t p = 0; p < entry->pattern_count; p++) {
            const struct lc_pattern_summary *pattern = &entry->patterns[p];
            fprintf(out, "%.1f %%: ", 100 * pattern->share);
            html_text(out, *pattern->calls ? pattern->calls : "calls nobody");
            fputs("<br>", out);
        }
        fputs("</td></tr>\n", out);
    }
    fputs("</table>\n", out);
}

static void put_families(FILE *out, const struct lc_parameter *parameter)
{
    const struct lc_choice *choice = &parameter->choice;
    html_text(out, parameter->method);
    if (choice->best < choice->count && !choice->empirical) {
        const struct lc_fit *best = &choice->fits[choice->best];
        char *text = lc_dist_text(&best->dist, "s");
        fputs("<br><code>", out);
        html_text(out, text);
        fputs("</code>", out);
        free(text);
        if (isfinite(best->ks))
            fprintf(out, "<br><small>KS %.3f", best->ks);
        if (isfinite(best->ks) && isfinite(best->ad))
            fprintf(out, ", AD %.3g", best->ad);
        fputs(isfinite(best->ks) ? "</small>" : "", out);
    }
    if (choice->empirical || choice->best >= choice->count)
        return;
    char *rivals = fit_rivals(choice);
    if (*rivals != 0) {
        fputs("<br><small>", out);
        html_text(out, rivals);
        fputs("</small>", out);
    }
    free(rivals);
}

static void put_parameters(FILE *out, const struct lc_learned *learned)
{
    table_heading(out, "Parameters",
                  "<th>path</th><th>n</th><th>mean ± standard error</th><th>samples (dots) and fit (line)</th>"
                  "<th>how</th>");
    for (size_t i = 0; i < learned->parameter_count; i++) {
        const struct lc_parameter *parameter = &learned->parameters[i];
        const bool share = strcmp(parameter->method, "relative frequency") == 0;
        fputs("<tr><td><code>", out);
        html_text(out, parameter->path);
        fprintf(out, "</code></td><td class=n>%" PRIu64 "</td><td class=n>", parameter->n);
        if (share) {
            fprintf(out, "%.3f ± %.3f", parameter->mean, parameter->standard_error);
        } else {
            put(out, time_with_error(parameter->mean, parameter->standard_error));
        }
        fputs("</td><td>", out);
        plot(out, parameter);
        fputs("</td><td>", out);
        put_families(out, parameter);
        fputs("</td></tr>\n", out);
    }
    fputs("</table>\n", out);
}

static void put_networks(FILE *out, const struct lc_learned *learned)
{
    if (learned->network_count == 0)
        return;
    table_heading(out, "Time on the way between services",
                  "<th>from</th><th>to</th><th>n</th><th>mean ± standard error</th><th>distribution</th>");
    for (size_t i = 0; i < learned->network_count; i++) {
        const struct lc_network_summary *network = &learned->networks[i];
        fputs("<tr>", out);
        const char *ends[] = {learned->model->tasks[network->caller].name, learned->model->tasks[network->callee].name};
        const char *points[] = {network->from, network->to};
        for (int end = 0; end < 2; end++) {
            char *name = points[end] != NULL ? lc_format("%s (%s)", ends[end], points[end]) : lc_strdup(ends[end]);
            cell(out, name);
            free(name);
        }
        fprintf(out, "<td class=n>%" PRIu64 "</td><td class=n>", network->n);
        put(out, time_with_error(network->mean, network->standard_error));
        fputs("</td>", out);
        cell(out, network->text);
        fputs("</tr>\n", out);
    }
    fputs("</table>\n", out);
}

static void put_facts(FILE *out, const struct lc_learned *learned)
{
    if (learned->fact_count > 0)
        table_heading(out, "What else the traces show", "<th>what</th><th>where</th><th>value</th><th>evidence</th>");
    for (size_t i = 0; i < learned->fact_count; i++) {
        const struct lc_fact *fact = &learned->facts[i];
        fputs("<tr>", out);
        cell(out, fact->kind);
        cell(out, fact->subject);
        cell(out, fact->value);
        cell(out, fact->evidence);
        fputs("</tr>\n", out);
    }
    fputs(learned->fact_count > 0 ? "</table>\n" : "", out);
}

static void put_arrivals(FILE *out, const struct lc_learned *learned)
{
    if (learned->arrival_count > 0)
        table_heading(out, "Arrivals over the day",
                      "<th>operation</th><th>rate by hour</th><th><code>arrivals</code> of a workload</th>");
    for (size_t i = 0; i < learned->arrival_count; i++) {
        fputs("<tr>", out);
        cell(out, learned->arrivals[i].operation);
        fputs("<td>", out);
        plot_day(out, &learned->arrivals[i]);
        fputs("</td><td><code>", out);
        html_text(out, learned->arrivals[i].pattern != NULL ? learned->arrivals[i].pattern : "");
        fputs("</code></td></tr>\n", out);
    }
    fputs(learned->arrival_count > 0 ? "</table>\n" : "", out);
}

static void put_assumptions(FILE *out, const struct lc_learned *learned)
{
    table_heading(out, "Assumptions",
                  "<th>what</th><th>taken for it</th><th>evidence</th><th>key that replaces it</th>");
    for (size_t i = 0; i < learned->assumption_count; i++) {
        const struct lc_assumption *assumption = &learned->assumptions[i];
        fputs("<tr>", out);
        cell(out, assumption->what);
        cell(out, assumption->value);
        cell(out, assumption->evidence);
        fputs(assumption->no_key != NULL ? "<td>none: " : "<td><code>", out);
        html_text(out, assumption->no_key != NULL ? assumption->no_key : assumption->key);
        fputs(assumption->no_key != NULL ? "</td></tr>\n" : "</code></td></tr>\n", out);
    }
    fputs("</table>\n", out);
}

int fit_report(const struct page *page, struct lc_diag *diag)
{
    const struct lc_learned *learned = page->learned;
    FILE *out = page->out;
    (void)diag;
    html_begin(out, "What was learned");
    put_entries(out, learned);
    put_parameters(out, learned);
    put_networks(out, learned);
    put_facts(out, learned);
    put_arrivals(out, learned);
    put_assumptions(out, learned);
    html_end(out);
    return 0;
}
