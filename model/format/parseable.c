/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes results as the parseable text (.p) that the tools around LQNS read. Sections are written where there is
 * something to tell; lists of phases are as long as the number of phases (NP), the lists of activities have one value.
 */
#include "base/text.h"
#include "format/formats.h"
#include "format/lqn_fit.h"
#include "format/lqn_names.h"
#include "observe.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct writer {
    FILE *out;
    const struct lc_model *model; /* fitted: elements as in the result's model */
    const struct lci_lqn_fitted *fitted;
    const struct lc_result *result;
    struct lci_legal_names names;
    int phases;
};

static const struct lc_estimate unknown = {NAN, NAN, NAN};

/* ---- numbers and lists ------------------------------------------------------------------------------------------- */

/* Digits alone are read as an int. */
static void number(struct writer *w, double value)
{
    char text[32];
    fprintf(w->out, " %s", isnan(value) ? "0" : isinf(value) ? "inf" : lci_number_text(value, text));
    if (isfinite(value) && fabs(value) > INT_MAX && strpbrk(text, ".e") == NULL)
        fputs(".0", w->out);
}

static double part(const struct lc_estimate *e, int level)
{
    return level == 0 ? e->mean : level == 95 ? e->ci95 : e->ci99;
}

static bool has_level(const struct lc_estimate *e, size_t count, int level)
{
    for (size_t i = 0; i < count; i++)
        if (isfinite(part(&e[i], level)) && isfinite(e[i].mean))
            return true;
    return false;
}

/* `count` values, closed by -1 if `list`, and the same for the half-widths behind "%95" and "%99". */
static void estimates(struct writer *w, const struct lc_estimate *e, size_t count, bool list)
{
    static const int levels[] = {0, 95, 99};
    for (size_t l = 0; l < 3; l++) {
        if (levels[l] > 0 && !has_level(e, count, levels[l]))
            continue;
        if (levels[l] > 0)
            fprintf(w->out, "\n    %%%d", levels[l]);
        for (size_t i = 0; i < count; i++)
            number(w, part(&e[i], levels[l]));
        if (list)
            fputs(" -1", w->out);
    }
    putc('\n', w->out);
}

static bool is_known(const struct lc_estimate *e, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isnan(e[i].mean))
            return true;
    return false;
}

/* ---- sections of calls: W, Z, their variances, losses ------------------------------------------------------------ */

struct call_section {
    const char *letter;
    enum lc_call_kind kind;
    size_t member; /* of struct lc_activity_result: the array of estimates a call */
};

static struct lc_estimate call_value(const struct call_section *s, const struct lc_activity_result *r, size_t call)
{
    const struct lc_estimate *values;
    memcpy(&values, (const char *)r + s->member, sizeof values);
    return values != NULL ? values[call] : unknown;
}

static struct lc_estimate value_to(const struct writer *w, const struct call_section *s, const struct lc_activity *a,
                                   const struct lc_activity_result *r, int to)
{
    (void)w;
    for (size_t i = 0; i < a->call_count; i++)
        if (a->calls[i].kind == s->kind && a->calls[i].entry == to)
            return call_value(s, r, i);
    return unknown;
}

/* Was this destination written for an earlier phase or call? */
static bool seen(const struct lc_entry *e, enum lc_call_kind kind, int phase, size_t call)
{
    const int to = e->phases[phase].calls[call].entry;
    for (int p = 0; p <= phase; p++) {
        const size_t end = p == phase ? call : e->phases[p].call_count;
        for (size_t i = 0; i < end; i++)
            if (e->phases[p].calls[i].kind == kind && e->phases[p].calls[i].entry == to)
                return true;
    }
    return false;
}

