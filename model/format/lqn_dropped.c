/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What LQN files have no word for and nothing comes near: policies, replicas that come and go, and sizes of requests.
 * Said by name.
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
    for (const struct lci_policy_field *f = lci_policy_table; f->name != NULL; f++) {
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

static size_t drop_size(struct lc_dist *dist)
{
    const bool depends = dist->size_correlation != 0;
    dist->size_correlation = 0;
    return depends;
}

void lci_drop_sizes(struct lc_model *model, struct lc_diag *diag)
{
    size_t count = 0;
    for (size_t i = 0; i < model->entry_count; i++)
        for (int k = 0; k < LC_PHASES; k++) {
            struct lc_activity *phase = &model->entries[i].phases[k];
            count += drop_size(&phase->demand) + drop_size(&phase->think);
        }
    for (size_t i = 0; i < model->task_count; i++)
        for (size_t k = 0; k < model->tasks[i].activity_count; k++) {
            struct lc_activity *activity = &model->tasks[i].activities[k];
            count += drop_size(&activity->demand) + drop_size(&activity->think);
        }
    if (count > 0)
        lc_warn(diag, NULL,
                "LQN files have no sizes of requests: %zu times that are long or short together become independent, "
                "and high percentiles of response times too low",
                count);
}

void lci_drop_lasts(struct lc_model *model, struct lc_diag *diag)
{
    size_t count = 0;
    for (size_t i = 0; i < model->task_count; i++)
        for (size_t k = 0; k < model->tasks[i].activity_count; k++) {
            struct lc_activity *activity = &model->tasks[i].activities[k];
            count += activity->last_of > 0;
            activity->last_of = 0;
        }
    if (count > 0)
        lc_warn(diag, NULL,
                "LQN files have no branches for the last of several requests (last_of): %zu become branches that "
                "requests take by chance, and response times of who waits for all of them too short",
                count);
}
