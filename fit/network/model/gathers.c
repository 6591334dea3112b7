/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Joins of requests: of several that work for one trace, the last one makes a call (facts/joins.c). In the model it is
 * the branch of an or-fork (lc_activity.last_of), where all of them are requests of one service, of which there are the
 * same number each time, and their callers wait.
 *
 * What a request does before it is known whether it is the last one is seen of the others alone: the last one's first
 * call comes after further work. It was done with its own part between when all others were and that call, and the
 * others tell how long parts take; expectation and maximisation divide the time, with an exponential time for the
 * further work.
 */
#include "base/sort.h"
#include "network/model/build.h"

#include <math.h>
#include <stdlib.h>

#define SAME_NUMBER 0.95 /* share of traces: spans get lost, and requests fail half way */
#define ROUNDS      10   /* of expectation and maximisation */

struct lci_learned_gather {
    struct lci_join_found join;
    bool made; /* in the model */
};

/* ---- which ones -------------------------------------------------------------------------------------------------- */

static bool is_among(const uint32_t *operations, size_t count, uint32_t operation)
{
    for (size_t i = 0; i < count; i++)
        if (operations[i] == operation)
            return true;
    return false;
}

static bool is_last(const struct lci_join_found *join, const struct lci_pattern *pattern)
{
    for (size_t s = 0; s < pattern->step_count; s++)
        for (size_t i = 0; i < pattern->steps[s].call_count; i++)
            if (is_among(join->callees, join->callee_count, pattern->steps[s].calls[i].operation))
                return true;
    return false;
}

/* Whether each unit of the operation has requests of both kinds, whose callers wait. */
static bool is_possible_for(const struct lci_behaviour *behaviour, const struct lci_join_found *join,
                            uint32_t operation)
{
    for (size_t u = behaviour->first_unit[operation]; u != SIZE_MAX; u = behaviour->units[u].next) {
        const struct lci_unit *unit = &behaviour->units[u];
        size_t last = 0;
        for (size_t i = 0; i < unit->patterns.count; i++)
            last += is_last(join, &unit->patterns.items[i]);
        if (last == 0 || last == unit->patterns.count || unit->async)
            return false;
    }
    return behaviour->first_unit[operation] != SIZE_MAX;
}

/* Why the model cannot have the join; NULL: it can. */
static const char *hindrance(const struct lci_builder *builder, size_t index)
{
    const struct lci_join_found *join = &builder->gathers[index].join;
    const struct lci_operation *first = &builder->visits->operations[join->callers[0]];
    if (join->fewest != join->most || (double)join->alone > (1 - SAME_NUMBER) * (double)join->traces)
        return "their number varies";
    for (size_t i = 0; i < join->caller_count; i++) {
        const struct lci_operation *caller = &builder->visits->operations[join->callers[i]];
        if (caller->task != first->task || caller->inside > 0 || caller->around)
            return "they are requests of several services";
        if (!is_possible_for(builder->behaviour, join, join->callers[i]))
            return "nobody waits for them, or all that some of them do is rare";
    }
    for (size_t k = 0; k < index; k++) {
        const struct lci_learned_gather *other = &builder->gathers[k];
        if (other->made && other->join.most == join->most &&
            builder->visits->operations[other->join.callers[0]].task == first->task)
            return "the service has another such call, of as many requests";
    }
    return NULL;
}

static void assume_chance(const struct lci_builder *builder, const struct lci_join_found *join, const char *why)
{
    char *callers = lci_join_callers(builder->visits, join), *callees = lci_join_callees(builder->visits, join);
    lci_assume_for_good(builder->learned, lc_format("each of %s calls %s by chance, alone", callers, callees),
                        lc_format("the last of %zu does in the traces", join->most),
                        lc_strdup("the numbers of calls are right on the average, when they are made is not"),
                        lc_format("%s, and requests of the model do not wait for each other then", why));
    free(callers);
    free(callees);
}

void lci_gathers_find(struct lci_builder *builder)
{
    struct lci_join_found *joins = lci_joins_of(builder->visits, &builder->gather_count);
    builder->gathers = lc_calloc(builder->gather_count + 1, sizeof *builder->gathers);
    for (size_t i = 0; i < builder->gather_count; i++) {
        builder->gathers[i].join = joins[i];
        const char *why = hindrance(builder, i);
        builder->gathers[i].made = why == NULL;
        if (why != NULL)
            assume_chance(builder, &joins[i], why);
    }
    free(joins);
}

