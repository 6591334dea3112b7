/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes LQN XML with the names and the order of elements that LQNS uses. */
#include "base/text.h"
#include "format/lqnx_observe.h"

#include "base/buffer.h"
#include "format/lqn_words.h"
#include "format/lqnx.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- XML --------------------------------------------------------------------------------------------------------- */

static void close_tag(struct lci_xml_out *w)
{
    if (w->open)
        fputs(">\n", w->out);
    w->open = false;
}

void lci_out_begin(struct lci_xml_out *w, const char *element)
{
    close_tag(w);
    fprintf(w->out, "%*s<%s", 2 * w->depth++, "", element);
    w->open = true;
}

void lci_out_end(struct lci_xml_out *w, const char *element)
{
    w->depth--;
    if (w->open)
        fputs("/>\n", w->out);
    else
        fprintf(w->out, "%*s</%s>\n", 2 * w->depth, "", element);
    w->open = false;
}

static void escape(FILE *out, const char *text)
{
    char *escaped = lci_xml_escaped(text);
    fputs(escaped, out);
    free(escaped);
}

void lci_out_text(struct lci_xml_out *w, const char *name, const char *value)
{
    if (value == NULL)
        return;
    fprintf(w->out, " %s=\"", name);
    escape(w->out, value);
    putc('"', w->out);
}

void lci_out_number(struct lci_xml_out *w, const char *name, double value)
{
    char text[32];
    if (!isnan(value))
        lci_out_text(w, name, isinf(value) ? "inf" : lci_number_text(value, text));
}

void lci_out_count(struct lci_xml_out *w, const char *name, uint64_t value)
{
    fprintf(w->out, " %s=\"%llu\"", name, (unsigned long long)value);
}

/* A number that a variable may stand for; left out when it is what readers assume. An expression that is more than a
 * variable becomes a parameter of its own (see write_parameters). */
static void attribute(struct lci_xml_out *w, const char *name, double value, double assumed, struct lci_owner owner,
                      const char *path)
{
    const struct lc_binding *binding = lci_bindings_find(&w->bindings, owner, path);
    if (binding == NULL) {
        if (value != assumed)
            lci_out_number(w, name, value);
    } else if (lci_is_variable(binding->expression)) {
        lci_out_text(w, name, binding->expression);
    } else {
        fprintf(w->out, " %s=\"$bound_%zu\"", name, w->bindings.first + (size_t)(binding - w->model->bindings));
    }
}

static void multiplicity(struct lci_xml_out *w, uint32_t value, bool infinite_anyway, struct lci_owner owner,
                         const char *path)
{
    if (value != LC_INFINITE || lci_bindings_find(&w->bindings, owner, path) != NULL)
        attribute(w, "multiplicity", value, 1, owner, path);
    else if (!infinite_anyway)
        lci_out_text(w, "multiplicity", "@infinity");
}

/* ---- phases and activities --------------------------------------------------------------------------------------- */

/* Does an earlier call go to the same entry? LQNS reads the first only, which then stands for all of them. */
static bool is_repeated(const struct lc_activity *a, size_t call)
{
    for (size_t i = 0; i < call; i++)
        if (a->calls[i].entry == a->calls[call].entry)
            return true;
    return false;
}

static bool calls(const struct lc_activity *a, const struct lc_model *m, const char *to)
{
    for (size_t i = 0; i < a->call_count; i++)
        if (strcmp(m->entries[a->calls[i].entry].name, to) == 0)
            return true;
    return false;
}

/* What names no phase is of the first one that makes the call. */
static void observe_call(struct lci_xml_out *w, struct lci_owner owner, const char *to)
{
    const struct lc_model *m = w->model;
    if (owner.kind == LCI_OWNER_ACTIVITY) {
        const struct lc_task *t = &m->tasks[owner.index];
        lci_out_observe(w, 0, "call/%s:%s/%s", t->name, t->activities[owner.part].name, to);
        return;
    }
    const struct lc_entry *e = &m->entries[owner.index];
    int first = 0;
    while (first < owner.part && !calls(&e->phases[first], m, to))
        first++;
    lci_out_observe(w, first == owner.part ? 0 : owner.part + 1, "call/%s/%s", e->name, to);
}

