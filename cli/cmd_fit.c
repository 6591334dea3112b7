/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast fit: traces → a layered queueing network, or a list of durations → families of distributions.
 */
#include "capacity.h"
#include "cli.h"
#include "commands.h"
#include "extract.h"
#include "fit_report.h"
#include "fit_samples.h"

#include "loadcast/edit.h"
#include "loadcast/format.h"
#include "loadcast/learn.h"
#include "loadcast/scenario.h"
#include "render/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct cli_common common;
    const char *deployment, *output, *load, *release, *utilization, *summary, *decisions, *report;
    bool merge, phases;
    double rare;
};

/* ---- the table --------------------------------------------------------------------------------------------------- */

static const char *unit_of(double seconds, double *value)
{
    const bool small = seconds < 1e-3, middle = seconds < 1;
    *value = seconds * (small ? 1e6 : middle ? 1e3 : 1);
    return small ? "µs" : middle ? "ms" : "s";
}

static char *time_text(double seconds)
{
    if (!(seconds > 0))
        return lc_strdup("0");
    double value;
    const char *unit = unit_of(seconds, &value);
    return lc_format("%.3g %s", value, unit);
}

static void print_entries(const struct lc_learned *learned)
{
    printf("What was learned, entry by entry\n");
    for (size_t i = 0; i < learned->entry_count; i++) {
        const struct lc_entry_summary *entry = &learned->entries[i];
        char *self = time_text(entry->self);
        printf("\n%s\n  ", learned->model->entries[entry->entry].name);
        if (entry->fitted < entry->visits)
            printf("fitted from %llu of ", (unsigned long long)entry->fitted);
        printf("%llu visits, mean self time %s\n", (unsigned long long)entry->visits, self);
        free(self);
        for (size_t p = 0; p < entry->pattern_count; p++) {
            const struct lc_pattern_summary *pattern = &entry->patterns[p];
            self = time_text(pattern->self);
            printf("  %5.1f %%  self %-8s  %s\n", 100 * pattern->share, self,
                   *pattern->calls ? pattern->calls : "calls nobody");
            free(self);
        }
    }
}

static void print_parameter(const struct lc_parameter *parameter)
{
    if (strcmp(parameter->method, "relative frequency") == 0) {
        printf("  %-60s %7llu  %.3f ± %.3f\n", parameter->path, (unsigned long long)parameter->n, parameter->mean,
               parameter->standard_error);
        return;
    }
    char *mean = time_text(parameter->mean), *error = time_text(parameter->standard_error);
    const struct lc_choice *choice = &parameter->choice;
    printf("  %-60s %7llu  %s ± %s  ", parameter->path, (unsigned long long)parameter->n, mean,
           isnan(parameter->standard_error) ? "?" : error);
    free(mean);
    free(error);
    if (choice->count == 0 || choice->empirical) {
        printf("%s\n", parameter->method);
        return;
    }
    char *best = lc_dist_text(&choice->fits[choice->best].dist, "s");
    printf("%s", best);
    free(best);
    const char *separator = "; next ";
    for (size_t i = 0, shown = 0; i < choice->count && shown < 2; i++) {
        if (i == choice->best || choice->fits[i].dist.family == NULL)
            continue;
        printf("%s%s (BIC %+.1f)", separator, choice->fits[i].dist.family->name,
               choice->fits[i].bic - choice->fits[choice->best].bic);
        separator = ", ";
        shown++;
    }
    printf("\n");
}

static void print_wires(const struct lc_learned *learned)
{
    if (learned->wire_count > 0)
        printf("\nTime between caller and callee (network and stack)\n");
    for (size_t i = 0; i < learned->wire_count; i++) {
        const struct lc_wire_summary *wire = &learned->wires[i];
        char *mean = time_text(wire->mean);
        printf("  %s → %s: %s, n = %llu, %s\n",
               wire->caller == LC_NONE ? "?" : learned->model->entries[wire->caller].name,
               wire->callee == LC_NONE ? "?" : learned->model->entries[wire->callee].name, mean,
               (unsigned long long)wire->n, wire->text);
        free(mean);
    }
}