/* Rows of a task's entries. With `write` false only asks whether there are any. */
static bool entry_calls(struct writer *w, const struct call_section *s, const struct lc_task *t, bool write)
{
    bool any = false;
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lc_entry *e = &w->model->entries[t->entries[i]];
        const struct lc_entry_result *r = &w->result->entries[t->entries[i]];
        for (int p = 0; p < LC_PHASES; p++)
            for (size_t k = 0; k < e->phases[p].call_count; k++) {
                const int to = e->phases[p].calls[k].entry;
                struct lc_estimate values[LC_PHASES];
                if (e->phases[p].calls[k].kind != s->kind || seen(e, s->kind, p, k))
                    continue;
                for (int q = 0; q < LC_PHASES; q++)
                    values[q] = value_to(w, s, &e->phases[q], &r->phases[q], to);
                if (!is_known(values, LC_PHASES))
                    continue;
                any = true;
                if (!write)
                    return true;
                fprintf(w->out, "  %s %s", w->names.entries[t->entries[i]], w->names.entries[to]);
                estimates(w, values, (size_t)w->phases, true);
            }
    }
    return any;
}

static bool activity_calls(struct writer *w, const struct call_section *s, int task, bool write)
{
    const struct lc_task *t = &w->model->tasks[task];
    bool any = false;
    for (size_t a = 0; a < t->activity_count; a++)
        for (size_t k = 0; k < t->activities[a].call_count; k++) {
            const struct lc_call *call = &t->activities[a].calls[k];
            const struct lc_estimate value = call_value(s, &w->result->activities[task][a], k);
            if (call->kind != s->kind || isnan(value.mean))
                continue;
            any = true;
            if (!write)
                return true;
            fprintf(w->out, "  %s %s", w->names.activities[task][a], w->names.entries[call->entry]);
            estimates(w, &value, 1, true);
        }
    return any;
}

static void write_calls(struct writer *w, const struct call_section *s)
{
    size_t count = 0;
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1 && count > 0)
            fprintf(w->out, "\n%s %zu\n", s->letter, count);
        for (size_t t = 0; t < w->model->task_count; t++) {
            const bool entries = entry_calls(w, s, &w->model->tasks[t], false);
            const bool activities = activity_calls(w, s, (int)t, false);
            if (w->fitted->hidden_task[t] || (!entries && !activities))
                continue;
            count += pass == 0;
            if (pass == 0)
                continue;
            fprintf(w->out, "%s :\n", w->names.tasks[t]);
            entry_calls(w, s, &w->model->tasks[t], true);
            fputs("  -1\n", w->out);
            if (activities) {
                fputs("  :\n", w->out);
                activity_calls(w, s, (int)t, true);
                fputs("  -1\n", w->out);
            }
        }
    }
    if (count > 0)
        fputs("-1\n", w->out);
}

static void write_forwards(struct writer *w, const char *letter, bool variance)
{
    bool section = false;
    for (size_t t = 0; t < w->model->task_count; t++) {
        const struct lc_task *task = &w->model->tasks[t];
        bool any = false;
        for (size_t i = 0; i < task->entry_count; i++) {
            const struct lc_entry *e = &w->model->entries[task->entries[i]];
            const struct lc_entry_result *r = &w->result->entries[task->entries[i]];
            const struct lc_estimate *values = variance ? r->forward_variance : r->forwards;
            for (size_t f = 0; f < e->forward_count && values != NULL; f++) {
                if (!section)
                    fprintf(w->out, "\n%s 0\n", letter);
                if (!any)
                    fprintf(w->out, "%s :\n", w->names.tasks[t]);
                section = any = true;
                fprintf(w->out, "  %s %s", w->names.entries[task->entries[i]], w->names.entries[e->forwards[f].entry]);
                estimates(w, &values[f], 1, false);
            }
        }
        if (any)
            fputs("  -1\n", w->out);
    }
    if (section)
        fputs("-1\n", w->out);
}

/* ---- sections of phases: X, VAR, E ------------------------------------------------------------------------------- */

