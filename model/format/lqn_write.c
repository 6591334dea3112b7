/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes LQN text: general information, processors, groups, tasks; the other sections are in lqn_write_entries.c. */
#include "base/quoted.h"
#include "base/text.h"
#include "format/lqn_writer.h"

#include "format/lqn.h"
#include "format/lqn_words.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what records are made of ------------------------------------------------------------------------------------ */

void lci_put_number(struct lci_text_out *w, double value, struct lci_owner owner, const char *attribute)
{
    char text[32];
    const struct lc_binding *binding = lci_bindings_find(&w->bindings, owner, attribute);
    if (binding == NULL)
        fprintf(w->out, " %s", lci_number_text(value, text));
    else if (lci_is_variable(binding->expression))
        fprintf(w->out, " %s", binding->expression);
    else
        fprintf(w->out, " { %s }", binding->expression);
}

bool lci_put_is_set(const struct lci_text_out *w, double value, double assumed, struct lci_owner owner,
                    const char *attribute)
{
    return value != assumed || lci_bindings_find(&w->bindings, owner, attribute) != NULL;
}

static void option(struct lci_text_out *w, const char *letter, double value, double assumed, struct lci_owner owner,
                   const char *attribute)
{
    if (!lci_put_is_set(w, value, assumed, owner, attribute))
        return;
    fprintf(w->out, "%s%s", letter[0] != 0 ? " " : "", letter);
    lci_put_number(w, value, owner, attribute);
}

static void multiplicity(struct lci_text_out *w, uint32_t value, bool infinite_anyway, struct lci_owner owner,
                         const char *attribute)
{
    if (value != LC_INFINITE || lci_bindings_find(&w->bindings, owner, attribute) != NULL)
        option(w, "m", value, 1, owner, attribute);
    else if (!infinite_anyway)
        fputs(" i", w->out);
}

static bool is_observation_of(const struct lci_text_out *w, size_t index, const char *prefix)
{
    const char *key = w->model->observations[index].expression;
    const size_t length = strlen(prefix);
    return !w->observed[index] && strncmp(key, prefix, length) == 0 && key[length] == '/' && key[length + 1] == '%';
}

bool lci_put_observes(const struct lci_text_out *w, const char *prefix)
{
    for (size_t i = 0; i < w->model->observation_count; i++)
        if (is_observation_of(w, i, prefix))
            return true;
    return false;
}

void lci_put_observations(struct lci_text_out *w, const char *format, ...)
{
    if (w->model->observation_count == 0)
        return;
    va_list arguments;
    va_start(arguments, format);
    char *prefix = lc_vformat(format, arguments);
    va_end(arguments);
    const size_t length = strlen(prefix);
    for (size_t i = 0; i < w->model->observation_count; i++) {
        const struct lc_variable *v = &w->model->observations[i];
        if (!is_observation_of(w, i, prefix))
            continue;
        w->observed[i] = true;
        const char *key = v->expression + length + 1;
        const size_t letters = 1 + strspn(key + 1, "abcdefghijklmnopqrstuvwxyz");
        fprintf(w->out, " %.*s", (int)letters, key);
        if (w->phase > 0 && (key[letters] == 0 || key[letters] == '9')) /* else it names its own; 9: "95" or "99" */
            fprintf(w->out, "%d", w->phase);
        fprintf(w->out, "%s $", key + letters);
        for (const char *c = v->name; *c != 0; c++) /* "mean, $half" */
            if (*c != ',')
                putc(*c, w->out);
    }
    free(prefix);
}

void lci_put_line_end(struct lci_text_out *w, const char *comment)
{
    if (comment != NULL) {
        fputs("  # ", w->out);
        for (const char *c = comment; *c != 0; c++)
            putc((unsigned char)*c < ' ' ? ' ' : *c, w->out);
    }
    putc('\n', w->out);
}

static void quoted(FILE *out, const char *text)
{
    struct lci_buffer line = {0};
    lci_buffer_quoted(&line, text);
    fputs(line.text, out);
    free(line.text);
}

/* ---- general information ----------------------------------------------------------------------------------------- */

