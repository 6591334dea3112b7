/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a model to a program: elements in the order of their names, then the code of every entry, then the sources.
 */
#include "compile.h"
#include "arrival_pattern.h"
#include "discipline.h"
#include "endings.h"
#include "gather.h"
#include "model/elastic.h"
#include "model/lqn.h"
#include "model/pattern.h"
#include "size.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- order ------------------------------------------------------------------------------------------------------- */

static const char *processor_name(const void *context, uint32_t i)
{
    return ((const struct lc_model *)context)->processors[i].name;
}
static const char *task_name(const void *context, uint32_t i)
{
    return ((const struct lc_model *)context)->tasks[i].name;
}
static const char *entry_name(const void *context, uint32_t i)
{
    return ((const struct lc_model *)context)->entries[i].name;
}
static const char *group_name(const void *context, uint32_t i)
{
    return ((const struct lc_model *)context)->groups[i].name;
}

static uint32_t *inverse(const uint32_t *order, size_t count)
{
    uint32_t *inverse = lc_calloc(count, sizeof *inverse);
    for (uint32_t i = 0; i < count; i++)
        inverse[order[i]] = i;
    return inverse;
}

/* ---- processors -------------------------------------------------------------------------------------------------- */

static void add_groups(struct lci_compiler *c, struct lci_processor *to, const uint32_t *group_order)
{
    struct lci_program *p = c->program;
    to->first_group = (uint32_t)p->group_count;
    for (size_t i = 0; i < c->model->group_count; i++) {
        const struct lc_group *group = &c->model->groups[group_order[i]];
        if (group->processor != to->model)
            continue;
        LC_GROW(p->groups, p->group_count, p->group_capacity);
        p->groups[p->group_count++] = (struct lci_group){group->share, group->cap};
        to->group_count++;
    }
    /* Tasks without a group share one of their own, so that a processor without groups is shared equally. */
    LC_GROW(p->groups, p->group_count, p->group_capacity);
    p->groups[p->group_count++] = (struct lci_group){to->group_count == 0 ? 1.0 : 0.01, false};
    to->group_count++;
}

static void add_processors(struct lci_compiler *c)
{
    struct lci_program *p = c->program;
    const struct lc_model *m = c->model;
    uint32_t *order = lci_by_name(m->processor_count, processor_name, m);
    uint32_t *group_order = lci_by_name(m->group_count, group_name, m);
    p->model_processor = inverse(order, m->processor_count);
    p->processors = lc_calloc(m->processor_count, sizeof *p->processors);
    p->processor_count = m->processor_count;
    int *owners = lci_elastic_owners(m);
    for (size_t i = 0; i < m->processor_count; i++) {
        const struct lc_processor *from = &m->processors[order[i]];
        struct lci_processor *to = &p->processors[i];
        const int elastic = from->scheduling == LC_INF ? LC_NONE : owners[order[i]];
        *to = (struct lci_processor){.model = (int)order[i],
                                     .scheduling = from->multiplicity == LC_INFINITE ? LC_INF : from->scheduling,
                                     .first = p->station_count,
                                     .replicas = elastic != LC_NONE ? lci_elastic_most(m, elastic) : from->replicas,
                                     .servers = from->multiplicity,
                                     .quantum = from->quantum,
                                     .levels = 1};
        /* What a failure interrupts is resumed, and goes on at another speed: turns can be cut short at a preemptive
         * station, and with one level of urgency it is first come, first served. */
        if (elastic != LC_NONE &&
            (lci_elastic_fails(&m->tasks[elastic].elastic) || lci_elastic_disturbed(&m->tasks[elastic].elastic)) &&
            (to->scheduling == LC_FCFS || to->scheduling == LC_HOL))
            to->scheduling = LC_PP;
        if (lci_discipline_of(to->scheduling, 0)->random)
            to->stream = lci_add_stream(p, from->name, "processor order");
        if (to->scheduling == LC_CFS)
            add_groups(c, to, group_order);
        p->station_count += to->replicas;
    }
    p->station_processor = lc_calloc(p->station_count, sizeof *p->station_processor);
    for (uint32_t i = 0; i < p->processor_count; i++)
        for (uint32_t k = 0; k < p->processors[i].replicas; k++)
            p->station_processor[p->processors[i].first + k] = i;
    free(owners);
    free(order);
    free(group_order);
}

