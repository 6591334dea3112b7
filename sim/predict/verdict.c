/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a scenario asks of a model, checked: which entries serve which workload, and whether everything that it names is
 * there. */
#include "predict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "loadcast/edit.h"
#include "model/edit/edit_paths.h"
#include "sim/scenario/edits.h"

/* ---- entries ----------------------------------------------------------------------------------------------------- */

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
    const char *nearest = lci_nearest(mix->entry, (const char *const *)names);
    char *list = lci_names_list(names);
    if (nearest != NULL)
        lc_error(diag, LC_INPUT, &mix->place, "the model has no entry '%s'; did you mean '%s'?", mix->entry, nearest);
    else
        lc_error(diag, LC_INPUT, &mix->place, "the model has no entry '%s'; expected one of %s", mix->entry, list);
    free(list);
    free(names);
}

/* A model that was given: entries by their names. */
static void find_entries(struct lc_verdict *verdict, struct lc_diag *diag)
{
    const struct lc_scenario *s = verdict->scenario;
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
            verdict->entries[w][i] = find_entry(verdict->base, load->mix[i].entry);
            if (verdict->entries[w][i] == LC_NONE)
                no_entry(verdict->base, &load->mix[i], diag);
        }
    }
}

/* One that was learned: the classes of its requests are the elements of the mixes. */
static void take_entries(struct lc_verdict *verdict)
{
    const struct lc_scenario *s = verdict->scenario;
    size_t class_ = 0;
    for (size_t w = 0; w < s->workload_count; w++) {
        const struct lc_workload *load = &s->workloads[w];
        const size_t parts = load->activity != NULL ? 1 : load->mix_count;
        for (size_t i = 0; i < parts; i++, class_++) {
            verdict->entries[w][i] = verdict->evidence.class_entry[class_];
            if (load->activity != NULL)
                verdict->requests[w] = verdict->evidence.class_calls[class_];
        }
    }
}

/* ---- checks ------------------------------------------------------------------------------------------------------ */

/* A workload becomes a task, a processor and an entry of its name. */
static void check_names(const struct lc_verdict *verdict, struct lc_diag *diag)
{
    const struct lc_scenario *s = verdict->scenario;
    for (size_t w = 0; w < s->workload_count; w++) {
        const char *name = s->workloads[w].name;
        if (lc_find_task(verdict->base, name) != LC_NONE || lc_find_processor(verdict->base, name) != LC_NONE ||
            lc_find_entry(verdict->base, name) != LC_NONE)
            lc_error(diag, LC_INPUT, &s->workloads[w].place,
                     "workload '%s' has the name of a part of the system; give it another name", name);
    }
}

/* Goals may be about the sources that a model brings itself. */
static void check_source(const struct lc_verdict *verdict, const struct lc_goal *goal, struct lc_diag *diag)
{
    char **names = lc_calloc(
        verdict->scenario->workload_count + verdict->base->task_count + verdict->base->entry_count + 1, sizeof *names);
    size_t count = 0;
    bool found = false;
    for (size_t w = 0; w < verdict->scenario->workload_count; w++)
        names[count++] = verdict->scenario->workloads[w].name;
    for (size_t t = 0; t < verdict->base->task_count; t++)
        if (lc_is_source(&verdict->base->tasks[t]))
            names[count++] = verdict->base->tasks[t].name;
    for (size_t e = 0; e < verdict->base->entry_count; e++)
        if (verdict->base->entries[e].open_rate > 0 || verdict->base->entries[e].open_arrivals.family != NULL)
            names[count++] = verdict->base->entries[e].name;
    for (size_t i = 0; i < count; i++)
        found |= strcmp(names[i], goal->workload) == 0;
    if (!found) {
        char *list = lci_names_list(names);
        lc_error(diag, LC_INPUT, &goal->place, "there is no workload '%s'; expected one of %s", goal->workload, list);
        free(list);
    }
    free(names);
}

