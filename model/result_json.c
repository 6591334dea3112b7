/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The result as a "loadcast.result/1" document (docs/results.md). What is not known is null. */
#include "base/text.h"
#include "loadcast/result.h"
#include "model/unstated.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* JSON has no word for numbers that are not finite. */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value + 0.0) : json_null();
}

static json_t *text(const char *value)
{
    char *clean = lci_utf8_copy(value ? value : "");
    json_t *string = json_string(clean);
    free(clean);
    return string;
}

static json_t *estimate(const struct lc_estimate *e)
{
    json_t *o = json_object();
    json_object_set_new(o, "mean", number(e->mean));
    json_object_set_new(o, "ci95", number(e->ci95));
    json_object_set_new(o, "ci99", number(e->ci99));
    if (e->learned) {
        json_object_set_new(o, "interval95", json_pack("[o, o]", number(e->low), number(e->high)));
        json_object_set_new(o, "simulation_ci95", number(e->simulation_ci95));
    }
    return o;
}

static void put(json_t *o, const char *key, const struct lc_estimate *e)
{
    json_object_set_new(o, key, estimate(e));
}

/* With the range of single replications, where they are known. */
static void put_ranged(json_t *o, const char *key, const struct lc_result *r, const struct lc_estimate *e)
{
    json_t *made = estimate(e);
    double low, high;
    lc_result_range(r, e, &low, &high);
    if (isfinite(low))
        json_object_set_new(made, "range95", json_pack("[o, o]", number(low), number(high)));
    json_object_set_new(o, key, made);
}

/* For what not every element has: null where there is nothing to tell. */
static void put_if_known(json_t *o, const char *key, const struct lc_estimate *e)
{
    json_object_set_new(o, key, isnan(e->mean) ? json_null() : estimate(e));
}

static void put_count(json_t *o, const char *key, uint64_t value)
{
    json_object_set_new(o, key, json_integer((json_int_t)value));
}

static void put_multiplicity(json_t *o, uint32_t multiplicity)
{
    json_object_set_new(o, "multiplicity",
                        multiplicity == LC_INFINITE ? json_string("infinite") : json_integer(multiplicity));
}

static json_t *percentiles(const struct lc_percentiles *p)
{
    static const char *const names[LC_PERCENTILES] = {"50", "90", "95", "99"};
    if (!p->known)
        return json_null();
    json_t *o = json_object();
    for (int i = 0; i < LC_PERCENTILES; i++)
        json_object_set_new(o, names[i], number(p->value[i].mean));
    return o;
}

/* Where replications give them. */
static json_t *percentile_intervals(const struct lc_percentiles *p)
{
    static const char *const names[LC_PERCENTILES] = {"50", "90", "95", "99"};
    json_t *o = json_object();
    for (int i = 0; i < LC_PERCENTILES && p->known; i++) {
        double low, high;
        lc_estimate_interval(&p->value[i], 0.95, &low, &high);
        if (!isnan(low))
            json_object_set_new(o, names[i], json_pack("[o, o]", number(low), number(high)));
    }
    if (json_object_size(o) > 0)
        return o;
    json_decref(o);
    return json_null();
}

/* ---- elements ---------------------------------------------------------------------------------------------------- */

static json_t *processors(const struct lc_result *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->model->processor_count; i++) {
        const struct lc_processor *p = &r->model->processors[i];
        json_t *o = json_object();
        json_object_set_new(o, "name", text(p->name));
        put_multiplicity(o, p->multiplicity);
        put_count(o, "replicas", p->replicas);
        json_object_set_new(o, "scheduling", text(lc_scheduling_name(p->scheduling)));
        put(o, "utilization", &r->processors[i].utilization);
        put(o, "load", &r->processors[i].load);
        put(o, "queue_length", &r->processors[i].queue_length);
        json_array_append_new(list, o);
    }
    return list;
}

static void put_locks(json_t *o, const struct lc_task *t, const struct lc_task_result *result)
{
    static const char *const sides[] = {"reader", "writer"};
    if (t->scheduling != LC_SEMAPHORE && t->scheduling != LC_RWLOCK)
        return;
    for (int i = 0; i < (t->scheduling == LC_RWLOCK ? 2 : 1); i++) {
        json_t *lock = json_object();
        put_if_known(lock, "waiting_time", &result->lock_waiting[i]);
        put_if_known(lock, "waiting_time_variance", &result->lock_waiting_variance[i]);
        put_if_known(lock, "holding_time", &result->lock_holding[i]);
        put_if_known(lock, "holding_time_variance", &result->lock_holding_variance[i]);
        put_if_known(lock, "utilization", &result->lock_utilization[i]);
        json_object_set_new(o, t->scheduling == LC_RWLOCK ? sides[i] : "semaphore", lock);
    }
}

