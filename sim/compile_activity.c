/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One phase or activity: think time, slices and calls. Slices and calls follow lqn.h: stochastic calls are geometric,
 * decided one by one after each slice; deterministic ones come in the order of their declaration, random ones among
 * them in their place.
 */
#include "compile.h"
#include "discipline.h"
#include "model/dist/dist.h"
#include "model/lqn.h"
#include "size.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How many replicas of `to` a replica of `from` calls, each with the full mean number of calls; 0: the numbers of
 * replicas do not fit and nothing is declared, so requests are dealt out in turn. */
static uint32_t fan_out(const struct lc_model *model, int from, int to)
{
    const struct lc_task *source = &model->tasks[from], *destination = &model->tasks[to];
    for (size_t i = 0; i < source->fan_out_count; i++)
        if (source->fan_out[i].task == to)
            return source->fan_out[i].value;
    for (size_t i = 0; i < destination->fan_in_count; i++)
        if (destination->fan_in[i].task == from)
            return destination->replicas * destination->fan_in[i].value / source->replicas;
    return source->replicas == destination->replicas ? 1 : 0;
}

static void choose_route(struct lci_compiler *c, struct lci_program_call *call, int from, int to, const char *name)
{
    static const enum lci_route routes[] = {
        [LC_BALANCE_FAN] = LCI_ROUTE_FAN,          [LC_BALANCE_RANDOM] = LCI_ROUTE_RANDOM,
        [LC_BALANCE_ROUND_ROBIN] = LCI_ROUTE_TURN, [LC_BALANCE_LEAST] = LCI_ROUTE_LEAST,
        [LC_BALANCE_POWER_OF_TWO] = LCI_ROUTE_TWO, [LC_BALANCE_SHARED] = LCI_ROUTE_SHARED,
        [LC_BALANCE_STICKY] = LCI_ROUTE_STICKY,
    };
    const struct lc_task *destination = &c->model->tasks[to];
    const struct lci_program_task *called = &c->program->tasks[c->program->model_task[to]];
    call->route = LCI_ROUTE_ONE;
    if (call->replicas == 1)
        return;
    call->route = (uint8_t)routes[destination->balance];
    if (called->elastic != LCI_NIL)
        call->route = called->shared ? LCI_ROUTE_SHARED : LCI_ROUTE_UP;
    if (call->route == LCI_ROUTE_FAN) {
        call->fan = fan_out(c->model, from, to);
        if (call->fan == 0)
            call->route = LCI_ROUTE_TURN;
    }
    if (call->route == LCI_ROUTE_RANDOM || call->route == LCI_ROUTE_TWO || call->route == LCI_ROUTE_UP) {
        char *role = lc_format("replica of %s", destination->name);
        call->stream = lci_add_stream(c->program, name, role);
        free(role);
    }
}

uint32_t lci_add_arcs(struct lci_compiler *c, uint32_t task, int entry, enum lci_kind kind, uint32_t statistic,
                      int priority, const char *name, uint32_t *count)
{
    struct lci_program *p = c->program;
    const uint32_t called = p->model_entry[entry];
    const struct lci_program_task *to = &p->tasks[p->entries[called].task];
    struct lci_program_call call = {.kind = (uint8_t)kind,
                                    .entry = called,
                                    .base = to->first,
                                    .replicas = to->replicas,
                                    .level = (uint32_t)priority, /* ranked when all are known */
                                    .statistic = statistic};
    choose_route(c, &call, p->tasks[task].model, to->model, name);
    *count = call.route == LCI_ROUTE_FAN ? call.fan : 1;
    const uint32_t first = (uint32_t)p->call_count;
    for (call.offset = 0; call.offset < *count; call.offset++)
        lci_add_call(p, call);
    return first;
}

struct caller {
    const struct lc_model *model;
    const struct lc_activity *activity;
};

static const char *called_name(const void *context, uint32_t index)
{
    const struct caller *caller = context;
    return caller->model->entries[caller->activity->calls[index].entry].name;
}

