/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/lqn_fit.h"
#include "base/text.h"
#include "model/dist/dist.h"
#include "model/lqn.h"
#include "model/pattern.h"

#include "format/lqn_build.h"
#include "format/lqn_dropped.h"
#include "format/lqn_layers.h"
#include "format/lqn_unsolved.h"
#include "format/lqn_words.h"

#include "edit/edit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEVERAL = -2 };

/* ---- open sources ------------------------------------------------------------------------------------------------ */

static bool is_poisson(const struct lc_dist *arrivals)
{
    return arrivals->family != NULL && strcmp(arrivals->family->name, "exponential") == 0 && arrivals->shift == 0;
}

/* The entry that this one only passes its arrivals on to (one synchronous call and nothing else), or LC_NONE. */
static int passes_on_to(const struct lc_entry *e)
{
    const struct lc_activity *p = &e->phases[0];
    if (e->start != LC_NONE || e->phases[1].present || e->phases[2].present || e->forward_count > 0 ||
        p->call_count != 1 || p->calls[0].kind != LC_CALL_SYNC || p->calls[0].mean != 1 || !p->deterministic ||
        p->demand.family != NULL || p->think.family != NULL || p->max_service_time > 0 || p->histogram.bins > 0)
        return LC_NONE;
    return p->calls[0].entry;
}

static void count_callers(const struct lc_activity *a, int *callers)
{
    for (size_t i = 0; i < a->call_count; i++)
        if (a->calls[i].kind == LC_CALL_SYNC)
            callers[a->calls[i].entry]++;
}

/* How many calls and forwardings bring synchronous requests to each entry. Owned by the caller. */
static int *synchronous_callers(const struct lc_model *m)
{
    int *callers = lc_calloc(m->entry_count, sizeof *callers);
    for (size_t e = 0; e < m->entry_count; e++) {
        for (int p = 0; p < LC_PHASES; p++)
            count_callers(&m->entries[e].phases[p], callers);
        for (size_t f = 0; f < m->entries[e].forward_count; f++)
            callers[m->entries[e].forwards[f].entry]++;
    }
    for (size_t t = 0; t < m->task_count; t++)
        for (size_t a = 0; a < m->tasks[t].activity_count; a++)
            count_callers(&m->tasks[t].activities[a], callers);
    return callers;
}

/* Part of the task's arrivals that go to its entry number `i`. */
static double part(const struct lc_model *m, const struct lc_task *t, size_t i)
{
    double sum = 0;
    for (size_t k = 0; k < t->entry_count; k++)
        sum += m->entries[t->entries[k]].probability;
    return sum > 0 ? m->entries[t->entries[i]].probability / sum : 1.0 / (double)t->entry_count;
}

/* How many of the synchronous callers of `entry` are pure open sources like this one. */
static int open_callers(const struct lc_model *m, int entry)
{
    int count = 0;
    for (size_t e = 0; e < m->entry_count; e++)
        if (m->tasks[m->entries[e].task].scheduling == LC_OPEN && passes_on_to(&m->entries[e]) == entry)
            count++;
    return count;
}

/* An open source all of whose entries only pass on, to entries without other synchronous callers, is a rate of arrivals
 * there and needs no task. */
static bool is_rate(const struct lc_model *m, const struct lc_task *t, const int *callers)
{
    for (size_t i = 0; i < t->entry_count; i++) {
        const int to = passes_on_to(&m->entries[t->entries[i]]);
        if (to == LC_NONE || callers[to] != open_callers(m, to) || m->tasks[m->entries[to].task].scheduling == LC_OPEN)
            return false;
        if (m->entries[to].start != LC_NONE) /* its graph replies, which LQNS refuses where nobody waits */
            return false;
    }
    return t->replicas == 1;
}

