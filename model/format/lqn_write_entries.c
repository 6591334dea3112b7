/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Entries and activities in LQN text. */
#include "base/text.h"
#include "format/lqn_writer.h"

#include "format/lqn_words.h"

#include <stdlib.h>

/* ---- phases ------------------------------------------------------------------------------------------------------ */

/* One record for the phases of an entry: "s serve 0.4 0.1 -1"; `values` of phases without one are `assumed`. Nothing is
 * written if there are no others. */
static bool write_phases(struct lci_text_out *w, char letter, int entry, const double values[LC_PHASES], double assumed,
                         const char *attribute)
{
    int count = 0;
    for (int p = 0; p < LC_PHASES; p++)
        if (lci_put_is_set(w, values[p], assumed, (struct lci_owner){LCI_OWNER_PHASE, entry, p}, attribute))
            count = p + 1;
    if (count == 0)
        return false;
    fprintf(w->out, "  %c %s", letter, w->names.entries[entry]);
    for (int p = 0; p < count; p++)
        lci_put_number(w, values[p], (struct lci_owner){LCI_OWNER_PHASE, entry, p}, attribute);
    fputs(" -1", w->out);
    return true;
}

static void write_histogram(struct lci_text_out *w, const char *name, int phase, const struct lc_histogram *h)
{
    char minimum[32], maximum[32];
    if (h->bins == 0)
        return;
    fprintf(w->out, "  H %s", name);
    if (phase > 0)
        fprintf(w->out, " %d", phase);
    fprintf(w->out, " %s : %s %u\n", lci_number_text(h->minimum, minimum), lci_number_text(h->maximum, maximum),
            h->bins);
}

/* Observations of an entry without demands stand behind a variation, which by itself means nothing. */
static void write_late_observations(struct lci_text_out *w, int entry)
{
    const char *name = w->model->entries[entry].name;
    char *prefix = lc_format("entry/%s", name);
    if (lci_put_observes(w, prefix)) {
        fprintf(w->out, "  c %s 1 -1", w->names.entries[entry]);
        lci_put_observations(w, "entry/%s", name);
        putc('\n', w->out);
    }
    free(prefix);
}

/* Behind the record of demands, one line for each phase that has one. */
static void write_phase_comments(struct lci_text_out *w, const struct lc_entry *e, bool behind)
{
    for (int p = 0; p < LC_PHASES; p++) {
        if (e->phases[p].comment == NULL)
            continue;
        if (!behind)
            fputc(' ', w->out);
        lci_put_line_end(w, e->phases[p].comment);
        behind = false;
    }
    if (behind)
        putc('\n', w->out);
}

