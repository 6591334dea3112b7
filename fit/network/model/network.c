/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The third stage as a whole: tasks and entries, the entries' graphs, which entry serves which class of requests, and
 * what is assumed.
 */
#include "base/buffer.h"
#include "fit/trace/symbols.h"
#include "network/model/build.h"

#include "base/buffer.h"

#include "tree/decisions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- elements ---------------------------------------------------------------------------------------------------- */

int lci_add_task(struct lc_model *model, const char *name, int processor)
{
    const int task = lc_add_task(model, name, processor);
    model->tasks[task].scheduling = LC_INF;
    model->tasks[task].multiplicity = LC_INFINITE;
    return task;
}

int lci_add_processor(struct lc_model *model, const char *name)
{
    const int processor = lc_add_processor(model, name);
    model->processors[processor].scheduling = LC_INF;
    model->processors[processor].multiplicity = LC_INFINITE;
    return processor;
}

static int service_task(const struct lci_builder *builder, lc_symbol name)
{
    struct lc_model *model = builder->learned->model;
    const struct lci_task *service = lci_task_find(builder->visits, name);
    int *task = &builder->tasks[service - builder->visits->tasks];
    if (*task != LC_NONE)
        return *task;
    const char *text = *lci_text(builder->visits, name) ? lci_text(builder->visits, name) : "unknown";
    *task = lci_add_task(model, text, lci_add_processor(model, text));
    struct lc_task *made = &model->tasks[*task];
    made->service = true;
    made->replicas = model->processors[made->processor].replicas =
        (uint32_t)lci_alive_of(builder->visits, service).most;
    if (service->consumer)
        made->balance = LC_BALANCE_SHARED;
    return *task;
}

/* What a service calls within itself works on its processor, while the calling thread waits; so does what it does
 * around its slots. */
static int model_task(const struct lci_builder *builder, const struct lci_operation *operation)
{
    struct lc_model *model = builder->learned->model;
    const int service = service_task(builder, operation->task);
    if (operation->inside == 0 && !operation->around)
        return service;
    char *name = lci_task_name(builder->visits, operation);
    int task = lc_find_task(model, name);
    if (task == LC_NONE) {
        task = lci_add_task(model, name, model->tasks[service].processor);
        model->tasks[task].service = false;
        model->tasks[task].replicas = model->tasks[service].replicas;
    }
    free(name);
    return task;
}

static void add_entries(const struct lci_builder *builder)
{
    const struct lci_behaviour *behaviour = builder->behaviour;
    struct lc_model *model = builder->learned->model;
    for (size_t i = 0; i < behaviour->unit_count; i++) {
        const struct lci_unit *unit = &behaviour->units[i];
        const int task = model_task(builder, &behaviour->visits.operations[unit->operation]);
        char *name = lci_entry_name(behaviour, unit);
        const bool answers = unit->root || unit->sync;
        if (answers)
            builder->entries[unit->operation].answering[unit->cluster] = lc_add_entry(model, name, task);
        if (unit->async) { /* an entry either answers or does not */
            char *silent = answers ? lc_format("%s (async)", name) : lc_strdup(name);
            builder->entries[unit->operation].silent[unit->cluster] = lc_add_entry(model, silent, task);
            free(silent);
        }
        free(name);
    }
}

static void name_operation(const struct lci_builder *builder, int entry, const struct lci_operation *operation)
{
    if (entry != LC_NONE)
        builder->learned->operations[entry] =
            lc_format("%s/%s", lci_text(builder->visits, operation->task), lci_text(builder->visits, operation->entry));
}

static void build_graphs(struct lci_builder *builder)
{
    builder->learned->operation_count = builder->learned->model->entry_count;
    builder->learned->operations = lc_calloc(builder->learned->operation_count + 1, sizeof(char *));
    for (size_t i = 0; i < builder->behaviour->unit_count; i++) {
        const struct lci_unit *unit = &builder->behaviour->units[i];
        const struct lci_entries *entries = &builder->entries[unit->operation];
        const int answering = entries->answering[unit->cluster], silent = entries->silent[unit->cluster];
        if (answering != LC_NONE)
            lci_graph_build(builder, unit->operation, unit->cluster, answering, true, &unit->patterns);
        if (silent != LC_NONE)
            lci_graph_build(builder, unit->operation, unit->cluster, silent, false, &unit->patterns);
        if (answering != LC_NONE)
            lci_forwards_add(builder, unit->operation, unit->cluster, answering);
        name_operation(builder, answering, &builder->visits->operations[unit->operation]);
        name_operation(builder, silent, &builder->visits->operations[unit->operation]);
        lci_summarise_entry(builder, answering != LC_NONE ? answering : silent, &unit->patterns);
    }
}

