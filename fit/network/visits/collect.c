/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Trees → visits. Everything that needs to know all traces (which calls run at the same time, which patterns are rare)
 * is decided later, so the visits are kept, in a compact form.
 */
#include "network/visits/collect.h"
#include "fit/trace/symbols.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BULK 0.9 /* of the starts of a service: those that tell its clock's unit */

const char *lci_text(const struct lci_visits *visits, lc_symbol symbol)
{
    return lci_symbol_text(visits->symbols, symbol);
}

struct lc_learner *lc_learner_new(const struct lc_learn_options *options, const struct lc_symbols *symbols)
{
    struct lc_learner *learner = lc_calloc(1, sizeof *learner);
    const size_t classes = options->class_count + 1;
    learner->visits = (struct lci_visits){
        .options = *options,
        .symbols = symbols,
        .class_count = classes,
        .class_traces = lc_calloc(classes, sizeof *learner->visits.class_traces),
        .class_starts = lc_calloc(classes, sizeof *learner->visits.class_starts),
    };
    if (options->activities != NULL)
        learner->visits.run_traces = lc_calloc(options->activities->count, sizeof *learner->visits.run_traces);
    return learner;
}

static void free_held(struct lci_visits *visits)
{
    for (size_t i = 0; i < visits->held_count; i++)
        lci_presence_free(&visits->held[i].presence);
    free(visits->held);
    lci_table_free(&visits->held_table);
}

static void free_variants(const struct lci_visits *visits, struct lci_variant *variants)
{
    for (size_t c = 0; variants != NULL && c < visits->class_count; c++) {
        free(variants[c].visits);
        free(variants[c].calls);
    }
    free(variants);
}

static void free_elsewhere(const struct lci_visits *visits, struct lci_operation *operation)
{
    for (size_t r = 0; r < operation->elsewhere_count; r++)
        free_variants(visits, operation->elsewhere[r]);
    free(operation->elsewhere);
    operation->elsewhere = NULL;
    operation->elsewhere_count = 0;
}

static void free_visits(struct lci_visits *visits)
{
    for (size_t i = 0; i < visits->operation_count; i++) {
        struct lci_operation *operation = &visits->operations[i];
        free_variants(visits, operation->variants);
        free_elsewhere(visits, operation);
        free(operation->hours);
        free(operation->windows);
    }
    for (size_t i = 0; i < visits->task_count; i++) {
        free(visits->tasks[i].instances);
        free(visits->tasks[i].said);
    }
    lci_starts_free(visits);
    free(visits->policies);
    for (size_t i = 0; i < visits->release_count; i++)
        free(visits->releases[i].name);
    free_held(visits);
    free(visits->releases);
    lc_decisions_free(visits->decisions);
    free(visits->operations);
    lci_table_free(&visits->table);
    free(visits->tasks);
    free(visits->task_of);
    for (size_t c = 0; c < visits->class_count; c++)
        free(visits->class_starts[c].times);
    free(visits->class_starts);
    free(visits->class_traces);
    free(visits->run_traces);
    free(visits->deep);
    free(visits->far);
}