/* Steps of sessions become requests that do not depend on each other, as often as before. */
static void fit_session(struct lc_model *m, struct lc_task *t, struct lc_diag *diag)
{
    if (!lc_is_source(t) || !lci_is_session(m, t))
        return;
    double *visits = lc_calloc(t->entry_count, sizeof *visits), steps = 0, pauses = 0;
    lci_session_visits(m, t, visits);
    for (size_t i = 0; i < t->entry_count; i++) {
        struct lc_entry *e = &m->entries[t->entries[i]];
        steps += visits[i];
        pauses += e->pause.family != NULL ? visits[i] * lc_dist_mean(&e->pause) : 0;
        e->next_count = 0;
        lc_dist_free(&e->pause);
    }
    for (size_t i = 0; i < t->entry_count; i++)
        m->entries[t->entries[i]].probability = visits[i] / steps;
    free(visits);
    lc_warn(diag, &t->place, "the sessions of '%s' become single requests, as many as before", t->name);
    if (t->scheduling == LC_OPEN) {
        lci_dist_scale(&t->arrivals, 1 / steps);
        return;
    }
    const double think = (t->think_time.family != NULL ? lc_dist_mean(&t->think_time) : 0) + pauses;
    lc_dist_free(&t->think_time);
    if (think > 0)
        t->think_time = lc_dist_exponential(think / steps);
}

/* The binding of the number at `at`, or LC_NONE. */
static long bound(struct lc_model *m, enum lci_slot_kind kind, const void *at)
{
    struct lci_slot slot;
    for (size_t i = 0; i < m->binding_count; i++)
        if (lci_path_slot(m, m->bindings[i].path, &slot) && slot.at == at && slot.kind == kind)
            return (long)i;
    return LC_NONE;
}

/* Where a parameter gives the rate of a source (binding `from`), an entry's open rate becomes its part of that; what
 * several sources send to it is their sum. `before` is the rate that the entry had without it. */
static void bind_share(struct lc_model *m, const char *expression, double factor, double before, int entry)
{
    char number[32], *sum = NULL;
    const long there = bound(m, LCI_REAL, &m->entries[entry].open_rate);
    char *own =
        factor == 1 ? lc_strdup(expression) : lc_format("(%s) * %s", expression, lci_number_text(factor, number));
    if (there != LC_NONE)
        sum = lc_format("%s + %s", m->bindings[there].expression, own);
    else if (before > 0)
        sum = lc_format("%s + %s", lci_number_text(before, number), own);
    if (sum != NULL) {
        free(own);
        own = sum;
    }
    if (there != LC_NONE) {
        free(m->bindings[there].expression);
        m->bindings[there].expression = own;
        return;
    }
    LC_GROW(m->bindings, m->binding_count, m->binding_capacity);
    m->bindings[m->binding_count++] = (struct lc_binding){
        .path = lci_build_path(m, (struct lci_owner){LCI_OWNER_ENTRY, entry, LC_NONE}, "open_rate"), .expression = own};
}

static void drop_binding(struct lc_model *m, long binding)
{
    free(m->bindings[binding].path);
    free(m->bindings[binding].expression);
    m->binding_count--;
    for (size_t i = (size_t)binding; i < m->binding_count; i++)
        m->bindings[i] = m->bindings[i + 1];
}

static void fit_source(struct lci_lqn_fitted *f, size_t task, const int *callers, struct lc_diag *diag)
{
    struct lc_model *m = f->model;
    struct lc_task *t = &m->tasks[task];
    const double rate = lci_pattern_batch(&t->pattern) / lc_dist_mean(&t->arrivals);
    if (!is_poisson(&t->arrivals) || t->pattern.kind != LC_PATTERN_NONE || lci_pattern_is_batch(&t->pattern))
        lc_warn(diag, &t->place, "the arrivals of '%s' become Poisson ones of the same rate", t->name);
    f->hidden_task[task] = is_rate(m, t, callers);
    const long binding = bound(m, LCI_ARRIVALS, &t->arrivals);
    char *expression = binding != LC_NONE ? lc_strdup(m->bindings[binding].expression) : NULL;
    for (size_t i = 0; i < t->entry_count; i++) {
        const double share = rate * part(m, t, i);
        int to = t->entries[i];
        if (f->hidden_task[task]) {
            to = passes_on_to(&m->entries[to]);
            f->source[to] = f->source[to] == LC_NONE ? (int)task : SEVERAL;
        }
        const double before = m->entries[to].open_rate;
        const long there = bound(m, LCI_REAL, &m->entries[to].open_rate);
        m->entries[to].open_rate += share;
        char number[32];
        if (expression != NULL)
            bind_share(m, expression, share * lc_dist_mean(&t->arrivals), before, to);
        else if (there != LC_NONE)
            bind_share(m, lci_number_text(share, number), 1, before, to);
    }
    if (expression != NULL)
        drop_binding(m, binding);
    free(expression);
    if (f->hidden_task[task]) {
        lc_warn(diag, &t->place, "the open source '%s' becomes the open arrival rate of the entries that it calls",
                t->name);
        return;
    }
    lc_warn(diag, &t->place, "the open source '%s' becomes a task without limit whose entries have open arrivals",
            t->name);
}