static struct lc_estimate member(const struct lc_activity_result *r, size_t offset)
{
    struct lc_estimate e;
    memcpy(&e, (const char *)r + offset, sizeof e);
    return e;
}

static void phase_values(const struct lc_entry_result *r, size_t offset, struct lc_estimate values[LC_PHASES])
{
    for (int p = 0; p < LC_PHASES; p++)
        values[p] = member(&r->phases[p], offset);
}

static bool any_maximum(const struct lc_activity *activities, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (activities[i].max_service_time > 0)
            return true;
    return false;
}

/* Does an entry have a value of this kind? */
static bool has_entry_phases(const struct writer *w, int entry, size_t offset, bool only_with_maximum)
{
    struct lc_estimate values[LC_PHASES];
    phase_values(&w->result->entries[entry], offset, values);
    return is_known(values, LC_PHASES) &&
           (!only_with_maximum || any_maximum(w->model->entries[entry].phases, LC_PHASES));
}

/* The table cannot be empty: if no entry of the task has a value, one stands there with zeros. */
static void write_entry_phases(struct writer *w, const struct lc_task *t, size_t offset, bool only_with_maximum)
{
    size_t rows = 0;
    for (size_t i = 0; i < t->entry_count; i++) {
        struct lc_estimate values[LC_PHASES] = {unknown, unknown, unknown};
        if (has_entry_phases(w, t->entries[i], offset, only_with_maximum))
            phase_values(&w->result->entries[t->entries[i]], offset, values);
        else if (rows > 0 || i + 1 < t->entry_count)
            continue;
        fprintf(w->out, "  %s", w->names.entries[t->entries[i]]);
        estimates(w, values, (size_t)w->phases, true);
        rows++;
    }
}

static bool write_activities(struct writer *w, size_t task, size_t offset, bool only_with_maximum)
{
    const struct lc_task *t = &w->model->tasks[task];
    bool any = false;
    for (size_t a = 0; a < t->activity_count; a++) {
        const struct lc_estimate value = member(&w->result->activities[task][a], offset);
        if (isnan(value.mean) || (only_with_maximum && !any_maximum(&t->activities[a], 1)))
            continue;
        fputs(any ? "  " : "  :\n  ", w->out);
        any = true;
        fputs(w->names.activities[task][a], w->out);
        estimates(w, &value, 1, true);
    }
    return any;
}

/* Does the task have a value of this kind? */
static bool has_phases(const struct writer *w, size_t task, size_t offset, bool only_with_maximum)
{
    const struct lc_task *t = &w->model->tasks[task];
    bool any = false;
    for (size_t i = 0; i < t->entry_count; i++)
        any = any || has_entry_phases(w, t->entries[i], offset, only_with_maximum);
    for (size_t a = 0; a < t->activity_count; a++)
        any = any || (!isnan(member(&w->result->activities[task][a], offset).mean) &&
                      (!only_with_maximum || any_maximum(&t->activities[a], 1)));
    return any;
}

static void write_phases(struct writer *w, const char *letter, size_t offset, bool only_with_maximum)
{
    bool section = false;
    for (size_t t = 0; t < w->model->task_count; t++) {
        if (w->fitted->hidden_task[t] || !has_phases(w, t, offset, only_with_maximum))
            continue;
        if (!section)
            fprintf(w->out, "\n%s 0\n", letter);
        section = true;
        fprintf(w->out, "%s :\n", w->names.tasks[t]);
        write_entry_phases(w, &w->model->tasks[t], offset, only_with_maximum);
        fputs("  -1\n", w->out);
        if (write_activities(w, t, offset, only_with_maximum))
            fputs("  -1\n", w->out);
    }
    if (section)
        fputs("-1\n", w->out);
}

/* ---- joins, locks, open arrivals, bounds ------------------------------------------------------------------------- */

