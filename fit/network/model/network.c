/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The whole: which operations belong to the model, their tasks and entries, the entries' graphs, and which entry serves
 * which class of requests.
 */
#include "network/model/build.h"
#include "network/patterns/timeline.h"
#include "network/patterns/waiting.h"
#include "network/visits/collect.h"

#include "tree/decisions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* An operation for the requests of one cluster: what becomes an entry. */
struct unit {
    uint32_t operation;
    size_t cluster;
    bool root, sync, async; /* how it is reached */
    struct lci_patterns patterns;
};

struct plan {
    const struct lci_visits *visits;
    struct unit *units; /* in the order in which requests meet them */
    size_t count, capacity;
};

/* ---- which operations -------------------------------------------------------------------------------------------- */

static struct unit *unit_of(struct plan *plan, uint32_t operation, size_t cluster)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->units[i].operation == operation && plan->units[i].cluster == cluster)
            return &plan->units[i];
    LC_GROW(plan->units, plan->count, plan->capacity);
    plan->units[plan->count] = (struct unit){.operation = operation, .cluster = cluster};
    return &plan->units[plan->count++];
}

static void gather_patterns(struct plan *plan, struct unit *unit)
{
    const struct lci_visits *visits = plan->visits;
    const struct lci_operation *operation = &visits->operations[unit->operation];
    bool *member = lc_calloc(visits->class_count, sizeof *member);
    for (size_t c = 0; c < visits->class_count; c++)
        member[c] = operation->cluster[c] == unit->cluster;
    struct lci_readings readings;
    lci_readings_make(visits, operation, &readings);
    lci_patterns_gather(visits, operation, member, &readings, &unit->patterns);
    lci_readings_free(&readings);
    free(member);
}

static void visit_callees(struct plan *plan, size_t index)
{
    const struct lci_visits *visits = plan->visits;
    const struct lci_operation *caller = &visits->operations[plan->units[index].operation];
    const size_t cluster = plan->units[index].cluster;
    const struct lci_patterns patterns = plan->units[index].patterns;
    for (size_t p = 0; p < patterns.count; p++)
        for (size_t s = 0; s < patterns.items[p].step_count; s++) {
            const struct lci_pattern_step *step = &patterns.items[p].steps[s];
            for (size_t i = 0; i < step->call_count; i++) {
                const uint32_t callee = step->calls[i].operation;
                struct unit *unit =
                    unit_of(plan, callee, lci_callee_cluster(visits, caller, cluster, &visits->operations[callee]));
                *(step->kind == LCI_STEP_SENDS ? &unit->async : &unit->sync) = true;
            }
        }
    for (size_t c = 0; c < visits->class_count; c++)
        for (size_t i = 0; caller->cluster[c] == cluster && i < caller->variants[c].call_count; i++) {
            const struct lci_call *call = &caller->variants[c].calls[i];
            if (call->forwarded)
                unit_of(plan, call->operation,
                        lci_callee_cluster(visits, caller, cluster, &visits->operations[call->operation]))
                    ->sync = true;
        }
}

static void plan_units(struct plan *plan)
{
    const struct lci_visits *visits = plan->visits;
    const size_t classes = visits->options.class_count > 0 ? visits->options.class_count : 1;
    for (size_t c = 0; c < classes; c++)
        for (uint32_t o = 0; o < visits->operation_count; o++)
            if (lci_is_root(visits, o, c))
                unit_of(plan, o, visits->operations[o].cluster[c])->root = true;
    for (size_t i = 0; i < plan->count; i++) {
        gather_patterns(plan, &plan->units[i]);
        visit_callees(plan, i);
    }
}

static void note_left_out(const struct lci_visits *visits, struct lc_diag *diag)
{
    const size_t classes = visits->options.class_count > 0 ? visits->options.class_count : 1;
    for (uint32_t o = 0; o < visits->operation_count; o++) {
        const struct lci_operation *operation = &visits->operations[o];
        uint64_t timers = 0, others = 0;
        for (size_t c = 0; c < visits->class_count; c++) {
            if (c < classes && !lci_is_root(visits, o, c))
                timers += operation->variants[c].roots;
            if (c >= classes)
                others += operation->variants[c].roots;
        }
        if (timers + others > 0)
            lc_note(diag, NULL, "%" PRIu64 " traces that begin with '%s/%s' are left out: %s", timers + others,
                    lci_text(visits, operation->task), lci_text(visits, operation->entry),
                    timers > 0 ? "a root without a server span that is rare is taken for background work"
                               : "no workload asks for them");
    }
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

static size_t units_of(const struct plan *plan, uint32_t operation)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++)
        count += plan->units[i].operation == operation;
    return count;
}