/* The rank of a task's group among those of its processor, by name; the last one is that of tasks without a group. */
static uint32_t group_rank(const struct lc_model *m, const struct lc_task *task, uint32_t count)
{
    if (task->group == LC_NONE)
        return count - 1;
    uint32_t rank = 0;
    for (size_t i = 0; i < m->group_count; i++)
        if (m->groups[i].processor == task->processor && strcmp(m->groups[i].name, m->groups[task->group].name) < 0)
            rank++;
    return rank;
}

static int descending(const void *a, const void *b)
{
    const int x = *(const int *)a, y = *(const int *)b;
    return (x < y) - (x > y);
}

/* Ranks priorities: 0 is the most urgent. Returns how many different ones there are. */
static uint32_t distinct(int *priorities, size_t count)
{
    qsort(priorities, count, sizeof *priorities, descending);
    uint32_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || priorities[i] != priorities[kept - 1])
            priorities[kept++] = priorities[i];
    return kept;
}
static uint32_t rank_of(const int *priorities, int priority)
{
    uint32_t rank = 0;
    while (priorities[rank] != priority)
        rank++;
    return rank;
}

static void rank_tasks(struct lci_program *p, uint32_t processor)
{
    struct lci_processor *to = &p->processors[processor];
    int *priorities = lc_calloc(p->task_count, sizeof *priorities);
    size_t count = 0;
    for (size_t i = 0; i < p->task_count; i++)
        if (p->model->tasks[p->tasks[i].model].processor == to->model)
            priorities[count++] = p->model->tasks[p->tasks[i].model].priority;
    to->levels = count > 0 ? distinct(priorities, count) : 1;
    for (size_t i = 0; i < p->task_count; i++)
        if (p->model->tasks[p->tasks[i].model].processor == to->model)
            p->tasks[i].level = rank_of(priorities, p->model->tasks[p->tasks[i].model].priority);
    free(priorities);
}

/* ---- tasks and entries ------------------------------------------------------------------------------------------- */

static uint32_t add_workload(struct lci_program *p, int task, int entry)
{
    LC_GROW(p->workloads, p->workload_count, p->workload_capacity);
    p->workloads[p->workload_count] = (struct lci_workload){task, entry, p->sketch_count++, LCI_NIL};
    if (p->goes_on)
        p->workloads[p->workload_count].ending_sketch = p->sketch_count++;
    return (uint32_t)p->workload_count++;
}

/* A typical time: what distributions of times are recorded relative to (see sketch.h). */
static double typical_time(const struct lc_model *m)
{
    double sum = 0, count = 0;
    for (size_t i = 0; i < m->entry_count; i++)
        for (int k = 0; k < LC_PHASES; k++)
            if (m->entries[i].phases[k].present && m->entries[i].phases[k].demand.family != NULL) {
                const double mean = lc_dist_mean(&m->entries[i].phases[k].demand);
                sum += mean > 0 ? log2(mean) : 0;
                count += mean > 0;
            }
    for (size_t i = 0; i < m->task_count; i++)
        for (size_t k = 0; k < m->tasks[i].activity_count; k++)
            if (m->tasks[i].activities[k].demand.family != NULL) {
                const double mean = lc_dist_mean(&m->tasks[i].activities[k].demand);
                sum += mean > 0 ? log2(mean) : 0;
                count += mean > 0;
            }
    return count > 0 ? exp2(floor(sum / count)) : 1; /* whatever the order of the sum */
}

static struct lci_program_task describe_task(struct lci_compiler *c, uint32_t model_index)
{
    struct lci_program *p = c->program;
    const struct lc_task *from = &c->model->tasks[model_index];
    const uint32_t processor = p->model_processor[from->processor];
    struct lci_program_task to = {.model = (int)model_index,
                                  .scheduling = from->scheduling,
                                  .first = p->instance_count,
                                  .replicas = lci_elastic_most(c->model, (int)model_index),
                                  .elastic = LCI_NIL,
                                  .sticky = from->balance == LC_BALANCE_STICKY ? p->sticky_count++ : LCI_NIL,
                                  .threads = from->scheduling == LC_INF ? LC_INFINITE : from->multiplicity,
                                  .levels = 1,
                                  .group = group_rank(c->model, from, p->processors[processor].group_count),
                                  .queue_length = from->queue_length > 0 ? from->queue_length : LCI_NIL,
                                  .overflow = from->overflow,
                                  .shared = from->balance == LC_BALANCE_SHARED || lci_elastic_on_demand(&from->elastic),
                                  .think = LCI_NIL,
                                  .users = LCI_NIL,
                                  .workload = LCI_NIL};
    if (lci_elastic_changes(&from->elastic))
        to.elastic = lci_add_elastic(c, &to);
    if (from->think_time.family != NULL && lc_dist_mean(&from->think_time) > 0)
        to.think = lci_add_sampler(p, &from->think_time, 1, from->name, "think");
    to.choose = lci_add_stream(p, from->name, "choice");
    if (from->scheduling == LC_SEMAPHORE)
        to.tokens = from->initially < 0 || (uint32_t)from->initially > from->multiplicity ? from->multiplicity
                                                                                          : (uint32_t)from->initially;
    return to;
}

