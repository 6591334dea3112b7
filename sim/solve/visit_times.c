/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Traffic down the network and times up it.
 *
 * Variances: a geometric number K of parts with mean m and variance v has variance E K·v + Var K·m² (Wald). A wait with
 * mean W that happens with probability p is taken to be exponential where it happens: variance W² (2/p − 1). */
#include "graph_times.h"
#include "layers.h"
#include "loadcast/base.h"
#include "loadcast/traffic.h"
#include "model/lqn.h"
#include "model/traffic.h"
#include "outcomes.h"
#include "walk.h"

#include <math.h>
#include <stdlib.h>

/* ---- traffic ----------------------------------------------------------------------------------------------------- */

#define MOST_LOAD 0.95 /* of open requests, while the solution is still looked for */

static const struct lc_task *task_of(const struct lcs_network *n, int entry)
{
    return &n->model->tasks[n->model->entries[entry].task];
}

static void start_rates(struct lcs_network *n)
{
    for (size_t i = 0; i < n->link_count; i++) {
        n->links[i].rate = n->links[i].visits = n->links[i].service = n->links[i].variance = 0;
        n->links[i].second = 0;
    }
    for (size_t s = 0; s < n->step_count; s++)
        n->steps[s].rate = 0;
    for (size_t e = 0; e < n->model->entry_count; e++) {
        struct lcs_entry_info *entry = &n->entries[e];
        const int station = n->task_station[n->model->entries[e].task];
        entry->open_rate = entry->outside * (station >= 0 ? 1 - n->stations[station].lost : 1);
        entry->rate = 0;
    }
    for (size_t t = 0; t < n->model->task_count; t++) {
        const struct lc_task *task = &n->model->tasks[t];
        if (!lc_is_source(task))
            continue;
        double *visits = lc_calloc(task->entry_count, sizeof *visits);
        lci_session_visits(n->model, task, visits);
        for (size_t i = 0; i < task->entry_count; i++) {
            struct lcs_entry_info *entry = &n->entries[task->entries[i]];
            if (task->scheduling == LC_OPEN)
                entry->open_rate += visits[i] * lci_arrival_rate(task);
            else
                entry->rate += visits[i] * n->chains[n->task_chain[t]].rate;
        }
        free(visits);
    }
}

/* Adds requests with a mean and a second moment to a link. */
static void add_traffic(struct lcs_link *l, double rate, struct lcs_moments2 time, double second)
{
    l->rate += rate;
    l->service += rate * time.mean;
    l->variance += rate * (time.variance + time.mean * time.mean);
    l->second += rate * second;
}

/* The part of the requests along an arc that is let in. */
static double let_in(const struct lcs_network *n, const struct lcs_arc *a)
{
    return a->step >= 0 && n->loses ? n->steps[a->step].outcomes[a->call].accepted : 1;
}

static void root_traffic(struct lcs_network *n, size_t root, size_t *use, size_t *arc)
{
    struct lcs_root *r = &n->roots[root];
    const struct lcs_entry_info *e = &n->entries[r->entry];
    r->rate = e->rate + e->open_rate;
    for (; *use < n->use_count && n->uses[*use].root == (int)root; ++*use) {
        const struct lcs_use *u = &n->uses[*use];
        struct lcs_step_info *step = &n->steps[u->step];
        step->rate += r->rate * u->visits;
        if (u->link >= 0)
            add_traffic(&n->links[u->link], r->rate * u->visits * step->slices * step->turns, step->turn, 0);
    }
    for (; *arc < n->arc_count && n->arcs[*arc].root == (int)root; ++*arc) {
        const struct lcs_arc *a = &n->arcs[*arc];
        struct lcs_entry_info *to = &n->entries[a->entry];
        const double rate = r->rate * a->visits * let_in(n, a);
        if (a->async)
            to->open_rate += rate;
        else
            to->rate += rate;
        if (a->link >= 0 && !a->async)
            add_traffic(&n->links[a->link], rate, to->total, to->total.mean - to->reply.mean);
    }
}