/* The tasks that stay become infinite servers; this waits until no source is recognised by its scheduling any more. */
static void fit_sources(struct lci_lqn_fitted *f, struct lc_diag *diag)
{
    struct lc_model *m = f->model;
    int *callers = synchronous_callers(m);
    for (size_t t = 0; t < m->task_count; t++)
        if (m->tasks[t].scheduling == LC_OPEN)
            fit_source(f, t, callers, diag);
    for (size_t i = 0; i < m->task_count; i++) {
        struct lc_task *t = &m->tasks[i];
        if (t->pattern.kind == LC_PATTERN_USERS)
            lc_warn(diag, &t->place, "the users of '%s' become as many all the time as it has at the most, %u", t->name,
                    t->multiplicity);
        lci_pattern_free(&t->pattern);
        if (t->scheduling != LC_OPEN || f->hidden_task[i])
            continue;
        t->scheduling = LC_INF;
        t->multiplicity = LC_INFINITE;
        lc_dist_free(&t->arrivals);
        for (size_t k = 0; k < t->entry_count; k++)
            m->entries[t->entries[k]].probability = 0;
    }
    free(callers);
}

/* ---- replicas ---------------------------------------------------------------------------------------------------- */

static void set_fan(struct lc_fan **list, size_t *count, int task, uint32_t value)
{
    for (size_t i = 0; i < *count; i++)
        if ((*list)[i].task == task) {
            (*list)[i].value = value;
            return;
        }
    *list = lc_realloc(*list, *count + 1, sizeof **list);
    (*list)[(*count)++] = (struct lc_fan){task, value};
}

/* Calls of the activity to entries of `task` are spread evenly. Returns whether there was any. */
static bool spread_calls(const struct lc_model *m, struct lc_activity *a, int task, uint32_t over)
{
    bool any = false;
    for (size_t i = 0; i < a->call_count; i++)
        if (m->entries[a->calls[i].entry].task == task) {
            a->calls[i].mean /= over;
            a->deterministic = a->deterministic && over == 1;
            any = true;
        }
    return any;
}

/* Does the caller call the task? Then each of the task's replicas gets its part of the calls: this is what random
 * choice comes to. */
static bool spread_caller(struct lc_model *m, size_t from, size_t task)
{
    struct lc_task *caller = &m->tasks[from], *t = &m->tasks[task];
    bool any = false;
    for (size_t i = 0; i < caller->entry_count; i++)
        for (int p = 0; p < LC_PHASES; p++)
            any |= spread_calls(m, &m->entries[caller->entries[i]].phases[p], (int)task, t->replicas);
    for (size_t i = 0; i < caller->activity_count; i++)
        any |= spread_calls(m, &caller->activities[i], (int)task, t->replicas);
    if (!any)
        return false;
    set_fan(&caller->fan_out, &caller->fan_out_count, (int)task, t->replicas);
    set_fan(&t->fan_in, &t->fan_in_count, (int)from, caller->replicas);
    return true;
}

static void fit_random_choice(struct lc_model *m, size_t task)
{
    for (size_t c = 0; c < m->task_count; c++)
        spread_caller(m, c, task);
}

static void drop_fan(struct lc_fan *list, size_t *count, int task)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if (list[i].task != task)
            list[kept++] = list[i];
    *count = kept;
}

/* Multiplicity of all replicas together. */
static uint32_t product(uint32_t multiplicity, uint32_t replicas)
{
    uint32_t all;
    if (multiplicity == LC_INFINITE || __builtin_mul_overflow(multiplicity, replicas, &all))
        return LC_INFINITE;
    return all;
}

static bool calls_task(const struct lc_model *m, const struct lc_activity *a, size_t task)
{
    for (size_t i = 0; i < a->call_count; i++)
        if (m->entries[a->calls[i].entry].task == (int)task)
            return true;
    return false;
}

