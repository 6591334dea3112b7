/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The layered queueing network in memory: words, making, adding, finding and freeing. */
#include "loadcast/lqn.h"
#include "base/memory.h"
#include "model/lqn.h"
#include "model/pattern.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- words ------------------------------------------------------------------------------------------------------- */

static const char *const scheduling_names[] = {
#define ROW(symbol, word) [LC_##symbol] = (word),
    LC_DISCIPLINES(ROW)
#undef ROW
        [LC_REF] = "ref",
    [LC_BURST] = "burst",
    [LC_UNIFORM] = "uniform",
    [LC_OPEN] = "open",
    [LC_POLL] = "poll",
    [LC_SEMAPHORE] = "semaphore",
    [LC_RWLOCK] = "rwlock",
    [LC_TIMEOUT] = "timeout",
    [LC_ABORT] = "abort",
    [LC_RETRY] = "retry",
    [LC_INF_RETRY] = "inf_retry",
};
#define SCHEDULINGS ((int)(sizeof scheduling_names / sizeof *scheduling_names))

static const char *const balance_names[] = {
    [LC_BALANCE_FAN] = "fan",
    [LC_BALANCE_RANDOM] = "random",
    [LC_BALANCE_ROUND_ROBIN] = "round_robin",
    [LC_BALANCE_LEAST] = "least",
    [LC_BALANCE_POWER_OF_TWO] = "power_of_two",
    [LC_BALANCE_SHARED] = "shared",
    [LC_BALANCE_STICKY] = "sticky",
};
#define BALANCES ((int)(sizeof balance_names / sizeof *balance_names))

/* Case is ignored, and '-' and ' ' are taken for '_'. */
static bool same_word(const char *a, const char *b)
{
    for (; *a != 0 && *b != 0; a++, b++) {
        const char x = *a == '-' || *a == ' ' ? '_' : *a;
        if (strncasecmp(&x, b, 1) != 0)
            return false;
    }
    return *a == *b;
}

static int find_word(const char *name, const char *const *words, int count)
{
    for (int i = 0; i < count; i++)
        if (same_word(name, words[i]))
            return i;
    return LC_NONE;
}

const char *lc_scheduling_name(enum lc_scheduling scheduling)
{
    return scheduling_names[scheduling];
}

int lc_scheduling_find(const char *name)
{
    if (same_word(name, "pri")) /* LQN XML's word for preemptive priority */
        return LC_PP;
    return find_word(name, scheduling_names, SCHEDULINGS);
}

const char *lci_discipline_words(void)
{
#define ROW(symbol, word) ", " word
    return &LC_DISCIPLINES(ROW)[2];
#undef ROW
}

const char *lc_balance_name(enum lc_balance balance)
{
    return balance_names[balance];
}

int lc_balance_find(const char *name)
{
    return find_word(name, balance_names, BALANCES);
}

/* ---- making and adding ------------------------------------------------------------------------------------------- */

struct lc_model *lc_model_new(const char *name)
{
    struct lc_model *model = lc_calloc(1, sizeof *model);
    model->name = name ? lc_strdup(name) : NULL;
    return model;
}

int lc_add_processor(struct lc_model *model, const char *name)
{
    LC_GROW(model->processors, model->processor_count, model->processor_capacity);
    model->processors[model->processor_count] = (struct lc_processor){
        .name = lc_strdup(name), .multiplicity = 1, .replicas = 1, .speed = 1, .place = LC_NOWHERE};
    return (int)model->processor_count++;
}

int lc_add_group(struct lc_model *model, const char *name, int processor)
{
    LC_GROW(model->groups, model->group_count, model->group_capacity);
    model->groups[model->group_count] =
        (struct lc_group){.name = lc_strdup(name), .processor = processor, .share = 1, .place = LC_NOWHERE};
    return (int)model->group_count++;
}

int lc_add_task(struct lc_model *model, const char *name, int processor)
{
    LC_GROW(model->tasks, model->task_count, model->task_capacity);
    model->tasks[model->task_count] = (struct lc_task){.name = lc_strdup(name),
                                                       .processor = processor,
                                                       .group = LC_NONE,
                                                       .multiplicity = 1,
                                                       .replicas = 1,
                                                       .initially = -1,
                                                       .service = true,
                                                       .place = LC_NOWHERE};
    return (int)model->task_count++;
}

int lc_add_entry(struct lc_model *model, const char *name, int task)
{
    LC_GROW(model->entries, model->entry_count, model->entry_capacity);
    const int entry = (int)model->entry_count++;
    model->entries[entry] =
        (struct lc_entry){.name = lc_strdup(name), .task = task, .start = LC_NONE, .place = LC_NOWHERE};
    for (int i = 0; i < LC_PHASES; i++)
        model->entries[entry].phases[i].place = LC_NOWHERE;
    if (task != LC_NONE) {
        struct lc_task *t = &model->tasks[task];
        LC_GROW(t->entries, t->entry_count, t->entry_capacity);
        t->entries[t->entry_count++] = entry;
    }
    return entry;
}

