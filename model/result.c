/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Results: the arrays that belong to a model, with nothing known yet. */
#include "loadcast/result.h"
#include "model/policy.h"

#include <math.h>
#include <stdlib.h>

static const struct lc_estimate unknown = {NAN, NAN, NAN};

/* `count` estimates; NULL for none. */
static struct lc_estimate *unknowns(size_t count)
{
    if (count == 0)
        return NULL;
    struct lc_estimate *estimates = lc_calloc(count, sizeof *estimates);
    for (size_t i = 0; i < count; i++)
        estimates[i] = unknown;
    return estimates;
}

static struct lc_percentiles unknown_percentiles(void)
{
    struct lc_percentiles p = {.known = false};
    for (int i = 0; i < LC_MOST_PERCENTILES; i++)
        p.value[i] = unknown;
    return p;
}

static struct lc_percentile_list standard_percentiles(void)
{
    return (struct lc_percentile_list){LC_PERCENTILES, {50, 90, 95, 99}};
}

bool lc_percentile_add(struct lc_percentile_list *list, double percent)
{
    for (unsigned k = 0; k < list->count; k++)
        if (list->percent[k] == percent)
            return true;
    if (list->count == LC_MOST_PERCENTILES)
        return false;
    list->percent[list->count++] = percent;
    return true;
}

const struct lc_estimate *lc_percentile(const struct lc_result *result, const struct lc_percentiles *of, double percent)
{
    for (unsigned k = 0; of->known && k < result->percentile_list.count; k++)
        if (result->percentile_list.percent[k] == percent)
            return &of->value[k];
    return NULL;
}

static struct lc_task_result new_task(void)
{
    struct lc_task_result t = {.throughput = unknown,
                               .utilization = unknown,
                               .load = unknown,
                               .processor_utilization = unknown,
                               .queue_length = unknown,
                               .waiting_time = unknown,
                               .dropped = unknown,
                               .timed_out = unknown,
                               .given_up = unknown,
                               .retries = unknown,
                               .replicas = unknown,
                               .serving = unknown,
                               .starts = unknown};
    for (int i = 0; i < LC_PHASES; i++)
        t.phase_utilization[i] = unknown;
    for (int i = 0; i < 2; i++) {
        t.lock_waiting[i] = t.lock_waiting_variance[i] = unknown;
        t.lock_holding[i] = t.lock_holding_variance[i] = unknown;
        t.lock_utilization[i] = unknown;
    }
    return t;
}

static struct lc_activity_result new_activity(const struct lc_activity *a)
{
    return (struct lc_activity_result){
        .service_time = unknown,
        .service_time_variance = unknown,
        .utilization = unknown,
        .throughput = unknown,
        .processor_waiting = unknown,
        .processor_utilization = unknown,
        .exceeded = unknown,
        .histogram.bins = a->histogram.bins ? unknowns((size_t)a->histogram.bins + 2) : NULL,
        .calls = unknowns(a->call_count),
        .call_variance = unknowns(a->call_count),
        .call_loss = unknowns(a->call_count),
    };
}

static void free_activity(struct lc_activity_result *a)
{
    free(a->histogram.bins);
    free(a->calls);
    free(a->call_variance);
    free(a->call_loss);
}

static struct lc_entry_result new_entry(const struct lc_entry *entry)
{
    struct lc_entry_result e = {.throughput = unknown,
                                .utilization = unknown,
                                .processor_utilization = unknown,
                                .service_time = unknown,
                                .cv2 = unknown,
                                .throughput_bound = NAN,
                                .percentiles = unknown_percentiles(),
                                .open_response_time = unknown,
                                .cumulated_runtime = unknown,
                                .open_percentiles = unknown_percentiles(),
                                .open_loss = unknown,
                                .forwards = unknowns(entry->forward_count),
                                .forward_variance = unknowns(entry->forward_count)};
    for (int i = 0; i < LC_PHASES; i++)
        e.phases[i] = new_activity(&entry->phases[i]);
    return e;
}

static void add_joins(struct lc_result *r, size_t *capacity, int task)
{
    const struct lc_task *t = &r->model->tasks[task];
    for (size_t i = 0; i < t->precedence_count; i++) {
        if (t->precedences[i].join != LC_JOIN_AND)
            continue;
        LC_GROW(r->joins, r->join_count, *capacity);
        r->joins[r->join_count++] =
            (struct lc_join_result){.task = task, .precedence = (int)i, .delay = unknown, .variance = unknown};
    }
}

