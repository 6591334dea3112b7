/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Patterns → activities and precedences of an entry. An entry that calls nobody is a phase. Otherwise every pattern is
 * a chain: self time, calls, self time, …; calls at the same time are an and-fork and an and-join; numbers of calls
 * that vary are an or-fork and an or-join; several patterns are an or-fork at the start. The last self time carries the
 * reply, and what the entry still does after it is an activity of its own.
 */
#include "fit/trace/symbols.h"
#include "model/dist/dist.h"
#include "model/hops.h"
#include "network/model/build.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_NUMBERS 12   /* different numbers of calls that become branches; of more, only the means are kept */
#define SAME         0.01 /* first self times are shared unless a test says with this error that they differ */

struct chain {
    struct lci_builder *builder;
    uint32_t operation;
    size_t cluster;
    int task, entry;
    bool replies;
    char *stem;             /* of the names of activities */
    struct lci_clock clock; /* of the service */
    double second;          /* mean time after the reply */
    int first;              /* activity, LC_NONE as long as there is none */
    enum lc_join join;
    int *ends; /* activities that the next one follows */
    size_t end_count, end_capacity;
};

static struct lc_task *task_of(const struct chain *chain)
{
    return &chain->builder->learned->model->tasks[chain->task];
}

/* ---- names and links --------------------------------------------------------------------------------------------- */

/* "GET /find/:type" → "GET_find_type" */
static char *plain(const char *text)
{
    char *name = lc_alloc(strlen(text) + 1);
    size_t length = 0;
    for (; *text != 0; text++) {
        if (isalnum((unsigned char)*text))
            name[length++] = *text;
        else if (length > 0 && name[length - 1] != '_')
            name[length++] = '_';
    }
    while (length > 0 && name[length - 1] == '_')
        length--;
    name[length] = 0;
    return name;
}

static char *numbered(const struct chain *chain, const char *what, int number)
{
    return number == 1 ? lc_format("%s_%s", chain->stem, what) : lc_format("%s_%s_%d", chain->stem, what, number);
}

/* Of an activity's name, among those of all tasks. */
static char *taken_key(const struct chain *chain, const char *name)
{
    return lc_format("%d %s", chain->task, name);
}

static bool is_taken(const struct chain *chain, const char *what, int number)
{
    char *name = numbered(chain, what, number), *key = taken_key(chain, name);
    const bool taken = lci_symbol_find(chain->builder->taken, key) != 0;
    free(name);
    free(key);
    return taken;
}

/* Numbers are given in turn: the first that is free is found by bisection. */
static int add_activity(struct chain *chain, const char *what)
{
    int low = 1, high = 1; /* names with numbers up to `low` - 1 are taken, that with `high` is not */
    while (is_taken(chain, what, high))
        high *= 2;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (is_taken(chain, what, middle))
            low = middle + 1;
        else
            high = middle;
    }
    char *name = numbered(chain, what, low), *key = taken_key(chain, name);
    const int activity = lc_add_activity(chain->builder->learned->model, chain->task, name);
    lci_symbol_of(chain->builder->taken, key, strlen(key));
    free(name);
    free(key);
    struct lc_activity *made = &task_of(chain)->activities[activity];
    made->present = true;
    made->deterministic = true;
    return activity;
}

static void set_ends(struct chain *chain, enum lc_join join, const int *ends, size_t count)
{
    chain->join = join;
    chain->end_count = 0;
    for (size_t i = 0; i < count; i++) {
        LC_GROW(chain->ends, chain->end_count, chain->end_capacity);
        chain->ends[chain->end_count++] = ends[i];
    }
}

static void append(struct chain *chain, int activity)
{
    if (chain->end_count == 0)
        chain->first = activity;
    else
        lc_add_precedence(task_of(chain), chain->join, chain->ends, chain->end_count, LC_FORK_NONE, &activity, NULL, 1,
                          LC_NONE);
    set_ends(chain, LC_JOIN_NONE, &activity, 1);
}

static void append_fork(struct chain *chain, enum lc_fork fork, const int *posts, const double *weights, size_t count,
                        enum lc_join join, const int *ends)
{
    if (chain->end_count == 0)
        append(chain, add_activity(chain, "begin"));
    lc_add_precedence(task_of(chain), chain->join, chain->ends, chain->end_count, fork, posts, weights, count, LC_NONE);
    set_ends(chain, join, ends, count);
}