static void write_general(struct lci_text_out *w)
{
    const struct lc_model *m = w->model;
    char convergence[32], relaxation[32];
    const bool numbers =
        m->convergence > 0 || m->iteration_limit > 0 || m->underrelaxation > 0 || m->print_interval > 0;
    for (size_t i = 0; i < m->pragma_count; i++)
        fprintf(w->out, "#pragma %s=%s\n", m->pragmas[i].name, m->pragmas[i].value);
    for (size_t i = 0; i < m->variable_count; i++)
        fprintf(w->out, "$%s = %s\n", m->variables[i].name, m->variables[i].expression);
    fputs("G ", w->out);
    quoted(w->out, m->comment != NULL ? m->comment : "");
    if (numbers) /* all or none of them; LQNS's own values where they are not set */
        fprintf(w->out, " %s %d %d %s", lci_number_text(m->convergence > 0 ? m->convergence : 1e-5, convergence),
                m->iteration_limit > 0 ? m->iteration_limit : 50, m->print_interval,
                lci_number_text(m->underrelaxation > 0 ? m->underrelaxation : 0.9, relaxation));
    fputs(" -1", w->out);
    lci_put_observations(w, "model");
    fputs("\n\n", w->out);
}

/* ---- processors and groups --------------------------------------------------------------------------------------- */

static void write_processor(struct lci_text_out *w, int processor)
{
    const struct lc_processor *p = &w->model->processors[processor];
    const struct lci_owner owner = {LCI_OWNER_PROCESSOR, processor, LC_NONE};
    fprintf(w->out, "  p %s %c", w->names.processors[processor], lci_lqn_letter(p->scheduling, false));
    if (p->scheduling == LC_PS || p->scheduling == LC_CFS)
        lci_put_number(w, p->quantum, owner, "quantum");
    else if (p->quantum > 0)
        lc_warn(w->diag, &p->place, "the quantum of '%s' is left out: its scheduling needs none", p->name);
    multiplicity(w, p->multiplicity, p->scheduling == LC_INF, owner, "cores");
    option(w, "r", p->replicas, 1, owner, "replicas");
    option(w, "R", p->speed, 1, owner, "speed");
    lci_put_observations(w, "processor/%s", p->name);
    lci_put_line_end(w, p->comment);
}

static void write_groups(struct lci_text_out *w)
{
    const struct lc_model *m = w->model;
    if (m->group_count == 0)
        return;
    fputs("U 0\n", w->out);
    for (size_t g = 0; g < m->group_count; g++) {
        fprintf(w->out, "  g %s", w->names.groups[g]);
        lci_put_number(w, m->groups[g].share, (struct lci_owner){LCI_OWNER_GROUP, (int)g, LC_NONE}, "share");
        fprintf(w->out, "%s %s", m->groups[g].cap ? " c" : "", w->names.processors[m->groups[g].processor]);
        lci_put_observations(w, "group/%s", m->groups[g].name);
        lci_put_line_end(w, m->groups[g].comment);
    }
    fputs("-1\n\n", w->out);
}

/* ---- tasks ------------------------------------------------------------------------------------------------------- */

static char task_letter(struct lci_text_out *w, const struct lc_task *t)
{
    const char letter = lci_lqn_letter(t->scheduling, true);
    if (letter == 0)
        lc_warn(w->diag, &t->place, "scheduling '%s' of task '%s' has no letter in LQN text; it becomes fcfs",
                lc_scheduling_name(t->scheduling), t->name);
    if (t->decision_count > 0)
        lc_warn(w->diag, &t->place, "the decisions of task '%s' are left out: LQN text has none", t->name);
    return letter != 0 ? letter : 'n';
}