static void print_networks(const struct lc_learned *learned)
{
    if (learned->network_count > 0)
        printf("\nThe same by services; a what-if changes it by CALLER.network.CALLEE\n");
    for (size_t i = 0; i < learned->network_count; i++) {
        const struct lc_network_summary *network = &learned->networks[i];
        char *mean = time_text(network->mean), *error = time_text(network->standard_error);
        printf("  %s → %s: %s ± %s, n = %llu, %s\n", learned->model->tasks[network->caller].name,
               learned->model->tasks[network->callee].name, mean, isnan(network->standard_error) ? "?" : error,
               (unsigned long long)network->n, network->text);
        free(mean);
        free(error);
    }
}

static void print_facts(const struct lc_learned *learned)
{
    if (learned->fact_count > 0)
        printf("\nWhat else the traces tell\n");
    for (size_t i = 0; i < learned->fact_count; i++) {
        const struct lc_fact *fact = &learned->facts[i];
        printf("  %s, %s: %s (%s)\n", fact->kind, fact->subject, fact->value, fact->evidence);
    }
}

static void print_table(const struct lc_learned *learned, const struct lc_extraction *extraction,
                        const struct lc_symbols *symbols)
{
    print_entries(learned);
    printf("\nParameters (mean ± standard error)%*s n\n", 30, "");
    for (size_t i = 0; i < learned->parameter_count; i++)
        print_parameter(&learned->parameters[i]);
    print_wires(learned);
    print_networks(learned);
    extract_clocks(stdout, extraction, symbols);
    print_facts(learned);
    printf("\nAssumptions, and the key of a scenario that replaces each\n");
    for (size_t i = 0; i < learned->assumption_count; i++) {
        const struct lc_assumption *assumption = &learned->assumptions[i];
        printf("  %s: %s (%s)%s%s\n", assumption->what, assumption->value, assumption->evidence,
               *assumption->key ? "  " : "", assumption->key);
    }
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static json_t *entries_json(const struct lc_learned *learned)
{
    json_t *entries = json_array();
    for (size_t i = 0; i < learned->entry_count; i++) {
        const struct lc_entry_summary *entry = &learned->entries[i];
        json_t *patterns = json_array();
        for (size_t p = 0; p < entry->pattern_count; p++)
            json_array_append_new(patterns,
                                  json_pack("{s:I, s:f, s:f, s:s}", "visits", (json_int_t)entry->patterns[p].visits,
                                            "share", entry->patterns[p].share, "self", entry->patterns[p].self, "calls",
                                            entry->patterns[p].calls));
        json_array_append_new(entries,
                              json_pack("{s:s, s:I, s:I, s:f, s:o}", "name", learned->model->entries[entry->entry].name,
                                        "visits", (json_int_t)entry->visits, "fitted", (json_int_t)entry->fitted,
                                        "self", entry->self, "patterns", patterns));
    }
    return entries;
}

static json_t *parameters_json(const struct lc_learned *learned)
{
    json_t *parameters = json_array();
    for (size_t i = 0; i < learned->parameter_count; i++) {
        const struct lc_parameter *parameter = &learned->parameters[i];
        const struct lc_choice *choice = &parameter->choice;
        json_t *families = json_array();
        for (size_t k = 0; k < choice->count; k++)
            if (choice->fits[k].dist.family != NULL)
                json_array_append_new(families, json_pack("{s:s, s:o}", "family", choice->fits[k].dist.family->name,
                                                          "bic", cli_json_number(choice->fits[k].bic)));
        json_array_append_new(parameters, json_pack("{s:s, s:I, s:o, s:o, s:s, s:o}", "path", parameter->path, "n",
                                                    (json_int_t)parameter->n, "mean", cli_json_number(parameter->mean),
                                                    "standard_error", cli_json_number(parameter->standard_error),
                                                    "method", parameter->method, "families", families));
    }
    return parameters;
}

static json_t *networks_json(const struct lc_learned *learned)
{
    json_t *networks = json_array();
    for (size_t i = 0; i < learned->network_count; i++) {
        const struct lc_network_summary *network = &learned->networks[i];
        json_array_append_new(
            networks, json_pack("{s:s, s:s, s:I, s:o, s:o, s:s}", "caller", learned->model->tasks[network->caller].name,
                                "callee", learned->model->tasks[network->callee].name, "n", (json_int_t)network->n,
                                "mean", cli_json_number(network->mean), "standard_error",
                                cli_json_number(network->standard_error), "distribution", network->text));
    }
    return networks;
}

static json_t *clocks_json(const struct lc_extraction *extraction, const struct lc_symbols *symbols)
{
    json_t *clocks = json_array();
    for (size_t i = 0; i < extraction->offset_count; i++) {
        const struct lc_clock_offset *offset = &extraction->offsets[i];
        json_array_append_new(
            clocks,
            json_pack("{s:s, s:s, s:I, s:o, s:I, s:I, s:b}", "caller", lc_symbol_text(symbols, offset->caller),
                      "callee", lc_symbol_text(symbols, offset->callee), "offset_ns", (json_int_t)offset->offset,
                      "low_ns", offset->low == INT64_MIN ? json_null() : json_integer((json_int_t)offset->low),
                      "high_ns", (json_int_t)offset->high, "samples", (json_int_t)offset->samples, "consistent",
                      offset->consistent));
    }
    return clocks;
}

static int write_json(const struct lc_learned *learned, const struct lc_extraction *extraction,
                      const struct lc_symbols *symbols, const char *file, struct lc_diag *diag)
{
    json_t *assumptions = json_array();
    for (size_t i = 0; i < learned->assumption_count; i++) {
        const struct lc_assumption *assumption = &learned->assumptions[i];
        json_array_append_new(assumptions,
                              json_pack("{s:s, s:s, s:s, s:s}", "what", assumption->what, "value", assumption->value,
                                        "evidence", assumption->evidence, "key", assumption->key));
    }
    json_t *facts = json_array();
    for (size_t i = 0; i < learned->fact_count; i++) {
        const struct lc_fact *fact = &learned->facts[i];
        json_array_append_new(facts, json_pack("{s:s, s:s, s:s, s:s}", "kind", fact->kind, "subject", fact->subject,
                                               "value", fact->value, "evidence", fact->evidence));
    }
    json_t *document =
        json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", "loadcast.fit/1", "entries", entries_json(learned),
                  "parameters", parameters_json(learned), "network", networks_json(learned), "clocks",
                  clocks_json(extraction, symbols), "facts", facts, "assumptions", assumptions);
    return cli_json_write(document, CLI_JSON_ALL, file, diag);
}