static bool task_calls(const struct lc_model *m, size_t from, size_t task)
{
    const struct lc_task *t = &m->tasks[from];
    bool any = false;
    for (size_t a = 0; a < t->activity_count; a++)
        any = any || calls_task(m, &t->activities[a], task);
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lc_entry *e = &m->entries[t->entries[i]];
        for (int p = 0; p < LC_PHASES; p++)
            any = any || calls_task(m, &e->phases[p], task);
        for (size_t f = 0; f < e->forward_count; f++)
            any = any || m->entries[e->forwards[f].entry].task == (int)task;
    }
    return any;
}

/* Does each replica of `owner` have one of `task` for itself, as with pools of connections? */
static bool is_paired(const struct lc_model *m, size_t owner, size_t task)
{
    const struct lc_task *o = &m->tasks[owner], *t = &m->tasks[task];
    if (task == owner || t->replicas != o->replicas || t->balance != LC_BALANCE_FAN || !task_calls(m, owner, task))
        return false;
    for (size_t i = 0; i < m->task_count; i++)
        if (i != owner && task_calls(m, i, task))
            return false;
    return true;
}

/* One task with the threads of all its replicas. */
static void merge_replicas(struct lc_model *m, size_t task, struct lc_diag *diag)
{
    struct lc_task *t = &m->tasks[task];
    struct lc_processor *p = &m->processors[t->processor];
    size_t neighbours = 0;
    for (size_t i = 0; i < m->task_count; i++)
        neighbours += i != task && m->tasks[i].processor == t->processor;
    t->multiplicity = product(t->multiplicity, t->replicas);
    if (neighbours > 0 && p->replicas > 1)
        lc_warn(diag, &p->place, "the %u copies of processor '%s' become one with all their servers, as '%s' needs it",
                p->replicas, p->name, t->name);
    p->multiplicity = product(p->multiplicity, p->replicas);
    p->replicas = 1;
    t->replicas = 1;
    t->fan_in_count = t->fan_out_count = 0;
    for (size_t i = 0; i < m->task_count; i++) {
        drop_fan(m->tasks[i].fan_in, &m->tasks[i].fan_in_count, (int)task);
        drop_fan(m->tasks[i].fan_out, &m->tasks[i].fan_out_count, (int)task);
    }
}

/* One queue for all replicas, and with it what each of them has for itself. */
static void fit_shared_queue(struct lc_model *m, size_t task, struct lc_diag *diag)
{
    for (size_t i = 0; i < m->task_count; i++)
        if (is_paired(m, task, i)) {
            lc_warn(diag, &m->tasks[i].place,
                    "the replicas of '%s', one for each of '%s', become one task with all their threads",
                    m->tasks[i].name, m->tasks[task].name);
            merge_replicas(m, i, diag);
        }
    merge_replicas(m, task, diag);
}

static void fit_replicas(struct lc_model *m, size_t task, struct lc_diag *diag)
{
    struct lc_task *t = &m->tasks[task];
    const enum lc_balance balance = t->balance;
    t->balance = LC_BALANCE_FAN;
    if (t->replicas == 1 || balance == LC_BALANCE_FAN)
        return;
    if (balance == LC_BALANCE_SHARED) {
        lc_warn(diag, &t->place, "the replicas of '%s', which share one queue, become one task with all their threads",
                t->name);
        fit_shared_queue(m, task, diag);
        return;
    }
    if (balance == LC_BALANCE_RANDOM)
        lc_warn(diag, &t->place, "the random choice among the replicas of '%s' becomes calls to each of them", t->name);
    else
        lc_warn(diag, &t->place, "balance: %s of '%s' cannot be said; requests choose a replica at random",
                lc_balance_name(balance), t->name);
    fit_random_choice(m, task);
}

static uint32_t fan_of(const struct lc_fan *list, size_t count, int task)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].task == task)
            return list[i].value;
    return 0;
}

/* LQNS takes a fan that is not set for 1 and wants R(source) × fan-out = R(destination) × fan-in. */
static void fit_fans(struct lc_model *m, size_t from, size_t to, struct lc_diag *diag)
{
    struct lc_task *s = &m->tasks[from], *d = &m->tasks[to];
    const uint32_t out = fan_of(s->fan_out, s->fan_out_count, (int)to);
    const uint32_t in = fan_of(d->fan_in, d->fan_in_count, (int)from);
    if (out > 0 && in == 0)
        set_fan(&d->fan_in, &d->fan_in_count, (int)from, s->replicas * out / d->replicas);
    else if (in > 0 && out == 0)
        set_fan(&s->fan_out, &s->fan_out_count, (int)to, d->replicas * in / s->replicas);
    else if (in == 0 && s->replicas != d->replicas && spread_caller(m, from, to) && d->replicas > 1)
        lc_warn(diag, &s->place, "'%s' (replicas: %u) shares its requests out evenly among the %u replicas of '%s'",
                s->name, s->replicas, d->replicas, d->name);
}

