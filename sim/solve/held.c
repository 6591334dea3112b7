/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "held.h"

#include "model/dist/dist.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void refuse(struct lc_diag *diag, const struct lc_task *semaphore, const char *what)
{
    lc_error(diag, LC_INPUT, &semaphore->place,
             "task '%s': a semaphore %s has no analytic treatment; simulate the model instead", semaphore->name, what);
}

bool lcs_has_semaphore(const struct lc_model *m)
{
    bool any = false;
    for (size_t t = 0; t < m->task_count; t++)
        any |= m->tasks[t].scheduling == LC_SEMAPHORE;
    return any;
}

const struct lc_activity *lcs_held_activity(const struct lc_model *m, const struct lcs_held_step *step)
{
    return step->entry != LC_NONE ? &m->entries[step->entry].phases[step->index]
                                  : &m->tasks[step->task].activities[step->index];
}

static double mean_of(const struct lc_dist *dist)
{
    return dist->family != NULL ? lc_dist_mean(dist) : 0;
}

static bool does_something(const struct lc_activity *a)
{
    return a->call_count > 0 || mean_of(&a->demand) > 0 || mean_of(&a->think) > 0;
}

static const struct lc_task *semaphore_of(const struct lc_model *m, const struct lc_call *call)
{
    const struct lc_task *task = &m->tasks[m->entries[call->entry].task];
    return call->mean > 0 && task->scheduling == LC_SEMAPHORE ? task : NULL;
}

/* ---- what has no such server ------------------------------------------------------------------------------------- */

static bool is_simple(const struct lc_entry *e)
{
    return e->start == LC_NONE && e->phases[0].call_count == 0 && !does_something(&e->phases[1]) &&
           !does_something(&e->phases[2]) && e->forward_count == 0 && !(e->open_rate > 0) &&
           e->open_arrivals.family == NULL;
}

static void check_semaphore(const struct lc_model *m, const struct lc_task *s, struct lc_diag *diag)
{
    if (s->initially >= 0 && (uint32_t)s->initially != s->multiplicity)
        refuse(diag, s, "of which tokens are taken at the start");
    if (s->replicas > 1 || m->processors[s->processor].replicas > 1)
        refuse(diag, s, "that is replicated");
    for (size_t i = 0; i < s->entry_count; i++)
        if (!is_simple(&m->entries[s->entries[i]]))
            refuse(diag, s, "with calls, second phases, graphs, forwards or arrivals of its own");
    for (size_t e = 0; e < m->entry_count; e++)
        for (size_t f = 0; f < m->entries[e].forward_count; f++)
            if (&m->tasks[m->entries[m->entries[e].forwards[f].entry].task] == s)
                refuse(diag, s, "to which requests are forwarded");
    bool limits = false;
    for (size_t t = 0; t < m->task_count; t++)
        limits |= m->tasks[t].policy_count > 0 || m->tasks[t].queue_length > 0;
    if (limits)
        refuse(diag, s, "beside policies of calls or limited queues");
}

static bool check_user(const struct lc_model *m, const struct lcs_held_step *step, const struct lc_task *s,
                       struct lc_diag *diag)
{
    const struct lc_task *user = &m->tasks[step->task];
    if (user->replicas == 1 && m->processors[user->processor].replicas == 1 && user->fan_in_count == 0 &&
        user->fan_out_count == 0 && user->scheduling != LC_UNIFORM)
        return true;
    refuse(diag, s, "that replicated tasks or those with uniform demands use");
    return false;
}

/* Exactly once, and of semaphores nothing else than the wait and the signal of the section. */
static bool check_calls(const struct lc_model *m, const struct lcs_held_step *step, const struct lc_task *s,
                        struct lc_diag *diag)
{
    const struct lc_activity *a = lcs_held_activity(m, step);
    for (size_t c = 0; c < a->call_count; c++) {
        const struct lc_call *call = &a->calls[c];
        if (semaphore_of(m, call) == NULL)
            continue;
        if ((int)c != step->wait && (int)c != step->signal) {
            refuse(diag, s,
                   "whose section has another semaphore in it, or a second one in the same phase or activity,");
            return false;
        }
        if (!a->deterministic || call->random || call->mean != 1 ||
            ((int)c == step->wait && call->kind != LC_CALL_SYNC)) {
            refuse(diag, s, "that is not called exactly once");
            return false;
        }
    }
    return true;
}

/* ---- sections ---------------------------------------------------------------------------------------------------- */

/* The activity that follows this one and no other, LC_NONE. */
static int activity_behind(const struct lc_model *m, int task, int activity)
{
    const struct lc_task *t = &m->tasks[task];
    for (size_t i = 0; i < t->precedence_count; i++) {
        const struct lc_precedence *p = &t->precedences[i];
        if (p->pre_count == 1 && p->pre[0] == activity && p->join == LC_JOIN_NONE && p->fork == LC_FORK_NONE &&
            p->post_count == 1)
            return p->post[0];
    }
    return LC_NONE;
}

