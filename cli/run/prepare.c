/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../capacity.h"
#include "loadcast/edit.h"
#include "loadcast/format.h"
#include "questions.h"

/* ---- from traces ------------------------------------------------------------------------------------------------- */

/* The classes of requests that the learner is to tell apart: one for each element of each workload's mix. */
struct classes {
    struct lc_request_class *items;
    char **texts; /* the services' names */
    size_t count;
};

static struct classes make_classes(const struct lc_scenario *s)
{
    struct classes classes = {0};
    size_t most = 0;
    for (size_t w = 0; w < s->workload_count; w++)
        most += s->workloads[w].mix_count + 1;
    classes.items = lc_calloc(most, sizeof *classes.items);
    classes.texts = lc_calloc(most, sizeof *classes.texts);
    for (size_t w = 0; w < s->workload_count; w++) {
        const struct lc_workload *load = &s->workloads[w];
        const size_t parts = load->activity != NULL ? 1 : load->mix_count;
        for (size_t i = 0; i < parts; i++) {
            struct lc_request_class *c = &classes.items[classes.count];
            *c = (struct lc_request_class){.name = load->name,
                                           .keys = (const char *const *)load->keys,
                                           .patterns = (const char *const *)load->patterns,
                                           .condition_count = load->condition_count,
                                           .activity = load->activity,
                                           .starts = load->replays_traces};
            const char *entry = load->activity != NULL ? NULL : load->mix[i].entry;
            const char *slash = entry != NULL ? strchr(entry, '/') : NULL;
            if (slash != NULL) {
                classes.texts[classes.count] = lc_strndup(entry, (size_t)(slash - entry));
                c->task = classes.texts[classes.count];
                c->operation = slash + 1;
            } else {
                c->operation = entry;
            }
            classes.count++;
        }
    }
    return classes;
}

static void free_classes(struct classes *classes)
{
    for (size_t i = 0; i < classes->count; i++)
        free(classes->texts[i]);
    free(classes->texts);
    free(classes->items);
}

static char *list_of(char *const *names)
{
    enum { SHOWN = 12 };
    char *text = lc_strdup("");
    size_t count = 0;
    while (names[count] != NULL)
        count++;
    for (size_t i = 0; i < count && i < SHOWN; i++) {
        char *longer = lc_format("%s%s%s", text, i > 0 ? ", " : "", names[i]);
        free(text);
        text = longer;
    }
    if (count > SHOWN) {
        char *longer = lc_format("%s and %zu more", text, count - SHOWN);
        free(text);
        text = longer;
    }
    return text;
}

/* No trace belongs to the class: says whether its entry, its conditions or its activity are at fault. */
static void no_match(const struct lc_workload *w, const struct lc_mix *mix, char *const *roots, struct lc_diag *diag)
{
    if (mix == NULL) {
        lc_error(diag, LC_INPUT, &w->place, "workload '%s': no trace lies in a run of the activity '%s'", w->name,
                 w->activity);
        return;
    }
    bool known = false;
    for (size_t i = 0; roots[i] != NULL; i++)
        known |= strcmp(roots[i], mix->entry) == 0;
    const char *nearest = lc_nearest(mix->entry, (const char *const *)roots);
    char *list = list_of(roots);
    if (known && w->condition_count > 0)
        lc_error(diag, LC_INPUT, &w->place, "workload '%s': no request to '%s' has '%s' like '%s'", w->name, mix->entry,
                 w->keys[0], w->patterns[0]);
    else if (nearest != NULL)
        lc_error(diag, LC_INPUT, &mix->place, "no request of the traces enters at '%s'; did you mean '%s'?", mix->entry,
                 nearest);
    else
        lc_error(diag, LC_INPUT, &mix->place, "no request of the traces enters at '%s'; they enter at %s", mix->entry,
                 list);
    free(list);
}

