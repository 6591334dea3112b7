/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How many requests a service, and connections a client of an external server, had at a time. As long as every visit is
 * kept the visits tell it exactly; when they are a sample, what was there at instants does.
 */
#include "network/visits/collect.h"

#include <math.h>
#include <stdlib.h>

/* ---- exactly ----------------------------------------------------------------------------------------------------- */

struct change {
    lc_symbol instance;
    int64_t time;
    int by;
};

static int compare_changes(const void *a, const void *b)
{
    const struct change *x = a, *y = b;
    if (x->instance != y->instance)
        return x->instance < y->instance ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->by > y->by) - (x->by < y->by); /* ends first: touching is not overlapping */
}

struct use { /* of something at one instance */
    struct change *changes;
    size_t count, capacity;
};

static void add_use(struct use *use, lc_symbol instance, int64_t begin, int64_t end)
{
    LC_GROW(use->changes, use->count, use->capacity);
    use->changes[use->count++] = (struct change){instance, begin, 1};
    LC_GROW(use->changes, use->count, use->capacity);
    use->changes[use->count++] = (struct change){instance, end, -1};
}

/* Frees what was added. */
static struct lci_peak find_peak(struct use *use)
{
    if (use->count > 1)
        qsort(use->changes, use->count, sizeof *use->changes, compare_changes);
    struct lci_peak peak = {0};
    long now = 0;
    for (size_t i = 0; i < use->count; i++) {
        const struct change *change = &use->changes[i];
        const bool same = i > 0 && use->changes[i - 1].instance == change->instance;
        const double seconds = same ? (double)(change->time - use->changes[i - 1].time) * 1e-9 : 0;
        now = same ? now : 0;
        peak.at_most += now == peak.most ? seconds : 0;
        peak.one_less += now == peak.most - 1 ? seconds : 0;
        peak.busy += now > 0 ? seconds : 0;
        now += change->by;
        if (now > peak.most) { /* by one */
            peak.one_less = peak.at_most;
            peak.at_most = 0;
            peak.most = now;
            peak.reached = 0;
        }
        peak.reached += change->by > 0 && now == peak.most;
    }
    free(use->changes);
    *use = (struct use){0};
    return peak;
}

long lci_width_of(const struct lci_visit *visit, const struct lci_call *calls)
{
    struct use use = {0};
    for (uint32_t i = 0; i < visit->call_count; i++)
        if (!calls[i].forget)
            add_use(&use, 0, llround(calls[i].sent * 1e9), llround(calls[i].answered * 1e9));
    return find_peak(&use).most;
}

static bool holds_thread(const struct lci_operation *operation)
{
    return operation->inside == 0 && !operation->around;
}

static bool is_within(int64_t time, const struct lci_stretch *stretch)
{
    return stretch == NULL || (time >= stretch->begin && time <= stretch->end);
}

/* What the visits of one operation and class held; false: some of the visits are not known. */
static bool add_visits(const struct lci_visits *learner, const struct lci_operation *operation,
                       const struct lci_variant *variant, lc_symbol server, const struct lci_stretch *stretch,
                       struct use *use)
{
    if (server == 0 && !holds_thread(operation))
        return true;
    for (size_t v = 0; v < variant->visit_count; v++) {
        const struct lci_visit *visit = &variant->visits[v];
        if (!is_within(visit->start, stretch))
            continue;
        if (server == 0)
            add_use(use, visit->instance, visit->start, visit->start + llround(visit->duration * 1e9));
        for (uint32_t i = 0; server != 0 && i < visit->call_count; i++) {
            const struct lci_call *call = &variant->calls[visit->first_call + i];
            if (learner->operations[call->operation].task == server)
                add_use(use, visit->instance, visit->start + llround(call->sent * 1e9),
                        visit->start + llround(call->answered * 1e9));
        }
    }
    return variant->visit_count == variant->seen;
}

/* ---- at instants ------------------------------------------------------------------------------------------------- */

struct lci_held *lci_held_of(struct lci_visits *learner, lc_symbol task, lc_symbol instance, lc_symbol server)
{
    const uint32_t words[] = {task, instance, server}, hash = lci_hash_bytes(words, sizeof words);
    uint32_t at;
    LCI_TABLE_FIND(&learner->held_table, hash, at,
                   learner->held[at].task == task && learner->held[at].instance == instance &&
                       learner->held[at].server == server);
    if (at == LCI_ABSENT) {
        at = (uint32_t)learner->held_count;
        lci_table_add(&learner->held_table, hash, at);
        LC_GROW(learner->held, learner->held_count, learner->held_capacity);
        learner->held[learner->held_count++] = (struct lci_held){.task = task, .instance = instance, .server = server};
    }
    return &learner->held[at];
}

void lci_held_add(struct lci_visits *learner, const struct lc_tree *tree, const struct lc_tree_node *node,
                  uint32_t index)
{
    const struct lci_operation *operation = &learner->operations[index];
    if (!node->external && holds_thread(operation)) {
        lci_presence_add(&lci_held_of(learner, node->task, node->instance, 0)->presence, node->start, node->end);
    } else if (node->external && node->parent >= 0) {
        const struct lc_tree_node *caller = &tree->nodes[node->parent];
        lci_presence_add(&lci_held_of(learner, caller->task, caller->instance, node->task)->presence, node->request,
                         node->response);
    }
}