static void write_attributes(struct lci_text_out *w, int entry)
{
    const struct lc_entry *e = &w->model->entries[entry];
    double demand[LC_PHASES], cv2[LC_PHASES], think[LC_PHASES], maximum[LC_PHASES], order[LC_PHASES];
    for (int p = 0; p < LC_PHASES; p++) {
        const struct lc_activity *a = &e->phases[p];
        lci_demand_parts(&a->demand, &demand[p], &cv2[p]);
        think[p] = a->think.family != NULL ? lc_dist_mean(&a->think) : 0;
        maximum[p] = a->max_service_time;
        order[p] = a->deterministic;
    }
    const bool demands = write_phases(w, 's', entry, demand, 0, "demand");
    if (demands)
        lci_put_observations(w, "entry/%s", e->name);
    write_phase_comments(w, e, demands);
    if (write_phases(w, 'c', entry, cv2, 1, "cv2"))
        putc('\n', w->out);
    if (write_phases(w, 'f', entry, order, 0, NULL))
        putc('\n', w->out);
    if (write_phases(w, 'Z', entry, think, 0, "think_time"))
        putc('\n', w->out);
    if (write_phases(w, 'M', entry, maximum, 0, "max_service_time"))
        putc('\n', w->out);
    write_late_observations(w, entry);
    for (int p = 0; p < LC_PHASES; p++)
        write_histogram(w, w->names.entries[entry], p + 1, &e->phases[p].histogram);
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

static const struct lc_call *find_call(const struct lc_activity *a, enum lc_call_kind kind, int to)
{
    for (size_t i = 0; i < a->call_count; i++)
        if (a->calls[i].kind == kind && a->calls[i].entry == to)
            return &a->calls[i];
    return NULL;
}

/* Is the order of calls of every phase kept when each destination gets one record for all phases? Phases after the
 * first may only add calls behind those of the phases before, in the same order; and no mean is 0, which means "none".
 */
static bool one_record_each(const struct lc_entry *e)
{
    for (int p = 0; p < LC_PHASES; p++) {
        const struct lc_activity *a = &e->phases[p];
        for (size_t i = 0; i < a->call_count; i++) {
            if (!(a->calls[i].mean > 0))
                return false;
            for (int q = 0; q < p; q++) { /* a destination known from before keeps its place among the known ones */
                const struct lc_call *known = find_call(&e->phases[q], a->calls[i].kind, a->calls[i].entry);
                for (size_t k = 0; known != NULL && k < i; k++) {
                    const struct lc_call *other = find_call(&e->phases[q], a->calls[k].kind, a->calls[k].entry);
                    if (other == NULL || other > known)
                        return false;
                }
            }
        }
    }
    return true;
}

/* `phases`: those that the record tells, a set of bits. */
static void write_call(struct lci_text_out *w, int entry, enum lc_call_kind kind, int to, unsigned phases)
{
    const struct lc_entry *e = &w->model->entries[entry];
    char *attribute = lci_call_attribute(kind, w->model->entries[to].name);
    fprintf(w->out, "  %c %s %s", kind == LC_CALL_SYNC ? 'y' : 'z', w->names.entries[entry], w->names.entries[to]);
    const char *comment = NULL;
    for (int p = 0; phases >> p != 0; p++) {
        const struct lc_call *call = phases >> p & 1 ? find_call(&e->phases[p], kind, to) : NULL;
        if (call == NULL)
            fputs(" 0", w->out);
        else
            lci_put_number(w, call->mean, (struct lci_owner){LCI_OWNER_PHASE, entry, p}, attribute);
        comment = call != NULL && comment == NULL ? call->comment : comment;
    }
    fputs(" -1", w->out);
    for (int p = LC_PHASES - 1; p >= 0; p--) /* one without a phase is of the first one that has the call */
        if (find_call(&e->phases[p], LC_CALL_SYNC, to) != NULL || find_call(&e->phases[p], LC_CALL_ASYNC, to) != NULL)
            w->phase = p + 1;
    lci_put_observations(w, "call/%s/%s", e->name, w->model->entries[to].name);
    w->phase = 0;
    lci_put_line_end(w, comment);
    free(attribute);
}

static void write_calls(struct lci_text_out *w, int entry)
{
    const struct lc_entry *e = &w->model->entries[entry];
    const bool together = one_record_each(e);
    for (int p = 0; p < LC_PHASES; p++)
        for (size_t i = 0; i < e->phases[p].call_count; i++) {
            const struct lc_call *call = &e->phases[p].calls[i];
            unsigned phases = 0;
            bool before = false;
            for (int q = 0; q < LC_PHASES; q++) {
                const bool there = find_call(&e->phases[q], call->kind, call->entry) != NULL;
                before = before || (there && q < p);
                phases |= there ? 1u << q : 0;
            }
            if (!together)
                write_call(w, entry, call->kind, call->entry, 1u << p);
            else if (!before)
                write_call(w, entry, call->kind, call->entry, phases);
        }
    for (size_t i = 0; i < e->forward_count; i++) {
        const struct lc_forward *f = &e->forwards[i];
        char *attribute = lc_format("forwards.%s", w->model->entries[f->entry].name);
        fprintf(w->out, "  F %s %s", w->names.entries[entry], w->names.entries[f->entry]);
        lci_put_number(w, f->probability, (struct lci_owner){LCI_OWNER_ENTRY, entry, LC_NONE}, attribute);
        fputs(" -1", w->out);
        lci_put_observations(w, "call/%s/%s", e->name, w->model->entries[f->entry].name);
        lci_put_line_end(w, f->comment);
        free(attribute);
    }
}

/* ---- entries ----------------------------------------------------------------------------------------------------- */

static void write_entry(struct lci_text_out *w, int entry)
{
    const struct lc_entry *e = &w->model->entries[entry];
    const struct lci_owner owner = {LCI_OWNER_ENTRY, entry, LC_NONE};
    const struct lci_role *role = lci_role_of(e->role);
    if (e->comment != NULL) {
        fputs("  ", w->out);
        lci_put_line_end(w, e->comment);
    }
    if (lci_put_is_set(w, e->open_rate, 0, owner, "open_rate")) {
        fprintf(w->out, "  a %s", w->names.entries[entry]);
        lci_put_number(w, e->open_rate, owner, "open_rate");
        lci_put_observations(w, "open/%s", e->name);
        putc('\n', w->out);
    }
    if (lci_put_is_set(w, e->priority, 0, owner, "priority")) {
        fprintf(w->out, "  p %s", w->names.entries[entry]);
        lci_put_number(w, e->priority, owner, "priority");
        putc('\n', w->out);
    }
    if (role->role != LC_ROLE_NONE)
        fprintf(w->out, "  %c %s\n", role->letter, w->names.entries[entry]);
    if (e->start != LC_NONE)
        fprintf(w->out, "  A %s %s\n", w->names.entries[entry], w->names.activities[e->task][e->start]);
    write_attributes(w, entry);
    write_calls(w, entry);
}

void lci_put_entries(struct lci_text_out *w)
{
    fputs("E 0\n", w->out);
    for (size_t e = 0; e < w->model->entry_count; e++)
        if (!w->fitted->hidden_task[w->model->entries[e].task])
            write_entry(w, (int)e);
    fputs("-1\n", w->out);
}

/* ---- activities -------------------------------------------------------------------------------------------------- */

static void write_value(struct lci_text_out *w, char letter, const char *name, double value, double assumed,
                        struct lci_owner owner, const char *attribute)
{
    if (!lci_put_is_set(w, value, assumed, owner, attribute))
        return;
    fprintf(w->out, "  %c %s", letter, name);
    lci_put_number(w, value, owner, attribute);
    putc('\n', w->out);
}

static void write_activity(struct lci_text_out *w, int task, int activity)
{
    const struct lc_activity *a = &w->model->tasks[task].activities[activity];
    const char *name = w->names.activities[task][activity], *task_name = w->model->tasks[task].name;
    const struct lci_owner owner = {LCI_OWNER_ACTIVITY, task, activity};
    double mean, cv2;
    lci_demand_parts(&a->demand, &mean, &cv2);
    char *observed = lc_format("activity/%s/%s", task_name, a->name);
    if (lci_put_is_set(w, mean, 0, owner, "demand") || lci_put_observes(w, observed)) {
        fprintf(w->out, "  s %s", name);
        lci_put_number(w, mean, owner, "demand");
        lci_put_observations(w, "%s", observed);
        lci_put_line_end(w, a->comment);
    } else if (a->comment != NULL) {
        fputc(' ', w->out);
        lci_put_line_end(w, a->comment);
    }
    free(observed);
    write_value(w, 'c', name, cv2, 1, owner, "cv2");
    write_value(w, 'Z', name, a->think.family != NULL ? lc_dist_mean(&a->think) : 0, 0, owner, "think_time");
    write_value(w, 'f', name, a->deterministic, 0, owner, NULL);
    write_value(w, 'M', name, a->max_service_time, 0, owner, "max_service_time");
    write_histogram(w, name, 0, &a->histogram);
    for (size_t i = 0; i < a->call_count; i++) {
        const struct lc_call *call = &a->calls[i];
        const char *to = w->model->entries[call->entry].name;
        char *attribute = lci_call_attribute(call->kind, to);
        fprintf(w->out, "  %c %s %s", call->kind == LC_CALL_SYNC ? 'y' : 'z', name, w->names.entries[call->entry]);
        lci_put_number(w, call->mean, owner, attribute);
        lci_put_observations(w, "call/%s:%s/%s", task_name, a->name, to);
        lci_put_line_end(w, call->comment);
        free(attribute);
    }
}

/* The activity, with the entries that it replies to the first time it is named. */
static void write_joined(struct lci_text_out *w, int task, int activity, bool *replied)
{
    const struct lc_activity *a = &w->model->tasks[task].activities[activity];
    fputs(w->names.activities[task][activity], w->out);
    for (size_t r = 0; r < a->reply_count && !replied[activity]; r++)
        fprintf(w->out, "%s%s%s", r == 0 ? "[" : ",", w->names.entries[a->replies[r]],
                r + 1 == a->reply_count ? "]" : "");
    replied[activity] = true;
}

static void write_fork(struct lci_text_out *w, int task, const struct lc_precedence *p)
{
    for (size_t i = 0; i < p->post_count; i++) {
        const char *name = w->names.activities[task][p->post[i]];
        const struct lci_owner owner = {LCI_OWNER_ACTIVITY, task, p->post[i]};
        switch (p->fork) {
        case LC_FORK_OR:
            fputs(i > 0 ? " + (" : "(", w->out);
            lci_put_number(w, p->weights[i], owner, "probability");
            fprintf(w->out, ") %s", name);
            break;
        case LC_FORK_LOOP:
            fputs(i > 0 ? "," : "", w->out);
            lci_put_number(w, p->weights[i], owner, "count");
            fprintf(w->out, " * %s", name);
            break;
        default: fprintf(w->out, "%s%s", i > 0 ? " & " : "", name);
        }
    }
    if (p->end != LC_NONE)
        fprintf(w->out, "%s%s", p->post_count > 0 ? ", " : "", w->names.activities[task][p->end]);
}

static void write_graph(struct lci_text_out *w, int task)
{
    const struct lc_task *t = &w->model->tasks[task];
    bool *replied = lc_calloc(t->activity_count, sizeof *replied);
    const char *separator = "  :\n  ";
    for (size_t i = 0; i < t->precedence_count; i++) {
        const struct lc_precedence *p = &t->precedences[i];
        fputs(separator, w->out);
        separator = ";\n  ";
        for (size_t k = 0; k < p->pre_count; k++) {
            fputs(k == 0 ? "" : p->join == LC_JOIN_OR ? " + " : " & ", w->out);
            write_joined(w, task, p->pre[k], replied);
        }
        if (p->join == LC_JOIN_AND && p->quorum > 0)
            fprintf(w->out, " (%u)", p->quorum);
        if (p->post_count > 0 || p->end != LC_NONE) {
            fputs(" -> ", w->out);
            write_fork(w, task, p);
        }
    }
    for (size_t a = 0; a < t->activity_count; a++) {
        if (replied[a] || t->activities[a].reply_count == 0)
            continue;
        fputs(separator, w->out);
        separator = ";\n  ";
        write_joined(w, task, (int)a, replied);
    }
    fputs(separator[0] == ';' ? "\n-1\n" : "-1\n", w->out);
    free(replied);
}

void lci_put_activities(struct lci_text_out *w)
{
    for (size_t t = 0; t < w->model->task_count; t++) {
        if (w->model->tasks[t].activity_count == 0 || w->fitted->hidden_task[t])
            continue;
        fprintf(w->out, "\nA %s\n", w->names.tasks[t]);
        for (size_t a = 0; a < w->model->tasks[t].activity_count; a++)
            write_activity(w, (int)t, (int)a);
        write_graph(w, (int)t);
    }
}