static int match_workloads(struct run *run, struct lc_diag *diag)
{
    const struct lc_scenario *s = run->scenario;
    const size_t before = diag->errors;
    size_t class_ = 0;
    for (size_t w = 0; w < s->workload_count; w++) {
        const struct lc_workload *load = &s->workloads[w];
        const size_t parts = load->activity != NULL ? 1 : load->mix_count;
        for (size_t i = 0; i < parts; i++, class_++) {
            run->entries[w][i] = run->learned.class_entry[class_];
            if (run->entries[w][i] == LC_NONE)
                no_match(load, load->activity != NULL ? NULL : &load->mix[i], run->learned.roots, diag);
            if (load->activity != NULL)
                run->requests[w] = run->learned.class_calls[class_];
        }
    }
    return diag->errors == before ? 0 : -1;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The requests of a workload come when they came in the traces. Time 0 is the first request of all workloads that do
 * so: what came together comes together. */
static void replay_traces(struct run *run)
{
    struct lc_scenario *s = run->scenario;
    int64_t first = INT64_MAX;
    for (size_t c = 0; c < run->learned.class_count; c++)
        if (run->learned.class_starts[c].count > 0 && run->learned.class_starts[c].times[0] < first)
            first = run->learned.class_starts[c].times[0];
    size_t class_ = 0;
    for (size_t w = 0; w < s->workload_count; w++) {
        struct lc_workload *load = &s->workloads[w];
        const struct lc_starts *starts = &run->learned.class_starts[class_];
        const size_t parts = load->activity != NULL ? 1 : load->mix_count;
        class_ += parts;
        if (!load->replays_traces)
            continue;
        size_t capacity = 0;
        load->pattern.count = 0; /* what was there stood for the times to come */
        for (size_t i = 0; i < parts; i++)
            for (size_t k = 0; k < starts[i].count; k++) {
                LC_GROW(load->pattern.times, load->pattern.count, capacity);
                load->pattern.times[load->pattern.count++] = (double)(starts[i].times[k] - first) * 1e-9;
            }
        qsort(load->pattern.times, load->pattern.count, sizeof *load->pattern.times, by_size);
        load->rate = lc_pattern_rate(&load->pattern);
        for (size_t i = 0; i < s->what_if_count; i++)
            if (s->what_ifs[i].workloads != NULL && s->what_ifs[i].workloads[w].replays_traces) {
                lc_pattern_free(&s->what_ifs[i].workloads[w].pattern);
                s->what_ifs[i].workloads[w].pattern = lc_pattern_copy(&load->pattern);
                s->what_ifs[i].workloads[w].rate = load->rate;
            }
    }
}

struct reading {
    struct cli_progress progress;
};

static void show_reading(void *context, uint64_t done, uint64_t total)
{
    cli_progress_show(&((struct reading *)context)->progress, (double)done / 1e6, (double)total / 1e6);
}

static struct lc_learner *read_traces(struct run *run, const struct lc_learn_options *learn_options,
                                      struct lc_diag *diag)
{
    const struct lc_scenario *s = run->scenario;
    size_t files = 0;
    while (s->traces[files] != NULL)
        files++;
    struct reading reading;
    cli_progress_start(&reading.progress, "reading traces", "MB", run->common);
    const struct lc_tree_options options = {
        .reader = {.keep = learn_options->keep, .strict = run->strict, .progress = show_reading, .context = &reading},
        .slots = learn_options->slots,
        .slot_count = learn_options->slot_count,
    };
    struct lc_learner *learner = lc_learner_collect(run->cache, (const char *const *)s->traces, files, &options,
                                                    learn_options, run->symbols, &run->extraction, diag);
    cli_progress_end(&reading.progress);
    return learner;
}

static void hand_on(const struct lc_diag *from, struct lc_diag *to)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct lc_message *m = &from->messages[i];
        if (m->severity == LC_ERROR)
            lc_error(to, m->status, NULL, "%s", m->text);
        else if (m->severity == LC_WARNING)
            lc_warn(to, NULL, "%s", m->text);
        else
            lc_note(to, NULL, "%s", m->text);
    }
}

