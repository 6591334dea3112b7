/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast run: the main job. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "render/report.h"
#include "render/verdict.h"

struct run_options {
    struct cli_common common;
    const char *junit, *report, *model, *at;
    double max_time, precision; /* 0: as the scenario says */
};

static void override(struct lc_scenario *s, const struct run_options *o)
{
    if (o->common.seed_given)
        s->simulation.seed = o->common.seed;
    s->simulation.stop = cli_stop();
    if (o->max_time > 0)
        s->simulation.max_time_s = o->max_time;
    if (o->precision > 0)
        s->simulation.precision = o->precision;
}

static bool wants_colour(const struct cli_common *common)
{
    const char *no_colour = getenv("NO_COLOR");
    return !common->no_color && isatty(STDOUT_FILENO) && (no_colour == NULL || no_colour[0] == 0);
}

/* Whether a report stands on standard output. */
static bool takes_output(const struct run_options *o)
{
    return (o->common.json != NULL && strcmp(o->common.json, "-") == 0) ||
           (o->junit != NULL && strcmp(o->junit, "-") == 0);
}

static int check_outputs(const struct run_options *o, const char *file, const struct lc_scenario *s,
                         struct lc_diag *diag)
{
    const struct cli_output outputs[] = {
        {"--json", o->common.json}, {"--junit", o->junit}, {"--report", o->report}, {"--model", o->model}};
    size_t traces = 0;
    while (s->traces != NULL && s->traces[traces] != NULL)
        traces++;
    const char **inputs = lc_calloc(traces + 6, sizeof *inputs);
    size_t count = 0;
    inputs[count++] = file;
    inputs[count++] = s->model;
    inputs[count++] = s->deployment.file;
    inputs[count++] = s->activities;
    inputs[count++] = s->utilization;
    for (size_t i = 0; i < traces; i++)
        inputs[count++] = s->traces[i];
    const int status = cli_check_outputs(&(struct cli_outputs){outputs, 4, inputs, count}, diag);
    free(inputs);
    return status;
}

/* The model is written before anything is simulated: who only wants that may stop there. */
static int prepare(struct run *run, const struct run_options *o, struct lc_diag *diag)
{
    if (run_prepare(run, diag) != 0)
        return -1;
    return o->model != NULL ? run_write_model(run, o->model, o->at, diag) : 0;
}

/* What is asked for goes to its files; the text stands on standard output unless one of them does. */
static void write_all(const struct run *run, const struct run_options *o, struct lc_diag *diag)
{
    const bool curves = run->scenario->curves.duration > 0;
    if (o->common.json != NULL && curves)
        run_curves_json(run, o->common.json, diag);
    else if (o->common.json != NULL)
        verdict_json(run, o->common.json, diag);
    if (o->junit != NULL)
        verdict_junit(run, o->junit, diag);
    if (o->report != NULL)
        report_html(run, o->report, diag);
    if (!takes_output(o) && curves)
        run_curves_text(run, stdout);
    else if (!takes_output(o))
        verdict_text(run, stdout, wants_colour(&o->common));
}

/* A verdict on steady states, or curves over time. What there is to say of the way stands before the report, not after
 * or in it. */
static enum lc_status answer(struct run *run, const struct run_options *o, struct lc_diag *diag)
{
    const bool curves = run->scenario->curves.duration > 0;
    if (prepare(run, o, diag) != 0 || (curves ? run_curves(run, diag) : run_simulate(run, diag)) != 0)
        return LC_OK; /* the messages say what is wrong */
    run_warn_cores(run, diag);
    const enum lc_status wrong = cli_report(diag, &o->common);
    write_all(run, o, diag);
    return wrong != LC_OK ? wrong : curves ? run_curves_status(run) : run_status(run);
}

static int execute(int argc, char **argv)
{
    struct run_options o = {0};
    struct run run = {.common = &o.common, .started = cli_seconds()};
    struct cli_option options[] = {
        {"junit", 0, CLI_TEXT, "FILE", "write a JUnit report: a case for each goal at each load", &o.junit},
        {"report", 0, CLI_TEXT, "FILE.html", "write a page with plots for people", &o.report},
        {"model", 0, CLI_TEXT, "FILE", "write the model of one level, e.g. FILE.lqnx", &o.model},
        {"at", 0, CLI_TEXT, "LEVEL", "the level of --model: a factor, or its name (the first)", &o.at},
        {"max-time", 0, CLI_TIME, "TIME", "stop simulating after this time, e.g. '2 min'", &o.max_time},
        {"precision", 0, CLI_FRACTION, "PART", "half-width of the intervals, relative, e.g. '2 %'", &o.precision},
        {"cache", 0, CLI_TEXT, "DIR", "keep there what was read and fitted, and begin with it the next time",
         &run.folder},
        {"strict", 0, CLI_FLAG, NULL, "a damaged line of JSON is an error, not left out", &run.strict},
        {0},
    };
    const int operands = cli_parse(&cmd_run, argc, argv, options, &o.common);
    if (operands != 1)
        cli_usage_error(&cmd_run, operands == 0 ? "no scenario is named" : "one scenario at a time");
    cli_check_page(&cmd_run, o.report);
    if (o.model == NULL && o.at != NULL)
        cli_usage_error(&cmd_run, "--at says of which level --model writes the model; --model FILE is missing");
    if (o.model != NULL && strcmp(o.model, "-") == 0)
        cli_usage_error(&cmd_run, "--model needs a file: standard output is for the answer; 'convert' writes there");
    struct lc_diag diag = {0};
    enum lc_status status = LC_OK;
    run.scenario = lc_scenario_read(argv[0], &diag);
    if (run.scenario != NULL && check_outputs(&o, argv[0], run.scenario, &diag) == 0) {
        override(run.scenario, &o);
        status = answer(&run, &o, &diag);
    }
    const enum lc_status wrong = cli_report(&diag, &o.common);
    run_free(&run);
    return (int)(wrong != LC_OK ? wrong : status);
}

const struct cli_command cmd_run = {
    .name = "run",
    .usage = "SCENARIO.yaml [options]",
    .summary = "Answers a scenario: which component saturates, at which load, and whether goals hold",
    .details =
        "The scenario names traces or a model, what the traces do not tell about the deployment, the load, and "
        "goals.\nEvery load level is simulated; the verdict says what saturates first and what would be next.\n\n"
        "Exit status: 0 every goal holds; 1 a goal is missed or a component is overloaded; 2 wrong options;\n"
        "3 wrong input; 4 the machine failed; 5 not decided within the time allowed, or no limit is stated;\n"
        "128 + n stopped by signal n (^C), with what was known then.\n\n"
        "example: loadcast run scenarios/search/search.yaml --json verdict.json --report verdict.html",
    .run = execute,
};