void lcs_network_traffic(struct lcs_network *n)
{
    size_t use = 0, arc = 0;
    lcs_network_outcomes(n);
    start_rates(n);
    for (size_t i = 0; i < n->chain_count; i++)
        if (!lcs_is_source_chain(n, (int)i))
            n->chains[i].rate = 0;
    for (size_t r = 0; r < n->root_count; r++) {
        root_traffic(n, r, &use, &arc);
        if (!lcs_is_source_chain(n, n->roots[r].chain))
            n->chains[n->roots[r].chain].rate += n->roots[r].rate;
    }
    for (size_t e = 0; e < n->model->entry_count; e++) {
        const struct lcs_entry_info *entry = &n->entries[e];
        if (!entry->station || entry->arrivals == LC_NONE)
            continue;
        struct lcs_chain *c = &n->chains[entry->arrivals];
        c->rate = entry->open_rate;
        add_traffic(&n->links[c->links[0]], entry->open_rate, entry->total, entry->total.mean - entry->reply.mean);
    }
    for (size_t i = 0; i < n->link_count; i++) {
        struct lcs_link *l = &n->links[i];
        const struct lcs_chain *c = &n->chains[l->chain];
        if (!(l->rate > 0))
            continue;
        l->service /= l->rate;
        l->variance = fmax(0, l->variance / l->rate - l->service * l->service);
        l->second = fmax(0, l->second / l->rate);
        l->stays = l->service - l->second;
        l->visits = c->open ? l->rate : c->rate > 0 ? l->rate / c->rate : 0;
        l->rate *= l->share;
    }
}

/* ---- times ------------------------------------------------------------------------------------------------------- */

static double wait_variance(double wait, double delayed)
{
    if (!(wait > 0))
        return 0;
    return wait * wait * (2 / fmin(2, fmax(delayed, 1e-3)) - 1);
}

/* Mean waits of steps and calls, over the roots that make them. */
static void spread_waits(struct lcs_network *n)
{
    for (size_t s = 0; s < n->step_count; s++) {
        n->steps[s].waits = n->steps[s].stretch = n->steps[s].weight = 0;
        for (size_t c = 0; c < n->steps[s].activity->call_count; c++)
            n->steps[s].call_waits[c] = n->steps[s].call_delayed[c] = 0;
    }
    for (size_t i = 0; i < n->use_count; i++) {
        const struct lcs_use *u = &n->uses[i];
        struct lcs_step_info *step = &n->steps[u->step];
        const double rate = n->roots[u->root].rate * u->visits + 1e-300;
        step->weight += rate;
        step->waits += u->link >= 0 ? rate * step->turns * n->links[u->link].waits : 0;
        step->stretch += u->link >= 0 ? rate * n->links[u->link].stretch : rate;
    }
    for (size_t s = 0; s < n->step_count; s++) {
        const double weight = n->steps[s].weight;
        n->steps[s].waits = weight > 0 ? n->steps[s].waits / weight : 0;
        n->steps[s].stretch = weight > 0 ? n->steps[s].stretch / weight : 1;
    }
}

static void spread_call_waits(struct lcs_network *n)
{
    for (size_t s = 0; s < n->step_count; s++)
        for (size_t c = 0; c < n->steps[s].activity->call_count; c++)
            n->steps[s].call_weight[c] = 0;
    for (size_t e = 0; e < n->model->entry_count; e++)
        for (size_t f = 0; f < n->model->entries[e].forward_count; f++)
            n->entries[e].forward_waits[f] = n->entries[e].forward_delayed[f] = n->entries[e].forward_weight[f] = 0;
    for (size_t i = 0; i < n->arc_count; i++) {
        const struct lcs_arc *a = &n->arcs[i];
        struct lcs_step_info *step = a->step >= 0 ? &n->steps[a->step] : NULL;
        struct lcs_entry_info *from = step == NULL ? &n->entries[a->from] : NULL;
        const double rate = n->roots[a->root].rate * a->visits + 1e-300;
        const double waits = a->link >= 0 ? n->links[a->link].waits : 0;
        const double delayed = a->link >= 0 ? n->links[a->link].delayed : 0;
        double *weight = step != NULL ? &step->call_weight[a->call] : &from->forward_weight[a->call];
        double *mean = step != NULL ? &step->call_waits[a->call] : &from->forward_waits[a->call];
        double *chance = step != NULL ? &step->call_delayed[a->call] : &from->forward_delayed[a->call];
        *weight += rate;
        *mean += rate / *weight * (waits - *mean);
        *chance += rate / *weight * (delayed - *chance);
    }
}