static int learn(struct run *run, struct lc_diag *diag)
{
    enum { DRAWS = 200 }; /* of the learned numbers: enough for quantiles at 2.5 % */
    const struct lc_scenario *s = run->scenario;
    struct lc_activity_runs activities = {0};
    if (s->activities != NULL && lc_activities_read(s->activities, &activities, diag) != 0)
        return -1;
    struct lc_utilization utilization = {0};
    if (s->utilization != NULL && lc_utilization_read(s->utilization, &utilization, diag) != 0) {
        lc_activities_free(&activities);
        return -1;
    }
    struct classes classes = make_classes(s);
    struct cli_capacities capacities = cli_capacities(&s->deployment);
    const char **keep = lc_learn_keep(classes.items, classes.count);
    struct lc_tree_slot *slots = cli_slots(&s->deployment);
    const struct lc_learn_options options = {.classes = classes.items,
                                             .class_count = classes.count,
                                             .activities = s->activities != NULL ? &activities : NULL,
                                             .release = s->release,
                                             .load = s->load,
                                             .capacities = capacities.items,
                                             .capacity_count = capacities.count,
                                             .utilization = s->utilization != NULL ? &utilization : NULL,
                                             .draws = s->uncertainty ? DRAWS : 0,
                                             .shapes = s->uncertainty ? RUN_SIMULATED : 0,
                                             .rare = 0.01,
                                             .keep = keep,
                                             .slots = slots,
                                             .slot_count = s->deployment.slot_count,
                                             .cache = run->cache};
    run->symbols = lc_symbols_new();
    struct lc_learner *learner = read_traces(run, &options, diag);
    int status = learner != NULL ? 0 : -1;
    if (status == 0) {
        struct lc_diag own = {0};
        status = lc_learner_finish(learner, &run->learned, &own);
        run->learned_model = true;
        run->base = run->learned.model;
        /* That a workload matches nothing is said where it stands in the scenario. */
        if (run->learned.roots != NULL && match_workloads(run, diag) != 0)
            status = -1;
        else
            hand_on(&own, diag);
        if (status == 0)
            replay_traces(run);
        lc_diag_free(&own);
        lc_cache_write(run->cache, diag);
        lc_learner_free(learner);
    }
    free(keep);
    free(slots);
    cli_capacities_free(&capacities);
    free_classes(&classes);
    lc_activities_free(&activities);
    lc_utilization_free(&utilization);
    return status;
}

/* ---- from a file ------------------------------------------------------------------------------------------------- */

/* An entry by its name, or by "task/entry". */
static int find_entry(const struct lc_model *model, const char *name)
{
    const int entry = lc_find_entry(model, name);
    if (entry != LC_NONE)
        return entry;
    for (size_t e = 0; e < model->entry_count; e++) {
        const char *task = model->tasks[model->entries[e].task].name;
        const size_t length = strlen(task);
        if (strncmp(name, task, length) == 0 && name[length] == '/' &&
            strcmp(name + length + 1, model->entries[e].name) == 0)
            return (int)e;
    }
    return LC_NONE;
}

static void no_entry(const struct lc_model *model, const struct lc_mix *mix, struct lc_diag *diag)
{
    char **names = lc_calloc(model->entry_count + 1, sizeof *names);
    size_t count = 0;
    for (size_t e = 0; e < model->entry_count; e++)
        if (!lc_is_source(&model->tasks[model->entries[e].task]))
            names[count++] = model->entries[e].name;
    const char *nearest = lc_nearest(mix->entry, (const char *const *)names);
    char *list = list_of(names);
    if (nearest != NULL)
        lc_error(diag, LC_INPUT, &mix->place, "the model has no entry '%s'; did you mean '%s'?", mix->entry, nearest);
    else
        lc_error(diag, LC_INPUT, &mix->place, "the model has no entry '%s'; there are %s", mix->entry, list);
    free(list);
    free(names);
}

static int read_model(struct run *run, struct lc_diag *diag)
{
    const struct lc_scenario *s = run->scenario;
    struct lc_diag own = {0};
    run->base = lc_model_read(s->model, &own);
    if (run->base == NULL)
        hand_on(&own, diag); /* what is doubtful is said when the workloads are there: see build() in points.c */
    lc_diag_free(&own);
    if (run->base == NULL)
        return -1;
    const size_t before = diag->errors;
    for (size_t i = 0; i < s->deployment.slot_count; i++)
        lc_error(diag, LC_INPUT, &s->deployment.slots[i].place,
                 "'slot' of '%s' names spans of traces; with a model it is left out", s->deployment.slots[i].service);
    for (size_t w = 0; w < s->workload_count; w++) {
        const struct lc_workload *load = &s->workloads[w];
        if (load->activity != NULL || load->condition_count > 0)
            lc_error(diag, LC_INPUT, &load->place,
                     "workload '%s': '%s' tells requests of traces apart; with a model it is left out", load->name,
                     load->activity != NULL ? "activity" : "where");
        for (size_t i = 0; i < load->mix_count; i++) {
            run->entries[w][i] = find_entry(run->base, load->mix[i].entry);
            if (run->entries[w][i] == LC_NONE)
                no_entry(run->base, &load->mix[i], diag);
        }
    }
    return diag->errors == before ? 0 : -1;
}

