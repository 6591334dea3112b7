/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Traces tell how long a service takes, not how much of that is processor work. Cores that are stated without that make
 * all of its own time processor work, which is said with the load that follows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "predict.h"
#include "sim/scenario/edits.h"

/* Whether processor work of the service, or of one of its entries, is stated. */
static bool states_work(const struct lc_deployment *d, const char *service)
{
    for (size_t i = 0; i < d->count; i++) {
        const char *attribute = lci_edit_attribute(&d->edits[i], service);
        if (attribute != NULL && (strcmp(attribute, "cpu") == 0 || strcmp(attribute, "cpu_share") == 0 ||
                                  strncmp(attribute, "entries.", strlen("entries.")) == 0))
            return true;
    }
    return false;
}

/* Whether the traces tell it: there is an assumption of what was found. */
static bool finds_work(const struct lc_verdict *verdict, const char *service)
{
    bool found = false;
    char *key = lc_format("deployment.services.%s.cpu_share", service);
    for (size_t i = 0; i < verdict->evidence.assumption_count; i++)
        found |= strcmp(verdict->evidence.assumptions[i].key, key) == 0;
    free(key);
    return found;
}

/* The factor of the load at which the processor is full; NaN: not known. */
static double full_at(const struct lc_verdict *verdict, int processor)
{
    for (size_t i = 0; verdict->limits != NULL && i < verdict->limits[0].count; i++) {
        const struct lc_limit *limit = &verdict->limits[0].items[i];
        if (limit->component.processor && limit->component.index == processor)
            return limit->factor;
    }
    return NAN;
}

void lcp_warn_cores(const struct lc_verdict *verdict, struct lc_diag *diag)
{
    const struct lc_deployment *d = &verdict->scenario->deployment;
    if (!verdict->learned || verdict->scenario->utilization != NULL) /* there the learner knows */
        return;
    for (size_t i = 0; i < d->count; i++) {
        if (strcmp(lci_edit_attribute(&d->edits[i], NULL), "cores") != 0)
            continue;
        char *name = lc_strndup(d->edits[i].path, d->edits[i].service);
        const int task = lc_find_task(verdict->base, name);
        if (task != LC_NONE && !states_work(d, name) && !finds_work(verdict, name)) {
            const double factor = full_at(verdict, verdict->base->tasks[task].processor);
            char *load = isnan(factor)
                             ? lc_strdup("")
                             : lc_format(", so that its cores are %.3g %% busy and full at × %.3g of the load",
                                         100 / factor, factor);
            lc_warn(diag, &d->edits[i].place,
                    "the cores of '%s' are stated and its processor work is not: all of its own time counts as "
                    "processor work%s; state deployment.services.%s.cpu (such as 4 ms) or cpu_share (such as 10 %%)",
                    name, load, name);
            free(load);
        }
        free(name);
    }
}
