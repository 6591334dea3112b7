/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The result as a "loadcast.result/1" document (docs/results.md). What is not known is null. */
#include "base/text.h"
#include "format/schema_json.h"
#include "loadcast/result.h"
#include "model/networks.h"
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

/* ---- figures ----------------------------------------------------------------------------------------------------- */

/* Estimates of an element's result, by the way they are shown; and what the code around puts there: always, or where
 * there is something to tell. */
static const struct lci_type figure = {.shape = "estimate"};
static const struct lci_type ranged = {.shape = "estimate"};          /* with the range of single replications */
static const struct lci_type if_known = {.shape = "estimate | null"}; /* what not every element has */
static const struct lci_type plain = {.shape = "figure"};             /* a double */
static const struct lci_type shown, where_shown;

/* An object with all figures of the table, and null in the place of what the code around puts there. */
static void put_figures(json_t *o, const struct lc_result *r, const struct lci_field *f, const void *element)
{
    for (; f->name != NULL; f++) {
        const void *value = (const char *)element + f->offset;
        const struct lc_estimate *e = value;
        json_t *made = NULL;
        double low = NAN, high;
        if (f->type == &where_shown)
            continue;
        if (f->type == &plain)
            made = number(*(const double *)value);
        else if (f->type == &shown || (f->type == &if_known && isnan(e->mean)))
            made = json_null();
        else
            made = estimate(e);
        if (f->type == &ranged)
            lc_result_range(r, e, &low, &high);
        if (isfinite(low))
            json_object_set_new(made, "range95", json_pack("[o, o]", number(low), number(high)));
        json_object_set_new(o, f->name, made);
    }
}

#define SHOWN(key, what, sentence)                                                                                     \
    {                                                                                                                  \
        key, &shown, .shape = (what), .about = (sentence)                                                              \
    }
#define WHERE_SHOWN(key, what, sentence)                                                                               \
    {                                                                                                                  \
        key, &where_shown, .shape = (what), .about = (sentence)                                                        \
    }
#define AT(type, member) offsetof(struct type, member)

static const struct lci_field processor_figures[] = {
    SHOWN("name", "text", NULL),
    SHOWN("multiplicity", "count", "servers at one queue"),
    SHOWN("replicas", "number", "copies with a queue each"),
    SHOWN("scheduling", "scheduling", NULL),
    {"utilization", &figure, AT(lc_processor_result, utilization), .about = "mean number of busy servers"},
    {"load", &figure, AT(lc_processor_result, load), .about = "utilization / (multiplicity × replicas)"},
    {"queue_length", &figure, AT(lc_processor_result, queue_length), .about = "mean number of slices that wait"},
    {0},
};

static const struct lci_field lock_figures[] = {
    {"waiting_time", &if_known, AT(lc_task_result, lock_waiting), .about = "of requests that had to wait"},
    {"waiting_time_variance", &if_known, AT(lc_task_result, lock_waiting_variance)},
    {"holding_time", &if_known, AT(lc_task_result, lock_holding), .about = "from the grant to the end of its signal"},
    {"holding_time_variance", &if_known, AT(lc_task_result, lock_holding_variance)},
    {"utilization", &if_known, AT(lc_task_result, lock_utilization), .about = "mean number of holders"},
    {0},
};