/* ---- both -------------------------------------------------------------------------------------------------------- */

/* A workload becomes a task, a processor and an entry of its name. */
static void check_names(const struct run *run, struct lc_diag *diag)
{
    const struct lc_scenario *s = run->scenario;
    for (size_t w = 0; w < s->workload_count; w++) {
        const char *name = s->workloads[w].name;
        if (lc_find_task(run->base, name) != LC_NONE || lc_find_processor(run->base, name) != LC_NONE ||
            lc_find_entry(run->base, name) != LC_NONE)
            lc_error(diag, LC_INPUT, &s->workloads[w].place,
                     "workload '%s' is called like a part of the system; give it another name", name);
    }
}

/* Goals may be about the sources that a model brings itself. */
static void check_source(const struct run *run, const struct lc_goal *goal, struct lc_diag *diag)
{
    char **names =
        lc_calloc(run->scenario->workload_count + run->base->task_count + run->base->entry_count + 1, sizeof *names);
    size_t count = 0;
    bool found = false;
    for (size_t w = 0; w < run->scenario->workload_count; w++)
        names[count++] = run->scenario->workloads[w].name;
    for (size_t t = 0; t < run->base->task_count; t++)
        if (lc_is_source(&run->base->tasks[t]))
            names[count++] = run->base->tasks[t].name;
    for (size_t e = 0; e < run->base->entry_count; e++)
        if (run->base->entries[e].open_rate > 0 || run->base->entries[e].open_arrivals.family != NULL)
            names[count++] = run->base->entries[e].name;
    for (size_t i = 0; i < count; i++)
        found |= strcmp(names[i], goal->workload) == 0;
    if (!found) {
        char *list = list_of(names);
        lc_error(diag, LC_INPUT, &goal->place, "there is no workload '%s'; there are %s", goal->workload, list);
        free(list);
    }
    free(names);
}

