/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Are two models the same? Elements are matched by name and references are compared by what they refer to, because
 * formats that nest tasks in processors or entries in tasks cannot keep the order between them. What has an order with
 * a meaning (entries of a task, calls, activities, precedences, settings) is compared in order. */
#include "model/dist/dist.h"
#include "model/elastic.h"
#include "model/pattern.h"
#include "model/policy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The comparison under way. `to_b[i]` is the element of b that has the name of element i of a. */
struct comparison {
    const struct lc_model *a, *b;
    int *processors, *groups, *tasks, *entries;
    char **difference;
    const char *kind, *name; /* of the element that is compared */
    const char *part;        /* of the element: a phase's or an activity's name; NULL: itself */
};

static bool differs(struct comparison *c, const char *what)
{
    if (c->difference == NULL || *c->difference != NULL)
        return false;
    if (c->part != NULL)
        *c->difference = lc_format("%s '%s', %s: %s differs", c->kind, c->name, c->part, what);
    else if (c->name != NULL)
        *c->difference = lc_format("%s '%s': %s differs", c->kind, c->name, what);
    else
        *c->difference = lc_format("%s differs", what);
    return false;
}

/* No text and an empty one are the same. */
static bool same_text(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

/* No time at all is the same, whether it is set (as a family of mean 0) or not: formats do not keep the difference. */
static bool same_time(const struct lc_dist *a, const struct lc_dist *b)
{
    const bool none_a = a->family == NULL || lc_dist_mean(a) == 0, none_b = b->family == NULL || lc_dist_mean(b) == 0;
    return none_a || none_b ? none_a && none_b : lci_dist_equal(a, b);
}

/* Where a reference of a leads in b. */
static int mapped(const int *to_b, int element)
{
    return element < 0 ? element : to_b[element];
}

#define SAME(condition, what)                                                                                          \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            return differs(c, what);                                                                                   \
    } while (0)

/* ---- matching by name -------------------------------------------------------------------------------------------- */

struct named {
    const char *name;
    int index;
};

