/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fixed point over the layers: components of the network are solved from the deepest up, each with the service
 * times that those below it gave, until nothing changes (the method of layers, Rolia & Sevcik 1995; here a layer is
 * what is connected by requests).
 */
#include "loadcast/solve.h"

#include "held.h"
#include "interlock.h"
#include "layers.h"
#include "loadcast/traffic.h"
#include "lower_bounds.h"
#include "markov.h"
#include "model/traffic.h"
#include "mva.h"
#include "outcomes.h"
#include "refuse.h"
#include "solution.h"
#include "steady.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct layers {
    struct lcs_network *n;
    struct lcs_component *components;
    int *order;                        /* of the components, the deepest first */
    double *waits, *stretches, *rates; /* of links and chains before an iteration */
    double *changes;                   /* of links: the logarithm of the whole relative change in the last iteration */
    double turned;                     /* the sum of the products of these with those before */
    double underway;                   /* the part of a change that is made */
};

struct lc_solve_options lc_solve_defaults(void)
{
    return (struct lc_solve_options){.tolerance = 1e-7, .iterations = 500};
}

/* ---- layers ------------------------------------------------------------------------------------------------------ */

static int compare_depths(const void *a, const void *b, void *depths)
{
    const int *depth = depths, i = *(const int *)a, k = *(const int *)b;
    return depth[i] != depth[k] ? (depth[i] < depth[k] ? 1 : -1) : i - k;
}

static struct layers find_layers(struct lcs_network *n)
{
    struct layers l = {.n = n,
                       .components = lc_calloc(n->component_count, sizeof *l.components),
                       .order = lc_calloc(n->component_count, sizeof *l.order),
                       .waits = lc_calloc(n->link_count, sizeof(double)),
                       .stretches = lc_calloc(n->link_count, sizeof(double)),
                       .rates = lc_calloc(n->chain_count, sizeof(double)),
                       .changes = lc_calloc(n->link_count, sizeof(double)),
                       .underway = 1};
    int *depth = lc_calloc(n->component_count, sizeof *depth),
        *position = lc_calloc(n->model->entry_count, sizeof(int));
    for (size_t i = 0; i < n->model->entry_count; i++)
        position[n->order[i]] = (int)i;
    for (size_t r = 0; r < n->root_count; r++) {
        const int c = n->chains[n->roots[r].chain].component, here = position[n->roots[r].entry];
        depth[c] = here > depth[c] ? here : depth[c];
    }
    for (size_t i = 0; i < n->component_count; i++) {
        l.order[i] = (int)i;
        l.components[i].chains = lc_calloc(n->chain_count, sizeof(int));
        l.components[i].stations = lc_calloc(n->station_count, sizeof(int));
    }
    for (size_t i = 0; i < n->chain_count; i++) {
        struct lcs_component *c = &l.components[n->chains[i].component];
        c->chains[c->chain_count++] = (int)i;
    }
    for (size_t i = 0; i < n->station_count; i++)
        if (n->stations[i].component >= 0) {
            struct lcs_component *c = &l.components[n->stations[i].component];
            c->stations[c->station_count++] = (int)i;
        }
    qsort_r(l.order, n->component_count, sizeof *l.order, compare_depths, depth);
    free(depth);
    free(position);
    return l;
}

static void layers_free(struct layers *l)
{
    for (size_t i = 0; i < l->n->component_count; i++) {
        free(l->components[i].chains);
        free(l->components[i].stations);
        free(l->components[i].change_waiting);
        free(l->components[i].change_serving);
    }
    free(l->components);
    free(l->order);
    free(l->waits);
    free(l->stretches);
    free(l->rates);
    free(l->changes);
}

/* ---- iterations -------------------------------------------------------------------------------------------------- */

/* Nobody waits, and sources are as fast as their bounds. */
static void start(struct lcs_network *n, const struct lc_traffic *traffic)
{
    for (size_t i = 0; i < traffic->bound_count; i++) {
        struct lcs_chain *c = &n->chains[n->task_chain[traffic->bounds[i].source]];
        const double bound = traffic->bounds[i].throughput;
        c->rate = isfinite(bound) && bound > 0 ? bound / (double)traffic->bound_count : 1;
    }
    lcs_network_times(n);
    lcs_network_traffic(n);
    lcs_network_times(n);
}

