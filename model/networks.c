/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The time on the way between services, hop by hop: think times of the steps that call another service and wait, and of
 * the steps before them that stand for a part of the way which was observed by itself (hops.h).
 */
#include "model/networks.h"
#include "dist/dist.h"
#include "hops.h"
#include "loadcast/base.h"
#include "loadcast/result.h"
#include "model/policy.h"
#include "walk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct way { /* of the calls that one step makes */
    int from, to;
    enum lci_network_part part;
    double rate;
    const struct lc_dist *time;
    double scale; /* the time of one call is `scale` times as long */
};

struct ways {
    const struct lc_result *result;
    struct way *items;
    size_t count, capacity;
};

/* Helpers of a service stand on its processor. */
static int service_of(const struct lc_model *m, int task)
{
    for (size_t i = 0; !m->tasks[task].service && i < m->task_count; i++)
        if (m->tasks[i].service && m->tasks[i].processor == m->tasks[task].processor)
            return (int)i;
    return task;
}

static double mean_of(const struct lc_dist *dist)
{
    return dist->family != NULL ? lc_dist_mean(dist) : 0;
}

/* What a step calls and waits for: how often in all, and the service of the first. */
static double waits_of(const struct lc_model *m, const struct lc_activity *a, int from, int *first)
{
    double waits = 0;
    for (size_t i = 0; i < a->call_count; i++) {
        const int to = lci_policy_target(m, from, m->entries[a->calls[i].entry].task);
        if (a->calls[i].kind != LC_CALL_SYNC || to == LC_NONE)
            continue;
        if (!(waits > 0))
            *first = service_of(m, to);
        waits += a->calls[i].mean;
    }
    return waits;
}

static void add_way(struct ways *ways, struct way way)
{
    way.from = service_of(ways->result->model, way.from);
    if (way.from == way.to || !(way.rate > 0))
        return;
    LC_GROW(ways->items, ways->count, ways->capacity);
    ways->items[ways->count++] = way;
}

/* The calls of a step share its time on the way. */
static void add_calls(struct ways *ways, int from, const struct lc_activity *a, double rate)
{
    const struct lc_model *m = ways->result->model;
    int first = LC_NONE;
    const double all = waits_of(m, a, from, &first);
    for (size_t i = 0; i < a->call_count; i++) {
        const int to = lci_policy_target(m, from, m->entries[a->calls[i].entry].task);
        if (a->calls[i].kind == LC_CALL_SYNC && to != LC_NONE)
            add_way(ways, (struct way){from, service_of(m, to), LCI_NETWORK_WAY, rate * a->calls[i].mean, &a->think,
                                       1 / all});
    }
}

/* The activity that follows another one in a sequence; LC_NONE: none, or several. */
static int next_of(const struct lc_task *t, int activity)
{
    for (size_t i = 0; i < t->precedence_count; i++)
        if (t->precedences[i].pre_count == 1 && t->precedences[i].pre[0] == activity)
            return t->precedences[i].post_count == 1 ? t->precedences[i].post[0] : LC_NONE;
    return LC_NONE;
}

/* A part of the way to what the steps behind it call. */
static void add_part(struct ways *ways, int from, int activity, enum lci_network_part part, double rate)
{
    const struct lc_model *m = ways->result->model;
    const struct lc_task *t = &m->tasks[from];
    int to = LC_NONE, next = activity;
    for (size_t i = 0; i < t->activity_count && to == LC_NONE && next != LC_NONE; i++) {
        next = next_of(t, next);
        if (next != LC_NONE)
            waits_of(m, &t->activities[next], from, &to);
    }
    if (to != LC_NONE)
        add_way(ways, (struct way){from, to, part, rate, &t->activities[activity].think, 1});
}