/* ---- times ------------------------------------------------------------------------------------------------------- */

static char *activity_path(const struct chain *chain, int activity, const char *attribute)
{
    return lc_format("%s.%s.%s", task_of(chain)->name, task_of(chain)->activities[activity].name, attribute);
}

/* Self time as an activity; none when it takes no time. */
static void append_self(struct chain *chain, const struct lci_samples *samples, double mean)
{
    if (samples->count == 0 || !(mean > 0))
        return;
    const int activity = add_activity(chain, "self");
    char *path = activity_path(chain, activity, "demand");
    struct lci_time_replicates replicates;
    struct lc_dist dist = lci_fit_time(chain->builder->learned, path, samples, mean, &chain->clock, &replicates);
    lci_replicated_add_time(chain->builder->learned, path, &replicates);
    lci_time_replicates_free(&replicates);
    task_of(chain)->activities[activity].demand = dist;
    append(chain, activity);
}

/* The time between caller and callee, fitted once for the pair; NULL if there is none. */
static struct lci_fitted_latency *latency_of(const struct chain *chain, uint32_t callee)
{
    const struct lci_latencies *latencies = &chain->builder->behaviour->latencies;
    const struct lci_latency *latency = lci_latency_find(latencies, chain->operation, chain->cluster, callee);
    return latency != NULL ? &chain->builder->latencies[latency - latencies->items] : NULL;
}

static const struct lci_fitted_latency *fit_latency(struct chain *chain, uint32_t callee, int activity)
{
    struct lci_fitted_latency *latency = latency_of(chain, callee);
    if (latency == NULL || !(latency->of->mean > 0))
        return NULL;
    if (latency->dist.family == NULL) {
        char *path = activity_path(chain, activity, "think_time");
        const struct lci_clock clock = lci_latency_clock(chain->builder->visits, latency->of->caller, callee,
                                                         &latency->of->samples, latency->of->mean);
        latency->dist = lci_fit_time(chain->builder->learned, path, &latency->of->samples, latency->of->mean, &clock,
                                     &latency->replicates);
        free(path);
    }
    return latency;
}

/* A part of the time between caller and callee as an activity of its own; LC_NONE when it is not known, or no time. */
static int add_hop(struct chain *chain, uint32_t callee, enum lci_hop hop)
{
    struct lci_fitted_latency *latency = latency_of(chain, callee);
    if (latency == NULL || latency->of->hops[hop].count == 0 || !(latency->of->hop_means[hop] > 0))
        return LC_NONE;
    const struct lci_samples *samples = &latency->of->hops[hop];
    const double mean = latency->of->hop_means[hop];
    char *target = plain(lci_text(chain->builder->visits, chain->builder->visits->operations[callee].task));
    char *what = lc_format("%s%s", hop == LCI_HOP_CLIENT ? LCI_CLIENT_STACK : LCI_SERVER_QUEUE, target);
    const int activity = add_activity(chain, what);
    if (latency->hops[hop].family == NULL) {
        char *path = activity_path(chain, activity, "think_time");
        const struct lci_clock clock =
            lci_latency_clock(chain->builder->visits, latency->of->caller, callee, samples, mean);
        latency->hops[hop] =
            lci_fit_time(chain->builder->learned, path, samples, mean, &clock, &latency->hop_replicates[hop]);
        free(path);
    }
    struct lc_activity *made = &task_of(chain)->activities[activity];
    made->think = lci_dist_copy(&latency->hops[hop]);
    made->comment = lc_strdup(hop == LCI_HOP_CLIENT ? "from the process to its network interface and back"
                                                    : "from the server's network interface to its process and back, "
                                                      "where requests queue");
    lci_replicated_add_time(chain->builder->learned, activity_path(chain, activity, "think_time"),
                            &latency->hop_replicates[hop]);
    free(what);
    free(target);
    return activity;
}

/* ---- steps ------------------------------------------------------------------------------------------------------- */

static int destination(const struct chain *chain, uint32_t callee, enum lc_call_kind kind)
{
    const struct lci_builder *builder = chain->builder;
    const size_t cluster = lci_callee_cluster(builder->behaviour, chain->operation, chain->cluster, callee);
    const struct lci_entries *entries = &builder->entries[callee];
    return kind == LC_CALL_SYNC ? entries->answering[cluster] : entries->silent[cluster];
}