/* ---- distributions ----------------------------------------------------------------------------------------------- */

/* What became a mean (and a squared variation): learned models have hundreds of each, which one message tells. */
struct replaced {
    const char *family; /* of demands; NULL: think times */
    char *first;        /* name of the first one; owned */
    struct lc_place place;
    double cv2; /* of the first one */
    size_t count;
};
struct tally {
    struct replaced *replaced;
    size_t count, capacity;
    struct lc_diag *diag;
};

static void tell(struct tally *tally, const char *family, const char *name, const struct lc_place *place, double cv2)
{
    size_t i = 0;
    while (i < tally->count && tally->replaced[i].family != family)
        i++;
    if (i == tally->count) {
        LC_GROW(tally->replaced, tally->count, tally->capacity);
        tally->replaced[tally->count++] = (struct replaced){family, lc_strdup(name), *place, cv2, 0};
    }
    tally->replaced[i].count++;
}

static void tally_end(struct tally *tally)
{
    for (size_t i = 0; i < tally->count; i++) {
        struct replaced *t = &tally->replaced[i];
        char number[32], others[64] = "";
        if (t->count > 1)
            snprintf(others, sizeof others, " and %zu other%s", t->count - 1, t->count > 2 ? "s" : "");
        if (t->family == NULL)
            lc_warn(tally->diag, &t->place, "the think time of '%s'%s becomes exponential with the same mean", t->first,
                    others);
        else if (t->count == 1)
            lc_warn(tally->diag, &t->place, "the %s demand of '%s' is written as its mean and its squared variation %s",
                    t->family, t->first, lci_number_text(t->cv2, number));
        else
            lc_warn(tally->diag, &t->place,
                    "the %s demands of '%s'%s are written as means and squared variations, with the distribution as a "
                    "comment",
                    t->family, t->first, others);
        free(t->first);
    }
    free(tally->replaced);
}

/* A delay, of which LQN files know the mean; they take it for exponential. */
static void fit_delay(struct lc_dist *delay, const char *name, const struct lc_place *place, struct tally *tally)
{
    if (delay->family == NULL || is_poisson(delay))
        return;
    const double mean = lc_dist_mean(delay);
    tell(tally, NULL, name, place, 1);
    lc_dist_free(delay);
    *delay = lci_demand(mean, 1);
}

static void fit_activity(struct lc_activity *a, const char *name, struct tally *tally)
{
    double mean, cv2;
    fit_delay(&a->think, name, &a->place, tally);
    if (lci_demand_parts(&a->demand, &mean, &cv2))
        return;
    tell(tally, a->demand.family->name, name, &a->place, cv2);
    char *exact = lc_dist_text(&a->demand, ""), *comment = a->comment;
    a->comment = comment == NULL ? lc_format("demand: %s", exact) : lc_format("%s; demand: %s", comment, exact);
    free(comment);
    free(exact);
    lc_dist_free(&a->demand);
    a->demand = isfinite(mean) && isfinite(cv2) ? lci_demand(mean, cv2) : (struct lc_dist){0};
    if (a->demand.family == NULL)
        lc_error(tally->diag, LC_INPUT, &a->place,
                 "the demand of '%s' has no finite mean and variance, which LQN files need", name);
}

static void fit_distributions(struct lc_model *m, struct lc_diag *diag)
{
    struct tally tally = {.diag = diag};
    for (size_t t = 0; t < m->task_count; t++) {
        fit_delay(&m->tasks[t].think_time, m->tasks[t].name, &m->tasks[t].place, &tally);
        for (size_t a = 0; a < m->tasks[t].activity_count; a++)
            fit_activity(&m->tasks[t].activities[a], m->tasks[t].activities[a].name, &tally);
    }
    for (size_t e = 0; e < m->entry_count; e++) {
        struct lc_entry *entry = &m->entries[e];
        for (int p = 0; p < LC_PHASES; p++)
            fit_activity(&entry->phases[p], entry->name, &tally);
        if (entry->open_arrivals.family == NULL)
            continue;
        if (!is_poisson(&entry->open_arrivals))
            lc_warn(diag, &entry->place, "the open arrivals of '%s' become Poisson ones of the same rate", entry->name);
        entry->open_rate = 1 / lc_dist_mean(&entry->open_arrivals);
        lc_dist_free(&entry->open_arrivals);
    }
    tally_end(&tally);
}