/* ---- the work ---------------------------------------------------------------------------------------------------- */

static void show_progress(void *context, uint64_t done, uint64_t total)
{
    cli_progress_show(context, (double)done, (double)total);
}

static int deploy(struct lc_model *model, const struct lc_deployment *deployment, struct lc_diag *diag)
{
    const size_t errors = diag->errors;
    for (size_t i = 0; i < deployment->count; i++)
        lc_edit(model, deployment->edits[i].path, deployment->edits[i].value, diag, &deployment->edits[i].place);
    struct lc_diag found = {0}; /* that nothing makes load yet is no news */
    if (diag->errors == errors && lc_model_check(model, &found) != 0)
        lc_model_check(model, diag);
    lc_diag_free(&found);
    return diag->errors == errors ? 0 : -1;
}

/* A summary alone is a part's work; the model comes when parts are merged. */
static bool wants_model(const struct options *options)
{
    return options->summary == NULL || options->output != NULL || options->common.json != NULL ||
           options->report != NULL;
}

/* What was collected from the inputs: traces, or summaries of them. */
static int collect(const struct options *options, const struct lc_learn_options *learn_options,
                   const char *const *inputs, size_t count, struct lc_symbols *symbols, struct lc_learner *learner,
                   struct lc_extraction *extraction, struct lc_diag *diag)
{
    if (options->merge) {
        int status = 0;
        for (size_t i = 0; i < count && status == 0; i++)
            status = lc_learner_read(learner, symbols, inputs[i], diag);
        return status;
    }
    struct lc_decisions *given = NULL;
    if (options->decisions != NULL && (given = lc_decisions_read(options->decisions, symbols, diag)) == NULL)
        return -1;
    struct cli_progress progress;
    cli_progress_start(&progress, "reading traces", "B", &options->common);
    const struct lc_tree_options tree_options = {
        .reader = {.keep = learn_options->keep, .progress = show_progress, .context = &progress},
        .given = given,
        .slots = learn_options->slots,
        .slot_count = learn_options->slot_count};
    const int status = lc_trees_read(inputs, count, &tree_options, symbols, lc_learner_add, learner, extraction, diag);
    cli_progress_end(&progress);
    if (status == 0)
        lc_learner_note(learner, extraction);
    lc_decisions_free(given);
    return status;
}