static char *append_text(char *text, const char *more)
{
    char *joined = lc_format("%s%s", text, more);
    free(text);
    return joined;
}

/* Do several services call this operation of an external server, or has it spans of its own beside those? */
static bool several_callers(const struct plan *plan, const struct lci_operation *operation)
{
    for (size_t i = 0; i < plan->count && operation->external; i++) {
        const struct lci_operation *other = &plan->visits->operations[plan->units[i].operation];
        if (other->task == operation->task && other->entry == operation->entry && other->inside == operation->inside &&
            other->around == operation->around && other->caller != operation->caller)
            return true;
    }
    return false;
}

/* The service's; a helper's for what it calls within itself: no task may wait for itself; and a helper's for what it
 * does around its slots, without a thread. */
static char *task_name(const struct lci_visits *visits, const struct lci_operation *operation)
{
    const char *text = lci_text(visits, operation->task), *name = *text ? text : "unknown";
    const char *around = operation->around ? " (around)" : "";
    return operation->inside == 0   ? lc_format("%s%s", name, around)
           : operation->inside == 1 ? lc_format("%s (inside)%s", name, around)
                                    : lc_format("%s (inside %u)%s", name, operation->inside, around);
}

/* "task/operation", " from caller" where an external server has several, and "@class+class" where classes are told
 * apart. */
static char *name_with(const struct plan *plan, const struct unit *unit, const char *task)
{
    const struct lci_visits *visits = plan->visits;
    const struct lci_operation *operation = &visits->operations[unit->operation];
    const char *entry = lci_text(visits, operation->entry);
    char *name = lc_format("%s/%s", task, *entry ? entry : "unknown");
    if (several_callers(plan, operation))
        name = append_text(append_text(name, " from "), lci_text(visits, operation->caller));
    if (operation->level > 0) {
        char *nested = lc_format(" (nested %u)", operation->level);
        name = append_text(name, nested);
        free(nested);
    }
    if (units_of(plan, unit->operation) > 1) {
        const char *separator = "@";
        for (size_t c = 0; c < visits->options.class_count; c++) {
            if (operation->cluster[c] != unit->cluster)
                continue;
            name = append_text(append_text(name, separator), visits->options.classes[c].name);
            separator = "+";
        }
    }
    return name;
}

static char *entry_name(const struct plan *plan, const struct unit *unit)
{
    char *task = task_name(plan->visits, &plan->visits->operations[unit->operation]);
    char *name = name_with(plan, unit, task);
    free(task);
    return name;
}

/* As a person knows it: helpers are not told apart. */
static char *spoken_name(const struct plan *plan, const struct unit *unit)
{
    const char *service = lci_text(plan->visits, plan->visits->operations[unit->operation].task);
    return name_with(plan, unit, *service ? service : "unknown");
}

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

static int service_task(struct lci_visits *visits, struct lc_model *model, lc_symbol name)
{
    struct lci_task *task = NULL;
    for (size_t i = 0; task == NULL; i++)
        if (visits->tasks[i].name == name)
            task = &visits->tasks[i];
    if (task->task != LC_NONE)
        return task->task;
    const char *text = *lci_text(visits, name) ? lci_text(visits, name) : "unknown";
    task->task = lci_add_task(model, text, lci_add_processor(model, text));
    model->tasks[task->task].service = true;
    const size_t replicas = lci_alive_of(visits, name).most;
    model->tasks[task->task].replicas = model->processors[model->tasks[task->task].processor].replicas =
        (uint32_t)replicas;
    if (task->consumer)
        model->tasks[task->task].balance = LC_BALANCE_SHARED;
    return task->task;
}

/* What a service calls within itself works on its processor, while the calling thread waits; so does what it does
 * around its slots. */
static int model_task(struct lci_visits *visits, struct lc_model *model, const struct lci_operation *operation)
{
    const int service = service_task(visits, model, operation->task);
    if (operation->inside == 0 && !operation->around)
        return service;
    char *name = task_name(visits, operation);
    int task = lc_find_task(model, name);
    if (task == LC_NONE) {
        task = lci_add_task(model, name, model->tasks[service].processor);
        model->tasks[task].service = false;
        model->tasks[task].replicas = model->tasks[service].replicas;
    }
    free(name);
    return task;
}

