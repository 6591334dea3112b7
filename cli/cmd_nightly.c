/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast nightly: what a release does to the system, in one command. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/output.h"
#include "base/text.h"
#include "commands.h"
#include "history/store.h"
#include "last_good.h"
#include "measuring.h"
#include "prepare.h"
#include "pulling.h"
#include "recording.h"
#include "render/writers.h"
#include "trend/trend.h"

/* What is written into the folder, by the rows of verdict_writers; NULL: the text. */
static const struct {
    const char *writer, *file;
} files[] = {
    {"json", "result.json"},
    {"json-summary", "summary.json"},
    {"junit", "junit.xml"},
    {"markdown", "summary.md"},
    {"annotations", "annotations.txt"},
    {"code-quality", "code-quality.json"},
    {"report", "report.html"},
    {NULL, "report.txt"},
};
enum { FILES = sizeof files / sizeof *files };

struct request {
    struct cli_common common;
    struct measuring measuring;
    struct cli_texts traces;
    struct pulling pulling;
    const char *scenario, *history_file, *out;
    char *paths[FILES + 1]; /* the comparison's is the last */
    struct history *history;
    struct prepared prepared;
    struct gate_outcomes gates;
    char *comparison; /* with the last good release, as a text */
};

/* ---- what is asked ----------------------------------------------------------------------------------------------- */

/* The night's traces and tests take the place of those that the scenario names. */
static int read_scenario(struct request *q, struct lc_diag *diag)
{
    struct lc_scenario *s = q->prepared.scenario = lc_scenario_read(q->scenario, diag);
    if (s == NULL)
        return -1;
    const size_t count = (size_t)q->pulling.count;
    if ((count > 0 || s->traces == NULL) && take_traces(s, (const char *const *)q->pulling.names, count, diag) != 0)
        return -1;
    if (q->measuring.activities != NULL) {
        free(s->activities);
        s->activities = lc_strdup(q->measuring.activities);
    } else if (q->measuring.associations.by == NULL) {
        q->measuring.activities = s->activities;
    }
    if (q->common.seed_given)
        s->simulation.seed = q->common.seed;
    return check_read_again(s, diag);
}

static int check_outputs(struct request *q, struct lc_diag *diag)
{
    struct cli_output outputs[FILES + 2];
    for (size_t i = 0; i < FILES; i++) {
        q->paths[i] = lc_format("%s/%s", q->out, files[i].file);
        outputs[i] = (struct cli_output){"--out", q->paths[i]};
    }
    q->paths[FILES] = lc_format("%s/comparison.txt", q->out);
    outputs[FILES] = (struct cli_output){"--out", q->paths[FILES]};
    outputs[FILES + 1] = (struct cli_output){"--json", q->common.json};
    return check_scenario_outputs(outputs, FILES + 2, q->scenario, q->prepared.scenario,
                                  (const char *[]){q->history_file, NULL}, diag);
}

/* ---- the night --------------------------------------------------------------------------------------------------- */

/* Rows of the release. Where windows or keys tell of others, these are left out, here and when the model is learned;
 * else all traces are of it, whether they say so or not. */
static int measure(struct request *q, struct history_record *record, struct lc_diag *diag)
{
    struct lci_measure_table all = {0};
    size_t others = 0;
    struct measuring *m = &q->measuring;
    m->traces = (const char *const *)q->prepared.scenario->traces;
    m->trace_count = 0;
    while (m->traces[m->trace_count] != NULL)
        m->trace_count++;
    m->merge_runs = true;
    m->common = &q->common;
    m->strict = q->prepared.strict;
    const int status = measure_traces(m, &all, diag);
    for (size_t i = 0; i < all.count; i++) {
        struct lci_measure_row row = all.items[i];
        if (strcmp(row.release, record->release) != 0) {
            others++;
            continue;
        }
        row.run = record->run;
        lci_measure_table_add(&record->measures, &row);
    }
    if (status == 0 && record->measures.count == 0)
        lc_error(diag, LC_INPUT, NULL,
                 "no trace is of release '%s'; expected traces in its windows, or without a release", record->release);
    else if (others > 0)
        lc_note(diag, NULL, "%zu measures of other releases than '%s' are left out", others, record->release);
    struct lc_scenario *s = q->prepared.scenario;
    free(s->release);
    s->release = others > 0 ? lc_strdup(record->release) : NULL;
    lci_measure_table_free(&all);
    return status == 0 && record->measures.count > 0 ? 0 : -1;
}

static void write_comparison(const struct request *q, struct lc_diag *diag)
{
    struct lci_output *output = lci_output_open(q->paths[FILES], diag);
    if (output == NULL)
        return;
    fputs(q->gates.against != NULL ? q->comparison : "There is no release to compare with yet.\n",
          lci_output_stream(output));
    lci_output_close(output, diag);
}

static void write_outputs(const struct request *q, struct lc_diag *diag)
{
    const struct prepared *p = &q->prepared;
    json_t *trends = trend_of_history(q->history, diag);
    const struct page page = {.verdict = p->verdict,
                              .learned = &p->learned,
                              .reading = &p->extraction.reading,
                              .gates = p->scenario->gate_count > 0 ? &q->gates : NULL,
                              .trends = trends,
                              .file = q->scenario,
                              .seconds = p->seconds,
                              .stopped_by = cli_stopped_by(),
                              .verbose = q->common.verbose,
                              .colour = !q->common.no_color && cli_is_terminal(STDOUT_FILENO),
                              .out = stdout};
    for (size_t i = 0; i < FILES; i++)
        for (const struct writer *w = verdict_writers; w->write != NULL; w++)
            if (files[i].writer != NULL ? w->option != NULL && strcmp(w->option, files[i].writer) == 0
                                        : w->option == NULL)
                write_file(w, q->paths[i], &page, diag);
    write_comparison(q, diag);
    write_all(verdict_writers, (const char *[WRITERS_MOST]){q->common.json}, &page, diag);
    json_decref(trends);
}