static const struct lci_field task_figures[] = {
    SHOWN("name", "text", NULL),
    SHOWN("processor", "text", NULL),
    SHOWN("multiplicity", "count", "threads of each replica; customers of a source"),
    SHOWN("replicas", "number", "copies with a queue each"),
    SHOWN("scheduling", "scheduling", NULL),
    SHOWN("service", "flag", "false: a helper, or a source"),
    {"throughput", &ranged, AT(lc_task_result, throughput), .about = "completed requests per time"},
    {"utilization", &figure, AT(lc_task_result, utilization), .about = "mean number of busy threads"},
    {"load", &ranged, AT(lc_task_result, load), .about = "utilization / (multiplicity × replicas)"},
    {"processor_utilization", &figure, AT(lc_task_result, processor_utilization),
     .about = "mean number of busy servers"},
    {"queue_length", &figure, AT(lc_task_result, queue_length),
     .about = "mean number of messages that no thread has taken"},
    {"waiting_time", &figure, AT(lc_task_result, waiting_time), .about = "of a message in that queue"},
    {"dropped", &figure, AT(lc_task_result, dropped), .about = "fraction of messages that were lost"},
    {"timed_out", &if_known, AT(lc_task_result, timed_out), .about = "fraction of attempts"},
    {"given_up", &if_known, AT(lc_task_result, given_up), .about = "fraction of requests"},
    {"retries", &if_known, AT(lc_task_result, retries), .about = "per request"},
    {"mean_replicas", &if_known, AT(lc_task_result, replicas),
     .about = "that start, serve, are down or come to their end"},
    {"serving_replicas", &if_known, AT(lc_task_result, serving), .about = "that serve"},
    {"starts", &if_known, AT(lc_task_result, starts), .about = "of replicas per time"},
    SHOWN("saturated", "flag", "the queue grows without bound, or messages are lost while no thread is free"),
    WHERE_SHOWN("semaphore", "lock", NULL),
    WHERE_SHOWN("reader", "lock", NULL),
    WHERE_SHOWN("writer", "lock", NULL),
    {0},
};

#define SERVICE_DETAILS                                                                                                \
    {"service_time_variance", &if_known, AT(lc_activity_result, service_time_variance)},                               \
        {"processor_utilization", &if_known, AT(lc_activity_result, processor_utilization)},                           \
        WHERE_SHOWN("max_service_time", "figure", "of the model"),                                                     \
        WHERE_SHOWN("exceeded", "estimate", "fraction of executions that take longer than max_service_time"),          \
        WHERE_SHOWN("histogram", "histogram", "fractions of executions below the minimum, in each bin, above")

static const struct lci_field phase_figures[] = {
    {"service_time", &figure, AT(lc_activity_result, service_time), .about = "from its beginning to its end"},
    {"utilization", &figure, AT(lc_activity_result, utilization), .about = "mean number of executions under way"},
    {"processor_waiting", &if_known, AT(lc_activity_result, processor_waiting), .about = "in one execution"},
    SERVICE_DETAILS,
    {0},
};

static const struct lci_field activity_figures[] = {
    SHOWN("name", "text", NULL),
    SHOWN("task", "text", NULL),
    {"throughput", &figure, AT(lc_activity_result, throughput), .about = "executions per time"},
    {"service_time", &figure, AT(lc_activity_result, service_time), .about = "from its beginning to its end"},
    {"utilization", &figure, AT(lc_activity_result, utilization), .about = "mean number of executions under way"},
    {"processor_waiting", &figure, AT(lc_activity_result, processor_waiting), .about = "in one execution"},
    SERVICE_DETAILS,
    {0},
};

static const struct lci_field histogram_figures[] = {
    SHOWN("minimum", "figure", NULL), SHOWN("maximum", "figure", NULL), SHOWN("fractions", "[figure]", NULL), {0}};

static const struct lci_field entry_figures[] = {
    SHOWN("name", "text", NULL),
    SHOWN("task", "text", NULL),
    {"throughput", &figure, AT(lc_entry_result, throughput), .about = "executions per time"},
    {"utilization", &figure, AT(lc_entry_result, utilization), .about = "mean number of executions under way"},
    {"processor_utilization", &if_known, AT(lc_entry_result, processor_utilization),
     .about = "mean number of busy servers"},
    {"throughput_bound", &plain, AT(lc_entry_result, throughput_bound),
     .about = "what it could reach if nobody waited"},
    {"service_time", &figure, AT(lc_entry_result, service_time),
     .about = "of all phases; of a source's: a cycle without its think time"},
    {"cv2", &if_known, AT(lc_entry_result, cv2), .about = "variance / mean² of the service time"},
    SHOWN("phases", "[phase]", "until the reply, and after it"),
    {"cumulated_runtime", &if_known, AT(lc_entry_result, cumulated_runtime),
     .about = "from the beginning of the request that led here to the end of the service; where requests go on"},
    {"open_response_time", &if_known, AT(lc_entry_result, open_response_time),
     .about = "from an open arrival to the end of phase 1"},
    {"open_loss", &if_known, AT(lc_entry_result, open_loss), .about = "fraction of the open arrivals that were lost"},
    SHOWN("percentiles", "{figure} | null", "of phase 1"),
    SHOWN("open_percentiles", "{figure} | null", "of the open response time"),
    {0},
};

