/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast simulate: discrete-event simulation of one model. */
#include "cli.h"

#include "commands.h"
#include "loadcast/format.h"
#include "loadcast/record.h"
#include "loadcast/sim.h"
#include "name_overload.h"
#include "render/table.h"
#include "result_output.h"
#include "sweep.h"
#include "transient.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is to be recorded, as the options say it. */
struct recording {
    const char *file; /* NULL: nothing */
    const char *format, *clock;
    unsigned traces;
    struct lc_record_options options;
};

static void show(void *context, double done, double precision)
{
    (void)precision;
    cli_progress_show(context, done, 1);
}

static void record(const struct lc_model *model, const struct lc_sim_options *simulation, double warmup,
                   const struct recording *recording, const struct cli_common *common, struct lc_diag *diag)
{
    struct lc_sim_options after = *simulation;
    struct lc_recorded recorded;
    after.warmup = warmup;
    if (lc_record(model, &after, &recording->options, recording->file, &recorded, diag) == 0 && common->verbose)
        fprintf(stderr, "%llu traces of %llu spans in %s\n", (unsigned long long)recorded.traces,
                (unsigned long long)recorded.spans, recording->file);
}

static void warn_of_precision(const struct lc_result *result, const struct lc_sim_options *options,
                              struct lc_diag *diag)
{
    char *missed = missed_precision(result->precision, options->precision);
    lc_warn(diag, NULL, "the precision of %.3g %% was not reached in the time and work allowed: %s",
            100 * options->precision, missed);
    free(missed);
}

static enum lc_status simulate(const struct lc_model *model, const struct lc_sim_options *options, const char *format,
                               const struct recording *recording, const struct cli_common *common, struct lc_diag *diag)
{
    struct cli_progress progress;
    cli_report(diag, common);
    name_overload(model, "", common);
    cli_progress_start(&progress, "simulating", "", common);
    struct lc_sim_options watched = *options;
    watched.progress = show;
    watched.context = &progress;
    struct lc_result *result = lc_simulate(model, &watched, diag);
    cli_progress_end(&progress);
    enum lc_status status = LC_OK;
    if (result != NULL) {
        status = result->ended ? LC_MISSED : result->converged ? LC_OK : LC_UNDECIDED;
        if (!result->partial && status == LC_UNDECIDED && !(result->precision <= options->precision))
            warn_of_precision(result, options, diag);
        cli_report(diag, common); /* warnings: the report comes behind them */
        result_write(result, format, cli_is_stdout(recording->file), common, diag);
        if (recording->file != NULL)
            record(model, options, result->warmup, recording, common, diag);
    }
    lc_result_free(result);
    return status;
}

static int check_outputs(const char *file, const struct recording *recording, const struct cli_common *common,
                         struct lc_diag *diag)
{
    const struct cli_output outputs[] = {{"--json", common->json}, {"--traces", recording->file}};
    return cli_check_outputs(&(struct cli_outputs){outputs, 2, &file, 1}, diag);
}

static enum lc_status simulate_file(const char *file, struct lc_sim_options *options, const char *format,
                                    const struct recording *recording, const struct cli_common *common)
{
    struct lc_diag diag = {0};
    enum lc_status done = LC_OK;
    struct lc_model *model = check_outputs(file, recording, common, &diag) == 0 ? lc_model_read(file, &diag) : NULL;
    struct lci_sweep *sweep = model != NULL ? sweep_of(model, format, &diag) : NULL;
    if (model == NULL || diag.errors > 0)
        ;
    else if (sweep != NULL && recording->file != NULL)
        lc_error(&diag, LC_INPUT, NULL, "%s: a sweep has no single run whose traces could be written", file);
    else if (sweep != NULL)
        done = sweep_simulate(sweep, model, options, format, common, &diag);
    else if (format != NULL && strcmp(format, "csv") == 0)
        lc_error(&diag, LC_INPUT, NULL, "%s: the model has neither lists of values nor a report (R) for csv", file);
    else
        done = simulate(model, options, format != NULL ? format : "table", recording, common, &diag);
    lci_sweep_free(sweep);
    const enum lc_status status = cli_report(&diag, common);
    lc_model_free(model);
    return status != LC_OK ? status : done;
}