static enum lc_status night(struct request *q, struct history_record *record, struct lc_diag *diag)
{
    struct prepared *p = &q->prepared;
    if (measure(q, record, diag) != 0 || prepare(p, diag) != 0)
        return LC_OK; /* the messages say what is wrong */
    p->scenario->simulation.stop = cli_stop();
    if (prepared_predict(p, diag) != 0)
        return LC_OK;
    recording_fill(record, p);
    if (last_good_compare(q->history, record, p->scenario, &q->gates, &q->comparison, diag) != 0)
        return LC_OK;
    return gates_broken(&q->gates) > 0 ? LC_MISSED : p->verdict->status;
}

static enum lc_status answer(struct request *q, struct lc_diag *diag)
{
    if (read_scenario(q, diag) != 0 || lci_folder_make(q->out, q->out, diag) != 0 || check_outputs(q, diag) != 0 ||
        (q->history = history_open(q->history_file, true, diag)) == NULL)
        return LC_OK;
    struct history_records records = {0};
    const char *run = q->measuring.associations.run;
    struct history_record *record =
        history_records_of(&records, q->measuring.associations.release, run != NULL ? run : "");
    enum lc_status status = night(q, record, diag);
    const enum lc_status wrong = cli_report(diag, &q->common);
    if (wrong == LC_OK && q->prepared.verdict != NULL) {
        recording_judge(record, &q->prepared, q->prepared.scenario->gate_count > 0 ? &q->gates : NULL, status);
        if (cli_stopped() == 0)
            history_write(q->history, &records, diag);
        else
            lc_warn(diag, NULL, "what is partial is not kept in '%s'", q->history_file);
        write_outputs(q, diag);
    }
    history_records_free(&records);
    return wrong != LC_OK ? wrong : status;
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static void check_usage(const struct request *q, int operands)
{
    if (operands != 1)
        cli_usage_error(&cmd_nightly, "expected one scenario, and %d are given", operands);
    if (q->measuring.associations.release == NULL || *q->measuring.associations.release == 0)
        cli_usage_error(&cmd_nightly, "expected --release R: which release the traces are of");
    if (q->history_file == NULL || *q->history_file == 0)
        cli_usage_error(&cmd_nightly, "expected --history FILE: where releases are kept");
    if (q->out == NULL || *q->out == 0)
        cli_usage_error(&cmd_nightly, "expected --out DIR: where the reports go");
}

static int execute(int argc, char **argv)
{
    struct request q = {.prepared = {.started = lci_seconds()}};
    struct measuring_clock clock = {0};
    struct cli_option options[] = {
        MEASURING_OPTIONS(q.measuring, clock),
        {"traces", 0, CLI_TEXTS, "DIR", "the traces of the night, instead of the scenario's; may be repeated",
         &q.traces},
        {"history", 0, CLI_TEXT, "FILE", "the history of releases, to compare with and to add to", &q.history_file},
        {"out", 0, CLI_TEXT, "DIR", "where the reports go", &q.out},
        CLI_OPTION_CACHE(&q.prepared.folder),
        PULL_OPTIONS(q.pulling),
        {0},
    };
    const int operands = cli_parse(&cmd_nightly, argc, argv, options, &q.common);
    check_usage(&q, operands);
    measuring_check(&cmd_nightly, &q.measuring, &clock);
    pull_check(&cmd_nightly, &q.pulling);
    q.scenario = argv[0];
    q.prepared.common = &q.common;
    q.prepared.strict = q.measuring.strict;
    struct lc_diag diag = {0};
    enum lc_status status = pull_all(&q.pulling, (int)q.traces.count, (char **)q.traces.items, &q.common);
    if (status == LC_OK)
        status = answer(&q, &diag);
    const enum lc_status wrong = cli_report(&diag, &q.common);
    history_close(q.history);
    gate_outcomes_free(&q.gates);
    prepared_free(&q.prepared);
    for (size_t i = 0; i <= FILES; i++)
        free(q.paths[i]);
    free(q.comparison);
    free(q.traces.items);
    pulling_free(&q.pulling);
    return (int)(wrong != LC_OK ? wrong : status);
}

const struct cli_command cmd_nightly = {
    .name = "nightly",
    .usage = "SCENARIO.yaml --traces DIR --release R --history FILE --out DIR [options]",
    .summary = "The nightly job: measures, learns, predicts, compares with the last good release, records, reports",
    .details =
        "The traces of the night are measured, and the scenario is answered with a model that is learned from them.\n"
        "Both are held against the last release in the history whose goals and gates are met, and recorded there.\n"
        "Another job of the same release and run replaces what was recorded.\n\n"
        "DIR holds report.html (for people), report.txt, comparison.txt, summary.md (GitHub step summary), "
        "annotations.txt (GitHub\n"
        "workflow commands), junit.xml, code-quality.json (GitLab), result.json and summary.json (under 10 kB).\n\n"
        "Exit status: 0 goals and gates are met; 1 one is not; 3 wrong input; 4 the machine failed; 5 undecided.\n\n"
        "example: loadcast nightly shop.yaml --traces traces/ --release 5.4.0 --history history.db --out report/",
    .run = execute,
};
