/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Critical sections inside handlers: `lock.hold: 40 ms` makes a task of one thread, `lock of COMPONENT`, on the
 * component's processor. A part of the own time of each entry moves there, behind a call that is waited for; each
 * replica has a lock of its own. */
#include "base/buffer.h"
#include "base/text.h"
#include "edit/edit.h"
#include "model/dist/dist.h"
#include "model/edit/edit_paths.h"
#include "walk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDING 1e-9

/* What a path says: of which entries, which lock. */
struct section {
    int task;
    int *entries;
    size_t count;
    char *lock; /* name of its task */
};

/* ---- paths ------------------------------------------------------------------------------------------------------- */

static char *lock_name(const struct lc_model *m, int task, const char *name, size_t length)
{
    return length == 0 ? lc_format("lock of %s", m->tasks[task].name)
                       : lc_format("lock %.*s of %s", (int)length, name, m->tasks[task].name);
}

bool lci_is_lock_of(const struct lc_model *model, int lock, int task)
{
    const char *name = model->tasks[lock].name, *owner = model->tasks[task].name;
    const size_t length = strlen(name), own = strlen(owner);
    return lock != task && model->tasks[lock].processor == model->tasks[task].processor && length > own + 4 &&
           strncmp(name, "lock ", 5) == 0 && strcmp(name + length - own, owner) == 0 &&
           strncmp(name + length - own - 4, " of ", 4) == 0;
}

/* "lock.hold", "locks.NAME.hold": the task of the lock; NULL: the attribute is another one. */
static char *lock_of(const struct lc_model *m, int task, const char *attribute)
{
    static const char hold[] = ".hold";
    const size_t length = strlen(attribute);
    if (strcmp(attribute, "lock.hold") == 0)
        return lock_name(m, task, "", 0);
    if (strncmp(attribute, "locks.", 6) != 0 || length < 7 + strlen(hold) ||
        strcmp(attribute + length - strlen(hold), hold) != 0)
        return NULL;
    return lock_name(m, task, attribute + 6, length - 6 - strlen(hold));
}

/* ---- own time ---------------------------------------------------------------------------------------------------- */

static struct lc_activity *step_of(struct lc_model *m, int entry, int index)
{
    struct lc_entry *e = &m->entries[entry];
    return e->start != LC_NONE ? &m->tasks[e->task].activities[index] : &e->phases[index];
}

static double mean_of(const struct lc_dist *d)
{
    return d->family != NULL ? lc_dist_mean(d) : 0;
}

static double own_time(const struct lc_activity *a)
{
    return mean_of(&a->demand) + mean_of(&a->think);
}

/* The calls of an activity to a lock, or NULL. */
static struct lc_call *call_of(const struct lc_model *m, struct lc_activity *a, const char *lock)
{
    for (size_t i = 0; i < a->call_count; i++)
        if (strcmp(m->tasks[m->entries[a->calls[i].entry].task].name, lock) == 0)
            return &a->calls[i];
    return NULL;
}

/* ---- a lock that is there already -------------------------------------------------------------------------------- */

/* The holds of the entry, as numbers to change; false: it does not take the lock. */
static bool add_holds(struct lci_edit *e, int entry, const char *lock, struct lci_slots *slots)
{
    struct lci_walk_step *steps;
    size_t count;
    bool any = false;
    if (lci_entry_steps(e->model, entry, &steps, &count, e->diag) != 0)
        return false;
    slots->groups++;
    for (size_t i = 0; i < count; i++) {
        const struct lc_call *call = call_of(e->model, step_of(e->model, entry, steps[i].index), lock);
        if (call == NULL)
            continue;
        lci_add_slot(slots, LCI_DIST, &e->model->entries[call->entry].phases[0].demand, LC_TIME, steps[i].visits);
        any = true;
    }
    free(steps);
    return any;
}

/* ---- a new one --------------------------------------------------------------------------------------------------- */

struct hold {
    double share;        /* of an entry's own time; below 0: */
    struct lc_dist time; /* in the model's unit */
};

static bool is_share(const char *value)
{
    size_t length = value != NULL ? strlen(value) : 0;
    return length > 0 && value[length - 1] == '%' && !lci_change_is_relative(value);
}

