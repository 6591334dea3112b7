/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit.h"

#include "base/buffer.h"
#include "extract.h"
#include "render/paragraph.h"
#include "render/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RIVALS    2 /* families named before and after the chosen one */
#define SAME_UNIT 1e-3
#define CERTAIN   0.01 /* probability of calling any parameter's samples dependent when none are */

static void print_entries(FILE *out, const struct lc_learned *learned)
{
    fprintf(out, "What was learned, entry by entry\n");
    for (size_t i = 0; i < learned->entry_count; i++) {
        const struct lc_entry_summary *entry = &learned->entries[i];
        char *self = time_text(entry->self);
        fprintf(out, "\n%s\n  ", learned->model->entries[entry->entry].name);
        if (entry->fitted < entry->visits)
            fprintf(out, "fitted from %llu of ", (unsigned long long)entry->fitted);
        fprintf(out, "%llu visits, mean self time %s\n", (unsigned long long)entry->visits, self);
        free(self);
        for (size_t p = 0; p < entry->pattern_count; p++) {
            const struct lc_pattern_summary *pattern = &entry->patterns[p];
            self = time_text(pattern->self);
            fprintf(out, "  %5.1f %%  self %-8s  %s\n", 100 * pattern->share, self,
                    *pattern->calls ? pattern->calls : "calls nobody");
            free(self);
        }
    }
}

/* "passed over gamma (BIC -3.1)": families before or after the chosen one in the order of BIC; NULL: there are none. */
static char *side_text(const struct lc_choice *choice, size_t from, size_t to, const char *word)
{
    struct lci_buffer text = {0};
    for (size_t i = from, shown = 0; i < to && shown < RIVALS; i++) {
        if (choice->fits[i].dist.family == NULL)
            continue;
        char *name = lc_fit_name(&choice->fits[i], "s");
        lci_buffer_join(&text, ", ", "%s%s (BIC %+.1f)", shown > 0 ? "" : word, name,
                        choice->fits[i].bic - choice->fits[choice->best].bic);
        free(name);
        shown++;
    }
    return text.text;
}

char *fit_rivals(const struct lc_choice *choice)
{
    char *before = side_text(choice, 0, choice->best, "passed over ");
    char *after = side_text(choice, choice->best + 1, choice->count, "next ");
    char *text = lc_format("%s%s%s", before != NULL ? before : "", before != NULL && after != NULL ? "; " : "",
                           after != NULL ? after : "");
    free(before);
    free(after);
    return text;
}

/* What stands behind a parameter: the family and its rivals, or how else the number was found. */
static char *origin_text(const struct lc_parameter *parameter)
{
    const struct lc_choice *choice = &parameter->choice;
    if (choice->empirical && choice->reason != NULL)
        return lc_strdup(choice->reason);
    if (choice->empirical || choice->best >= choice->count)
        return lc_strdup(parameter->method);
    char *best = lc_dist_text(&choice->fits[choice->best].dist, "s"), *rivals = fit_rivals(choice);
    char *text = lc_format("%s%s%s", best, *rivals ? "; " : "", rivals);
    free(best);
    free(rivals);
    return text;
}

static double unit_of(const struct lc_parameter *parameter)
{
    return parameter->shape_unit > 0 ? parameter->shape_unit : parameter->choice.unit;
}

/* In what units times were read: most of a parameter's are multiples of it, or all are shorter. */
static void print_units(FILE *out, const struct lc_learned *learned)
{
    bool *told = lc_calloc(learned->parameter_count + 1, sizeof *told), any = false;
    for (size_t i = 0; i < learned->parameter_count; i++) {
        const double unit = unit_of(&learned->parameters[i]);
        if (told[i] || !(unit > 0))
            continue;
        size_t count = 0;
        for (size_t j = i; j < learned->parameter_count; j++) {
            const bool same = fabs(unit_of(&learned->parameters[j]) - unit) <= SAME_UNIT * unit;
            told[j] |= same;
            count += same;
        }
        char *text = time_text(unit);
        fprintf(out, "%s %s (%zu of %zu parameters)", any ? "," : "Times read in units of", text, count,
                learned->parameter_count);
        free(text);
        any = true;
    }
    fputs(any ? "; --unit states another, or none\n" : "", out);
    free(told);
}

static void print_parameters(FILE *out, const struct lc_learned *learned)
{
    struct table table = table_new(
        4, (const char *const[]){"Parameter", "n", "mean ± standard error", "distribution, and what came near"});
    table.ends_with_words = true;
    for (size_t i = 0; i < learned->parameter_count; i++) {
        const struct lc_parameter *parameter = &learned->parameters[i];
        const bool share = strcmp(parameter->method, "relative frequency") == 0;
        table_add(&table,
                  (char *const[]){lc_strdup(parameter->path), lc_format("%llu", (unsigned long long)parameter->n),
                                  share ? lc_format("%.3f ± %.3f", parameter->mean, parameter->standard_error)
                                        : time_with_error(parameter->mean, parameter->standard_error),
                                  origin_text(parameter)});
    }
    fputc('\n', out);
    table_print(&table, out, "");
    table_free(&table);
    print_units(out, learned);
}