/* The step that runs next without anything seen of it outside; false: there is none. */
static bool step_behind(const struct lc_model *m, struct lcs_held_step *step)
{
    int next = LC_NONE;
    if (step->entry == LC_NONE && lcs_held_activity(m, step)->reply_count == 0)
        next = activity_behind(m, step->task, step->index);
    if (step->entry != LC_NONE && lc_is_source(&m->tasks[step->task]) && m->tasks[step->task].scheduling != LC_OPEN)
        for (int p = LC_PHASES - 1; p > step->index; p--)
            if (m->entries[step->entry].phases[p].present)
                next = p;
    step->index = next;
    step->wait = step->signal = LC_NONE;
    return next != LC_NONE;
}

static void find_signal(const struct lc_model *m, int semaphore, struct lcs_held_step *step)
{
    const struct lc_activity *a = lcs_held_activity(m, step);
    for (size_t c = a->call_count; c-- > (size_t)(step->wait + 1);) {
        const struct lc_entry *to = &m->entries[a->calls[c].entry];
        if (a->calls[c].mean > 0 && to->task == semaphore && to->role == LC_ROLE_SIGNAL)
            step->signal = (int)c;
    }
}

static void find_section(struct lcs_held *h, struct lcs_held_step step, struct lc_diag *diag)
{
    const struct lc_model *m = h->from;
    const int semaphore = m->entries[lcs_held_activity(m, &step)->calls[step.wait].entry].task;
    const struct lc_task *s = &m->tasks[semaphore];
    if (!check_user(m, &step, s, diag))
        return;
    step.section = h->section_count;
    for (size_t i = 0; i <= m->tasks[step.task].activity_count + LC_PHASES; i++) {
        find_signal(m, semaphore, &step);
        if (!check_calls(m, &step, s, diag))
            return;
        LC_GROW(h->steps, h->step_count, h->step_capacity);
        h->steps[h->step_count++] = step;
        if (step.signal != LC_NONE || !step_behind(m, &step))
            break;
    }
    if (step.signal == LC_NONE) {
        refuse(diag, s, "whose token is not given back in the same sequence of phases or activities that took it");
        return;
    }
    LC_GROW(h->sections, h->section_count, h->section_capacity);
    h->sections[h->section_count++] = (struct lcs_held_section){
        semaphore, LC_NONE, lcs_held_activity(m, &step)->calls[step.signal].kind == LC_CALL_ASYNC};
}

static void look_for_wait(struct lcs_held *h, int task, int entry, int index, struct lc_diag *diag)
{
    struct lcs_held_step step = {.task = task,
                                 .entry = entry,
                                 .index = index,
                                 .wait = LC_NONE,
                                 .signal = LC_NONE,
                                 .parts = {LC_NONE, LC_NONE, LC_NONE},
                                 .asks = LC_NONE};
    const struct lc_activity *a = lcs_held_activity(h->from, &step);
    for (size_t c = 0; c < a->call_count && step.wait == LC_NONE; c++)
        if (semaphore_of(h->from, &a->calls[c]) != NULL && h->from->entries[a->calls[c].entry].role == LC_ROLE_WAIT)
            step.wait = (int)c;
    if (step.wait != LC_NONE)
        find_section(h, step, diag);
}

/* Signals of no section. */
static void look_for_signal(const struct lcs_held *h, int task, int entry, int index, struct lc_diag *diag)
{
    const struct lcs_held_step here = {.task = task, .entry = entry, .index = index};
    const struct lc_activity *a = lcs_held_activity(h->from, &here);
    for (size_t c = 0; c < a->call_count; c++) {
        const struct lc_task *s = semaphore_of(h->from, &a->calls[c]);
        if (s == NULL || h->from->entries[a->calls[c].entry].role != LC_ROLE_SIGNAL)
            continue;
        bool known = false;
        for (size_t i = 0; i < h->step_count; i++)
            known |= h->steps[i].task == task && h->steps[i].entry == entry && h->steps[i].index == index &&
                     h->steps[i].signal == (int)c;
        if (!known)
            refuse(diag, s, "whose token is given back by somebody else than who took it");
    }
}