static json_t *tasks(const struct lc_result *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->model->task_count; i++) {
        const struct lc_task *t = &r->model->tasks[i];
        const struct lc_task_result *result = &r->tasks[i];
        json_t *o = json_object();
        json_object_set_new(o, "name", text(t->name));
        json_object_set_new(o, "processor", text(r->model->processors[t->processor].name));
        put_multiplicity(o, t->multiplicity);
        put_count(o, "replicas", t->replicas);
        json_object_set_new(o, "scheduling", text(lc_scheduling_name(t->scheduling)));
        json_object_set_new(o, "service", json_boolean(t->service && !lc_is_source(t)));
        put_ranged(o, "throughput", r, &result->throughput);
        put(o, "utilization", &result->utilization);
        put_ranged(o, "load", r, &result->load);
        put(o, "processor_utilization", &result->processor_utilization);
        put(o, "queue_length", &result->queue_length);
        put(o, "waiting_time", &result->waiting_time);
        put(o, "dropped", &result->dropped);
        put_if_known(o, "timed_out", &result->timed_out);
        put_if_known(o, "given_up", &result->given_up);
        put_if_known(o, "retries", &result->retries);
        put_if_known(o, "mean_replicas", &result->replicas);
        put_if_known(o, "serving_replicas", &result->serving);
        put_if_known(o, "starts", &result->starts);
        json_object_set_new(o, "saturated", json_boolean(result->saturated));
        put_locks(o, t, result);
        json_array_append_new(list, o);
    }
    return list;
}

/* What only some phases and activities are asked for. */
static void put_service_details(json_t *o, const struct lc_activity *a, const struct lc_activity_result *result)
{
    put_if_known(o, "service_time_variance", &result->service_time_variance);
    put_if_known(o, "processor_utilization", &result->processor_utilization);
    if (a->max_service_time > 0) {
        json_object_set_new(o, "max_service_time", number(a->max_service_time));
        put(o, "exceeded", &result->exceeded);
    }
    if (result->histogram.bins == NULL)
        return;
    json_t *bins = json_array(), *histogram = json_object();
    for (size_t i = 0; i < (size_t)a->histogram.bins + 2; i++)
        json_array_append_new(bins, number(result->histogram.bins[i].mean));
    json_object_set_new(histogram, "minimum", number(a->histogram.minimum));
    json_object_set_new(histogram, "maximum", number(a->histogram.maximum));
    json_object_set_new(histogram, "fractions", bins);
    json_object_set_new(o, "histogram", histogram);
}