static int read_hold(struct lci_edit *e, struct hold *hold)
{
    hold->share = -1;
    if (is_share(e->value)) {
        struct lc_change change;
        if (lci_change_read(e->path, e->value, LC_FRACTION, &change, e->diag, e->place) != 0)
            return -1;
        hold->share = change.plus;
        if (hold->share > 0 && hold->share <= 1)
            return 0;
        LCI_BAD(e, "'%s' is '%s'; expected a share above 0, up to 100 %%", e->path, e->value);
        return -1;
    }
    if (e->value != NULL && lci_change_is_relative(e->value)) {
        LCI_BAD(e, "'%s' has no lock that '%s' could change; expected the time itself, such as '40 ms'", e->path,
                e->value);
        return -1;
    }
    struct lci_slots slots = {0};
    lci_add_slot(&slots, LCI_DIST, &hold->time, LC_TIME, 1);
    const int status = lci_change_slots(e, &slots);
    free(slots.list);
    if (status == 0 && !(mean_of(&hold->time) > 0))
        LCI_BAD(e, "'%s' is '%s'; expected a time above 0", e->path, e->value != NULL ? e->value : "0");
    return status == 0 && mean_of(&hold->time) > 0 ? 0 : -1;
}

/* The variance of all slices together. */
static double variance_of(const struct lc_activity *a)
{
    double calls = 0;
    for (size_t i = 0; i < a->call_count; i++)
        calls += a->calls[i].mean;
    return a->demand.family != NULL ? lc_dist_variance(&a->demand) / (1 + calls) : 0;
}

/* What is left of a time: its mean, and such a variance that all of it varies as before. */
static void leave(struct lc_dist *d, double share, double variance, double slices)
{
    const double mean = (1 - share) * mean_of(d);
    if (mean <= ROUNDING * mean_of(d)) {
        lc_dist_free(d);
    } else if (!isfinite(variance)) {
        lci_dist_scale(d, 1 - share);
    } else {
        lc_dist_free(d);
        *d = lci_dist_moments(mean, fmax(0, variance) * slices / (mean * mean));
    }
}

/* Moves `share` of an activity's own time behind a lock. */
static void hold_in(struct lc_model *m, int entry, int step, int lock, double share, const struct lc_dist *time)
{
    const struct lc_activity *named = step_of(m, entry, step);
    char *name = m->entries[entry].start != LC_NONE
                     ? lc_format("%s %s (%s)", m->entries[entry].name, named->name, m->tasks[lock].name)
                     : lc_format("%s %d (%s)", m->entries[entry].name, step + 1, m->tasks[lock].name);
    const int made = lc_add_entry(m, name, lock);
    free(name);
    struct lc_activity *a = step_of(m, entry, step), *held = &m->entries[made].phases[0];
    const double work = mean_of(&a->demand) / own_time(a), whole = variance_of(a);
    const bool stated = time != NULL && !time->assumed;
    if (work > 0) {
        held->demand = lci_dist_copy(stated ? time : &a->demand);
        lci_dist_scale(&held->demand, stated ? work : share);
    }
    if (work < 1) {
        held->think = lci_dist_copy(stated ? time : &a->think);
        lci_dist_scale(&held->think, stated ? 1 - work : share);
    }
    held->present = true;
    double calls = 0;
    for (size_t i = 0; i < a->call_count; i++) {
        calls += a->calls[i].mean;
        a->calls[i].random = a->calls[i].random || !a->deterministic;
    }
    if (held->demand.family != NULL)
        leave(&a->demand, share, whole - lc_dist_variance(&held->demand), 2 + calls);
    if (held->think.family != NULL)
        leave(&a->think, share, lc_dist_variance(&a->think) - lc_dist_variance(&held->think), 1);
    a->deterministic = true;
    a->present = true;
    lc_add_call(a, LC_CALL_SYNC, made, 1);
}

/* The step that every request takes, in which it is longest for itself; LC_NONE: there is none. */
static int longest(struct lc_model *m, int entry, const struct lci_walk_step *steps, size_t count)
{
    int best = LC_NONE;
    for (size_t i = 0; i < count; i++)
        if (fabs(steps[i].visits - 1) < ROUNDING &&
            (best == LC_NONE || own_time(step_of(m, entry, steps[i].index)) > own_time(step_of(m, entry, best))))
            best = steps[i].index;
    return best;
}