/* ---- processors -------------------------------------------------------------------------------------------------- */

/* The smallest positive mean demand on the processor; 1 if there is none. */
static double smallest_demand(const struct lc_model *m, int processor)
{
    double smallest = INFINITY;
    for (size_t e = 0; e < m->entry_count; e++)
        for (int p = 0; p < LC_PHASES; p++)
            if (m->tasks[m->entries[e].task].processor == processor && m->entries[e].phases[p].demand.family != NULL)
                smallest = fmin(smallest, lc_dist_mean(&m->entries[e].phases[p].demand));
    for (size_t t = 0; t < m->task_count; t++)
        for (size_t a = 0; a < m->tasks[t].activity_count && m->tasks[t].processor == processor; a++)
            if (m->tasks[t].activities[a].demand.family != NULL)
                smallest = fmin(smallest, lc_dist_mean(&m->tasks[t].activities[a].demand));
    return isfinite(smallest) && smallest > 0 ? smallest : 1;
}

/* LQNS shares a processor by quanta only, and wants one. */
static void fit_discipline(struct lc_model *m, size_t processor, struct lc_diag *diag)
{
    struct lc_processor *p = &m->processors[processor];
    if (p->scheduling != LC_LCFS && lci_lqnx_scheduling(p->scheduling) != NULL)
        return;
    lc_warn(diag, &p->place, "the processor '%s' becomes fcfs: LQNS has no '%s'", p->name,
            lc_scheduling_name(p->scheduling));
    p->scheduling = LC_FCFS;
}

static void fit_quantum(struct lc_model *m, size_t processor, struct lc_diag *diag)
{
    struct lc_processor *p = &m->processors[processor];
    if (p->scheduling != LC_PS || p->quantum > 0)
        return;
    char number[32];
    snprintf(number, sizeof number, "%.1g", 0.01 * smallest_demand(m, (int)processor));
    p->quantum = strtod(number, NULL);
    lc_warn(diag, &p->place, "the processor '%s' gets the quantum %s: LQNS shares processors by quanta only", p->name,
            number);
}

/* ---- branches ---------------------------------------------------------------------------------------------------- */

/* LQNS adds the probabilities of an or-fork up in the order of the file, and takes a sum below 1 for a path without a
 * reply: six times 1/6 is such a one. The likeliest branch gets the rounding, a few units in its last place. */
static void fit_branches(struct lc_precedence *p)
{
    enum { TRIES = 64 };
    for (int i = 0; i < TRIES && p->fork == LC_FORK_OR; i++) {
        double sum = 0;
        size_t likeliest = 0;
        for (size_t k = 0; k < p->post_count; k++) {
            sum += p->weights[k];
            likeliest = p->weights[k] > p->weights[likeliest] ? k : likeliest;
        }
        if (sum >= 1 || sum < 1 - 1e-12)
            return;
        p->weights[likeliest] = fmax(p->weights[likeliest] + (1 - sum), nextafter(p->weights[likeliest], 2));
    }
}

/* ---- what does nothing ------------------------------------------------------------------------------------------- */

/* LQNS 6 refuses what has neither demand nor calls, though it means something: a fork, a reply, a delay. */
static void fit_nothing(struct lc_activity *a)
{
    double mean, cv2, calls = 0;
    for (size_t i = 0; i < a->call_count; i++)
        calls += a->calls[i].mean;
    lci_demand_parts(&a->demand, &mean, &cv2);
    if (mean > 0 || calls > 0)
        return;
    lc_dist_free(&a->demand);
    a->demand = lc_dist_exponential(LCI_NOTHING);
}

