/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast convert: any model format to any other, and a scenario's model to any. */
#include "base/buffer.h"
#include "cli.h"

#include "base/output.h"
#include "base/text.h"
#include "commands.h"
#include "loadcast/format.h"
#include "prepare.h"

#include <string.h>

/* Says which formats can be written, and exits. */
static _Noreturn void no_format(const char *name)
{
    const char *known[32];
    size_t count = 0;
    static struct lci_buffer list; /* not on the stack, where exit() would leak it */
    for (const struct lc_format *const *f = lc_formats(); *f != NULL && count < 31; f++) {
        if ((*f)->write == NULL)
            continue;
        known[count++] = (*f)->name;
        lci_buffer_join(&list, ", ", "%s", (*f)->name);
    }
    known[count] = NULL;
    const char *nearest = lci_nearest(name, known);
    if (nearest != NULL)
        cli_usage_error(&cmd_convert, "there is no format '%s'; did you mean '%s'?", name, nearest);
    cli_usage_error(&cmd_convert, "there is no format '%s'; expected one of %s", name, list.text);
}

/* The model in `format` to a file that appears whole or not at all. */
static void write_to(const struct lc_model *model, const struct lc_format *format, const char *file,
                     struct lc_diag *diag)
{
    struct lci_output *output = lci_output_open(file, diag);
    if (output == NULL)
        return;
    if (format->write(model, NULL, lci_output_stream(output), diag) == 0)
        lci_output_close(output, diag);
    else
        lci_output_abandon(output);
}

/* The model under the scenario's workloads; learned without bootstrap replicates, which only intervals need. */
static struct lc_model *scenario_model(const char *file, const struct cli_common *common, struct lc_diag *diag)
{
    struct prepared prepared = {.common = common, .scenario = lc_scenario_read(file, diag)};
    struct lc_model *model = NULL;
    if (prepared.scenario != NULL) {
        prepared.scenario->uncertainty = false;
        if (prepare(&prepared, diag) == 0)
            model = lc_verdict_model(prepared.verdict, diag);
    }
    prepared_free(&prepared);
    return model;
}

static int convert(int argc, char **argv)
{
    const char *file = NULL, *to = NULL;
    struct cli_common common;
    struct cli_option options[] = {
        {"output", 'o', CLI_TEXT, "FILE", "write this file; '-' is standard output", &file},
        {"to", 't', CLI_TEXT, "FORMAT", "the format, if not that of the file's ending", &to},
        {0},
    };
    const int operands = cli_parse(&cmd_convert, argc, argv, options, &common);
    if (operands != 1)
        cli_usage_error(&cmd_convert, operands == 0 ? "a model is missing" : "one model at a time");
    if (common.json != NULL)
        cli_usage_error(&cmd_convert, "--json makes no sense here; '-o FILE.json' writes the model as JSON");
    if (file == NULL && to == NULL)
        cli_usage_error(&cmd_convert, "-o FILE or --to FORMAT is missing");
    if (file != NULL && to == NULL && strcmp(file, "-") == 0)
        cli_usage_error(&cmd_convert, "standard output has no ending that decides the format; expected --to FORMAT");
    const struct lc_format *format = lc_format_find(to != NULL ? to : file);
    if (format == NULL || format->write == NULL)
        no_format(to != NULL ? to : file);

    struct lc_diag diag = {0};
    const struct cli_output output = {"--output", file};
    const struct cli_outputs outputs = {&output, 1, (const char *const *)argv, 1};
    struct lc_model *model = cli_check_outputs(&outputs, &diag) != 0 ? NULL
                             : lc_scenario_recognise(argv[0])        ? scenario_model(argv[0], &common, &diag)
                                                                     : lc_model_read(argv[0], &diag);
    if (model != NULL)
        write_to(model, format, file != NULL ? file : "-", &diag);
    lc_model_free(model);
    return (int)cli_report(&diag, &common);
}

const struct cli_command cmd_convert = {
    .name = "convert",
    .usage = "MODEL|SCENARIO.yaml (-o FILE | --to FORMAT) [options]",
    .summary = "Converts a model from any format to any other",
    .details = "The file's ending decides the format: .yaml, .json, .lqn (LQN text), .lqnx (LQN XML), .dot and\n"
               ".svg (diagrams, for writing only). What the format cannot hold is expressed by what it has, and\n"
               "each such change is a warning.\n\n"
               "A scenario becomes the model under its workloads and deployment; its loads are multiples of the\n"
               "parameter $load, whose values are the scenario's levels. 'run --model FILE --at LEVEL' writes one.\n\n"
               "  loadcast convert shop.yaml -o shop.lqnx      # go on with LQNS\n"
               "  loadcast convert shop.lqnx --to yaml",
    .run = convert,
};