/* Entries that are no station are run for several roots, and how long that takes depends on what each finds: nobody
 * finds itself. Their times are means over all; what a root's differ by is added to its own steps. */
static void find_differences(struct lcs_network *n)
{
    for (size_t r = 0; r < n->root_count; r++)
        n->roots[r].longer = n->roots[r].below = 0;
    for (size_t i = 0; i < n->use_count; i++) {
        const struct lcs_use *u = &n->uses[i];
        const struct lcs_step_info *step = &n->steps[u->step];
        if (u->link < 0 || step->entry == n->roots[u->root].entry)
            continue;
        const struct lcs_link *l = &n->links[u->link];
        n->roots[u->root].longer +=
            u->visits * step->slices *
            (step->turns * l->waits - step->waits + step->slice.mean * (l->stretch - step->stretch));
    }
    for (size_t i = 0; i < n->arc_count; i++) {
        const struct lcs_arc *a = &n->arcs[i];
        const int from = a->step >= 0 ? n->steps[a->step].entry : a->from;
        if (a->link < 0 || a->async || from == n->roots[a->root].entry || (a->step < 0 && n->entries[from].station))
            continue;
        const double mean =
            a->step >= 0 ? n->steps[a->step].call_waits[a->call] : n->entries[from].forward_waits[a->call];
        n->roots[a->root].longer += a->visits * (n->links[a->link].waits - mean);
    }
}

/* ---- requests and the second phases of those before them -------------------------------------------------------- */

/* Per run of an entry, until its reply [0] and behind it [1]: processor time, and how long that takes. */
static void processor_times(const struct lcs_network *n, const struct lcs_entry_info *e, double work[2], double time[2])
{
    work[0] = work[1] = time[0] = time[1] = 0;
    for (int s = e->first_step; s < e->first_step + e->step_count; s++) {
        const struct lcs_step_info *step = &n->steps[s];
        const double slices = step->visits * step->slices;
        work[step->phase > 1] += slices * step->slice.mean;
        time[step->phase > 1] += slices * (step->slice.mean * step->stretch + step->waits);
    }
}

/* The open load of a server of the station, and the chance that but for one server all are busy. */
static void others_at(const struct lcs_network *n, const struct lcs_station *s, double *open, double *nearly_full)
{
    double busy = 0, term = 1, sum = 0;
    *open = 0;
    for (size_t i = 0; i < s->link_count; i++) {
        const struct lcs_link *l = &n->links[s->links[i]];
        busy += l->rate * l->service;
        *open += n->chains[l->chain].open ? l->rate * l->service / s->servers : 0;
    }
    *open = fmin(*open, MOST_LOAD);
    for (int k = 0; k < s->servers - 1; k++) { /* as if they came for themselves: Poisson's distribution */
        sum += term;
        term *= busy / (k + 1);
    }
    *nearly_full = s->servers > 1 ? fmax(0, 1 - sum * exp(-busy)) : 1;
}

/* What a request to the entry waits at its processor because the second phase of the last one from the same sender,
 * which came `soon` before, still goes on there. */
static double overlap_of(const struct lcs_network *n, int entry, double soon)
{
    const struct lcs_entry_info *e = &n->entries[entry];
    const int processor = n->processor_station[task_of(n, entry)->processor];
    const double behind = e->total.mean - e->reply.mean;
    double work[2], time[2], open, nearly_full;
    const int pool = n->task_station[n->model->entries[entry].task];
    if (processor < 0 || !(behind > 0) || (pool >= 0 && n->stations[pool].servers == 1))
        return 0; /* a request to the only thread does not come to the processor before that is free */
    const struct lcs_station *s = &n->stations[processor];
    processor_times(n, e, work, time);
    others_at(n, s, &open, &nearly_full);
    const double goes_on = fmin(behind, time[1]) / (behind + soon);
    const double together = s->kind == LCS_AT_SHARING ? work[0] * time[1] / (time[0] + time[1]) : work[1];
    return goes_on * together / (1 - open) * nearly_full / s->servers;
}

