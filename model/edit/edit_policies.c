/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Policies: COMPONENT.ATTRIBUTE for every caller, CALLER.calls.COMPONENT.ATTRIBUTE for one. */
#include "base/text.h"
#include "edit/edit.h"
#include "model/policy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The task and the attribute that "TASK.ATTRIBUTE" names: the longest name that fits. */
static int called_task(const struct lc_model *m, const char *rest, const char **attribute)
{
    int found = LC_NONE;
    size_t longest = 0;
    for (size_t i = 0; i < m->task_count; i++) {
        const size_t length = strlen(m->tasks[i].name);
        if (length > longest && strncmp(rest, m->tasks[i].name, length) == 0 && rest[length] == '.') {
            found = (int)i;
            longest = length;
        }
    }
    *attribute = rest + longest + 1;
    return found;
}

/* The new number of an attribute that is `old` now. */
static int new_value(struct lci_edit *e, const struct lci_policy_field *f, double old, double *value)
{
    const bool infinite = f->words == NULL && e->value != NULL && strcmp(e->value, "infinite") == 0;
    *value = infinite ? INFINITY : f->words != NULL && e->value != NULL ? lci_policy_word(f, e->value) : NAN;
    if (!infinite && f->words == NULL) {
        struct lci_slots slots = {0};
        *value = isnan(old) ? 0 : old;
        lci_add_slot(&slots, LCI_REAL, value, f->dimension, 1);
        const int status = lci_change_slots(e, &slots);
        free(slots.list);
        if (status != 0)
            return -1;
    }
    if (lci_policy_fits(f, *value))
        return 0;
    char *expected = lci_policy_expected(f);
    LCI_BAD(e, "'%s' cannot be '%s'; expected %s", e->path, e->value != NULL ? e->value : "this number", expected);
    free(expected);
    return -1;
}

static enum lci_found change(struct lci_edit *e, int task, int from, const struct lci_policy_field *f, bool get,
                             struct lci_slots *slots)
{
    struct lc_policy *policy = lci_policies_of(e->model, task, from, false);
    double value = policy != NULL ? lci_policy_get(policy, f) : NAN;
    if (get && (isnan(value) || f->words != NULL)) {
        LCI_BAD(e, "'%s' is %s", e->path, isnan(value) ? "not set" : "no number");
        return LCI_FAILED;
    }
    if (get) {
        lci_add_slot(slots, LCI_REAL, (char *)policy + f->offset, f->dimension, 1);
        return LCI_SLOTS;
    }
    if (new_value(e, f, value, &value) != 0)
        return LCI_FAILED;
    lci_policy_set(lci_policies_of(e->model, task, from, true), f, value);
    return LCI_DONE;
}

static const struct {
    const char *name;
    enum lci_slot_kind kind;
    enum lc_dimension dimension;
    size_t offset;
} elastic_attributes[] = {
    {"scaling.min", LCI_BUFFER, LC_NUMBER, offsetof(struct lc_elastic, minimum)},
    {"scaling.max", LCI_COPIES, LC_NUMBER, offsetof(struct lc_elastic, maximum)},
    {"scaling.target_load", LCI_SHARE, LC_FRACTION, offsetof(struct lc_elastic, target_load)},
    {"scaling.target_queue", LCI_REAL, LC_NUMBER, offsetof(struct lc_elastic, target_queue)},
    {"scaling.period", LCI_REAL, LC_TIME, offsetof(struct lc_elastic, period)},
    {"scaling.cooldown", LCI_REAL, LC_TIME, offsetof(struct lc_elastic, cooldown)},
    {"scaling.down_delay", LCI_REAL, LC_TIME, offsetof(struct lc_elastic, down_delay)},
    {"scaling.keep_alive", LCI_CONSTANT_DIST, LC_TIME, offsetof(struct lc_elastic, keep_alive)},
    {"scaling.start_up", LCI_DIST, LC_TIME, offsetof(struct lc_elastic, start_up)},
    {"failures.up", LCI_DIST, LC_TIME, offsetof(struct lc_elastic, up)},
    {"failures.down", LCI_DIST, LC_TIME, offsetof(struct lc_elastic, down)},
    {"failures.at", LCI_REAL, LC_TIME, offsetof(struct lc_elastic, outage.at)},
    {"failures.for", LCI_REAL, LC_TIME, offsetof(struct lc_elastic, outage.length)},
    {"failures.replicas", LCI_BUFFER, LC_NUMBER, offsetof(struct lc_elastic, outage.replicas)},
    {"slow_down.at", LCI_REAL, LC_TIME, offsetof(struct lc_elastic, slow_down.at)},
    {"slow_down.for", LCI_REAL, LC_TIME, offsetof(struct lc_elastic, slow_down.length)},
    {"slow_down.speed", LCI_SHARE, LC_FRACTION, offsetof(struct lc_elastic, slow_down.speed)},
    {"slow_down.replicas", LCI_BUFFER, LC_NUMBER, offsetof(struct lc_elastic, slow_down.replicas)},
};
enum { ELASTIC_ATTRIBUTES = sizeof elastic_attributes / sizeof *elastic_attributes };

size_t lci_elastic_names(const char **names, size_t most)
{
    size_t n = 0;
    for (; n < ELASTIC_ATTRIBUTES && n < most; n++)
        names[n] = elastic_attributes[n].name;
    return n;
}

enum lci_found lci_elastic_attribute(struct lci_edit *e, int task, const char *attribute, struct lci_slots *slots)
{
    char *elastic = (char *)&e->model->tasks[task].elastic;
    for (size_t i = 0; i < ELASTIC_ATTRIBUTES; i++)
        if (strcmp(attribute, elastic_attributes[i].name) == 0) {
            lci_add_slot(slots, elastic_attributes[i].kind, elastic + elastic_attributes[i].offset,
                         elastic_attributes[i].dimension, 1);
            return LCI_SLOTS;
        }
    return LCI_UNKNOWN;
}

enum lci_found lci_policy_attribute(struct lci_edit *e, int task, const char *attribute, bool get,
                                    struct lci_slots *slots)
{
    const struct lci_policy_field *f = lci_policy_find(attribute);
    if (f != NULL && !lc_is_source(&e->model->tasks[task]))
        return change(e, task, LC_NONE, f, get, slots);
    if (strncmp(attribute, "calls.", 6) != 0)
        return LCI_UNKNOWN;
    const int to = called_task(e->model, attribute + 6, &attribute);
    f = to != LC_NONE ? lci_policy_find(attribute) : NULL;
    return f != NULL ? change(e, to, task, f, get, slots) : LCI_UNKNOWN;
}