/* ---- names of all ------------------------------------------------------------------------------------------------ */

/* Where requests of the traces enter, whether a class asks for them or not. */
static void list_roots(const struct lci_visits *visits, struct lc_learned *learned)
{
    size_t count = 0;
    learned->roots = lc_calloc(visits->operation_count + 1, sizeof *learned->roots);
    for (size_t o = 0; o < visits->operation_count; o++) {
        const struct lci_operation *operation = &visits->operations[o];
        uint64_t roots = 0;
        for (size_t c = 0; c < visits->class_count; c++)
            roots += operation->variants[c].roots;
        const char *entry = lci_text(visits, operation->entry);
        char *task = lci_task_name(visits, operation);
        if (roots > 0)
            learned->roots[count++] = lc_format("%s/%s", task, *entry ? entry : "unknown"); /* as in entry_name() */
        free(task);
    }
}

/* Every service that was seen, also where no class reaches it. */
static void list_services(const struct lci_visits *visits, struct lc_learned *learned)
{
    learned->services = lc_calloc(visits->task_count + 1, sizeof *learned->services);
    for (size_t t = 0; t < visits->task_count; t++) {
        const char *name = lci_text(visits, visits->tasks[t].name);
        learned->services[t] = lc_strdup(*name ? name : "unknown");
    }
}

/* ---- what is said ------------------------------------------------------------------------------------------------ */

struct left_out { /* traces, for one reason */
    struct lci_buffer operations;
    uint64_t traces;
    size_t count;
};

static void leave_out(const struct lci_visits *visits, const struct lci_operation *operation, uint64_t traces,
                      struct left_out *left)
{
    enum { TOLD = 8 };
    if (traces == 0)
        return;
    left->traces += traces;
    if (left->count++ < TOLD)
        lci_buffer_join(&left->operations, ", ", "'%s/%s' (%" PRIu64 ")", lci_text(visits, operation->task),
                        lci_text(visits, operation->entry), traces);
    else if (left->count == TOLD + 1)
        lci_buffer_add(&left->operations, ", …");
}

static void say_left_out(struct left_out *left, const char *why, struct lc_diag *diag)
{
    char *operations = lci_buffer_take(&left->operations);
    if (left->traces > 0 && left->count == 1)
        lc_note(diag, NULL, "%" PRIu64 " traces that begin with %.*s are left out: %s", left->traces,
                (int)(strrchr(operations, '(') - operations - 1), operations, why);
    else if (left->traces > 0)
        lc_note(diag, NULL, "%" PRIu64 " traces that begin with one of %zu operations are left out: %s: %s",
                left->traces, left->count, why, operations);
    free(operations);
}

static void note_left_out(const struct lci_visits *visits, struct lc_diag *diag)
{
    const size_t classes = visits->options.class_count > 0 ? visits->options.class_count : 1;
    struct left_out timers = {0}, others = {0};
    for (uint32_t o = 0; o < visits->operation_count; o++) {
        const struct lci_operation *operation = &visits->operations[o];
        uint64_t rare = 0, unasked = 0;
        for (size_t c = 0; c < visits->class_count; c++) {
            if (c < classes && !lci_is_root(visits, o, c))
                rare += operation->variants[c].roots;
            if (c >= classes)
                unasked += operation->variants[c].roots;
        }
        leave_out(visits, operation, rare, &timers);
        leave_out(visits, operation, unasked, &others);
    }
    say_left_out(&timers, "a root without a server span that is rare is taken for background work", diag);
    say_left_out(&others, "no workload asks for them", diag);
}

static void assume_patterns(const struct lci_builder *builder)
{
    const struct lci_behaviour *behaviour = builder->behaviour;
    struct lc_learned *learned = builder->learned;
    struct lci_pooling pooling = {0};
    lci_pooling_add(builder->visits, &pooling, &behaviour->latencies.pooling);
    for (size_t i = 0; i < behaviour->unit_count; i++) {
        const struct lci_unit *unit = &behaviour->units[i];
        char *name = lci_spoken_name(behaviour, unit);
        if (unit->patterns.merged_visits > 0)
            lci_assume_for_good(learned,
                                lc_format("rare call patterns of '%s' behave like the nearest frequent one", name),
                                lc_format("%zu patterns merged", unit->patterns.merged_kinds),
                                lc_format("%llu of %llu visits", (unsigned long long)unit->patterns.merged_visits,
                                          (unsigned long long)unit->patterns.visits),
                                lc_strdup("'fit --rare SHARE' merges fewer; 'model:' takes what it wrote"));
        lci_pooling_add(builder->visits, &pooling, &unit->patterns.pooling);
        const double second = lci_second_phase(&behaviour->latencies, unit->operation, unit->cluster);
        if (second > 0)
            lci_assume_for_good(
                learned, lc_format("'%s' goes on working after its reply", name), lc_format("%.3g ms", second * 1e3),
                lc_strdup("its server spans are that much longer than its callers' client spans"),
                lc_strdup("it is in the spans; clients that wait for the end of the body would see none"));
        free(name);
    }
    lci_assume_pooling(builder->visits, learned, &pooling);
    free(pooling.used);
}

