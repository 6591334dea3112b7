/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast backtest: does the model predict what was measured? */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "commands.h"
#include "first_scenario.h"
#include "loadcast/backtest.h"
#include "measured_mix.h"
#include "prepare.h"
#include "pulling.h"
#include "render/backtest_render.h"

#define TOLERANCE 0.1 /* unless one is stated: off by less is near enough */

struct backtest_options {
    struct cli_common common;
    const char *report;
    struct cli_texts measured;
    double tolerance;
    struct pulling pulling;
};

/* The windows of the quiet bins; the caller frees the array. */
static struct lc_interval *quiet_windows(const struct lc_load_bins *bins, size_t *count)
{
    struct lc_interval *within = lc_calloc(bins->window_count + 1, sizeof *within);
    *count = 0;
    for (size_t i = 0; i < bins->window_count; i++)
        if (bins->windows[i].bin < bins->quiet)
            within[(*count)++] = bins->windows[i].time;
    return within;
}

static void one_load(const struct lc_load_bins *bins, struct lc_diag *diag)
{
    if (bins->count == 0)
        lc_error(diag, LC_INPUT, NULL, "there are no traces of requests to compare with");
    else
        lc_error(
            diag, LC_UNDECIDED, NULL,
            "the traces are of one load, %.3g requests/s: a model that was learned from it cannot be compared with "
            "anything busier; add a recording at 1.25 times that load or more",
            bins->bins[bins->count - 1].rate);
}

static void write_all(const struct backtest_page *page, const struct backtest_options *o, struct lc_diag *diag)
{
    if (!cli_is_stdout(o->common.json))
        backtest_text(page, stdout);
    if (o->common.json != NULL)
        backtest_json(page, o->common.json, diag);
    if (o->report != NULL)
        backtest_html(page, o->report, diag);
}

/* What is stated as a tolerance is a goal. */
static enum lc_status status_of(const struct lc_backtest *backtest, bool goal)
{
    bool broken = false, left_out = false;
    for (size_t i = 0; i < backtest->count; i++) {
        broken |= backtest->levels[i].broken > 0;
        left_out |= !backtest->levels[i].simulated;
    }
    return broken && goal ? LC_MISSED : left_out ? LC_UNDECIDED : LC_OK;
}

static enum lc_status compare(struct prepared *p, const struct lc_measured *measured, const struct backtest_options *o,
                              struct lc_diag *diag)
{
    struct lc_backtest backtest = {0};
    enum lc_status status = LC_OK;
    cli_progress_start(&p->progress, "simulating", "", p->common);
    p->scenario->simulation.stop = cli_stop();
    const int done = lc_backtest(p->verdict, measured, o->tolerance > 0 ? o->tolerance : TOLERANCE, &backtest, diag);
    cli_progress_end(&p->progress);
    if (done == 0) {
        const enum lc_status wrong = cli_report(diag, &o->common);
        const struct backtest_page page = {.backtest = &backtest,
                                           .title = p->scenario->name,
                                           .stopped_by = cli_stopped_by(),
                                           .verbose = o->common.verbose};
        write_all(&page, o, diag);
        status = wrong != LC_OK ? wrong : status_of(&backtest, o->tolerance > 0);
    }
    lc_backtest_free(&backtest);
    return status;
}

static enum lc_status from_traces(struct prepared *p, const struct backtest_options *o, struct lc_diag *diag)
{
    struct lc_learned learned;
    enum lc_status status = LC_OK;
    if (prepare_learned(p, &learned, diag) == 0) {
        if (learned.bins.quiet == learned.bins.count) {
            one_load(&learned.bins, diag);
        } else {
            struct lc_interval *within = quiet_windows(&learned.bins, &p->within_count);
            p->within = within;
            if (prepare(p, diag) == 0)
                status = compare(p, &learned.measured, o, diag);
            free(within);
            p->within = NULL;
        }
    }
    lc_learned_free(&learned);
    return status;
}

