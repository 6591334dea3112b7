/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/lqn_build.h"
#include "model/dist/dist.h"

#include "edit/edit.h"
#include "expression.h"

#include <stdlib.h>
#include <string.h>

/* ---- start and finish -------------------------------------------------------------------------------------------- */

void lci_build_start(struct lci_build *build, const char *file, struct lc_diag *diag)
{
    *build = (struct lci_build){.model = lc_model_new(NULL), .diag = diag, .scope = lci_scope_new()};
    free(build->model->source);
    build->model->source = lc_strdup(file);
}

static int by_path(const void *a, const void *b)
{
    const struct lc_binding *x = a, *y = b;
    return strcmp(x->path, y->path);
}

static int by_key(const void *a, const void *b)
{
    const struct lc_variable *x = a, *y = b;
    const int keys = strcmp(x->expression, y->expression);
    return keys != 0 ? keys : strcmp(x->name, y->name);
}

/* Servers without limit have no multiplicity that could vary. */
static bool is_unlimited(const struct lc_model *m, struct lci_owner owner, const char *attribute)
{
    if (owner.kind == LCI_OWNER_PROCESSOR)
        return strcmp(attribute, "cores") == 0 && m->processors[owner.index].scheduling == LC_INF;
    return owner.kind == LCI_OWNER_TASK && strcmp(attribute, "multiplicity") == 0 &&
           m->tasks[owner.index].scheduling == LC_INF;
}

/* Sorted by path, so that the order of the file's records does not matter. */
static void make_bindings(struct lci_build *build)
{
    struct lc_model *model = build->model;
    for (size_t i = 0; i < build->bound_count; i++) {
        const struct lci_bound *b = &build->bound[i];
        const bool unlimited = is_unlimited(model, b->owner, b->attribute);
        char *path = unlimited ? NULL : lci_build_path(model, b->owner, b->attribute);
        if (path == NULL) {
            lc_warn(build->diag, &b->place, "'%s' is taken for its value now: what stands here means nothing%s",
                    b->expression, unlimited ? " in a server without limit" : "");
            continue;
        }
        LC_GROW(model->bindings, model->binding_count, model->binding_capacity);
        model->bindings[model->binding_count++] = (struct lc_binding){path, lc_strdup(b->expression), b->place};
    }
    if (model->binding_count > 0)
        qsort(model->bindings, model->binding_count, sizeof *model->bindings, by_path);
}

void lci_build_sort_observations(struct lci_build *build)
{
    struct lc_model *model = build->model;
    if (model->observation_count > 0)
        qsort(model->observations, model->observation_count, sizeof *model->observations, by_key);
}

struct lc_model *lci_build_finish(struct lci_build *build, size_t errors)
{
    struct lc_model *model = build->model;
    if (build->diag->errors == errors) {
        make_bindings(build);
    } else {
        lc_model_free(model);
        model = NULL;
    }
    lci_names_free(&build->processors);
    lci_names_free(&build->groups);
    lci_names_free(&build->tasks);
    lci_names_free(&build->entries);
    for (size_t t = 0; t < build->activities_capacity; t++)
        lci_names_free(&build->activities[t]);
    free(build->activities);
    for (size_t i = 0; i < build->bound_count; i++) {
        free(build->bound[i].attribute);
        free(build->bound[i].expression);
    }
    free(build->bound);
    lci_scope_free(build->scope);
    *build = (struct lci_build){.diag = build->diag};
    return model;
}

/* ---- new elements ------------------------------------------------------------------------------------------------ */

/* Enters the name, or says that it is taken. */
static void enter(struct lci_build *build, struct lci_names *names, const char *what, const char *name, int index,
                  int first_line, const struct lc_place *place)
{
    if (lci_names_find(names, name) == LC_NONE)
        lci_names_add(names, name, index);
    else if (first_line > 0)
        lc_error(build->diag, LC_INPUT, place, "there are two %s '%s'; the first is in line %d", what, name,
                 first_line);
    else
        lc_error(build->diag, LC_INPUT, place, "there are two %s '%s'", what, name);
}