static void write_joins(struct writer *w)
{
    int task = LC_NONE;
    for (size_t i = 0; i < w->result->join_count; i++) {
        const struct lc_join_result *j = &w->result->joins[i];
        const struct lc_precedence *p = &w->model->tasks[j->task].precedences[j->precedence];
        if (task == LC_NONE)
            fprintf(w->out, "\nJ %zu\n", w->result->join_count);
        if (task != j->task && task != LC_NONE)
            fputs("  -1\n", w->out);
        if (task != j->task)
            fprintf(w->out, "%s :\n", w->names.tasks[j->task]);
        task = j->task;
        fprintf(w->out, "  %s %s", w->names.activities[task][p->pre[0]],
                w->names.activities[task][p->pre[p->pre_count - 1]]);
        estimates(w, (const struct lc_estimate[]){j->delay, j->variance}, 2, false);
    }
    if (task != LC_NONE)
        fputs("  -1\n-1\n", w->out);
}

static int entry_of_role(const struct writer *w, const struct lc_task *t, enum lc_entry_role role)
{
    for (size_t i = 0; i < t->entry_count; i++)
        if (w->model->entries[t->entries[i]].role == role)
            return t->entries[i];
    return t->entries[0];
}

static void write_semaphores(struct writer *w)
{
    bool any = false;
    for (size_t i = 0; i < w->model->task_count; i++) {
        const struct lc_task *t = &w->model->tasks[i];
        const struct lc_task_result *r = &w->result->tasks[i];
        if (t->scheduling != LC_SEMAPHORE)
            continue;
        if (!any)
            fputs("\nH 0\n", w->out);
        any = true;
        fprintf(w->out, "%s : %s %s", w->names.tasks[i], w->names.entries[entry_of_role(w, t, LC_ROLE_WAIT)],
                w->names.entries[entry_of_role(w, t, LC_ROLE_SIGNAL)]);
        estimates(w,
                  (const struct lc_estimate[]){r->lock_holding[0], r->lock_holding_variance[0], r->lock_utilization[0]},
                  3, false);
    }
    if (any)
        fputs("-1\n", w->out);
}

static void write_locks(struct writer *w)
{
    static const enum lc_entry_role roles[2][2] = {{LC_ROLE_READ_LOCK, LC_ROLE_READ_UNLOCK},
                                                   {LC_ROLE_WRITE_LOCK, LC_ROLE_WRITE_UNLOCK}};
    bool any = false;
    for (size_t i = 0; i < w->model->task_count; i++) {
        const struct lc_task *t = &w->model->tasks[i];
        const struct lc_task_result *r = &w->result->tasks[i];
        if (t->scheduling != LC_RWLOCK)
            continue;
        if (!any)
            fputs("\nL 0\n", w->out);
        any = true;
        fprintf(w->out, "%s :", w->names.tasks[i]);
        for (int k = 0; k < 2; k++) {
            fprintf(w->out, "  %s %s", w->names.entries[entry_of_role(w, t, roles[k][0])],
                    w->names.entries[entry_of_role(w, t, roles[k][1])]);
            estimates(w,
                      (const struct lc_estimate[]){r->lock_waiting[k], r->lock_waiting_variance[k], r->lock_holding[k],
                                                   r->lock_holding_variance[k], r->lock_utilization[k]},
                      5, false);
        }
    }
    if (any)
        fputs("-1\n", w->out);
}

static void write_bounds(struct writer *w)
{
    bool any = false;
    for (size_t t = 0; t < w->model->task_count; t++)
        for (size_t i = 0; i < w->model->tasks[t].entry_count && !w->fitted->hidden_task[t]; i++) {
            const int e = w->model->tasks[t].entries[i];
            const double bound = w->result->entries[e].throughput_bound;
            if (!(bound > 0) || !isfinite(bound))
                continue;
            if (!any)
                fputs("\nB 0\n", w->out);
            any = true;
            fprintf(w->out, "%s : %s", w->names.tasks[t], w->names.entries[e]);
            number(w, bound);
            putc('\n', w->out);
        }
    if (any)
        fputs("-1\n", w->out);
}

