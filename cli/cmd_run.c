/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast run: the main job. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "commands.h"
#include "first_scenario.h"
#include "history/store.h"
#include "loadcast/format.h"
#include "name_overload.h"
#include "prepare.h"
#include "pulling.h"
#include "recording.h"
#include "render/writers.h"

struct run_options {
    struct cli_common common;
    const char *files[WRITERS_MOST]; /* of verdict_writers */
    const char *model, *at, *method;
    double max_time, precision; /* 0: as the scenario says */
    const char *utilization, *history, *release, *run;
    struct pulling pulling;
};

static enum lc_method method_of(const char *name)
{
    static const char *const names[] = {
        [LC_METHOD_SIMULATE] = "simulate", [LC_METHOD_ANALYTIC] = "analytic", [LC_METHOD_BOTH] = "both"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (name == NULL || strcmp(name, names[i]) == 0)
            return (enum lc_method)i;
    cli_usage_error(&cmd_run, "there is no method '%s'; expected simulate, analytic or both", name);
}

static void override(struct lc_scenario *s, const struct run_options *o)
{
    if (o->common.seed_given)
        s->simulation.seed = o->common.seed;
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
    return !common->no_color && cli_is_terminal(STDOUT_FILENO) && (no_colour == NULL || no_colour[0] == 0);
}

/* The options of the writers; JSON's is everybody's. */
static size_t add_writers(struct cli_option *options, struct run_options *o)
{
    size_t count = 0;
    for (size_t i = 0; verdict_writers[i].write != NULL; i++)
        if (verdict_writers[i].help != NULL)
            options[count++] =
                (struct cli_option){verdict_writers[i].option, 0,           CLI_TEXT, verdict_writers[i].argument,
                                    verdict_writers[i].help,   &o->files[i]};
    return count;
}

static int check_outputs(const struct run_options *o, const char *file, const struct lc_scenario *s,
                         struct lc_diag *diag)
{
    struct cli_output outputs[WRITERS_MOST + 1];
    char *names[WRITERS_MOST] = {0};
    size_t output_count = 0;
    for (size_t i = 0; verdict_writers[i].write != NULL; i++)
        if (verdict_writers[i].option != NULL) {
            names[i] = lc_format("--%s", verdict_writers[i].option);
            outputs[output_count++] = (struct cli_output){names[i], o->files[i]};
        }
    outputs[output_count++] = (struct cli_output){"--model", o->model};
    const int status = check_scenario_outputs(outputs, output_count, file, s, (const char *[]){o->history, NULL}, diag);
    for (size_t i = 0; i < WRITERS_MOST; i++)
        free(names[i]);
    return status;
}

static int write_model(const struct lc_verdict *verdict, const struct run_options *o, struct lc_diag *diag)
{
    struct lc_model *model = lc_verdict_model_at(verdict, o->at, diag);
    const int status = model == NULL ? -1 : lc_model_write(model, NULL, o->model, diag);
    lc_model_free(model);
    return status;
}

static void write_verdict(const struct prepared *p, const struct run_options *o, const char *file, struct lc_diag *diag)
{
    const struct page page = {.verdict = p->verdict,
                              .learned = p->has_learned ? &p->learned : NULL,
                              .reading = p->has_learned ? &p->extraction.reading : NULL,
                              .file = file,
                              .seconds = p->seconds,
                              .stopped_by = cli_stopped_by(),
                              .verbose = o->common.verbose,
                              .colour = wants_colour(&o->common),
                              .out = stdout};
    write_all(verdict_writers, o->files, &page, diag);
}

/* The model is written before anything is simulated: who only wants that may stop there. What there is to say of the
 * way stands before the report, not after or in it. */
static enum lc_status answer(struct prepared *p, const struct run_options *o, const char *file, struct history *history,
                             struct lc_diag *diag)
{
    if (prepare(p, diag) != 0 || (o->model != NULL && write_model(p->verdict, o, diag) != 0))
        return LC_OK; /* the messages say what is wrong */
    p->scenario->simulation.stop = cli_stop();
    name_overloads(p->verdict, &o->common);
    if (prepared_predict(p, diag) != 0)
        return LC_OK;
    const enum lc_status wrong = cli_report(diag, &o->common);
    write_verdict(p, o, file, diag);
    if (history != NULL && cli_stopped() == 0)
        record_verdict(history, o->release, o->run, p, diag);
    else if (history != NULL)
        lc_warn(diag, NULL, "what is partial is not kept in '%s'", o->history);
    return wrong != LC_OK ? wrong : p->verdict->status;
}

static int execute(int argc, char **argv)
{
    struct run_options o = {0};
    struct prepared prepared = {.common = &o.common, .started = lci_seconds()};
    struct cli_option own[] = {
        {"model", 0, CLI_TEXT, "FILE", "write the model of one level, e.g. FILE.lqnx", &o.model},
        {"at", 0, CLI_TEXT, "LEVEL", "the level of --model: a factor, or its name (the first)", &o.at},
        {"max-time", 0, CLI_TIME, "TIME", "stop simulating after this time, e.g. '2 min'", &o.max_time},
        {"precision", 0, CLI_FRACTION, "PART", "half-width of the intervals, relative, e.g. '2 %'", &o.precision},
        {"method", 0, CLI_TEXT, "METHOD", "simulate (default); analytic: solved in milliseconds; both: side by side",
         &o.method},
        CLI_OPTION_CACHE(&prepared.folder),
        CLI_OPTION_STRICT(&prepared.strict),
        CLI_OPTION_UTILIZATION(&o.utilization),
        {"history", 0, CLI_TEXT, "FILE", "keep there what is predicted and judged (see 'loadcast history')",
         &o.history},
        {"release", 0, CLI_TEXT, "R", "of which release it is, for --history", &o.release},
        {"run", 0, CLI_TEXT, "N", "of which of its runs, for --history", &o.run},
        PULL_OPTIONS(o.pulling),
    };
    struct cli_option options[WRITERS_MOST + sizeof own / sizeof *own] = {0};
    memcpy(options + add_writers(options, &o), own, sizeof own);
    const int operands = cli_parse(&cmd_run, argc, argv, options, &o.common);
    pull_check(&cmd_run, &o.pulling);
    if (operands == 0 && o.pulling.from.count == 0)
        cli_usage_error(&cmd_run, "no scenario is named, and no traces");
    if (operands > 1 && names_scenario(operands, argv))
        cli_usage_error(&cmd_run, "one scenario at a time, or only traces");
    const enum lc_method method = method_of(o.method);
    o.files[0] = o.common.json;
    for (size_t i = 0; verdict_writers[i].write != NULL; i++)
        if (verdict_writers[i].option != NULL && strcmp(verdict_writers[i].option, "report") == 0)
            cli_check_page(&cmd_run, o.files[i]);
    if (o.model == NULL && o.at != NULL)
        cli_usage_error(&cmd_run, "--at says of which level --model writes the model; --model FILE is missing");
    if (cli_is_stdout(o.model))
        cli_usage_error(&cmd_run, "--model needs a file: standard output is for the answer; 'convert' writes there");
    if ((o.history != NULL) != (o.release != NULL) || (o.run != NULL && o.release == NULL))
        cli_usage_error(&cmd_run, "--history FILE and --release R belong together");
    struct lc_diag diag = {0};
    enum lc_status status = pull_all(&o.pulling, operands, argv, &o.common);
    char **names = o.pulling.names;
    if (status == LC_OK)
        prepared.scenario =
            scenario_of(o.pulling.count, names,
                        &(struct scenario_source){&o.common, prepared.folder, o.utilization, prepared.strict}, &diag);
    if (prepared.scenario != NULL && check_outputs(&o, names[0], prepared.scenario, &diag) == 0) {
        struct history *history = o.history != NULL ? history_open(o.history, true, &diag) : NULL;
        override(prepared.scenario, &o);
        prepared.scenario->method = method;
        if (history != NULL || o.history == NULL)
            status = answer(&prepared, &o, names[0], history, &diag);
        history_close(history);
    }
    const enum lc_status wrong = cli_report(&diag, &o.common);
    prepared_free(&prepared);
    pulling_free(&o.pulling);
    return (int)(wrong != LC_OK ? wrong : status);
}

const struct cli_command cmd_run = {
    .name = "run",
    .usage = "SCENARIO.yaml | TRACES… [options]",
    .summary = "Answers a scenario: which component saturates, at which load, and whether goals hold",
    .details =
        "The scenario names traces or a model, what the traces do not say about the deployment, the load, and goals.\n"
        "Every load level is simulated; the verdict says what saturates first and what would be next. Traces without\n"
        "a scenario are answered at the recorded load and at two and four times as much; 'loadcast init' writes that\n"
        "scenario."
        "\n\n"
        "Exit status: 0 every goal holds; 1 a goal is missed or a component is overloaded; 2 wrong options;\n"
        "3 wrong input; 4 the machine failed; 5 not decided within the time allowed, or no limit is stated;\n"
        "128 + n stopped by signal n (^C), with what was known then.\n\n"
        "example: loadcast run scenarios/search/search.yaml --json verdict.json --report verdict.html",
    .ranks = true,
    .run = execute,
};