int lc_add_activity(struct lc_model *model, int task, const char *name)
{
    struct lc_task *t = &model->tasks[task];
    LC_GROW(t->activities, t->activity_count, t->activity_capacity);
    t->activities[t->activity_count] =
        (struct lc_activity){.name = lc_strdup(name), .present = true, .place = LC_NOWHERE};
    return (int)t->activity_count++;
}

struct lc_call *lc_add_call(struct lc_activity *activity, enum lc_call_kind kind, int entry, double mean)
{
    LC_GROW(activity->calls, activity->call_count, activity->call_capacity);
    activity->present = true;
    struct lc_call *call = &activity->calls[activity->call_count++];
    *call = (struct lc_call){.kind = kind, .entry = entry, .mean = mean, .place = LC_NOWHERE};
    return call;
}

bool lci_mixes_calls(const struct lc_activity *activity)
{
    for (size_t i = 0; activity->deterministic && i < activity->call_count; i++)
        if (activity->calls[i].random)
            return true;
    return false;
}

struct lc_forward *lc_add_forward(struct lc_entry *entry, int to, double probability)
{
    LC_GROW(entry->forwards, entry->forward_count, entry->forward_capacity);
    struct lc_forward *forward = &entry->forwards[entry->forward_count++];
    *forward = (struct lc_forward){.entry = to, .probability = probability, .place = LC_NOWHERE};
    return forward;
}

void lc_add_reply(struct lc_activity *activity, int entry)
{
    activity->replies = lc_realloc(activity->replies, activity->reply_count + 1, sizeof *activity->replies);
    activity->replies[activity->reply_count++] = entry;
}

struct lc_precedence *lc_add_precedence(struct lc_task *task, enum lc_join join, const int *pre, size_t pre_count,
                                        enum lc_fork fork, const int *post, const double *weights, size_t post_count,
                                        int end)
{
    LC_GROW(task->precedences, task->precedence_count, task->precedence_capacity);
    struct lc_precedence *p = &task->precedences[task->precedence_count++];
    *p = (struct lc_precedence){.join = join,
                                .pre = lci_copied(pre, pre_count, sizeof *pre),
                                .pre_count = pre_count,
                                .fork = fork,
                                .post = lci_copied(post, post_count, sizeof *post),
                                .weights = lci_copied(weights, post_count, sizeof *weights),
                                .post_count = post_count,
                                .end = end,
                                .place = LC_NOWHERE};
    return p;
}

/* ---- finding ----------------------------------------------------------------------------------------------------- */

#define FIND(array, count)                                                                                             \
    do {                                                                                                               \
        for (size_t i = 0; i < (count); i++)                                                                           \
            if (strcmp((array)[i].name, name) == 0)                                                                    \
                return (int)i;                                                                                         \
        return LC_NONE;                                                                                                \
    } while (0)

int lc_find_processor(const struct lc_model *model, const char *name)
{
    FIND(model->processors, model->processor_count);
}

int lc_find_task(const struct lc_model *model, const char *name)
{
    FIND(model->tasks, model->task_count);
}

int lc_find_entry(const struct lc_model *model, const char *name)
{
    FIND(model->entries, model->entry_count);
}

int lc_find_activity(const struct lc_task *task, const char *name)
{
    FIND(task->activities, task->activity_count);
}

void lci_follow_pattern(struct lc_task *task)
{
    const struct lc_pattern *p = &task->pattern;
    if (p->kind == LC_PATTERN_USERS && task->multiplicity == 1)
        for (size_t i = 0; i < p->count; i++)
            if (p->values[i] > task->multiplicity)
                task->multiplicity = (uint32_t)ceil(p->values[i]);
    if (p->kind != LC_PATTERN_NONE && p->kind != LC_PATTERN_USERS && task->arrivals.family == NULL)
        task->arrivals = lc_dist_exponential(1 / lci_pattern_rate(p));
}

double lci_arrival_rate(const struct lc_task *task)
{
    return task->replicas * lci_pattern_batch(&task->pattern) / lc_dist_mean(&task->arrivals);
}

/* ---- freeing ----------------------------------------------------------------------------------------------------- */

static void free_activity(struct lc_activity *a)
{
    free(a->name);
    lc_dist_free(&a->demand);
    lc_dist_free(&a->think);
    for (size_t i = 0; i < a->call_count; i++)
        free(a->calls[i].comment);
    free(a->calls);
    free(a->replies);
    free(a->comment);
}

/* Takes those out of `list` that are gone; the others get their new indices. */
static size_t renumber(int *list, size_t count, const int *now)
{
    size_t left = 0;
    for (size_t i = 0; i < count; i++)
        if (now[list[i]] != LC_NONE)
            list[left++] = now[list[i]];
    return left;
}

static void free_precedence(struct lc_precedence *p)
{
    free(p->pre);
    free(p->post);
    free(p->weights);
}

