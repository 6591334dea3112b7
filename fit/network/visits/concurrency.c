/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How many requests a service, and connections a client of an external server, had at a time. As long as every visit is
 * kept the visits tell it exactly; when they are a sample, what was there at instants does.
 */
#include "network/visits/collect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

struct changes {
    struct change *items;
    size_t count, capacity;
};

static void add_use(struct changes *changes, lc_symbol instance, int64_t begin, int64_t end)
{
    LC_GROW(changes->items, changes->count, changes->capacity);
    changes->items[changes->count++] = (struct change){instance, begin, 1};
    LC_GROW(changes->items, changes->count, changes->capacity);
    changes->items[changes->count++] = (struct change){instance, end, -1};
}

/* Frees what was added. */
static struct lci_peak find_peak(struct changes *changes)
{
    if (changes->count > 1)
        qsort(changes->items, changes->count, sizeof *changes->items, compare_changes);
    struct lci_peak peak = {0};
    long now = 0;
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *change = &changes->items[i];
        const bool same = i > 0 && change[-1].instance == change->instance;
        const double seconds = same ? (double)(change->time - change[-1].time) * 1e-9 : 0;
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
    free(changes->items);
    *changes = (struct changes){0};
    return peak;
}

long lci_width_of(const struct lci_visit *visit, const struct lci_call *calls)
{
    struct changes changes = {0};
    for (uint32_t i = 0; i < visit->call_count; i++)
        if (!calls[i].forget)
            add_use(&changes, 0, llround(calls[i].sent * 1e9), llround(calls[i].answered * 1e9));
    return find_peak(&changes).most;
}

static bool holds_thread(const struct lci_operation *operation)
{
    return operation->inside == 0 && !operation->around;
}

static bool is_within(int64_t time, const struct lci_stretch *stretch)
{
    return stretch == NULL || (time >= stretch->begin && time <= stretch->end);
}

struct lci_uses lci_threads_used(const struct lci_visits *visits, const struct lci_task *task)
{
    struct lci_uses uses = {.task = task->name, .all = true};
    size_t capacity = 0;
    for (uint32_t o = task->first_operation; o < task->end_operation && uses.all; o++)
        for (size_t c = 0; holds_thread(&visits->operations[o]) && c < visits->class_count; c++) {
            const struct lci_variant *variant = &visits->operations[o].variants[c];
            uses.all &= variant->visit_count == variant->seen;
            for (size_t v = 0; v < variant->visit_count; v++) {
                const struct lci_visit *visit = &variant->visits[v];
                LC_GROW(uses.items, uses.count, capacity);
                uses.items[uses.count++] = (struct lci_use){0, visit->instance, visit->start, visit->start,
                                                            visit->start + llround(visit->duration * 1e9)};
            }
        }
    return uses;
}

static int by_server(const void *a, const void *b, void *visits)
{
    const struct lci_use *x = a, *y = b;
    return x->server == y->server ? 0 : strcmp(lci_text(visits, x->server), lci_text(visits, y->server));
}

/* Every call of the service to an external server, by server; *all: they are all there were. */
static struct lci_use *external_calls(const struct lci_visits *visits, const struct lci_task *task, size_t *count,
                                      bool *all)
{
    struct lci_use *calls = NULL;
    size_t capacity = 0;
    for (uint32_t o = task->first_operation; o < task->end_operation; o++)
        for (size_t c = 0; c < visits->class_count; c++) {
            const struct lci_variant *variant = &visits->operations[o].variants[c];
            *all &= variant->visit_count == variant->seen;
            for (size_t v = 0; v < variant->visit_count; v++)
                for (uint32_t i = 0; i < variant->visits[v].call_count; i++) {
                    const struct lci_visit *visit = &variant->visits[v];
                    const struct lci_call *call = &variant->calls[visit->first_call + i];
                    const lc_symbol server = visits->operations[call->operation].task;
                    if (server == 0 || !lci_task_find(visits, server)->external)
                        continue;
                    LC_GROW(calls, *count, capacity);
                    calls[(*count)++] = (struct lci_use){server, visit->instance, visit->start,
                                                         visit->start + llround(call->sent * 1e9),
                                                         visit->start + llround(call->answered * 1e9)};
                }
        }
    if (*count > 1)
        qsort_r(calls, *count, sizeof *calls, by_server, (void *)visits);
    return calls;
}

struct lci_uses *lci_connections_used(const struct lci_visits *visits, const struct lci_task *task)
{
    size_t count = 0, servers = 0, capacity = 1;
    bool all = true;
    struct lci_use *calls = external_calls(visits, task, &count, &all);
    struct lci_uses *uses = lc_alloc(sizeof *uses);
    for (size_t first = 0, next; first < count; first = next) {
        for (next = first; next < count && calls[next].server == calls[first].server; next++)
            ;
        LC_GROW(uses, servers + 1, capacity);
        uses[servers++] = (struct lci_uses){task->name, calls[first].server, calls + first, next - first, all};
    }
    uses[servers] = (struct lci_uses){.items = servers == 0 ? calls : NULL};
    return uses;
}

/* ---- at instants ------------------------------------------------------------------------------------------------- */

static uint32_t hash_of(lc_symbol task, lc_symbol instance, lc_symbol server)
{
    const uint32_t words[] = {task, instance, server};
    return lci_hash_bytes(words, sizeof words);
}