static int learn(const struct options *options, const struct lc_deployment *deployment, const char *const *inputs,
                 size_t count, struct lc_symbols *symbols, struct lc_learned *learned, struct lc_extraction *extraction,
                 struct lc_diag *diag)
{
    struct lc_utilization utilization = {0};
    if (options->utilization != NULL && lc_utilization_read(options->utilization, &utilization, diag) != 0)
        return -1;
    const char **keep = lc_learn_keep(NULL, 0);
    struct cli_capacities capacities = cli_capacities(deployment);
    struct lc_tree_slot *slots = cli_slots(deployment);
    const struct lc_learn_options learn_options = {
        .release = options->release,
        .measured = options->load != NULL && strcmp(options->load, "measured") == 0,
        .capacities = capacities.items,
        .capacity_count = capacities.count,
        .utilization = options->utilization != NULL ? &utilization : NULL,
        .slots = slots,
        .slot_count = deployment->slot_count,
        .rare = options->rare,
        .keep = keep,
    };
    struct lc_learner *learner = lc_learner_new(&learn_options, symbols);
    int status = collect(options, &learn_options, inputs, count, symbols, learner, extraction, diag);
    if (status == 0 && options->summary != NULL)
        status = lc_learner_write(learner, options->summary, diag);
    if (status == 0 && wants_model(options))
        status = lc_learner_finish(learner, learned, diag);
    if (status == 0 && options->merge && wants_model(options))
        lc_decisions_list(lc_learner_decisions(learner), extraction);
    lc_learner_free(learner);
    free(keep);
    free(slots);
    lc_utilization_free(&utilization);
    cli_capacities_free(&capacities);
    return status;
}

static int fit_traces(const struct options *options, const char *const *inputs, size_t count)
{
    struct lc_diag diag = {0};
    struct lc_symbols *symbols = lc_symbols_new();
    struct lc_learned learned = {0};
    struct lc_extraction extraction = {0};
    struct lc_deployment deployment = {0};
    int status = options->deployment != NULL ? lc_deployment_read(options->deployment, &deployment, &diag) : 0;
    if (status == 0)
        status = learn(options, &deployment, inputs, count, symbols, &learned, &extraction, &diag);
    if (status == 0 && options->deployment != NULL && wants_model(options))
        status = deploy(learned.model, &deployment, &diag);
    if (status == 0 && options->phases)
        lc_graphs_to_phases(learned.model, &diag);
    if (status == 0 && options->output != NULL)
        status = lc_model_write(learned.model, NULL, options->output, &diag);
    if (status == 0 && options->report != NULL)
        status = fit_report(&learned, options->report, &diag);
    if (status == 0 && options->common.json != NULL)
        status = write_json(&learned, &extraction, symbols, options->common.json, &diag);
    const bool taken = (options->output != NULL && strcmp(options->output, "-") == 0) ||
                       (options->common.json != NULL && strcmp(options->common.json, "-") == 0);
    if (status == 0 && wants_model(options) && !taken && !options->common.quiet)
        print_table(&learned, &extraction, symbols);
    lc_deployment_free(&deployment);
    lc_learned_free(&learned);
    lc_extraction_free(&extraction);
    lc_symbols_free(symbols);
    return (int)cli_report(&diag, &options->common);
}

