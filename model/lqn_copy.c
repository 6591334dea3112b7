/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Deep copies of models. The places of the copy borrow the copy's own source name. */
#include "base/memory.h"
#include "model/dist/dist.h"
#include "model/lqn.h"
#include "model/pattern.h"
#include "model/policy.h"

#include <stdlib.h>
#include <string.h>

/* The names of a file that the original and its copy keep. */
struct sources {
    const char *from, *to;
};

static void move_place(struct lc_place *place, const struct sources *s)
{
    if (place->file != NULL && place->file == s->from)
        place->file = s->to;
}

static char *text_copy(const char *text)
{
    return text ? lc_strdup(text) : NULL;
}

/* Replaces the array of `copy` (a lvalue that still shares its members with the original) by one of its own. */
#define OWN_ARRAY(copy, array, count) (copy)->array = lci_copied((copy)->array, (copy)->count, sizeof *(copy)->array)
#define OWN_GROWING(copy, array, count, capacity)                                                                      \
    do {                                                                                                               \
        OWN_ARRAY(copy, array, count);                                                                                 \
        (copy)->capacity = (copy)->array ? (copy)->count : 0;                                                          \
    } while (0)

static void own_activity(struct lc_activity *a, const struct sources *s)
{
    a->name = text_copy(a->name);
    a->comment = text_copy(a->comment);
    a->demand = lci_dist_copy(&a->demand);
    a->think = lci_dist_copy(&a->think);
    OWN_GROWING(a, calls, call_count, call_capacity);
    for (size_t i = 0; i < a->call_count; i++) {
        a->calls[i].comment = text_copy(a->calls[i].comment);
        move_place(&a->calls[i].place, s);
    }
    OWN_ARRAY(a, replies, reply_count);
    move_place(&a->place, s);
}

static void own_precedence(struct lc_precedence *p, const struct sources *s)
{
    OWN_ARRAY(p, pre, pre_count);
    OWN_ARRAY(p, post, post_count);
    OWN_ARRAY(p, weights, post_count);
    move_place(&p->place, s);
}

static void own_task(struct lc_task *t, const struct sources *s)
{
    t->name = text_copy(t->name);
    t->comment = text_copy(t->comment);
    t->think_time = lci_dist_copy(&t->think_time);
    t->arrivals = lci_dist_copy(&t->arrivals);
    t->pattern = lci_pattern_copy(&t->pattern);
    OWN_ARRAY(t, fan_in, fan_in_count);
    OWN_ARRAY(t, fan_out, fan_out_count);
    OWN_GROWING(t, entries, entry_count, entry_capacity);
    OWN_GROWING(t, activities, activity_count, activity_capacity);
    for (size_t i = 0; i < t->activity_count; i++)
        own_activity(&t->activities[i], s);
    OWN_GROWING(t, precedences, precedence_count, precedence_capacity);
    for (size_t i = 0; i < t->precedence_count; i++)
        own_precedence(&t->precedences[i], s);
    OWN_ARRAY(t, decisions, decision_count);
    for (size_t i = 0; i < t->decision_count; i++)
        t->decisions[i].name = text_copy(t->decisions[i].name);
    t->elastic.keep_alive = lci_dist_copy(&t->elastic.keep_alive);
    t->elastic.start_up = lci_dist_copy(&t->elastic.start_up);
    t->elastic.up = lci_dist_copy(&t->elastic.up);
    t->elastic.down = lci_dist_copy(&t->elastic.down);
    OWN_ARRAY(t, policies, policy_count);
    for (size_t i = 0; i < t->policy_count; i++)
        move_place(&t->policies[i].place, s);
    move_place(&t->place, s);
}

static void own_entry(struct lc_entry *e, const struct sources *s)
{
    e->name = text_copy(e->name);
    e->comment = text_copy(e->comment);
    for (int i = 0; i < LC_PHASES; i++)
        own_activity(&e->phases[i], s);
    e->open_arrivals = lci_dist_copy(&e->open_arrivals);
    e->pause = lci_dist_copy(&e->pause);
    OWN_GROWING(e, next, next_count, next_capacity);
    for (size_t i = 0; i < e->next_count; i++)
        move_place(&e->next[i].place, s);
    OWN_GROWING(e, forwards, forward_count, forward_capacity);
    for (size_t i = 0; i < e->forward_count; i++) {
        e->forwards[i].comment = text_copy(e->forwards[i].comment);
        move_place(&e->forwards[i].place, s);
    }
    move_place(&e->place, s);
}

static void own_variables(struct lc_variable *variables, size_t count, const struct sources *s)
{
    for (size_t i = 0; i < count; i++) {
        variables[i].name = text_copy(variables[i].name);
        variables[i].expression = text_copy(variables[i].expression);
        move_place(&variables[i].place, s);
    }
}

static void own_settings(struct lc_model *m, const struct sources *s)
{
    m->name = text_copy(m->name);
    m->description = text_copy(m->description);
    m->comment = text_copy(m->comment);
    m->time_unit = text_copy(m->time_unit);
    OWN_GROWING(m, pragmas, pragma_count, pragma_capacity);
    for (size_t i = 0; i < m->pragma_count; i++) {
        m->pragmas[i].name = text_copy(m->pragmas[i].name);
        m->pragmas[i].value = text_copy(m->pragmas[i].value);
    }
    OWN_GROWING(m, bindings, binding_count, binding_capacity);
    for (size_t i = 0; i < m->binding_count; i++) {
        m->bindings[i].path = text_copy(m->bindings[i].path);
        m->bindings[i].expression = text_copy(m->bindings[i].expression);
        move_place(&m->bindings[i].place, s);
    }
    OWN_GROWING(m, variables, variable_count, variable_capacity);
    own_variables(m->variables, m->variable_count, s);
    OWN_GROWING(m, observations, observation_count, observation_capacity);
    own_variables(m->observations, m->observation_count, s);
    OWN_GROWING(m, reports, report_count, report_capacity);
    own_variables(m->reports, m->report_count, s);
}

int lci_copy_task(struct lc_model *model, int task, const char *name)
{
    const struct sources here = {model->source, model->source};
    LC_GROW(model->tasks, model->task_count, model->task_capacity);
    struct lc_task *t = &model->tasks[model->task_count];
    *t = model->tasks[task];
    own_task(t, &here);
    free(t->name);
    t->name = lc_strdup(name);
    return (int)model->task_count++;
}

struct lc_model *lc_model_copy(const struct lc_model *model)
{
    struct lc_model *m = lc_alloc(sizeof *m);
    *m = *model;
    m->source = text_copy(model->source);
    const struct sources s = {model->source, m->source};
    own_settings(m, &s);
    OWN_GROWING(m, processors, processor_count, processor_capacity);
    for (size_t i = 0; i < m->processor_count; i++) {
        m->processors[i].name = text_copy(m->processors[i].name);
        m->processors[i].comment = text_copy(m->processors[i].comment);
        move_place(&m->processors[i].place, &s);
    }
    OWN_GROWING(m, groups, group_count, group_capacity);
    for (size_t i = 0; i < m->group_count; i++) {
        m->groups[i].name = text_copy(m->groups[i].name);
        m->groups[i].comment = text_copy(m->groups[i].comment);
        move_place(&m->groups[i].place, &s);
    }
    OWN_GROWING(m, tasks, task_count, task_capacity);
    for (size_t i = 0; i < m->task_count; i++)
        own_task(&m->tasks[i], &s);
    OWN_GROWING(m, entries, entry_count, entry_capacity);
    for (size_t i = 0; i < m->entry_count; i++)
        own_entry(&m->entries[i], &s);
    return m;
}