static void remember(struct layers *l)
{
    const struct lcs_network *n = l->n;
    for (size_t i = 0; i < n->link_count; i++) {
        l->waits[i] = n->links[i].waits;
        l->stretches[i] = n->links[i].stretch;
    }
    for (size_t i = 0; i < n->chain_count; i++)
        l->rates[i] = n->chains[i].rate;
}

/* Makes a part of the change of a visit's time. The harmonic mean: near an overload times may be anything, and rates
 * are not. Returns the whole relative change. */
static double relax_link(struct layers *l, size_t index)
{
    struct lcs_link *link = &l->n->links[index];
    const double before = l->stretches[index] * link->service + l->waits[index];
    const double now = link->stretch * link->service + link->waits;
    if (!(link->visits > 0 && now > 0 && before > 0))
        return 0;
    const double next = 1 / ((1 - l->underway) / before + l->underway / now), longer = now - link->service;
    const double part = longer > 0 ? fmax(0, next - link->service) / longer : 1;
    link->waits *= part;
    link->stretch = 1 + (link->stretch - 1) * part;
    const double change = log(now / before);
    l->turned += change * l->changes[index];
    l->changes[index] = change;
    return fabs(now - before) / fmax(now, before);
}

static double relax(struct layers *l, const struct lcs_component *component)
{
    struct lcs_network *n = l->n;
    double change = 0;
    for (size_t s = 0; s < component->station_count; s++) {
        const struct lcs_station *station = &n->stations[component->stations[s]];
        for (size_t i = 0; i < station->link_count; i++)
            change = fmax(change, relax_link(l, (size_t)station->links[i]));
    }
    for (size_t i = 0; i < component->chain_count; i++) {
        const int index = component->chains[i];
        struct lcs_chain *c = &n->chains[index];
        if (!lcs_is_source_chain(n, index))
            continue;
        if (c->rate > 0)
            change = fmax(change, fabs(c->rate - l->rates[index]) / fmax(c->rate, l->rates[index]));
        c->rate = l->rates[index] + l->underway * (c->rate - l->rates[index]);
    }
    return change;
}

/* By how much the fullest station serves more than it can. */
static double excess(const struct lcs_network *n)
{
    double most = 0;
    for (size_t s = 0; s < n->station_count; s++) {
        double load = 0;
        for (size_t i = 0; i < n->stations[s].link_count; i++)
            load += n->links[n->stations[s].links[i]].rate * n->links[n->stations[s].links[i]].service;
        most = fmax(most, load / n->stations[s].servers - 1);
    }
    return most;
}

/* What did not converge serves no more than it can all the same: closed sources are as slow as the fullest station or
 * task asks. */
static void keep_capacities(struct lcs_network *n)
{
    double part = 1;
    for (size_t s = 0; s < n->station_count; s++) {
        double open = 0, closed = 0;
        for (size_t i = 0; i < n->stations[s].link_count; i++) {
            const struct lcs_link *l = &n->links[n->stations[s].links[i]];
            *(n->chains[l->chain].open ? &open : &closed) += l->rate * l->service;
        }
        if (open + closed > n->stations[s].servers && closed > 0)
            part = fmin(part, fmax(0, n->stations[s].servers - open) / closed);
    }
    for (size_t t = 0; t < n->model->task_count; t++) {
        const struct lc_task *task = &n->model->tasks[t];
        double busy = 0;
        for (size_t i = 0; i < task->entry_count; i++) {
            const struct lcs_entry_info *e = &n->entries[task->entries[i]];
            busy += (e->rate + e->open_rate) * e->total.mean;
        }
        const double most =
            lcs_is_closed_source(task) ? (double)task->multiplicity * task->replicas : lci_task_threads(task);
        part = busy > most ? fmin(part, most / busy) : part;
    }
    for (size_t i = 0; i < n->chain_count && part < 1; i++)
        if (lcs_is_source_chain(n, (int)i))
            n->chains[i].rate *= part;
    lcs_network_traffic(n);
}

/* The deepest components first, each with what those below it gave; with very many all at once. */
static double pass(struct layers *l)
{
    enum { IN_TURN = 64 };
    struct lcs_network *n = l->n;
    double change = 0;
    remember(l);
    lcs_interlock_find(n);
    l->turned = 0;
    for (size_t i = 0; i < n->component_count; i++) {
        struct lcs_component *c = &l->components[l->order[i]];
        lcs_mva_solve(n, c);
        change = fmax(change, relax(l, c));
        if (c->station_count > 0 && (n->component_count <= IN_TURN || i + 1 == n->component_count)) {
            lcs_network_times(n);
            lcs_network_traffic(n);
        }
    }
    lcs_network_times(n);
    return fmax(change, fmax(excess(n), lcs_network_gap(n)));
}