void lc_learner_free(struct lc_learner *learner)
{
    if (learner == NULL)
        return;
    free_visits(&learner->visits);
    free(learner->node_operations);
    free(learner);
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

static uint32_t hash(const struct lci_operation *key)
{
    const uint32_t words[] = {key->task, key->entry, key->caller, (uint32_t)key->level,
                              (uint32_t)key->inside << 1 | key->around};
    return lci_hash_bytes(words, sizeof words);
}

void lci_table_fill(struct lci_visits *visits)
{
    lci_table_clear(&visits->table, visits->operation_count);
    for (size_t i = 0; i < visits->operation_count; i++)
        lci_table_add(&visits->table, hash(&visits->operations[i]), i);
}

static bool is_same(const struct lci_operation *a, const struct lci_operation *b)
{
    return a->task == b->task && a->entry == b->entry && a->caller == b->caller && a->level == b->level &&
           a->inside == b->inside && a->around == b->around;
}

static struct lci_variant *new_variants(const struct lci_visits *visits)
{
    struct lci_variant *variants = lc_calloc(visits->class_count, sizeof *variants);
    for (size_t c = 0; c < visits->class_count; c++)
        variants[c].last = UINT64_MAX;
    return variants;
}

uint32_t lci_operation_of(struct lci_visits *visits, const struct lci_operation *key)
{
    const uint32_t h = hash(key);
    uint32_t at;
    LCI_TABLE_FIND(&visits->table, h, at, is_same(&visits->operations[at], key));
    if (at != LCI_ABSENT)
        return at;
    LC_GROW(visits->operations, visits->operation_count, visits->operation_capacity);
    visits->operations[visits->operation_count] = *key;
    struct lci_operation *made = &visits->operations[visits->operation_count];
    made->variants = new_variants(visits);
    lci_task_add(visits, key->task);
    made->external = made->internal = true; /* until a span says otherwise */
    made->most_kept = lci_most_kept(visits, key->task);
    lci_table_add(&visits->table, h, visits->operation_count);
    return (uint32_t)visits->operation_count++;
}

const struct lci_task *lci_task_find(const struct lci_visits *visits, lc_symbol name)
{
    const uint32_t index = name < visits->task_of_size ? visits->task_of[name] : 0;
    return index > 0 ? &visits->tasks[index - 1] : NULL;
}

/* Of an external server there are its caller's spans only. */
double lci_clock_unit(const struct lci_visits *visits, uint32_t index)
{
    if (visits->options.unit != LC_UNIT_FOUND)
        return fmax(0, visits->options.unit);
    const struct lci_operation *operation = &visits->operations[index];
    const lc_symbol writer = operation->external && operation->caller != 0 ? operation->caller : operation->task;
    return (double)lci_resolution(lci_task_find(visits, writer)) * LCI_NANOSECOND;
}

int64_t lci_resolution(const struct lci_task *task)
{
    int64_t unit = 1;
    for (int k = 1; k < LCI_POWERS && (double)task->round[k] >= BULK * (double)task->round[0]; k++)
        unit *= 10;
    return unit;
}

static void note_start(struct lci_task *task, int64_t start)
{
    task->round[0]++;
    for (int k = 1; k < LCI_POWERS && start % 10 == 0; k++, start /= 10)
        task->round[k]++;
}

struct lci_task *lci_task_add(struct lci_visits *visits, lc_symbol name)
{
    if (name >= visits->task_of_size) {
        const size_t size = 2 * (size_t)name + 64;
        visits->task_of = lc_realloc(visits->task_of, size, sizeof *visits->task_of);
        memset(visits->task_of + visits->task_of_size, 0, (size - visits->task_of_size) * sizeof *visits->task_of);
        visits->task_of_size = size;
    }
    if (visits->task_of[name] > 0)
        return &visits->tasks[visits->task_of[name] - 1];
    LC_GROW(visits->tasks, visits->task_count, visits->task_capacity);
    struct lci_task *task = &visits->tasks[visits->task_count++];
    *task = (struct lci_task){.name = name, .external = true};
    visits->task_of[name] = (uint32_t)visits->task_count;
    return task;
}

void lci_note_instance(struct lci_task *task, lc_symbol instance)
{
    for (size_t i = 0; i < task->instance_count; i++)
        if (task->instances[i] == instance)
            return;
    LC_GROW(task->instances, task->instance_count, task->instance_capacity);
    task->instances[task->instance_count++] = instance;
}

/* ---- trees ------------------------------------------------------------------------------------------------------- */

/* `*nearest`: the closest ancestor that is the same operation, -1: none; `*far`: there are more than were looked at. */
static unsigned level_of(const struct lc_tree *tree, const struct lc_tree_node *node, int32_t *nearest, bool *far)
{
    unsigned level = 0;
    int32_t up = node->parent;
    *nearest = -1;
    for (int i = 0; i < LCI_MOST_NESTED && up >= 0; i++, up = tree->nodes[up].parent) {
        if (tree->nodes[up].task != node->task || tree->nodes[up].entry != node->entry ||
            tree->nodes[up].around != node->around)
            continue;
        *nearest = level++ == 0 ? up : *nearest;
    }
    *far = up >= 0;
    return level;
}

/* How many ancestors in a row belong to the node's service and hold its threads. */
static unsigned inside_of(const struct lc_tree *tree, const struct lc_tree_node *node)
{
    unsigned inside = 0;
    for (int32_t up = node->parent; up >= 0 && tree->nodes[up].task == node->task; up = tree->nodes[up].parent)
        if (!tree->nodes[up].around && ++inside == LCI_MOST_NESTED)
            break;
    return inside;
}

/* Does the caller at `top` wait for all that lies between it and the node at `i`? */
static bool is_waited_for(const struct lc_tree *tree, int32_t i, int32_t top)
{
    for (; i != top; i = tree->nodes[i].parent)
        if (tree->nodes[i].edge == LC_EDGE_FORGET || tree->nodes[i].group < 0)
            return false;
    return true;
}

static struct lci_deep *deep_of(const struct lc_tree_node *node, const struct lc_tree *tree)
{
    struct lci_deep *deep = lc_alloc(sizeof *deep);
    *deep = (struct lci_deep){node->task, node->entry, tree->trace->high, tree->trace->low};
    return deep;
}

/* The node at `i` would wait for itself, or for its own task: no network may have such a cycle. */
static void note_deep(struct lc_learner *learner, const struct lc_tree *tree, size_t i, int32_t nearest)
{
    struct lci_visits *visits = &learner->visits;
    const uint32_t *named = learner->node_operations;
    const struct lc_tree_node *node = &tree->nodes[i];
    const bool itself = nearest >= 0 && named[nearest] == named[i] && is_waited_for(tree, (int32_t)i, nearest);
    const bool its_task = node->parent >= 0 && visits->operations[named[i]].inside == LCI_MOST_NESTED &&
                          visits->operations[named[node->parent]].inside == LCI_MOST_NESTED &&
                          is_waited_for(tree, (int32_t)i, node->parent);
    if (visits->deep != NULL || tree->incomplete || !(itself || its_task))
        return;
    visits->deep = deep_of(node, tree);
}

/* `here`: the tree is of the release that is learned. */
static void name_operations(struct lc_learner *learner, const struct lc_tree *tree, bool here)
{
    if (tree->node_count > learner->node_capacity) {
        learner->node_capacity = 2 * tree->node_count;
        learner->node_operations =
            lc_realloc(learner->node_operations, learner->node_capacity, sizeof *learner->node_operations);
    }
    for (size_t i = 0; i < tree->node_count; i++) {
        const struct lc_tree_node *node = &tree->nodes[i];
        int32_t nearest;
        bool far;
        const struct lci_operation key = {
            .task = node->task,
            .entry = node->entry,
            .caller = node->external && node->parent >= 0 ? tree->nodes[node->parent].task : 0,
            .level = level_of(tree, node, &nearest, &far),
            .inside = inside_of(tree, node),
            .around = node->around,
        };
        const uint32_t index = lci_operation_of(&learner->visits, &key);
        learner->node_operations[i] = index;
        if (!here)
            continue;
        note_deep(learner, tree, i, nearest);
        if (far && learner->visits.far == NULL && !tree->incomplete)
            learner->visits.far = deep_of(node, tree);
        struct lci_operation *operation = &learner->visits.operations[index];
        operation->external &= node->external;
        operation->class_ = node->class_ > operation->class_ ? node->class_ : operation->class_;
        operation->consumer |= node->kind == LC_KIND_CONSUMER;
        operation->internal &= node->kind == LC_KIND_INTERNAL || node->kind == LC_KIND_PRODUCER;
    }
}

/* What a cache's span says: "true", "false", or nothing. */
static const char *cache_answer(const struct lci_visits *visits, const struct lc_tree *tree,
                                const struct lc_tree_node *node)
{
    const lc_symbol said = node->class_ == LC_CLASS_CACHE
                               ? lci_span_symbol(visits, tree, &tree->trace->spans[node->span], LCI_CACHE_HIT)
                               : 0;
    return said != 0 ? lci_text(visits, said) : "";
}

/* The first point on the client's side divides its process from the network, the last one on the server's side the
 * network from its process. Points are called c-… and s-…. */
static void set_hops(const struct lci_visits *visits, const struct lc_tree *tree, const struct lc_tree_node *child,
                     struct lci_call *call)
{
    call->hops[LCI_HOP_CLIENT] = call->hops[LCI_HOP_SERVER] = NAN;
    for (uint32_t i = 0; i < child->hop_count; i++) {
        const struct lc_hop *hop = &tree->hops[child->first_hop + i];
        if (i == 0 && *lci_text(visits, hop->to) == 'c')
            call->hops[LCI_HOP_CLIENT] = (double)hop->latency * LCI_NANOSECOND;
        if (i + 1 == child->hop_count && *lci_text(visits, hop->from) == 's')
            call->hops[LCI_HOP_SERVER] = (double)hop->latency * LCI_NANOSECOND;
    }
}

static void add_calls(const struct lc_learner *learner, const struct lc_tree *tree, const struct lc_tree_node *node,
                      struct lci_variant *variant, struct lci_visit *visit)
{
    const struct lc_tree_node *answering = lci_passed_on_to(tree, node);
    visit->first_call = (uint32_t)variant->call_count;
    for (uint32_t i = 0; i < node->child_count; i++) {
        const struct lc_tree_node *child = &tree->nodes[node->first_child + i];
        if (child->acquire)
            continue; /* for a connection of the caller's own pool: nobody is asked, the time is the caller's */
        /* A call wholly outside the caller's time keeps nobody waiting, but makes work. */
        const bool forget = child->edge == LC_EDGE_FORGET || child->group < 0;
        const int64_t outside =
            (child->response - child->request) - (child->end - child->start) - lci_forwarded_time(tree, child);
        /* One that failed before its server's end was given up: it tells nothing of the way or of a second phase. */
        const bool given_up = child->error && outside < 0;
        const char *answer = cache_answer(&learner->visits, tree, child);
        LC_GROW(variant->calls, variant->call_count, variant->call_capacity);
        variant->calls[variant->call_count++] = (struct lci_call){
            .operation = learner->node_operations[node->first_child + i],
            .forget = forget,
            .paired = child->client_id != 0 && !child->external && !given_up,
            .failed = child->error,
            .forwarded = child == answering,
            .hit = strcmp(answer, "true") == 0,
            .miss = strcmp(answer, "false") == 0,
            .sent = (double)(child->request - node->start) * LCI_NANOSECOND,
            .answered = (double)(child->response - node->start) * LCI_NANOSECOND,
            .outside = (double)outside * LCI_NANOSECOND,
        };
        set_hops(&learner->visits, tree, child, &variant->calls[variant->call_count - 1]);
    }
    visit->call_count = (uint32_t)(variant->call_count - visit->first_call);
    lci_calls_sort(lci_calls_of(variant, visit), visit->call_count);
}

struct lci_variant *lci_variants_of(const struct lci_visits *visits, struct lci_operation *operation, size_t release)
{
    if (release == LCI_THIS_RELEASE)
        return operation->variants;
    if (release >= operation->elsewhere_count) {
        operation->elsewhere = lc_realloc(operation->elsewhere, release + 1, sizeof(struct lci_variant *));
        while (operation->elsewhere_count <= release)
            operation->elsewhere[operation->elsewhere_count++] = NULL;
    }
    if (operation->elsewhere[release] == NULL)
        operation->elsewhere[release] = new_variants(visits);
    return operation->elsewhere[release];
}

void lci_delays_add(struct lci_variant *variant, uint64_t count, uint64_t sum, uint64_t squares, uint64_t least,
                    uint64_t most)
{
    if (count == 0)
        return;
    variant->delay_least = variant->queue_delays == 0 || least < variant->delay_least ? least : variant->delay_least;
    variant->delay_most = most > variant->delay_most ? most : variant->delay_most;
    variant->queue_delays += count;
    variant->queue_delay += sum;
    variant->delay_squares += squares;
}

static void count_visit(struct lci_variant *variant, const struct lc_tree_node *node)
{
    variant->seen++;
    if (node->edge == LC_EDGE_ROOT)
        variant->roots++;
    else if (!node->forwarded && (node->edge == LC_EDGE_FORGET || node->group < 0))
        variant->forget_calls++;
    else
        variant->sync_calls++;
    if (node->edge == LC_EDGE_FORGET && node->queue_delay >= 0) {
        const uint64_t delay = (uint64_t)node->queue_delay, units = delay / 100000;
        lci_delays_add(variant, 1, delay, units * units, delay, delay);
    }
}

/* What the span says of its thread. */
static void count_cpu(const struct lci_visits *visits, const struct lc_tree *tree, const struct lc_tree_node *node,
                      struct lci_variant *variant)
{
    const lc_symbol said = node->fit ? lci_span_symbol(visits, tree, &tree->trace->spans[node->span], LC_CPU_TIME) : 0;
    char *end = NULL;
    const char *text = said != 0 ? lci_text(visits, said) : "";
    const double cpu = strtod(text, &end);
    if (*text == 0 || *end != 0 || !(cpu >= 0 && cpu < 1e18))
        return;
    variant->cpu += (uint64_t)llround(cpu);
    variant->cpu_self += (uint64_t)node->self;
    variant->cpu_visits++;
}

static void count_batch(struct lci_variant *variant, const struct lc_tree_node *node)
{
    variant->batches += node->batch > 1;
    variant->messages += node->batch > 1 ? node->batch : 0;
}

static void add_visit(struct lc_learner *learner, const struct lc_tree *tree, size_t index, size_t class_,
                      size_t release)
{
    const struct lc_tree_node *node = &tree->nodes[index];
    struct lci_operation *operation = &learner->visits.operations[learner->node_operations[index]];
    struct lci_variant *variant = &lci_variants_of(&learner->visits, operation, release)[class_];
    const uint64_t trace = lci_trace_hash(tree->trace->high, tree->trace->low);
    count_visit(variant, node);
    count_batch(variant, node);
    count_cpu(&learner->visits, tree, node, variant);
    if (trace > variant->last)
        return;
    LC_GROW(variant->visits, variant->visit_count, variant->visit_capacity);
    struct lci_visit *visit = &variant->visits[variant->visit_count++];
    *visit = (struct lci_visit){
        .trace = trace,
        .start = node->start,
        .duration = (double)(node->end - node->start) * LCI_NANOSECOND,
        .instance = release == LCI_THIS_RELEASE ? node->instance : 0,
        .fit = node->fit,
        .root = node->edge == LC_EDGE_ROOT,
        .error = node->error,
    };
    add_calls(learner, tree, node, variant, visit);
    lci_variant_trim(variant, operation->most_kept);
}

static void add_task_facts(struct lci_visits *visits, const struct lc_tree *tree, const struct lc_tree_node *node)
{
    /* The span of an external server is its caller's: so is the clock. */
    const lc_symbol writer = node->external && node->parent >= 0 ? tree->nodes[node->parent].task : node->task;
    note_start(lci_task_add(visits, writer), tree->trace->spans[node->span].start);
    struct lci_task *task = lci_task_add(visits, node->task);
    task->external &= node->external;
    task->consumer |= node->kind == LC_KIND_CONSUMER;
    if (!node->external && node->instance != 0)
        lci_note_instance(task, node->instance);
    if (!node->external)
        lci_said_add(visits, tree, &tree->trace->spans[node->span], task);
}

/* Whether the node waits for a connection of its caller's pool, or is part of that. */
static bool in_acquire(const struct lc_tree *tree, const struct lc_tree_node *node)
{
    for (int i = 0; i < LCI_MOST_NESTED; i++) {
        if (node->acquire)
            return true;
        if (node->parent < 0)
            return false;
        node = &tree->nodes[node->parent];
    }
    return false;
}

/* Whether traces that begin then are to be learned from. */
static bool is_wanted(const struct lc_learn_options *options, int64_t time)
{
    size_t low = 0, high = options->within_count; /* of the first interval that ends later */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (options->within[middle].end <= time)
            low = middle + 1;
        else
            high = middle;
    }
    return options->within == NULL || (low < options->within_count && options->within[low].begin <= time);
}

