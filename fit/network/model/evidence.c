/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a person wants to see of the fit: per entry its patterns in words, per pair of operations and per pair of
 * services the network latency.
 */
#include "network/model/build.h"

#include "base/buffer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *numbers_text(const struct lci_pattern_step *step, size_t call)
{
    uint32_t least = UINT32_MAX, most = 0;
    if (step->count_count == 0)
        return lc_strdup("");
    for (size_t k = 0; k < step->count_count; k++) {
        const uint32_t number = step->counts[k].numbers[call];
        least = number < least ? number : least;
        most = number > most ? number : most;
    }
    if (most == 1)
        return lc_strdup("");
    return least == most ? lc_format(" × %u", most) : lc_format(" × %u…%u", least, most);
}

/* Equal calls at one time are listed once, with how many they are. */
static void put_step(struct lci_buffer *out, const struct lci_builder *builder, const struct lci_pattern_step *step)
{
    lci_buffer_add(out, "%s", step->kind == LCI_STEP_SENDS ? "send " : "");
    for (size_t i = 0, next; i < step->call_count; i = next) {
        const struct lci_operation *callee = &builder->visits->operations[step->calls[i].operation];
        char *numbers = numbers_text(step, i);
        for (next = i + 1; *numbers == 0 && next < step->call_count; next++)
            if (step->calls[next].operation != step->calls[i].operation)
                break;
        lci_buffer_add(out, "%s%s/%s%s",
                       i == 0                         ? ""
                       : step->kind == LCI_STEP_CALLS ? " | "
                                                      : " and ",
                       lci_text(builder->visits, callee->task), lci_text(builder->visits, callee->entry), numbers);
        if (next > i + 1)
            lci_buffer_add(out, " (%zu at once)", next - i);
        free(numbers);
    }
}

static char *calls_text(const struct lci_builder *builder, const struct lci_pattern *pattern)
{
    struct lci_buffer text = {0};
    for (size_t s = 0; s < pattern->step_count; s++) {
        lci_buffer_add(&text, "%s", s > 0 ? ", " : "");
        put_step(&text, builder, &pattern->steps[s]);
    }
    return lci_buffer_take(&text);
}

void lci_summarise_entry(const struct lci_builder *builder, int entry, const struct lci_patterns *patterns)
{
    struct lc_learned *learned = builder->learned;
    LC_GROW(learned->entries, learned->entry_count, learned->entry_capacity);
    struct lc_entry_summary *summary = &learned->entries[learned->entry_count++];
    *summary = (struct lc_entry_summary){.entry = entry, .visits = patterns->seen, .fitted = patterns->visits};
    summary->patterns = lc_calloc(patterns->count, sizeof *summary->patterns);
    summary->pattern_count = patterns->count;
    for (size_t i = 0; i < patterns->count; i++) {
        const struct lci_pattern *pattern = &patterns->items[i];
        struct lc_pattern_summary *row = &summary->patterns[i];
        row->visits = pattern->visits;
        row->share = (double)pattern->visits / (double)patterns->visits;
        /* As in the model: what coarse clocks leave below 0 is no time. */
        row->self = pattern->self_visits > 0 ? fmax(0, pattern->self / (double)pattern->self_visits) : 0;
        row->calls = calls_text(builder, pattern);
        summary->self += row->share * row->self;
    }
}

/* A latency between two tasks of the model. */
struct between {
    int caller, callee;
    size_t latency;
};

static int by_tasks(const void *a, const void *b)
{
    const struct between *x = a, *y = b;
    if (x->caller != y->caller)
        return x->caller < y->caller ? -1 : 1;
    if (x->callee != y->callee)
        return x->callee < y->callee ? -1 : 1;
    return (x->latency > y->latency) - (x->latency < y->latency);
}

/* Between which points the time passes: of a hop, or (LCI_HOPS) of what lies between the hops that are known. */
static void name_points(const struct lci_latency *latency, int hop, const char **from, const char **to)
{
    const bool client = latency->hops[LCI_HOP_CLIENT].count > 0, server = latency->hops[LCI_HOP_SERVER].count > 0;
    *from = *to = NULL;
    if (hop == LCI_HOP_CLIENT) {
        *from = "client process";
        *to = "client NIC";
    } else if (hop == LCI_HOP_SERVER) {
        *from = "server NIC";
        *to = "server process";
    } else if (client || server) {
        *from = client ? "client NIC" : "client process";
        *to = server ? "server NIC" : "server process";
    }
}

/* The latencies between two tasks as one: all their samples, and the mean of their means. `hop`: LCI_HOPS for what is
 * left when those that are known are taken out. */