/* Whether those who ask at one instant come one after the other. */
static bool has_order(const struct lci_processor *on)
{
    const enum lci_serving serving = lci_discipline_of(on->scheduling, on->quantum)->serving;
    return serving == LCI_IN_LINE || serving == LCI_BY_TURNS;
}

/* Several threads can be at work for one request, or one for several. */
static bool has_branches(const struct lc_task *task)
{
    for (size_t i = 0; i < task->precedence_count; i++)
        if (task->precedences[i].fork == LC_FORK_AND || task->precedences[i].join == LC_JOIN_AND)
            return true;
    return false;
}

/* Whether no thread of a task, the only one on its processor, ever waits for a server: that processor is a delay. */
static bool has_server_for_each(const struct lci_program *p, const struct lci_program_task *task,
                                const struct lci_processor *on)
{
    const struct lc_task *from = &p->model->tasks[task->model];
    const uint64_t instances = (task->replicas + on->replicas - 1) / on->replicas;
    return has_order(on) && !lc_is_source(from) && !lci_has_lock(task) && !has_branches(from) &&
           task->threads != LC_INFINITE && instances * task->threads <= on->servers;
}

/* A token goes on with a signal or unlock that came early before others get the processor. */
static bool has_tokens(const struct lci_program_task *task)
{
    return task->scheduling == LC_SEMAPHORE || task->scheduling == LC_RWLOCK;
}

static void mark_shared(struct lci_program *p)
{
    uint32_t *tasks = lc_calloc(p->processor_count, sizeof *tasks);
    for (size_t i = 0; i < p->task_count; i++)
        tasks[p->model_processor[p->model->tasks[p->tasks[i].model].processor]]++;
    for (size_t i = 0; i < p->task_count; i++) {
        const uint32_t on = p->model_processor[p->model->tasks[p->tasks[i].model].processor];
        p->tasks[i].shares = (tasks[on] > 1 || has_tokens(&p->tasks[i])) && has_order(&p->processors[on]);
        p->tasks[i].alone = tasks[on] == 1 && has_server_for_each(p, &p->tasks[i], &p->processors[on]);
    }
    free(tasks);
}

static void add_tasks(struct lci_compiler *c)
{
    struct lci_program *p = c->program;
    const struct lc_model *m = c->model;
    uint32_t *order = lci_by_name(m->task_count, task_name, m);
    p->model_task = inverse(order, m->task_count);
    p->tasks = lc_calloc(m->task_count, sizeof *p->tasks);
    p->task_count = m->task_count;
    for (size_t i = 0; i < m->task_count; i++) {
        const struct lc_task *from = &m->tasks[order[i]];
        p->tasks[i] = describe_task(c, order[i]);
        p->instance_count += p->tasks[i].replicas;
        if (lc_is_source(from))
            p->tasks[i].workload = add_workload(p, (int)order[i], LC_NONE);
        if (lc_is_source(from) && from->scheduling != LC_OPEN)
            p->customers += (double)from->multiplicity * from->replicas;
    }
    p->instance_task = lc_calloc(p->instance_count, sizeof *p->instance_task);
    p->instance_station = lc_calloc(p->instance_count, sizeof *p->instance_station);
    for (uint32_t i = 0; i < p->task_count; i++) {
        const struct lc_task *from = &m->tasks[p->tasks[i].model];
        const uint32_t replicas = p->tasks[i].replicas;
        const struct lci_processor *on = &p->processors[p->model_processor[from->processor]];
        for (uint32_t k = 0; k < replicas; k++) {
            p->instance_task[p->tasks[i].first + k] = i;
            p->instance_station[p->tasks[i].first + k] = on->first + (uint32_t)((uint64_t)k * on->replicas / replicas);
        }
    }
    mark_shared(p);
    for (uint32_t i = 0; i < p->processor_count; i++)
        if (lci_discipline_of(p->processors[i].scheduling, 0)->urgent)
            rank_tasks(p, i);
    free(order);
}

