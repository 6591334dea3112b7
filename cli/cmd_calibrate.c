/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast calibrate: limits that nobody states, from traces at several loads. */
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "calibration.h"
#include "capacity.h"
#include "cli.h"
#include "commands.h"
#include "fit/trace/symbols.h"
#include "loadcast/format.h"
#include "loadcast/scenario.h"
#include "prepare.h"
#include "pulling.h"

struct options {
    struct cli_common common;
    const char *output, *utilization;
    bool strict;
    struct pulling pulling;
};

static void show_progress(void *context, uint64_t done, uint64_t total)
{
    cli_progress_show(context, (double)done / 1e6, (double)total / 1e6);
}

/* `scenario` NULL: nothing is stated. */
static int calibrate(const struct options *o, const struct lc_scenario *scenario, const char *const *inputs,
                     size_t count, struct lc_calibration *calibration, struct lc_diag *diag)
{
    const char *file = o->utilization != NULL ? o->utilization : scenario != NULL ? scenario->utilization : NULL;
    struct lc_utilization utilization = {0};
    if (file != NULL && lc_utilization_read(file, &utilization, diag) != 0)
        return -1;
    const struct lc_deployment nothing = {0}, *stated = scenario != NULL ? &scenario->deployment : &nothing;
    struct cli_capacities capacities = cli_capacities(stated);
    const char **keep = lc_learn_keep(NULL, 0);
    struct lc_tree_slot *slots = cli_slots(stated);
    const struct lc_learn_options learn = {.capacities = capacities.items,
                                           .capacity_count = capacities.count,
                                           .release = scenario != NULL ? scenario->release : NULL,
                                           .utilization = file != NULL ? &utilization : NULL,
                                           .kept = SIZE_MAX,
                                           .keep = keep,
                                           .slots = slots,
                                           .slot_count = stated->slot_count};
    struct cli_progress progress;
    struct lc_symbols *symbols = lci_symbols_new();
    struct lc_extraction extraction = {0};
    cli_progress_start(&progress, "reading traces", "MB", &o->common);
    const struct lc_tree_options trees = {
        .reader = {.keep = keep, .strict = o->strict, .progress = show_progress, .context = &progress},
        .slots = slots,
        .slot_count = stated->slot_count};
    struct lc_learner *learner = lc_learner_collect(NULL, inputs, count, &trees, &learn, symbols, &extraction, diag);
    cli_progress_end(&progress);
    const int status = learner != NULL ? lc_calibrate(learner, calibration, diag) : -1;
    if (learner != NULL)
        lc_learner_free(learner);
    lc_extraction_free(&extraction);
    lci_symbols_free(symbols);
    free(slots);
    free(keep);
    cli_capacities_free(&capacities);
    lc_utilization_free(&utilization);
    return status;
}

static int write_all(const struct options *o, const struct lc_calibration *calibration, struct lc_diag *diag)
{
    if (o->common.json != NULL && write_calibration_json(calibration, o->common.json, diag) != 0)
        return -1;
    if (o->output != NULL) {
        struct lci_output *output = lci_output_open(o->output, diag);
        if (output == NULL)
            return -1;
        write_calibration(calibration, lci_output_stream(output));
        if (lci_output_close(output, diag) != 0)
            return -1;
    }
    const bool taken = cli_is_stdout(o->output) || cli_is_stdout(o->common.json);
    if (!taken)
        print_calibration(calibration, stdout);
    return 0;
}

/* `files`: what is read besides what the scenario names; `inputs`: its traces. */
static enum lc_status answer(const struct options *o, const struct lc_scenario *scenario, const char *const *files,
                             const char *const *inputs, struct lc_diag *diag)
{
    struct lc_calibration calibration = {0};
    const struct cli_output outputs[] = {{"--output", o->output}, {"--json", o->common.json}};
    size_t count = 0;
    while (inputs[count] != NULL)
        count++;
    enum lc_status status = LC_OK;
    if (check_scenario_outputs(outputs, 2, o->utilization, scenario, files, diag) == 0 &&
        calibrate(o, scenario, inputs, count, &calibration, diag) == 0) {
        if (scenario != NULL && scenario->deployment.file == NULL && scenario->deployment.count > 0 &&
            o->output != NULL)
            lc_note(diag, NULL,
                    "the scenario has a deployment of its own: add what '%s' holds to it, or move it into that file",
                    o->output);
        if (write_all(o, &calibration, diag) == 0 && !calibration_tells(&calibration))
            status = LC_UNDECIDED;
    }
    lc_calibration_free(&calibration);
    return status;
}

static int execute(int argc, char **argv)
{
    struct options o = {0};
    struct cli_option options[] = {
        {"output", 'o', CLI_TEXT, "FILE", "write what was found as a deployment, which a scenario includes", &o.output},
        {"utilization", 0, CLI_TEXT, "FILES", "how busy services were while traces were recorded: more evidence",
         &o.utilization},
        CLI_OPTION_STRICT(&o.strict),
        PULL_OPTIONS(o.pulling),
        {0},
    };
    const int operands = cli_parse(&cmd_calibrate, argc, argv, options, &o.common);
    pull_check(&cmd_calibrate, &o.pulling);
    if (operands == 0 && o.pulling.from.count == 0)
        cli_usage_error(&cmd_calibrate, "neither a scenario nor traces are named");
    struct lc_diag diag = {0};
    enum lc_status status = pull_all(&o.pulling, operands, argv, &o.common);
    const char *const *inputs = (const char *const *)o.pulling.names;
    if (status != LC_OK) {
        pulling_free(&o.pulling);
        return (int)status;
    }
    if (operands == 1 && lc_scenario_recognise(argv[0])) {
        struct lc_scenario *scenario = lc_scenario_read(argv[0], &diag);
        if (scenario != NULL && o.pulling.from.count > 0)
            take_traces(scenario, inputs + 1, o.pulling.from.count, &diag);
        if (scenario != NULL && scenario->traces == NULL && diag.errors == 0)
            lc_error(&diag, LC_INPUT, NULL, "'%s' names no traces; expected traces at two loads or more", argv[0]);
        else if (scenario != NULL && diag.errors == 0)
            status = answer(&o, scenario, inputs, (const char *const *)scenario->traces, &diag);
        lc_scenario_free(scenario);
    } else {
        status = answer(&o, NULL, inputs, inputs, &diag);
    }
    pulling_free(&o.pulling);
    const enum lc_status wrong = cli_report(&diag, &o.common);
    return (int)(wrong != LC_OK ? wrong : status);
}

const struct cli_command cmd_calibrate = {
    .name = "calibrate",
    .usage = "SCENARIO.yaml | TRACES… [options]",
    .summary = "Finds limits that nobody states (threads, cores, locks, connections) from traces at several loads",
    .details =
        "Of each service, and of its calls to servers without spans, the limit is found that explains how times\n"
        "grow with the load: threads, cores, a lock inside the handler, connections, or none; with its size, an\n"
        "interval of 95 % and the evidence. Limits that the scenario states are not looked for.\n\n"
        "  loadcast calibrate shop.yaml -o limits.yaml\n"
        "  loadcast calibrate monday/ --json found.json\n\n"
        "'deployment: limits.yaml' of a scenario includes what was found. docs/calibrate.md has the method.\n\n"
        "Exit status: 0 done; 2 wrong options; 3 wrong input; 4 the machine failed; 5 the traces were recorded\n"
        "at one load, which gives lower bounds only.",
    .run = execute,
};