static void look_everywhere(struct lcs_held *h, bool for_waits, struct lc_diag *diag)
{
    const struct lc_model *m = h->from;
    for (size_t e = 0; e < m->entry_count; e++)
        for (int p = 0; p < LC_PHASES && m->entries[e].start == LC_NONE; p++)
            if (for_waits)
                look_for_wait(h, m->entries[e].task, (int)e, p, diag);
            else
                look_for_signal(h, m->entries[e].task, (int)e, p, diag);
    for (size_t t = 0; t < m->task_count; t++)
        for (size_t a = 0; a < m->tasks[t].activity_count; a++)
            if (for_waits)
                look_for_wait(h, (int)t, LC_NONE, (int)a, diag);
            else
                look_for_signal(h, (int)t, LC_NONE, (int)a, diag);
}

/* ---- the model written anew -------------------------------------------------------------------------------------- */

/* A task without a limit that works where this one does, and as urgently. */
static int add_worker(struct lc_model *m, int task)
{
    const int worker = lc_add_task(m, m->tasks[task].name, m->tasks[task].processor);
    m->tasks[worker].scheduling = LC_INF;
    m->tasks[worker].multiplicity = LC_INFINITE;
    m->tasks[worker].priority = m->tasks[task].priority;
    m->tasks[worker].group = m->tasks[task].group;
    m->tasks[worker].place = m->tasks[task].place;
    m->tasks[worker].service = false;
    return worker;
}

static int add_copy(struct lc_model *m, int worker, const struct lc_entry *from)
{
    const int entry = lc_add_entry(m, from->name, worker);
    struct lc_activity *to = &m->entries[entry].phases[0];
    to->present = true;
    to->demand = lci_dist_copy(&from->phases[0].demand);
    to->think = lci_dist_copy(&from->phases[0].think);
    return entry;
}

static void add_lock(struct lcs_held *h, int task)
{
    struct lcs_held_lock *lock = &h->locks[h->lock_count++];
    const struct lc_task *t = &h->from->tasks[task];
    const bool first = h->from->entries[t->entries[0]].role == LC_ROLE_WAIT;
    *lock = (struct lcs_held_lock){.task = task, .wait = t->entries[!first], .signal = t->entries[first]};
    h->model->tasks[task].scheduling = LC_FCFS;
    lock->own = add_worker(h->model, task);
    lock->own_wait = add_copy(h->model, lock->own, &h->from->entries[lock->wait]);
    lock->own_signal = add_copy(h->model, lock->own, &h->from->entries[lock->signal]);
}

/* The calls from `first` on but before `last`, with one slice of the demand more than they are. */
static void add_part(struct lcs_held *h, struct lcs_held_step *step, enum lcs_held_part part, size_t first, size_t last)
{
    const struct lc_activity *a = lcs_held_activity(h->from, step);
    double slices = 1, all = 1;
    for (size_t c = 0; c < a->call_count; c++) {
        all += a->calls[c].mean;
        slices += c >= first && c < last ? a->calls[c].mean : 0;
    }
    const bool thinks = first == 0 && mean_of(&a->think) > 0;
    if (last <= first && !thinks && !(mean_of(&a->demand) > 0))
        return;
    const int worker = add_worker(h->model, step->task);
    const int entry = lc_add_entry(h->model, a->name != NULL ? a->name : h->from->entries[step->entry].name, worker);
    struct lc_activity *to = &h->model->entries[entry].phases[0];
    to->present = true;
    to->deterministic = a->deterministic;
    to->demand = lci_dist_copy(&a->demand);
    if (mean_of(&to->demand) > 0)
        lci_dist_scale(&to->demand, slices / all);
    if (thinks)
        to->think = lci_dist_copy(&a->think);
    for (size_t c = first; c < last; c++)
        lc_add_call(to, a->calls[c].kind, a->calls[c].entry, a->calls[c].mean)->random = a->calls[c].random;
    step->parts[part] = entry;
    step->first[part] = first;
}

static void add_parts(struct lcs_held *h, struct lcs_held_step *step)
{
    const size_t count = lcs_held_activity(h->from, step)->call_count;
    const size_t end = step->signal != LC_NONE ? (size_t)step->signal : count;
    if (step->wait != LC_NONE)
        add_part(h, step, LCS_BEFORE, 0, (size_t)step->wait);
    add_part(h, step, LCS_INSIDE, step->wait != LC_NONE ? (size_t)step->wait + 1 : 0, end);
    if (step->signal != LC_NONE)
        add_part(h, step, LCS_BEHIND, end + 1, count);
}

static void call_once(struct lc_activity *from, int entry)
{
    from->deterministic = true;
    if (entry != LC_NONE)
        lc_add_call(from, LC_CALL_SYNC, entry, 1);
}

static void empty(struct lc_activity *a)
{
    for (size_t c = 0; c < a->call_count; c++)
        free(a->calls[c].comment);
    a->call_count = 0;
    lc_dist_free(&a->demand);
    lc_dist_free(&a->think);
    a->demand = a->think = (struct lc_dist){0};
    a->max_service_time = 0;
}