static void write_calls(struct lci_xml_out *w, const struct lc_activity *a, struct lci_owner owner,
                        const struct lc_activity_result *result)
{
    for (size_t i = 0; i < a->call_count; i++) {
        const struct lc_call *call = &a->calls[i];
        if (is_repeated(a, i))
            continue;
        double mean = call->mean;
        for (size_t k = i + 1; k < a->call_count; k++)
            if (a->calls[k].entry == call->entry) {
                mean += a->calls[k].mean;
                lc_warn(w->diag, &a->calls[k].place, "two calls to '%s' become one of the sum",
                        w->model->entries[call->entry].name);
            }
        const char *element = call->kind == LC_CALL_SYNC ? "synch-call" : "asynch-call";
        const char *to = w->model->entries[call->entry].name;
        char *path = lci_call_attribute(call->kind, to);
        lci_out_begin(w, element);
        lci_out_text(w, "dest", to);
        attribute(w, "calls-mean", mean, NAN, owner, path);
        lci_out_text(w, "comment", call->comment);
        lci_out_result_call(w, result, i);
        observe_call(w, owner, to);
        lci_out_end(w, element);
        free(path);
    }
}

static void write_histogram(struct lci_xml_out *w, const struct lc_histogram *histogram,
                            const struct lc_activity_result *result)
{
    if (histogram->bins == 0)
        return;
    lci_out_begin(w, "service-time-distribution");
    lci_out_count(w, "number-bins", histogram->bins);
    lci_out_number(w, "min", histogram->minimum);
    lci_out_number(w, "max", histogram->maximum);
    if (result != NULL)
        lci_out_histogram_bins(w, histogram, &result->histogram);
    lci_out_end(w, "service-time-distribution");
}

static void write_activity_attributes(struct lci_xml_out *w, const struct lc_activity *a, struct lci_owner owner)
{
    double mean, cv2;
    lci_demand_parts(&a->demand, &mean, &cv2);
    attribute(w, "host-demand-mean", mean, NAN, owner, "demand");
    attribute(w, "host-demand-cvsq", cv2, 1, owner, "cv2");
    attribute(w, "think-time", a->think.family != NULL ? lc_dist_mean(&a->think) : 0, 0, owner, "think_time");
    attribute(w, "max-service-time", a->max_service_time, 0, owner, "max_service_time");
    if (a->deterministic)
        lci_out_text(w, "call-order", "DETERMINISTIC");
    lci_out_text(w, "comment", a->comment);
}

static void write_phase(struct lci_xml_out *w, int entry, int phase)
{
    const struct lc_entry *e = &w->model->entries[entry];
    const struct lc_activity *a = &e->phases[phase];
    const struct lci_owner owner = {LCI_OWNER_PHASE, entry, phase};
    const struct lc_activity_result *result = w->result != NULL ? &w->result->entries[entry].phases[phase] : NULL;
    char *usual = lci_phase_name(e->name, phase + 1);
    lci_out_begin(w, "activity");
    lci_out_text(w, "name", a->name != NULL ? a->name : usual);
    lci_out_count(w, "phase", (uint64_t)phase + 1);
    write_activity_attributes(w, a, owner);
    write_histogram(w, &a->histogram, result);
    lci_out_result_phase(w, entry, phase);
    lci_out_observe(w, phase + 1, "entry/%s", e->name);
    write_calls(w, a, owner, result);
    lci_out_end(w, "activity");
    free(usual);
}

static void write_activity(struct lci_xml_out *w, int task, int activity)
{
    const struct lc_task *t = &w->model->tasks[task];
    const struct lc_activity *a = &t->activities[activity];
    const struct lci_owner owner = {LCI_OWNER_ACTIVITY, task, activity};
    lci_out_begin(w, "activity");
    lci_out_text(w, "name", a->name);
    for (size_t i = 0; i < t->entry_count; i++)
        if (w->model->entries[t->entries[i]].start == activity)
            lci_out_text(w, "bound-to-entry", w->model->entries[t->entries[i]].name);
    write_activity_attributes(w, a, owner);
    const struct lc_activity_result *result = w->result != NULL ? &w->result->activities[task][activity] : NULL;
    write_histogram(w, &a->histogram, result);
    lci_out_result_activity(w, task, activity);
    lci_out_observe(w, 0, "activity/%s/%s", t->name, a->name);
    write_calls(w, a, owner, result);
    lci_out_end(w, "activity");
}

/* ---- activity graphs --------------------------------------------------------------------------------------------- */