static void set_following(const struct lci_program *p, struct lci_entry *entry, bool awaited, bool callers_wait)
{
    const struct lci_program_task *task = &p->tasks[entry->task];
    entry->awaited = p->goes_on && awaited && !lci_has_lock(task);
    entry->followed =
        p->goes_on && !entry->awaited &&
        (lc_is_source(&p->model->tasks[task->model]) || lci_entry_is_followed(p->model, entry->model, callers_wait));
}

static void add_entries(struct lci_compiler *c)
{
    struct lci_program *p = c->program;
    const struct lc_model *m = c->model;
    uint32_t *order = lci_by_name(m->entry_count, entry_name, m);
    p->model_entry = inverse(order, m->entry_count);
    p->entries = lc_calloc(m->entry_count, sizeof *p->entries);
    p->entry_count = m->entry_count;
    p->task_entries = lc_calloc(m->entry_count, sizeof *p->task_entries);
    const bool wait = p->goes_on && lci_callers_wait(m);
    bool *awaited = lci_awaited_entries(m);
    for (uint32_t i = 0; i < m->entry_count; i++) {
        const struct lc_entry *from = &m->entries[order[i]];
        p->entries[i] = (struct lci_entry){.model = (int)order[i],
                                           .task = p->model_task[from->task],
                                           .graph = from->start != LC_NONE,
                                           .workload = p->tasks[p->model_task[from->task]].workload,
                                           .sketch = p->sketch_count++,
                                           .first_forward = p->call_statistics,
                                           .decision = LCI_NIL,
                                           .next = LCI_NIL,
                                           .pause = LCI_NIL,
                                           .role = from->role};
        set_following(p, &p->entries[i], awaited[order[i]], wait);
        p->call_statistics += (uint32_t)from->forward_count;
        p->tasks[p->entries[i].task].entry_count++;
    }
    for (uint32_t i = 0, first = 0; i < p->task_count; i++) {
        p->tasks[i].first_entry = first;
        first += p->tasks[i].entry_count;
        p->tasks[i].entry_count = 0;
    }
    for (uint32_t i = 0; i < m->entry_count; i++) {
        struct lci_program_task *task = &p->tasks[p->entries[i].task];
        p->task_entries[task->first_entry + task->entry_count++] = i;
    }
    free(order);
    free(awaited);
}

/* Which entry a customer runs: by the entries' probabilities, or any of them when none is set. */
static void set_probabilities(struct lci_program *p, const struct lci_program_task *task)
{
    double total = 0;
    for (uint32_t i = 0; i < task->entry_count; i++)
        total += p->model->entries[p->entries[p->task_entries[task->first_entry + i]].model].probability;
    double upto = 0;
    for (uint32_t i = 0; i < task->entry_count; i++) {
        struct lci_entry *entry = &p->entries[p->task_entries[task->first_entry + i]];
        upto += total > 0 ? p->model->entries[entry->model].probability / total : 1.0 / task->entry_count;
        entry->upto = i + 1 == task->entry_count ? 1 : upto;
    }
}

/* ---- activities and code ----------------------------------------------------------------------------------------- */

static uint32_t add_activity(struct lci_program *p, const struct lc_activity *from, struct lci_activity to)
{
    to.max_service_time = from->max_service_time;
    to.histogram = from->histogram;
    to.histogram_first = p->histogram_bins;
    if (from->histogram.bins > 0)
        p->histogram_bins += from->histogram.bins + 2;
    to.first_call = p->call_statistics;
    p->call_statistics += (uint32_t)from->call_count;
    LC_GROW(p->activities, p->activity_count, p->activity_capacity);
    p->activities[p->activity_count] = to;
    return (uint32_t)p->activity_count++;
}