static void call(const struct chain *chain, int activity, uint32_t callee, enum lc_call_kind kind, double mean)
{
    const int entry = destination(chain, callee, kind);
    if (entry != LC_NONE && mean > 0)
        lc_add_call(&task_of(chain)->activities[activity], kind, entry, mean);
}

static int add_call_activity(struct chain *chain, uint32_t callee)
{
    const struct lci_visits *visits = chain->builder->visits;
    char *target = plain(lci_text(visits, visits->operations[callee].task));
    char *what = lc_format("call_%s", target);
    const int activity = add_activity(chain, what);
    free(what);
    free(target);
    call(chain, activity, callee, LC_CALL_SYNC, 1);
    const struct lci_fitted_latency *latency = fit_latency(chain, callee, activity);
    if (latency != NULL) {
        task_of(chain)->activities[activity].think = lci_dist_copy(&latency->dist);
        lci_replicated_add_time(chain->builder->learned, activity_path(chain, activity, "think_time"),
                                &latency->replicates);
    }
    return activity;
}

/* The hops of a call that are known by themselves, and the call: activities that follow each other. Returns the first;
 * `*last` is the call. */
static int add_call_steps(struct chain *chain, uint32_t callee, int *last)
{
    int first = LC_NONE, before = LC_NONE;
    for (int h = 0; h <= LCI_HOPS; h++) {
        const int activity = h < LCI_HOPS ? add_hop(chain, callee, (enum lci_hop)h) : add_call_activity(chain, callee);
        if (activity == LC_NONE)
            continue;
        if (before != LC_NONE)
            lc_add_precedence(task_of(chain), LC_JOIN_NONE, &before, 1, LC_FORK_NONE, &activity, NULL, 1, LC_NONE);
        first = first == LC_NONE ? activity : first;
        before = activity;
    }
    *last = before;
    return first;
}

/* Calls at the same time. A call that starts late, compared with how long the group takes, starts after a delay; its
 * mean is right however coarse the clock is, as that of all differences of readings. */
static void append_group(struct chain *chain, const struct lci_pattern *pattern, const struct lci_pattern_step *step)
{
    if (step->call_count == 1) {
        int last;
        append(chain, add_call_steps(chain, step->calls[0].operation, &last));
        set_ends(chain, LC_JOIN_NONE, &last, 1);
        return;
    }
    int *posts = lc_alloc(step->call_count * sizeof *posts), *ends = lc_alloc(step->call_count * sizeof *ends);
    const double length = pattern->timed > 0 ? step->took.sum / (double)pattern->timed : 0;
    for (size_t i = 0; i < step->call_count; i++) {
        const struct lci_samples *offset = &step->calls[i].offset;
        const double late = offset->count > 0 ? offset->sum / (double)offset->count : 0;
        const int begin = posts[i] = add_call_steps(chain, step->calls[i].operation, &ends[i]);
        if (late <= 0.02 * length)
            continue;
        posts[i] = add_activity(chain, "later");
        char *path = activity_path(chain, posts[i], "think_time");
        struct lci_time_replicates replicates;
        const struct lc_dist delay =
            lci_fit_time(chain->builder->learned, path, offset, late, &chain->clock, &replicates);
        lci_replicated_add_time(chain->builder->learned, path, &replicates);
        lci_time_replicates_free(&replicates);
        task_of(chain)->activities[posts[i]].think = delay;
        lc_add_precedence(task_of(chain), LC_JOIN_NONE, &posts[i], 1, LC_FORK_NONE, &begin, NULL, 1, LC_NONE);
    }
    append_fork(chain, LC_FORK_AND, posts, NULL, step->call_count, LC_JOIN_AND, ends);
    free(posts);
    free(ends);
}

/* Mean time between caller and callee, hops included. */
static double whole_latency(const struct lci_fitted_latency *latency)
{
    double mean = latency != NULL ? latency->of->mean : 0;
    for (int h = 0; latency != NULL && h < LCI_HOPS; h++)
        mean += latency->of->hop_means[h];
    return mean;
}