static void find_overlaps(struct lcs_network *n)
{
    for (size_t e = 0; e < n->model->entry_count; e++)
        n->entries[e].overlap = n->entries[e].overlap_weight = 0;
    for (size_t i = 0; i < n->arc_count; i++) {
        const struct lcs_arc *a = &n->arcs[i];
        struct lcs_entry_info *to = &n->entries[a->entry];
        if (a->async || !(to->total.mean > to->reply.mean) || !(to->reply.mean > 0))
            continue;
        const struct lcs_entry_info *from = &n->entries[n->roots[a->root].entry];
        const double rate = n->roots[a->root].rate * a->visits + 1e-300, again = a->visits / (1 + a->visits);
        const double wait = a->link >= 0 ? n->links[a->link].waits : 0;
        const double soon = fmax(0, from->total.mean - a->visits * (wait + to->reply.mean)) / (1 + a->visits);
        to->overlap_weight += rate;
        to->overlap += rate / to->overlap_weight * (again * overlap_of(n, a->entry, soon) - to->overlap);
    }
}

static struct lcs_moments2 behind_cache(struct lcs_moments2 call, const struct lcs_cache *cache)
{
    const double p = cache->misses, mean = p * call.mean + (1 - p) * cache->time;
    return (struct lcs_moments2){mean, p * (call.variance + call.mean * call.mean) +
                                           (1 - p) * cache->time * cache->time - mean * mean};
}

/* The root that alone makes the runs of a step, LC_NONE. */
static int root_of(const struct lcs_network *n, const struct lcs_step_info *step)
{
    const struct lcs_entry_info *e = &n->entries[step->entry];
    if (step->thread > 0)
        return e->branch + step->thread - 1;
    if (e->main != LC_NONE)
        return e->station || lc_is_source(task_of(n, step->entry)) || !(e->rate > 0) ? e->main : LC_NONE;
    return step->phase > 1 ? e->after : LC_NONE;
}

/* What the entry's roots wait for in entries that are no station. */
static void find_below(struct lcs_network *n, const struct lcs_entry_info *e)
{
    for (int s = e->first_step; s < e->first_step + e->step_count; s++) {
        const struct lcs_step_info *step = &n->steps[s];
        const int root = root_of(n, step);
        for (size_t c = 0; root != LC_NONE && c < step->activity->call_count; c++) {
            const struct lc_call *call = &step->activity->calls[c];
            const struct lcs_entry_info *to = &n->entries[call->entry];
            const double fan =
                lci_fan_out(n->model, n->model->entries[step->entry].task, n->model->entries[call->entry].task);
            if (call->kind == LC_CALL_SYNC && !to->station)
                n->roots[root].below += step->visits * call->mean * fan * step->caches[c].misses * to->answer.mean;
        }
    }
}

/* How many times their mean over all callers such entries take when the step calls them. */
static double own_part(const struct lcs_network *n, const struct lcs_step_info *step)
{
    const double least = 0.1; /* while the solution is still looked for */
    const int root = root_of(n, step);
    if (root == LC_NONE || !(n->roots[root].below > 0))
        return 1;
    return fmax(least, 1 + n->roots[root].longer / n->roots[root].below);
}

/* One that is turned away takes no time. */
static struct lcs_moments2 if_let_in(struct lcs_moments2 call, const struct lcs_outcome *o)
{
    const double part = o->accepted;
    return part == 1
               ? call
               : (struct lcs_moments2){part * call.mean, part * (call.variance + (1 - part) * call.mean * call.mean)};
}