static void add_activities(struct lci_program *p)
{
    const struct lc_model *m = p->model;
    for (uint32_t i = 0; i < p->entry_count; i++)
        for (uint32_t k = 0; k < LC_PHASES; k++) {
            const struct lc_activity *phase = &m->entries[p->entries[i].model].phases[k];
            p->entries[i].phases[k] = LCI_NIL;
            if (phase->present && !p->entries[i].graph)
                p->entries[i].phases[k] =
                    add_activity(p, phase, (struct lci_activity){.entry = i, .phase = k, .task = p->entries[i].task});
        }
    p->model_activity = lc_calloc(m->task_count, sizeof *p->model_activity);
    for (size_t i = 0; i < m->task_count; i++) {
        p->model_activity[i] = lc_calloc(m->tasks[i].activity_count, sizeof **p->model_activity);
        for (size_t k = 0; k < m->tasks[i].activity_count; k++)
            p->model_activity[i][k] =
                add_activity(p, &m->tasks[i].activities[k],
                             (struct lci_activity){.entry = LCI_NIL, .task = p->model_task[i], .model = (int)k});
    }
}

void lci_compile_finish(struct lci_compiler *c, uint32_t entry)
{
    const struct lc_task *task = &c->model->tasks[c->program->tasks[c->program->entries[entry].task].model];
    if (lc_is_source(task))
        lci_add_outcome(c->program, LCI_OUTCOME_LEAVE, entry);
    else if (c->program->entries[entry].graph) /* one that does not reply answers at its end */
        lci_add_outcome(c->program, LCI_OUTCOME_ANSWER, entry);
    if (c->program->entries[entry].graph && c->program->entries[entry].awaited)
        lci_add_record(c->program, LCI_RECORD_ANSWER, false, entry);
    if (!lc_is_source(task) && (c->program->recorded || c->program->entries[entry].followed))
        lci_add_record(c->program, LCI_RECORD_END, false, LCI_NIL);
    const struct lci_program_task *of = &c->program->tasks[c->program->entries[entry].task];
    const bool session = lc_is_source(task) && lci_is_session(c->model, task);
    if (of->shares && lc_is_source(task) &&
        (session || of->think != LCI_NIL || task->scheduling == LC_OPEN || of->users != LCI_NIL))
        lci_add_instruction(c->program, (struct lci_instruction){.code = LCI_YIELD, .flag = true});
    if (session) {
        lci_compile_step(c, entry);
        return;
    }
    const enum lci_code code = !lc_is_source(task)                      ? LCI_FINISH
                               : task->scheduling == LC_OPEN            ? LCI_LEAVE
                               : task->pattern.kind == LC_PATTERN_USERS ? LCI_CYCLE_USERS
                                                                        : LCI_CYCLE;
    lci_add_instruction(c->program, (struct lci_instruction){.code = (uint8_t)code, .a = entry});
}

void lci_compile_reply(struct lci_compiler *c, uint32_t entry)
{
    struct lci_program *p = c->program;
    const struct lc_entry *from = &c->model->entries[p->entries[entry].model];
    if (p->entries[entry].awaited)
        lci_add_record(p, LCI_RECORD_ANSWER, false, entry);
    lci_add_outcome(p, LCI_OUTCOME_ANSWER, entry);
    const bool shares = p->tasks[p->entries[entry].task].shares;
    if (from->forward_count == 0) {
        const uint32_t stream = shares ? lci_add_stream(p, from->name, "after the reply") : LCI_NIL;
        lci_add_instruction(
            p, (struct lci_instruction){.code = shares ? LCI_REPLY_SHARED : LCI_REPLY, .a = entry, .b = stream});
        return;
    }
    const struct lc_task *task = &c->model->tasks[from->task];
    struct lci_choice choice = {.first = (uint32_t)p->option_count};
    for (uint32_t i = 0; i < from->forward_count; i++) {
        const struct lc_forward *forward = &from->forwards[i];
        uint32_t count;
        const uint32_t first =
            lci_add_arcs(c, p->entries[entry].task, forward->entry, LCI_FORWARD, p->entries[entry].first_forward + i,
                         task->priority + c->model->entries[forward->entry].priority, from->name, &count);
        choice.total += forward->probability;
        lci_add_option(p, (struct lci_option){choice.total, 0, first});
        choice.count++;
    }
    const uint32_t stream = lci_add_stream(p, from->name, "forward");
    lci_add_record(p, LCI_RECORD_CALLING, false, entry);
    lci_add_instruction(
        p, (struct lci_instruction){
               .code = LCI_REPLY_FORWARD, .flag = shares, .a = entry, .b = lci_add_choice(p, choice), .c = stream});
    lci_add_record(p, LCI_RECORD_FORWARDED, false, LCI_NIL);
}