/* Curves over time instead of a steady state. */
static enum lc_status simulate_curves(const char *file, struct lc_transient_options *options,
                                      const struct cli_common *common)
{
    struct lc_diag diag = {0};
    enum lc_status done = LC_OK;
    struct lc_model *model =
        check_outputs(file, &(struct recording){0}, common, &diag) == 0 ? lc_model_read(file, &diag) : NULL;
    if (model != NULL && diag.errors == 0 && sweep_is_one(model, "curves are those of one point", &diag))
        done = transient_simulate(model, options, common, &diag);
    const enum lc_status status = cli_report(&diag, common);
    lc_model_free(model);
    return status != LC_OK ? status : done;
}

static void check_recording(struct recording *recording, const char *format, const struct cli_common *common)
{
    static const struct {
        const char *name;
        int64_t tick;
    } clocks[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}};
    struct lc_record_options *options = &recording->options;
    const char *file = recording->file != NULL ? recording->file : "";
    if (recording->format == NULL)
        recording->format = cli_ends_with(file, ".json") || cli_ends_with(file, ".json.gz") ? "jaeger" : "otlp";
    if (strcmp(recording->format, "jaeger") == 0)
        options->format = LC_RECORD_JAEGER;
    else if (strcmp(recording->format, "otlp") != 0)
        cli_usage_error(&cmd_simulate, "there is no format '%s' for traces; expected otlp or jaeger",
                        recording->format);
    options->tick = 0;
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++)
        if (strcmp(recording->clock, clocks[i].name) == 0)
            options->tick = clocks[i].tick;
    if (options->tick == 0)
        cli_usage_error(&cmd_simulate, "--trace-clock: expected ns, us or ms, found '%s'", recording->clock);
    if (!(options->sampling > 0 && options->sampling <= 1))
        cli_usage_error(&cmd_simulate, "--trace-sampling: expected more than 0 and at most 1 (100 %%)");
    if (!(options->limit >= 0 && isfinite(options->limit) && options->slow >= 0))
        cli_usage_error(&cmd_simulate, "--trace-limit and --trace-slow: expected finite values of 0 or more");
    if (!(options->skew >= 0 && options->skew <= 3600))
        cli_usage_error(&cmd_simulate, "--trace-skew: expected 0 to 1 h");
    if (cli_is_stdout(recording->file) &&
        (cli_is_stdout(common->json) || (format != NULL && strcmp(format, "table") != 0)))
        cli_usage_error(&cmd_simulate, "traces and results cannot both go to standard output");
    if (recording->traces == 0)
        cli_usage_error(&cmd_simulate, "--trace-count: expected 1 or more");
    options->traces = recording->traces;
}

/* What is stated for steady states holds for curves over time too. */
static void complete(struct lc_transient_options *curves, const struct lc_sim_options *simulation)
{
    curves->step = curves->step > 0 ? curves->step : curves->duration / 60;
    curves->warmup = simulation->warmup > 0 ? simulation->warmup : 0;
    curves->replications = simulation->replications > 0 ? simulation->replications : curves->replications;
    curves->max_time_s = simulation->max_time_s;
    curves->seed = simulation->seed;
    curves->jobs = simulation->jobs;
}

