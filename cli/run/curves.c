/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mode: transient: every point gives curves over time. Nothing is refined: as many runs as were asked for. */
#include <math.h>
#include <stdlib.h>

#include "questions.h"
#include "render/curve_goals.h"
#include "render/curves.h"
#include "render/json.h"
#include "render/questions_render.h"
#include "render/recorded.h"
#include "render/verdict.h"
#include "run.h"

struct bar {
    struct cli_progress progress;
    double finished, total;
};

static void show(void *context, double done, double precision)
{
    struct bar *bar = context;
    (void)precision;
    cli_progress_show(&bar->progress, bar->finished + done, bar->total);
}

static int simulate(const struct run *run, struct run_point *p, double seconds, struct bar *bar, struct lc_diag *diag)
{
    struct lc_transient_options options = run->scenario->curves;
    options.duration /= run->time_unit;
    options.step /= run->time_unit;
    options.warmup /= run->time_unit;
    options.seed = run->scenario->simulation.seed;
    options.jobs = run->common->jobs;
    options.max_time_s = seconds;
    options.max_queue = run->scenario->simulation.max_queue;
    options.stop = run->scenario->simulation.stop;
    options.progress = show;
    options.context = bar;
    struct lc_slower *slower = run_slower(run, &options.slower_count);
    options.slower = slower;
    bool *counted = run_counted(run, p);
    options.counted = counted;
    p->curves = lc_simulate_transient(p->model, &options, diag);
    free(slower);
    free(counted);
    if (p->curves != NULL)
        run_judge_curves(run, p);
    if (p->curves != NULL && p->curves->replications < options.replications)
        lc_warn(diag, NULL, "load %s: %u of %u runs were complete in the time allowed", p->label,
                p->curves->replications, options.replications);
    return p->curves != NULL ? 0 : -1;
}

int run_curves(struct run *run, struct lc_diag *diag)
{
    if (run_points(run, diag) != 0)
        return -1;
    const double deadline = cli_seconds() + run->scenario->simulation.max_time_s;
    struct bar bar = {.total = (double)run->point_count};
    int status = 0;
    cli_progress_start(&bar.progress, "simulating", "", run->common);
    for (size_t i = 0; i < run->point_count && status == 0; i++) {
        const double share = fmax(deadline - cli_seconds(), 0.01) / (double)(run->point_count - i);
        status = simulate(run, &run->points[i], share, &bar, diag);
        bar.finished++;
    }
    cli_progress_end(&bar.progress);
    if (status == 0)
        status = run_predict_recorded(run, diag);
    run->seconds = cli_seconds() - run->started;
    return status;
}

void run_curves_text(const struct run *run, FILE *out)
{
    fprintf(out, "%s\n", run->scenario->name);
    for (size_t i = 0; i < run->point_count; i++) {
        const struct run_point *p = &run->points[i];
        fprintf(out, "\n── load %s ──\n", p->label);
        curves_text(p->curves, run->time_unit, run->common->verbose, out);
        print_cost_curves(run, p, out);
        curve_goals_text(run, p, out);
    }
    const struct page page = {.run = run, .out = out};
    print_recorded(&page);
    fprintf(out, "\nTook %.1f s.\n", run->seconds);
}

int run_curves_json(const struct run *run, const char *file, struct lc_diag *diag)
{
    json_t *points = json_array();
    for (size_t i = 0; i < run->point_count; i++) {
        const struct run_point *p = &run->points[i];
        json_t *goals = json_array();
        for (size_t g = 0; g < p->goal_count; g++)
            json_array_append_new(goals, (json_t *)verdict_goal_json(run, &p->goals[g]));
        json_array_append_new(points, json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "label", p->label, "factor",
                                                cli_json_number(p->load->factor), "change",
                                                p->change != NULL ? json_string(p->change->name) : json_null(),
                                                "result", json_null(), "goals", goals, "transient",
                                                curves_json(p->curves), "cost", (json_t *)cost_curves_json(run, p)));
    }
    json_t *root =
        json_pack("{s:s, s:s, s:i, s:o, s:f}", "schema", "loadcast.verdict/1", "scenario", run->scenario->name,
                  "status", (int)run_curves_status(run), "points", points, "elapsed_s", run->seconds);
    if (run->learned_model)
        json_object_set_new(root, "recorded", recorded_json(run));
    return cli_json_write(root, CLI_JSON_SIMULATED, file, diag);
}

enum lc_status run_curves_status(const struct run *run)
{
    enum lc_status status = LC_OK;
    for (size_t i = 0; i < run->point_count; i++) {
        const struct lc_transient *t = run->points[i].curves;
        if (t->recovery.judged && !t->recovery.recovered)
            return LC_MISSED;
        if (!t->complete)
            status = LC_UNDECIDED;
        for (size_t g = 0; g < run->points[i].goal_count; g++) {
            const enum lc_judgement judgement = run->points[i].goals[g].judgement;
            const bool swept = run->points[i].change != NULL && run->points[i].change->swept;
            if (judgement == LC_GOAL_MISSED)
                return LC_MISSED;
            if (judgement == LC_GOAL_UNDECIDED && !swept)
                status = LC_UNDECIDED;
        }
    }
    return status;
}