int lci_build_processor(struct lci_build *build, const char *name, const struct lc_place *place)
{
    struct lc_model *m = build->model;
    const int old = lci_names_find(&build->processors, name), index = lc_add_processor(m, name);
    m->processors[index].place = *place;
    enter(build, &build->processors, "processors", name, index, old < 0 ? 0 : m->processors[old].place.line, place);
    return index;
}

int lci_build_group(struct lci_build *build, const char *name, int processor, const struct lc_place *place)
{
    struct lc_model *m = build->model;
    const int old = lci_names_find(&build->groups, name), index = lc_add_group(m, name, processor);
    m->groups[index].place = *place;
    enter(build, &build->groups, "groups", name, index, old < 0 ? 0 : m->groups[old].place.line, place);
    return index;
}

int lci_build_task(struct lci_build *build, const char *name, int processor, const struct lc_place *place)
{
    struct lc_model *m = build->model;
    const int old = lci_names_find(&build->tasks, name), index = lc_add_task(m, name, processor);
    m->tasks[index].place = *place;
    enter(build, &build->tasks, "tasks", name, index, old < 0 ? 0 : m->tasks[old].place.line, place);
    const size_t before = build->activities_capacity;
    LC_GROW(build->activities, (size_t)index, build->activities_capacity);
    if (build->activities_capacity > before)
        memset(build->activities + before, 0, (build->activities_capacity - before) * sizeof *build->activities);
    return index;
}

void lci_build_limitless(struct lci_build *build, struct lc_task *task, const struct lc_place *place)
{
    if (task->multiplicity != LC_INFINITE && task->multiplicity > 1)
        lc_warn(build->diag, place, "task '%s' is an infinite server; its multiplicity %u is ignored", task->name,
                task->multiplicity);
    task->multiplicity = LC_INFINITE;
}

int lci_build_entry(struct lci_build *build, const char *name, int task, const struct lc_place *place)
{
    struct lc_model *m = build->model;
    const int old = lci_names_find(&build->entries, name), index = lc_add_entry(m, name, task);
    m->entries[index].place = *place;
    enter(build, &build->entries, "entries", name, index, old < 0 ? 0 : m->entries[old].place.line, place);
    return index;
}

int lci_build_activity(struct lci_build *build, int task, const char *name, const struct lc_place *place)
{
    struct lc_task *t = &build->model->tasks[task];
    struct lci_names *names = &build->activities[task];
    const int old = lci_names_find(names, name), index = lc_add_activity(build->model, task, name);
    t->activities[index].place = *place;
    enter(build, names, "activities", name, index, old < 0 ? 0 : t->activities[old].place.line, place);
    return index;
}

/* ---- parts ------------------------------------------------------------------------------------------------------- */

void lci_build_pragma(struct lci_build *build, const char *name, const char *value)
{
    struct lc_model *m = build->model;
    LC_GROW(m->pragmas, m->pragma_count, m->pragma_capacity);
    m->pragmas[m->pragma_count++] =
        (struct lc_pragma){lc_strdup(name != NULL ? name : ""), lc_strdup(value != NULL ? value : "")};
}

void lci_build_fan(struct lci_build *build, int task, int other, bool in, uint32_t value)
{
    struct lc_task *t = &build->model->tasks[task];
    struct lc_fan **list = in ? &t->fan_in : &t->fan_out;
    size_t *count = in ? &t->fan_in_count : &t->fan_out_count;
    *list = lc_realloc(*list, *count + 1, sizeof **list);
    (*list)[(*count)++] = (struct lc_fan){other, value};
}

