/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast measure: what tests did to the system, counted in their traces. */
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "commands.h"
#include "loadcast/scenario.h"
#include "measuring.h"
#include "prepare.h"
#include "pulling.h"
#include "render/json.h"
#include "render/measures.h"

struct request {
    struct measuring measuring;
    const char *csv, *histograms;
    bool all;
    struct lc_scenario *scenario;
    struct pulling pulling;
};

static size_t count_of(const char *const *texts)
{
    size_t count = 0;
    while (texts[count] != NULL)
        count++;
    return count;
}

static bool is_scenario(const char *name)
{
    return cli_ends_with(name, ".yaml") || cli_ends_with(name, ".yml");
}

/* A scenario names its traces and its activities. */
static int take_scenario(struct request *r, const char *file, struct lc_diag *diag)
{
    r->scenario = lc_scenario_read(file, diag);
    if (r->scenario == NULL)
        return -1;
    if (r->scenario->traces == NULL) {
        lc_error(diag, LC_INPUT, &(struct lc_place){.file = file, .offset = -1},
                 "expected a scenario with traces, found one with a model");
        return -1;
    }
    if (r->pulling.from.count > 0 &&
        take_traces(r->scenario, (const char *const *)r->pulling.names + 1, (size_t)r->pulling.count - 1, diag) != 0)
        return -1;
    r->measuring.traces = (const char *const *)r->scenario->traces;
    r->measuring.trace_count = count_of(r->measuring.traces);
    if (r->measuring.activities == NULL && r->measuring.associations.by == NULL)
        r->measuring.activities = r->scenario->activities;
    return 0;
}

static int write_csv(const char *file, void (*write)(FILE *, const struct lci_measure_table *),
                     const struct lci_measure_table *table, struct lc_diag *diag)
{
    struct lci_output *output = lci_output_open(file, diag);
    if (output == NULL)
        return -1;
    write(lci_output_stream(output), table);
    return lci_output_close(output, diag);
}

static int write_json(const struct request *r, const struct lci_measure_table *table, struct lc_diag *diag)
{
    const struct measuring *m = &r->measuring;
    json_t *document = measures_json(table);
    json_object_set_new(document, "traces",
                        json_pack("{s:I, s:I, s:I, s:I}", "measured", (json_int_t)m->matched[LCI_MATCHES_ONE],
                                  "matching_none", (json_int_t)m->matched[LCI_MATCHES_NONE], "matching_two",
                                  (json_int_t)m->matched[LCI_MATCHES_TWO], "incomplete", (json_int_t)m->incomplete));
    return cli_json_write(document, CLI_JSON_ALL, m->common->json, diag);
}

static void measure(struct request *r, const char *scenario, struct lc_diag *diag)
{
    const struct cli_common *common = r->measuring.common;
    const struct cli_output outputs[] = {{"--json", common->json}, {"--csv", r->csv}, {"--histograms", r->histograms}};
    struct lci_measure_table table = {0};
    if (scenario != NULL && take_scenario(r, scenario, diag) != 0)
        return;
    const size_t count = r->measuring.trace_count;
    const char **inputs = lc_calloc(count + 2, sizeof *inputs);
    memcpy(inputs, r->measuring.traces, count * sizeof *inputs);
    inputs[count] = scenario;
    inputs[count + 1] = r->measuring.activities;
    if (cli_check_outputs(&(struct cli_outputs){outputs, 3, inputs, count + 2}, diag) == 0 &&
        measure_traces(&r->measuring, &table, diag) == 0) {
        if (r->csv != NULL)
            write_csv(r->csv, lci_measure_table_write, &table, diag);
        if (r->histograms != NULL)
            write_csv(r->histograms, lci_measure_table_write_bins, &table, diag);
        if (common->json != NULL)
            write_json(r, &table, diag);
        if (!cli_is_stdout(r->csv) && !cli_is_stdout(r->histograms) && !cli_is_stdout(common->json))
            measures_text(stdout, &table, r->all);
    }
    lci_measure_table_free(&table);
    free(inputs);
}

static int run(int argc, char **argv)
{
    struct request r = {0};
    struct measuring_clock clock = {0};
    struct cli_common common;
    struct cli_option options[] = {
        MEASURING_OPTIONS(r.measuring, clock),
        {"merge-runs", 0, CLI_FLAG, NULL, "measure all runs of a release as one", &r.measuring.merge_runs},
        {"all", 'a', CLI_FLAG, NULL, "the table shows every operation, table, queue and dispatch", &r.all},
        {"csv", 0, CLI_TEXT, "FILE|-", "write every measure, a line each, always in the same order", &r.csv},
        {"histograms", 0, CLI_TEXT, "FILE|-", "write how often each operation's self time lay in which bin",
         &r.histograms},
        PULL_OPTIONS(r.pulling),
        {"interval", 0, CLI_TIME, "T", "rates of a pipeline's steps are counted in intervals of so long (1 s)",
         &r.measuring.interval},
        {"literal", 0, CLI_FLAG, NULL, "rosebery's throughput, arrival rate and capacity as its equations stand, too",
         &r.measuring.literal},
        {0},
    };
    r.measuring.common = &common;
    const int operands = cli_parse(&cmd_measure, argc, argv, options, &common);
    pull_check(&cmd_measure, &r.pulling);
    if (operands == 0 && r.pulling.from.count == 0)
        cli_usage_error(&cmd_measure, "expected traces, or a scenario");
    const bool scenario = operands > 0 && is_scenario(argv[0]);
    if (scenario && operands > 1)
        cli_usage_error(&cmd_measure, "expected one scenario, or traces; %d operands are given", operands);
    if (r.measuring.interval != 0 && !(r.measuring.interval >= 1e-3 && r.measuring.interval < 1e9))
        cli_usage_error(&cmd_measure, "--interval: expected a time of 1 ms or more");
    measuring_check(&cmd_measure, &r.measuring, &clock);
    struct lc_diag diag = {0};
    const enum lc_status status = pull_all(&r.pulling, operands, argv, &common);
    r.measuring.traces = (const char *const *)r.pulling.names;
    r.measuring.trace_count = (size_t)r.pulling.count;
    if (status == LC_OK)
        measure(&r, scenario ? argv[0] : NULL, &diag);
    lc_scenario_free(r.scenario);
    pulling_free(&r.pulling);
    return (int)(status != LC_OK ? status : cli_report(&diag, &common));
}

const struct cli_command cmd_measure = {
    .name = "measure",
    .usage = "TRACES… | SCENARIO.yaml [options]",
    .summary = "What tests did to the system: requests, times, database reads and writes, API calls, jobs",
    .details = "Counts in the traces of each activity (test), release and run, as a whole and for each operation. An\n"
               "activity's traces are those that begin in its window (--activities), or whose spans name it (--by);\n"
               "without either all traces are one. Every measure has a count, mean, median, mode and 95th percentile;\n"
               "CSV and JSON hold them all, always in the same order, so that two releases can be compared.\n\n"
               "  loadcast measure traces/ --activities activities.jsonl\n"
               "  loadcast measure traces/ --by test.case.name --release-by service.version --csv measures.csv\n"
               "  loadcast measure shop.yaml --json -",
    .run = run,
};
