/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Processors, groups, tasks and settings, each by itself. */
#include "base/names.h"
#include "base/text.h"
#include "base/utf8.h"
#include "check/check.h"
#include "model/dist/dist.h"
#include "model/lqn.h"
#include "model/pattern.h"
#include "model/traffic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_NAME 10000

static void check_name(struct lci_check *c, struct lci_names *names, const char *kind, const char *name, int index,
                       const struct lc_place *place)
{
    if (*name == 0)
        LCI_WRONG(c, place, "a %s has an empty name; every one needs a name", kind);
    else if (!lci_utf8_valid(name))
        LCI_WRONG(c, place, "the name of a %s is not UTF-8", kind);
    else if (strlen(name) > LONGEST_NAME)
        LCI_WRONG(c, place, "the name of a %s is longer than %d bytes", kind, LONGEST_NAME);
    if (names == NULL)
        return;
    if (lci_names_find(names, name) != LC_NONE)
        LCI_WRONG(c, place, "there are two of the name '%s' (%s); names are unique", name, kind);
    else
        lci_names_add(names, name, index);
}

/* ---- processors and groups --------------------------------------------------------------------------------------- */

static void check_quantum(struct lci_check *c, const struct lc_processor *p)
{
    if (!(p->quantum >= 0) || isinf(p->quantum))
        LCI_WRONG(c, &p->place, "processor '%s': a quantum of %g; expected a time above 0", p->name, p->quantum);
    else if (p->scheduling == LC_CFS && p->quantum == 0)
        LCI_WRONG(c, &p->place, "processor '%s' shares fairly (cfs) without a quantum; it needs one, its period",
                  p->name);
    else if (p->quantum > 0 && p->scheduling != LC_CFS && p->scheduling != LC_PS)
        lc_warn(c->diag, &p->place, "processor '%s': the quantum is ignored, because '%s' has no use for it", p->name,
                lc_scheduling_name(p->scheduling));
}

static void check_processor(struct lci_check *c, const struct lc_processor *p)
{
    if (!lc_is_discipline(p->scheduling))
        LCI_WRONG(c, &p->place, "processor '%s' has the scheduling '%s' of tasks; expected one of %s", p->name,
                  lc_scheduling_name(p->scheduling), lci_discipline_words());
    if (p->multiplicity == 0)
        LCI_WRONG(c, &p->place, "processor '%s' has a multiplicity of 0; expected 1 or more", p->name);
    else if (p->scheduling == LC_INF && p->multiplicity != LC_INFINITE && p->multiplicity > 1)
        lc_warn(c->diag, &p->place, "processor '%s' has no limit (inf); its multiplicity of %u is ignored", p->name,
                p->multiplicity);
    else if (p->scheduling != LC_INF && p->multiplicity == LC_INFINITE)
        lc_warn(c->diag, &p->place, "processor '%s' has infinitely many servers; '%s' is taken for inf", p->name,
                lc_scheduling_name(p->scheduling));
    if (p->replicas == 0 || p->replicas == LC_INFINITE)
        LCI_WRONG(c, &p->place, "processor '%s' needs a finite number of replicas, 1 or more", p->name);
    if (!(p->speed > 0) || isinf(p->speed))
        LCI_WRONG(c, &p->place, "processor '%s' has a speed of %g; expected a number above 0", p->name, p->speed);
    check_quantum(c, p);
}

static void check_processors(struct lci_check *c)
{
    const struct lc_model *m = c->model;
    struct lci_names names = {0};
    bool *used = lc_calloc(m->processor_count, sizeof *used);
    for (size_t i = 0; i < m->task_count; i++)
        used[m->tasks[i].processor] = true;
    for (size_t i = 0; i < m->processor_count; i++) {
        check_name(c, &names, "processor", m->processors[i].name, (int)i, &m->processors[i].place);
        check_processor(c, &m->processors[i]);
        if (!used[i])
            lc_warn(c->diag, &m->processors[i].place, "processor '%s' is not used by any task", m->processors[i].name);
    }
    free(used);
    lci_names_free(&names);
}