/* Phases up to the last that exists; activity entries have two: until the reply, and after it. */
static json_t *phases(const struct lc_entry *e, const struct lc_entry_result *result)
{
    json_t *list = json_array();
    int count = 1;
    for (int i = 1; i < LC_PHASES; i++)
        if (e->phases[i].present || !isnan(result->phases[i].service_time.mean))
            count = i + 1;
    for (int i = 0; i < count; i++) {
        const struct lc_activity_result *phase = &result->phases[i];
        json_t *o = json_object();
        put(o, "service_time", &phase->service_time);
        put(o, "utilization", &phase->utilization);
        put_if_known(o, "processor_waiting", &phase->processor_waiting);
        put_service_details(o, &e->phases[i], phase);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *entries(const struct lc_result *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->model->entry_count; i++) {
        const struct lc_entry *e = &r->model->entries[i];
        const struct lc_entry_result *result = &r->entries[i];
        json_t *o = json_object();
        json_object_set_new(o, "name", text(e->name));
        json_object_set_new(o, "task", text(r->model->tasks[e->task].name));
        put(o, "throughput", &result->throughput);
        put(o, "utilization", &result->utilization);
        put_if_known(o, "processor_utilization", &result->processor_utilization);
        json_object_set_new(o, "throughput_bound", number(result->throughput_bound));
        put(o, "service_time", &result->service_time);
        put_if_known(o, "cv2", &result->cv2);
        json_object_set_new(o, "phases", phases(e, result));
        put_if_known(o, "open_response_time", &result->open_response_time);
        put_if_known(o, "open_loss", &result->open_loss);
        json_object_set_new(o, "percentiles", percentiles(&result->percentiles));
        json_object_set_new(o, "open_percentiles", percentiles(&result->open_percentiles));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *activities(const struct lc_result *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->model->task_count; i++) {
        const struct lc_task *t = &r->model->tasks[i];
        for (size_t j = 0; j < t->activity_count; j++) {
            const struct lc_activity_result *result = &r->activities[i][j];
            json_t *o = json_object();
            json_object_set_new(o, "name", text(t->activities[j].name));
            json_object_set_new(o, "task", text(t->name));
            put(o, "throughput", &result->throughput);
            put(o, "service_time", &result->service_time);
            put(o, "utilization", &result->utilization);
            put(o, "processor_waiting", &result->processor_waiting);
            put_service_details(o, &t->activities[j], result);
            json_array_append_new(list, o);
        }
    }
    return list;
}

static json_t *joins(const struct lc_result *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->join_count; i++) {
        const struct lc_join_result *join = &r->joins[i];
        const struct lc_task *t = &r->model->tasks[join->task];
        const struct lc_precedence *p = &t->precedences[join->precedence];
        json_t *o = json_object(), *names = json_array();
        for (size_t j = 0; j < p->pre_count; j++)
            json_array_append_new(names, text(t->activities[p->pre[j]].name));
        json_object_set_new(o, "task", text(t->name));
        json_object_set_new(o, "activities", names);
        put(o, "delay", &join->delay);
        put_if_known(o, "variance", &join->variance);
        json_array_append_new(list, o);
    }
    return list;
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

static void put_call(json_t *list, json_t *o, const struct lc_result *r, int to, const char *kind,
                     const struct lc_estimate *waiting, const struct lc_estimate *variance,
                     const struct lc_estimate *loss)
{
    json_object_set_new(o, "to", text(r->model->entries[to].name));
    json_object_set_new(o, "kind", text(kind));
    put(o, "waiting_time", waiting);
    put_if_known(o, "waiting_time_variance", variance);
    json_object_set_new(o, "loss", loss == NULL || isnan(loss->mean) ? json_null() : estimate(loss));
    json_array_append_new(list, o);
}

/* The calls of a phase (`phase` from 1) or of an activity (`phase` 0). */
static void put_calls(json_t *list, const struct lc_result *r, const char *from, int phase, const char *task,
                      const struct lc_activity *a, const struct lc_activity_result *result)
{
    for (size_t i = 0; i < a->call_count; i++) {
        json_t *o = json_object();
        if (phase > 0) {
            json_object_set_new(o, "from", text(from));
            put_count(o, "phase", (uint64_t)phase);
        } else {
            json_object_set_new(o, "task", text(task));
            json_object_set_new(o, "activity", text(a->name));
        }
        put_call(list, o, r, a->calls[i].entry, a->calls[i].kind == LC_CALL_SYNC ? "sync" : "async", &result->calls[i],
                 &result->call_variance[i], &result->call_loss[i]);
    }
}

static json_t *calls(const struct lc_result *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->model->entry_count; i++) {
        const struct lc_entry *e = &r->model->entries[i];
        const struct lc_entry_result *result = &r->entries[i];
        for (int j = 0; j < LC_PHASES; j++)
            put_calls(list, r, e->name, j + 1, NULL, &e->phases[j], &result->phases[j]);
        for (size_t j = 0; j < e->forward_count; j++) {
            json_t *o = json_object();
            json_object_set_new(o, "from", text(e->name));
            put_count(o, "phase", 1);
            put_call(list, o, r, e->forwards[j].entry, "forward", &result->forwards[j], &result->forward_variance[j],
                     NULL);
        }
    }
    for (size_t i = 0; i < r->model->task_count; i++) {
        const struct lc_task *t = &r->model->tasks[i];
        for (size_t j = 0; j < t->activity_count; j++)
            put_calls(list, r, NULL, 0, t->name, &t->activities[j], &r->activities[i][j]);
    }
    return list;
}

/* ---- the document ------------------------------------------------------------------------------------------------ */

static json_t *workloads(const struct lc_result *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->workload_count; i++) {
        const struct lc_workload_result *w = &r->workloads[i];
        json_t *o = json_object();
        json_object_set_new(
            o, "name", text(w->task != LC_NONE ? r->model->tasks[w->task].name : r->model->entries[w->entry].name));
        put_ranged(o, "throughput", r, &w->throughput);
        put_ranged(o, "response_time", r, &w->response_time);
        put_if_known(o, "failed", &w->failed);
        json_object_set_new(o, "bounds",
                            json_pack("{s: [o, o], s: [o, o]}", "throughput", number(w->bounds.throughput_low),
                                      number(w->bounds.throughput_high), "response_time",
                                      number(w->bounds.response_low), number(w->bounds.response_high)));
        json_object_set_new(o, "percentiles", percentiles(&w->percentiles));
        json_object_set_new(o, "percentile_intervals", percentile_intervals(&w->percentiles));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *policies(const struct lc_result *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->policy_count; i++) {
        const struct lc_policy_result *p = &r->policies[i];
        json_t *o = json_object();
        json_object_set_new(o, "from", text(r->model->tasks[p->from].name));
        json_object_set_new(o, "to", text(r->model->tasks[p->to].name));
        put(o, "requests", &p->requests);
        put(o, "failed", &p->failed);
        put(o, "retries", &p->retries);
        put(o, "timed_out", &p->timed_out);
        put(o, "errors", &p->errors);
        put(o, "short_circuited", &p->short_circuited);
        put(o, "open", &p->open);
        put(o, "full", &p->full);
        put(o, "limited", &p->limited);
        put(o, "shed", &p->shed);
        put(o, "copies", &p->copies);
        put(o, "hits", &p->hits);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *bottlenecks(const struct lc_result *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->bottleneck_count; i++) {
        const struct lc_bottleneck *b = &r->bottlenecks[i];
        const bool processor = b->processor != LC_NONE;
        json_t *o = json_object();
        json_object_set_new(o, "component",
                            text(processor ? r->model->processors[b->processor].name : r->model->tasks[b->task].name));
        json_object_set_new(o, "kind", text(processor ? "processor" : "task"));
        put(o, "load", &b->load);
        json_object_set_new(o, "reason", text(b->reason));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *overload(const struct lc_result *r)
{
    const struct lc_overload *over = &r->overload;
    if (over->queue == LC_NONE)
        return json_null();
    const bool processor = over->processor != LC_NONE;
    json_t *o = json_object();
    json_object_set_new(
        o, "component",
        text(processor ? r->model->processors[over->processor].name : r->model->tasks[over->task].name));
    json_object_set_new(o, "kind", text(processor ? "processor" : "task"));
    json_object_set_new(o, "queue", text(r->model->tasks[over->queue].name));
    json_object_set_new(o, "because", over->why != NULL ? text(over->why) : json_null());
    return o;
}

json_t *lc_result_json(const struct lc_result *r)
{
    json_t *o = json_object();
    json_object_set_new(o, "schema", text("loadcast.result/1"));
    json_object_set_new(o, "model", text(r->model->name));
    json_object_set_new(o, "time_unit", text(r->model->time_unit ? r->model->time_unit : "s"));
    json_object_set_new(o, "solver", text(r->solver));
    json_object_set_new(o, "method",
                        text(r->solver != NULL && strcmp(r->solver, "analytic") == 0 ? "analytic" : "simulation"));
    if (r->iterations > 0) {
        put_count(o, "iterations", r->iterations);
        json_object_set_new(o, "residual", number(r->residual));
    }
    put_count(o, "seed", r->seed);
    put_count(o, "replications", r->replications);
    json_object_set_new(o, "simulated_time", number(r->simulated_time));
    json_object_set_new(o, "warmup", number(r->warmup));
    put_count(o, "events", r->events);
    put_count(o, "completions", r->completions);
    json_object_set_new(o, "elapsed_s", number(r->elapsed_s));
    json_object_set_new(o, "converged", json_boolean(r->converged));
    json_object_set_new(o, "partial", json_boolean(r->partial));
    json_object_set_new(o, "precision", number(r->precision));
    json_object_set_new(o, "percentile_precision", number(r->percentile_precision));
    json_object_set_new(o, "processors", processors(r));
    json_object_set_new(o, "tasks", tasks(r));
    json_object_set_new(o, "entries", entries(r));
    json_object_set_new(o, "activities", activities(r));
    json_object_set_new(o, "joins", joins(r));
    json_object_set_new(o, "calls", calls(r));
    json_object_set_new(o, "workloads", workloads(r));
    if (r->policy_count > 0)
        json_object_set_new(o, "policies", policies(r));
    json_object_set_new(o, "bottlenecks", bottlenecks(r));
    char *exponential = lci_unstated_demands(r->model);
    if (exponential != NULL) /* because only a mean is stated */
        json_object_set_new(o, "assumed_exponential", json_string(exponential));
    free(exponential);
    json_object_set_new(o, "overload", overload(r));
    return o;
}