/* The weight is that of an or-fork or a loop. */
static void write_list_activity(struct lci_xml_out *w, int task, int activity, enum lc_fork fork, double weight)
{
    const struct lci_owner owner = {LCI_OWNER_ACTIVITY, task, activity};
    lci_out_begin(w, "activity");
    lci_out_text(w, "name", w->model->tasks[task].activities[activity].name);
    if (fork == LC_FORK_OR)
        attribute(w, "prob", weight, NAN, owner, "probability");
    else if (fork == LC_FORK_LOOP)
        attribute(w, "count", weight, NAN, owner, "count");
    lci_out_end(w, "activity");
}

static bool is_endless(const struct lc_precedence *p)
{
    return p->fork == LC_FORK_LOOP && p->end == LC_NONE && p->post_count > 0;
}

static char *loop_end_name(const struct lc_task *t, const struct lc_precedence *p)
{
    char *name = lc_format("end_of_%s", t->activities[p->post[0]].name);
    for (size_t i = 0; i < t->activity_count; i++)
        if (strcmp(t->activities[i].name, name) == 0) {
            char *longer = lc_format("%s_", name);
            free(name);
            name = longer;
            i = SIZE_MAX; /* from the first again */
        }
    return name;
}

/* LQNS refuses a loop without an activity behind it: one that does nothing. */
static void write_loop_ends(struct lci_xml_out *w, const struct lc_task *t)
{
    for (size_t i = 0; i < t->precedence_count; i++) {
        if (!is_endless(&t->precedences[i]))
            continue;
        char *name = loop_end_name(t, &t->precedences[i]);
        lci_out_begin(w, "activity");
        lci_out_text(w, "name", name);
        lci_out_number(w, "host-demand-mean", LCI_NOTHING);
        lci_out_text(w, "comment", LCI_LOOP_END);
        lci_out_end(w, "activity");
        free(name);
    }
}

static void write_precedence(struct lci_xml_out *w, int task, int precedence)
{
    static const char *const joins[] = {"pre", "pre-AND", "pre-OR"};
    static const char *const forks[] = {"post", "post-AND", "post-OR", "post-LOOP"};
    const struct lc_task *t = &w->model->tasks[task];
    const struct lc_precedence *p = &t->precedences[precedence];
    lci_out_begin(w, "precedence");
    lci_out_begin(w, joins[p->join]);
    if (p->join == LC_JOIN_AND && p->quorum > 0)
        lci_out_count(w, "quorum", p->quorum);
    if (p->join == LC_JOIN_AND)
        lci_out_result_join(w, task, precedence);
    for (size_t i = 0; i < p->pre_count; i++)
        write_list_activity(w, task, p->pre[i], LC_FORK_NONE, 0);
    lci_out_end(w, joins[p->join]);
    if (p->post_count > 0 || p->end != LC_NONE) {
        lci_out_begin(w, forks[p->fork]);
        char *end = is_endless(p)       ? loop_end_name(t, p)
                    : p->end != LC_NONE ? lc_strdup(t->activities[p->end].name)
                                        : NULL;
        lci_out_text(w, "end", end);
        free(end);
        for (size_t i = 0; i < p->post_count; i++)
            write_list_activity(w, task, p->post[i], p->fork, p->weights != NULL ? p->weights[i] : 1);
        lci_out_end(w, forks[p->fork]);
    }
    lci_out_end(w, "precedence");
}

static bool replies_to(const struct lc_activity *a, int entry)
{
    for (size_t r = 0; r < a->reply_count; r++)
        if (a->replies[r] == entry)
            return true;
    return false;
}

static void write_replies(struct lci_xml_out *w, const struct lc_task *t)
{
    for (size_t i = 0; i < t->entry_count; i++) {
        bool any = false;
        for (size_t a = 0; a < t->activity_count; a++) {
            if (!replies_to(&t->activities[a], t->entries[i]))
                continue;
            if (!any) {
                lci_out_begin(w, "reply-entry");
                lci_out_text(w, "name", w->model->entries[t->entries[i]].name);
            }
            any = true;
            lci_out_begin(w, "reply-activity");
            lci_out_text(w, "name", t->activities[a].name);
            lci_out_end(w, "reply-activity");
        }
        if (any)
            lci_out_end(w, "reply-entry");
    }
}

static void write_graph(struct lci_xml_out *w, int task)
{
    const struct lc_task *t = &w->model->tasks[task];
    if (t->activity_count == 0)
        return;
    lci_out_begin(w, "task-activities");
    for (size_t a = 0; a < t->activity_count; a++)
        write_activity(w, task, (int)a);
    write_loop_ends(w, t);
    for (size_t p = 0; p < t->precedence_count; p++)
        write_precedence(w, task, (int)p);
    write_replies(w, t);
    lci_out_end(w, "task-activities");
}

