/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast trend: what the history says. */
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "commands.h"
#include "trend/trend.h"

struct request {
    struct cli_common common;
    const char *file, *csv;
    struct history_wanted wanted;
    struct trend_options options;
    unsigned least;
};

static void write_file(const struct request *q, const struct trends *trends, const char *file, struct lc_diag *diag)
{
    if (file == NULL)
        return;
    struct lci_output *output = lci_output_open(file, diag);
    if (output == NULL)
        return;
    if (file == q->csv)
        trend_csv(trends, lci_output_stream(output));
    else if (trend_json(trends, lci_output_stream(output), diag) != 0) {
        lci_output_abandon(output);
        return;
    }
    lci_output_close(output, diag);
}

static void tell(struct request *q, const struct history_runs *runs, const struct history_table *table,
                 struct lc_diag *diag)
{
    if (table->count == 0) {
        lc_error(diag, LC_INPUT, NULL,
                 "%s: none of %zu runs has such a measure; expected a measure%s%s, a service or an operation that "
                 "'history show' names",
                 q->file, runs->count, q->wanted.measure != NULL ? " other than " : "",
                 q->wanted.measure != NULL ? q->wanted.measure : "");
        return;
    }
    struct trends trends = trends_of(runs, table, &q->options);
    if (!cli_is_stdout(q->csv) && !cli_is_stdout(q->common.json))
        trend_text(&trends, stdout);
    write_file(q, &trends, q->csv, diag);
    write_file(q, &trends, q->common.json, diag);
    trends_free(&trends);
}

static void answer(struct request *q, struct lc_diag *diag)
{
    const struct cli_output outputs[] = {{"--json", q->common.json}, {"--csv", q->csv}};
    if (cli_check_outputs(&(struct cli_outputs){outputs, 2, &q->file, 1}, diag) != 0)
        return;
    struct history *history = history_open(q->file, false, diag);
    struct history_runs runs = {0};
    struct history_table table = {0};
    if (history != NULL && history_runs(history, &runs, diag) == 0 &&
        trend_gather(history, &runs, &q->wanted, &table, diag) == 0)
        tell(q, &runs, &table, diag);
    history_table_free(&table);
    history_runs_free(&runs);
    history_close(history);
}

static int execute(int argc, char **argv)
{
    struct request q = {.options = {.changes = lci_change_defaults, .limit = TREND_LIMIT}, .least = 2};
    struct cli_option options[] = {
        {"history", 0, CLI_TEXT, "FILE", "the history (see 'loadcast history')", &q.file},
        {"measure", 0, CLI_TEXT, "NAME", "only this measure, with * for any text", &q.wanted.measure},
        {"activity", 0, CLI_TEXT, "NAME", "only this activity, with * for any text", &q.wanted.activity},
        {"service", 0, CLI_TEXT, "NAME", "only this service or component, likewise (whole activities)",
         &q.wanted.service},
        {"operation", 0, CLI_TEXT, "NAME", "only this operation, likewise", &q.wanted.operation},
        {"csv", 0, CLI_TEXT, "FILE|-", "write a row for each value", &q.csv},
        {"level", 0, CLI_FRACTION, "PART", "of the test of a change (0.001)", &q.options.changes.level},
        {"min-size", 0, CLI_COUNT, "N", "runs before and after a change, at the least (2)", &q.least},
        {"min-change", 0, CLI_FRACTION, "PART", "changes of the mean that are smaller are none (any)",
         &q.options.changes.magnitude},
        {"limit", 0, CLI_FRACTION, "PART", "utilization that a component should not pass (80 %)", &q.options.limit},
        {0},
    };
    const int operands = cli_parse(&cmd_trend, argc, argv, options, &q.common);
    if (operands > 0)
        cli_usage_error(&cmd_trend, "expected options only, found '%s'", argv[0]);
    if (q.file == NULL || *q.file == 0)
        cli_usage_error(&cmd_trend, "no history is named; expected --history FILE");
    if (!(q.options.changes.level > 0 && q.options.changes.level < 1))
        cli_usage_error(&cmd_trend, "--level: expected a part between 0 and 1, such as 0.001");
    if (!(q.options.changes.magnitude >= 0))
        cli_usage_error(&cmd_trend, "--min-change: expected a part of the mean, such as '5 %%'");
    if (q.least < 1 || q.least > 100)
        cli_usage_error(&cmd_trend, "--min-size: expected 1 to 100");
    q.options.changes.least = q.least;
    struct lc_diag diag = {0};
    answer(&q, &diag);
    return (int)cli_report(&diag, &q.common);
}

const struct cli_command cmd_trend = {
    .name = "trend",
    .usage = "--history FILE [options]",
    .summary = "Shows measures and predictions over releases: changes, slopes, and what lies ahead",
    .details =
        "A line for each measure and each predicted load: its values from release to release, the first and the last,\n"
        "and the slope a release since the last change, with its 95 % interval. Then the releases at which a level\n"
        "changed, and which component passes its limit in how many releases if it goes on so. Releases stand in the\n"
        "order in which they were first recorded.\n\n"
        "Exit status: 0 done; 3 a wrong file, or no measure in it matches.\n\n"
        "example: loadcast trend --history history.db --measure 'db_*'",
    .run = execute,
};