void lci_compile_begin(struct lci_program *p, uint32_t entry, bool source)
{
    if (source)
        lci_add_instruction(p, (struct lci_instruction){.code = LCI_WAKE});
    if (source ? p->goes_on : p->recorded || p->entries[entry].followed)
        lci_add_record(p, source ? LCI_RECORD_WAKE : LCI_RECORD_BEGIN, false, LCI_NIL);
}

static void compile_phases(struct lci_compiler *c, uint32_t entry)
{
    struct lci_program *p = c->program;
    const struct lc_entry *from = &c->model->entries[p->entries[entry].model];
    const bool source = lc_is_source(&c->model->tasks[from->task]);
    p->entries[entry].start = (uint32_t)p->code_count;
    lci_compile_begin(p, entry, source);
    lci_add_outcome(p, LCI_OUTCOME_BEGIN, entry);
    lci_compile_size_begin(p, from->name);
    lci_compile_gather_begin(p, source);
    for (uint32_t k = 0; k < LC_PHASES; k++) {
        if (p->entries[entry].phases[k] != LCI_NIL) {
            char *role = lc_format("phase %u ", k + 1);
            lci_compile_activity(c, p->entries[entry].phases[k], &from->phases[k], from->name, role);
            free(role);
        }
        if (k == 0 && !source)
            lci_compile_reply(c, entry);
    }
    p->entries[entry].finish = (uint32_t)p->code_count;
    lci_compile_finish(c, entry);
}

/* The end of an entry's only phase: its tally is the entry's too. */
static void fuse_end(struct lci_program *p, struct lci_instruction *in)
{
    const struct lci_instruction *last = &p->code[p->code_count - 1], *next = in + 1;
    const bool awaited = next->code == LCI_RECORD && next->a == LCI_RECORD_ANSWER;
    next += awaited; /* the answer, or the end */
    const bool cycle = next->code == LCI_CYCLE,
               service = next->code == LCI_REPLY && next < last && next[1].code == LCI_FINISH;
    if (!cycle && !service)
        return;
    struct lci_entry *entry = &p->entries[next->a];
    const struct lci_program_task *task = &p->tasks[p->activities[in->a].task];
    if (entry->graph || p->activities[in->a].phase != 0 || lci_has_lock(task))
        return;
    if (cycle)
        in->code = p->goes_on ? LCI_END_LEAVING : LCI_END_CYCLE;
    else
        in->code = awaited ? LCI_END_AWAITED : LCI_END_SERVICE;
    in->flag = task->entry_count == 1;
    in->b = next->a;
    in->c = task->think;
    entry->single = true;
    if (service && !awaited && in - p->code >= 2 && in[-2].code == LCI_BEGIN_SLICE_DELAY) {
        in[-2] = in[-1];
        in[-2].code = LCI_SERVICE;
        in[-2].c = in->b;
    }
}

/* Instructions that always follow each other become one: two dispatches for a plain service instead of five. The
 * originals stay where they are, because a loop comes back to SLICE. */
static void fuse(struct lci_program *p)
{
    for (size_t i = 0; i + 1 < p->code_count; i++) {
        struct lci_instruction *in = &p->code[i];
        if (in->code == LCI_BEGIN && (in[1].code == LCI_SLICE || in[1].code == LCI_SLICE_HELD))
            in->code = LCI_BEGIN_SLICE;
        else if (in->code == LCI_BEGIN && in[1].code == LCI_SLICE_DELAY)
            in->code = LCI_BEGIN_SLICE_DELAY;
        else if (in->code == LCI_BEGIN && i > 0 && in[-1].code == LCI_WAKE)
            in[-1].code = LCI_WAKE_BEGIN;
        else if (in->code == LCI_END)
            fuse_end(p, in);
    }
}

static void compile_code(struct lci_compiler *c)
{
    struct lci_program *p = c->program;
    for (uint32_t i = 0; i < p->task_count; i++) {
        bool graphs = false;
        for (uint32_t k = 0; k < p->tasks[i].entry_count; k++) {
            const uint32_t entry = p->task_entries[p->tasks[i].first_entry + k];
            if (p->entries[entry].graph)
                graphs = true;
            else
                compile_phases(c, entry);
        }
        if (graphs)
            lci_compile_graph(c, i);
        set_probabilities(p, &p->tasks[i]);
    }
    if (!p->stepwise)
        fuse(p);
    p->pass_on = lci_add_instruction(p, (struct lci_instruction){.code = LCI_PASS_ON});
    for (size_t i = 0; i < p->fork_count; i++)
        p->fork_counters = p->forks[i].joins > p->fork_counters ? p->forks[i].joins : p->fork_counters;
    for (uint32_t i = 0; i < p->join_count; i++)
        p->joins[i].statistic = i;
}