/* Replicates of the time on the way of several calls together, which has the shape of one of them. */
static void replicate_latencies(const struct chain *chain, const struct lci_pattern_step *step, const double *numbers,
                                double mean, const struct lci_fitted_latency *shape, int activity)
{
    struct lc_learned *learned = chain->builder->learned;
    if (learned->replicates == 0)
        return;
    struct lci_time_replicates sum = shape->replicates;
    sum.ratios = lc_calloc(learned->replicates, sizeof *sum.ratios);
    for (size_t i = 0; i < step->call_count; i++) {
        const struct lci_fitted_latency *one = latency_of(chain, step->calls[i].operation);
        for (size_t b = 0; one != NULL && one->replicates.ratios != NULL && b < learned->replicates; b++)
            sum.ratios[b] += numbers[i] * whole_latency(one) / mean * one->replicates.ratios[b];
    }
    lci_replicated_add_time(learned, activity_path(chain, activity, "think_time"), &sum);
    free(sum.ratios);
}

/* Self time between the calls of a run, which every number of them has. */
struct inner {
    struct lc_dist dist;
    struct lci_time_replicates replicates;
};

static int add_numbers(struct chain *chain, const struct lci_pattern_step *step, const double *numbers,
                       const struct inner *inner)
{
    const bool sends = step->kind == LCI_STEP_SENDS;
    const int activity = add_activity(chain, sends ? "send" : "calls");
    double mean = 0;
    const struct lci_fitted_latency *last = NULL;
    for (size_t i = 0; i < step->call_count; i++) {
        call(chain, activity, step->calls[i].operation, sends ? LC_CALL_ASYNC : LC_CALL_SYNC, numbers[i]);
        const struct lci_fitted_latency *one =
            sends || numbers[i] == 0 ? NULL : fit_latency(chain, step->calls[i].operation, activity);
        mean += sends ? 0 : numbers[i] * whole_latency(latency_of(chain, step->calls[i].operation));
        last = one != NULL ? one : last;
    }
    struct lc_dist latency = {0};
    if (last == NULL && mean > 0)
        latency = lc_dist_exponential(mean);
    if (last != NULL) {
        latency = lci_dist_copy(&last->dist);
        lci_dist_scale(&latency, mean / lc_dist_mean(&latency));
        replicate_latencies(chain, step, numbers, mean, last, activity);
    }
    struct lc_activity *made = &task_of(chain)->activities[activity];
    made->think = latency;
    if (inner->dist.family != NULL) {
        made->demand = lci_dist_copy(&inner->dist);
        lci_replicated_add_time(chain->builder->learned, activity_path(chain, activity, "demand"), &inner->replicates);
    }
    return activity;
}

/* Replicates of the mean numbers of calls that `activity` makes. */
static void replicate_numbers(const struct chain *chain, const struct lci_pattern_step *step, const double *means,
                              int activity)
{
    struct lc_learned *learned = chain->builder->learned;
    const enum lc_call_kind kind = step->kind == LCI_STEP_SENDS ? LC_CALL_ASYNC : LC_CALL_SYNC;
    const struct lci_traces **lists = lc_alloc(step->count_count * sizeof(const struct lci_traces *));
    double *numbers = lc_alloc(step->count_count * sizeof *numbers);
    for (size_t k = 0; k < step->count_count; k++)
        lists[k] = &step->counts[k].traces;
    for (size_t i = 0; i < step->call_count; i++) {
        const int entry = destination(chain, step->calls[i].operation, kind);
        if (entry == LC_NONE)
            continue;
        for (size_t k = 0; k < step->count_count; k++)
            numbers[k] = step->counts[k].numbers[i];
        double *ratios = lci_replicate_numbers(learned, lists, numbers, step->count_count, means[i]);
        char *attribute = lc_format("calls.%s", learned->model->entries[entry].name);
        lci_replicated_add(learned, activity_path(chain, activity, attribute), ratios);
        free(attribute);
        free(ratios);
    }
    free(lists);
    free(numbers);
}

/* Replicates of the probabilities of branches that begin with the activities `posts`. */
static void replicate_branches(const struct chain *chain, const struct lci_traces *const *lists, const int *posts,
                               size_t count)
{
    struct lc_learned *learned = chain->builder->learned;
    double *ratios = lci_replicate_shares(learned, lists, count);
    for (size_t i = 0; i < count && ratios != NULL; i++)
        lci_replicated_add(learned, activity_path(chain, posts[i], "probability"), ratios + i * learned->replicates);
    free(ratios);
}