static void iterate(struct layers *l, const struct lc_solve_options *options, struct lc_result *result)
{
    struct lcs_network *n = l->n;
    while (result->iterations < options->iterations) {
        result->residual = pass(l);
        result->iterations++;
        if (result->residual <= options->tolerance) {
            result->converged = true;
            return;
        }
        /* Changes that turn back go too far. */
        l->underway = l->turned < 0 ? fmax(0.03, 0.6 * l->underway) : fmin(1, 1.2 * l->underway);
        n->underway = l->underway;
        n->residual = result->residual;
    }
}

/* ------------------------------------------------------------------------------------------------------------------ */

/* The station whose open arrivals alone are more than it can serve; NULL: there is none. */
static const struct lcs_station *overloaded(const struct lcs_network *n, double *load)
{
    for (size_t s = 0; s < n->station_count; s++) {
        const struct lcs_station *station = &n->stations[s];
        double open = 0;
        for (size_t i = 0; i < station->link_count; i++) {
            const struct lcs_link *l = &n->links[station->links[i]];
            open += n->chains[l->chain].open ? l->rate * l->service : 0;
        }
        *load = open / station->servers;
        if (!(*load < 1) && !isfinite(station->room))
            return station;
    }
    return NULL;
}

static void say_overload(const struct lc_model *m, const struct lcs_station *station, double load, struct lc_diag *diag)
{
    const bool processor = station->processor != LC_NONE;
    lc_error(diag, LC_INPUT, processor ? &m->processors[station->processor].place : &m->tasks[station->task].place,
             "no steady state: requests that nobody waits for keep %s '%s' busy %.4g times over, and its queue "
             "grows for ever",
             processor ? "processor" : "the threads of task",
             processor ? m->processors[station->processor].name : m->tasks[station->task].name, load);
}

static struct lc_result *new_result(const struct lc_model *m, const struct lc_solve_options *options)
{
    struct lc_result *r = lc_result_new(m);
    r->solver = "analytic";
    for (unsigned k = 0; k < options->percentiles.count; k++)
        lc_percentile_add(&r->percentile_list, options->percentiles.percent[k]);
    return r;
}

