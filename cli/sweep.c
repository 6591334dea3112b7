/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep.h"

#include "base/buffer.h"
#include "base/csv.h"
#include "base/output.h"
#include "base/text.h"
#include "loadcast/format.h"
#include "render/json.h"
#include "render/result_table.h"
#include "sim/elsewhere.h"

#include <ctype.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the points go as they are done. */
struct run {
    struct lci_sweep *sweep;
    const struct cli_common *common;
    struct lc_diag *diag;
    size_t points, done;
    struct cli_progress progress;
    bool csv, tables, all;
    char *text; /* for standard output, which waits until the progress bar is gone; owned */
    size_t length;
    FILE *out;
    struct lci_output *json;                 /* NULL: not wanted */
    size_t unsure;                           /* points whose precision was not reached, or that did not converge */
    struct lc_sim_options *simulation;       /* or */
    const struct lc_solve_options *solution; /* is NULL */
};

/* "$x = 2, $y = 0.5"; owned by the caller. */
static char *values_text(const struct lci_sweep *sweep)
{
    const struct lci_sweep_value *v;
    const size_t count = lci_sweep_variables(sweep, &v);
    struct lci_buffer parts = {0};
    char number[32];
    for (size_t i = 0; i < count; i++) {
        lci_buffer_join(&parts, ", ", "$%s = %s", v[i].name, lci_number_text(v[i].value, number));
    }
    return lci_buffer_take(&parts);
}

/* ---- a point in each format -------------------------------------------------------------------------------------- */

/* Six digits, as LQNS prints its reports. */
static void put_row(struct run *r, const struct lci_sweep_value *values, size_t count, bool first)
{
    for (size_t i = 0; i < count; i++)
        fprintf(r->out, "%s%.6g", first && i == 0 ? "" : ", ", values[i].value);
}

/* A variable, or the text of an expression. */
static void put_names(struct run *r, const struct lci_sweep_value *values, size_t count, bool first)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = values[i].name;
        bool word = true;
        for (const char *c = name; *c != 0; c++)
            word = word && (isalnum((unsigned char)*c) || *c == '_');
        fputs(first && i == 0 ? "" : ", ", r->out);
        if (word)
            fprintf(r->out, "$%s", name);
        else
            lci_csv_cell(r->out, name);
    }
}

/* The report; without one, the number of the run, parameters and observations. */
static void put_csv(struct run *r, void (*put)(struct run *, const struct lci_sweep_value *, size_t, bool))
{
    const struct lci_sweep_value *v;
    size_t count;
    if (lci_sweep_has_report(r->sweep)) {
        count = lci_sweep_report(r->sweep, &v);
        put(r, v, count, true);
    } else {
        const struct lci_sweep_value run = {"0", (double)r->done + 1};
        put(r, &run, 1, true);
        count = lci_sweep_variables(r->sweep, &v);
        put(r, v, count, false);
        count = lci_sweep_observations(r->sweep, &v);
        put(r, v, count, false);
    }
    putc('\n', r->out);
}

static json_t *numbers(const struct lci_sweep_value *values, size_t count)
{
    json_t *object = json_object();
    for (size_t i = 0; i < count; i++)
        json_object_set_new(object, values[i].name, cli_json_number(values[i].value));
    return object;
}

