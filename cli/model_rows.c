/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_rows.h"

#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "loadcast/traffic.h"
#include "walk.h"

#define SURE 1000000 /* values that are all the same */

static void add(struct lci_measure_table *table, const char *service, const char *operation, const char *name,
                const char *subject, const char *unit, double mean)
{
    if (isfinite(mean))
        lci_measure_table_add(table, &(struct lci_measure_row){"", "", "", service, operation, name, subject, unit,
                                                               SURE, mean, NAN, NAN, NAN, 0});
}

struct rows {
    const struct lc_model *model;
    const struct lc_traffic *traffic;
    struct lci_measure_table *table;
    double unit;   /* seconds in the model's unit of time */
    double *calls; /* scratch: per entry */
};

/* 1 where the model has no unit, or none that is known. */
static double unit_of(const struct lc_model *model)
{
    double seconds = 1;
    char *text = lc_format("1 %s", model->time_unit != NULL ? model->time_unit : "s");
    if (lci_quantity(text, LC_TIME, &seconds, NULL, NULL) != 0)
        seconds = 1;
    free(text);
    return seconds;
}

static void add_entry(const struct rows *r, int entry, const struct lci_walk_step *steps, size_t count)
{
    const struct lc_entry *e = &r->model->entries[entry];
    const char *const task = r->model->tasks[e->task].name;
    double own = 0;
    for (size_t s = 0; s < count; s++) {
        const struct lc_activity *a = steps[s].activity;
        if (a->demand.family != NULL)
            own += steps[s].visits * lc_dist_mean(&a->demand);
        for (size_t c = 0; c < a->call_count; c++)
            r->calls[a->calls[c].entry] += steps[s].visits * a->calls[c].mean;
    }
    for (size_t f = 0; f < e->forward_count; f++)
        r->calls[e->forwards[f].entry] += e->forwards[f].probability;
    add(r->table, task, e->name, "requests", "", "1", 1); /* it is there */
    add(r->table, task, e->name, "non_blocked_process_time", "", "s", own * r->unit);
    add(r->table, task, e->name, "total_process_time", "", "s", r->traffic->entry_total[entry] * r->unit);
    for (size_t i = 0; i < r->model->entry_count; i++) {
        if (r->calls[i] > 0)
            add(r->table, task, e->name, "calls", r->model->entries[i].name, "1", r->calls[i]);
        r->calls[i] = 0;
    }
}

static void add_loads(const struct rows *r)
{
    for (size_t i = 0; i < r->model->processor_count; i++) {
        char *subject = lc_format("%s (processor)", r->model->processors[i].name);
        add(r->table, "", "", "load", subject, "1", r->traffic->processor_load[i]);
        free(subject);
    }
    for (size_t i = 0; i < r->model->task_count; i++)
        if (!lc_is_source(&r->model->tasks[i]))
            add(r->table, "", "", "load", r->model->tasks[i].name, "1", r->traffic->task_load[i]);
    if (r->traffic->load > 0)
        add(r->table, "", "", "capacity", "", "1", r->traffic->limit_factor);
}

int model_rows_add(const struct lc_model *model, struct lci_measure_table *table, struct lc_diag *diag)
{
    struct lc_traffic traffic;
    if (lc_traffic_solve(model, &traffic, diag) != 0)
        return -1;
    struct rows r = {model, &traffic, table, unit_of(model), lc_calloc(model->entry_count + 1, sizeof *r.calls)};
    int status = 0;
    add(table, "", "", "spans", "", "1", 0); /* rows that one model lacks are 0 in it, as of traces */
    for (size_t i = 0; i < model->entry_count && status == 0; i++) {
        struct lci_walk_step *steps = NULL;
        size_t count = 0;
        if (lc_is_source(&model->tasks[model->entries[i].task]))
            continue;
        status = lci_entry_steps(model, (int)i, &steps, &count, diag);
        if (status == 0)
            add_entry(&r, (int)i, steps, count);
        free(steps);
    }
    if (status == 0)
        add_loads(&r);
    lci_measure_table_sort(table);
    free(r.calls);
    lc_traffic_free(&traffic);
    return status;
}