/* A result of which nothing is known but what is full. */
static struct lc_result *unsteady_result(const struct lc_model *m, const struct lc_solve_options *options,
                                         int processor, int task)
{
    struct lc_result *r = new_result(m, options);
    r->ended = true;
    r->overload.processor = processor;
    r->overload.task = task;
    r->overload.queue = task;
    for (size_t t = 0; t < m->task_count && r->overload.queue == LC_NONE; t++)
        if (m->tasks[t].processor == processor && !lc_is_source(&m->tasks[t]))
            r->overload.queue = (int)t;
    (processor != LC_NONE ? &r->processors[processor].load : &r->tasks[task].load)->mean = 1;
    return r;
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

struct lc_solve_memory {
    size_t link_count, chain_count, station_count, task_count;
    bool *roomy; /* per task */
    struct lcs_link *links;
    struct lcs_chain *chains;
    struct lcs_station *stations; /* pointers in them are not used */
};

struct lc_solve_memory *lc_solve_memory_new(void)
{
    return lc_calloc(1, sizeof(struct lc_solve_memory));
}

static void forget(struct lc_solve_memory *m)
{
    free(m->links);
    free(m->chains);
    free(m->stations);
    free(m->roomy);
    *m = (struct lc_solve_memory){0};
}

void lc_solve_memory_free(struct lc_solve_memory *m)
{
    if (m != NULL)
        forget(m);
    free(m);
}

static void keep(struct lc_solve_memory *m, const struct lcs_network *n, const bool *roomy)
{
    forget(m);
    *m = (struct lc_solve_memory){.link_count = n->link_count,
                                  .chain_count = n->chain_count,
                                  .station_count = n->station_count,
                                  .task_count = n->model->task_count,
                                  .roomy = lc_calloc(n->model->task_count, sizeof *m->roomy),
                                  .links = lc_calloc(n->link_count, sizeof *m->links),
                                  .chains = lc_calloc(n->chain_count, sizeof *m->chains),
                                  .stations = lc_calloc(n->station_count, sizeof *m->stations)};
    memcpy(m->roomy, roomy, n->model->task_count * sizeof *roomy);
    memcpy(m->links, n->links, n->link_count * sizeof *m->links);
    memcpy(m->chains, n->chains, n->chain_count * sizeof *m->chains);
    memcpy(m->stations, n->stations, n->station_count * sizeof *m->stations);
}

/* Whether it is about a network of the same chains at the same stations. */
static bool fits(const struct lc_solve_memory *m, const struct lcs_network *n)
{
    bool same = m->links != NULL && m->link_count == n->link_count && m->chain_count == n->chain_count &&
                m->station_count == n->station_count;
    for (size_t i = 0; same && i < n->link_count; i++)
        same = m->links[i].chain == n->links[i].chain && m->links[i].station == n->links[i].station;
    for (size_t i = 0; same && i < n->station_count; i++)
        same = m->stations[i].servers == n->stations[i].servers;
    return same;
}

static void recall(const struct lc_solve_memory *m, struct lcs_network *n)
{
    for (size_t i = 0; i < n->link_count; i++) {
        n->links[i].waits = m->links[i].waits;
        n->links[i].stretch = m->links[i].stretch;
        n->links[i].delayed = m->links[i].delayed;
    }
    for (size_t i = 0; i < n->chain_count; i++)
        if (lcs_is_source_chain(n, (int)i))
            n->chains[i].rate = m->chains[i].rate;
    for (size_t i = 0; i < n->station_count; i++) {
        const struct lcs_station before = m->stations[i];
        struct lcs_station *s = &n->stations[i];
        s->points = before.points;
        memcpy(s->at, before.at, sizeof s->at);
        memcpy(s->times, before.times, sizeof s->times);
        memcpy(s->weights, before.weights, sizeof s->weights);
        s->usual = before.usual;
        s->extra = before.extra;
        s->lost = before.lost;
    }
    lcs_network_times(n);
    lcs_network_traffic(n);
    lcs_network_times(n);
}

/* ------------------------------------------------------------------------------------------------------------------ */

/* Solves the network, from what is remembered of it if that fits. */
static void iterate_from(struct lcs_network *n, const struct lc_traffic *traffic,
                         const struct lc_solve_options *options, struct lc_result *r)
{
    struct layers l = find_layers(n);
    start(n, traffic);
    if (options->memory != NULL && fits(options->memory, n))
        recall(options->memory, n);
    r->converged = false;
    iterate(&l, options, r);
    if (!r->converged)
        keep_capacities(n);
    layers_free(&l);
}

/* Pools whose threads hardly ever run out are no stations: what they do is then told apart by who calls. Which these
 * are is known from a solution; the one that is given back agrees with itself, or nearly. */
static struct lcs_network *solve_network(const struct lc_model *model, const struct lc_traffic *traffic,
                                         const struct lc_solve_options *options, struct lc_result *r,
                                         struct lc_diag *diag)
{
    enum { ROUNDS = 3, LARGE = 64 }; /* tasks: one flat network of more takes too long */
    const int rounds = model->task_count <= LARGE ? ROUNDS : 1;
    struct lc_solve_memory *memory = options->memory;
    bool *roomy = lc_calloc(model->task_count, sizeof *roomy);
    if (memory != NULL && memory->task_count == model->task_count)
        memcpy(roomy, memory->roomy, model->task_count * sizeof *roomy);
    struct lcs_network *n = lcs_network_new(model, roomy, diag);
    if (n != NULL && lcs_markov_fits(n) && n->roomy) { /* a chain needs no such guess */
        lcs_network_free(n);
        memset(roomy, 0, model->task_count * sizeof *roomy);
        n = lcs_network_new(model, roomy, diag);
    }
    if (n != NULL && lcs_markov_solve(n, &r->residual, &r->iterations)) {
        if (memory != NULL)
            forget(memory);
        free(roomy);
        r->converged = true;
        return n;
    }
    r->iterations = 0;
    for (int round = 0, change = 1; n != NULL && round < rounds && change; round++) {
        if (round > 0 && r->iterations >= options->iterations)
            break; /* the solution before stands */
        if (round > 0) {
            lcs_network_free(n);
            n = lcs_network_new(model, roomy, diag);
        }
        iterate_from(n, traffic, options, r);
        change = 0;
        if (!r->converged && n->roomy && round + 1 < rounds) { /* what was remembered is too far off */
            memset(roomy, 0, model->task_count * sizeof *roomy);
            r->iterations = 0;
            change = 1;
            continue;
        }
        for (size_t t = 0; t < model->task_count && r->converged && round + 1 < rounds; t++) {
            const bool now = lcs_is_roomy(n, (int)t);
            change |= now != roomy[t] && n->population[t] > 0;
            roomy[t] = now;
        }
    }
    if (memory != NULL && n != NULL && r->converged)
        keep(memory, n, roomy);
    free(roomy);
    return n;
}

/* Customers without think time whose requests take none either: they come round infinitely often. */
static bool stands_still(const struct lc_result *r, struct lc_diag *diag)
{
    for (size_t i = 0; i < r->workload_count; i++) {
        const struct lc_task *task = &r->model->tasks[r->workloads[i].task];
        if (!isinf(r->workloads[i].bounds.throughput_high))
            continue;
        lc_error(diag, LC_INPUT, &task->place,
                 "'%s' goes round for ever without any time passing; give some demand or think time to its customers",
                 task->name);
        return true;
    }
    return false;
}

/* Takes the result over, which is NULL again where there is no network or no steady state. */
static struct lc_result *answer(struct lcs_network *n, const struct lc_solve_options *options, struct lc_result *r,
                                struct lc_diag *diag)
{
    double load;
    const struct lcs_station *full = n != NULL ? overloaded(n, &load) : NULL;
    if (n == NULL || full != NULL)
        lc_result_free(r);
    if (n == NULL)
        return NULL;
    if (full != NULL) {
        if (options->unsteady)
            return unsteady_result(n->model, options, full->processor, full->task);
        say_overload(n->model, full, load, diag);
        return NULL;
    }
    lcs_solve_answer(n, r);
    lc_result_bounds(r);
    if (stands_still(r, diag) || !lcs_is_sound(r, diag)) {
        lc_result_free(r);
        return NULL;
    }
    lcs_balanced_bounds(n, r);
    lcs_warn_of_losses(n, diag);
    bool *grows = lc_calloc(n->model->task_count, sizeof *grows);
    lci_find_bottlenecks(r, grows);
    free(grows);
    return r;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool accepts(const struct lc_model *model, struct lc_diag *diag)
{
    struct lcs_network *n = lcs_solve_refuses(model, diag) ? NULL : lcs_network_new(model, NULL, diag);
    lcs_network_free(n);
    return n != NULL;
}

bool lc_solve_accepts(const struct lc_model *model, struct lc_diag *diag)
{
    if (!lcs_has_semaphore(model))
        return accepts(model, diag);
    struct lcs_held *held = lcs_held_new(model, diag);
    const bool accepted = held != NULL && accepts(held->model, diag);
    lcs_held_free(held);
    return accepted;
}

static struct lc_result *solve(const struct lc_model *model, const struct lc_solve_options *options,
                               struct lc_diag *diag)
{
    struct lc_traffic traffic = {0};
    bool infinite;
    if (lcs_solve_refuses(model, diag) || lc_traffic_solve(model, &traffic, diag) != 0)
        return NULL;
    struct lc_result *result = NULL;
    if (options->unsteady && traffic.load >= 1) {
        result = unsteady_result(model, options, traffic.processor, traffic.task);
    } else if (lci_has_steady_state(model, &infinite, diag)) {
        result = new_result(model, options);
        struct lcs_network *n = solve_network(model, &traffic, options, result, diag);
        result = answer(n, options, result, diag);
        lcs_network_free(n);
    }
    lc_traffic_free(&traffic);
    return result;
}

/* Of a model with semaphores, from the one in which they are servers. */
static struct lc_result *solve_held(const struct lc_model *model, const struct lc_solve_options *options,
                                    struct lc_diag *diag)
{
    struct lcs_held *held = lcs_held_new(model, diag);
    struct lc_result *result = held != NULL ? solve(held->model, options, diag) : NULL;
    if (result != NULL)
        result = lcs_held_result(held, result, diag);
    lcs_held_free(held);
    return result;
}

struct lc_result *lc_solve(const struct lc_model *model, const struct lc_solve_options *options, struct lc_diag *diag)
{
    const double started = seconds();
    struct lc_result *result =
        lcs_has_semaphore(model) ? solve_held(model, options, diag) : solve(model, options, diag);
    if (result != NULL) {
        result->precision = result->percentile_precision = NAN;
        result->elapsed_s = seconds() - started;
    }
    return result;
}