static void summarise_network(const struct lci_builder *builder, const struct lci_latency *const *measured,
                              const struct between *between, size_t count, int hop)
{
    struct lc_learned *learned = builder->learned, scratch = {.cache = learned->cache, .unit = learned->unit};
    struct lci_samples all = {0};
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        const struct lci_latency *one = measured[between[i].latency];
        const struct lci_samples *samples = hop < LCI_HOPS ? &one->hops[hop] : &one->samples;
        for (size_t k = 0; k < samples->count; k++)
            lci_samples_add(&all, samples->values[k], samples->traces[k]);
        sum += (double)samples->count * (hop < LCI_HOPS ? one->hop_means[hop] : one->mean);
    }
    if (all.count == 0 || !(sum > 0)) {
        lci_samples_free(&all);
        return;
    }
    const struct lci_latency *first = measured[between->latency];
    const double mean = sum / (double)all.count;
    const struct lci_clock clock = lci_latency_clock(builder->visits, first->caller, first->callee, &all, mean);
    struct lc_dist dist = lci_fit_time(&scratch, "", &all, mean, &clock, NULL);
    const char *from, *to;
    name_points(first, hop, &from, &to);
    LC_GROW(learned->networks, learned->network_count, learned->network_capacity);
    learned->networks[learned->network_count++] = (struct lc_network_summary){
        .caller = between->caller,
        .callee = between->callee,
        .from = from,
        .to = to,
        .n = all.count,
        .mean = scratch.parameters[0].mean,
        .standard_error = scratch.parameters[0].standard_error,
        .text = lc_dist_text(&dist, "s"),
    };
    lc_dist_free(&dist);
    lci_samples_free(&all);
    lc_learned_free(&scratch);
}

/* Between each pair of tasks, in the order of the first latencies. */
static void summarise_networks(const struct lci_builder *builder, const struct lci_latency *const *measured)
{
    const struct lc_learned *learned = builder->learned;
    const struct lc_entry *entries = learned->model->entries;
    struct between *all = lc_alloc((learned->latency_count + 1) * sizeof *all);
    size_t *first =
        lc_calloc(learned->latency_count + 1, sizeof *first); /* per latency that is one: its place in `all` + 1 */
    size_t count = 0;
    for (size_t i = 0; i < learned->latency_count; i++) {
        const struct lc_latency_summary *latency = &learned->latencies[i];
        if (latency->caller != LC_NONE && latency->callee != LC_NONE)
            all[count++] = (struct between){entries[latency->caller].task, entries[latency->callee].task, i};
    }
    if (count > 1)
        qsort(all, count, sizeof *all, by_tasks);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || all[i].caller != all[i - 1].caller || all[i].callee != all[i - 1].callee)
            first[all[i].latency] = i + 1;
    for (size_t i = 0; i < learned->latency_count; i++) {
        if (first[i] == 0)
            continue;
        const struct between *from = all + first[i] - 1;
        size_t n = 0;
        while (from + n < all + count && from[n].caller == from->caller && from[n].callee == from->callee)
            n++;
        static const int way[] = {LCI_HOP_CLIENT, LCI_HOPS, LCI_HOP_SERVER};
        for (size_t h = 0; h < sizeof way / sizeof *way; h++)
            summarise_network(builder, measured, from, n, way[h]);
    }
    free(first);
    free(all);
}

void lci_summarise_latencies(const struct lci_builder *builder)
{
    struct lc_learned *learned = builder->learned;
    const size_t count = builder->behaviour->latencies.count;
    const struct lci_latency **measured = lc_calloc(count + 1, sizeof *measured);
    for (size_t i = 0; i < count; i++) {
        const struct lci_fitted_latency *latency = &builder->latencies[i];
        const struct lci_latency *of = latency->of;
        const struct lci_entries *callers = &builder->entries[of->caller];
        if (latency->dist.family == NULL)
            continue; /* no such call in the model, or no time on the way */
        const int caller = callers->answering[of->caller_cluster];
        LC_GROW(learned->latencies, learned->latency_count, learned->latency_capacity);
        measured[learned->latency_count] = of;
        learned->latencies[learned->latency_count++] = (struct lc_latency_summary){
            .caller = caller != LC_NONE ? caller : callers->silent[of->caller_cluster],
            .callee = builder->entries[of->callee].answering[of->callee_cluster],
            .n = of->samples.count,
            .mean = of->mean,
            .text = lc_dist_text(&latency->dist, "s"),
        };
    }
    summarise_networks(builder, measured);
    free(measured);
}

void lci_summaries_free(struct lc_learned *learned)
{
    for (size_t i = 0; i < learned->entry_count; i++) {
        for (size_t p = 0; p < learned->entries[i].pattern_count; p++)
            free(learned->entries[i].patterns[p].calls);
        free(learned->entries[i].patterns);
    }
    free(learned->entries);
    for (size_t i = 0; i < learned->latency_count; i++)
        free(learned->latencies[i].text);
    free(learned->latencies);
    for (size_t i = 0; i < learned->network_count; i++)
        free(learned->networks[i].text);
    free(learned->networks);
}