static void fit_empty(struct lc_model *m, struct lc_diag *diag)
{
    for (size_t t = 0; t < m->task_count; t++) {
        for (size_t a = 0; a < m->tasks[t].activity_count; a++)
            fit_nothing(&m->tasks[t].activities[a]);
        for (size_t p = 0; p < m->tasks[t].precedence_count; p++)
            fit_branches(&m->tasks[t].precedences[p]);
    }
    for (size_t e = 0; e < m->entry_count; e++) {
        bool present = m->entries[e].start != LC_NONE;
        for (int p = 0; p < LC_PHASES; p++) {
            if (m->entries[e].phases[p].present)
                fit_nothing(&m->entries[e].phases[p]);
            present = present || m->entries[e].phases[p].present;
        }
        if (!present)
            lc_warn(diag, &m->entries[e].place, "LQNS 6 refuses the entry '%s', which has neither demand nor calls",
                    m->entries[e].name);
    }
}

/* ---- load -------------------------------------------------------------------------------------------------------- */

static bool has_load(const struct lc_model *m)
{
    for (size_t t = 0; t < m->task_count; t++)
        if (lc_is_source(&m->tasks[t]))
            return true;
    for (size_t e = 0; e < m->entry_count; e++)
        if (m->entries[e].open_rate > 0 || m->entries[e].open_arrivals.family != NULL)
            return true;
    return false;
}

static bool answers(const struct lc_model *m, int entry)
{
    const struct lc_entry *e = &m->entries[entry];
    const struct lc_task *t = &m->tasks[e->task];
    bool replies = e->start == LC_NONE;
    for (size_t a = 0; a < t->activity_count; a++)
        for (size_t r = 0; r < t->activities[a].reply_count; r++)
            replies = replies || t->activities[a].replies[r] == entry;
    return replies && e->role == LC_ROLE_NONE;
}

static void count_messages(const struct lc_activity *a, int *callers)
{
    for (size_t i = 0; i < a->call_count; i++)
        if (a->calls[i].kind == LC_CALL_ASYNC)
            callers[a->calls[i].entry]++;
}

static char *free_name(const struct lc_model *m, const char *wanted)
{
    char *name = lc_strdup(wanted);
    while (lc_find_task(m, name) != LC_NONE || lc_find_processor(m, name) != LC_NONE ||
           lc_find_entry(m, name) != LC_NONE) {
        char *longer = lc_format("%s_", name);
        free(name);
        name = longer;
    }
    return name;
}

/* LQNS refuses a model without load: learned ones have none. One customer, who asks for every entry that nobody calls,
 * one after the other, is the least that there can be. */