static void add_entries(struct lci_visits *visits, const struct plan *plan, struct lc_model *model)
{
    for (size_t o = 0; o < visits->operation_count; o++) {
        struct lci_operation *operation = &visits->operations[o];
        operation->entry_of = lc_alloc(operation->cluster_count * sizeof(int));
        operation->async_entry_of = lc_alloc(operation->cluster_count * sizeof(int));
        for (size_t k = 0; k < operation->cluster_count; k++)
            operation->entry_of[k] = operation->async_entry_of[k] = LC_NONE;
    }
    for (size_t i = 0; i < plan->count; i++) {
        const struct unit *unit = &plan->units[i];
        struct lci_operation *operation = &visits->operations[unit->operation];
        const int task = model_task(visits, model, operation);
        char *name = entry_name(plan, unit);
        const bool answers = unit->root || unit->sync;
        if (answers)
            operation->entry_of[unit->cluster] = lc_add_entry(model, name, task);
        if (unit->async) { /* an entry either answers or does not */
            name = answers ? append_text(name, " (async)") : name;
            operation->async_entry_of[unit->cluster] = lc_add_entry(model, name, task);
        }
        free(name);
    }
}

static void build_graphs(struct lci_builder *builder, const struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct unit *unit = &plan->units[i];
        const struct lci_operation *operation = &builder->visits->operations[unit->operation];
        const int answering = operation->entry_of[unit->cluster], silent = operation->async_entry_of[unit->cluster];
        if (answering != LC_NONE)
            lci_graph_build(builder, unit->operation, unit->cluster, answering, true, &unit->patterns);
        if (silent != LC_NONE)
            lci_graph_build(builder, unit->operation, unit->cluster, silent, false, &unit->patterns);
        if (answering != LC_NONE)
            lci_forwards_add(builder, unit->operation, unit->cluster, answering);
        lci_summarise_entry(builder, answering != LC_NONE ? answering : silent, &unit->patterns);
    }
}