static void count_instants(const struct lci_presence *presence, const struct lci_stretch *stretch,
                           struct lci_peak *peak)
{
    int64_t now = 0, before = 0;
    size_t instants = 0;
    for (size_t i = 0; i < presence->count; i++, before = now) {
        now += presence->changes[i];
        if (!is_within((presence->first + (int64_t)i) * (INT64_C(1) << presence->shift), stretch))
            continue;
        instants++;
        peak->busy += now > 0;
        if (now > peak->most) {
            peak->one_less = now == peak->most + 1 ? peak->at_most : 0;
            peak->at_most = 0;
            peak->most = now;
            peak->reached = 0;
        }
        peak->reached += now == peak->most && before < now;
        peak->at_most += now == peak->most;
        peak->one_less += now == peak->most - 1;
    }
    peak->instants += instants;
    peak->apart = fmax(peak->apart, ldexp(1e-9, (int)presence->shift));
}

static struct lci_peak peak_at_instants(const struct lci_visits *learner, lc_symbol task, lc_symbol server,
                                        const struct lci_stretch *stretch)
{
    struct lci_peak peak = {0};
    for (size_t i = 0; i < learner->held_count; i++)
        if (learner->held[i].task == task && learner->held[i].server == server)
            count_instants(&learner->held[i].presence, stretch, &peak);
    return peak;
}

/* ---- instances --------------------------------------------------------------------------------------------------- */

#define SELDOM 0.05 /* of the time: old and new instances of a release, the last ones of a burst */

static void add_alive(struct use *use, const struct lci_presence *presence)
{
    const int64_t width = (int64_t)1 << presence->shift;
    add_use(use, 0, presence->first * width, (presence->first + (int64_t)presence->count - 1) * width);
}

/* The time with so many, for each number; returns that with any. Frees what was added. */
static double times_of(struct use *use, size_t instances, double *times)
{
    double all = 0;
    size_t now = 0;
    if (use->count > 1)
        qsort(use->changes, use->count, sizeof *use->changes, compare_changes);
    for (size_t i = 0; i < use->count; i++) {
        if (now > 0 && now <= instances) {
            const double seconds = (double)(use->changes[i].time - use->changes[i - 1].time) * 1e-9;
            times[now] += seconds;
            all += seconds;
        }
        now = use->changes[i].by > 0 ? now + 1 : now - 1;
    }
    free(use->changes);
    return all;
}

struct lci_alive lci_alive_of(const struct lci_visits *learner, lc_symbol task)
{
    struct use use = {0};
    size_t instances = 0;
    for (size_t i = 0; i < learner->held_count; i++) {
        const struct lci_held *held = &learner->held[i];
        if (held->task != task || held->server != 0 || held->instance == 0 || held->presence.count == 0)
            continue;
        add_alive(&use, &held->presence);
        instances++;
    }
    double *times = lc_calloc(instances + 2, sizeof *times), below = 0, above = 0;
    const double all = times_of(&use, instances, times);
    struct lci_alive alive = {.least = 1, .most = 1, .share = 1};
    for (size_t n = 1; n <= instances && below < SELDOM * all; n++) {
        below += times[n];
        alive.least = n;
    }
    for (size_t n = instances; n > 0 && above < SELDOM * all; n--) {
        above += times[n];
        alive.most = n;
        alive.share = above / all;
    }
    free(times);
    return alive;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

struct lci_peak lci_peak_within(const struct lci_visits *learner, lc_symbol task, lc_symbol server,
                                const struct lci_stretch *stretch)
{
    struct use use = {0};
    bool all = true;
    for (size_t o = 0; o < learner->operation_count && all; o++)
        for (size_t c = 0; learner->operations[o].task == task && c < learner->class_count; c++)
            all &= add_visits(learner, &learner->operations[o], &learner->operations[o].variants[c], server, stretch,
                              &use);
    if (all)
        return find_peak(&use);
    free(use.changes);
    return peak_at_instants(learner, task, server, stretch);
}

struct lci_peak lci_peak_of(const struct lci_visits *learner, lc_symbol task, lc_symbol server)
{
    return lci_peak_within(learner, task, server, NULL);
}

#define OFTEN 30  /* times that the most is reached, to be no chance */
#define OTHER 1.2 /* rates so many times apart are two loads */

bool lci_peak_is_limit(const struct lci_visits *learner, lc_symbol task, lc_symbol server,
                       const struct lci_stretch *stretches, size_t count)
{
    const long most = lci_peak_of(learner, task, server).most;
    double least_rate = INFINITY, most_rate = 0;
    for (size_t s = 0; s < count; s++) {
        const struct lci_peak peak = lci_peak_within(learner, task, server, &stretches[s]);
        /* Numbers of instants differ by chance, too: by less than three standard deviations. */
        const double chance = peak.instants > 0 ? 3 * sqrt(peak.at_most + peak.one_less) : 0;
        const double rate = (double)stretches[s].requests / lci_stretch_seconds(&stretches[s]);
        if (peak.most < most || peak.reached < OFTEN || peak.at_most <= peak.one_less + chance)
            continue;
        least_rate = fmin(least_rate, rate);
        most_rate = fmax(most_rate, rate);
    }
    return most_rate > OTHER * least_rate;
}
