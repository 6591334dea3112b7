/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gather.h"
#include "compile.h"

static uint32_t find(const struct lci_program *p, int task, uint32_t requests)
{
    for (uint32_t i = 0; i < p->gather_count; i++)
        if (p->gathers[i].task == task && p->gathers[i].requests == requests)
            return i;
    return LCI_NIL;
}

void lci_list_gathers(struct lci_program *p, const struct lc_model *model)
{
    for (size_t t = 0; t < model->task_count; t++)
        for (size_t a = 0; a < model->tasks[t].activity_count; a++) {
            const uint32_t requests = model->tasks[t].activities[a].last_of;
            if (requests == 0 || find(p, (int)t, requests) != LCI_NIL)
                continue;
            LC_GROW(p->gathers, p->gather_count, p->gather_capacity);
            p->gathers[p->gather_count++] = (struct lci_gather){(int)t, requests};
        }
}

void lci_compile_gather_begin(struct lci_program *p, bool source)
{
    if (source && p->gather_count > 0)
        lci_add_instruction(p, (struct lci_instruction){.code = LCI_GATHER_BEGIN});
}

/* Those of the branches that are for the last one, or the others, as a choice of its own. */
static void add_part(struct lci_program *p, struct lci_choice all, const struct lc_task *task, const int *posts,
                     bool last)
{
    struct lci_choice part = {.first = (uint32_t)p->option_count};
    double upto = 0, total = 0;
    for (uint32_t i = 0; i < all.count; i++) {
        const struct lci_option option = p->options[all.first + i];
        if ((task->activities[posts[i]].last_of > 0) == last) {
            total += option.upto - upto;
            lci_add_option(p, (struct lci_option){total, 0, option.target});
            part.count++;
        }
        upto = option.upto;
    }
    for (uint32_t i = 0; i < part.count; i++) /* all of probability 0: the first of them */
        p->options[part.first + i].upto = total > 0 ? p->options[part.first + i].upto / total : 1;
    lci_add_choice(p, part);
}

void lci_compile_gather(struct lci_program *p, uint32_t address, int task, const int *posts)
{
    const struct lc_task *t = &p->model->tasks[task];
    const struct lci_choice all = p->choices[p->code[address].a];
    uint32_t requests = 0;
    for (uint32_t i = 0; i < all.count; i++)
        requests += requests == 0 ? t->activities[posts[i]].last_of : 0;
    if (requests == 0)
        return;
    struct lci_instruction *in = &p->code[address];
    in->code = LCI_GATHER;
    in->c = find(p, task, requests);
    in->below = requests;
    in->a = lci_add_choice(p, all);
    add_part(p, all, t, posts, false);
    add_part(p, all, t, posts, true);
}

static uint32_t *counters(const struct lci_engine *e, uint32_t customer)
{
    return &e->gathered[(size_t)customer * e->program->gather_count];
}

void lci_gather_begin(struct lci_engine *e, uint32_t thread)
{
    uint32_t *of = counters(e, e->threads[thread].job);
    for (size_t i = 0; i < e->program->gather_count; i++)
        of[i] = 0;
}

uint32_t lci_gather(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in)
{
    const uint32_t customer = lci_customer_of(e, thread);
    if (customer == LCI_NIL)
        return in->a;
    uint32_t *so_far = &counters(e, customer)[in->c];
    if (++*so_far < in->below)
        return in->a + 1;
    *so_far = 0;
    return in->a + 2;
}
