/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Growing the arrays of a program.
 */
#include "arrival_pattern.h"
#include "compile.h"
#include "engine.h"

#include <stdlib.h>
#include <string.h>

uint32_t lci_add_instruction(struct lci_program *p, struct lci_instruction instruction)
{
    LC_GROW(p->code, p->code_count, p->code_capacity);
    p->code[p->code_count] = instruction;
    return (uint32_t)p->code_count++;
}

void lci_add_record(struct lci_program *p, enum lci_record what, bool source, uint32_t entry)
{
    if (p->recorded || p->goes_on)
        lci_add_instruction(p, (struct lci_instruction){.code = LCI_RECORD, .flag = source, .a = what, .b = entry});
}

uint32_t lci_add_option(struct lci_program *p, struct lci_option option)
{
    LC_GROW(p->options, p->option_count, p->option_capacity);
    p->options[p->option_count] = option;
    return (uint32_t)p->option_count++;
}

uint32_t lci_add_choice(struct lci_program *p, struct lci_choice choice)
{
    LC_GROW(p->choices, p->choice_count, p->choice_capacity);
    p->choices[p->choice_count] = choice;
    return (uint32_t)p->choice_count++;
}

uint32_t lci_add_call(struct lci_program *p, struct lci_program_call call)
{
    LC_GROW(p->calls, p->call_count, p->call_capacity);
    p->calls[p->call_count] = call;
    return (uint32_t)p->call_count++;
}

uint32_t lci_add_stream(struct lci_program *p, const char *name, const char *role)
{
    LC_GROW(p->stream_origins, p->stream_count, p->stream_capacity);
    p->stream_origins[p->stream_count] = (struct lci_origin){lc_strdup(name), lc_strdup(role)};
    return (uint32_t)p->stream_count++;
}

uint32_t lci_add_sampler(struct lci_program *p, const struct lc_dist *dist, double factor, const char *name,
                         const char *role)
{
    if (p->sampler_count == p->sampler_capacity) {
        p->sampler_capacity = p->sampler_capacity ? 2 * p->sampler_capacity : 16;
        p->samplers = lc_realloc(p->samplers, p->sampler_capacity, sizeof *p->samplers);
        p->sampler_origins = lc_realloc(p->sampler_origins, p->sampler_capacity, sizeof *p->sampler_origins);
        p->dists = lc_realloc(p->dists, p->sampler_capacity, sizeof *p->dists);
    }
    const size_t at = p->sampler_count++;
    p->dists[at] = lc_calloc(1, sizeof **p->dists);
    p->samplers[at] = lci_sampler_make(dist, factor, p->dists[at]);
    p->sampler_origins[at] = (struct lci_origin){lc_strdup(name), lc_strdup(role)};
    return (uint32_t)at;
}

struct names {
    const char *(*name_of)(const void *context, uint32_t index);
    const void *context;
};

static int compare_names(const void *a, const void *b, void *context)
{
    const struct names *names = context;
    const uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
    const int order = strcmp(names->name_of(names->context, i), names->name_of(names->context, k));
    return order != 0 ? order : (i > k) - (i < k);
}

uint32_t *lci_by_name(size_t count, const char *(*name_of)(const void *context, uint32_t index), const void *context)
{
    uint32_t *order = lc_calloc(count, sizeof *order);
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    struct names names = {name_of, context};
    qsort_r(order, count, sizeof *order, compare_names, &names);
    return order;
}

void lci_write_messages(struct lci_program *p)
{
    for (uint32_t i = 0; i < p->call_count; i++) {
        struct lci_program_call *call = &p->calls[i];
        const struct lci_thread message = {.pc = p->entries[call->entry].start,
                                           .next = LCI_NIL,
                                           .caller = LCI_NIL,
                                           .call = i,
                                           .entry = call->entry,
                                           .instance = call->base};
        memcpy(call->message, &message, sizeof call->message);
        call->whole = call->kind == LCI_SYNC && call->route == LCI_ROUTE_ONE &&
                      p->code[message.pc].code == LCI_SERVICE && lci_is_plain(&p->tasks[p->entries[call->entry].task]);
    }
}

static void free_origins(struct lci_origin *origins, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(origins[i].name);
        free(origins[i].role);
    }
    free(origins);
}

void lci_program_free(struct lci_program *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->sampler_count; i++) {
        lc_dist_free(p->dists[i]);
        free(p->dists[i]);
    }
    if (p->model_activity != NULL)
        for (size_t i = 0; i < p->model->task_count; i++)
            free(p->model_activity[i]);
    free_origins(p->sampler_origins, p->sampler_count);
    free_origins(p->stream_origins, p->stream_count);
    lci_pattern_sources_free(p);
    void *const arrays[] = {p->code,
                            p->choices,
                            p->options,
                            p->calls,
                            p->activities,
                            p->entries,
                            p->decisions,
                            p->guards,
                            p->elastics,
                            p->call_guards,
                            p->task_entries,
                            p->tasks,
                            p->processors,
                            p->groups,
                            p->station_processor,
                            p->instance_task,
                            p->instance_station,
                            p->sources,
                            p->workloads,
                            p->forks,
                            p->joins,
                            p->samplers,
                            p->dists,
                            p->model_entry,
                            p->model_task,
                            p->model_processor,
                            p->model_activity,
                            p->gathers};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
    free(p);
}