static void check_goals(const struct lc_verdict *verdict, struct lc_diag *diag)
{
    size_t count;
    struct lc_component *components = lc_components(verdict->base, &count);
    const char **names = lc_calloc(count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = components[i].name;
    for (size_t g = 0; g < verdict->scenario->goal_count; g++) {
        const struct lc_goal *goal = &verdict->scenario->goals[g];
        if (goal->workload != NULL)
            check_source(verdict, goal, diag);
        bool found = goal->component == NULL, limited = goal->component == NULL;
        for (size_t i = 0; i < count && goal->component != NULL; i++)
            if (strcmp(components[i].name, goal->component) == 0) {
                found = true;
                limited |= components[i].limited;
            }
        const char *nearest = goal->component != NULL ? lci_nearest(goal->component, names) : NULL;
        struct lci_buffer text = {0};
        lci_buffer_names(&text, names, count, 12);
        char *list = lci_buffer_take(&text);
        bool traced = false;
        for (size_t i = 0; verdict->evidence.services != NULL && verdict->evidence.services[i] != NULL && !found; i++)
            traced |= strcmp(verdict->evidence.services[i], goal->component) == 0;
        if (traced)
            lc_error(diag, LC_INPUT, &goal->place,
                     "'%s' is in the traces, but no workload reaches it, so it has no load to judge", goal->component);
        else if (!found && nearest != NULL)
            lc_error(diag, LC_INPUT, &goal->place, "there is no component '%s'; did you mean '%s'?", goal->component,
                     nearest);
        else if (!found)
            lc_error(diag, LC_INPUT, &goal->place, "there is no component '%s'; expected one of %s", goal->component,
                     list);
        else if (!limited)
            lc_error(diag, LC_INPUT, &goal->place,
                     "component '%s' has no limit, so it has no load; state its concurrency or cores under deployment",
                     goal->component);
        free(list);
    }
    free(names);
    free(components);
}

/* The service of the traces that an edit is about although no workload reaches it; NULL: it is about something else.
 * The model has no element for it, only perhaps one whose name begins likewise and is longer. */
static const char *unreached(const struct lc_verdict *verdict, const struct lc_edit *edit)
{
    const char *name;
    const size_t known = lci_path_element(verdict->base, edit->path, &name);
    for (size_t i = 0; verdict->evidence.services != NULL && verdict->evidence.services[i] != NULL; i++) {
        const char *service = verdict->evidence.services[i];
        const size_t length = strlen(service);
        if (strncmp(edit->path, service, length) == 0 && edit->path[length] == '.' && known < length)
            return service;
    }
    return NULL;
}

/* Said once of each service, at the first place that is about it. */
static void note_unreached(const struct lc_verdict *verdict, struct lc_diag *diag)
{
    const struct lc_scenario *s = verdict->scenario;
    for (size_t i = 0; verdict->evidence.services != NULL && verdict->evidence.services[i] != NULL; i++) {
        const struct lc_edit *first = NULL;
        for (size_t k = 0; k < s->deployment.count && first == NULL; k++)
            if (unreached(verdict, &s->deployment.edits[k]) == verdict->evidence.services[i])
                first = &s->deployment.edits[k];
        for (size_t w = 0; w < s->what_if_count; w++)
            for (size_t k = 0; k < s->what_ifs[w].edit_count; k++)
                if (unreached(verdict, &s->what_ifs[w].edits[k]) == verdict->evidence.services[i]) {
                    s->what_ifs[w].edits[k].settled = true; /* changes nothing */
                    first = first != NULL ? first : &s->what_ifs[w].edits[k];
                }
        if (first != NULL)
            lc_note(diag, &first->place,
                    "'%s' is in the traces, but no workload reaches it: what is stated of it has no effect",
                    verdict->evidence.services[i]);
    }
}

static void deploy(struct lc_verdict *verdict, struct lc_diag *diag)
{
    const struct lc_deployment *d = &verdict->scenario->deployment;
    note_unreached(verdict, diag);
    for (size_t i = 0; i < d->count; i++)
        if (!lcp_about_workload(verdict->scenario, &d->edits[i]) && unreached(verdict, &d->edits[i]) == NULL)
            lci_edit_apply(verdict->base, &d->edits[i], diag);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static void make_room(struct lc_verdict *verdict)
{
    const struct lc_scenario *s = verdict->scenario;
    verdict->entries = lc_calloc(s->workload_count, sizeof *verdict->entries);
    verdict->requests = lc_calloc(s->workload_count, sizeof *verdict->requests);
    for (size_t w = 0; w < s->workload_count; w++) {
        verdict->entries[w] = lc_calloc(s->workloads[w].mix_count + 1, sizeof **verdict->entries);
        verdict->requests[w] = 1;
    }
}

static void check(struct lc_verdict *verdict, struct lc_diag *diag)
{
    const size_t before = diag->errors;
    if (verdict->learned)
        take_entries(verdict);
    else
        find_entries(verdict, diag);
    if (diag->errors == before)
        deploy(verdict, diag);
    if (diag->errors > before)
        return;
    verdict->time_unit = 1;
    if (verdict->base->time_unit != NULL) {
        char *one = lc_format("1 %s", verdict->base->time_unit);
        lci_quantity(one, LC_TIME, &verdict->time_unit, diag, NULL);
        free(one);
    }
    check_names(verdict, diag);
    check_goals(verdict, diag);
    lcp_check_prices(verdict, diag);
}

struct lc_verdict *lc_verdict_new(const struct lc_question *question, struct lc_diag *diag)
{
    const size_t before = diag->errors;
    struct lc_verdict *verdict = lc_calloc(1, sizeof *verdict);
    verdict->scenario = question->scenario;
    verdict->method = question->scenario->method;
    verdict->unscreened = question->unscreened;
    verdict->base = lc_model_copy(question->model);
    verdict->learned = question->evidence != NULL;
    if (verdict->learned)
        verdict->evidence = *question->evidence;
    verdict->work = lcp_work_new(question);
    make_room(verdict);
    check(verdict, diag);
    if (diag->errors == before)
        return verdict;
    lc_verdict_free(verdict);
    return NULL;
}

void lc_verdict_free(struct lc_verdict *verdict)
{
    if (verdict == NULL)
        return;
    for (size_t i = 0; i < verdict->capacity_count; i++) {
        lcp_search_free(&verdict->capacities[i].search);
        lcp_bounds_free(&verdict->capacities[i].order);
    }
    free(verdict->capacities);
    free(verdict->crossings);
    lcp_recorded_free(verdict);
    for (size_t i = 0; i < verdict->point_count; i++)
        lcp_point_free(&verdict->points[i]);
    free(verdict->points);
    for (size_t i = 0; i < verdict->comparison_count; i++)
        free(verdict->comparisons[i].name);
    free(verdict->comparisons);
    for (size_t i = 0; verdict->limits != NULL && i <= verdict->scenario->what_if_count; i++)
        lcp_limits_free(&verdict->limits[i]);
    free(verdict->limits);
    for (size_t w = 0; w < verdict->scenario->workload_count; w++)
        free(verdict->entries[w]);
    free(verdict->entries);
    free(verdict->requests);
    lc_model_free(verdict->base);
    lcp_work_free(verdict->work);
    free(verdict);
}
