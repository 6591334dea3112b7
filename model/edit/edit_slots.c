/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values and the numbers that they change. */
#include "base/quantity.h"
#include "edit/edit.h"
#include "model/dist/dist.h"
#include "model/edit/edit_paths.h"
#include "model/lqn.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void lci_add_slot(struct lci_slots *slots, enum lci_slot_kind kind, void *at, enum lc_dimension dimension,
                  double weight)
{
    LC_GROW(slots->list, slots->count, slots->capacity);
    slots->list[slots->count++] = (struct lci_slot){kind, at, dimension, weight, slots->groups, NAN, 1, 0};
}

static double count_number(uint32_t count)
{
    return count == LC_INFINITE ? (double)INFINITY : (double)count;
}

static double mean_of(const struct lc_dist *d)
{
    return d->family != NULL ? lc_dist_mean(d) : 0;
}

double lci_slot_number(const struct lci_slot *slot)
{
    switch (slot->kind) {
    case LCI_THREADS: return count_number(((const struct lc_task *)slot->at)->multiplicity);
    case LCI_SERVERS: return count_number(((const struct lc_processor *)slot->at)->multiplicity);
    case LCI_REPLICAS: return ((const struct lc_task *)slot->at)->replicas;
    case LCI_COPIES:
    case LCI_BUFFER: return *(const uint32_t *)slot->at;
    case LCI_INTEGER: return *(const int *)slot->at;
    case LCI_CALLS: return ((const struct lc_call *)slot->at)->mean;
    case LCI_REAL:
    case LCI_SPEED:
    case LCI_SHARE: return *(const double *)slot->at;
    case LCI_DIST:
    case LCI_CONSTANT_DIST: return mean_of(slot->at);
    case LCI_ARRIVALS: return 1 / mean_of(slot->at);
    case LCI_CV2: return ((const struct lc_dist *)slot->at)->family != NULL ? lc_dist_cv2(slot->at) : 1;
    }
    return NAN;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

static const char *skip_blanks(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

double lci_model_unit(const struct lc_model *model)
{
    double seconds = 1;
    if (model->time_unit != NULL) {
        char *one = lc_format("1 %s", model->time_unit);
        lci_quantity(one, LC_TIME, &seconds, NULL, NULL);
        free(one);
    }
    return seconds;
}

/* "x 2", "* 0.8", "× 2": the number behind the sign; NULL if there is none. */
static const char *factor_of(const char *text)
{
    if (*text == '*')
        return text + 1;
    if (strncmp(text, "×", strlen("×")) == 0)
        return text + strlen("×");
    return *text == 'x' && text[1] != 0 && strchr(" .0123456789", text[1]) != NULL ? text + 1 : NULL;
}

bool lci_change_is_relative(const char *value)
{
    const char *text = skip_blanks(value);
    return factor_of(text) != NULL || *text == '+' || *text == '-';
}

static int read_change(const char *name, const char *value, enum lc_dimension dimension, struct lc_change *change,
                       struct lc_diag *diag, const struct lc_place *place)
{
    const char *text = skip_blanks(value), *factor = factor_of(text);
    double number;
    if (factor != NULL) {
        *change = (struct lc_change){0, 0};
        return lci_named_quantity(name, factor, LC_NUMBER, &change->factor, diag, place);
    }
    if (*text != '+' && *text != '-') {
        *change = (struct lc_change){0, 0};
        double part;
        if (dimension != LC_FRACTION && strchr(text, '%') != NULL &&
            lci_quantity(text, LC_FRACTION, &part, NULL, NULL) == 0)
            return lc_error(diag, LC_INPUT, place,
                            "expected a value, or in a what-if 'x %g' for '%s' of what it is and '+ %s' for so much "
                            "more; found '%s'",
                            part, value, value, value),
                   -1;
        return lci_named_quantity(name, text, dimension, &change->plus, diag, place);
    }
    const double sign = *text == '-' ? -1 : 1;
    const bool percent = strchr(text, '%') != NULL;
    if (lci_named_quantity(name, text + 1, percent ? LC_FRACTION : dimension, &number, diag, place) != 0)
        return -1;
    *change = percent ? (struct lc_change){1 + sign * number, 0} : (struct lc_change){1, sign * number};
    return 0;
}

int lci_change_read(const char *path, const char *value, enum lc_dimension dimension, struct lc_change *change,
                    struct lc_diag *diag, const struct lc_place *place)
{
    char *name = lc_format("'%s'", path);
    const int status = read_change(name, value, dimension, change, diag, place);
    free(name);
    return status;
}

/* The new number in place of `old`. Signs are relative, but a minus before the digits of an integer, which may be
 * negative itself. */
static int new_number(const struct lci_edit *e, const struct lci_slot *slot, double old, double *value)
{
    if (e->value == NULL) {
        *value = e->number;
        return 0;
    }
    const char *text = skip_blanks(e->value);
    if (*text == '-' && slot->kind == LCI_INTEGER && isdigit((unsigned char)text[1]))
        return lci_named_quantity(e->path, text, slot->dimension, value, e->diag, e->place);
    if ((slot->kind == LCI_THREADS || slot->kind == LCI_SERVERS) &&
        (strcmp(text, "infinite") == 0 || strcmp(text, "inf") == 0)) {
        *value = INFINITY;
        return 0;
    }
    struct lc_change change;
    if (lci_change_read(e->path, text, slot->dimension, &change, e->diag, e->place) != 0)
        return -1;
    const double unit = lci_model_unit(e->model);
    const double plus = slot->dimension == LC_TIME   ? change.plus / unit
                        : slot->dimension == LC_RATE ? change.plus * unit
                                                     : change.plus;
    *value = change.factor != 0 ? change.factor * old + plus : plus; /* an infinite one may be replaced */
    return 0;
}

static bool is_relative(const struct lci_edit *e)
{
    return e->value != NULL && lci_change_is_relative(e->value);
}

/* Brings what a slot shall have to what it can have: a relative change of a count is rounded. */
static int fit(const struct lci_edit *e, struct lci_slot *slot)
{
    static const struct {
        double minimum, maximum;
        bool whole, open; /* open: more than the minimum */
        const char *right;
    } ranges[] = {
        [LCI_THREADS] = {1, LC_INFINITE - 1, true, false, "a whole number from 1, or 'infinite'"},
        [LCI_SERVERS] = {1, LC_INFINITE - 1, true, false, "a whole number from 1, or 'infinite'"},
        [LCI_REPLICAS] = {1, LC_INFINITE - 1, true, false, "a whole number from 1"},
        [LCI_COPIES] = {1, LC_INFINITE - 1, true, false, "a whole number from 1"},
        [LCI_BUFFER] = {0, LC_INFINITE - 1, true, false, "a whole number from 0"},
        [LCI_INTEGER] = {-1e9, 1e9, true, false, "a whole number"},
        [LCI_REAL] = {0, 1e300, false, false, "a number of 0 or more"},
        [LCI_CALLS] = {0, 1e9, false, false, "a number from 0 to 1e9"},
        [LCI_SPEED] = {0, 1e300, false, true, "a number above 0"},
        [LCI_SHARE] = {0, 1, false, false, "a number from 0 to 1"},
        [LCI_DIST] = {0, 1e300, false, false, "a time of 0 or more"},
        [LCI_CONSTANT_DIST] = {0, 1e300, false, false, "a time of 0 or more"},
        [LCI_ARRIVALS] = {0, 1e300, false, true, "a rate above 0"},
        [LCI_CV2] = {0, 1e300, false, false, "a number of 0 or more"},
    };
    const double minimum = ranges[slot->kind].minimum, maximum = ranges[slot->kind].maximum;
    if (is_relative(e) && isinf(lci_slot_number(slot))) {
        LCI_BAD(e, "'%s' has no limit that '%s' could change; expected the number itself", e->path, e->value);
        return -1;
    }
    const bool unlimited = isinf(slot->wanted) && slot->wanted > 0;
    if ((slot->kind == LCI_THREADS || slot->kind == LCI_SERVERS) && unlimited)
        return 0;
    if (ranges[slot->kind].whole && is_relative(e))
        slot->wanted = slot->wanted > 0 ? fmax(round(slot->wanted), minimum) : round(slot->wanted);
    if (slot->wanted >= minimum && slot->wanted <= maximum &&
        (!ranges[slot->kind].whole || slot->wanted == floor(slot->wanted)) &&
        (!ranges[slot->kind].open || slot->wanted > minimum))
        return 0;
    LCI_BAD(e, "'%s' would become %g; expected %s", e->path, slot->wanted, ranges[slot->kind].right);
    return -1;
}

/* ---- setting ----------------------------------------------------------------------------------------------------- */

static uint32_t count_of(double number)
{
    return isinf(number) ? LC_INFINITE : (uint32_t)number;
}

/* The mean changes and the shape stays. */
static void set_mean(struct lc_dist *d, double mean, bool constant)
{
    const double old = mean_of(d);
    if (mean > 0 && old > 0 && isfinite(old)) {
        lci_dist_scale(d, mean / old);
        return;
    }
    lc_dist_free(d);
    if (!(mean > 0))
        return;
    *d = constant ? lc_dist_deterministic(mean) : lc_dist_exponential(mean);
    d->assumed = !constant;
}

static void set_threads(struct lc_task *t, uint32_t count)
{
    t->multiplicity = count;
    if (count == LC_INFINITE && t->scheduling == LC_FCFS)
        t->scheduling = LC_INF;
    else if (count != LC_INFINITE && t->scheduling == LC_INF)
        t->scheduling = LC_FCFS;
}

/* Processors that get a limit share it among their threads, as the cores of a machine do. */
static void set_servers(struct lc_processor *p, uint32_t count)
{
    p->multiplicity = count;
    if (count == LC_INFINITE)
        p->scheduling = LC_INF;
    else if (p->scheduling == LC_INF)
        p->scheduling = LC_PS;
}

/* The pools of a component's connections, its locks and a processor of its own are copied with it, and so are helpers
 * on that. */
static void set_replicas(struct lc_model *m, struct lc_task *t, uint32_t count)
{
    const int task = (int)(t - m->tasks);
    bool own = true;
    for (size_t i = 0; i < m->task_count; i++)
        own = own && ((int)i == task || m->tasks[i].processor != t->processor || !m->tasks[i].service ||
                      lci_is_lock_of(m, (int)i, task));
    t->replicas = count;
    for (size_t i = 0; i < m->task_count; i++)
        if (lci_is_pool_of(m, (int)i, task) || lci_is_lock_of(m, (int)i, task) ||
            (own && m->tasks[i].processor == t->processor))
            m->tasks[i].replicas = count;
    if (own)
        m->processors[t->processor].replicas = count;
}

static void set_calls(struct lc_call *call, double mean)
{
    call->mean = mean;
    call->random = call->random || mean != floor(mean);
}

static void set_slot(struct lc_model *model, const struct lci_slot *slot)
{
    const double number = slot->wanted;
    switch (slot->kind) {
    case LCI_THREADS: set_threads(slot->at, count_of(number)); break;
    case LCI_SERVERS: set_servers(slot->at, count_of(number)); break;
    case LCI_REPLICAS: set_replicas(model, slot->at, count_of(number)); break;
    case LCI_COPIES:
    case LCI_BUFFER: *(uint32_t *)slot->at = (uint32_t)number; break;
    case LCI_INTEGER: *(int *)slot->at = (int)number; break;
    case LCI_CALLS: set_calls(slot->at, number); break;
    case LCI_REAL:
    case LCI_SPEED:
    case LCI_SHARE: *(double *)slot->at = number; break;
    case LCI_DIST:
    case LCI_CONSTANT_DIST: set_mean(slot->at, number, slot->kind == LCI_CONSTANT_DIST); break;
    case LCI_ARRIVALS: set_mean(slot->at, 1 / number, false); break;
    case LCI_CV2: {
        const double mean = mean_of(slot->at);
        lc_dist_free(slot->at);
        if (mean > 0)
            *(struct lc_dist *)slot->at = number == 1 ? lc_dist_exponential(mean) : lci_dist_moments(mean, number);
        break;
    }
    }
}

/* A whole distribution instead of a mean. */
static int change_distribution(struct lci_edit *e, struct lci_slots *slots)
{
    const size_t before = e->diag->errors;
    if (e->dist->family != NULL)
        lci_dist_check(e->dist, e->diag, e->place);
    for (size_t i = 0; i < slots->count && e->diag->errors == before; i++) {
        const enum lci_slot_kind kind = slots->list[i].kind;
        if (kind != LCI_DIST && kind != LCI_CONSTANT_DIST)
            LCI_BAD(e, "'%s': expected a number, found a distribution", e->path);
        else if ((slots->list[i].even > 0 && slots->list[i].weight != 1) ||
                 (i > 0 && slots->list[i].group == slots->list[i - 1].group))
            LCI_BAD(e, "'%s' covers several times; expected a number, found a distribution", e->path);
    }
    const int status = e->diag->errors == before ? 0 : -1;
    for (size_t i = 0; i < slots->count && status == 0; i++) {
        lc_dist_free(slots->list[i].at);
        *(struct lc_dist *)slots->list[i].at = lci_dist_copy(e->dist);
    }
    return status;
}

/* The slots from `first` that are of one group get their share of its new number. Returns the next group's first. */
static size_t change_group(struct lci_edit *e, struct lci_slots *slots, size_t first, int *status)
{
    size_t end = first;
    double total = 0, value;
    for (; end < slots->count && slots->list[end].group == slots->list[first].group; end++)
        total += slots->list[end].weight * lci_slot_number(&slots->list[end]);
    struct lci_slot *slot = &slots->list[first];
    const bool single = end == first + 1 && !(slot->even > 0);
    if (new_number(e, slot, single ? lci_slot_number(slot) : total, &value) != 0) {
        *status = -1;
        return end;
    }
    if (!single && !(total > 0) && !(slot->even > 0)) {
        LCI_BAD(e, "'%s' is 0 now, in %zu parts; name one of them", e->path, end - first);
        *status = -1;
        return end;
    }
    for (size_t i = first; i < end; i++) {
        const struct lci_slot *s = &slots->list[i];
        const double old = lci_slot_number(s);
        slots->list[i].wanted = single      ? value
                                : total > 0 ? old * (1 - s->part + s->part * (value / total))
                                            : s->even * value;
        if (fit(e, &slots->list[i]) != 0)
            *status = -1;
    }
    return end;
}

int lci_change_slots(struct lci_edit *e, struct lci_slots *slots)
{
    if (e->dist != NULL)
        return change_distribution(e, slots);
    int status = 0;
    for (size_t i = 0; i < slots->count && status == 0;)
        i = change_group(e, slots, i, &status);
    for (size_t i = 0; i < slots->count && status == 0; i++)
        set_slot(e->model, &slots->list[i]);
    return status;
}