static void check_groups(struct lci_check *c)
{
    const struct lc_model *m = c->model;
    struct lci_names names = {0};
    double *shares = lc_calloc(m->processor_count, sizeof *shares);
    for (size_t i = 0; i < m->group_count; i++) {
        const struct lc_group *g = &m->groups[i];
        check_name(c, &names, "group", g->name, (int)i, &g->place);
        if (!(g->share > 0 && g->share <= 1))
            LCI_WRONG(c, &g->place, "group '%s' has a share of %g; expected above 0 and at most 1", g->name, g->share);
        else
            shares[g->processor] += g->share;
        if (m->processors[g->processor].scheduling != LC_CFS)
            lc_warn(c->diag, &g->place, "group '%s' is ignored, because its processor '%s' is not scheduled as cfs",
                    g->name, m->processors[g->processor].name);
    }
    for (size_t i = 0; i < m->processor_count; i++)
        if (shares[i] > 1 + LCI_ROUNDING)
            LCI_WRONG(c, &m->processors[i].place,
                      "the groups of processor '%s' have shares of %g in all; expected 1 "
                      "at the most",
                      m->processors[i].name, shares[i]);
    free(shares);
    lci_names_free(&names);
}

/* ---- tasks ------------------------------------------------------------------------------------------------------- */

/* Sessions must come to an end. */
static void check_session(struct lci_check *c, const struct lc_task *t)
{
    double *visits = lc_calloc(t->entry_count, sizeof *visits);
    if (lci_session_visits(c->model, t, visits) != 0)
        LCI_WRONG(c, &t->place,
                  "the sessions of task '%s' never end; expected next steps with less than 1 in all "
                  "somewhere on every way",
                  t->name);
    free(visits);
}

static bool calls_anything(const struct lc_model *m, const struct lc_task *t)
{
    size_t calls = 0;
    for (size_t i = 0; i < t->entry_count; i++)
        for (int k = 0; k < LC_PHASES; k++)
            calls += m->entries[t->entries[i]].phases[k].call_count;
    for (size_t i = 0; i < t->activity_count; i++)
        calls += t->activities[i].call_count;
    return calls > 0;
}

static void check_source(struct lci_check *c, const struct lc_task *t)
{
    if (t->scheduling != LC_OPEN && t->entry_count > 0 && !calls_anything(c->model, t))
        lc_warn(c->diag, &t->place, "task '%s' makes load, but calls nothing", t->name);
    check_session(c, t);
    if (t->scheduling != LC_OPEN && t->multiplicity == LC_INFINITE)
        LCI_WRONG(c, &t->place, "task '%s' has infinitely many customers; expected a number", t->name);
    if (t->scheduling == LC_OPEN && t->arrivals.family == NULL)
        LCI_WRONG(c, &t->place, "open task '%s' has no arrivals; it needs the time from one to the next", t->name);
    else if (t->scheduling == LC_OPEN && lc_dist_mean(&t->arrivals) <= 0)
        LCI_WRONG(c, &t->place, "open task '%s' has no time between arrivals; expected a mean above 0", t->name);
    if (t->queue_length > 0)
        lc_warn(c->diag, &t->place, "task '%s' makes load and has no queue; its queue length is ignored", t->name);
}

static void check_server(struct lci_check *c, const struct lc_task *t)
{
    if (t->scheduling == LC_PS || t->scheduling == LC_CFS)
        lc_warn(c->diag, &t->place, "task '%s': tasks are not scheduled as '%s'; it is served as fcfs", t->name,
                lc_scheduling_name(t->scheduling));
    if (t->scheduling == LC_INF && t->multiplicity != LC_INFINITE && t->multiplicity > 1)
        lc_warn(c->diag, &t->place, "task '%s' has no limit (inf); its multiplicity of %u is ignored", t->name,
                t->multiplicity);
    if (t->overflow != LC_OVERFLOW_DROP && t->queue_length == 0)
        lc_warn(c->diag, &t->place, "task '%s' has a queue without limit, which nothing can overflow", t->name);
}

static void check_task_dists(struct lci_check *c, const struct lc_task *t)
{
    const bool closed = lc_is_source(t) && t->scheduling != LC_OPEN;
    if (t->think_time.family != NULL && lci_dist_check_alone(&t->think_time, c->diag, &t->place) == 0 && !closed &&
        lc_dist_mean(&t->think_time) > 0)
        LCI_WRONG(c, &t->place,
                  "task '%s' thinks, but only the customers of a ref task do; give its entries a think "
                  "time",
                  t->name);
    if (t->arrivals.family != NULL && lci_dist_check_alone(&t->arrivals, c->diag, &t->place) == 0 &&
        t->scheduling != LC_OPEN)
        LCI_WRONG(c, &t->place, "task '%s' has arrivals, but only open tasks do", t->name);
}