static int by_name(const void *x, const void *y)
{
    const struct named *a = x, *b = y;
    const int order = strcmp(a->name, b->name);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

/* The names of `count` records of `size` bytes, each of which starts with its name. Sorted. */
static struct named *sorted_names(const void *records, size_t count, size_t size)
{
    struct named *names = lc_calloc(count, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        const char *const *name = (const void *)((const char *)records + i * size);
        names[i] = (struct named){*name, (int)i};
    }
    qsort(names, count, sizeof *names, by_name);
    return names;
}

/* Elements of one name are paired in order. NULL and a difference when the names are not the same. */
static int *match(struct comparison *c, const char *kind, const void *a, size_t a_count, const void *b, size_t b_count,
                  size_t size)
{
    struct named *in_a = sorted_names(a, a_count, size), *in_b = sorted_names(b, b_count, size);
    int *to_b = lc_calloc(a_count, sizeof *to_b);
    const size_t shorter = a_count < b_count ? a_count : b_count;
    size_t i = 0;
    for (; i < shorter && strcmp(in_a[i].name, in_b[i].name) == 0; i++)
        to_b[in_a[i].index] = in_b[i].index;
    if (i < a_count || i < b_count) {
        if (c->difference != NULL && *c->difference == NULL) {
            const bool first = i < a_count && (i >= b_count || strcmp(in_a[i].name, in_b[i].name) < 0);
            *c->difference = lc_format("%s '%s' is only in the %s model", kind, first ? in_a[i].name : in_b[i].name,
                                       first ? "first" : "second");
        }
        free(to_b);
        to_b = NULL;
    }
    free(in_a);
    free(in_b);
    return to_b;
}

/* ---- parts ------------------------------------------------------------------------------------------------------- */

static bool same_calls(struct comparison *c, const struct lc_activity *a, const struct lc_activity *b)
{
    SAME(a->call_count == b->call_count, "number of calls");
    for (size_t i = 0; i < a->call_count; i++) {
        const struct lc_call *x = &a->calls[i], *y = &b->calls[i];
        SAME(x->kind == y->kind, "kind of a call");
        SAME(mapped(c->entries, x->entry) == y->entry, "destination of a call");
        SAME(x->mean == y->mean, "mean of a call");
        SAME((a->deterministic && x->random) == (b->deterministic && y->random), "randomness of a call");
        SAME(same_text(x->comment, y->comment), "comment of a call");
    }
    return true;
}

/* LQN text has no phase that does nothing. */
static bool is_there(const struct lc_activity *a)
{
    return a->present && (a->name != NULL || a->call_count > 0 || a->max_service_time > 0 || a->histogram.bins > 0 ||
                          a->comment != NULL || a->deterministic || !same_time(&a->demand, &(struct lc_dist){0}) ||
                          !same_time(&a->think, &(struct lc_dist){0}));
}

static bool same_activity(struct comparison *c, const struct lc_activity *a, const struct lc_activity *b)
{
    SAME(same_text(a->name, b->name), "name of the activity or phase");
    SAME(is_there(a) == is_there(b), "presence");
    SAME(same_time(&a->demand, &b->demand), "demand");
    SAME(same_time(&a->think, &b->think), "think time");
    SAME(a->deterministic == b->deterministic, "order of calls");
    SAME(a->max_service_time == b->max_service_time, "maximum service time");
    SAME(a->histogram.bins == b->histogram.bins && a->histogram.minimum == b->histogram.minimum &&
             a->histogram.maximum == b->histogram.maximum,
         "histogram");
    SAME(a->last_of == b->last_of, "whose last request takes the branch");
    SAME(a->reply_count == b->reply_count, "number of replies");
    for (size_t i = 0; i < a->reply_count; i++)
        SAME(mapped(c->entries, a->replies[i]) == b->replies[i], "a reply");
    SAME(same_text(a->comment, b->comment), "comment");
    return same_calls(c, a, b);
}

static bool same_precedence(struct comparison *c, const struct lc_precedence *a, const struct lc_precedence *b)
{
    SAME(a->join == b->join && a->fork == b->fork, "kind of a precedence");
    SAME(a->pre_count == b->pre_count && a->post_count == b->post_count, "size of a precedence");
    SAME(a->quorum == b->quorum, "quorum of a precedence");
    SAME(a->end == b->end, "end of a loop");
    SAME((a->weights == NULL) == (b->weights == NULL), "weights of a precedence");
    for (size_t i = 0; i < a->pre_count; i++)
        SAME(a->pre[i] == b->pre[i], "an activity before a precedence");
    for (size_t i = 0; i < a->post_count; i++) {
        SAME(a->post[i] == b->post[i], "an activity after a precedence");
        SAME(a->weights == NULL || a->weights[i] == b->weights[i], "a weight of a precedence");
    }
    return true;
}

static bool same_graph(struct comparison *c, const struct lc_task *a, const struct lc_task *b)
{
    SAME(a->activity_count == b->activity_count, "number of activities");
    SAME(a->precedence_count == b->precedence_count, "number of precedences");
    for (size_t i = 0; i < a->activity_count; i++) {
        c->part = a->activities[i].name;
        if (!same_activity(c, &a->activities[i], &b->activities[i]))
            return false;
    }
    c->part = NULL;
    for (size_t i = 0; i < a->precedence_count; i++)
        if (!same_precedence(c, &a->precedences[i], &b->precedences[i]))
            return false;
    return true;
}

static bool same_fans(struct comparison *c, const struct lc_fan *a, size_t a_count, const struct lc_fan *b,
                      size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (mapped(c->tasks, a[i].task) != b[i].task || a[i].value != b[i].value)
            return false;
    return true;
}

static bool same_decisions(struct comparison *c, const struct lc_task *a, const struct lc_task *b)
{
    SAME(a->decision_count == b->decision_count, "number of decisions");
    for (size_t i = 0; i < a->decision_count; i++) {
        const struct lc_decision *x = &a->decisions[i], *y = &b->decisions[i];
        SAME(same_text(x->name, y->name) && x->kind == y->kind && mapped(c->entries, x->from) == y->from &&
                 mapped(c->entries, x->to) == y->to && x->timeout == y->timeout && x->abort == y->abort &&
                 x->sleep == y->sleep && x->max_retries == y->max_retries,
             "a decision");
    }
    return true;
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool same_disturbance(const struct lc_disturbance *a, const struct lc_disturbance *b)
{
    return a->at == b->at && a->length == b->length && a->replicas == b->replicas && a->speed == b->speed;
}

static bool same_elastic(struct comparison *c, const struct lc_elastic *a, const struct lc_elastic *b)
{
    SAME(a->minimum == b->minimum && a->maximum == b->maximum, "number of replicas that scaling allows");
    SAME(a->target_load == b->target_load && a->target_queue == b->target_queue, "target of scaling");
    SAME(a->period == b->period && a->cooldown == b->cooldown && a->down_delay == b->down_delay, "times of scaling");
    SAME(lci_elastic_on_demand(a) == lci_elastic_on_demand(b) && same_time(&a->keep_alive, &b->keep_alive),
         "keep-alive time");
    SAME(same_time(&a->start_up, &b->start_up), "start-up time");
    SAME(lci_dist_equal(&a->up, &b->up) && lci_dist_equal(&a->down, &b->down), "failures");
    SAME(same_disturbance(&a->outage, &b->outage), "failure at a given time");
    SAME(same_disturbance(&a->slow_down, &b->slow_down), "slow-down");
    return true;
}

static bool same_policies(struct comparison *c, const struct lc_task *a, const struct lc_task *b)
{
    SAME(a->policy_count == b->policy_count, "number of policies");
    for (size_t i = 0; i < a->policy_count; i++) {
        SAME(mapped(c->tasks, a->policies[i].from) == b->policies[i].from, "caller of a policy");
        for (const struct lci_policy_field *f = lci_policy_table; f->name != NULL; f++)
            SAME(same_number(lci_policy_get(&a->policies[i], f), lci_policy_get(&b->policies[i], f)), f->name);
    }
    return true;
}

/* ---- elements ---------------------------------------------------------------------------------------------------- */

/* `inf` has no limit, whatever multiplicity stands beside it. */
static uint32_t servers(uint32_t multiplicity, enum lc_scheduling scheduling)
{
    return scheduling == LC_INF ? LC_INFINITE : multiplicity;
}

static bool same_processor(struct comparison *c, const struct lc_processor *a, const struct lc_processor *b)
{
    SAME(a->scheduling == b->scheduling, "scheduling");
    SAME(a->quantum == b->quantum, "quantum");
    SAME(servers(a->multiplicity, a->scheduling) == servers(b->multiplicity, b->scheduling), "multiplicity");
    SAME(a->replicas == b->replicas, "replicas");
    SAME(a->speed == b->speed, "speed");
    SAME(same_text(a->comment, b->comment), "comment");
    return true;
}

static bool same_group(struct comparison *c, const struct lc_group *a, const struct lc_group *b)
{
    SAME(mapped(c->processors, a->processor) == b->processor, "processor");
    SAME(a->share == b->share, "share");
    SAME(a->cap == b->cap, "cap");
    SAME(same_text(a->comment, b->comment), "comment");
    return true;
}

/* Nobody waits for one of infinitely many threads: serving in the order of arrival is no scheduling then. */
static enum lc_scheduling order_of(const struct lc_task *t)
{
    return t->multiplicity == LC_INFINITE && t->scheduling == LC_FCFS ? LC_INF : t->scheduling;
}

static bool same_task(struct comparison *c, const struct lc_task *a, const struct lc_task *b)
{
    SAME(mapped(c->processors, a->processor) == b->processor, "processor");
    SAME(mapped(c->groups, a->group) == b->group, "group");
    SAME(order_of(a) == order_of(b), "scheduling");
    SAME(servers(a->multiplicity, a->scheduling) == servers(b->multiplicity, b->scheduling), "multiplicity");
    SAME(a->replicas == b->replicas, "replicas");
    SAME(a->balance == b->balance, "balance");
    SAME(a->priority == b->priority, "priority");
    SAME(same_time(&a->think_time, &b->think_time), "think time");
    SAME(lci_dist_equal(&a->arrivals, &b->arrivals), "arrivals");
    SAME(lci_pattern_equal(&a->pattern, &b->pattern), "pattern");
    SAME(a->queue_length == b->queue_length, "queue length");
    SAME(a->overflow == b->overflow, "overflow");
    SAME(a->initially == b->initially, "number of tokens at the start");
    SAME(same_fans(c, a->fan_in, a->fan_in_count, b->fan_in, b->fan_in_count), "fan-in");
    SAME(same_fans(c, a->fan_out, a->fan_out_count, b->fan_out, b->fan_out_count), "fan-out");
    SAME(a->entry_count == b->entry_count, "number of entries");
    for (size_t i = 0; i < a->entry_count; i++)
        SAME(mapped(c->entries, a->entries[i]) == b->entries[i], "order of entries");
    SAME(a->service == b->service, "being a service");
    SAME(same_text(a->comment, b->comment), "comment");
    return same_decisions(c, a, b) && same_elastic(c, &a->elastic, &b->elastic) && same_policies(c, a, b) &&
           same_graph(c, a, b);
}

static bool same_entry(struct comparison *c, const struct lc_entry *a, const struct lc_entry *b)
{
    static const char *const phases[LC_PHASES] = {"phase 1", "phase 2", "phase 3"};
    SAME(mapped(c->tasks, a->task) == b->task, "task");
    SAME(a->start == b->start, "start activity");
    SAME(a->open_rate == b->open_rate, "open rate");
    SAME(lci_dist_equal(&a->open_arrivals, &b->open_arrivals), "open arrivals");
    SAME(a->priority == b->priority, "priority");
    SAME(a->probability == b->probability, "probability");
    SAME(a->role == b->role, "role");
    SAME(same_text(a->comment, b->comment), "comment");
    SAME(same_time(&a->pause, &b->pause), "pause");
    SAME(a->next_count == b->next_count, "number of next steps");
    for (size_t i = 0; i < a->next_count; i++)
        SAME(mapped(c->entries, a->next[i].entry) == b->next[i].entry &&
                 a->next[i].probability == b->next[i].probability,
             "a next step");
    SAME(a->forward_count == b->forward_count, "number of forwards");
    for (size_t i = 0; i < a->forward_count; i++)
        SAME(mapped(c->entries, a->forwards[i].entry) == b->forwards[i].entry &&
                 a->forwards[i].probability == b->forwards[i].probability &&
                 same_text(a->forwards[i].comment, b->forwards[i].comment),
             "a forward");
    for (int i = 0; i < LC_PHASES; i++) {
        c->part = phases[i];
        if (!same_activity(c, &a->phases[i], &b->phases[i]))
            return false;
    }
    c->part = NULL;
    return true;
}

static bool same_variables(const struct lc_variable *a, size_t a_count, const struct lc_variable *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (!same_text(a[i].name, b[i].name) || !same_text(a[i].expression, b[i].expression))
            return false;
    return true;
}

static bool same_settings(struct comparison *c)
{
    const struct lc_model *a = c->a, *b = c->b;
    SAME(same_text(a->name, b->name), "name of the model");
    SAME(same_text(a->description, b->description), "description");
    SAME(same_text(a->comment, b->comment), "comment");
    SAME(same_text(a->time_unit, b->time_unit), "time unit");
    SAME(a->convergence == b->convergence && a->underrelaxation == b->underrelaxation &&
             a->iteration_limit == b->iteration_limit && a->print_interval == b->print_interval,
         "a solver parameter");
    SAME(a->pragma_count == b->pragma_count, "number of pragmas");
    for (size_t i = 0; i < a->pragma_count; i++)
        SAME(same_text(a->pragmas[i].name, b->pragmas[i].name) && same_text(a->pragmas[i].value, b->pragmas[i].value),
             "a pragma");
    SAME(a->binding_count == b->binding_count, "number of bindings");
    for (size_t i = 0; i < a->binding_count; i++)
        SAME(same_text(a->bindings[i].path, b->bindings[i].path) &&
                 same_text(a->bindings[i].expression, b->bindings[i].expression),
             "a binding");
    SAME(same_variables(a->variables, a->variable_count, b->variables, b->variable_count), "a variable");
    SAME(same_variables(a->observations, a->observation_count, b->observations, b->observation_count),
         "an observation");
    SAME(same_variables(a->reports, a->report_count, b->reports, b->report_count), "a report");
    return true;
}

/* Compares the elements of one kind pairwise. */
#define SAME_ELEMENTS(what, array, count, to_b, same)                                                                  \
    for (size_t i = 0; i < c->a->count; i++) {                                                                         \
        c->kind = what;                                                                                                \
        c->name = c->a->array[i].name;                                                                                 \
        if (!same(c, &c->a->array[i], &c->b->array[c->to_b[i]]))                                                       \
            return false;                                                                                              \
    }

static bool same_elements(struct comparison *c)
{
    SAME_ELEMENTS("processor", processors, processor_count, processors, same_processor)
    SAME_ELEMENTS("group", groups, group_count, groups, same_group)
    SAME_ELEMENTS("task", tasks, task_count, tasks, same_task)
    SAME_ELEMENTS("entry", entries, entry_count, entries, same_entry)
    return true;
}

#define MATCH(kind, array, count) match(&c, kind, a->array, a->count, b->array, b->count, sizeof *a->array)

bool lc_model_equal(const struct lc_model *a, const struct lc_model *b, char **difference)
{
    _Static_assert(offsetof(struct lc_processor, name) == 0 && offsetof(struct lc_group, name) == 0 &&
                       offsetof(struct lc_task, name) == 0 && offsetof(struct lc_entry, name) == 0,
                   "sorted_names() takes records that start with their name");
    struct comparison c = {.a = a, .b = b, .difference = difference};
    if (difference != NULL)
        *difference = NULL;
    bool same = same_settings(&c);
    if (same) {
        c.processors = MATCH("processor", processors, processor_count);
        c.groups = MATCH("group", groups, group_count);
        c.tasks = MATCH("task", tasks, task_count);
        c.entries = MATCH("entry", entries, entry_count);
        same = c.processors != NULL && c.groups != NULL && c.tasks != NULL && c.entries != NULL && same_elements(&c);
    }
    free(c.processors);
    free(c.groups);
    free(c.tasks);
    free(c.entries);
    return same;
}