static int run(int argc, char **argv)
{
    struct lc_sim_options simulation = lc_sim_defaults();
    struct recording recording = {.clock = "ns", .traces = 1000, .options = lc_record_defaults()};
    struct lc_transient_options curves = lc_transient_defaults();
    const char *format = NULL;
    struct cli_common common;
    struct cli_option options[] = {
        {"precision", 'p', CLI_FRACTION, "P",
         "widest 95 % interval of any throughput, utilization, service or response time (1 %)", &simulation.precision},
        {"max-time", 0, CLI_TIME, "T", "stop after this time (a sweep: all points), whatever the precision",
         &simulation.max_time_s},
        {"replications", 'r', CLI_COUNT, "N", "exactly N, instead of as many as the precision needs",
         &simulation.replications},
        {"run-time", 0, CLI_NUMBER, "T", "model time of a replication without its warm-up (chosen)",
         &simulation.run_time},
        {"warmup", 0, CLI_NUMBER, "T", "model time before counting begins (chosen)", &simulation.warmup},
        {"transient", 0, CLI_TIME, "T", "curves over the first T instead of a steady state, e.g. '10 min'",
         &curves.duration},
        {"step", 0, CLI_TIME, "T", "length of the bins of curves (a 60th of the time)", &curves.step},
        {"format", 'f', CLI_TEXT, "FORMAT", "table, text (with phases and calls), json, csv (sweeps), lqnx, p",
         &format},
        {"traces", 0, CLI_TEXT, "FILE", "write the traces of a run; .gz compresses", &recording.file},
        {"trace-format", 0, CLI_TEXT, "FORMAT", "otlp (JSON lines), jaeger (default for .json)", &recording.format},
        {"trace-count", 0, CLI_COUNT, "N", "how many traces (1000)", &recording.traces},
        {"trace-sampling", 0, CLI_FRACTION, "P", "record this share of all requests (100 %)",
         &recording.options.sampling},
        {"trace-limit", 0, CLI_NUMBER, "N", "record at the most N requests per second (no limit)",
         &recording.options.limit},
        {"trace-slow", 0, CLI_TIME, "T", "besides --trace-sampling, keep every request that fails or takes T or longer",
         &recording.options.slow},
        {"trace-skew", 0, CLI_TIME, "T", "clocks of replicas are wrong by up to T (0)", &recording.options.skew},
        {"trace-clock", 0, CLI_TEXT, "TICK", "resolution of times: ns, us or ms (ns)", &recording.clock},
        {"trace-servers-only", 0, CLI_FLAG, NULL, "no spans of clients and producers", &recording.options.servers_only},
        {"trace-without-jobs", 0, CLI_FLAG, NULL, "no spans of messages that nobody waits for",
         &recording.options.without_jobs},
        {"trace-without-queues", 0, CLI_FLAG, NULL, "server spans begin when a thread takes the request",
         &recording.options.without_queues},
        {0},
    };
    const int operands = cli_parse(&cmd_simulate, argc, argv, options, &common);
    if (operands != 1)
        cli_usage_error(&cmd_simulate, operands == 0 ? "a model is missing" : "one model at a time");
    if (format != NULL && !result_format_known(format))
        cli_usage_error(&cmd_simulate,
                        "there is no format '%s' for results; expected one of table, text, json, csv, lqnx, p", format);
    if (!(simulation.precision > 0 && simulation.precision < 1))
        cli_usage_error(&cmd_simulate, "--precision: expected between 0 and 1 (0 %% and 100 %%)");
    if (simulation.run_time < 0 || !isfinite(simulation.run_time) || !isfinite(simulation.warmup))
        cli_usage_error(&cmd_simulate, "--run-time and --warmup: expected finite times of 0 or more");
    check_recording(&recording, format, &common);
    if (recording.file == NULL) /* a file of traces is whole or none: a signal ends it at once */
        simulation.stop = curves.stop = cli_stop();
    simulation.seed = common.seed;
    simulation.jobs = common.jobs;
    if (curves.duration > 0) {
        if (format != NULL || recording.file != NULL)
            cli_usage_error(&cmd_simulate, "--transient writes neither traces nor other formats than text and --json");
        complete(&curves, &simulation);
        return (int)simulate_curves(argv[0], &curves, &common);
    }
    return (int)simulate_file(argv[0], &simulation, format, &recording, &common);
}

const struct cli_command cmd_simulate = {
    .name = "simulate",
    .usage = "MODEL [options]",
    .summary = "Simulates a layered queueing network: throughput, load, waiting and response times of every element",
    .details =
        "Replications run on all cores until every interval is narrow enough; the result depends on the model\n"
        "and the seed alone. MODEL may be LQN XML, LQN text, YAML or JSON.\n"
        "A model with lists of values ($x = [1, 2, 5]) is a sweep: every point is simulated. Its report (R) is\n"
        "printed as CSV.\n\n"
        "  loadcast simulate web-shop.lqnx\n"
        "  loadcast simulate web-shop.lqnx --precision '0.5 %' --json result.json\n"
        "  loadcast simulate shop.yaml --transient '10 min' --step '5 s'\n"
        "  loadcast simulate web-shop.lqnx --traces run.jsonl.gz --trace-count 5000 --trace-clock us\n\n"
        "Exit status: 0 done, 1 a queue was seen to grow without end, 3 the model is wrong or has no steady state,\n"
        "5 the precision was not reached, 128 + n stopped by signal n (^C), with what was known then.",
    .ranks = true,
    .run = run,
};