static int run(int argc, char **argv)
{
    struct options options = {.rare = 0.01};
    struct cli_fit_samples samples = {0};
    struct cli_option table[] = {
        {"output", 'o', CLI_TEXT, "MODEL", "write the model there; the format is that of the ending", &options.output},
        {"deployment", 'd', CLI_TEXT, "FILE",
         "what the traces do not tell: replicas, threads and their slots, cores, connections", &options.deployment},
        {"assume-load", 0, CLI_TEXT, "low|measured", "were the traces taken at low load (the default)?", &options.load},
        {"report", 0, CLI_TEXT, "FILE.html", "where every number comes from, with plots, as a page", &options.report},
        {"utilization", 0, CLI_TEXT, "FILE.csv", "how busy processors were: time,component,utilization",
         &options.utilization},
        {"release", 0, CLI_TEXT, "NAME", "learn this release; others only tell times that are the same",
         &options.release},
        {"summary", 0, CLI_TEXT, "FILE", "write what was collected from these traces, for --merge; .gz compresses",
         &options.summary},
        {"decisions", 0, CLI_TEXT, "SUMMARY",
         "take clocks, and which calls are waited for, from the summary of all traces", &options.decisions},
        {"merge", 0, CLI_FLAG, NULL, "the arguments are summaries: learn the model of all their traces",
         &options.merge},
        {"phases", 0, CLI_FLAG, NULL, "write entries without concurrent calls as phases; notes tell what is averaged",
         &options.phases},
        {"rare", 0, CLI_FRACTION, "SHARE", "patterns of calls rarer than this are merged (1 %)", &options.rare},
        CLI_FIT_SAMPLES_OPTIONS(samples),
        {0},
    };
    const int count = cli_parse(&cmd_fit, argc, argv, table, &options.common);
    if (samples.file != NULL) {
        if (count > 0 || options.output != NULL || options.deployment != NULL || options.summary != NULL)
            cli_usage_error(&cmd_fit, "--samples takes a list of numbers; it goes with neither traces, --output, "
                                      "--deployment nor --summary");
        return cli_fit_samples(&samples, &options.common);
    }
    if (samples.plot != NULL || samples.bootstrap > 0)
        cli_usage_error(&cmd_fit, "--plot and --bootstrap go with --samples");
    if (options.decisions != NULL && options.merge)
        cli_usage_error(&cmd_fit, "--decisions is for reading traces; summaries that are merged hold theirs");
    if (count == 0)
        cli_usage_error(&cmd_fit, "no traces are given; name files, folders or '-', or --samples FILE");
    if (options.phases && options.output == NULL)
        cli_usage_error(&cmd_fit, "--phases is about the model; it needs --output");
    if (options.load != NULL && strcmp(options.load, "low") != 0 && strcmp(options.load, "measured") != 0)
        cli_usage_error(&cmd_fit, "--assume-load is 'low' or 'measured', not '%s'", options.load);
    return fit_traces(&options, (const char *const *)argv, (size_t)count);
}

const struct cli_command cmd_fit = {
    .name = "fit",
    .usage = "TRACES… [-o MODEL.yaml] [--deployment FILE] | --merge SUMMARY… | --samples FILE",
    .summary = "Learns a model from traces, or ranks distributions for durations",
    .details =
        "Reads traces (files, folders, globs or '-', in any supported format), learns a layered queueing network\n"
        "from them and prints what every number comes from. With --samples, fits every family of distributions\n"
        "to a list of numbers, one a line, and ranks them.\n\n"
        "  loadcast fit traces/*.jsonl.gz --deployment deployment.yaml -o model.yaml\n"
        "  loadcast fit traces/ --phases -o model.lqnx\n"
        "  loadcast fit monday/ --summary monday.gz\n"
        "  loadcast fit --merge monday.gz tuesday.gz -o model.yaml\n"
        "  loadcast fit --samples durations.txt --json -",
    .run = run,
};