/* ---- entries ----------------------------------------------------------------------------------------------------- */

static void write_entry(struct lci_xml_out *w, int entry)
{
    const struct lc_entry *e = &w->model->entries[entry];
    const struct lci_owner owner = {LCI_OWNER_ENTRY, entry, LC_NONE};
    const struct lci_role *role = lci_role_of(e->role);
    bool phases = false;
    lci_out_begin(w, "entry");
    lci_out_text(w, "name", e->name);
    lci_out_text(w, "type", e->start == LC_NONE ? "PH1PH2" : "NONE");
    attribute(w, "open-arrival-rate", e->open_rate, 0, owner, "open_rate");
    attribute(w, "priority", e->priority, 0, owner, "priority");
    attribute(w, "prob", e->probability, 0, owner, "probability");
    if (role->role != LC_ROLE_NONE)
        lci_out_text(w, role->attribute, role->word);
    lci_out_text(w, "comment", e->comment);
    lci_out_result_entry(w, entry);
    lci_out_observe(w, e->start == LC_NONE ? 0 : -1, "entry/%s", e->name);
    lci_out_observe(w, 0, "open/%s", e->name);
    for (size_t i = 0; i < e->forward_count; i++) {
        const struct lc_forward *f = &e->forwards[i];
        char *path = lc_format("forwards.%s", w->model->entries[f->entry].name);
        lci_out_begin(w, "forwarding");
        lci_out_text(w, "dest", w->model->entries[f->entry].name);
        attribute(w, "prob", f->probability, NAN, owner, path);
        lci_out_text(w, "comment", f->comment);
        lci_out_result_forwarding(w, entry, i);
        lci_out_observe(w, 0, "call/%s/%s", e->name, w->model->entries[f->entry].name);
        lci_out_end(w, "forwarding");
        free(path);
    }
    for (int p = 0; p < LC_PHASES; p++) {
        if (!e->phases[p].present)
            continue;
        if (!phases)
            lci_out_begin(w, "entry-phase-activities");
        phases = true;
        write_phase(w, entry, p);
    }
    if (phases)
        lci_out_end(w, "entry-phase-activities");
    lci_out_end(w, "entry");
}

/* ---- tasks, groups, processors ----------------------------------------------------------------------------------- */

static void write_fan(struct lci_xml_out *w, int task, const struct lc_fan *fan, bool in)
{
    const char *element = in ? "fan-in" : "fan-out", *other = w->model->tasks[fan->task].name;
    char *path = lc_format("fan_%s.%s", in ? "in" : "out", other);
    lci_out_begin(w, element);
    lci_out_text(w, in ? "source" : "dest", other);
    attribute(w, "value", fan->value, 0, (struct lci_owner){LCI_OWNER_TASK, task, LC_NONE}, path);
    lci_out_end(w, element);
    free(path);
}

static void write_fans(struct lci_xml_out *w, int task)
{
    const struct lc_task *t = &w->model->tasks[task];
    for (size_t i = 0; i < t->fan_in_count; i++)
        write_fan(w, task, &t->fan_in[i], true);
    for (size_t i = 0; i < t->fan_out_count; i++)
        write_fan(w, task, &t->fan_out[i], false);
}

static void write_decisions(struct lci_xml_out *w, const struct lc_task *t)
{
    for (size_t i = 0; i < t->decision_count; i++) {
        const struct lc_decision *d = &t->decisions[i];
        lci_out_begin(w, "decision");
        lci_out_text(w, "name", d->name);
        lci_out_text(w, "type", lci_lqnx_scheduling(d->kind));
        lci_out_text(w, "fromEntry", d->from != LC_NONE ? w->model->entries[d->from].name : NULL);
        lci_out_text(w, "decision-entry", d->to != LC_NONE ? w->model->entries[d->to].name : NULL);
        if (d->timeout > 0)
            lci_out_number(w, "timeout", d->timeout);
        if (d->abort > 0)
            lci_out_number(w, "abort", d->abort);
        if (d->sleep > 0)
            lci_out_number(w, "sleep", d->sleep);
        if (d->max_retries > 0)
            lci_out_count(w, "max-retries", d->max_retries);
        if (i == 0)
            lci_out_result_decision(w, (int)(t - w->model->tasks));
        lci_out_end(w, "decision");
    }
}