static void add_workload(struct lc_result *r, size_t *capacity, int task, int entry)
{
    LC_GROW(r->workloads, r->workload_count, *capacity);
    r->workloads[r->workload_count++] = (struct lc_workload_result){.task = task,
                                                                    .entry = entry,
                                                                    .throughput = unknown,
                                                                    .response_time = unknown,
                                                                    .completion_time = unknown,
                                                                    .percentiles = unknown_percentiles(),
                                                                    .completion_percentiles = unknown_percentiles(),
                                                                    .failed = unknown,
                                                                    .bounds = {NAN, NAN, NAN, NAN}};
}

/* Sources of load: tasks first, then entries, each in the model's order. */
static void add_workloads(struct lc_result *r)
{
    const struct lc_model *model = r->model;
    size_t capacity = 0;
    for (size_t i = 0; i < model->task_count; i++)
        if (lc_is_source(&model->tasks[i]))
            add_workload(r, &capacity, (int)i, LC_NONE);
    for (size_t i = 0; i < model->entry_count; i++)
        if (model->entries[i].open_rate > 0 || model->entries[i].open_arrivals.family != NULL)
            add_workload(r, &capacity, LC_NONE, (int)i);
}

static void add_policies(struct lc_result *r)
{
    size_t count;
    struct lci_policy_pair *pairs = lci_policy_pairs(r->model, &count);
    r->policies = lc_calloc(count, sizeof *r->policies);
    for (size_t i = 0; i < count; i++)
        if (pairs[i].acts)
            r->policies[r->policy_count++] =
                (struct lc_policy_result){pairs[i].from, pairs[i].to, unknown, unknown, unknown, unknown, unknown,
                                          unknown,       unknown,     unknown, unknown, unknown, unknown, unknown};
    free(pairs);
}

struct lc_result *lc_result_new(const struct lc_model *model)
{
    struct lc_result *r = lc_calloc(1, sizeof *r);
    r->model = model;
    r->simulated_time = r->warmup = r->elapsed_s = r->precision = NAN;
    r->solver = "";
    r->percentile_list = standard_percentiles();
    r->drifts = LC_NONE;
    r->overload = (struct lc_overload){LC_NONE, LC_NONE, LC_NONE, NULL};
    r->processors = lc_calloc(model->processor_count, sizeof *r->processors);
    for (size_t i = 0; i < model->processor_count; i++)
        r->processors[i] = (struct lc_processor_result){unknown, unknown, unknown};
    r->tasks = lc_calloc(model->task_count, sizeof *r->tasks);
    r->activities = lc_calloc(model->task_count, sizeof(struct lc_activity_result *));
    size_t capacity = 0;
    for (size_t i = 0; i < model->task_count; i++) {
        const struct lc_task *task = &model->tasks[i];
        r->tasks[i] = new_task();
        r->activities[i] = lc_calloc(task->activity_count, sizeof **r->activities);
        for (size_t j = 0; j < task->activity_count; j++)
            r->activities[i][j] = new_activity(&task->activities[j]);
        add_joins(r, &capacity, (int)i);
    }
    r->entries = lc_calloc(model->entry_count, sizeof *r->entries);
    for (size_t i = 0; i < model->entry_count; i++)
        r->entries[i] = new_entry(&model->entries[i]);
    add_workloads(r);
    add_policies(r);
    return r;
}

void lc_result_free(struct lc_result *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->model->task_count; i++) {
        for (size_t j = 0; j < r->model->tasks[i].activity_count; j++)
            free_activity(&r->activities[i][j]);
        free(r->activities[i]);
    }
    for (size_t i = 0; i < r->model->entry_count; i++) {
        for (int j = 0; j < LC_PHASES; j++)
            free_activity(&r->entries[i].phases[j]);
        free(r->entries[i].forwards);
        free(r->entries[i].forward_variance);
    }
    for (size_t i = 0; i < r->bottleneck_count; i++)
        free(r->bottlenecks[i].reason);
    free(r->overload.why);
    free(r->activities);
    free(r->processors);
    free(r->tasks);
    free(r->entries);
    free(r->joins);
    free(r->workloads);
    free(r->policies);
    free(r->bottlenecks);
    free(r->samples.of);
    free(r->samples.values);
    free(r);
}

void lc_estimate_interval(const struct lc_estimate *e, double confidence, double *low, double *high)
{
    const bool wide = confidence > 0.95;
    const double half = wide ? e->ci99 : e->ci95;
    *low = e->mean - half;
    *high = e->mean + half;
    if (!e->learned)
        return;
    /* Both sides are longer by the same factor at 99 %; where one is open, by that of the normal distribution. */
    const double stretch = !wide || e->ci95 == 0 ? 1 : isfinite(e->ci95) ? e->ci99 / e->ci95 : 2.576 / 1.960;
    *low = fmax(e->mean - stretch * (e->mean - e->low), 0);
    *high = e->mean + stretch * (e->high - e->mean);
}
