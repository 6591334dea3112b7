/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast run: the main job. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "loadcast/format.h"
#include "prepare.h"
#include "render/report.h"
#include "render/verdict_render.h"

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
    if (o->precision > 0) {
        s->simulation.precision = o->precision;
        s->precision_stated = true;
    }
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

static int write_model(const struct lc_verdict *verdict, const struct run_options *o, struct lc_diag *diag)
{
    struct lc_model *model = lc_verdict_model_at(verdict, o->at, diag);
    const int status = model == NULL ? -1 : lc_model_write(model, NULL, o->model, diag);
    lc_model_free(model);
    return status;
}

/* What is asked for goes to its files; the text stands on standard output unless one of them does. */
static void write_all(const struct prepared *p, const struct run_options *o, struct lc_diag *diag)
{
    const struct page page = {.verdict = p->verdict,
                              .reading = p->has_learned ? &p->extraction.reading : NULL,
                              .seconds = p->seconds,
                              .stopped_by = cli_stopped() != 0 ? cli_stopped_by() : NULL,
                              .verbose = o->common.verbose,
                              .colour = wants_colour(&o->common),
                              .out = stdout};
    if (o->common.json != NULL)
        verdict_json(&page, o->common.json, diag);
    if (o->junit != NULL)
        verdict_junit(&page, o->junit, diag);
    if (o->report != NULL)
        report_html(&page, o->report, diag);
    if (!takes_output(o))
        verdict_text(&page);
}

/* The model is written before anything is simulated: who only wants that may stop there. What there is to say of the
 * way stands before the report, not after or in it. */
static enum lc_status answer(struct prepared *p, const struct run_options *o, struct lc_diag *diag)
{
    if (prepare(p, diag) != 0 || (o->model != NULL && write_model(p->verdict, o, diag) != 0) ||
        prepared_predict(p, diag) != 0)
        return LC_OK; /* the messages say what is wrong */
    const enum lc_status wrong = cli_report(diag, &o->common);
    write_all(p, o, diag);
    return wrong != LC_OK ? wrong : p->verdict->status;
}

static int execute(int argc, char **argv)
{
    struct run_options o = {0};
    struct prepared prepared = {.common = &o.common, .started = lc_seconds()};
    struct cli_option options[] = {
        {"junit", 0, CLI_TEXT, "FILE", "write a JUnit report: a case for each goal at each load", &o.junit},
        {"report", 0, CLI_TEXT, "FILE.html", "write a page with plots for people", &o.report},
        {"model", 0, CLI_TEXT, "FILE", "write the model of one level, e.g. FILE.lqnx", &o.model},
        {"at", 0, CLI_TEXT, "LEVEL", "the level of --model: a factor, or its name (the first)", &o.at},
        {"max-time", 0, CLI_TIME, "TIME", "stop simulating after this time, e.g. '2 min'", &o.max_time},
        {"precision", 0, CLI_FRACTION, "PART", "half-width of the intervals, relative, e.g. '2 %'", &o.precision},
        {"cache", 0, CLI_TEXT, "DIR", "keep there what was read and fitted, and begin with it the next time",
         &prepared.folder},
        {"strict", 0, CLI_FLAG, NULL, "a damaged line of JSON is an error, not left out", &prepared.strict},
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
    prepared.scenario = lc_scenario_read(argv[0], &diag);
    if (prepared.scenario != NULL && check_outputs(&o, argv[0], prepared.scenario, &diag) == 0) {
        override(prepared.scenario, &o);
        status = answer(&prepared, &o, &diag);
    }
    const enum lc_status wrong = cli_report(&diag, &o.common);
    prepared_free(&prepared);
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