static void write_task(struct lci_xml_out *w, int task)
{
    const struct lc_task *t = &w->model->tasks[task];
    const struct lci_owner owner = {LCI_OWNER_TASK, task, LC_NONE};
    lci_out_begin(w, "task");
    lci_out_text(w, "name", t->name);
    lci_out_text(w, "scheduling", lci_lqnx_scheduling(t->scheduling));
    multiplicity(w, t->multiplicity, t->scheduling == LC_INF, owner, "multiplicity");
    attribute(w, "replication", t->replicas, 1, owner, "replicas");
    attribute(w, "think-time", t->think_time.family != NULL ? lc_dist_mean(&t->think_time) : 0, 0, owner, "think_time");
    attribute(w, "priority", t->priority, 0, owner, "priority");
    attribute(w, "queue-length", t->queue_length, 0, owner, "queue_length");
    if (t->initially >= 0)
        lci_out_count(w, "initially", (uint64_t)t->initially);
    lci_out_text(w, "comment", t->comment);
    lci_out_result_task(w, task);
    lci_out_observe(w, -1, "task/%s", t->name);
    write_fans(w, task);
    write_decisions(w, t);
    for (size_t i = 0; i < t->entry_count; i++)
        write_entry(w, t->entries[i]);
    write_graph(w, task);
    lci_out_end(w, "task");
}

static void write_tasks(struct lci_xml_out *w, int processor, int group)
{
    for (size_t t = 0; t < w->model->task_count; t++)
        if (w->model->tasks[t].processor == processor && w->model->tasks[t].group == group &&
            !w->fitted->hidden_task[t])
            write_task(w, (int)t);
}

static void write_group(struct lci_xml_out *w, int group)
{
    const struct lc_group *g = &w->model->groups[group];
    lci_out_begin(w, "group");
    lci_out_text(w, "name", g->name);
    attribute(w, "share", g->share, NAN, (struct lci_owner){LCI_OWNER_GROUP, group, LC_NONE}, "share");
    lci_out_text(w, "cap", g->cap ? "true" : "false");
    lci_out_text(w, "comment", g->comment);
    lci_out_result_group(w, group);
    lci_out_observe(w, 0, "group/%s", g->name);
    write_tasks(w, g->processor, group);
    lci_out_end(w, "group");
}