/* Of all parameters together: as many tests as there are find something by chance as rarely as one. */
static void print_dependence(FILE *out, const struct lc_learned *learned)
{
    const char *title =
        "\nSamples of successive requests that depend on each other: such errors are larger than they say\n";
    for (size_t i = 0; i < learned->parameter_count; i++) {
        const struct lc_choice *choice = &learned->parameters[i].choice;
        if (choice->count == 0 || !(choice->ljung_box_p < CERTAIN / (double)learned->parameter_count))
            continue;
        fprintf(out, "%s  %s: lag-1 autocorrelation %.2f, Ljung-Box p %.1g over %zu lags", title,
                learned->parameters[i].path, choice->lag1, choice->ljung_box_p, choice->ljung_box_lags);
        title = "";
        if (choice->lag1 > 0)
            fprintf(out, "; %zu are worth about %.0f independent ones", choice->n, lc_choice_independent(choice));
        fputc('\n', out);
    }
}

static void print_latencies(FILE *out, const struct lc_learned *learned)
{
    if (learned->latency_count > 0)
        fprintf(out, "\nTime between caller and callee (network and stack)\n");
    for (size_t i = 0; i < learned->latency_count; i++) {
        const struct lc_latency_summary *l = &learned->latencies[i];
        char *mean = time_text(l->mean);
        fprintf(out, "  %s → %s: %s, n = %llu, %s\n",
                l->caller == LC_NONE ? "?" : learned->model->entries[l->caller].name,
                l->callee == LC_NONE ? "?" : learned->model->entries[l->callee].name, mean, (unsigned long long)l->n,
                l->text);
        free(mean);
    }
}

static void print_networks(FILE *out, const struct lc_learned *learned)
{
    if (learned->network_count > 0)
        fprintf(out, "\nThe same by services; a what-if changes it by CALLER.network.CALLEE\n");
    for (size_t i = 0; i < learned->network_count; i++) {
        const struct lc_network_summary *network = &learned->networks[i];
        char *mean = time_with_error(network->mean, network->standard_error);
        fprintf(out, "  %s → %s", learned->model->tasks[network->caller].name,
                learned->model->tasks[network->callee].name);
        if (network->from != NULL)
            fprintf(out, " (%s → %s)", network->from, network->to);
        fprintf(out, ": %s, n = %llu, %s\n", mean, (unsigned long long)network->n, network->text);
        free(mean);
    }
}

static void print_facts(FILE *out, const struct lc_learned *learned)
{
    if (learned->fact_count > 0)
        fprintf(out, "\nWhat else the traces show\n");
    for (size_t i = 0; i < learned->fact_count; i++) {
        const struct lc_fact *fact = &learned->facts[i];
        paragraph(out, 0, 4, "  %s, %s: %s (%s)\n", fact->kind, fact->subject, fact->value, fact->evidence);
    }
}

static void print_arrivals(FILE *out, const struct lc_learned *learned)
{
    if (learned->arrival_count > 0)
        fprintf(out, "\nArrivals over the day (UTC), as 'arrivals' of a workload reads them\n");
    for (size_t i = 0; i < learned->arrival_count; i++) {
        const struct lc_arrivals *arrivals = &learned->arrivals[i];
        fprintf(out, "  %s: %s\n", arrivals->operation,
                arrivals->pattern != NULL ? arrivals->pattern : "there are hours between of which nothing is known");
    }
}

int fit_text(const struct page *page, struct lc_diag *diag)
{
    const struct lc_learned *learned = page->learned;
    FILE *out = page->out;
    (void)diag;
    print_entries(out, learned);
    print_parameters(out, learned);
    print_dependence(out, learned);
    print_latencies(out, learned);
    print_networks(out, learned);
    extract_clocks(out, page->extraction, page->symbols);
    print_facts(out, learned);
    print_arrivals(out, learned);
    fprintf(out, "\nAssumptions, and the key of a scenario that replaces each\n");
    for (size_t i = 0; i < learned->assumption_count; i++) {
        const struct lc_assumption *assumption = &learned->assumptions[i];
        paragraph(out, 0, 4, "  %s: %s (%s)  %s%s\n", assumption->what, assumption->value, assumption->evidence,
                  assumption->no_key != NULL ? "no key: " : "",
                  assumption->no_key != NULL ? assumption->no_key : assumption->key);
    }
    return 0;
}