static const struct lci_field join_figures[] = {
    SHOWN("task", "text", NULL),
    SHOWN("activities", "[text]", "that are joined"),
    {"delay", &figure, AT(lc_join_result, delay), .about = "from the fork to the arrival that lets the join go on"},
    {"variance", &if_known, AT(lc_join_result, variance)},
    {0},
};

static const struct lci_field workload_figures[] = {
    SHOWN("name", "text", NULL),
    {"throughput", &ranged, AT(lc_workload_result, throughput), .about = "answered requests per time"},
    {"response_time", &ranged, AT(lc_workload_result, response_time), .about = "what users see"},
    {"completion_time", &if_known, AT(lc_workload_result, completion_time),
     .about = "until all that a request set going has ended; null where the answer ends it"},
    {"failed", &if_known, AT(lc_workload_result, failed), .about = "fraction of requests answered with an error"},
    SHOWN("bounds", "{[figure]}", "between which the means lie whatever the queues do"),
    SHOWN("percentiles", "{figure} | null", "of the response time"),
    SHOWN("percentile_intervals", "{[figure]} | null", "their 95 % intervals"),
    SHOWN("completion_percentiles", "{figure} | null", "of the completion time"),
    SHOWN("completion_percentile_intervals", "{[figure]} | null", "their 95 % intervals"),
    {0},
};

static const struct lci_field network_keys[] = {
    SHOWN("name", "text", "such as network shop→stock"),
    SHOWN("from", "text", "the task that calls and waits"),
    SHOWN("to", "text", "the task that is called"),
    SHOWN("part", "=network | =client stack | =server queue", "of the way"),
    SHOWN("rate", "figure", "calls per time"),
    SHOWN("mean", "figure", "of a call, both directions together"),
    SHOWN("p95", "figure", NULL),
    SHOWN("share", "figure", "of the response times of all workloads"),
    {0},
};

static const struct lci_field policy_figures[] = {
    SHOWN("from", "text", NULL),
    SHOWN("to", "text", NULL),
    {"requests", &figure, AT(lc_policy_result, requests), .about = "per time"},
    {"failed", &figure, AT(lc_policy_result, failed), .about = "fraction of requests"},
    {"retries", &figure, AT(lc_policy_result, retries), .about = "per request"},
    {"timed_out", &figure, AT(lc_policy_result, timed_out), .about = "fraction of attempts"},
    {"errors", &figure, AT(lc_policy_result, errors), .about = "answers that are errors, fraction of attempts"},
    {"short_circuited", &figure, AT(lc_policy_result, short_circuited),
     .about = "by the breaker, fraction of attempts"},
    {"open", &figure, AT(lc_policy_result, open), .about = "fraction of the time that the breaker is not closed"},
    {"full", &figure, AT(lc_policy_result, full), .about = "by the bulkhead, fraction of attempts"},
    {"limited", &figure, AT(lc_policy_result, limited), .about = "by the rate limit, fraction of attempts"},
    {"shed", &figure, AT(lc_policy_result, shed), .about = "fraction of attempts"},
    {"copies", &figure, AT(lc_policy_result, copies), .about = "per attempt"},
    {"hits", &figure, AT(lc_policy_result, hits), .about = "of the cache, fraction of requests"},
    {0},
};

static const struct lci_field bottleneck_figures[] = {
    SHOWN("component", "text", NULL),
    SHOWN("kind", "text", "task or processor"),
    {"load", &figure, AT(lc_bottleneck, load)},
    SHOWN("reason", "text", "why it is the one"),
    {0},
};