/* ---- sources ----------------------------------------------------------------------------------------------------- */

static void add_source(struct lci_program *p, struct lci_source source)
{
    LC_GROW(p->sources, p->source_count, p->source_capacity);
    p->sources[p->source_count++] = source;
}

/* Open arrivals at an entry. In the LQN's sense each replica has its own; with another balance there is one stream of
 * arrivals that is spread. */
static void add_open_arrivals(struct lci_compiler *c, uint32_t entry)
{
    struct lci_program *p = c->program;
    const struct lc_entry *from = &c->model->entries[p->entries[entry].model];
    if (from->open_arrivals.family == NULL && !(from->open_rate > 0))
        return;
    struct lc_dist poisson = lc_dist_exponential(from->open_rate > 0 ? 1 / from->open_rate : 1);
    const struct lc_dist *between = from->open_arrivals.family != NULL ? &from->open_arrivals : &poisson;
    const struct lci_program_task *task = &p->tasks[p->entries[entry].task];
    p->entries[entry].workload = add_workload(p, LC_NONE, p->entries[entry].model);
    const bool each =
        task->replicas > 1 && task->elastic == LCI_NIL && c->model->tasks[task->model].balance == LC_BALANCE_FAN;
    const uint32_t statistic = p->call_statistics++;
    for (uint32_t i = 0; i < (each ? task->replicas : 1); i++) {
        uint32_t count;
        const uint32_t call = lci_add_arcs(c, p->entries[entry].task, p->entries[entry].model, LCI_OPEN, statistic,
                                           from->priority, from->name, &count);
        if (each) {
            p->calls[call].route = LCI_ROUTE_ONE;
            p->calls[call].base = task->first + i;
        }
        char *role = lc_format("arrivals %u", i);
        add_source(p, (struct lci_source){.sampler = lci_add_sampler(p, between, 1, from->name, role), .call = call});
        free(role);
    }
    p->entries[entry].open_statistic = statistic;
    lc_dist_free(&poisson);
}

static void add_sources(struct lci_compiler *c)
{
    struct lci_program *p = c->program;
    for (uint32_t i = 0; i < p->task_count; i++) {
        const struct lc_task *from = &c->model->tasks[p->tasks[i].model];
        if (from->pattern.kind == LC_PATTERN_USERS)
            p->tasks[i].users = (uint32_t)p->pattern_count;
        if (from->pattern.kind != LC_PATTERN_NONE || lci_pattern_is_batch(&from->pattern)) {
            for (uint32_t k = 0; k < from->replicas; k++)
                lci_add_pattern_source(p, from, i, k);
            continue;
        }
        if (from->scheduling != LC_OPEN || from->arrivals.family == NULL)
            continue;
        for (uint32_t k = 0; k < from->replicas; k++) {
            char *role = lc_format("arrivals %u", k);
            add_source(p, (struct lci_source){.sampler = lci_add_sampler(p, &from->arrivals, 1, from->name, role),
                                              .call = LCI_NIL,
                                              .task = i,
                                              .replica = k});
            free(role);
        }
    }
    for (uint32_t i = 0; i < p->entry_count; i++) {
        add_open_arrivals(c, i);
        const uint32_t workload = p->entries[i].workload;
        p->entries[i].workload_sketch = workload != LCI_NIL ? p->workloads[workload].sketch : LCI_NIL;
    }
}