static void step_time(struct lcs_network *n, struct lcs_step_info *step)
{
    const double own = own_part(n, step);
    const struct lc_activity *a = step->activity;
    const int from = n->model->entries[step->entry].task;
    const double longer = (step->stretch - 1) * step->slice.mean + step->waits;
    const struct lcs_moments2 slice = {step->slice.mean + longer,
                                       step->slice.variance * step->stretch * step->stretch + longer * longer};
    double mean = 0, variance = 0, calls = 0; /* of all calls */
    double sum = 0, square = 0;               /* of one of them, times calls */
    for (size_t c = 0; c < a->call_count; c++) {
        const struct lc_call *call = &a->calls[c];
        const double fan = lci_fan_out(n->model, from, n->model->entries[call->entry].task), y = call->mean;
        struct lcs_moments2 one = {0};
        if (call->kind == LC_CALL_SYNC) {
            const struct lcs_moments2 *answer = &n->entries[call->entry].answer;
            const double part = n->entries[call->entry].station ? 1 : own;
            one.mean = fan * (step->call_waits[c] + part * answer->mean);
            one.variance =
                fan * (part * part * answer->variance + wait_variance(step->call_waits[c], step->call_delayed[c]));
            one = behind_cache(n->lets_all_in ? one : if_let_in(one, &step->outcomes[c]), &step->caches[c]);
        }
        calls += y;
        sum += y * one.mean;
        square += y * (one.variance + one.mean * one.mean);
        mean += y * one.mean;
        variance += y * one.variance;
        if (a->deterministic && call->random) /* each with its slice */
            variance += y * (1 + y) * (one.mean + slice.mean) * (one.mean + slice.mean);
    }
    if (!a->deterministic && calls > 0) {
        const double each = sum / calls + slice.mean;
        variance = square - sum * sum / calls + calls * (1 + calls) * each * each;
    }
    const double slices = step->slices > 0 ? 1 + calls : 0;
    step->time = (struct lcs_moments2){step->think.mean + slices * slice.mean + mean,
                                       step->think.variance + slices * slice.variance + variance};
    if (step->takes > 0)
        step->time.mean = step->takes;
}

static void entry_time(struct lcs_network *n, int entry)
{
    struct lcs_entry_info *e = &n->entries[entry];
    const struct lc_entry *from = &n->model->entries[entry];
    find_below(n, e);
    for (int s = 0; s < e->step_count; s++) {
        struct lcs_step_info *step = &n->steps[e->first_step + s];
        if (s == 0 && step->phase == 1 && step->slices > 0)
            step->waits += e->overlap / (step->visits * step->slices);
        step_time(n, step);
    }
    for (int p = 0; p < LC_PHASES; p++)
        e->phase[p] = (struct lcs_moments2){0};
    if (e->plan == NULL) {
        e->total = (struct lcs_moments2){0};
        for (int s = 0; s < e->step_count; s++) {
            const struct lcs_step_info *step = &n->steps[e->first_step + s];
            e->phase[step->index] = step->time;
            e->total.mean += step->time.mean;
            e->total.variance += step->time.variance;
        }
        e->reply = lc_is_source(&n->model->tasks[from->task]) ? e->total : e->phase[0];
    } else {
        struct lcs_moments2 *time = lc_calloc(n->model->tasks[from->task].activity_count, sizeof *time);
        for (int s = 0; s < e->step_count; s++)
            time[n->steps[e->first_step + s].index] = n->steps[e->first_step + s].time;
        lcs_graph_plan_times(e->plan, time, &e->reply, &e->total, NULL);
        free(time);
        e->total.mean = fmax(e->total.mean, e->reply.mean);
        e->phase[0] = e->reply;
        e->phase[1] =
            (struct lcs_moments2){e->total.mean - e->reply.mean, fmax(0, e->total.variance - e->reply.variance)};
    }
    e->answer = e->reply;
    double mean = 0, square = 0;
    for (size_t f = 0; f < from->forward_count; f++) {
        const struct lcs_moments2 *next = &n->entries[from->forwards[f].entry].answer;
        const double p = from->forwards[f].probability, wait = e->forward_waits[f], one = wait + next->mean;
        mean += p * one;
        square += p * (one * one + next->variance + wait_variance(wait, e->forward_delayed[f]));
    }
    e->answer.mean += mean;
    e->answer.variance += square - mean * mean;
}

/* Per cycle of the chain: what its links take. */
static double at_stations(const struct lcs_network *n, const struct lcs_chain *c)
{
    double sum = 0;
    for (size_t i = 0; i < c->link_count; i++) {
        const struct lcs_link *l = &n->links[c->links[i]];
        sum += l->visits * (l->stretch * l->stays + l->waits);
    }
    return sum;
}