static void write_step(struct lcs_held *h, struct lcs_held_step *step)
{
    struct lc_activity *a = step->entry != LC_NONE ? &h->model->entries[step->entry].phases[step->index]
                                                   : &h->model->tasks[step->task].activities[step->index];
    empty(a);
    call_once(a, step->parts[LCS_BEFORE]);
    step->asks = step->wait != LC_NONE ? (int)a->call_count : LC_NONE;
    call_once(a, step->wait != LC_NONE ? h->sections[step->section].entry : LC_NONE);
    call_once(a, step->parts[LCS_BEHIND]);
}

static void write_section(struct lcs_held *h, size_t index)
{
    struct lcs_held_section *section = &h->sections[index];
    const struct lcs_held_lock *lock = h->locks;
    while (lock->task != section->semaphore)
        lock++;
    section->entry = lc_add_entry(h->model, h->from->entries[lock->wait].name, section->semaphore);
    struct lc_activity *phases = h->model->entries[section->entry].phases;
    call_once(&phases[0], lock->own_wait);
    for (size_t i = 0; i < h->step_count; i++)
        if (h->steps[i].section == index)
            call_once(&phases[0], h->steps[i].parts[LCS_INSIDE]);
    call_once(&phases[section->async], lock->own_signal);
}

static void write_model(struct lcs_held *h)
{
    for (size_t t = 0; t < h->from->task_count; t++)
        if (h->from->tasks[t].scheduling == LC_SEMAPHORE)
            add_lock(h, (int)t);
    for (size_t i = 0; i < h->step_count; i++)
        add_parts(h, &h->steps[i]);
    for (size_t i = 0; i < h->section_count; i++)
        write_section(h, i);
    for (size_t i = 0; i < h->step_count; i++)
        write_step(h, &h->steps[i]);
}

/* ---- whether a section can wait for its own end ------------------------------------------------------------------ */

static bool mark_calls(const struct lc_model *m, const struct lc_activity *a, bool *below)
{
    bool more = false;
    for (size_t c = 0; c < a->call_count; c++) {
        bool *task = &below[m->entries[a->calls[c].entry].task];
        more |= a->calls[c].mean > 0 && !*task;
        *task |= a->calls[c].mean > 0;
    }
    return more;
}

static bool mark_callees(const struct lc_model *m, const struct lc_task *task, bool *below)
{
    bool more = false;
    for (size_t a = 0; a < task->activity_count; a++)
        more |= mark_calls(m, &task->activities[a], below);
    for (size_t i = 0; i < task->entry_count; i++) {
        const struct lc_entry *e = &m->entries[task->entries[i]];
        for (int p = 0; p < LC_PHASES; p++)
            more |= mark_calls(m, &e->phases[p], below);
        for (size_t f = 0; f < e->forward_count; f++) {
            bool *to = &below[m->entries[e->forwards[f].entry].task];
            more |= !*to;
            *to = true;
        }
    }
    return more;
}

static void check_circles(const struct lcs_held *h, struct lc_diag *diag)
{
    const struct lc_model *m = h->model;
    for (size_t i = 0; i < h->lock_count; i++) {
        bool *below = lc_calloc(m->task_count, sizeof *below);
        bool more = mark_callees(m, &m->tasks[h->locks[i].task], below);
        while (more) {
            more = false;
            for (size_t t = 0; t < m->task_count; t++)
                more |= below[t] && mark_callees(m, &m->tasks[t], below);
        }
        if (below[h->locks[i].task])
            refuse(diag, &h->from->tasks[h->locks[i].task], "whose section calls what waits for the same semaphore");
        free(below);
    }
}

/* ------------------------------------------------------------------------------------------------------------------ */

struct lcs_held *lcs_held_new(const struct lc_model *model, struct lc_diag *diag)
{
    struct lcs_held *h = lc_calloc(1, sizeof *h);
    const size_t before = diag->errors;
    h->from = model;
    h->locks = lc_calloc(model->task_count, sizeof *h->locks);
    for (size_t t = 0; t < model->task_count; t++)
        if (model->tasks[t].scheduling == LC_SEMAPHORE)
            check_semaphore(model, &model->tasks[t], diag);
    if (diag->errors == before)
        look_everywhere(h, true, diag);
    if (diag->errors == before)
        look_everywhere(h, false, diag);
    if (diag->errors == before) {
        h->model = lc_model_copy(model);
        write_model(h);
        check_circles(h, diag);
    }
    if (diag->errors == before)
        return h;
    lcs_held_free(h);
    return NULL;
}

void lcs_held_free(struct lcs_held *h)
{
    if (h == NULL)
        return;
    lc_model_free(h->model);
    free(h->locks);
    free(h->sections);
    free(h->steps);
    free(h);
}