/* Too many different numbers for branches: the mean numbers, geometrically distributed as stochastic calls are. */
static void append_mean_numbers(struct chain *chain, const struct lci_pattern_step *step, double *numbers,
                                const struct inner *inner)
{
    double visits = 0;
    for (size_t k = 0; k < step->count_count; k++)
        for (size_t i = 0; i < step->call_count; i++)
            numbers[i] += (double)step->counts[k].visits * (double)step->counts[k].numbers[i];
    for (size_t k = 0; k < step->count_count; k++)
        visits += (double)step->counts[k].visits;
    for (size_t i = 0; i < step->call_count; i++)
        numbers[i] /= visits;
    const int activity = add_numbers(chain, step, numbers, inner);
    task_of(chain)->activities[activity].deterministic = false;
    replicate_numbers(chain, step, numbers, activity);
    append(chain, activity);
}

/* Calls whose number is a distribution: one activity, or a branch per number. */
static void append_numbers(struct chain *chain, const struct lci_pattern_step *step, double inner_mean)
{
    struct inner inner = {0};
    if (step->kind == LCI_STEP_RUN && step->inner.count > 0 && inner_mean > 0) {
        char *path = lc_format("%s.%s_calls.demand", task_of(chain)->name, chain->stem);
        /* a sum of many times: their c² is not its own */
        const struct lci_clock clock = {.unit = chain->clock.unit, .why = "it is the time between several calls"};
        inner.dist = lci_fit_time(chain->builder->learned, path, &step->inner, inner_mean, &clock, &inner.replicates);
        free(path);
    }
    double *numbers = lc_calloc(step->call_count, sizeof *numbers);
    if (step->count_count > MOST_NUMBERS) {
        append_mean_numbers(chain, step, numbers, &inner);
    } else {
        int *posts = lc_alloc(step->count_count * sizeof *posts);
        double *weights = lc_alloc(step->count_count * sizeof *weights);
        const struct lci_traces **lists = lc_alloc(step->count_count * sizeof(const struct lci_traces *));
        double visits = 0;
        for (size_t k = 0; k < step->count_count; k++)
            visits += (double)step->counts[k].visits;
        for (size_t k = 0; k < step->count_count; k++) {
            for (size_t i = 0; i < step->call_count; i++)
                numbers[i] = step->counts[k].numbers[i];
            posts[k] = add_numbers(chain, step, numbers, &inner);
            weights[k] = (double)step->counts[k].visits / visits;
            if (step->count_count > 1)
                lci_tell_share(&task_of(chain)->activities[posts[k]], step->counts[k].visits, (uint64_t)visits);
            lists[k] = &step->counts[k].traces;
        }
        if (step->count_count == 1) {
            append(chain, posts[0]);
        } else {
            append_fork(chain, LC_FORK_OR, posts, weights, step->count_count, LC_JOIN_OR, posts);
            replicate_branches(chain, lists, posts, step->count_count);
        }
        free(lists);
        free(posts);
        free(weights);
    }
    free(numbers);
    lc_dist_free(&inner.dist);
    lci_time_replicates_free(&inner.replicates);
}

/* ---- patterns ---------------------------------------------------------------------------------------------------- */

/* Mean self times of a pattern, each ≥ 0, with the sum that its visits had. A difference of two coarse times may have a
 * mean below 0; its neighbour makes up for it. */
static double *segment_means(const struct lci_pattern *pattern)
{
    double *means = lc_calloc(pattern->step_count + 1, sizeof *means);
    if (pattern->timed == 0 || pattern->self_visits == 0)
        return means;
    double own = 0;
    for (size_t s = 0; s <= pattern->step_count; s++) {
        const struct lci_samples *segment = &pattern->segments[s];
        means[s] = segment->sum / (double)segment->count;
        own += (segment->sum - segment->others_sum) / (double)pattern->timed;
        if (s < pattern->step_count)
            own += pattern->steps[s].inner.sum / (double)pattern->timed;
    }
    const double wanted = pattern->self / (double)pattern->self_visits;
    for (size_t s = 0; own > 0 && s <= pattern->step_count; s++)
        means[s] *= wanted / own;
    for (size_t s = 0; s < pattern->step_count; s++)
        if (means[s] < 0) {
            means[s + 1] += means[s];
            means[s] = 0;
        }
    for (size_t s = pattern->step_count; s > 0; s--)
        if (means[s] < 0) {
            means[s - 1] += means[s];
            means[s] = 0;
        }
    return means;
}

static double inner_mean(const struct lci_pattern *pattern, const struct lci_pattern_step *step)
{
    return pattern->timed > 0 ? fmax(0, step->inner.sum / (double)pattern->timed) : 0;
}