static void add_customer(struct lc_model *m, struct lc_diag *diag)
{
    if (has_load(m))
        return;
    int *callers = synchronous_callers(m), entry = LC_NONE;
    const size_t entries = m->entry_count;
    for (size_t e = 0; e < entries; e++)
        for (int p = 0; p < LC_PHASES; p++)
            count_messages(&m->entries[e].phases[p], callers);
    for (size_t t = 0; t < m->task_count; t++)
        for (size_t a = 0; a < m->tasks[t].activity_count; a++)
            count_messages(&m->tasks[t].activities[a], callers);
    for (size_t e = 0; e < entries; e++) {
        if (callers[e] > 0 || !answers(m, (int)e))
            continue;
        if (entry == LC_NONE) {
            char *name = free_name(m, "customer");
            const int processor = lc_add_processor(m, name), task = lc_add_task(m, name, processor);
            m->processors[processor].scheduling = LC_INF;
            m->processors[processor].multiplicity = LC_INFINITE;
            m->tasks[task].scheduling = LC_REF;
            entry = lc_add_entry(m, name, task);
            m->entries[entry].phases[0].deterministic = true;
            lc_warn(diag, NULL,
                    "nothing makes load, which LQNS refuses; one customer, '%s', is added, who asks for each entry "
                    "that nobody calls, one after the other",
                    name);
            free(name);
        }
        lc_add_call(&m->entries[entry].phases[0], LC_CALL_SYNC, (int)e, 1);
    }
    free(callers);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

/* The calls of a phase are all exact and in order, or all random. Returns whether they were mixed. */
static bool fit_calls(struct lc_activity *a)
{
    if (!lci_mixes_calls(a))
        return false;
    a->deterministic = false;
    for (size_t i = 0; i < a->call_count; i++)
        a->calls[i].random = false;
    return true;
}

static void fit_all_calls(struct lc_model *m, const struct lc_task *t, struct lc_diag *diag)
{
    bool mixed = false;
    for (size_t i = 0; i < t->entry_count; i++)
        for (int p = 0; p < LC_PHASES; p++)
            mixed = fit_calls(&m->entries[t->entries[i]].phases[p]) || mixed;
    for (size_t i = 0; i < t->activity_count; i++)
        mixed = fit_calls(&t->activities[i]) || mixed;
    if (mixed)
        lc_warn(
            diag, &t->place,
            "task '%s' makes some calls exactly and some a random number of times in one phase; in LQN files all of "
            "these are random, with the same means",
            t->name);
}

static void fit_task(struct lc_model *m, size_t task, struct lc_diag *diag)
{
    struct lc_task *t = &m->tasks[task];
    fit_replicas(m, task, diag);
    if (t->overflow != LC_OVERFLOW_DROP && t->queue_length > 0)
        lc_warn(diag, &t->place, "a full queue of '%s' drops asynchronous requests; %s cannot be said", t->name,
                t->overflow == LC_OVERFLOW_BLOCK ? "blocking" : "rejecting");
    t->overflow = LC_OVERFLOW_DROP;
    if (t->multiplicity == LC_INFINITE && t->scheduling == LC_FCFS) /* the same, and LQNS does not warn */
        t->scheduling = LC_INF;
    lci_warn_dropped(t, diag);
    fit_all_calls(m, t, diag);
}

/* One warning for all: models that are learned have many. */
static void fit_services(struct lc_model *m, struct lc_diag *diag)
{
    const struct lc_task *first = NULL;
    size_t count = 0;
    for (size_t t = 0; t < m->task_count; t++) {
        if (!m->tasks[t].service && count++ == 0)
            first = &m->tasks[t];
        m->tasks[t].service = true;
    }
    if (count > 0)
        lc_warn(diag, &first->place, "LQN files do not tell helpers from services ('service: false' of '%s'%s)",
                first->name, count > 1 ? " and others" : "");
}

struct lci_lqn_fitted lci_lqn_fit(const struct lc_model *model, bool results, struct lc_diag *diag)
{
    struct lci_lqn_fitted f = {.model = lc_model_copy(model)};
    struct lc_model *m = f.model;
    if (results) { /* of numbers: LQNS takes no parameters beside them */
        lci_forget_parameters(m);
    } else {
        lci_lqn_split_cycles(m, diag);
        add_customer(m, diag);
    }
    f.hidden_task = lc_calloc(m->task_count, sizeof *f.hidden_task);
    f.hidden_processor = lc_calloc(m->processor_count, sizeof *f.hidden_processor);
    f.source = lc_alloc(m->entry_count * sizeof *f.source);
    for (size_t e = 0; e < m->entry_count; e++)
        f.source[e] = LC_NONE;
    for (size_t t = 0; t < m->task_count; t++)
        fit_session(m, &m->tasks[t], diag);
    lci_drop_sizes(m, diag);
    lci_drop_lasts(m, diag);
    fit_distributions(m, diag);
    for (size_t t = 0; t < m->task_count; t++)
        fit_task(m, t, diag);
    for (size_t s = 0; s < m->task_count; s++)
        for (size_t d = 0; d < m->task_count; d++)
            fit_fans(m, s, d, diag);
    fit_services(m, diag);
    fit_sources(&f, diag);
    for (size_t p = 0; p < m->processor_count; p++)
        fit_discipline(m, p, diag), fit_quantum(m, p, diag);
    for (size_t p = 0; p < m->processor_count; p++) {
        size_t tasks = 0, hidden = 0;
        for (size_t t = 0; t < m->task_count; t++)
            if (m->tasks[t].processor == (int)p) {
                tasks++;
                hidden += f.hidden_task[t];
            }
        f.hidden_processor[p] = tasks > 0 && tasks == hidden;
    }
    if (m->time_unit != NULL && strcmp(m->time_unit, "s") != 0)
        lc_warn(diag, NULL, "the unit of time (%s) is not kept: LQN files have none", m->time_unit);
    fit_empty(m, diag);
    if (!results)
        lci_note_unsolved(m, diag);
    return f;
}

void lci_fitted_free(struct lci_lqn_fitted *f)
{
    lc_model_free(f->model);
    free(f->hidden_task);
    free(f->hidden_processor);
    free(f->source);
}