static enum lc_status from_measurements(struct prepared *p, const struct backtest_options *o, struct lc_diag *diag)
{
    struct lc_measured measured = {0};
    enum lc_status status = LC_OK;
    bool read = true;
    for (size_t i = 0; i < o->measured.count; i++)
        read = lc_measured_read(o->measured.items[i], &measured, diag) == 0 && read;
    const size_t left_out = read ? measured_leave_out_unknown(p->scenario, &measured) : 0;
    if (left_out > 0)
        lc_warn(diag, NULL,
                "%zu times are left out: their load is not known, because neither the throughput of a workload nor of "
                "the service that it enters was measured",
                left_out);
    if (read && measured.count == 0)
        lc_error(diag, LC_INPUT, NULL,
                 "no load is known at which anything was measured; expected 'load', 'rate', or the "
                 "throughput of the workloads");
    else if (read && prepare(p, diag) == 0) {
        measured_find_mixes(p->scenario, &measured, diag);
        status = compare(p, &measured, o, diag);
    }
    lc_measured_free(&measured);
    return status;
}

static enum lc_status backtest(struct prepared *p, const char *file, const struct backtest_options *o,
                               struct lc_diag *diag)
{
    const struct cli_output outputs[] = {{"--json", o->common.json}, {"--report", o->report}};
    if (check_scenario_outputs(outputs, 2, file, p->scenario, o->measured.items, diag) != 0)
        return LC_OK;
    if (o->common.seed_given)
        p->scenario->simulation.seed = o->common.seed;
    if (o->measured.count > 0)
        return from_measurements(p, o, diag);
    if (p->scenario->traces != NULL)
        return check_read_again(p->scenario, diag) == 0 ? from_traces(p, o, diag) : LC_OK;
    lc_error(
        diag, LC_INPUT, NULL,
        "the scenario names a model: there are no traces to compare it with; name a load test with --measured FILE");
    return LC_OK;
}

static int execute(int argc, char **argv)
{
    struct backtest_options o = {0};
    struct prepared prepared = {.common = &o.common, .started = lci_seconds()};
    struct cli_option options[] = {
        {"report", 0, CLI_TEXT, "FILE.html", "the curves and all figures as a page", &o.report},
        {"measured", 0, CLI_TEXTS, "FILE",
         "compare with a load test instead: CSV, Prometheus, k6, wrk, JMeter; may be repeated", &o.measured},
        {"tolerance", 0, CLI_FRACTION, "PART",
         "a figure that is off by more, beyond chance, ends with status 1 (10 %, and status 0)", &o.tolerance},
        CLI_OPTION_CACHE(&prepared.folder),
        CLI_OPTION_STRICT(&prepared.strict),
        PULL_OPTIONS(o.pulling),
        {0},
    };
    const int operands = cli_parse(&cmd_backtest, argc, argv, options, &o.common);
    pull_check(&cmd_backtest, &o.pulling);
    if (operands == 0 && o.pulling.from.count == 0)
        cli_usage_error(&cmd_backtest, "no scenario is named, and no traces");
    if (operands > 1 && names_scenario(operands, argv))
        cli_usage_error(&cmd_backtest, "one scenario at a time, or only traces");
    cli_check_page(&cmd_backtest, o.report);
    struct lc_diag diag = {0};
    enum lc_status status = pull_all(&o.pulling, operands, argv, &o.common);
    if (status == LC_OK)
        prepared.scenario = scenario_of(
            o.pulling.count, o.pulling.names,
            &(struct scenario_source){.common = &o.common, .cache = prepared.folder, .strict = prepared.strict}, &diag);
    if (prepared.scenario != NULL)
        status = backtest(&prepared, o.pulling.names[0], &o, &diag);
    const enum lc_status wrong = cli_report(&diag, &o.common);
    prepared_free(&prepared);
    free(o.measured.items);
    pulling_free(&o.pulling);
    return (int)(wrong != LC_OK ? wrong : status);
}

const struct cli_command cmd_backtest = {
    .name = "backtest",
    .usage = "SCENARIO.yaml | TRACES… [options]",
    .summary = "Learns from the quiet part of the traces, predicts the busy one, and compares",
    .details =
        "The recorded time is cut by the load that was on. The model is learned from the quietest part alone; what it\n"
        "predicts at each busier load stands beside what was recorded there, with the errors of both, and the answer\n"
        "is the largest load at which it still holds. With --measured the model of all traces, or the one that the\n"
        "scenario names, is held against a load test.\n\n"
        "Exit status: 0 done; 1 a stated --tolerance is broken; 3 wrong input; 5 the traces are of one load.\n\n"
        "example: loadcast backtest shop.yaml --report backtest.html",
    .run = execute,
};
