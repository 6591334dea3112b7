/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sessions: when a step is done the customer chooses the next one, pauses, and goes on with it, or the session ends.
 * The response time of a session is what all its steps have lasted, without the pauses; that of a step counts for its
 * entry.
 */
#include "arrival_pattern.h"
#include "compile.h"
#include "endings.h"
#include "model/random/generator.h"

void lci_compile_step(struct lci_compiler *c, uint32_t entry)
{
    struct lci_program *p = c->program;
    struct lci_entry *step = &p->entries[entry];
    const struct lc_entry *from = &c->model->entries[step->model];
    const struct lc_task *task = &c->model->tasks[from->task];
    struct lci_choice choice = {.first = (uint32_t)p->option_count};
    for (size_t i = 0; i < from->next_count; i++) {
        choice.total += from->next[i].probability;
        lci_add_option(p, (struct lci_option){choice.total, 0, p->model_entry[from->next[i].entry]});
        choice.count++;
    }
    step->next = choice.count > 0 ? lci_add_choice(p, choice) : LCI_NIL;
    if (from->pause.family != NULL && lc_dist_mean(&from->pause) > 0)
        step->pause = lci_add_sampler(p, &from->pause, 1, from->name, "pause");
    lci_add_instruction(p, (struct lci_instruction){.code = LCI_STEP,
                                                    .flag = task->pattern.kind == LC_PATTERN_USERS,
                                                    .a = entry,
                                                    .b = lci_add_stream(p, from->name, "next step"),
                                                    .c = task->scheduling == LC_OPEN});
}

/* Counts the step; whoever ran it rests. */
static void end_step(struct lci_engine *e, struct lci_thread *t)
{
    const double elapsed = e->now - t->work.started;
    struct lci_entry_tally *tally = &e->entries[t->entry];
    struct lci_instance *instance = &e->instances[t->instance];
    tally->count++;
    tally->sum += elapsed;
    tally->squares += elapsed * elapsed;
    lci_sketch_add(&e->sketches[e->kinds[t->entry].sketch], e->sketch_origin, elapsed);
    t->sent += elapsed;
    instance->busy--;
    instance->busy_area += e->now;
}

static void end_session(struct lci_engine *e, struct lci_thread *t)
{
    const struct lci_entry *step = &e->kinds[t->entry];
    struct lci_workload_tally *tally = &e->workloads[step->workload];
    tally->count++;
    tally->sum += t->sent;
    tally->squares += t->sent * t->sent;
    lci_sketch_add(&e->sketches[step->workload_sketch], e->sketch_origin, t->sent);
    t->sent = 0;
    lci_sticky_forget(e, t->job);
    if (e->endings != NULL)
        lci_endings_leave(e, t->job);
}

static uint32_t next_step(struct lci_engine *e, const struct lci_entry *step, uint32_t stream)
{
    if (step->next == LCI_NIL)
        return LCI_NIL;
    const struct lci_choice *choice = &e->program->choices[step->next];
    const double drawn = lci_random_uniform(&e->streams[stream]);
    for (uint32_t i = choice->first; i < choice->first + choice->count; i++)
        if (drawn < e->program->options[i].upto)
            return e->program->options[i].target;
    return LCI_NIL;
}

enum lci_engine_step lci_step(struct lci_engine *e, uint32_t index, const struct lci_instruction *in)
{
    struct lci_thread *t = &e->threads[index];
    const struct lci_entry *step = &e->kinds[in->a];
    end_step(e, t);
    const uint32_t next = next_step(e, step, in->b);
    if (next == LCI_NIL) {
        end_session(e, t);
        if (in->c || (in->flag && !lci_customer_stays(e, step->task, t->instance))) {
            lci_thread_end(e, index);
            return LCI_STEP_LEAVES;
        }
        return LCI_STEP_BEGINS;
    }
    t->entry = next;
    t->pc = e->kinds[next].start;
    if (step->pause == LCI_NIL)
        return LCI_STEP_GOES_ON;
    lci_schedule(&e->calendar, e->now + lci_sample(&e->samplers[step->pause]), lci_what(LCI_RESUME, index));
    return LCI_STEP_PAUSES;
}