/* Looks at the entry alone with `lock` LC_NONE: does it have that much time? */
static int hold_entry(struct lci_edit *e, int entry, int lock, const struct hold *hold, bool must)
{
    struct lc_model *m = e->model;
    struct lci_walk_step *steps;
    size_t count;
    if (lci_entry_steps(m, entry, &steps, &count, e->diag) != 0)
        return -1;
    double own = 0;
    for (size_t i = 0; i < count; i++)
        own += steps[i].visits * own_time(step_of(m, entry, steps[i].index));
    const double wanted = hold->share >= 0 ? hold->share * own : mean_of(&hold->time);
    const double seconds = lci_model_unit(m);
    const bool enough = own > 0 && wanted <= own * (1 + ROUNDING);
    if (!enough && (own > 0 || must))
        LCI_BAD(e, "'%s' is '%s', but '%s' takes %.4g ms itself; expected a time up to that", e->path,
                e->value != NULL ? e->value : "a number", m->entries[entry].name, 1e3 * own * seconds);
    const int all = longest(m, entry, steps, count);
    const double there = all != LC_NONE ? own_time(step_of(m, entry, all)) : 0;
    for (size_t i = 0; lock != LC_NONE && enough && i < count; i++) {
        const double time = own_time(step_of(m, entry, steps[i].index));
        if (wanted <= there * (1 + ROUNDING) ? steps[i].index == all : time > 0)
            hold_in(m, entry, steps[i].index, lock, fmin(1, wanted / (wanted <= there * (1 + ROUNDING) ? there : own)),
                    hold->share < 0 && wanted <= there * (1 + ROUNDING) ? &hold->time : NULL);
    }
    free(steps);
    return enough || (!must && !(own > 0)) ? 0 : -1;
}

static int add_lock(struct lci_edit *e, const struct section *s)
{
    struct lc_model *m = e->model;
    int lock = lc_find_task(m, s->lock);
    if (lock == LC_NONE) {
        lock = lc_add_task(m, s->lock, m->tasks[s->task].processor);
        m->tasks[lock].replicas = m->tasks[s->task].replicas;
        m->tasks[lock].balance = LC_BALANCE_FAN;
        m->tasks[lock].service = true;
    }
    return lock;
}

static enum lci_found make(struct lci_edit *e, const struct section *s, bool must)
{
    struct hold hold = {0};
    bool sound = read_hold(e, &hold) == 0;
    const int there = lc_find_task(e->model, s->lock);
    if (sound && there != LC_NONE && !lci_is_lock_of(e->model, there, s->task)) {
        LCI_BAD(e, "there is something else called '%s', the name of the lock", s->lock);
        sound = false;
    }
    for (size_t i = 0; sound && i < s->count; i++)
        sound = hold_entry(e, s->entries[i], LC_NONE, &hold, must) == 0;
    const int lock = sound ? add_lock(e, s) : LC_NONE;
    for (size_t i = 0; sound && i < s->count; i++)
        hold_entry(e, s->entries[i], lock, &hold, must);
    lc_dist_free(&hold.time);
    return sound ? LCI_DONE : LCI_FAILED;
}

enum lci_found lci_lock(struct lci_edit *e, struct lci_element element, const char *attribute, bool get,
                        struct lci_slots *slots)
{
    const struct lc_model *m = e->model;
    if (element.kind != LCI_ON_TASK && element.kind != LCI_ON_ENTRY)
        return LCI_UNKNOWN;
    const bool all = element.kind == LCI_ON_TASK;
    struct section s = {.task = all ? element.index : m->entries[element.index].task};
    s.lock = lock_of(m, s.task, attribute);
    if (s.lock == NULL)
        return LCI_UNKNOWN;
    s.count = all ? m->tasks[s.task].entry_count : 1;
    s.entries = lc_calloc(s.count + 1, sizeof *s.entries);
    for (size_t i = 0; i < s.count; i++)
        s.entries[i] = all ? m->tasks[s.task].entries[i] : element.index;
    size_t held = 0;
    for (size_t i = 0; i < s.count; i++)
        held += add_holds(e, s.entries[i], s.lock, slots);
    enum lci_found found = LCI_SLOTS;
    if (held == 0 && get) {
        LCI_BAD(e, "'%s' has no lock", e->path);
        found = LCI_FAILED;
    } else if (held == 0) {
        found = make(e, &s, !all);
    }
    free(s.entries);
    free(s.lock);
    return found;
}
