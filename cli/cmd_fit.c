/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast fit: traces → a layered queueing network, or a list of durations → families of distributions.
 */
#include "capacity.h"
#include "cli.h"
#include "commands.h"
#include "fit.h"
#include "fit_samples.h"
#include "pulling.h"

#include "fit/trace/symbols.h"
#include "loadcast/edit.h"
#include "loadcast/format.h"
#include "loadcast/learn.h"
#include "loadcast/scenario.h"
#include "model/lqn.h"
#include "sim/scenario/edits.h"

#include <stdlib.h>
#include <string.h>

struct options {
    struct cli_common common;
    struct pulling pulling;
    const char *deployment, *output, *load, *release, *utilization, *summary, *decisions, *report, *cache;
    enum lc_assumed_load assumed;
    bool merge, phases, strict;
    double rare, unit;
};

/* ---- the work ---------------------------------------------------------------------------------------------------- */

static void show_progress(void *context, uint64_t done, uint64_t total)
{
    cli_progress_show(context, (double)done, (double)total);
}

static int deploy(struct lc_model *model, const struct lc_deployment *deployment, struct lc_diag *diag)
{
    const size_t errors = diag->errors;
    for (size_t i = 0; i < deployment->count; i++)
        lci_edit_apply(model, &deployment->edits[i], diag);
    struct lc_diag found = {0}; /* a learned model has no workloads yet: a warning of that is left out */
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

static struct lc_learner *merge(const struct lc_learn_options *learn_options, const char *const *inputs, size_t count,
                                struct lc_symbols *symbols, struct lc_diag *diag)
{
    struct lc_learner *learner = lc_learner_new(learn_options, symbols);
    for (size_t i = 0; i < count; i++)
        if (lc_learner_read(learner, symbols, inputs[i], diag) != 0) {
            lc_learner_free(learner);
            return NULL;
        }
    return learner;
}

static struct lc_learner *read_traces(const struct options *options, const struct lc_learn_options *learn_options,
                                      const char *const *inputs, size_t count, struct lc_symbols *symbols,
                                      struct lc_extraction *extraction, struct lc_diag *diag)
{
    struct lc_decisions *given = NULL;
    if (options->decisions != NULL && (given = lc_decisions_read(options->decisions, symbols, diag)) == NULL)
        return NULL;
    struct cli_progress progress;
    cli_progress_start(&progress, "reading traces", "B", &options->common);
    const struct lc_tree_options tree_options = {.reader = {.keep = learn_options->keep,
                                                            .strict = options->strict,
                                                            .progress = show_progress,
                                                            .context = &progress},
                                                 .given = given,
                                                 .slots = learn_options->slots,
                                                 .slot_count = learn_options->slot_count};
    struct lc_learner *learner = lc_learner_collect(learn_options->cache, inputs, count, &tree_options, learn_options,
                                                    symbols, extraction, diag);
    cli_progress_end(&progress);
    lc_decisions_free(given);
    return learner;
}

static int learn(const struct options *options, const struct lc_deployment *deployment, const char *const *inputs,
                 size_t count, struct lc_cache *cache, struct lc_symbols *symbols, struct lc_learned *learned,
                 struct lc_extraction *extraction, struct lc_diag *diag)
{
    struct lc_utilization utilization = {0};
    if (options->utilization != NULL && lc_utilization_read(options->utilization, &utilization, diag) != 0)
        return -1;
    const char **keep = lc_learn_keep(NULL, 0);
    struct cli_capacities capacities = cli_capacities(deployment);
    struct lc_tree_slot *slots = cli_slots(deployment);
    const struct lc_learn_options learn_options = {
        .release = options->release,
        .load = options->assumed,
        .capacities = capacities.items,
        .capacity_count = capacities.count,
        .utilization = options->utilization != NULL ? &utilization : NULL,
        .slots = slots,
        .slot_count = deployment->slot_count,
        .rare = options->rare,
        .unit = options->unit,
        .keep = keep,
        .exact_evidence = options->summary != NULL,
        .cache = cache,
    };
    struct lc_learner *learner = options->merge
                                     ? merge(&learn_options, inputs, count, symbols, diag)
                                     : read_traces(options, &learn_options, inputs, count, symbols, extraction, diag);
    int status = learner != NULL ? 0 : -1;
    if (status == 0 && options->summary != NULL)
        status = lc_learner_write(learner, options->summary, diag);
    if (status == 0 && wants_model(options))
        status = lc_learner_finish(learner, learned, diag);
    if (status == 0 && wants_model(options)) /* it may not be the extraction that made them */
        lc_decisions_list(lc_learner_decisions(learner), extraction);
    lc_cache_write(cache, diag);
    if (learner != NULL)
        lc_learner_free(learner);
    free(keep);
    free(slots);
    lc_utilization_free(&utilization);
    cli_capacities_free(&capacities);
    return status;
}

static int check_outputs(const struct options *o, const char *const *inputs, size_t count, struct lc_diag *diag)
{
    const struct cli_output outputs[] = {
        {"--output", o->output}, {"--json", o->common.json}, {"--report", o->report}, {"--summary", o->summary}};
    const char **read = lc_calloc(count + 3, sizeof *read);
    read[0] = o->deployment;
    read[1] = o->utilization;
    read[2] = o->decisions;
    memcpy(read + 3, inputs, count * sizeof *read);
    const int status = cli_check_outputs(&(struct cli_outputs){outputs, 4, read, count + 3}, diag);
    free(read);
    return status;
}

static const struct writer writers[] = {
    {"json", NULL, NULL, fit_json}, {"report", "FILE.html", NULL, fit_report}, {NULL, NULL, NULL, fit_text}, {0}};

/* What was learned, in every form that is asked for; the model on standard output stands alone there. */
static void write_learned(const struct options *options, const struct lc_learned *learned,
                          const struct lc_extraction *extraction, const struct lc_symbols *symbols,
                          struct lc_diag *diag)
{
    const bool silent = options->common.quiet || cli_is_stdout(options->output);
    write_all(
        writers, (const char *[]){options->common.json, options->report, NULL},
        &(struct page){.learned = learned, .extraction = extraction, .symbols = symbols, .out = silent ? NULL : stdout},
        diag);
}

static int fit_traces(const struct options *options, const char *const *inputs, size_t count)
{
    struct lc_diag diag = {0};
    struct lc_symbols *symbols = lci_symbols_new();
    struct lc_learned learned = {0};
    struct lc_extraction extraction = {0};
    struct lc_deployment deployment = {0};
    int status = check_outputs(options, inputs, count, &diag);
    struct lc_cache *cache = status == 0 && options->cache != NULL ? lc_cache_new(options->cache, &diag) : NULL;
    if (options->cache != NULL && cache == NULL)
        status = -1;
    if (status == 0 && options->deployment != NULL)
        status = lc_deployment_read(options->deployment, &deployment, &diag);
    if (status == 0)
        status = learn(options, &deployment, inputs, count, cache, symbols, &learned, &extraction, &diag);
    if (status == 0 && options->deployment != NULL && wants_model(options))
        status = deploy(learned.model, &deployment, &diag);
    if (status == 0 && options->phases)
        lci_graphs_to_phases(learned.model, &diag);
    if (status == 0 && options->output != NULL)
        status = lc_model_write(learned.model, NULL, options->output, &diag);
    if (status == 0 && wants_model(options)) {
        cli_report(&diag, &options->common); /* no errors: the report comes behind the warnings */
        write_learned(options, &learned, &extraction, symbols, &diag);
    }
    lc_deployment_free(&deployment);
    lc_learned_free(&learned);
    lc_extraction_free(&extraction);
    lci_symbols_free(symbols);
    lc_cache_free(cache);
    return (int)cli_report(&diag, &options->common);
}

/* Which options go together. */
static void check_samples(const struct options *o, const struct cli_fit_samples *samples, int count)
{
    if (o->cache != NULL && (o->merge || o->decisions != NULL || samples->file != NULL))
        cli_usage_error(&cmd_fit, "--cache is about traces; it goes with neither --merge, --decisions nor --samples");
    pull_check(&cmd_fit, &o->pulling);
    if (o->pulling.from.count > 0 && (o->merge || samples->file != NULL))
        cli_usage_error(&cmd_fit, "--from is about traces; it goes with neither --merge nor --samples");
    if (samples->file != NULL && (count > 0 || o->output != NULL || o->deployment != NULL || o->summary != NULL))
        cli_usage_error(&cmd_fit, "--samples takes a list of numbers; it goes with neither traces, --output, "
                                  "--deployment nor --summary");
    if (samples->file == NULL && (samples->plot != NULL || samples->bootstrap > 0))
        cli_usage_error(&cmd_fit, "--plot and --bootstrap go with --samples");
}

static void check_traces(struct options *o, int count)
{
    if (o->decisions != NULL && o->merge)
        cli_usage_error(&cmd_fit, "--decisions is for reading traces; summaries that are merged hold theirs");
    if (count == 0 && o->pulling.from.count == 0)
        cli_usage_error(&cmd_fit, "no traces are given; name files, folders or '-', or --samples FILE");
    if (o->phases && o->output == NULL)
        cli_usage_error(&cmd_fit, "--phases is about the model; it needs --output");
    cli_check_page(&cmd_fit, o->report);
    const struct lc_format *format = o->output != NULL ? lc_format_find(o->output) : NULL;
    if (o->output != NULL && strcmp(o->output, "-") != 0 && (format == NULL || format->write == NULL))
        cli_usage_error(&cmd_fit, "the ending of '%s' names no format; expected one such as .yaml, .json, .lqn, .lqnx",
                        o->output);
    if (o->load != NULL && !lc_assumed_load_of(o->load, &o->assumed))
        cli_usage_error(&cmd_fit, "--assume-load: expected auto, low or measured, found '%s'", o->load);
}

static int run(int argc, char **argv)
{
    struct options options = {.rare = 0.01};
    struct cli_fit_samples samples = {0};
    struct cli_option table[] = {
        {"output", 'o', CLI_TEXT, "MODEL", "write the model there; the format is that of the ending", &options.output},
        {"deployment", 'd', CLI_TEXT, "FILE",
         "what is missing in the traces: replicas, threads and their slots, cores, connections", &options.deployment},
        {"assume-load", 0, CLI_TEXT, "LOAD",
         "low, measured or auto: whether requests of the traces waited for each other (auto: found)", &options.load},
        {"report", 0, CLI_TEXT, "FILE.html", "where every number comes from, with plots, as a page", &options.report},
        CLI_OPTION_UTILIZATION(&options.utilization),
        {"release", 0, CLI_TEXT, "NAME", "learn this release; others add samples of times that are the same",
         &options.release},
        {"summary", 0, CLI_TEXT, "FILE", "write what was collected from these traces, for --merge; .gz compresses",
         &options.summary},
        {"decisions", 0, CLI_TEXT, "SUMMARY",
         "take clocks, and which calls are waited for, from the summary of all traces", &options.decisions},
        CLI_OPTION_CACHE(&options.cache),
        {"merge", 0, CLI_FLAG, NULL, "the arguments are summaries: learn the model of all their traces",
         &options.merge},
        {"phases", 0, CLI_FLAG, NULL, "write entries without concurrent calls as phases; notes say what is averaged",
         &options.phases},
        {"rare", 0, CLI_FRACTION, "SHARE", "call patterns rarer than this are merged (1 %)", &options.rare},
        CLI_OPTION_STRICT(&options.strict),
        PULL_OPTIONS(options.pulling),
        CLI_FIT_SAMPLES_OPTIONS(samples),
        {0},
    };
    const int count = cli_parse(&cmd_fit, argc, argv, table, &options.common);
    check_samples(&options, &samples, count);
    if (samples.file != NULL)
        return cli_fit_samples(&samples, &options.common);
    options.unit = cli_fit_unit(samples.unit);
    check_traces(&options, count);
    enum lc_status status = pull_all(&options.pulling, count, argv, &options.common);
    if (status == LC_OK)
        status = (enum lc_status)fit_traces(&options, (const char *const *)options.pulling.names,
                                            (size_t)options.pulling.count);
    pulling_free(&options.pulling);
    return (int)status;
}

const struct cli_command cmd_fit = {
    .name = "fit",
    .usage = "TRACES… [-o MODEL.yaml] [--deployment FILE] | --merge SUMMARY… | --samples FILE",
    .summary = "Learns a model from traces, or ranks distributions for durations",
    .details =
        "Reads traces (files, folders, wildcards or '-', in any supported format), learns a layered queueing network\n"
        "from them and prints what every number comes from. With --samples, fits every family of distributions\n"
        "to a list of numbers, one a line, and ranks them.\n\n"
        "  loadcast fit traces/*.jsonl.gz --deployment deployment.yaml -o model.yaml\n"
        "  loadcast fit traces/ --phases -o model.lqnx\n"
        "  loadcast fit monday/ --summary monday.gz\n"
        "  loadcast fit --merge monday.gz tuesday.gz -o model.yaml\n"
        "  loadcast fit --samples durations.txt --json -",
    .ranks = true,
    .run = run,
};
