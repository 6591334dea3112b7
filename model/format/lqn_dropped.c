/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What LQN files have no word for and nothing comes near: policies, and replicas that come and go. Said by name.
 */
#include "format/lqn_dropped.h"
#include "base/buffer.h"
#include "model/elastic.h"

#include "model/policy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The groups of attributes that any of the task's policies tells: `retries` of `retries.max`. */
static void add_policies(struct lci_buffer *list, const struct lc_task *t)
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
        lci_buffer_join(list, ", ", "%.*s", (int)length, last);
    }
}

void lci_warn_dropped(const struct lc_task *t, struct lc_diag *diag)
{
    struct lci_buffer list = {0};
    const struct lc_elastic *e = &t->elastic;
    add_policies(&list, t);
    if (lci_elastic_scales(e))
        lci_buffer_join(&list, ", ", "scaling");
    if (lci_elastic_fails(e) || e->outage.length > 0)
        lci_buffer_join(&list, ", ", "failures");
    if (e->slow_down.length > 0)
        lci_buffer_join(&list, ", ", "slow_down");
    if (list.text != NULL)
        lc_warn(diag, &t->place, "LQN files have no policies: left out of task '%s': %s", t->name, list.text);
    free(list.text);
}
