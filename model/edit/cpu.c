/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How much of its own time an entry works on a processor (cpu: 4 ms, cpu_share: 10 %). The rest is waiting in which it
 * keeps its thread: a think time, which takes what the demand loses in mean and variance, so that a request alone takes
 * as long, and varies as much, as before. */
#include "base/text.h"
#include "edit/edit.h"
#include "model/dist/dist.h"
#include "model/edit/edit_paths.h"
#include "walk.h"

#include <stdlib.h>
#include <string.h>

/* The variance of all slices together. Without regard to the randomness of their number. */
static double variance_of(const struct lc_activity *a)
{
    double calls = 0;
    for (size_t i = 0; i < a->call_count; i++)
        calls += a->calls[i].mean;
    return lc_dist_variance(&a->demand) / (1 + calls);
}

/* `share` of the demand stays. */
static void split(struct lc_activity *a, double share)
{
    const double whole = a->demand.family != NULL ? lc_dist_mean(&a->demand) : 0;
    if (!(whole > 0) || !(share < 1))
        return;
    double mean = (1 - share) * whole, variance = (1 - share * share) * variance_of(a);
    if (a->think.family != NULL) {
        mean += lc_dist_mean(&a->think);
        variance += lc_dist_variance(&a->think);
    }
    lc_dist_free(&a->think);
    a->think = lci_dist_moments(mean, variance / (mean * mean));
    if (share > 0)
        lci_dist_scale(&a->demand, share);
    else
        lc_dist_free(&a->demand);
}

/* Of one invocation of the entry: the mean of its demands; with `share` ≥ 0 they are split. −1: failed. */
static double entry_demand(struct lci_edit *e, int index, double share)
{
    struct lc_entry *entry = &e->model->entries[index];
    struct lc_task *t = &e->model->tasks[entry->task];
    struct lci_walk_step *steps;
    size_t count;
    double sum = 0;
    if (lci_entry_steps(e->model, index, &steps, &count, e->diag) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct lc_activity *a =
            entry->start != LC_NONE ? &t->activities[steps[i].index] : &entry->phases[steps[i].index];
        if (a->demand.family != NULL)
            sum += steps[i].visits * lc_dist_mean(&a->demand);
        if (share >= 0)
            split(a, share);
    }
    free(steps);
    return sum;
}

/* The share of the entry's own time that the value says; −1 with an error. */
static double share_of(struct lci_edit *e, int entry, bool is_share)
{
    struct lc_change value;
    if (e->value == NULL || lci_change_is_relative(e->value)) {
        LCI_BAD(e, "'%s' is '%s'; expected the value itself, such as %s", e->path, e->value != NULL ? e->value : "?",
                is_share ? "'10 %'" : "'4 ms'");
        return -1;
    }
    if (lci_change_read(e->path, e->value, is_share ? LC_FRACTION : LC_TIME, &value, e->diag, e->place) != 0)
        return -1;
    const char *name = e->model->entries[entry].name;
    const double whole = entry_demand(e, entry, -1) * lci_model_unit(e->model);
    if (whole < 0)
        return -1;
    const double share = is_share ? value.plus : whole > 0 ? value.plus / whole : 1;
    if (share >= 0 && share <= 1)
        return share;
    if (is_share)
        LCI_BAD(e, "'%s' is '%s'; expected a share from 0 to 100 %%", e->path, e->value);
    else
        LCI_BAD(e, "'%s' is '%s', but '%s' takes %.4g ms itself; expected a time from 0 to that", e->path, e->value,
                name, 1e3 * whole);
    return -1;
}

enum lci_found lci_cpu(struct lci_edit *e, struct lci_element element, const char *attribute, bool get)
{
    const bool is_share = strcmp(attribute, "cpu_share") == 0, all = element.kind == LCI_ON_TASK;
    if ((!is_share && strcmp(attribute, "cpu") != 0) || (!all && element.kind != LCI_ON_ENTRY))
        return LCI_UNKNOWN;
    if (get) {
        LCI_BAD(e, "'%s' divides a time and is no number of the model; its processor work is 'demand'", e->path);
        return LCI_FAILED;
    }
    const struct lc_task *t = all ? &e->model->tasks[element.index] : NULL;
    const size_t count = all ? t->entry_count : 1;
    double *shares = lc_calloc(count, sizeof *shares);
    bool sound = true;
    for (size_t i = 0; i < count; i++) {
        shares[i] = share_of(e, all ? t->entries[i] : element.index, is_share);
        sound = sound && shares[i] >= 0;
    }
    for (size_t i = 0; sound && i < count; i++)
        entry_demand(e, all ? t->entries[i] : element.index, shares[i]);
    free(shares);
    return sound ? LCI_DONE : LCI_FAILED;
}