static enum lci_kind kind_of(const struct lci_program *p, const struct lc_call *call)
{
    const struct lci_entry *called = &p->entries[p->model_entry[call->entry]];
    const struct lci_program_task *task = &p->tasks[called->task];
    if (call->kind == LC_CALL_SYNC)
        return called->decision != LCI_NIL ? LCI_WATCHED : LCI_SYNC;
    return task->queue_length != LCI_NIL && task->overflow == LC_OVERFLOW_BLOCK ? LCI_BLOCKING : LCI_ASYNC;
}

/* Collects the arcs of an activity's calls as a choice whose weights are mean numbers, cumulative. */
static struct lci_choice gather_calls(struct lci_compiler *c, uint32_t activity, const struct lc_activity *a,
                                      const char *name)
{
    struct lci_program *p = c->program;
    const uint32_t task = p->activities[activity].task;
    const struct lc_task *source = &c->model->tasks[p->tasks[task].model];
    const struct caller caller = {c->model, a};
    uint32_t *order = lci_by_name(a->call_count, called_name, &caller);
    struct lci_choice choice = {.first = (uint32_t)p->option_count};
    double upto = 0;
    for (size_t i = 0; i < a->call_count; i++) {
        const uint32_t k = a->deterministic ? (uint32_t)i : order[i];
        const struct lc_call *call = &a->calls[k];
        if (!(call->mean > 0))
            continue;
        uint32_t count;
        const int priority = source->priority + c->model->entries[call->entry].priority;
        const uint32_t guard = lci_guard_of(c, task, p->model_entry[call->entry], call->kind == LC_CALL_ASYNC);
        const enum lci_kind kind = guard == LCI_NIL              ? kind_of(p, call)
                                   : call->kind == LC_CALL_ASYNC ? LCI_GUARDED_ASYNC
                                                                 : LCI_GUARDED;
        const uint32_t first =
            lci_add_arcs(c, task, call->entry, kind, p->activities[activity].first_call + k, priority, name, &count);
        if (guard != LCI_NIL)
            lci_guard_calls(p, first, count, guard);
        const bool random = a->deterministic && call->random;
        for (uint32_t arc = 0; arc < count; arc++) {
            choice.total += call->mean;
            upto += random ? 1 : call->mean;
            lci_add_option(p, (struct lci_option){upto, random ? call->mean / (1 + call->mean) : 0, first + arc});
            choice.count++;
        }
    }
    free(order);
    return choice;
}

/* The demand of one slice. Burst and uniform tasks have a distribution of their own with the same mean. */
static struct lc_dist slice_demand(const struct lc_task *task, const struct lc_activity *a)
{
    const double mean = lc_dist_mean(&a->demand);
    if (task->scheduling == LC_UNIFORM)
        return lc_dist_named("uniform", 2, 0.0, 2 * mean);
    const double cv2 = lc_dist_cv2(&a->demand);
    if (task->scheduling == LC_BURST && cv2 > 0) { /* of what does not vary, neither does a burst */
        const double shape = 1 + sqrt(1 + 1 / cv2);
        return lc_dist_named("pareto", 2, shape, mean * (shape - 1) / shape);
    }
    return lci_dist_copy(&a->demand);
}

static bool has_asynchronous(const struct lci_program *p, const struct lci_choice *choice)
{
    for (uint32_t i = 0; i < choice->count; i++)
        if (lci_is_asynchronous(p->calls[p->options[choice->first + i].target].kind))
            return true;
    return false;
}

/* Returns whether the slice keeps its processor: an asynchronous call does not give it away. */
static bool emit_slice(struct lci_compiler *c, uint32_t activity, const struct lc_activity *a,
                       const struct lci_choice *calls, const char *name, const char *role)
{
    struct lci_program *p = c->program;
    const struct lc_task *task = &c->model->tasks[p->tasks[p->activities[activity].task].model];
    const struct lc_processor *processor = &c->model->processors[task->processor];
    if (a->demand.family == NULL || !(lc_dist_mean(&a->demand) > 0))
        return false;
    struct lc_dist demand = slice_demand(task, a);
    char *full = lc_format("%sdemand", role);
    const double factor = 1 / ((1 + calls->total) * processor->speed);
    const uint32_t sampler = lci_add_sampler(p, &demand, factor, name, full);
    free(full);
    lci_compile_size(p, &demand, sampler);
    lc_dist_free(&demand);
    const bool delay = processor->scheduling == LC_INF || processor->multiplicity == LC_INFINITE ||
                       p->tasks[p->activities[activity].task].alone;
    const enum lc_scheduling scheduling = p->processors[p->model_processor[task->processor]].scheduling;
    const enum lci_serving serving = lci_discipline_of(scheduling, processor->quantum)->serving;
    const bool ordered = serving == LCI_IN_LINE || serving == LCI_BY_TURNS;
    const bool held =
        !delay && ordered && (p->tasks[p->activities[activity].task].shares || has_asynchronous(p, calls));
    lci_add_instruction(p, (struct lci_instruction){.code = delay  ? LCI_SLICE_DELAY
                                                            : held ? LCI_SLICE_HELD
                                                                   : LCI_SLICE,
                                                    .a = sampler,
                                                    .b = activity});
    return held;
}