static void check_pattern(struct lci_check *c, const struct lc_task *t)
{
    const enum lc_pattern_kind kind = t->pattern.kind;
    if (kind == LC_PATTERN_NONE && !lci_pattern_is_batch(&t->pattern))
        return;
    char *what = lc_format("the load pattern of task '%s'", t->name);
    lci_pattern_check(&t->pattern, what, c->diag, &t->place);
    free(what);
    const bool closed = lc_is_source(t) && t->scheduling != LC_OPEN;
    if (closed ? kind != LC_PATTERN_USERS || lci_pattern_is_batch(&t->pattern)
               : t->scheduling != LC_OPEN || kind == LC_PATTERN_USERS)
        LCI_WRONG(c, &t->place, "task '%s' has a load pattern of %s; expected %s", t->name,
                  kind == LC_PATTERN_USERS ? "users" : "arrivals",
                  closed                     ? "one of users, for it has customers"
                  : t->scheduling == LC_OPEN ? "one of arrivals, for it is open"
                                             : "none, for it makes no load");
}

static void check_group_of_task(struct lci_check *c, const struct lc_task *t)
{
    const struct lc_processor *p = &c->model->processors[t->processor];
    if (t->group == LC_NONE && p->scheduling == LC_CFS)
        LCI_WRONG(c, &t->place, "task '%s' is in no group; its processor '%s' shares by groups", t->name, p->name);
    else if (t->group != LC_NONE && c->model->groups[t->group].processor != t->processor)
        LCI_WRONG(c, &t->place, "task '%s' is in the group '%s' of another processor than its own", t->name,
                  c->model->groups[t->group].name);
}

static void check_locks(struct lci_check *c, const struct lc_task *t)
{
    if (t->initially < -1 || (t->scheduling == LC_SEMAPHORE && t->initially > (int64_t)t->multiplicity))
        LCI_WRONG(c, &t->place, "semaphore '%s' starts with %d tokens; expected 0 up to its multiplicity", t->name,
                  t->initially);
    else if (t->initially >= 0 && t->scheduling != LC_SEMAPHORE)
        lc_warn(c->diag, &t->place, "task '%s' is no semaphore; its tokens are ignored", t->name);
}

/* 0: not set. */
static uint32_t fan_of(const struct lc_fan *fans, size_t count, int task)
{
    for (size_t i = 0; i < count; i++)
        if (fans[i].task == task)
            return fans[i].value;
    return 0;
}

static void fans_differ(struct lci_check *c, const struct lc_task *s, const struct lc_task *d, uint32_t out,
                        uint32_t in, const struct lc_place *place)
{
    char *fan_out = out > 0 ? lc_format("fan-out %u", out) : lc_strdup("any fan-out");
    char *fan_in = in > 0 ? lc_format("fan-in %u", in) : lc_strdup("any fan-in");
    LCI_WRONG(c, place, "the replicas of '%s' and '%s' do not fit: %u × %s is not %u × %s", s->name, d->name,
              s->replicas, fan_out, d->replicas, fan_in);
    free(fan_out);
    free(fan_in);
}

/* R(source) × fan-out = R(destination) × fan-in; one of the fans follows from the other. */
static void check_fans(struct lci_check *c, int source, int destination, const struct lc_place *place)
{
    const struct lc_task *s = &c->model->tasks[source], *d = &c->model->tasks[destination];
    const uint32_t out = fan_of(s->fan_out, s->fan_out_count, destination);
    const uint32_t in = fan_of(d->fan_in, d->fan_in_count, source);
    const uint64_t from = (uint64_t)s->replicas * out, to = (uint64_t)d->replicas * in;
    if (s->replicas == 0 || d->replicas == 0)
        return; /* told elsewhere */
    if (out > d->replicas || in > s->replicas)
        LCI_WRONG(c, place,
                  "fan-out %u and fan-in %u between '%s' and '%s'; expected the number of replicas at the "
                  "most",
                  out, in, s->name, d->name);
    else if (out > 0 && in > 0 ? from != to : out > 0 ? from % d->replicas != 0 : to % s->replicas != 0)
        fans_differ(c, s, d, out, in, place);
}

static void check_replicas(struct lci_check *c, int task)
{
    const struct lc_task *t = &c->model->tasks[task];
    const struct lc_processor *p = &c->model->processors[t->processor];
    if (t->replicas == 0 || t->replicas == LC_INFINITE)
        LCI_WRONG(c, &t->place, "task '%s' needs a finite number of replicas, 1 or more", t->name);
    else if (p->replicas > 0 && p->replicas != LC_INFINITE && t->replicas % p->replicas != 0)
        LCI_WRONG(c, &t->place, "task '%s' has %u replicas on the %u of processor '%s'; expected a multiple of those",
                  t->name, t->replicas, p->replicas, p->name);
    for (size_t i = 0; i < t->fan_out_count; i++)
        check_fans(c, task, t->fan_out[i].task, &t->place);
    for (size_t i = 0; i < t->fan_in_count; i++) {
        const struct lc_task *s = &c->model->tasks[t->fan_in[i].task];
        if (fan_of(s->fan_out, s->fan_out_count, task) == 0) /* else set by the source already */
            check_fans(c, t->fan_in[i].task, task, &t->place);
    }
}

