/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast simulate: discrete-event simulation of one model. */
#include "cli.h"

#include "commands.h"
#include "loadcast/format.h"
#include "loadcast/sim.h"
#include "render/result_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "table", "text" and "json" are results alone; anything else is a format of models that has a place for results. */
static bool known_format(const char *name)
{
    if (strcmp(name, "table") == 0 || strcmp(name, "text") == 0 || strcmp(name, "json") == 0)
        return true;
    const struct lc_format *format = lc_format_find(name);
    return format != NULL && format->write != NULL;
}

static void write_json(const struct lc_result *result, const char *file, struct lc_diag *diag)
{
    struct lc_output *output = lc_output_open(file, diag);
    if (output == NULL)
        return;
    if (lc_result_write_json(result, lc_output_stream(output)) == 0) {
        lc_output_close(output, diag);
        return;
    }
    lc_output_abandon(output);
    lc_error(diag, LC_MACHINE, NULL, "%s: the result could not be written", file);
}

static void write_result(const struct lc_result *result, const char *format, const struct cli_common *common,
                         struct lc_diag *diag)
{
    if (common->json != NULL)
        write_json(result, common->json, diag);
    const bool taken = common->json != NULL && strcmp(common->json, "-") == 0; /* standard output */
    if (strcmp(format, "json") == 0) {
        if (!taken)
            write_json(result, "-", diag);
    } else if (strcmp(format, "table") != 0 && strcmp(format, "text") != 0) {
        lc_format_find(format)->write(result->model, result, stdout, diag);
    } else if (!taken) {
        const bool colour = !common->no_color && isatty(STDOUT_FILENO);
        result_table(result, common->verbose || strcmp(format, "text") == 0, colour, stdout);
    }
}

static void show(void *context, double done, double precision)
{
    (void)precision;
    cli_progress_show(context, done, 1);
}

static enum lc_status simulate(const char *file, struct lc_sim_options *options, const char *format,
                               const struct cli_common *common)
{
    struct lc_diag diag = {0};
    struct lc_model *model = lc_model_read(file, &diag);
    if (model == NULL)
        return cli_report(&diag, common);
    struct cli_progress progress;
    cli_progress_start(&progress, "simulating", "", common);
    options->progress = show;
    options->context = &progress;
    struct lc_result *result = lc_simulate(model, options, &diag);
    cli_progress_end(&progress);
    bool converged = true;
    if (result != NULL) {
        converged = result->converged;
        write_result(result, format, common, &diag);
        if (!converged)
            lc_warn(&diag, NULL,
                    "the precision of %.3g %% was not reached in the time allowed; the widest interval is "
                    "%.3g %% of its value",
                    100 * options->precision, 100 * result->precision);
    }
    lc_result_free(result);
    const enum lc_status status = cli_report(&diag, common);
    lc_model_free(model);
    return status != LC_OK ? status : converged ? LC_OK : LC_UNDECIDED;
}

static int run(int argc, char **argv)
{
    struct lc_sim_options simulation = lc_sim_defaults();
    const char *format = "table";
    struct cli_common common;
    struct cli_option options[] = {
        {"precision", 'p', CLI_FRACTION, "P",
         "widest 95 % interval of any throughput, utilization, service or response time (1 %)", &simulation.precision},
        {"max-time", 0, CLI_TIME, "T", "stop after this time, whatever the precision", &simulation.max_time_s},
        {"replications", 'r', CLI_COUNT, "N", "exactly so many, instead of as many as the precision needs",
         &simulation.replications},
        {"run-time", 0, CLI_NUMBER, "T", "model time of a replication without its warm-up (chosen)",
         &simulation.run_time},
        {"warmup", 0, CLI_NUMBER, "T", "model time before counting begins (found by MSER-5)", &simulation.warmup},
        {"format", 'f', CLI_TEXT, "FORMAT", "table, text (with phases and calls), json, lqnx, p", &format},
        {0},
    };
    const int operands = cli_parse(&cmd_simulate, argc, argv, options, &common);
    if (operands != 1)
        cli_usage_error(&cmd_simulate, operands == 0 ? "a model is missing" : "one model at a time");
    if (!known_format(format))
        cli_usage_error(&cmd_simulate, "there is no format '%s' for results; these are: table, text, json, lqnx, p",
                        format);
    if (!(simulation.precision > 0 && simulation.precision < 1))
        cli_usage_error(&cmd_simulate, "--precision lies between 0 and 1 (0 %% and 100 %%)");
    if (simulation.run_time < 0 || !isfinite(simulation.run_time) || !isfinite(simulation.warmup))
        cli_usage_error(&cmd_simulate, "--run-time and --warmup are finite and not negative");
    simulation.seed = common.seed;
    simulation.jobs = common.jobs;
    return (int)simulate(argv[0], &simulation, format, &common);
}

const struct cli_command cmd_simulate = {
    .name = "simulate",
    .usage = "MODEL [options]",
    .summary = "Simulates a layered queueing network: throughput, load, waiting and response times of every element",
    .details = "Replications run on all cores until every interval is narrow enough; the result depends on the model\n"
               "and the seed alone. MODEL may be LQN XML, LQN text, YAML or JSON.\n\n"
               "  loadcast simulate web-shop.lqnx\n"
               "  loadcast simulate web-shop.lqnx --precision '0.5 %' --json result.json\n\n"
               "Exit status: 0 done, 3 the model is wrong or has no steady state, 5 the precision was not reached.",
    .run = run,
};