static void emit_calls(struct lci_compiler *c, const struct lc_activity *a, struct lci_choice choice, uint32_t back,
                       bool held, const char *name, const char *role)
{
    struct lci_program *p = c->program;
    struct lci_instruction call = {.flag = held, .c = back};
    const bool mixed = lci_mixes_calls(a);
    if (mixed || !a->deterministic) {
        char *full = lc_format("%scalls", role);
        call.b = lci_add_stream(p, name, full);
        free(full);
    }
    if (a->deterministic) {
        call.code = mixed ? LCI_CALL_MIXED : LCI_CALL_LIST;
        call.a = lci_add_choice(p, choice);
    } else {
        for (uint32_t i = 0; i < choice.count; i++)
            p->options[choice.first + i].upto /= 1 + choice.total;
        call.code = choice.count == 1 ? LCI_CALL_ONE : LCI_CALL_CHOOSE;
        call.below = (uint64_t)ceil(0x1p53 * choice.total / (1 + choice.total)); /* as lci_random_uniform() < p */
        call.a = choice.count == 1 ? p->options[choice.first].target : lci_add_choice(p, choice);
    }
    lci_add_instruction(p, call);
}

/* Where the thread goes on after a call: at the next slice. Where calls are reported it is at the end of the call
 * before. */
static uint32_t begin_slices(struct lci_program *p, bool reported)
{
    if (reported) {
        const uint32_t jump = lci_add_instruction(p, (struct lci_instruction){.code = LCI_JUMP});
        lci_add_record(p, LCI_RECORD_CALLED, false, LCI_NIL);
        p->code[jump].c = (uint32_t)p->code_count;
        return jump + 1;
    }
    return (uint32_t)p->code_count;
}

void lci_compile_activity(struct lci_compiler *c, uint32_t activity, const struct lc_activity *a, const char *name,
                          const char *role)
{
    struct lci_program *p = c->program;
    struct lci_choice calls = gather_calls(c, activity, a, name);
    const bool thinks = a->think.family != NULL && lc_dist_mean(&a->think) > 0;
    if (p->tasks[p->activities[activity].task].shares)
        lci_add_instruction(p, (struct lci_instruction){.code = LCI_YIELD, .flag = thinks});
    lci_add_instruction(p, (struct lci_instruction){.code = LCI_BEGIN, .a = activity});
    if (thinks) {
        char *full = lc_format("%sthink", role);
        const uint32_t sampler = lci_add_sampler(p, &a->think, 1, name, full);
        free(full);
        lci_compile_size(p, &a->think, sampler);
        lci_add_instruction(p, (struct lci_instruction){.code = LCI_DELAY, .a = sampler});
    }
    const bool reported = calls.count > 0 && (p->recorded || (p->goes_on && has_asynchronous(p, &calls)));
    const uint32_t slice = begin_slices(p, reported);
    const bool held = emit_slice(c, activity, a, &calls, name, role);
    if (calls.count > 0) {
        if (reported)
            lci_add_record(p, LCI_RECORD_CALLING,
                           lc_is_source(&c->model->tasks[p->tasks[p->activities[activity].task].model]), LCI_NIL);
        emit_calls(c, a, calls, slice, held && !p->tasks[p->activities[activity].task].shares, name, role);
    }
    const bool full = a->max_service_time > 0 || a->histogram.bins > 0;
    lci_add_instruction(p, (struct lci_instruction){.code = full ? LCI_END_FULL : LCI_END, .a = activity});
}