/* Messages at head-of-line tasks: from priorities to ranks. */
static void rank_calls(struct lci_program *p)
{
    int *priorities = lc_calloc(p->call_count, sizeof *priorities);
    for (uint32_t i = 0; i < p->task_count; i++) {
        if (p->tasks[i].scheduling != LC_HOL)
            continue;
        size_t count = 0;
        for (size_t k = 0; k < p->call_count; k++)
            if (p->entries[p->calls[k].entry].task == i)
                priorities[count++] = (int)p->calls[k].level;
        p->tasks[i].levels = count > 0 ? distinct(priorities, count) : 1;
        for (size_t k = 0; k < p->call_count; k++)
            if (p->entries[p->calls[k].entry].task == i)
                p->calls[k].level = rank_of(priorities, (int)p->calls[k].level);
    }
    for (size_t k = 0; k < p->call_count; k++)
        if (p->tasks[p->entries[p->calls[k].entry].task].scheduling != LC_HOL)
            p->calls[k].level = 0;
    free(priorities);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static void refuse_what_is_not_simulated(struct lci_compiler *c)
{
    for (size_t i = 0; i < c->model->task_count; i++) {
        const struct lc_task *t = &c->model->tasks[i];
        if (t->queue_length > 0 && t->overflow != LC_OVERFLOW_DROP &&
            (t->scheduling == LC_SEMAPHORE || t->scheduling == LC_RWLOCK))
            lc_error(c->diag, LC_INPUT, &t->place,
                     "task '%s' is a semaphore or lock, whose queue cannot block or reject; take its queue length away",
                     t->name);
        if (lc_is_source(t) && t->scheduling != LC_OPEN && t->multiplicity == LC_INFINITE)
            lc_error(c->diag, LC_INPUT, &t->place, "task '%s' has infinitely many customers; give it a number",
                     t->name);
    }
}

/* Before any memory is asked for: every replica and every customer has its record. */
static bool is_too_large(const struct lc_model *m, struct lc_diag *diag)
{
    const double most_servers = 10e6, most_customers = 100e6;
    double servers = 0, customers = 0, most = 0;
    const struct lc_task *largest = NULL;
    for (size_t i = 0; i < m->processor_count; i++)
        servers += m->processors[i].replicas;
    for (size_t i = 0; i < m->task_count; i++) {
        const struct lc_task *t = &m->tasks[i];
        const double replicas = lci_elastic_most(m, (int)i);
        if (lc_is_source(t) && t->scheduling != LC_OPEN && t->multiplicity != LC_INFINITE)
            customers += (double)t->multiplicity * replicas;
        servers += replicas;
        largest = largest == NULL || replicas > most ? t : largest;
        most = fmax(most, replicas);
    }
    if (servers > most_servers)
        lc_error(diag, LC_INPUT, &largest->place,
                 "the replicas of all tasks and processors are too many to simulate; expected %.0f at the most, found "
                 "%.0f ('%s' has %.0f); one replica with as many threads is a way",
                 most_servers, servers, largest->name, most);
    if (customers > most_customers)
        lc_error(diag, LC_INPUT, NULL, "the model has too many customers; expected %.0f at the most, found %.0f",
                 most_customers, customers);
    return servers > most_servers || customers > most_customers;
}

enum compile_mode { FUSED, STEPWISE, RECORDED };

static struct lci_program *compile(const struct lc_model *model, enum compile_mode mode, struct lc_diag *diag)
{
    if (is_too_large(model, diag))
        return NULL;
    struct lci_program *p = lc_calloc(1, sizeof *p);
    p->recorded = mode == RECORDED;
    p->stepwise = mode == STEPWISE;
    struct lci_compiler c = {p, model, diag};
    const size_t errors = diag->errors;
    p->model = model;
    p->scale = typical_time(model);
    p->fails = lci_model_fails(model);
    p->sized = lci_model_is_sized(model);
    p->goes_on = !p->recorded && lci_model_goes_on(model);
    lci_list_gathers(p, model);
    add_processors(&c);
    add_tasks(&c);
    add_entries(&c);
    add_activities(p);
    refuse_what_is_not_simulated(&c);
    lci_add_decisions(&c);
    if (diag->errors == errors) {
        compile_code(&c);
        lci_compile_decisions(&c);
        lci_compile_guards(&c);
        add_sources(&c);
        rank_calls(p);
        lci_write_messages(p);
    }
    if (diag->errors == errors && p->customers == 0 && p->source_count + p->pattern_count == 0)
        lc_error(diag, LC_INPUT, &(struct lc_place){model->source, 0, 0, -1},
                 "nothing makes load in this model; expected a ref task, an open task, or open arrivals at an entry");
    if (diag->errors == errors)
        return p;
    lci_program_free(p);
    return NULL;
}

struct lci_program *lci_compile(const struct lc_model *model, struct lc_diag *diag)
{
    return compile(model, FUSED, diag);
}

struct lci_program *lci_compile_recorded(const struct lc_model *model, struct lc_diag *diag)
{
    return compile(model, RECORDED, diag);
}

struct lci_program *lci_compile_stepwise(const struct lc_model *model, struct lc_diag *diag)
{
    return compile(model, STEPWISE, diag);
}