static const struct lci_field estimate_keys[] = {
    SHOWN("mean", "figure", NULL),
    SHOWN("ci95", "figure", "half-width: the true value lies within mean ± ci95 with 95 %"),
    SHOWN("ci99", "figure", "half-width at 99 %"),
    SHOWN("interval95", "[figure]", "of a learned model: simulation and number of traces together"),
    SHOWN("simulation_ci95", "figure", "half-width of the simulation's part of it"),
    SHOWN("range95", "[figure]", "95 % of single replications lie between"),
    {0},
};

static const struct lci_field call_keys[] = {
    WHERE_SHOWN("from", "text", "the entry that calls"),
    WHERE_SHOWN("phase", "number", "of it"),
    WHERE_SHOWN("task", "text", "whose activity calls"),
    WHERE_SHOWN("activity", "text", NULL),
    SHOWN("to", "text", "the entry that is called"),
    SHOWN("kind", "text", "sync, async or forward"),
    SHOWN("waiting_time", "estimate", "from sending to being taken by a thread"),
    SHOWN("waiting_time_variance", "estimate | null", NULL),
    SHOWN("loss", "estimate | null", "fraction of the messages that were lost"),
    {0},
};

static const struct lci_field overload_keys[] = {
    SHOWN("component", "text", "that is full"),
    SHOWN("kind", "text", "task or processor"),
    SHOWN("queue", "text", "the task in front of which it grows"),
    SHOWN("because", "text | null", "by how much retries and copies multiply requests"),
    {0},
};

static const struct lci_field result_keys[] = {
    SHOWN("schema", "=loadcast.result/1", NULL),
    SHOWN("model", "text", "its name"),
    SHOWN("time_unit", "text", "of all times"),
    SHOWN("solver", "text", NULL),
    SHOWN("method", "=analytic | =simulation", NULL),
    WHERE_SHOWN("iterations", "number", "of an approximation"),
    WHERE_SHOWN("residual", "figure", NULL),
    SHOWN("seed", "number", NULL),
    SHOWN("replications", "number", NULL),
    SHOWN("simulated_time", "figure", "of all replications"),
    SHOWN("warmup", "figure", "that is left out of each"),
    SHOWN("events", "number", NULL),
    SHOWN("completions", "number", NULL),
    SHOWN("elapsed_s", "figure", "seconds of real time"),
    SHOWN("converged", "flag", "the precision was reached"),
    SHOWN("partial", "flag", "it was stopped before"),
    SHOWN("precision", "figure", "relative half-width that was reached"),
    SHOWN("percentile_precision", "figure", NULL),
    SHOWN("processors", "[processor]", NULL),
    SHOWN("tasks", "[task]", NULL),
    SHOWN("entries", "[entry]", NULL),
    SHOWN("activities", "[activity]", NULL),
    SHOWN("joins", "[join]", NULL),
    SHOWN("calls", "[call]", NULL),
    SHOWN("workloads", "[workload]", NULL),
    WHERE_SHOWN("networks", "[network]", "times on the way between services: delays, which do not saturate"),
    WHERE_SHOWN("policies", "[pair]", "calls between two tasks that policies concern"),
    SHOWN("bottlenecks", "[bottleneck]", NULL),
    WHERE_SHOWN("assumed_exponential", "text", "demands of which only a mean is stated"),
    SHOWN("overload", "overload | null", "a queue that grows without end"),
    SHOWN("drifts", "text | null", "a task whose requests became more, or fewer, all the time: no steady state"),
    {0},
};

const struct lci_shape lci_result_shapes[] = {
    {"result", {result_keys}},
    {"estimate", {estimate_keys}},
    {"processor", {processor_figures}},
    {"task", {task_figures}},
    {"lock", {lock_figures}},
    {"entry", {entry_figures}},
    {"phase", {phase_figures}},
    {"activity", {activity_figures}},
    {"histogram", {histogram_figures}},
    {"join", {join_figures}},
    {"call", {call_keys}},
    {"workload", {workload_figures}},
    {"network", {network_keys}},
    {"pair", {policy_figures}},
    {"bottleneck", {bottleneck_figures}},
    {"overload", {overload_keys}},
    {0},
};