/* Services whose times depend on the size of the request, each once: "profile, rate and reservation". */
static char *list_dependent(const struct lci_behaviour *behaviour)
{
    enum { MOST_NAMED = 6 };
    const struct lci_dependence *d = &behaviour->dependence;
    const struct lci_visits *visits = &behaviour->visits;
    lc_symbol *names = lc_alloc(d->times * sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < d->times; i++) {
        const lc_symbol name = visits->operations[d->operations[i]].task;
        size_t k = 0;
        while (k < count && names[k] != name)
            k++;
        if (k == count)
            names[count++] = name;
    }
    struct lci_buffer text = {0};
    const size_t named = count > MOST_NAMED ? MOST_NAMED - 1 : count;
    for (size_t i = 0; i < named; i++)
        lci_buffer_join(&text, i + 1 == count ? " and " : ", ", "%s", lci_text(visits, names[i]));
    if (named < count)
        lci_buffer_join(&text, " and ", "%zu more", count - named);
    free(names);
    return lci_buffer_take(&text);
}

static void tell_dependence(const struct lci_behaviour *behaviour, struct lc_learned *learned)
{
    const struct lci_dependence *d = &behaviour->dependence;
    if (d->times == 0)
        return;
    char *services = list_dependent(behaviour);
    const double together = 100 * lci_dependence_together(d->correlation);
    lci_say(learned, "dependence", lc_strdup("slow requests"),
            d->times > 1 ? lc_format("slow in %s together: %.0f %% of them", services, together)
                         : lc_format("slow in %s each time: %.0f %% of them", services, together),
            lc_format("normal scores of %zu time%s correlate by %.2f on the average, %zu traces, BIC %.0f; of the "
                      "slowest tenth by one time %.0f %% are so by another (10 %% by chance)",
                      d->times, d->times > 1 ? "s" : ", again and again in a request,", d->correlation, d->traces,
                      d->bic, together));
    free(services);
}

/* Time that spans of a queue's consumers spent on waiting for messages. */
static void assume_polling(const struct lci_visits *visits, struct lc_learned *learned)
{
    const struct lci_polls *polls = visits->decisions != NULL ? &visits->decisions->polls : NULL;
    for (size_t i = 0; polls != NULL && i < polls->count; i++)
        lci_assume_for_good(
            learned,
            lc_format("polling is waiting: '%s' of %s", lci_text(visits, polls->items[i].operation),
                      lci_text(visits, polls->items[i].service)),
            lc_strdup("no work until the message is there"),
            lc_format("%llu spans receive, or begin before their message was sent; what is below or after that "
                      "is the work",
                      (unsigned long long)polls->items[i].count),
            lc_strdup("the spans say that they receive; work before the message belongs into another span"));
}

/* When requests came. */
static void copy_starts(const struct lci_visits *visits, struct lc_learned *learned, struct lc_diag *diag)
{
    bool wanted = false;
    learned->class_starts = lc_calloc(learned->class_count, sizeof *learned->class_starts);
    for (size_t c = 0; c < learned->class_count; c++) {
        const struct lc_starts *seen = &visits->class_starts[c];
        wanted |= visits->options.classes[c].starts;
        if (seen->count == 0)
            continue;
        struct lc_starts *starts = &learned->class_starts[c];
        starts->count = starts->capacity = seen->count;
        starts->times = lc_alloc(seen->count * sizeof *starts->times);
        memcpy(starts->times, seen->times, seen->count * sizeof *starts->times);
    }
    if (wanted && lci_sampled(visits) < 1)
        lc_warn(diag, NULL, "the traces are a sample of %.3g %% of the requests: a replay of them has no others",
                100 * lci_sampled(visits));
}

