/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What LQN files have no word for and nothing comes near: policies, and replicas that come and go. Said by name.
 */
#include "format/lqn_dropped.h"
#include "model/elastic.h"

#include "model/policy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct list {
    char *text; /* "timeout, retries"; NULL: nothing */
};

static void add(struct list *list, const char *name, size_t length)
{
    char *longer = list->text == NULL ? lc_format("%.*s", (int)length, name)
                                      : lc_format("%s, %.*s", list->text, (int)length, name);
    free(list->text);
    list->text = longer;
}

/* The groups of attributes that any of the task's policies tells: `retries` of `retries.max`. */
static void add_policies(struct list *list, const struct lc_task *t)
{
    const char *last = NULL;
    size_t length = 0;
    for (const struct lci_policy_field *f = lc_policy_fields; f->name != NULL; f++) {
        bool told = last == NULL || strncmp(last, f->name, length + 1) != 0;
        bool any = false;
        for (size_t i = 0; i < t->policy_count && told; i++)
            any = any || !isnan(lci_policy_get(&t->policies[i], f));
        if (!any)
            continue;
        last = f->name;
        length = strcspn(f->name, ".");
        add(list, last, length);
    }
}

void lci_warn_dropped(const struct lc_task *t, struct lc_diag *diag)
{
    struct list list = {0};
    const struct lc_elastic *e = &t->elastic;
    add_policies(&list, t);
    if (lci_elastic_scales(e))
        add(&list, "scaling", strlen("scaling"));
    if (lci_elastic_fails(e) || e->outage.length > 0)
        add(&list, "failures", strlen("failures"));
    if (e->slow_down.length > 0)
        add(&list, "slow_down", strlen("slow_down"));
    if (list.text != NULL)
        lc_warn(diag, &t->place, "LQN files have no policies: left out of task '%s': %s", t->name, list.text);
    free(list.text);
}