static void put_count(json_t *o, const char *key, uint64_t value)
{
    json_object_set_new(o, key, json_integer((json_int_t)value));
}

static void put_multiplicity(json_t *o, uint32_t multiplicity)
{
    json_object_set_new(o, "multiplicity",
                        multiplicity == LC_INFINITE ? json_string("infinite") : json_integer(multiplicity));
}

/* "99", "99.9" */
static void put_percentile(json_t *o, const struct lc_result *r, unsigned k, json_t *value)
{
    char name[32];
    snprintf(name, sizeof name, "%.12g", r->percentile_list.percent[k]);
    json_object_set_new(o, name, value);
}

static json_t *percentiles(const struct lc_result *r, const struct lc_percentiles *p)
{
    if (!p->known)
        return json_null();
    json_t *o = json_object();
    for (unsigned k = 0; k < r->percentile_list.count; k++)
        put_percentile(o, r, k, number(p->value[k].mean));
    return o;
}

/* Where replications give them. */
static json_t *percentile_intervals(const struct lc_result *r, const struct lc_percentiles *p)
{
    json_t *o = json_object();
    for (unsigned k = 0; k < r->percentile_list.count && p->known; k++) {
        double low, high;
        lc_estimate_interval(&p->value[k], 0.95, &low, &high);
        if (!isnan(low))
            put_percentile(o, r, k, json_pack("[o, o]", number(low), number(high)));
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
        put_figures(o, r, processor_figures, &r->processors[i]);
        json_object_set_new(o, "name", text(p->name));
        put_multiplicity(o, p->multiplicity);
        put_count(o, "replicas", p->replicas);
        json_object_set_new(o, "scheduling", text(lc_scheduling_name(p->scheduling)));
        json_array_append_new(list, o);
    }
    return list;
}

/* The figures of the readers and the writers stand side by side. */
static void put_locks(json_t *o, const struct lc_result *r, const struct lc_task *t,
                      const struct lc_task_result *result)
{
    static const char *const sides[] = {"reader", "writer"};
    if (t->scheduling != LC_SEMAPHORE && t->scheduling != LC_RWLOCK)
        return;
    for (int i = 0; i < (t->scheduling == LC_RWLOCK ? 2 : 1); i++) {
        json_t *lock = json_object();
        put_figures(lock, r, lock_figures, (const char *)result + (size_t)i * sizeof(struct lc_estimate));
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
        put_figures(o, r, task_figures, result);
        json_object_set_new(o, "name", text(t->name));
        json_object_set_new(o, "processor", text(r->model->processors[t->processor].name));
        put_multiplicity(o, t->multiplicity);
        put_count(o, "replicas", t->replicas);
        json_object_set_new(o, "scheduling", text(lc_scheduling_name(t->scheduling)));
        json_object_set_new(o, "service", json_boolean(t->service && !lc_is_source(t)));
        json_object_set_new(o, "saturated", json_boolean(result->saturated));
        put_locks(o, r, t, result);
        json_array_append_new(list, o);
    }
    return list;
}