static void check_decisions(struct lci_check *c, const struct lc_task *t)
{
    for (size_t i = 0; i < t->decision_count; i++) {
        const struct lc_decision *d = &t->decisions[i];
        if (d->kind < LC_TIMEOUT)
            LCI_WRONG(c, &t->place,
                      "task '%s': a decision is of the kind '%s'; expected timeout, abort, retry or "
                      "inf_retry",
                      t->name, lc_scheduling_name(d->kind));
        if (!(d->timeout >= 0 && d->abort >= 0 && d->sleep >= 0) || isinf(d->timeout + d->abort + d->sleep))
            LCI_WRONG(c, &t->place, "task '%s': the times of a decision must not be negative", t->name);
    }
}

static bool any_hol_task(const struct lc_model *m)
{
    for (size_t i = 0; i < m->task_count; i++)
        if (m->tasks[i].scheduling == LC_HOL || m->tasks[i].scheduling == LC_PP)
            return true;
    return false;
}

static void check_priority(struct lci_check *c, const struct lc_task *t, bool hol)
{
    const enum lc_scheduling s = c->model->processors[t->processor].scheduling;
    if (t->priority != 0 && s != LC_HOL && s != LC_PP && !hol)
        lc_warn(c->diag, &t->place, "task '%s' has a priority, but its processor '%s' does not go by priorities",
                t->name, c->model->processors[t->processor].name);
}

static void check_tasks(struct lci_check *c)
{
    const struct lc_model *m = c->model;
    struct lci_names names = {0};
    const bool hol = any_hol_task(m);
    for (size_t i = 0; i < m->task_count; i++) {
        const struct lc_task *t = &m->tasks[i];
        check_name(c, &names, "task", t->name, (int)i, &t->place);
        check_pattern(c, t);
        if (t->multiplicity == 0)
            LCI_WRONG(c, &t->place, "task '%s' has a multiplicity of 0; expected 1 or more", t->name);
        if (t->entry_count == 0)
            LCI_WRONG(c, &t->place, "task '%s' has no entries; it needs one at the least", t->name);
        check_task_dists(c, t);
        if (lc_is_source(t))
            check_source(c, t);
        else
            check_server(c, t);
        check_group_of_task(c, t);
        check_locks(c, t);
        check_replicas(c, (int)i);
        check_decisions(c, t);
        check_priority(c, t, hol);
    }
    lci_names_free(&names);
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

bool lci_makes_load(const struct lc_model *m)
{
    for (size_t i = 0; i < m->task_count; i++)
        if (lc_is_source(&m->tasks[i]))
            return true;
    for (size_t i = 0; i < m->entry_count; i++)
        if (m->entries[i].open_rate > 0 || m->entries[i].open_arrivals.family != NULL)
            return true;
    return false;
}

static void check_load(struct lci_check *c)
{
    const struct lc_model *m = c->model;
    if (lci_makes_load(m))
        return;
    const struct lc_place place = {m->source, 0, 0, -1};
    if (m->task_count == 0) {
        LCI_WRONG(c, &place,
                  "the model has no tasks; expected a processor with a task that has an entry, at the least");
        return;
    }
    /* A warning, because learnt models get their load from a scenario. */
    lc_warn(c->diag, &place, "nothing makes load in this model: it has neither ref nor open tasks nor open arrivals");
}

void lci_check_elements(struct lci_check *c)
{
    const struct lc_model *m = c->model;
    double seconds;
    if (m->time_unit != NULL) {
        char *one = lc_format("1 %s", m->time_unit);
        const struct lc_place place = {m->source, 0, 0, -1};
        if (lci_quantity(one, LC_TIME, &seconds, NULL, NULL) != 0)
            LCI_WRONG(c, &place, "the unit of time is '%s'; expected ns, us, ms, s, min, h or day", m->time_unit);
        free(one);
    }
    check_processors(c);
    check_groups(c);
    check_tasks(c);
    struct lci_names names = {0};
    for (size_t i = 0; i < m->entry_count; i++)
        check_name(c, &names, "entry", m->entries[i].name, (int)i, &m->entries[i].place);
    lci_names_free(&names);
    check_load(c);
}