static void write_open(struct writer *w)
{
    bool any = false;
    for (size_t e = 0; e < w->model->entry_count; e++) {
        const struct lc_entry *entry = &w->model->entries[e];
        const struct lc_estimate *wait = &w->result->entries[e].open_response_time;
        if (!(entry->open_rate > 0) || w->fitted->hidden_task[entry->task])
            continue;
        for (size_t i = 0; i < w->result->workload_count; i++) /* a source that became the entry's arrivals */
            if (w->fitted->source[e] >= 0 && w->result->workloads[i].task == w->fitted->source[e])
                wait = &w->result->workloads[i].response_time;
        if (!any)
            fputs("\nR 0\n", w->out);
        any = true;
        fprintf(w->out, "%s : %s", w->names.tasks[entry->task], w->names.entries[e]);
        number(w, entry->open_rate);
        estimates(w, wait, 1, false);
    }
    if (any)
        fputs("-1\n", w->out);
}

/* ---- histograms -------------------------------------------------------------------------------------------------- */

/* "D", the names, mean, standard deviation, skew and kurtosis (not known), then the bins with their half-widths. */
static void write_histogram(struct writer *w, const char *of, const char *part, const struct lc_activity *a,
                            const struct lc_activity_result *r)
{
    const struct lc_histogram *h = &a->histogram;
    if (h->bins == 0 || r->histogram.bins == NULL || isnan(r->histogram.bins[0].mean))
        return;
    const double width = (h->maximum - h->minimum) / h->bins;
    fprintf(w->out, "\nD %s %s", of, part);
    number(w, r->service_time.mean);
    number(w, sqrt(r->service_time_variance.mean));
    number(w, NAN);
    number(w, NAN);
    putc('\n', w->out);
    for (uint32_t i = 0; i < h->bins + 2; i++) {
        const struct lc_estimate *bin = &r->histogram.bins[i];
        putc(' ', w->out);
        number(w, i == 0 ? 0 : h->minimum + width * (i - 1));
        number(w, i == h->bins + 1 ? INFINITY : h->minimum + width * i);
        estimates(w, bin, 1, false);
    }
    fputs("-1\n", w->out);
}

static void write_histograms(struct writer *w)
{
    static const char *const phases[LC_PHASES] = {"1", "2", "3"};
    for (size_t e = 0; e < w->model->entry_count; e++)
        for (int p = 0; p < LC_PHASES && !w->fitted->hidden_task[w->model->entries[e].task]; p++)
            write_histogram(w, w->names.entries[e], phases[p], &w->model->entries[e].phases[p],
                            &w->result->entries[e].phases[p]);
    for (size_t t = 0; t < w->model->task_count; t++)
        for (size_t a = 0; a < w->model->tasks[t].activity_count; a++)
            write_histogram(w, w->names.tasks[t], w->names.activities[t][a], &w->model->tasks[t].activities[a],
                            &w->result->activities[t][a]);
}

/* ---- throughputs and utilizations -------------------------------------------------------------------------------- */

/* throughput, utilization of each phase, -1, total utilization, and the half-widths in the same shape */
static void throughput_row(struct writer *w, const struct lc_estimate *throughput, const struct lc_estimate *phases,
                           size_t count, const struct lc_estimate *total)
{
    static const int levels[] = {0, 95, 99};
    for (size_t l = 0; l < 3; l++) {
        if (levels[l] > 0 && !has_level(throughput, 1, levels[l]))
            continue;
        if (levels[l] > 0)
            fprintf(w->out, "\n    %%%d", levels[l]);
        number(w, part(throughput, levels[l]));
        for (size_t p = 0; p < count; p++)
            number(w, part(&phases[p], levels[l]));
        fputs(" -1", w->out);
        if (total != NULL)
            number(w, part(total, levels[l]));
    }
    putc('\n', w->out);
}

