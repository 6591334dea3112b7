/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model as bytes, with every bit of every number: to a process that simulates it as this one would. Records go whole
 * (base/pack.h); what is here are the pointers in them, the same as in lqn_copy.c. */
#include "model/lqn.h"
#include "model/pack.h"
#include "model/policy.h"

#include <stdlib.h>

static void pack_place(struct lci_pack *p, struct lc_place *place)
{
    lci_pack_name(p, &place->file);
}

/* A distribution that is set has parameters, if any, of its own; a family is told by its name. */
static void pack_dist(struct lci_pack *p, struct lc_dist *d)
{
    char *family = lci_pack_reads(p) || d->family == NULL ? NULL : lc_strdup(d->family->name);
    lci_pack_text(p, &family);
    LCI_PACK_ARRAY(p, d->parameters, d->count);
    if (lci_pack_reads(p))
        d->family = family != NULL ? lc_family_find(family) : NULL;
    free(family);
}

static void pack_pattern(struct lci_pack *p, struct lc_pattern *pattern)
{
    LCI_PACK_ARRAY(p, pattern->times, pattern->count);
    LCI_PACK_ARRAY(p, pattern->values, pattern->count);
    LCI_PACK_ARRAY(p, pattern->generator, pattern->count * pattern->count);
    lci_pack_text(p, &pattern->script);
    LCI_PACK_ARRAY(p, pattern->batch_sizes, pattern->batch_count);
    LCI_PACK_ARRAY(p, pattern->batch_probabilities, pattern->batch_count);
}

static void pack_activity(struct lci_pack *p, struct lc_activity *a)
{
    lci_pack_text(p, &a->name);
    lci_pack_text(p, &a->comment);
    pack_dist(p, &a->demand);
    pack_dist(p, &a->think);
    LCI_PACK_ARRAY(p, a->calls, a->call_count);
    for (size_t i = 0; i < a->call_count; i++) {
        lci_pack_text(p, &a->calls[i].comment);
        pack_place(p, &a->calls[i].place);
    }
    LCI_PACK_ARRAY(p, a->replies, a->reply_count);
    pack_place(p, &a->place);
}

static void pack_graph(struct lci_pack *p, struct lc_task *t)
{
    LCI_PACK_ARRAY(p, t->activities, t->activity_count);
    for (size_t i = 0; i < t->activity_count; i++)
        pack_activity(p, &t->activities[i]);
    LCI_PACK_ARRAY(p, t->precedences, t->precedence_count);
    for (size_t i = 0; i < t->precedence_count; i++) {
        struct lc_precedence *precedence = &t->precedences[i];
        LCI_PACK_ARRAY(p, precedence->pre, precedence->pre_count);
        LCI_PACK_ARRAY(p, precedence->post, precedence->post_count);
        LCI_PACK_ARRAY(p, precedence->weights, precedence->post_count);
        pack_place(p, &precedence->place);
    }
}

static void pack_task(struct lci_pack *p, struct lc_task *t)
{
    lci_pack_text(p, &t->name);
    lci_pack_text(p, &t->comment);
    pack_dist(p, &t->think_time);
    pack_dist(p, &t->arrivals);
    pack_pattern(p, &t->pattern);
    LCI_PACK_ARRAY(p, t->fan_in, t->fan_in_count);
    LCI_PACK_ARRAY(p, t->fan_out, t->fan_out_count);
    LCI_PACK_ARRAY(p, t->entries, t->entry_count);
    pack_graph(p, t);
    LCI_PACK_ARRAY(p, t->decisions, t->decision_count);
    for (size_t i = 0; i < t->decision_count; i++)
        lci_pack_text(p, &t->decisions[i].name);
    pack_dist(p, &t->elastic.keep_alive);
    pack_dist(p, &t->elastic.start_up);
    pack_dist(p, &t->elastic.up);
    pack_dist(p, &t->elastic.down);
    LCI_PACK_ARRAY(p, t->policies, t->policy_count);
    for (size_t i = 0; i < t->policy_count; i++)
        pack_place(p, &t->policies[i].place);
    pack_place(p, &t->place);
}

static void pack_forwards(struct lci_pack *p, struct lc_forward **forwards, size_t count)
{
    LCI_PACK_ARRAY(p, *forwards, count);
    for (size_t i = 0; i < count; i++) {
        lci_pack_text(p, &(*forwards)[i].comment);
        pack_place(p, &(*forwards)[i].place);
    }
}

static void pack_entry(struct lci_pack *p, struct lc_entry *e)
{
    lci_pack_text(p, &e->name);
    lci_pack_text(p, &e->comment);
    for (int i = 0; i < LC_PHASES; i++)
        pack_activity(p, &e->phases[i]);
    pack_dist(p, &e->open_arrivals);
    pack_dist(p, &e->pause);
    pack_forwards(p, &e->next, e->next_count);
    pack_forwards(p, &e->forwards, e->forward_count);
    pack_place(p, &e->place);
}

static void pack_variables(struct lci_pack *p, struct lc_variable **variables, size_t count)
{
    LCI_PACK_ARRAY(p, *variables, count);
    for (size_t i = 0; i < count; i++) {
        lci_pack_text(p, &(*variables)[i].name);
        lci_pack_text(p, &(*variables)[i].expression);
        pack_place(p, &(*variables)[i].place);
    }
}

static void pack_settings(struct lci_pack *p, struct lc_model *m)
{
    lci_pack_text(p, &m->name);
    lci_pack_text(p, &m->description);
    lci_pack_text(p, &m->comment);
    lci_pack_text(p, &m->time_unit);
    lci_pack_text(p, &m->source);
    LCI_PACK_ARRAY(p, m->pragmas, m->pragma_count);
    for (size_t i = 0; i < m->pragma_count; i++) {
        lci_pack_text(p, &m->pragmas[i].name);
        lci_pack_text(p, &m->pragmas[i].value);
    }
    LCI_PACK_ARRAY(p, m->bindings, m->binding_count);
    for (size_t i = 0; i < m->binding_count; i++) {
        lci_pack_text(p, &m->bindings[i].path);
        lci_pack_text(p, &m->bindings[i].expression);
        pack_place(p, &m->bindings[i].place);
    }
    pack_variables(p, &m->variables, m->variable_count);
    pack_variables(p, &m->observations, m->observation_count);
    pack_variables(p, &m->reports, m->report_count);
}

void lci_pack_model(struct lci_pack *p, struct lc_model **model)
{
    struct lc_model *m = lci_pack_reads(p) ? lc_alloc(sizeof *m) : *model;
    *model = m;
    LCI_PACK(p, *m);
    pack_settings(p, m);
    LCI_PACK_ARRAY(p, m->processors, m->processor_count);
    for (size_t i = 0; i < m->processor_count; i++) {
        lci_pack_text(p, &m->processors[i].name);
        lci_pack_text(p, &m->processors[i].comment);
        pack_place(p, &m->processors[i].place);
    }
    LCI_PACK_ARRAY(p, m->groups, m->group_count);
    for (size_t i = 0; i < m->group_count; i++) {
        lci_pack_text(p, &m->groups[i].name);
        lci_pack_text(p, &m->groups[i].comment);
        pack_place(p, &m->groups[i].place);
    }
    LCI_PACK_ARRAY(p, m->tasks, m->task_count);
    for (size_t i = 0; i < m->task_count; i++)
        pack_task(p, &m->tasks[i]);
    LCI_PACK_ARRAY(p, m->entries, m->entry_count);
    for (size_t i = 0; i < m->entry_count; i++)
        pack_entry(p, &m->entries[i]);
}