struct lci_held *lci_held_of(struct lci_visits *visits, lc_symbol task, lc_symbol instance, lc_symbol server)
{
    const uint32_t hash = hash_of(task, instance, server);
    uint32_t at;
    LCI_TABLE_FIND(&visits->held_table, hash, at,
                   visits->held[at].task == task && visits->held[at].instance == instance &&
                       visits->held[at].server == server);
    if (at == LCI_ABSENT) {
        lci_task_add(visits, task);
        at = (uint32_t)visits->held_count;
        lci_table_add(&visits->held_table, hash, at);
        LC_GROW(visits->held, visits->held_count, visits->held_capacity);
        visits->held[visits->held_count++] = (struct lci_held){.task = task, .instance = instance, .server = server};
    }
    return &visits->held[at];
}

static int compare_held(const void *a, const void *b, void *context)
{
    const struct lci_visits *visits = context;
    const struct lci_held *x = a, *y = b;
    int order = strcmp(lci_text(visits, x->task), lci_text(visits, y->task));
    order = order != 0 ? order : strcmp(lci_text(visits, x->server), lci_text(visits, y->server));
    return order != 0 ? order : strcmp(lci_text(visits, x->instance), lci_text(visits, y->instance));
}

void lci_held_order(struct lci_visits *visits)
{
    if (visits->held_count > 1)
        qsort_r(visits->held, visits->held_count, sizeof *visits->held, compare_held, visits);
    lci_table_clear(&visits->held_table, visits->held_count);
    for (size_t i = 0; i < visits->held_count; i++)
        lci_table_add(&visits->held_table,
                      hash_of(visits->held[i].task, visits->held[i].instance, visits->held[i].server), i);
}

void lci_held_add(struct lci_visits *visits, const struct lc_tree *tree, const struct lc_tree_node *node,
                  uint32_t index)
{
    const struct lci_operation *operation = &visits->operations[index];
    if (!node->external && holds_thread(operation)) {
        lci_presence_add(&lci_held_of(visits, node->task, node->instance, 0)->presence, node->start, node->end);
    } else if (node->external && node->parent >= 0) {
        const struct lc_tree_node *caller = &tree->nodes[node->parent];
        lci_presence_add(&lci_held_of(visits, caller->task, caller->instance, node->task)->presence, node->request,
                         node->response);
    }
}

static void count_instants(const struct lci_presence *presence, const struct lci_stretch *stretch,
                           struct lci_peak *peak)
{
    int64_t now = 0, before = 0;
    size_t instants = 0;
    int32_t scratch[LCI_MOST_INSTANTS];
    const int32_t *changes = lci_presence_changes(presence, scratch);
    for (size_t i = 0; i < presence->count; i++, before = now) {
        now += changes[i];
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

static struct lci_peak peak_at_instants(const struct lci_visits *visits, const struct lci_uses *uses,
                                        const struct lci_stretch *stretch)
{
    struct lci_peak peak = {0};
    const struct lci_task *task = lci_task_find(visits, uses->task);
    for (uint32_t i = task->first_held; i < task->end_held; i++)
        if (visits->held[i].server == uses->server)
            count_instants(&visits->held[i].presence, stretch, &peak);
    return peak;
}

/* ---- instances --------------------------------------------------------------------------------------------------- */

#define SELDOM 0.05 /* of the time: old and new instances of a release, the last ones of a burst */

static void add_alive(struct changes *changes, const struct lci_presence *presence)
{
    const int64_t width = (int64_t)1 << presence->shift;
    add_use(changes, 0, presence->first * width, (presence->first + (int64_t)presence->count - 1) * width);
}

/* The time with so many, for each number; returns that with any. Frees what was added. */
static double times_of(struct changes *changes, size_t instances, double *times)
{
    double all = 0;
    size_t now = 0;
    if (changes->count > 1)
        qsort(changes->items, changes->count, sizeof *changes->items, compare_changes);
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *change = &changes->items[i];
        if (now > 0 && now <= instances) {
            const double seconds = (double)(change->time - change[-1].time) * 1e-9;
            times[now] += seconds;
            all += seconds;
        }
        now = change->by > 0 ? now + 1 : now - 1;
    }
    free(changes->items);
    return all;
}

struct lci_alive lci_alive_of(const struct lci_visits *visits, const struct lci_task *task)
{
    struct changes changes = {0};
    size_t instances = 0;
    for (uint32_t i = task->first_held; i < task->end_held; i++) {
        const struct lci_held *held = &visits->held[i];
        if (held->server != 0 || held->instance == 0 || held->presence.count == 0)
            continue;
        add_alive(&changes, &held->presence);
        instances++;
    }
    double *times = lc_calloc(instances + 2, sizeof *times), below = 0, above = 0;
    const double all = times_of(&changes, instances, times);
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

struct lci_peak lci_peak_within(const struct lci_visits *visits, const struct lci_uses *uses,
                                const struct lci_stretch *stretch)
{
    if (!uses->all)
        return peak_at_instants(visits, uses, stretch);
    struct changes changes = {0};
    for (size_t i = 0; i < uses->count; i++)
        if (is_within(uses->items[i].visit, stretch))
            add_use(&changes, uses->items[i].instance, uses->items[i].begin, uses->items[i].end);
    return find_peak(&changes);
}

struct lci_peak lci_peak_of(const struct lci_visits *visits, const struct lci_task *task)
{
    struct lci_uses uses = lci_threads_used(visits, task);
    const struct lci_peak peak = lci_peak_within(visits, &uses, NULL);
    free(uses.items);
    return peak;
}

#define OFTEN 30  /* times that the most is reached, to be no chance */
#define OTHER 1.2 /* rates so many times apart are two loads */

bool lci_peak_is_limit(const struct lci_visits *visits, const struct lci_uses *uses,
                       const struct lci_stretch *stretches, size_t count)
{
    const long most = lci_peak_within(visits, uses, NULL).most;
    double least_rate = INFINITY, most_rate = 0;
    for (size_t s = 0; s < count; s++) {
        const struct lci_peak peak = lci_peak_within(visits, uses, &stretches[s]);
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
