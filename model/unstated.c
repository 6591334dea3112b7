/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/unstated.h"

#include "base/buffer.h"

#include <stdlib.h>

/* M/M/1 waits twice as long as M/D/1. */
const char *const lci_unstated_consequence =
    "near saturation that is up to twice the response time of constant demands; {mean: …, cv2: …} states another";

#define SHOWN 8

struct list {
    struct lci_buffer text;
    size_t count;
};

static void add(struct list *list, const struct lc_activity *a, const char *name)
{
    if (!a->demand.assumed || list->count++ >= SHOWN)
        return;
    lci_buffer_join(&list->text, ", ", "%s", name);
}

char *lci_unstated_demands(const struct lc_model *m)
{
    struct list list = {0};
    for (size_t e = 0; e < m->entry_count; e++)
        for (int p = 0; p < LC_PHASES; p++) {
            char *name = p == 0 ? lc_strdup(m->entries[e].name) : lc_format("%s phase %d", m->entries[e].name, p + 1);
            add(&list, &m->entries[e].phases[p], name);
            free(name);
        }
    for (size_t t = 0; t < m->task_count; t++)
        for (size_t i = 0; i < m->tasks[t].activity_count; i++)
            add(&list, &m->tasks[t].activities[i], m->tasks[t].activities[i].name);
    if (list.count > SHOWN)
        lci_buffer_add(&list.text, " and %zu more", list.count - SHOWN);
    return list.text.text;
}