static void write_throughputs(struct writer *w)
{
    fprintf(w->out, "\nFQ %zu\n", w->model->task_count);
    for (size_t i = 0; i < w->model->task_count; i++) {
        const struct lc_task *t = &w->model->tasks[i];
        const struct lc_task_result *r = &w->result->tasks[i];
        if (w->fitted->hidden_task[i])
            continue;
        fprintf(w->out, "%s :\n", w->names.tasks[i]);
        for (size_t k = 0; k < t->entry_count; k++) {
            const struct lc_entry_result *e = &w->result->entries[t->entries[k]];
            struct lc_estimate phases[LC_PHASES];
            phase_values(e, offsetof(struct lc_activity_result, utilization), phases);
            fprintf(w->out, "  %s", w->names.entries[t->entries[k]]);
            throughput_row(w, &e->throughput, phases, (size_t)w->phases, &e->utilization);
        }
        fputs("  -1\n", w->out);
        if (t->activity_count > 0) {
            fputs("  :\n", w->out);
            for (size_t a = 0; a < t->activity_count; a++) {
                const struct lc_activity_result *x = &w->result->activities[i][a];
                fprintf(w->out, "  %s", w->names.activities[i][a]);
                throughput_row(w, &x->throughput, &x->utilization, 1, NULL);
            }
            fputs("  -1\n", w->out);
        }
        if (t->entry_count > 1) {
            fputs("   ", w->out);
            throughput_row(w, &r->throughput, r->phase_utilization, (size_t)w->phases, &r->utilization);
        }
    }
    fputs("-1\n", w->out);
}

/* A task in the section of its processor. */
static void processor_task(struct writer *w, size_t task)
{
    const struct lc_task *t = &w->model->tasks[task];
    fprintf(w->out, "  %s %zu %d %u\n", w->names.tasks[task], t->entry_count, t->priority,
            t->multiplicity == LC_INFINITE ? 0 : t->multiplicity);
    for (size_t k = 0; k < t->entry_count; k++) {
        const struct lc_entry_result *e = &w->result->entries[t->entries[k]];
        struct lc_estimate waiting[LC_PHASES];
        phase_values(e, offsetof(struct lc_activity_result, processor_waiting), waiting);
        fprintf(w->out, "    %s", w->names.entries[t->entries[k]]);
        throughput_row(w, &e->processor_utilization, waiting, (size_t)w->phases, NULL);
    }
    fputs("    -1\n", w->out);
    if (t->activity_count > 0) {
        fputs("    :\n", w->out);
        for (size_t a = 0; a < t->activity_count; a++) {
            const struct lc_activity_result *x = &w->result->activities[task][a];
            fprintf(w->out, "    %s", w->names.activities[task][a]);
            throughput_row(w, &x->processor_utilization, &x->processor_waiting, 1, NULL);
        }
        fputs("    -1\n", w->out);
    }
    if (t->entry_count > 1 || t->activity_count > 0) {
        fputs("   ", w->out);
        estimates(w, &w->result->tasks[task].processor_utilization, 1, false);
    }
}

/* The tasks of a processor that are of one group (LC_NONE: of none); the group's line stands behind the last of them.
 */
static void processor_tasks(struct writer *w, size_t processor, int group)
{
    bool any = false;
    for (size_t t = 0; t < w->model->task_count; t++)
        if (w->model->tasks[t].processor == (int)processor && w->model->tasks[t].group == group &&
            !w->fitted->hidden_task[t]) {
            processor_task(w, t);
            any = true;
        }
    if (any && group != LC_NONE) {
        const struct lc_estimate utilization = lci_group_utilization(w->result, group);
        fprintf(w->out, "  G %s", w->names.groups[group]);
        estimates(w, &utilization, 1, false);
    }
}