static void check_goals(const struct run *run, struct lc_diag *diag)
{
    size_t count;
    struct run_component *components = run_components(run->base, &count);
    char **names = lc_calloc(count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = (char *)components[i].name;
    for (size_t g = 0; g < run->scenario->goal_count; g++) {
        const struct lc_goal *goal = &run->scenario->goals[g];
        if (goal->workload != NULL)
            check_source(run, goal, diag);
        bool found = goal->component == NULL, limited = goal->component == NULL;
        for (size_t i = 0; i < count && goal->component != NULL; i++)
            if (strcmp(components[i].name, goal->component) == 0) {
                found = true;
                limited |= components[i].limited;
            }
        const char *nearest = goal->component != NULL ? lc_nearest(goal->component, (const char *const *)names) : NULL;
        char *list = list_of(names);
        bool traced = false;
        for (size_t i = 0; run->learned.services != NULL && run->learned.services[i] != NULL && !found; i++)
            traced |= strcmp(run->learned.services[i], goal->component) == 0;
        if (traced)
            lc_error(diag, LC_INPUT, &goal->place,
                     "'%s' is in the traces, but no workload reaches it, so it has no load to judge", goal->component);
        else if (!found && nearest != NULL)
            lc_error(diag, LC_INPUT, &goal->place, "there is no component '%s'; did you mean '%s'?", goal->component,
                     nearest);
        else if (!found)
            lc_error(diag, LC_INPUT, &goal->place, "there is no component '%s'; there are %s", goal->component, list);
        else if (!limited)
            lc_error(diag, LC_INPUT, &goal->place,
                     "component '%s' has no limit, so it has no load; state its concurrency or cores under deployment",
                     goal->component);
        free(list);
    }
    free(names);
    free(components);
}

/* The service of the traces that an edit is about although no workload reaches it; NULL: it is about something else. */
static const char *unreached(const struct run *run, const struct lc_edit *edit)
{
    for (size_t i = 0; run->learned.services != NULL && run->learned.services[i] != NULL; i++) {
        const char *service = run->learned.services[i];
        const size_t length = strlen(service);
        if (strncmp(edit->path, service, length) == 0 && edit->path[length] == '.' &&
            lc_find_task(run->base, service) == LC_NONE)
            return service;
    }
    return NULL;
}

/* Said once of each service, at the first place that is about it. */
static void note_unreached(const struct run *run, struct lc_diag *diag)
{
    const struct lc_scenario *s = run->scenario;
    for (size_t i = 0; run->learned.services != NULL && run->learned.services[i] != NULL; i++) {
        const struct lc_edit *first = NULL;
        for (size_t k = 0; k < s->deployment.count && first == NULL; k++)
            if (unreached(run, &s->deployment.edits[k]) == run->learned.services[i])
                first = &s->deployment.edits[k];
        for (size_t w = 0; w < s->what_if_count; w++)
            for (size_t k = 0; k < s->what_ifs[w].edit_count; k++)
                if (unreached(run, &s->what_ifs[w].edits[k]) == run->learned.services[i]) {
                    s->what_ifs[w].edits[k].settled = true; /* changes nothing */
                    first = first != NULL ? first : &s->what_ifs[w].edits[k];
                }
        if (first != NULL)
            lc_note(diag, &first->place,
                    "'%s' is in the traces, but no workload reaches it: what is stated of it has no effect",
                    run->learned.services[i]);
    }
}

static int deploy(struct run *run, struct lc_diag *diag)
{
    const struct lc_deployment *d = &run->scenario->deployment;
    const size_t before = diag->errors;
    note_unreached(run, diag);
    for (size_t i = 0; i < d->count; i++)
        if (!run_about_workload(run->scenario, &d->edits[i]) && unreached(run, &d->edits[i]) == NULL)
            lc_edit(run->base, d->edits[i].path, d->edits[i].value, diag, &d->edits[i].place);
    return diag->errors == before ? 0 : -1;
}

int run_prepare(struct run *run, struct lc_diag *diag)
{
    const struct lc_scenario *s = run->scenario;
    const size_t before = diag->errors;
    run->entries = lc_calloc(s->workload_count, sizeof *run->entries);
    run->requests = lc_calloc(s->workload_count, sizeof *run->requests);
    for (size_t w = 0; w < s->workload_count; w++) {
        run->entries[w] = lc_calloc(s->workloads[w].mix_count + 1, sizeof **run->entries);
        run->requests[w] = 1;
    }
    if (run->folder != NULL && s->traces == NULL)
        lc_note(diag, NULL, "the scenario names a model, not traces: there is nothing to keep in %s", run->folder);
    else if (run->folder != NULL && (run->cache = lc_cache_new(run->folder, diag)) == NULL)
        return -1;
    if ((s->traces != NULL ? learn(run, diag) : read_model(run, diag)) != 0 || deploy(run, diag) != 0)
        return -1;
    run->time_unit = 1;
    if (run->base->time_unit != NULL) {
        char *one = lc_format("1 %s", run->base->time_unit);
        lc_quantity(one, LC_TIME, &run->time_unit, diag, NULL);
        free(one);
    }
    check_names(run, diag);
    check_goals(run, diag);
    run_check_prices(run, diag);
    return diag->errors == before ? 0 : -1;
}

void run_free(struct run *run)
{
    run_questions_free(run->questions);
    run_recorded_free(run);
    for (size_t i = 0; i < run->point_count; i++)
        run_point_free(&run->points[i]);
    free(run->points);
    for (size_t i = 0; i < run->comparison_count; i++)
        free(run->comparisons[i].name);
    free(run->comparisons);
    lc_spare_free(run->spare);
    for (size_t i = 0; run->limits != NULL && i <= run->scenario->what_if_count; i++) {
        for (size_t k = 0; k < run->limits[i].count; k++)
            free(run->limits[i].items[k].ratios);
        free(run->limits[i].items);
        free(run->limits[i].unlimited);
        run_doubt_free(run->limits[i].doubt);
        lc_model_free(run->limits[i].model);
    }
    free(run->limits);
    for (size_t w = 0; run->entries != NULL && w < run->scenario->workload_count; w++)
        free(run->entries[w]);
    free(run->entries);
    free(run->requests);
    if (run->learned_model)
        lc_learned_free(&run->learned); /* the model with it */
    else
        lc_model_free(run->base);
    lc_extraction_free(&run->extraction);
    if (run->symbols != NULL)
        lc_symbols_free(run->symbols);
    lc_cache_free(run->cache);
    lc_scenario_free(run->scenario);
}