void lci_remove_activities(struct lc_model *model, int task, const char *gone)
{
    struct lc_task *t = &model->tasks[task];
    int *now = lc_alloc((t->activity_count + 1) * sizeof *now);
    size_t kept = 0, precedences = 0;
    for (size_t a = 0; a < t->activity_count; a++) {
        now[a] = gone[a] ? LC_NONE : (int)kept;
        if (gone[a])
            free_activity(&t->activities[a]);
        else
            t->activities[kept++] = t->activities[a];
    }
    t->activity_count = kept;
    for (size_t i = 0; i < t->precedence_count; i++) {
        struct lc_precedence *p = &t->precedences[i];
        const bool whole = renumber(p->pre, p->pre_count, now) == p->pre_count &&
                           renumber(p->post, p->post_count, now) == p->post_count &&
                           (p->end == LC_NONE || now[p->end] != LC_NONE);
        if (!whole) {
            free_precedence(p);
            continue;
        }
        p->end = p->end != LC_NONE ? now[p->end] : LC_NONE;
        t->precedences[precedences++] = *p;
    }
    t->precedence_count = precedences;
    for (size_t i = 0; i < t->entry_count; i++) {
        int *start = &model->entries[t->entries[i]].start;
        *start = *start != LC_NONE ? now[*start] : LC_NONE;
    }
    free(now);
}

static void free_task(struct lc_task *t)
{
    free(t->name);
    lc_dist_free(&t->think_time);
    lc_dist_free(&t->arrivals);
    lci_pattern_free(&t->pattern);
    free(t->fan_in);
    free(t->fan_out);
    free(t->entries);
    for (size_t i = 0; i < t->activity_count; i++)
        free_activity(&t->activities[i]);
    free(t->activities);
    for (size_t i = 0; i < t->precedence_count; i++)
        free_precedence(&t->precedences[i]);
    free(t->precedences);
    for (size_t i = 0; i < t->decision_count; i++)
        free(t->decisions[i].name);
    free(t->decisions);
    free(t->policies);
    lc_dist_free(&t->elastic.keep_alive);
    lc_dist_free(&t->elastic.start_up);
    lc_dist_free(&t->elastic.up);
    lc_dist_free(&t->elastic.down);
    free(t->comment);
}

static void free_entry(struct lc_entry *e)
{
    free(e->name);
    for (int i = 0; i < LC_PHASES; i++)
        free_activity(&e->phases[i]);
    lc_dist_free(&e->open_arrivals);
    for (size_t i = 0; i < e->forward_count; i++)
        free(e->forwards[i].comment);
    free(e->forwards);
    free(e->next);
    lc_dist_free(&e->pause);
    free(e->comment);
}

static void free_variables(struct lc_variable *variables, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(variables[i].name);
        free(variables[i].expression);
    }
    free(variables);
}

void lci_forget_parameters(struct lc_model *model)
{
    for (size_t i = 0; i < model->binding_count; i++) {
        free(model->bindings[i].path);
        free(model->bindings[i].expression);
    }
    free(model->bindings);
    free_variables(model->variables, model->variable_count);
    free_variables(model->observations, model->observation_count);
    free_variables(model->reports, model->report_count);
    model->bindings = NULL;
    model->variables = model->observations = model->reports = NULL;
    model->binding_count = model->variable_count = model->observation_count = model->report_count = 0;
    model->binding_capacity = model->variable_capacity = model->observation_capacity = model->report_capacity = 0;
}

static void free_settings(struct lc_model *model)
{
    lci_forget_parameters(model);
    for (size_t i = 0; i < model->pragma_count; i++) {
        free(model->pragmas[i].name);
        free(model->pragmas[i].value);
    }
    free(model->pragmas);
    free(model->name);
    free(model->description);
    free(model->comment);
    free(model->time_unit);
    free(model->source);
}

void lc_model_free(struct lc_model *model)
{
    if (model == NULL)
        return;
    for (size_t i = 0; i < model->processor_count; i++) {
        free(model->processors[i].name);
        free(model->processors[i].comment);
    }
    free(model->processors);
    for (size_t i = 0; i < model->group_count; i++) {
        free(model->groups[i].name);
        free(model->groups[i].comment);
    }
    free(model->groups);
    for (size_t i = 0; i < model->task_count; i++)
        free_task(&model->tasks[i]);
    free(model->tasks);
    for (size_t i = 0; i < model->entry_count; i++)
        free_entry(&model->entries[i]);
    free(model->entries);
    free_settings(model);
    free(model);
}

bool lci_is_pool_of(const struct lc_model *model, int pool, int task)
{
    const char *name = model->tasks[pool].name, *owner = model->tasks[task].name;
    const size_t length = strlen(owner);
    return pool != task && strncmp(name, owner, length) == 0 && name[length] == '>' &&
           strcmp(model->processors[model->tasks[pool].processor].name, name) == 0;
}