void lci_gathers_free(struct lci_builder *builder)
{
    for (size_t i = 0; i < builder->gather_count; i++)
        lci_join_free(&builder->gathers[i].join);
    free(builder->gathers);
}

/* ---- the last one's own part ------------------------------------------------------------------------------------- */

struct part {           /* of a request that was the last one */
    double least, most; /* s: when the others had ended, and its first call */
    double own;         /* expected */
};

static int by_half(const void *key, const void *wait)
{
    const uint32_t x = *(const uint32_t *)key, y = (uint32_t)((const struct lci_join_wait *)wait)->trace;
    return (x > y) - (x < y);
}

static double others_of(const struct lci_join_found *join, uint32_t trace)
{
    const struct lci_join_wait *wait =
        join->wait_count > 0 ? bsearch(&trace, join->waits, join->wait_count, sizeof *join->waits, by_half) : NULL;
    return wait != NULL ? wait->others : 0; /* 0: one of the few in which the clocks put another one last */
}

/* How many of the sorted values are below `limit`. */
static size_t below(const double *sorted, size_t count, double limit)
{
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (sorted[middle] < limit)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* One round: the expected own parts, given those of all and the mean of the further work. `weights` and `sums` have
 * room for one more than there are candidates. */
static void expect(struct part *parts, size_t count, const double *sorted, size_t all, double further, double *weights,
                   double *sums)
{
    weights[0] = sums[0] = 0;
    for (size_t i = 0; i < all; i++) { /* the rest is `most` less the candidate: its likelihood grows with it */
        const double weight = exp((sorted[i] - sorted[all - 1]) / further);
        weights[i + 1] = weights[i] + weight;
        sums[i + 1] = sums[i] + weight * sorted[i];
    }
    for (size_t i = 0; i < count; i++) {
        const size_t low = below(sorted, all, parts[i].least), high = below(sorted, all, parts[i].most);
        if (high > low && weights[high] > weights[low])
            parts[i].own = (sums[high] - sums[low]) / (weights[high] - weights[low]);
    }
}

/* `known`: own parts of requests that were not the last. */
static void divide(struct part *parts, size_t count, const struct lci_samples *known)
{
    const size_t all = known->count + count;
    double *sorted = lc_alloc((all + 1) * sizeof *sorted), *weights = lc_alloc((all + 1) * sizeof *weights),
           *sums = lc_alloc((all + 1) * sizeof *sums);
    for (int round = 0; round < ROUNDS; round++) {
        double further = 0;
        for (size_t i = 0; i < known->count; i++)
            sorted[i] = known->values[i];
        for (size_t i = 0; i < count; i++) {
            sorted[known->count + i] = parts[i].own;
            further += (parts[i].most - parts[i].own) / (double)count;
        }
        if (!(further > 0))
            break;
        lci_sort_doubles(sorted, all);
        expect(parts, count, sorted, all, further, weights, sums);
    }
    free(sorted);
    free(weights);
    free(sums);
}

/* ---- patterns without it ----------------------------------------------------------------------------------------- */

/* Its own time on the average, as its samples have it: the pattern's self time may be another one. */
static double sampled_self(const struct lci_pattern *pattern)
{
    double own = 0;
    for (size_t s = 0; s <= pattern->step_count && pattern->timed > 0; s++) {
        own += (pattern->segments[s].sum - pattern->segments[s].others_sum) / (double)pattern->timed;
        own += s < pattern->step_count ? pattern->steps[s].inner.sum / (double)pattern->timed : 0;
    }
    return own;
}

static void add_begin(struct lci_gathered *gathered, const struct lci_patterns *patterns, size_t pattern, double mean,
                      double correlation)
{
    const double share = (double)patterns->items[pattern].visits / (double)patterns->visits;
    gathered->begin_mean += share * mean;
    gathered->begin.size_correlation += share * correlation;
}

/* Moves the own part of the last one's first stretch to the beginning. */
static void part_last(const struct lci_join_found *join, const struct lci_patterns *patterns, size_t index,
                      struct lci_gathered *gathered, const struct lci_samples *known)
{
    const struct lci_pattern *from = &patterns->items[index];
    struct lci_pattern *to = &gathered->patterns.items[index];
    const struct lci_samples *first = &from->segments[0];
    struct part *parts = lc_alloc((first->count + 1) * sizeof *parts);
    for (size_t i = 0; i < first->count; i++) {
        const double most = fmax(0, first->values[i]), least = others_of(join, first->traces[i]);
        parts[i] = (struct part){fmin(fmax(0, least), most), most, 0};
        parts[i].own = (parts[i].least + parts[i].most) / 2;
    }
    divide(parts, first->count, known);
    to->segments = lc_alloc((from->step_count + 1) * sizeof *to->segments);
    for (size_t s = 0; s <= from->step_count; s++)
        to->segments[s] = from->segments[s];
    to->segments[0] = (struct lci_samples){.size_correlation = first->size_correlation, .others = first->others};
    double own = 0;
    for (size_t i = 0; i < first->count; i++) {
        own += parts[i].own / (double)first->count;
        lci_samples_add(&gathered->begin, parts[i].own, first->traces[i]);
        lci_samples_add(&to->segments[0], first->values[i] - parts[i].own, first->traces[i]);
    }
    to->segments[0].others_sum = first->sum > 0 ? first->others_sum * to->segments[0].sum / first->sum : 0;
    const double sampled = sampled_self(from), left = sampled_self(to);
    to->self = sampled > 0 ? from->self * left / sampled : 0;
    const double scale = sampled > 0 && from->self_visits > 0 ? from->self / (double)from->self_visits / sampled : 1;
    add_begin(gathered, patterns, index, scale * own, first->size_correlation);
    free(parts);
}

static void part(const struct lci_join_found *join, const struct lci_patterns *patterns, struct lci_gathered *gathered)
{
    gathered->patterns = *patterns;
    gathered->patterns.items = lc_alloc(patterns->count * sizeof *patterns->items);
    struct lci_samples known = {0};
    for (size_t i = 0; i < patterns->count; i++) {
        const struct lci_pattern *pattern = &patterns->items[i];
        gathered->patterns.items[i] = *pattern;
        if (gathered->last[i])
            continue;
        for (size_t k = 0; k < pattern->segments[0].count; k++)
            lci_samples_add(&known, pattern->segments[0].values[k], pattern->segments[0].traces[k]);
        add_begin(gathered, patterns, i, pattern->self_visits > 0 ? pattern->self / (double)pattern->self_visits : 0,
                  pattern->segments[0].size_correlation);
        gathered->patterns.items[i].segments = lc_calloc(1, sizeof *pattern->segments);
        gathered->patterns.items[i].timed = 0; /* nothing is left */
    }
    for (size_t k = 0; k < known.count; k++)
        lci_samples_add(&gathered->begin, known.values[k], known.traces[k]);
    for (size_t i = 0; i < patterns->count; i++)
        if (gathered->last[i])
            part_last(join, patterns, i, gathered, &known);
    lci_samples_free(&known);
}

struct lci_gathered lci_gathered_of(const struct lci_builder *builder, uint32_t operation,
                                    const struct lci_patterns *patterns)
{
    struct lci_gathered gathered = {0};
    size_t k = 0;
    while (k < builder->gather_count &&
           !(builder->gathers[k].made &&
             is_among(builder->gathers[k].join.callers, builder->gathers[k].join.caller_count, operation)))
        k++;
    if (k == builder->gather_count)
        return gathered;
    const struct lci_join_found *join = &builder->gathers[k].join;
    gathered.requests = (uint32_t)join->most;
    gathered.last = lc_calloc(patterns->count, sizeof *gathered.last);
    bool others_call = false;
    for (size_t i = 0; i < patterns->count; i++) {
        gathered.last[i] = is_last(join, &patterns->items[i]);
        others_call |= !gathered.last[i] && patterns->items[i].step_count > 0;
    }
    if (!others_call)
        part(join, patterns, &gathered);
    return gathered;
}

void lci_gathered_free(struct lci_gathered *gathered)
{
    for (size_t i = 0; i < gathered->patterns.count; i++) {
        if (gathered->last[i])
            lci_samples_free(&gathered->patterns.items[i].segments[0]);
        free(gathered->patterns.items[i].segments);
    }
    free(gathered->patterns.items);
    lci_samples_free(&gathered->begin);
    free(gathered->last);
}