/* Errors count; that nothing makes load yet is no news. */
static int check(const struct lc_model *model, struct lc_diag *diag)
{
    struct lc_diag found = {0};
    const int status = lc_model_check(model, &found);
    for (size_t i = 0; i < found.count; i++)
        if (found.messages[i].severity == LC_ERROR)
            lc_error(diag, found.messages[i].status, NULL, "the model learned from the traces is wrong: %s",
                     found.messages[i].text);
    lc_diag_free(&found);
    return status;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static int *nothing_of(size_t count)
{
    int *numbers = lc_alloc((count + 1) * sizeof *numbers);
    for (size_t i = 0; i < count; i++)
        numbers[i] = LC_NONE;
    return numbers;
}

static struct lci_builder builder_of(const struct lci_behaviour *behaviour, struct lc_learned *learned)
{
    const struct lci_visits *visits = &behaviour->visits;
    struct lci_builder builder = {
        .behaviour = behaviour,
        .visits = visits,
        .learned = learned,
        .entries = lc_calloc(visits->operation_count + 1, sizeof *builder.entries),
        .tasks = nothing_of(visits->task_count),
        .latencies = lc_calloc(behaviour->latencies.count + 1, sizeof *builder.latencies),
        .taken = lci_symbols_new(),
    };
    for (size_t o = 0; o < visits->operation_count; o++) {
        builder.entries[o].answering = nothing_of(behaviour->clusters[o].count);
        builder.entries[o].silent = nothing_of(behaviour->clusters[o].count);
    }
    for (size_t i = 0; i < behaviour->latencies.count; i++)
        builder.latencies[i].of = &behaviour->latencies.items[i];
    return builder;
}

static void free_builder(struct lci_builder *builder)
{
    for (size_t o = 0; o < builder->visits->operation_count; o++) {
        free(builder->entries[o].answering);
        free(builder->entries[o].silent);
    }
    for (size_t i = 0; i < builder->behaviour->latencies.count; i++) {
        lc_dist_free(&builder->latencies[i].dist);
        lci_time_replicates_free(&builder->latencies[i].replicates);
        for (int h = 0; h < LCI_HOPS; h++) {
            lc_dist_free(&builder->latencies[i].hops[h]);
            lci_time_replicates_free(&builder->latencies[i].hop_replicates[h]);
        }
    }
    lci_gathers_free(builder);
    free(builder->entries);
    free(builder->tasks);
    free(builder->latencies);
    lci_symbols_free(builder->taken);
}

static void begin_model(struct lc_learned *learned, size_t classes)
{
    learned->model = lc_model_new("learned");
    learned->model->time_unit = lc_strdup("s");
    learned->class_count = classes;
    learned->class_entry = lc_calloc(classes, sizeof *learned->class_entry);
    learned->class_calls = lc_calloc(classes, sizeof *learned->class_calls);
    learned->class_traces = lc_calloc(classes, sizeof *learned->class_traces);
}

int lci_network_build(const struct lci_behaviour *behaviour, struct lc_learned *learned, struct lc_diag *diag)
{
    const struct lci_visits *visits = &behaviour->visits;
    lci_tell_waiting(behaviour, learned);
    note_left_out(visits, diag);
    lci_warn_of_sampling(visits, behaviour->waiting.load, diag);
    begin_model(learned, visits->options.class_count);
    copy_starts(visits, learned, diag);
    struct lci_builder builder = builder_of(behaviour, learned);
    lci_gathers_find(&builder);
    add_entries(&builder);
    build_graphs(&builder);
    for (size_t c = 0; c < learned->class_count; c++)
        lci_serve_class(&builder, c);
    list_roots(visits, learned);
    list_services(visits, learned);
    lci_tell_origins(learned);
    lci_cpu_time_apply(&builder);
    const int split = lci_utilization_apply(&builder, diag);
    lci_summarise_latencies(&builder);
    lci_learn_timeouts(&builder);
    lci_batches_apply(&builder);
    lci_cores_said(&builder, diag);
    lci_assume_services(&builder);
    lci_replicas_said(&builder, diag);
    assume_polling(visits, learned);
    assume_patterns(&builder);
    tell_dependence(behaviour, learned);
    lci_assume_few_samples(learned);
    lci_assume_short_times(learned);
    lci_assume_sample(learned);
    free_builder(&builder);
    if (behaviour->unit_count == 0) {
        lc_error(diag, LC_INPUT, NULL, "none of the %llu traces is asked for by a workload",
                 (unsigned long long)visits->trees);
        return -1;
    }
    return split == 0 ? check(learned->model, diag) : -1;
}