static void put_json(struct run *r, const struct lc_result *result)
{
    const struct lci_sweep_value *v;
    json_t *point = json_object();
    size_t count = lci_sweep_variables(r->sweep, &v);
    json_object_set_new(point, "variables", numbers(v, count));
    count = lci_sweep_observations(r->sweep, &v);
    json_object_set_new(point, "observations", numbers(v, count));
    count = lci_sweep_report(r->sweep, &v);
    json_object_set_new(point, "report", numbers(v, count));
    json_object_set_new(point, "result", result != NULL ? lc_result_json(result) : json_null());
    FILE *out = lci_output_stream(r->json);
    fputs(r->done > 0 ? ",\n" : "\n", out);
    json_dumpf(point, out, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    json_decref(point);
}

static void put_table(struct run *r, const struct lc_result *result)
{
    const bool colour = !r->common->no_color && cli_is_terminal(STDOUT_FILENO);
    char *values = values_text(r->sweep);
    fprintf(r->out, "%sPoint %zu of %zu: %s\n\n", r->done > 0 ? "\n" : "", r->done + 1, r->points, values);
    free(values);
    if (result != NULL)
        result_table(result, r->all, colour, r->out);
    else
        fputs("no result\n", r->out);
}

/* ---- points ------------------------------------------------------------------------------------------------------ */

static void show(void *context, double done, double precision)
{
    struct run *r = context;
    (void)precision;
    cli_progress_show(&r->progress, (double)r->done + done, (double)r->points);
}

/* Points that are answered side by side: one, or some for each rank. */
struct window {
    struct run *run;
    struct point {
        struct lc_model *model;
        struct lc_result *result;
        struct lc_diag diag;
    } * points;
    size_t count;
    atomic_size_t next;
};

struct worker {
    struct window *window;
    unsigned rank; /* 0: this one */
    pthread_t thread;
    bool started;
};

static void *answer_some(void *argument)
{
    const struct worker *worker = argument;
    struct window *w = worker->window;
    const struct run *r = w->run;
    lci_elsewhere_bind(worker->rank);
    for (size_t i; (i = atomic_fetch_add(&w->next, 1)) < w->count;) {
        struct point *p = &w->points[i];
        struct lc_sim_options options = r->simulation != NULL ? *r->simulation : lc_sim_defaults();
        if (w->count > 1)
            options.progress = NULL; /* of one point, in some thread */
        if (p->model != NULL)
            p->result = r->solution != NULL ? lc_solve(p->model, r->solution, &p->diag)
                                            : lc_simulate(p->model, &options, &p->diag);
    }
    lci_elsewhere_bind(0);
    if (worker->rank > 0)
        lci_ranks_give(worker->rank);
    return NULL;
}

/* By all ranks; where there is one point only, its replications are what they share. */
static void answer_window(struct window *w)
{
    const unsigned wanted = w->count > 1 ? lci_ranks_count() - 1 : 0;
    unsigned *ranks = lc_calloc(wanted, sizeof *ranks);
    const unsigned taken = lci_ranks_take(wanted, ranks);
    struct worker *workers = lc_calloc(taken + 1, sizeof *workers);
    atomic_init(&w->next, 0);
    workers[0].window = w;
    for (unsigned i = 1; i <= taken; i++) {
        workers[i] = (struct worker){.window = w, .rank = ranks[i - 1]};
        workers[i].started = pthread_create(&workers[i].thread, NULL, answer_some, &workers[i]) == 0;
        if (!workers[i].started)
            lci_ranks_give(ranks[i - 1]);
    }
    answer_some(&workers[0]);
    for (unsigned i = 1; i <= taken; i++)
        if (workers[i].started)
            pthread_join(workers[i].thread, NULL);
    free(workers);
    free(ranks);
}

static void put_point(struct run *r, struct point *p)
{
    if (p->result != NULL)
        lci_sweep_observe(r->sweep, p->result, &p->diag);
    lc_diag_append(r->diag, &p->diag); /* points say the same again and again: each warning once */
    lc_diag_free(&p->diag);
    if (p->result == NULL) {
        char *values = values_text(r->sweep);
        lc_warn(r->diag, NULL, "point %zu of %zu (%s) has no result", r->done + 1, r->points, values);
        free(values);
    } else if (!p->result->converged) {
        r->unsure++;
    }
    if (r->csv && r->done == 0)
        put_csv(r, put_names);
    if (r->csv)
        put_csv(r, put_row);
    if (r->tables)
        put_table(r, p->result);
    if (r->json != NULL)
        put_json(r, p->result);
    lc_result_free(p->result);
    lc_model_free(p->model);
}

/* The values of the variables are those of the point that was selected last. */
static void select_again(struct run *r)
{
    struct lc_diag said = {0};
    lc_model_free(lci_sweep_select(r->sweep, r->done, &said));
    lc_diag_free(&said);
}

static void answer_points(struct run *r)
{
    struct lc_sim_options *simulation = r->simulation;
    const size_t ranks = lci_ranks_count(), most = simulation != NULL && ranks > 1 ? 4 * ranks : 1;
    const double end = simulation != NULL ? lci_seconds() + simulation->max_time_s : 0;
    const bool limited = simulation != NULL && simulation->max_time_s > 0;
    struct window w = {.run = r, .points = lc_calloc(most, sizeof *w.points)};
    cli_progress_start(&r->progress, simulation != NULL ? "simulating" : "solving", "points", r->common);
    if (simulation != NULL) {
        simulation->progress = show;
        simulation->context = r;
    }
    while (r->done < r->points && cli_stopped() == 0) {
        const size_t left = r->points - r->done;
        w.count = left < most ? left : most;
        if (limited) /* what is left is shared among the points that are left */
            simulation->max_time_s =
                fmax(1e-3, (end - lci_seconds()) / (double)left * (double)(w.count > 1 ? ranks : 1));
        for (size_t i = 0; i < w.count; i++) {
            w.points[i] = (struct point){.result = NULL};
            w.points[i].model = lci_sweep_select(r->sweep, r->done + i, &w.points[i].diag);
        }
        answer_window(&w);
        for (size_t i = 0; i < w.count; i++, r->done++) {
            if (w.count > 1)
                select_again(r);
            put_point(r, &w.points[i]);
        }
        if (simulation == NULL || w.count > 1)
            show(r, 0, 0);
    }
    free(w.points);
    cli_progress_end(&r->progress);
}

static bool start(struct run *r, const struct lc_model *model, const char *format)
{
    const struct cli_common *common = r->common;
    const bool json = strcmp(format, "json") == 0, taken = cli_is_stdout(common->json);
    r->csv = strcmp(format, "csv") == 0 && !taken;
    r->all = common->verbose || strcmp(format, "text") == 0;
    r->tables = (strcmp(format, "text") == 0 || strcmp(format, "table") == 0) && !taken;
    if (!r->csv && !r->tables && !json && !taken) {
        lc_error(r->diag, LC_INPUT, NULL,
                 "a sweep of %zu points is not one result in %s; expected table, text, csv or json", r->points, format);
        return false;
    }
    if (json || common->json != NULL) {
        r->json = lci_output_open(common->json != NULL ? common->json : "-", r->diag);
        if (r->json == NULL)
            return false;
        json_t *name = json_string(model->name != NULL ? model->name : "");
        char *text = json_dumps(name, JSON_ENCODE_ANY);
        fprintf(lci_output_stream(r->json), "{\"schema\": \"loadcast.sweep/1\", \"model\": %s, \"points\": [",
                text != NULL ? text : "\"\"");
        free(text);
        json_decref(name);
    }
    r->out = open_memstream(&r->text, &r->length);
    return r->out != NULL;
}

static void finish(struct run *r)
{
    if (r->tables && r->done < r->points)
        fprintf(r->out, "\nPartial: stopped by %s after %zu of %zu points.\n", cli_stopped_by(), r->done, r->points);
    fclose(r->out);
    fwrite(r->text, 1, r->length, stdout);
    free(r->text);
    if (r->json != NULL) {
        fprintf(lci_output_stream(r->json), "\n], \"partial\": %s}\n", r->done < r->points ? "true" : "false");
        lci_output_close(r->json, r->diag);
    }
}

/* All points, in each format that is wanted. False: an error was appended. */
static bool write_points(struct run *r, const struct lc_model *model, const char *format)
{
    if (format == NULL)
        format = lci_sweep_has_report(r->sweep) ? "csv" : "table";
    if (!start(r, model, format)) {
        if (r->json != NULL)
            lci_output_abandon(r->json);
        return false;
    }
    answer_points(r);
    finish(r);
    return true;
}

static enum lc_status status_of(const struct run *r)
{
    const enum lc_status status = lc_diag_status(r->diag);
    return status != LC_OK ? status : r->unsure > 0 ? LC_UNDECIDED : LC_OK;
}

enum lc_status sweep_simulate(struct lci_sweep *sweep, const struct lc_model *model, struct lc_sim_options *options,
                              const char *format, const struct cli_common *common, struct lc_diag *diag)
{
    struct run r = {
        .sweep = sweep, .common = common, .diag = diag, .points = lci_sweep_points(sweep), .simulation = options};
    const bool written = write_points(&r, model, format);
    if (written && r.done < r.points)
        lc_warn(diag, NULL, "%zu of %zu points were not simulated", r.points - r.done, r.points);
    else if (written && r.unsure > 0)
        lc_warn(diag, NULL, "the precision of %.3g %% was not reached in the time allowed at %zu of %zu points",
                100 * options->precision, r.unsure, r.points);
    return status_of(&r);
}

enum lc_status sweep_solve(struct lci_sweep *sweep, const struct lc_model *model,
                           const struct lc_solve_options *options, const char *format, const struct cli_common *common,
                           struct lc_diag *diag)
{
    struct lc_solve_options solving = *options;
    struct run r = {
        .sweep = sweep, .common = common, .diag = diag, .points = lci_sweep_points(sweep), .solution = &solving};
    solving.memory = lc_solve_memory_new();
    if (write_points(&r, model, format) && r.unsure > 0)
        lc_warn(diag, NULL, "%zu of %zu points did not converge (--tolerance, --iterations)", r.unsure, r.points);
    lc_solve_memory_free(solving.memory);
    return status_of(&r);
}

bool sweep_is_one(const struct lc_model *model, const char *instead, struct lc_diag *diag)
{
    if (model->variable_count + model->report_count + model->binding_count == 0)
        return true;
    struct lci_sweep *sweep = lci_sweep_new(model, diag);
    const size_t points = sweep != NULL ? lci_sweep_points(sweep) : 0;
    if (points > 1)
        lc_error(diag, LC_INPUT, NULL, "the model is a sweep of %zu points; %s", points, instead);
    lci_sweep_free(sweep);
    return points == 1;
}

struct lci_sweep *sweep_of(const struct lc_model *model, const char *format, struct lc_diag *diag)
{
    static const char *const of_sweeps[] = {"table", "text", "csv", "json"};
    bool one = format != NULL;
    for (size_t i = 0; one && i < sizeof of_sweeps / sizeof *of_sweeps; i++)
        one = strcmp(format, of_sweeps[i]) != 0;
    if (model->variable_count + model->report_count + model->binding_count == 0)
        return NULL;
    struct lci_sweep *sweep = lci_sweep_new(model, diag);
    if (sweep == NULL || lci_sweep_points(sweep) > 1 || (lci_sweep_has_report(sweep) && !one))
        return sweep;
    lci_sweep_free(sweep);
    return NULL;
}
