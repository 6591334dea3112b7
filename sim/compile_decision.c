/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decisions of tasks: which entries they are about, and what they do when the time has run out (decision.c).
 */
#include "compile.h"

#include <math.h>

static void refuse(struct lci_compiler *c, const struct lc_task *t, const char *what)
{
    lc_error(c->diag, LC_INPUT, &t->place, "task '%s': %s", t->name, what);
}

static void add_to_entry(struct lci_compiler *c, const struct lc_task *t, int entry, uint32_t decision)
{
    struct lci_entry *to = &c->program->entries[c->program->model_entry[entry]];
    const enum lc_scheduling kind = c->model->tasks[c->model->entries[entry].task].scheduling;
    if (to->decision != LCI_NIL)
        refuse(c, t, "two decisions are about the same entry; one is the most");
    if (kind == LC_SEMAPHORE || kind == LC_RWLOCK)
        refuse(c, t, "a decision cannot be about an entry of a semaphore or lock; put it at the entry of a server");
    to->decision = decision;
}

void lci_add_decisions(struct lci_compiler *c)
{
    struct lci_program *p = c->program;
    for (uint32_t i = 0; i < p->task_count; i++) {
        const struct lc_task *t = &c->model->tasks[p->tasks[i].model];
        for (size_t k = 0; k < t->decision_count; k++) {
            const struct lc_decision *d = &t->decisions[k];
            const double timeout = d->timeout > 0 ? d->timeout : d->kind == LC_ABORT ? d->abort : 0;
            if (!(timeout > 0) || !isfinite(timeout))
                refuse(c, t, "a decision has no time after which it is taken; give it a timeout above 0");
            LC_GROW(p->decisions, p->decision_count, p->decision_capacity);
            p->decisions[p->decision_count] =
                (struct lci_decision){.kind = d->kind,
                                      .timeout = timeout,
                                      .sleep = d->sleep,
                                      .deadline = d->abort > 0 ? d->abort : INFINITY,
                                      .retries = d->kind == LC_INF_RETRY ? LC_INFINITE : d->max_retries,
                                      .divert = LCI_NIL};
            for (size_t e = 0; d->from == LC_NONE && e < t->entry_count; e++)
                add_to_entry(c, t, t->entries[e], (uint32_t)p->decision_count);
            if (d->from != LC_NONE)
                add_to_entry(c, t, d->from, (uint32_t)p->decision_count);
            p->decision_count++;
        }
    }
}

void lci_compile_decisions(struct lci_compiler *c)
{
    struct lci_program *p = c->program;
    if (p->decision_count == 0)
        return;
    const uint32_t answered = lci_add_instruction(p, (struct lci_instruction){.code = LCI_ANSWERED});
    uint32_t decision = 0;
    for (uint32_t i = 0; i < p->task_count; i++) {
        const struct lc_task *t = &c->model->tasks[p->tasks[i].model];
        for (size_t k = 0; k < t->decision_count; k++, decision++) {
            const int to = t->decisions[k].to;
            p->decisions[decision].answered = answered;
            if (to == LC_NONE)
                continue;
            uint32_t count;
            const uint32_t statistic = p->call_statistics++;
            p->decisions[decision].divert = lci_add_arcs(c, i, to, LCI_SYNC, statistic,
                                                         t->priority + c->model->entries[to].priority, t->name, &count);
        }
    }
}