/* The last self time: up to the reply, and after it. */
static void append_last(struct chain *chain, const struct lci_samples *samples, double mean)
{
    const double second = fmin(chain->second, mean);
    append_self(chain, samples, mean);
    if (second > 0 && samples->count > 0) {
        const int before = chain->ends[0], after = add_activity(chain, "after_reply");
        char *path = activity_path(chain, before, "demand");
        lci_replicated_copy(chain->builder->learned, path, activity_path(chain, after, "demand")); /* both move alike */
        free(path);
        struct lc_activity *activities = task_of(chain)->activities;
        struct lc_dist dist = lci_dist_copy(&activities[before].demand);
        lci_dist_scale(&dist, second / mean);
        activities[after].demand = dist;
        if (mean - second > 0) {
            lci_dist_scale(&activities[before].demand, (mean - second) / mean);
        } else {
            lc_dist_free(&activities[before].demand);
            activities[before].demand = (struct lc_dist){0};
        }
        activities[after].comment = lc_format(
            "demand: part of '%s', as long as work went on after the reply on average", activities[before].name);
        lc_add_reply(&activities[before], chain->entry);
        append(chain, after);
        return;
    }
    if (!chain->replies)
        return;
    if (chain->end_count != 1)
        append(chain, add_activity(chain, "reply"));
    lc_add_reply(&task_of(chain)->activities[chain->ends[0]], chain->entry);
}

static void build_pattern(struct chain *chain, const struct lci_pattern *pattern, bool skip_first)
{
    double *means = segment_means(pattern);
    for (size_t s = 0; s < pattern->step_count; s++) {
        if (s > 0 || !skip_first)
            append_self(chain, &pattern->segments[s], means[s]);
        if (pattern->steps[s].kind == LCI_STEP_CALLS)
            append_group(chain, pattern, &pattern->steps[s]);
        else
            append_numbers(chain, &pattern->steps[s], inner_mean(pattern, &pattern->steps[s]));
    }
    append_last(chain, &pattern->segments[pattern->step_count], means[pattern->step_count]);
    if (chain->first == LC_NONE) /* no time, no calls: the pattern still needs an activity */
        append(chain, add_activity(chain, "nothing"));
    free(means);
}

/* Do all patterns begin with self time that a test does not tell apart? */
static bool same_beginnings(const struct lci_patterns *patterns)
{
    for (size_t i = 0; i < patterns->count; i++) {
        const struct lci_samples *first = &patterns->items[0].segments[0], *other = &patterns->items[i].segments[0];
        if (patterns->items[i].step_count == 0 || first->sum <= 0)
            return false;
        if (lci_samples_alike(first, other) < SAME)
            return false;
    }
    return true;
}

/* One activity for the beginning of all patterns; its mean is the mean over all visits. */
static void build_beginning(struct chain *chain, const struct lci_patterns *patterns)
{
    struct lci_samples all = {0};
    double mean = 0;
    for (size_t i = 0; i < patterns->count; i++) {
        const struct lci_pattern *pattern = &patterns->items[i];
        double *means = segment_means(pattern);
        mean += means[0] * (double)pattern->visits / (double)patterns->visits;
        free(means);
        for (size_t k = 0; k < pattern->segments[0].count; k++)
            lci_samples_add(&all, pattern->segments[0].values[k], pattern->segments[0].traces[k]);
        all.size_correlation +=
            pattern->segments[0].size_correlation * (double)pattern->visits / (double)patterns->visits;
    }
    append_self(chain, &all, mean);
    lci_samples_free(&all);
}