static void write_task(struct lci_text_out *w, int task)
{
    const struct lc_task *t = &w->model->tasks[task];
    const struct lci_owner owner = {LCI_OWNER_TASK, task, LC_NONE};
    double probability = 0;
    fprintf(w->out, "  t %s %c", w->names.tasks[task], task_letter(w, t));
    for (size_t i = 0; i < t->entry_count; i++) {
        fprintf(w->out, " %s", w->names.entries[t->entries[i]]);
        probability = fmax(probability, w->model->entries[t->entries[i]].probability);
    }
    if (probability > 0 && t->entry_count > 1)
        lc_warn(w->diag, &t->place, "the entries of '%s' are chosen with equal probability in LQN text", t->name);
    fprintf(w->out, " -1 %s", w->names.processors[t->processor]);
    option(w, "", t->priority, 0, owner, "priority");
    option(w, "z", t->think_time.family != NULL ? lc_dist_mean(&t->think_time) : 0, 0, owner, "think_time");
    multiplicity(w, t->multiplicity, t->scheduling == LC_INF, owner, "multiplicity");
    option(w, "r", t->replicas, 1, owner, "replicas");
    option(w, "q", t->queue_length, 0, owner, "queue_length");
    if (t->group != LC_NONE)
        fprintf(w->out, " g %s", w->names.groups[t->group]);
    if (t->initially >= 0)
        fprintf(w->out, " T %d", t->initially);
    lci_put_observations(w, "task/%s", t->name);
    lci_put_line_end(w, t->comment);
}

static void write_fan(struct lci_text_out *w, int task, const struct lc_fan *fan, bool in)
{
    const int from = in ? fan->task : task, to = in ? task : fan->task;
    char *attribute = lc_format("fan_%s.%s", in ? "in" : "out", w->model->tasks[fan->task].name);
    fprintf(w->out, "  %c %s %s", in ? 'I' : 'O', w->names.tasks[from], w->names.tasks[to]);
    lci_put_number(w, fan->value, (struct lci_owner){LCI_OWNER_TASK, task, LC_NONE}, attribute);
    fputc('\n', w->out);
    free(attribute);
}

/* Fans name both tasks, which must stand before them. */
static void write_fans(struct lci_text_out *w)
{
    for (size_t i = 0; i < w->model->task_count; i++) {
        const struct lc_task *t = &w->model->tasks[i];
        for (size_t k = 0; k < t->fan_in_count; k++)
            write_fan(w, (int)i, &t->fan_in[k], true);
        for (size_t k = 0; k < t->fan_out_count; k++)
            write_fan(w, (int)i, &t->fan_out[k], false);
    }
}

/* ---- report ------------------------------------------------------------------------------------------------------ */