void lci_build_start_activity(struct lci_build *build, int task, int activity, int entry, const struct lc_place *place)
{
    if (entry == LC_NONE)
        return;
    struct lc_entry *e = &build->model->entries[entry];
    const struct lc_task *t = &build->model->tasks[task];
    if (e->task != task)
        lc_error(build->diag, LC_INPUT, place, "entry '%s' is not one of task '%s'", e->name, t->name);
    else if (e->start != LC_NONE)
        lc_error(build->diag, LC_INPUT, place, "entry '%s' is started by the activity '%s' already", e->name,
                 t->activities[e->start].name);
    else
        e->start = activity;
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

static int find(struct lci_build *build, const struct lci_names *names, const char *what, const char *name,
                const struct lc_place *place)
{
    const int index = lci_names_find(names, name);
    if (index != LC_NONE)
        return index;
    /* Messages beyond the first few hundred are not kept. */
    const char *nearest = build->diag->errors < 500 ? lci_names_nearest(names, name) : NULL;
    if (nearest != NULL)
        lc_error(build->diag, LC_INPUT, place, "there is no %s '%s'; did you mean '%s'?", what, name, nearest);
    else
        lc_error(build->diag, LC_INPUT, place, "there is no %s '%s'", what, name);
    return LC_NONE;
}

int lci_build_find_processor(struct lci_build *build, const char *name, const struct lc_place *place)
{
    return find(build, &build->processors, "processor", name, place);
}

int lci_build_find_group(struct lci_build *build, const char *name, const struct lc_place *place)
{
    return find(build, &build->groups, "group", name, place);
}

int lci_build_find_task(struct lci_build *build, const char *name, const struct lc_place *place)
{
    return find(build, &build->tasks, "task", name, place);
}

int lci_build_find_entry(struct lci_build *build, const char *name, const struct lc_place *place)
{
    return find(build, &build->entries, "entry", name, place);
}

int lci_build_find_activity(struct lci_build *build, int task, const char *name, const struct lc_place *place)
{
    return find(build, &build->activities[task], "activity", name, place);
}

/* ---- paths and expressions --------------------------------------------------------------------------------------- */

/* The element, and what stands before the attribute in it ("phase2."). Owned by the caller. */
static struct lci_element element_of(const struct lc_model *model, struct lci_owner owner, char **part)
{
    struct lci_element element = {LCI_ON_TASK, owner.index, true};
    switch (owner.kind) {
    case LCI_OWNER_NONE:
    case LCI_OWNER_TASK: break;
    case LCI_OWNER_PROCESSOR: element.kind = LCI_ON_PROCESSOR; break;
    case LCI_OWNER_GROUP: element.kind = LCI_ON_GROUP; break;
    case LCI_OWNER_ENTRY:
    case LCI_OWNER_PHASE: element.kind = LCI_ON_ENTRY; break;
    case LCI_OWNER_ACTIVITY: break;
    }
    if (owner.kind == LCI_OWNER_PHASE)
        *part = lc_format("phase%d.", owner.part + 1);
    else if (owner.kind == LCI_OWNER_ACTIVITY)
        *part = lc_format("%s.", model->tasks[owner.index].activities[owner.part].name);
    else
        *part = lc_strdup("");
    return element;
}

bool lci_owner_slot(struct lc_model *model, struct lci_owner owner, const char *attribute, struct lci_slot *slot)
{
    if (owner.kind == LCI_OWNER_NONE)
        return false;
    char *part;
    const struct lci_element element = element_of(model, owner, &part);
    char *whole = lc_format("%s%s", part, attribute);
    const bool found = lci_element_slot(model, element, whole, slot);
    free(whole);
    free(part);
    return found;
}

static const char *name_of(const struct lc_model *model, struct lci_element element)
{
    switch (element.kind) {
    case LCI_ON_TASK: return model->tasks[element.index].name;
    case LCI_ON_ENTRY: return model->entries[element.index].name;
    case LCI_ON_PROCESSOR: return model->processors[element.index].name;
    default: return model->groups[element.index].name;
    }
}

char *lci_call_attribute(enum lc_call_kind kind, const char *entry)
{
    return lc_format("%scalls.%s", kind == LC_CALL_SYNC ? "sync_" : "async_", entry);
}

/* The kind of a call is written only where it is needed. */
static const char *without_kind(const char *attribute)
{
    static const char sync[] = "sync_", async[] = "async_";
    if (strncmp(attribute, "sync_calls.", strlen("sync_calls.")) == 0)
        return attribute + strlen(sync);
    return strncmp(attribute, "async_calls.", strlen("async_calls.")) == 0 ? attribute + strlen(async) : attribute;
}

char *lci_build_path(struct lc_model *model, struct lci_owner owner, const char *attribute)
{
    struct lci_slot wanted, found;
    if (!lci_owner_slot(model, owner, attribute, &wanted))
        return NULL;
    char *part, *path = NULL;
    const struct lci_element element = element_of(model, owner, &part);
    const char *shorter = without_kind(attribute), *name = name_of(model, element);
    for (int i = 0; i < 4; i++) {
        const char *last = i < 2 ? shorter : attribute;
        path = i % 2 == 0 ? lc_format("%s.%s%s", name, part, last)
                          : lc_format("%s:%s.%s%s", lci_kind_word(element.kind), name, part, last);
        if (lci_path_slot(model, path, &found) && found.at == wanted.at && found.kind == wanted.kind)
            break;
        free(path);
        path = NULL;
    }
    free(part);
    return path;
}

int lci_build_expression(struct lci_build *build, const char *expression, struct lci_owner owner, const char *attribute,
                         double *value, const struct lc_place *place)
{
    if (attribute == NULL || owner.kind == LCI_OWNER_NONE) {
        lc_error(build->diag, LC_INPUT, place, "'%s' stands where no variable can; expected a number", expression);
        return -1;
    }
    if (build->program) {
        lc_error(build->diag, LC_INPUT, place,
                 "the value of '%s' comes from an LQX program, which is not supported; write numbers or parameters",
                 expression);
        return -1;
    }
    if (lci_evaluate(build->scope, expression, value, build->diag, place) != 0)
        return -1;
    LC_GROW(build->bound, build->bound_count, build->bound_capacity);
    build->bound[build->bound_count++] = (struct lci_bound){owner, lc_strdup(attribute), lc_strdup(expression), *place};
    return 0;
}

void lci_build_variable(struct lci_build *build, const char *name, const char *expression, const struct lc_place *place)
{
    struct lc_model *m = build->model;
    LC_GROW(m->variables, m->variable_count, m->variable_capacity);
    m->variables[m->variable_count++] = (struct lc_variable){lc_strdup(name), lc_strdup(expression), *place};
    const char *last = strrchr(name, '$'); /* "i, $x": x for each i */
    lci_scope_add(build->scope, last != NULL ? last + 1 : name, expression, build->diag, place);
}

static void append_variable(struct lc_variable **list, size_t *count, size_t *capacity, struct lc_variable v)
{
    LC_GROW(*list, *count, *capacity);
    (*list)[(*count)++] = v;
}

void lci_build_observation(struct lci_build *build, const char *name, const char *key, const struct lc_place *place)
{
    struct lc_model *m = build->model;
    append_variable(&m->observations, &m->observation_count, &m->observation_capacity,
                    (struct lc_variable){lc_strdup(name), lc_strdup(key), *place});
}

void lci_build_report(struct lci_build *build, const char *name, const char *expression, const struct lc_place *place)
{
    struct lc_model *m = build->model;
    append_variable(&m->reports, &m->report_count, &m->report_capacity,
                    (struct lc_variable){lc_strdup(name), lc_strdup(expression), *place});
}

/* ---- demands ----------------------------------------------------------------------------------------------------- */

struct lc_dist lci_demand(double mean, double cv2)
{
    if (!(mean > LCI_NOTHING))
        return (struct lc_dist){0};
    return cv2 == 1 ? lc_dist_exponential(mean) : lci_dist_moments(mean, cv2);
}

bool lci_demand_parts(const struct lc_dist *demand, double *mean, double *cv2)
{
    *mean = 0;
    *cv2 = 1;
    if (demand->family == NULL)
        return true;
    if (strcmp(demand->family->name, "moments") == 0 && demand->shift == 0) {
        *mean = demand->parameters[0];
        *cv2 = demand->parameters[1];
        return true;
    }
    *mean = lc_dist_mean(demand);
    if (strcmp(demand->family->name, "exponential") == 0 && demand->shift == 0)
        return true;
    *cv2 = lc_dist_cv2(demand);
    return strcmp(demand->family->name, "deterministic") == 0;
}

char *lci_phase_name(const char *entry, int phase)
{
    return lc_format("%s_%d", entry, phase);
}