static void write_processor(struct lci_xml_out *w, int processor)
{
    const struct lc_processor *p = &w->model->processors[processor];
    const struct lci_owner owner = {LCI_OWNER_PROCESSOR, processor, LC_NONE};
    lci_out_begin(w, "processor");
    lci_out_text(w, "name", p->name);
    lci_out_text(w, "scheduling", lci_lqnx_scheduling(p->scheduling));
    attribute(w, "quantum", p->quantum, 0, owner, "quantum");
    multiplicity(w, p->multiplicity, p->scheduling == LC_INF, owner, "cores");
    attribute(w, "replication", p->replicas, 1, owner, "replicas");
    attribute(w, "speed-factor", p->speed, 1, owner, "speed");
    lci_out_text(w, "comment", p->comment);
    lci_out_result_processor(w, processor);
    lci_out_observe(w, 0, "processor/%s", p->name);
    for (size_t g = 0; g < w->model->group_count; g++)
        if (w->model->groups[g].processor == processor)
            write_group(w, (int)g);
    write_tasks(w, processor, LC_NONE);
    lci_out_end(w, "processor");
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

/* Text in an element; "]]>" cannot stand in SPEX. */
static void write_cdata(struct lci_xml_out *w, const char *element, const char *text)
{
    lci_out_begin(w, element);
    close_tag(w);
    fprintf(w->out, "%*s<![CDATA[\n%s%*s]]>\n", 2 * w->depth, "", text, 2 * w->depth, "");
    lci_out_end(w, element);
}

/* `$x = expression` a line, with those that stand for expressions in the place of numbers behind them. */
static void write_parameters(struct lci_xml_out *w)
{
    struct lci_buffer text = {0};
    for (size_t i = 0; i < w->model->variable_count; i++)
        lci_buffer_add(&text, "$%s = %s\n", w->model->variables[i].name, w->model->variables[i].expression);
    for (size_t i = 0; i < w->model->binding_count; i++)
        if (!lci_is_variable(w->model->bindings[i].expression))
            lci_buffer_add(&text, "$bound_%zu = %s\n", w->bindings.first + i, w->model->bindings[i].expression);
    if (text.length > 0)
        write_cdata(w, "parameters", text.text);
    free(text.text);
}

/* The report, or the convergence section, whose names begin with '!'. */
static void write_report(struct lci_xml_out *w, const char *element, bool convergence)
{
    struct lci_buffer text = {0};
    for (size_t i = 0; i < w->model->report_count; i++) {
        const struct lc_variable *v = &w->model->reports[i];
        const char *told = v->name != NULL ? v->name : "";
        if ((told[0] == '!') != convergence || lci_report_is_lost(w->model, w->observed, v->expression))
            continue;
        const char *name = told + convergence;
        lci_buffer_add(&text, name[0] != 0 ? "$%s = %s\n" : "%s%s\n", name, v->expression);
    }
    if (text.length > 0)
        write_cdata(w, element, text.text);
    free(text.text);
}

static bool observes_run(const struct lc_model *m)
{
    for (size_t i = 0; i < m->observation_count; i++)
        if (strncmp(m->observations[i].expression, "model/", strlen("model/")) == 0)
            return true;
    return false;
}

static void write_solver_parameters(struct lci_xml_out *w)
{
    const struct lc_model *m = w->model;
    const bool told = m->comment != NULL || m->convergence > 0 || m->iteration_limit > 0 || m->underrelaxation > 0 ||
                      m->print_interval > 0 || m->pragma_count > 0 || w->result != NULL || observes_run(m);
    if (!told)
        return;
    lci_out_begin(w, "solver-params");
    lci_out_text(w, "comment", m->comment != NULL ? m->comment : ""); /* LQNS 6 refuses the element without it */
    if (m->convergence > 0)
        lci_out_number(w, "conv_val", m->convergence);
    if (m->iteration_limit > 0)
        lci_out_count(w, "it_limit", (uint64_t)m->iteration_limit);
    if (m->underrelaxation > 0)
        lci_out_number(w, "underrelax_coeff", m->underrelaxation);
    if (m->print_interval > 0)
        lci_out_count(w, "print_int", (uint64_t)m->print_interval);
    for (size_t i = 0; i < m->pragma_count; i++) {
        lci_out_begin(w, "pragma");
        lci_out_text(w, "param", m->pragmas[i].name);
        lci_out_text(w, "value", m->pragmas[i].value);
        lci_out_end(w, "pragma");
    }
    lci_out_result_general(w);
    lci_out_observe(w, 0, "model");
    lci_out_end(w, "solver-params");
}

static void write_model(struct lci_xml_out *w)
{
    const struct lc_model *m = w->model;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", w->out);
    lci_out_begin(w, "lqn-model");
    lci_out_text(w, "name", m->name);
    lci_out_text(w, "description", m->description);
    lci_out_text(w, "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
    lci_out_text(w, "xsi:noNamespaceSchemaLocation", "lqn.xsd");
    write_parameters(w);
    write_solver_parameters(w);
    for (size_t p = 0; p < m->processor_count; p++)
        if (!w->fitted->hidden_processor[p])
            write_processor(w, (int)p);
    write_report(w, "results-collection", false);
    write_report(w, "convergence-collection", true);
    size_t lost = 0;
    for (size_t i = 0; i < m->observation_count; i++)
        lost += !w->observed[i];
    if (lost > 0)
        lc_warn(w->diag, NULL, "%zu observations of what LQN XML does not tell are left out", lost);
    lci_out_end(w, "lqn-model");
}

static int write_lqnx(const struct lc_model *model, const struct lc_result *result, FILE *out, struct lc_diag *diag)
{
    const size_t errors = diag->errors;
    struct lci_lqn_fitted fitted = lci_lqn_fit(model, result != NULL, diag);
    struct lci_xml_out w = {.out = out, .model = fitted.model, .fitted = &fitted, .result = result, .diag = diag};
    lci_bindings_start(&w.bindings, fitted.model);
    w.observed = lc_calloc(fitted.model->observation_count, sizeof *w.observed);
    if (diag->errors == errors)
        write_model(&w);
    lci_bindings_end(&w.bindings, diag);
    free(w.observed);
    lci_fitted_free(&fitted);
    return diag->errors == errors ? 0 : -1;
}

static const char *const endings[] = {".lqnx", ".lqxo", ".xml", NULL};
const struct lc_format lci_format_lqnx = {
    .name = "lqnx",
    .endings = endings,
    .recognise = lci_lqnx_recognise,
    .parse = lci_lqnx_parse,
    .write = write_lqnx,
};