static void write_report(struct lci_text_out *w, char letter, bool convergence)
{
    bool any = false;
    for (size_t i = 0; i < w->model->report_count; i++) {
        const struct lc_variable *v = &w->model->reports[i];
        const char *told = v->name != NULL ? v->name : "";
        if ((told[0] == '!') != convergence || lci_report_is_lost(w->model, w->observed, v->expression))
            continue;
        if (!any)
            fprintf(w->out, "\n%c 0\n", letter);
        any = true;
        const char *name = told + convergence;
        fprintf(w->out, name[0] != 0 ? "  $%s = %s\n" : "  %s%s\n", name, v->expression);
    }
    if (any)
        fputs("-1\n", w->out);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

/* Two calls of one kind from one phase to one entry are one of the sum. */
static void merge_calls(struct lc_activity *a, const char *name, struct lc_diag *diag)
{
    size_t kept = 0;
    for (size_t i = 0; i < a->call_count; i++) {
        size_t k = 0;
        while (k < kept && (a->calls[k].entry != a->calls[i].entry || a->calls[k].kind != a->calls[i].kind))
            k++;
        if (k == kept) {
            a->calls[kept++] = a->calls[i];
            continue;
        }
        a->calls[k].mean += a->calls[i].mean;
        free(a->calls[i].comment);
        lc_warn(diag, &a->calls[i].place, "two calls of '%s' to the same entry become one of the sum", name);
    }
    a->call_count = kept;
}

/* What LQN XML says and LQN text does not. */
static void fit_text(struct lci_text_out *w)
{
    struct lc_model *m = w->model;
    const struct lc_activity *named = NULL;
    for (size_t e = 0; e < m->entry_count; e++)
        for (int p = 0; p < LC_PHASES; p++) {
            merge_calls(&m->entries[e].phases[p], m->entries[e].name, w->diag);
            if (m->entries[e].phases[p].name != NULL && named == NULL)
                named = &m->entries[e].phases[p];
        }
    for (size_t t = 0; t < m->task_count; t++)
        for (size_t a = 0; a < m->tasks[t].activity_count; a++)
            merge_calls(&m->tasks[t].activities[a], m->tasks[t].activities[a].name, w->diag);
    if (named != NULL)
        lc_warn(w->diag, &named->place, "names of phases ('%s') are not kept: LQN text has none", named->name);
    if (m->description != NULL)
        lc_warn(w->diag, NULL, "the description of the model is only a comment in LQN text");
}

static void write_comment(FILE *out, const char *text)
{
    fputs("# ", out);
    for (; text != NULL && *text != 0; text++) {
        putc(*text, out);
        if (*text == '\n')
            fputs("# ", out);
    }
    putc('\n', out);
}

static void write_model(struct lci_text_out *w)
{
    const struct lc_model *m = w->model;
    if (m->name != NULL)
        write_comment(w->out, m->name);
    if (m->description != NULL)
        write_comment(w->out, m->description);
    write_general(w);
    fputs("P 0\n", w->out);
    for (size_t p = 0; p < m->processor_count; p++)
        if (!w->fitted->hidden_processor[p])
            write_processor(w, (int)p);
    fputs("-1\n\n", w->out);
    write_groups(w);
    fputs("T 0\n", w->out);
    for (size_t t = 0; t < m->task_count; t++)
        if (!w->fitted->hidden_task[t])
            write_task(w, (int)t);
    write_fans(w);
    fputs("-1\n\n", w->out);
    lci_put_entries(w);
    lci_put_activities(w);
    write_report(w, 'R', false);
    write_report(w, 'C', true);
    size_t lost = 0;
    for (size_t i = 0; i < m->observation_count; i++)
        lost += !w->observed[i];
    if (lost > 0)
        lc_warn(w->diag, NULL, "%zu observations of what LQN text does not tell are left out", lost);
}

static int write_lqn(const struct lc_model *model, const struct lc_result *result, FILE *out, struct lc_diag *diag)
{
    (void)result; /* LQN text has no place for results */
    const size_t errors = diag->errors;
    struct lci_lqn_fitted fitted = lci_lqn_fit(model, false, diag);
    struct lci_text_out w = {.out = out, .model = fitted.model, .fitted = &fitted, .diag = diag};
    fit_text(&w);
    w.names = lci_legal_names(fitted.model, diag);
    lci_bindings_start(&w.bindings, fitted.model);
    w.observed = lc_calloc(fitted.model->observation_count, sizeof *w.observed);
    if (diag->errors == errors)
        write_model(&w);
    lci_bindings_end(&w.bindings, diag);
    free(w.observed);
    lci_legal_names_free(&w.names, fitted.model);
    lci_fitted_free(&fitted);
    return diag->errors == errors ? 0 : -1;
}

/* The first thing that is neither blank nor comment: a parameter, "G" and a text, or "P" and a count. */
static bool recognise(const char *text, size_t length)
{
    const char *c = text, *end = text + length;
    for (;;) {
        while (c < end && isspace((unsigned char)*c))
            c++;
        if (c == end || *c != '#')
            break;
        while (c < end && *c != '\n')
            c++;
    }
    if (end - c < 4)
        return false;
    const char *next = c + 1;
    if (*c == '$')
        return isalnum((unsigned char)*next) || *next == '_';
    while (next < end && isspace((unsigned char)*next))
        next++;
    if (next == c + 1 || next == end)
        return *c == 'G' && *next == '"';
    return (*c == 'G' && *next == '"') || (*c == 'P' && (isdigit((unsigned char)*next) || *next == 'p'));
}

static const char *const endings[] = {".lqn", ".in", ".xlqn", NULL};
const struct lc_format lci_format_lqn = {
    .name = "lqn",
    .endings = endings,
    .recognise = recognise,
    .parse = lci_lqn_parse,
    .write = write_lqn,
};