static void build_branches(struct chain *chain, const struct lci_patterns *patterns)
{
    const char *entry_name = chain->builder->learned->model->entries[chain->entry].name;
    struct lci_gathered gathered = lci_gathered_of(chain->builder, chain->operation, patterns);
    const bool begun = gathered.patterns.count > 0, shared = !begun && same_beginnings(patterns);
    if (shared)
        build_beginning(chain, patterns);
    if (begun) {
        append_self(chain, &gathered.begin, gathered.begin_mean);
        patterns = &gathered.patterns;
    }
    if (chain->end_count == 0)
        append(chain, add_activity(chain, "begin"));
    const int begin = chain->ends[0], first = chain->first;
    char *stem = chain->stem;
    int *posts = lc_alloc(patterns->count * sizeof *posts);
    double *weights = lc_alloc(patterns->count * sizeof *weights);
    const struct lci_traces **lists = lc_alloc(patterns->count * sizeof(const struct lci_traces *));
    for (size_t i = 0; i < patterns->count; i++) {
        chain->stem = lc_format("%s_%zu", stem, i + 1);
        chain->first = LC_NONE;
        chain->end_count = 0;
        build_pattern(chain, &patterns->items[i], shared);
        posts[i] = chain->first;
        if (gathered.requests > 0 && gathered.last[i])
            task_of(chain)->activities[posts[i]].last_of = gathered.requests;
        weights[i] = (double)patterns->items[i].visits / (double)patterns->visits;
        lists[i] = &patterns->items[i].traces;
        char *path = lc_format("%s.pattern %zu", entry_name, i + 1);
        lci_note_share(chain->builder->learned, path, patterns->items[i].visits, patterns->visits);
        lci_tell_share(&task_of(chain)->activities[posts[i]], patterns->items[i].visits, patterns->visits);
        free(path);
        free(chain->stem);
    }
    chain->stem = stem;
    chain->first = first;
    lc_add_precedence(task_of(chain), LC_JOIN_NONE, &begin, 1, LC_FORK_OR, posts, weights, patterns->count, LC_NONE);
    replicate_branches(chain, lists, posts, patterns->count);
    lci_gathered_free(&gathered);
    free(lists);
    free(posts);
    free(weights);
}

/* An entry that calls nobody: its time is a phase, what follows the reply a second one. */
static void build_phases(const struct chain *chain, const struct lci_pattern *pattern)
{
    struct lc_learned *learned = chain->builder->learned;
    double *means = segment_means(pattern);
    char *path = lc_format("%s.demand", learned->model->entries[chain->entry].name);
    struct lci_time_replicates replicates;
    /* A choice among families knows of units; of what is shorter it has the mean alone. */
    const bool brief = means[0] < chain->clock.unit && !chain->clock.fractions;
    struct lc_dist dist =
        lci_fit_time(learned, path, &pattern->segments[0], means[0], brief ? &chain->clock : NULL, &replicates);
    lci_replicated_add_time(learned, path, &replicates);
    struct lc_entry *entry = &learned->model->entries[chain->entry];
    entry->phases[0].present = true;
    entry->phases[0].demand = dist;
    const double second = fmin(chain->second, means[0] * 0.999);
    if (second > 0 && dist.family != NULL) {
        entry->phases[1].present = true;
        entry->phases[1].demand = lci_dist_copy(&dist);
        lci_dist_scale(&entry->phases[1].demand, second / means[0]);
        lci_dist_scale(&entry->phases[0].demand, 1 - second / means[0]);
        lci_replicated_add_time(learned, lc_format("%s.phase2.demand", learned->model->entries[chain->entry].name),
                                &replicates);
    }
    lci_time_replicates_free(&replicates);
    free(means);
}

void lci_graph_build(struct lci_builder *builder, uint32_t operation, size_t cluster, int entry, bool replies,
                     const struct lci_patterns *patterns)
{
    struct lc_model *model = builder->learned->model;
    const size_t replicated_before = builder->learned->replicated_count;
    struct chain chain = {
        .builder = builder,
        .operation = operation,
        .cluster = cluster,
        .task = model->entries[entry].task,
        .entry = entry,
        .replies = replies,
        .second = replies ? lci_second_phase(&builder->behaviour->latencies, operation, cluster) : 0,
        .clock = lci_see_clock(patterns, lci_clock_unit(builder->visits, operation)),
        .first = LC_NONE,
    };
    const char *name = model->entries[entry].name, *service = model->tasks[chain.task].name;
    const size_t prefix = strlen(service) + 1; /* entries are "service/operation" */
    chain.stem = plain(strlen(name) > prefix ? name + prefix : name);
    if (patterns->count == 1 && patterns->items[0].step_count == 0) {
        build_phases(&chain, &patterns->items[0]);
    } else {
        if (patterns->count == 1)
            build_pattern(&chain, &patterns->items[0], false);
        else
            build_branches(&chain, patterns);
        model->entries[entry].start = chain.first;
    }
    for (size_t i = replicated_before; i < builder->learned->replicated_count; i++)
        builder->learned->replicated[i].entry = entry;
    free(chain.stem);
    free(chain.ends);
}
