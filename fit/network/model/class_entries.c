/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which entry serves which class of requests.
 */
#include "network/model/build.h"

#include <stdlib.h>
#include <string.h>

static uint64_t runs_seen(const struct lci_visits *visits, const char *activity)
{
    uint64_t runs = 0;
    for (size_t i = 0; i < visits->options.activities->count; i++)
        runs += visits->run_traces[i] > 0 && strcmp(visits->options.activities->runs[i].activity, activity) == 0;
    return runs;
}

/* The traces that begin with the operation. */
static struct lci_traces root_traces(const struct lci_variant *variant, uint64_t last)
{
    struct lci_traces traces = {0};
    for (size_t v = 0; v < variant->visit_count; v++)
        if (variant->visits[v].root && variant->visits[v].trace <= last)
            lci_traces_add(&traces, (uint32_t)variant->visits[v].trace);
    return traces;
}

/* What a class's traces began with. */
struct beginning {
    int entry;
    uint64_t count;
    struct lci_traces traces;
};

static void replicate_choice(struct lc_learned *learned, const struct lc_task *task, const int *posts,
                             const double *weights, const struct beginning *beginnings, size_t count)
{
    const struct lci_traces **lists = lc_alloc(count * sizeof(const struct lci_traces *));
    for (size_t i = 0; i < count; i++)
        lists[i] = &beginnings[i].traces;
    double *ratios = lci_replicate_shares(learned, lists, count);
    for (size_t b = 0; b < learned->replicates && ratios != NULL;
         b++) { /* weights are of all traces, replicates of those kept */
        double sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += weights[i] * ratios[i * learned->replicates + b];
        for (size_t i = 0; i < count; i++)
            ratios[i * learned->replicates + b] /= sum;
    }
    for (size_t i = 0; i < count && ratios != NULL; i++)
        lci_replicated_add(learned, lc_format("%s.%s.probability", task->name, task->activities[posts[i]].name),
                           ratios + i * learned->replicates);
    free(ratios);
    free(lists);
}

/* A helper that chooses among several operations as often as the class's traces began with them. */
static int choosing_entry(struct lc_learned *learned, const char *class_, const struct beginning *beginnings,
                          size_t count)
{
    struct lc_model *model = learned->model;
    char *name = lc_format("requests of %s", class_);
    const int task = lci_add_task(model, name, lci_add_processor(model, name)), entry = lc_add_entry(model, name, task);
    model->tasks[task].service = false;
    const int begin = lc_add_activity(model, task, "choose");
    model->tasks[task].activities[begin].present = true;
    model->entries[entry].start = begin;
    int *posts = lc_alloc(count * sizeof *posts);
    double *weights = lc_alloc(count * sizeof *weights), all = 0;
    for (size_t i = 0; i < count; i++)
        all += (double)beginnings[i].count;
    for (size_t i = 0; i < count; i++) {
        char *activity = lc_format("request_%zu", i + 1);
        posts[i] = lc_add_activity(model, task, activity);
        free(activity);
        struct lc_activity *made = &model->tasks[task].activities[posts[i]];
        made->present = made->deterministic = true;
        lc_add_call(made, LC_CALL_SYNC, beginnings[i].entry, 1);
        lc_add_reply(made, entry);
        weights[i] = (double)beginnings[i].count / all;
    }
    lc_add_precedence(&model->tasks[task], LC_JOIN_NONE, &begin, 1, LC_FORK_OR, posts, weights, count, LC_NONE);
    replicate_choice(learned, &model->tasks[task], posts, weights, beginnings, count);
    free(posts);
    free(weights);
    free(name);
    return entry;
}

void lci_serve_class(const struct lci_builder *builder, size_t class_)
{
    const struct lci_visits *visits = builder->visits;
    struct lc_learned *learned = builder->learned;
    const struct lc_request_class *asked = &visits->options.classes[class_];
    struct beginning *beginnings = lc_alloc(visits->operation_count * sizeof *beginnings);
    uint64_t traces = 0, lost = 0, last = UINT64_MAX; /* operations are compared on traces that all of them kept */
    size_t count = 0;
    for (uint32_t o = 0; o < visits->operation_count; o++)
        if (lci_is_root(visits, o, class_) && visits->operations[o].variants[class_].last < last)
            last = visits->operations[o].variants[class_].last;
    for (uint32_t o = 0; o < visits->operation_count; o++) {
        if (!lci_is_root(visits, o, class_))
            continue;
        const struct lci_variant *variant = &visits->operations[o].variants[class_];
        const size_t cluster = builder->behaviour->clusters[o].of[class_];
        beginnings[count] = (struct beginning){.entry = builder->entries[o].answering[cluster],
                                               .count = variant->roots,
                                               .traces = root_traces(variant, last)};
        count++;
        traces += variant->roots;
        lost += variant->lost_roots;
    }
    learned->class_traces[class_] = traces;
    learned->class_entry[class_] = count == 0   ? LC_NONE
                                   : count == 1 ? beginnings[0].entry
                                                : choosing_entry(learned, asked->name, beginnings, count);
    learned->class_calls[class_] = 1;
    if (asked->activity != NULL && traces > 0)
        learned->class_calls[class_] =
            (double)(traces + lost) / (double)runs_seen(visits, asked->activity) / lci_sampled(visits);
    for (size_t i = 0; i < count; i++)
        free(beginnings[i].traces.items);
    free(beginnings);
}