static void add_step(struct ways *ways, const struct lc_entry *entry, const struct lci_walk_step *step, double rate)
{
    const struct lc_activity *a = step->activity;
    const bool graph = entry->start != LC_NONE;
    enum lci_network_part part;
    if (!(mean_of(&a->think) > 0))
        return;
    if (graph && a->call_count == 0 && lci_hop_part(a->name, &part))
        add_part(ways, entry->task, step->index, part, rate);
    else if (graph || !(mean_of(&a->demand) > 0)) /* a phase that works and thinks is no call */
        add_calls(ways, entry->task, a, rate);
}

static void find_ways(struct ways *ways)
{
    const struct lc_model *m = ways->result->model;
    struct lc_diag unheard = {0}; /* a model with a result has no cycles */
    for (size_t e = 0; e < m->entry_count; e++) {
        struct lci_walk_step *steps;
        size_t count;
        const double visits = ways->result->entries[e].throughput.mean;
        if (lc_is_source(&m->tasks[m->entries[e].task]) || !(visits > 0) ||
            lci_entry_steps(m, (int)e, &steps, &count, &unheard) != 0)
            continue;
        for (size_t i = 0; i < count; i++)
            add_step(ways, &m->entries[e], &steps[i], visits * steps[i].visits);
        free(steps);
    }
    lc_diag_free(&unheard);
}

static int by_hop(const void *a, const void *b)
{
    const struct way *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    return (x->part > y->part) - (x->part < y->part);
}

/* How many of the calls of several steps take at most x. */
static double within(const struct way *ways, size_t count, double x)
{
    double part = 0;
    for (size_t i = 0; i < count; i++)
        part += ways[i].rate * lc_dist_cdf(ways[i].time, x / ways[i].scale);
    return part;
}

static double quantile(const struct way *ways, size_t count, double rate, double u)
{
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < count; i++) {
        const double own = lc_dist_quantile(ways[i].time, u) * ways[i].scale;
        low = fmin(low, own);
        high = fmax(high, own);
    }
    for (int i = 0; i < 60 && high - low > 1e-9 * high; i++) {
        const double middle = (low + high) / 2;
        *(within(ways, count, middle) < u * rate ? &low : &high) = middle;
    }
    return high;
}

static struct lci_network network_of(const struct way *ways, size_t count, double responses)
{
    struct lci_network network = {.from = ways->from, .to = ways->to, .part = ways->part};
    double time = 0;
    for (size_t i = 0; i < count; i++) {
        network.rate += ways[i].rate;
        time += ways[i].rate * lc_dist_mean(ways[i].time) * ways[i].scale;
    }
    network.mean = time / network.rate;
    network.p95 = quantile(ways, count, network.rate, 0.95);
    network.share = time / responses;
    return network;
}

struct lci_network *lci_networks(const struct lc_result *result, size_t *count)
{
    struct ways ways = {.result = result};
    double responses = 0; /* requests under way, by Little's law */
    *count = 0;
    for (size_t i = 0; i < result->workload_count; i++)
        responses += result->workloads[i].throughput.mean * result->workloads[i].response_time.mean;
    find_ways(&ways);
    struct lci_network *networks = lc_calloc(ways.count, sizeof *networks);
    if (ways.count > 1)
        qsort(ways.items, ways.count, sizeof *ways.items, by_hop);
    for (size_t first = 0, next; first < ways.count; first = next) {
        for (next = first; next < ways.count && by_hop(&ways.items[first], &ways.items[next]) == 0;)
            next++;
        networks[(*count)++] = network_of(&ways.items[first], next - first, responses);
    }
    free(ways.items);
    return networks;
}

const char *lci_network_part_name(enum lci_network_part part)
{
    static const char *const names[] = {
        [LCI_NETWORK_CLIENT] = "client stack", [LCI_NETWORK_WAY] = "network", [LCI_NETWORK_SERVER] = "server queue"};
    return names[part];
}

char *lci_network_name(const struct lc_model *model, const struct lci_network *network)
{
    return lc_format("%s %s→%s", lci_network_part_name(network->part), model->tasks[network->from].name,
                     model->tasks[network->to].name);
}