static void assume_patterns(const struct lci_builder *builder, const struct plan *plan)
{
    struct lc_learned *learned = builder->learned;
    struct lci_pooling pooling = {0};
    lci_pooling_add(builder->visits, &pooling, &builder->wires.pooling);
    for (size_t i = 0; i < plan->count; i++) {
        const struct unit *unit = &plan->units[i];
        char *name = spoken_name(plan, unit);
        if (unit->patterns.merged_visits > 0)
            lci_assume(learned, lc_format("rare patterns of calls of '%s' behave like the nearest frequent one", name),
                       lc_format("%zu patterns merged", unit->patterns.merged_kinds),
                       lc_format("%llu of %llu visits", (unsigned long long)unit->patterns.merged_visits,
                                 (unsigned long long)unit->patterns.visits),
                       lc_strdup(""));
        lci_pooling_add(builder->visits, &pooling, &unit->patterns.pooling);
        const double second = lci_second_phase(&builder->wires, unit->operation, unit->cluster);
        if (second > 0)
            lci_assume(
                learned, lc_format("'%s' goes on working after its reply", name), lc_format("%.3g ms", second * 1e3),
                lc_strdup("its server spans are that much longer than its callers' client spans"), lc_strdup(""));
        free(name);
    }
    lci_assume_pooling(builder->visits, learned, &pooling);
    free(pooling.used);
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
        char *task = task_name(visits, operation);
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

/* ---- finish ------------------------------------------------------------------------------------------------------ */

/* Parts that were extracted otherwise than all of them together would have been are no parts of it. */
static int check_parts(const struct lci_visits *visits, struct lc_diag *diag)
{
    if (visits->decisions == NULL || visits->decisions->parts == 0)
        return 0;
    lci_decisions_settle(visits->decisions);
    return lci_decisions_agree(visits->decisions, diag);
}

static int refuse(struct lci_visits *visits, struct lc_learned *learned, struct lc_diag *diag)
{
    if (check_parts(visits, diag) != 0)
        return -1;
    if (lci_releases_check(visits, diag) != 0)
        return -1;
    if (visits->trees == 0) {
        lc_error(diag, LC_INPUT, NULL, "there are no traces to learn from");
        return -1;
    }
    return lci_take_waiting_out(visits, learned, diag);
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

static int earlier(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Hands on when requests came. */
static void take_starts(struct lci_visits *visits, struct lc_learned *learned, struct lc_diag *diag)
{
    bool wanted = false;
    learned->class_starts = lc_calloc(learned->class_count, sizeof *learned->class_starts);
    for (size_t c = 0; c < learned->class_count; c++) {
        wanted |= visits->options.classes[c].starts;
        learned->class_starts[c] = visits->class_starts[c];
        visits->class_starts[c] = (struct lc_starts){0};
        if (learned->class_starts[c].count > 0)
            qsort(learned->class_starts[c].times, learned->class_starts[c].count, sizeof(int64_t), earlier);
    }
    if (wanted && lci_sampled(visits) < 1)
        lc_warn(diag, NULL, "the traces are a sample of %.3g %% of the requests: a replay of them has no others",
                100 * lci_sampled(visits));
}

const struct lc_decisions *lc_learner_decisions(const struct lc_learner *learner)
{
    return learner->visits.decisions;
}

/* Time that spans of a queue's consumers spent on waiting for messages. */
static void assume_polling(const struct lci_visits *visits, struct lc_learned *learned)
{
    const struct lci_polls *polls = visits->decisions != NULL ? &visits->decisions->polls : NULL;
    for (size_t i = 0; polls != NULL && i < polls->count; i++)
        lci_assume(learned,
                   lc_format("polling is waiting: '%s' of %s", lci_text(visits, polls->items[i].operation),
                             lci_text(visits, polls->items[i].service)),
                   lc_strdup("no work until the message is there"),
                   lc_format("%llu spans receive, or begin before their message was sent; what is below or after that "
                             "is the work",
                             (unsigned long long)polls->items[i].count),
                   lc_strdup(""));
}

static void tell(const struct lci_visits *visits, struct lc_learned *learned)
{
    size_t count;
    struct lci_stretch *stretches = lci_stretches_of(visits, &count);
    lci_tell_facts(visits, stretches, count, learned);
    lci_tell_recordings(visits, stretches, count, learned);
    free(stretches);
}

static int finish(struct lci_visits *visits, struct lc_learned *learned, struct lc_diag *diag)
{
    *learned = (struct lc_learned){
        .draws = visits->options.draws, .shapes = visits->options.shapes, .cache = visits->options.cache};
    lci_order(visits);
    lci_mark_refused(visits);
    tell(visits, learned); /* of the visits as they were */
    lci_drop_refused(visits);
    if (refuse(visits, learned, diag) != 0)
        return -1;
    lci_partition(visits);
    struct plan plan = {.visits = visits};
    plan_units(&plan);
    note_left_out(visits, diag);
    lci_warn_of_sampling(visits, diag);

    const size_t classes = visits->options.class_count;
    learned->model = lc_model_new("learned");
    learned->model->time_unit = lc_strdup("s");
    learned->class_count = classes;
    learned->class_entry = lc_calloc(classes, sizeof *learned->class_entry);
    learned->class_calls = lc_calloc(classes, sizeof *learned->class_calls);
    learned->class_traces = lc_calloc(classes, sizeof *learned->class_traces);
    take_starts(visits, learned, diag);
    struct lci_builder builder = {.visits = visits, .learned = learned, .taken = lc_symbols_new()};
    lci_wires_gather(visits, &builder.wires);
    add_entries(visits, &plan, learned->model);
    build_graphs(&builder, &plan);
    for (size_t c = 0; c < classes; c++)
        lci_serve_class(visits, learned, c);
    list_roots(visits, learned);
    list_services(visits, learned);
    lci_tell_origins(learned);
    const int split = lci_utilization_apply(visits, learned, diag);
    lci_summarise_wires(&builder);
    lci_learn_timeouts(visits, learned);
    lci_assume_services(visits, learned);
    assume_polling(visits, learned);
    assume_patterns(&builder, &plan);
    lci_assume_few_samples(learned);
    lci_assume_sample(learned);

    lci_wires_free(&builder.wires);
    lc_symbols_free(builder.taken);
    for (size_t i = 0; i < plan.count; i++)
        lci_patterns_free(&plan.units[i].patterns);
    free(plan.units);
    if (plan.count == 0) {
        lc_error(diag, LC_INPUT, NULL, "none of the %llu traces is asked for by a workload",
                 (unsigned long long)visits->trees);
        return -1;
    }
    return split == 0 ? check(learned->model, diag) : -1;
}

int lc_learner_finish(struct lc_learner *learner, struct lc_learned *learned, struct lc_diag *diag)
{
    return finish(&learner->visits, learned, diag);
}