int lc_learner_add(struct lc_learner *learner, const struct lc_tree *tree)
{
    struct lci_visits *visits = &learner->visits;
    if (!is_wanted(&visits->options, tree->nodes[0].start))
        return 0;
    const size_t release = lci_release_of(visits, tree);
    if (release == LCI_LEFT_OUT)
        return 0;
    const struct lc_span *root = &tree->trace->spans[tree->nodes[0].span];
    if (tree->incomplete && (root->flags & LC_SPAN_ORPHAN) != 0)
        return 0;
    const bool here = release == LCI_THIS_RELEASE;
    const size_t class_ = lci_match(visits, tree, here);
    visits->trees += here;
    if (here)
        lci_count_sampling(visits, tree, class_);
    visits->class_traces[class_] += here;
    if (here && class_ < visits->options.class_count && visits->options.classes[class_].starts) {
        struct lc_starts *starts = &visits->class_starts[class_];
        LC_GROW(starts->times, starts->count, starts->capacity);
        starts->times[starts->count++] = tree->nodes[0].start;
    }
    name_operations(learner, tree, here);
    if (here)
        lci_starts_add(visits, tree, learner->node_operations[0]);
    if (tree->incomplete) {
        if (here)
            visits->operations[learner->node_operations[0]].variants[class_].lost_roots++;
        return 0;
    }
    for (size_t i = 0; i < tree->node_count; i++) {
        if (in_acquire(tree, &tree->nodes[i]))
            continue;
        if (here) {
            add_task_facts(visits, tree, &tree->nodes[i]);
            lci_held_add(visits, tree, &tree->nodes[i], learner->node_operations[i]);
        }
        add_visit(learner, tree, i, class_, release);
        if (here && visits->options.utilization != NULL)
            lci_utilization_add(visits, learner->node_operations[i], tree->nodes[i].end, tree->nodes[i].self);
    }
    return 0;
}

static int add(void *learner, const struct lc_tree *tree)
{
    return lc_learner_add(learner, tree);
}

int lc_learner_add_traces(struct lc_learner *learner, const char *const *inputs, size_t count,
                          const struct lc_tree_options *options, struct lc_symbols *symbols,
                          struct lc_extraction *extraction, struct lc_diag *diag)
{
    return lc_trees_read(inputs, count, options, symbols, add, learner, extraction, diag);
}