static void write_processors(struct writer *w)
{
    for (size_t p = 0; p < w->model->processor_count; p++) {
        size_t tasks = 0;
        for (size_t t = 0; t < w->model->task_count; t++)
            tasks += w->model->tasks[t].processor == (int)p && !w->fitted->hidden_task[t];
        if (tasks == 0)
            continue;
        fprintf(w->out, "\nP %s %zu\n", w->names.processors[p], tasks);
        for (int g = LC_NONE; g < (int)w->model->group_count; g++)
            processor_tasks(w, p, g);
        fputs("  -1\n", w->out);
        if (tasks > 1) {
            fputs(" ", w->out);
            estimates(w, &w->result->processors[p].utilization, 1, false);
            fputs("  -1\n", w->out);
        }
    }
    fputs("-1\n", w->out);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static void write_general(struct writer *w)
{
    const struct lc_result *r = w->result;
    size_t processors = 0;
    for (size_t p = 0; p < w->model->processor_count; p++)
        processors += !w->fitted->hidden_processor[p];
    w->phases = 1;
    for (size_t e = 0; e < w->model->entry_count; e++)
        for (int p = 0; p < LC_PHASES; p++)
            if (w->model->entries[e].phases[p].present || (p == 1 && w->model->entries[e].start != LC_NONE))
                w->phases = p + 1 > w->phases ? p + 1 : w->phases;
    fprintf(w->out, "# loadcast %s\nV %c\nC", LOADCAST_VERSION, r->converged ? 'y' : 'n');
    number(w, isfinite(r->precision) ? r->precision : r->residual);
    fprintf(w->out, "\nI %u\nPP %zu\nNP %d\n", r->iterations > 0 ? r->iterations : r->replications, processors,
            w->phases);
}

static void write_all(struct writer *w)
{
    static const struct call_section calls[] = {
        {"W", LC_CALL_SYNC, offsetof(struct lc_activity_result, calls)},
        {"VARW", LC_CALL_SYNC, offsetof(struct lc_activity_result, call_variance)},
    };
    static const struct call_section sends[] = {
        {"Z", LC_CALL_ASYNC, offsetof(struct lc_activity_result, calls)},
        {"VARZ", LC_CALL_ASYNC, offsetof(struct lc_activity_result, call_variance)},
        {"DP", LC_CALL_ASYNC, offsetof(struct lc_activity_result, call_loss)},
    };
    write_general(w);
    write_bounds(w);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        write_calls(w, &calls[i]);
    write_forwards(w, "F", false);
    write_forwards(w, "VARF", true);
    for (size_t i = 0; i < sizeof sends / sizeof *sends; i++)
        write_calls(w, &sends[i]);
    write_joins(w);
    write_phases(w, "X", offsetof(struct lc_activity_result, service_time), false);
    write_phases(w, "VAR", offsetof(struct lc_activity_result, service_time_variance), false);
    write_phases(w, "E", offsetof(struct lc_activity_result, exceeded), true);
    write_histograms(w);
    write_semaphores(w);
    write_locks(w);
    write_throughputs(w);
    write_open(w);
    write_processors(w);
}

static int write_parseable(const struct lc_model *model, const struct lc_result *result, FILE *out,
                           struct lc_diag *diag)
{
    if (result == NULL) {
        lc_error(diag, LC_USAGE, NULL, "the format p holds results and no models; simulate writes it");
        return -1;
    }
    const size_t errors = diag->errors;
    struct lci_lqn_fitted fitted = lci_lqn_fit(model, true, diag);
    struct writer w = {.out = out, .model = fitted.model, .fitted = &fitted, .result = result};
    w.names = lci_legal_names(fitted.model, diag);
    if (diag->errors == errors)
        write_all(&w);
    lci_legal_names_free(&w.names, fitted.model);
    lci_fitted_free(&fitted);
    return diag->errors == errors ? 0 : -1;
}

static const char *const endings[] = {".p", NULL};
const struct lc_format lci_format_parseable = {.name = "p", .endings = endings, .write = write_parseable};