/* What only some phases and activities are asked for. */
static void put_service_details(json_t *o, const struct lc_activity *a, const struct lc_activity_result *result)
{
    if (a->max_service_time > 0) {
        json_object_set_new(o, "max_service_time", number(a->max_service_time));
        json_object_set_new(o, "exceeded", estimate(&result->exceeded));
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
static json_t *phases(const struct lc_result *r, const struct lc_entry *e, const struct lc_entry_result *result)
{
    json_t *list = json_array();
    int count = 1;
    for (int i = 1; i < LC_PHASES; i++)
        if (e->phases[i].present || !isnan(result->phases[i].service_time.mean))
            count = i + 1;
    for (int i = 0; i < count; i++) {
        const struct lc_activity_result *phase = &result->phases[i];
        json_t *o = json_object();
        put_figures(o, r, phase_figures, phase);
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
        put_figures(o, r, entry_figures, result);
        json_object_set_new(o, "name", text(e->name));
        json_object_set_new(o, "task", text(r->model->tasks[e->task].name));
        json_object_set_new(o, "phases", phases(r, e, result));
        json_object_set_new(o, "percentiles", percentiles(r, &result->percentiles));
        json_object_set_new(o, "open_percentiles", percentiles(r, &result->open_percentiles));
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
            put_figures(o, r, activity_figures, result);
            json_object_set_new(o, "name", text(t->activities[j].name));
            json_object_set_new(o, "task", text(t->name));
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
        put_figures(o, r, join_figures, join);
        json_object_set_new(o, "task", text(t->name));
        json_object_set_new(o, "activities", names);
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
    json_object_set_new(o, "waiting_time", estimate(waiting));
    json_object_set_new(o, "waiting_time_variance", isnan(variance->mean) ? json_null() : estimate(variance));
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
        put_figures(o, r, workload_figures, w);
        json_object_set_new(
            o, "name", text(w->task != LC_NONE ? r->model->tasks[w->task].name : r->model->entries[w->entry].name));
        json_object_set_new(o, "bounds",
                            json_pack("{s: [o, o], s: [o, o]}", "throughput", number(w->bounds.throughput_low),
                                      number(w->bounds.throughput_high), "response_time",
                                      number(w->bounds.response_low), number(w->bounds.response_high)));
        json_object_set_new(o, "percentiles", percentiles(r, &w->percentiles));
        json_object_set_new(o, "percentile_intervals", percentile_intervals(r, &w->percentiles));
        json_object_set_new(o, "completion_percentiles", percentiles(r, &w->completion_percentiles));
        json_object_set_new(o, "completion_percentile_intervals", percentile_intervals(r, &w->completion_percentiles));
        json_array_append_new(list, o);
    }
    return list;
}

static void put_networks(json_t *result, const struct lc_result *r)
{
    size_t count;
    struct lci_network *networks = lci_networks(r, &count);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct lci_network *n = &networks[i];
        char *name = lci_network_name(r->model, n);
        json_array_append_new(list,
                              json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o}", "name", text(name), "from",
                                        text(r->model->tasks[n->from].name), "to", text(r->model->tasks[n->to].name),
                                        "part", lci_network_part_name(n->part), "rate", number(n->rate), "mean",
                                        number(n->mean), "p95", number(n->p95), "share", number(n->share)));
        free(name);
    }
    if (count > 0)
        json_object_set(result, "networks", list);
    json_decref(list);
    free(networks);
}

static json_t *policies(const struct lc_result *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->policy_count; i++) {
        const struct lc_policy_result *p = &r->policies[i];
        json_t *o = json_object();
        put_figures(o, r, policy_figures, p);
        json_object_set_new(o, "from", text(r->model->tasks[p->from].name));
        json_object_set_new(o, "to", text(r->model->tasks[p->to].name));
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
        put_figures(o, r, bottleneck_figures, b);
        json_object_set_new(o, "component",
                            text(processor ? r->model->processors[b->processor].name : r->model->tasks[b->task].name));
        json_object_set_new(o, "kind", text(processor ? "processor" : "task"));
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
    put_networks(o, r);
    if (r->policy_count > 0)
        json_object_set_new(o, "policies", policies(r));
    json_object_set_new(o, "bottlenecks", bottlenecks(r));
    char *exponential = lci_unstated_demands(r->model);
    if (exponential != NULL) /* because only a mean is stated */
        json_object_set_new(o, "assumed_exponential", json_string(exponential));
    free(exponential);
    json_object_set_new(o, "overload", overload(r));
    json_object_set_new(o, "drifts", r->drifts != LC_NONE ? text(r->model->tasks[r->drifts].name) : json_null());
    return o;
}