static double cycle_of(const struct lcs_network *n, const struct lcs_chain *c)
{
    const struct lc_task *task = &n->model->tasks[c->task];
    double cycle = task->think_time.family != NULL ? lc_dist_mean(&task->think_time) : 0;
    double *visits = lc_calloc(task->entry_count, sizeof *visits);
    lci_session_visits(n->model, task, visits);
    for (size_t i = 0; i < task->entry_count; i++) {
        const struct lc_dist *pause = &n->model->entries[task->entries[i]].pause;
        cycle += visits[i] * (n->entries[task->entries[i]].total.mean + (pause->family ? lc_dist_mean(pause) : 0));
    }
    free(visits);
    return cycle;
}

/* What a thread of a task does in one cycle, over its entries. */
static double busy_of(const struct lcs_network *n, const struct lcs_chain *c)
{
    const struct lc_task *task = &n->model->tasks[c->task];
    double sum = 0, rate = 0;
    for (size_t i = 0; i < task->entry_count; i++) {
        const struct lcs_entry_info *e = &n->entries[task->entries[i]];
        sum += (e->rate + e->open_rate) * e->total.mean;
        rate += e->rate + e->open_rate;
    }
    return rate > 0 ? sum / rate : 0;
}

void lcs_network_times(struct lcs_network *n)
{
    spread_waits(n);
    spread_call_waits(n);
    find_differences(n);
    find_overlaps(n);
    lcs_network_compose(n);
}

void lcs_network_compose(struct lcs_network *n)
{
    for (size_t i = n->model->entry_count; i-- > 0;)
        entry_time(n, n->order[i]);
    for (size_t i = 0; i < n->chain_count; i++) {
        struct lcs_chain *c = &n->chains[i];
        if (c->open)
            continue;
        c->busy = busy_of(n, c);
        c->held = at_stations(n, c);
        if (lcs_is_source_chain(n, (int)i))
            c->away = fmax(0, cycle_of(n, c) - at_stations(n, c));
        else
            c->away = c->rate > 0 ? fmax(0, c->population * c->replicas / c->rate - at_stations(n, c)) : INFINITY;
    }
}

/* Where customers are many Poisson's distribution is near; where they are few it is too wide, which is the safe side.
 */
bool lcs_is_roomy(const struct lcs_network *n, int t)
{
    const double seldom = 0.02; /* the chance that all threads are busy */
    const struct lc_task *task = &n->model->tasks[t];
    double busy = 0, term = 1, sum = 0;
    uint32_t own = 0; /* threads with the last request of who comes, which may go on behind its reply */
    if (lc_is_source(task) || !isfinite(lci_task_threads(task)))
        return false;
    for (size_t i = 0; i < task->entry_count; i++) {
        const struct lcs_entry_info *e = &n->entries[task->entries[i]];
        busy += (e->rate + e->open_rate) * e->total.mean / task->replicas;
        own |= e->total.mean > e->reply.mean;
    }
    for (uint32_t k = 0; k + own < task->multiplicity; k++) {
        sum += term;
        term *= busy / (k + 1);
    }
    return 1 - sum * exp(-busy) < seldom;
}

double lcs_network_gap(const struct lcs_network *n)
{
    double gap = 0;
    for (size_t i = 0; i < n->chain_count; i++) {
        const struct lcs_chain *c = &n->chains[i];
        if (lcs_is_source_chain(n, (int)i))
            gap = fmax(gap, fabs(c->rate * cycle_of(n, c) / (c->population * c->replicas) - 1));
    }
    for (size_t t = 0; t < n->model->task_count; t++) {
        const struct lc_task *task = &n->model->tasks[t];
        double busy = 0;
        for (size_t i = 0; i < task->entry_count; i++) {
            const struct lcs_entry_info *e = &n->entries[task->entries[i]];
            busy += (e->rate + e->open_rate) * e->total.mean;
        }
        gap = fmax(gap, busy / lci_task_threads(task) - 1);
    }
    for (size_t s = 0; s < n->station_count; s++)
        gap = fmax(gap, n->stations[s].moved);
    return gap;
}
