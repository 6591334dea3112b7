/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Paths: from a text to the element that it begins with. */
#include "edit/edit.h"
#include "base/text.h"
#include "model/edit/edit_paths.h"

#include "base/buffer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Elements whose name begins the path; of equally long names tasks come first, then entries, processors, groups. */
struct candidates {
    struct lci_element *list;
    size_t count, capacity;
    size_t longest;
};

/* What of the model a path may begin with. */
struct search {
    const char *path;
    size_t limit; /* names must be shorter */
    int kind;     /* −1: any */
};

const char *lci_kind_word(enum lci_place_kind kind)
{
    static const char *const words[] = {"task", "entry", "processor", "group"};
    return words[kind];
}

/* The path behind "entry:" and the like, with the kind that it names. */
static struct search kind_of(const char *path)
{
    for (int kind = LCI_ON_TASK; kind <= LCI_ON_GROUP; kind++) {
        const char *word = lci_kind_word((enum lci_place_kind)kind);
        const size_t length = strlen(word);
        if (strncmp(path, word, length) == 0 && path[length] == ':')
            return (struct search){path + length + 1, SIZE_MAX, kind};
    }
    return (struct search){path, SIZE_MAX, -1};
}

static void consider(struct candidates *c, const struct search *s, const char *name, enum lci_place_kind kind,
                     size_t index)
{
    const size_t length = strlen(name);
    if (length < c->longest || length == 0 || length >= s->limit || (s->kind >= 0 && s->kind != (int)kind) ||
        strncmp(s->path, name, length) != 0 || s->path[length] != '.')
        return;
    if (length > c->longest)
        c->count = 0;
    c->longest = length;
    LC_GROW(c->list, c->count, c->capacity);
    c->list[c->count++] = (struct lci_element){kind, (int)index, s->kind >= 0};
}

/* ---- names in order, for many paths ------------------------------------------------------------------------------ */

struct name {
    const char *text;
    struct lci_element element;
};

struct lci_sorted_names {
    struct name *list;
    size_t count;
};

static int by_text(const void *a, const void *b)
{
    const struct name *x = a, *y = b;
    const int order = strcmp(x->text, y->text);
    if (order != 0)
        return order;
    return x->element.kind != y->element.kind
               ? (x->element.kind > y->element.kind) - (x->element.kind < y->element.kind)
               : (x->element.index > y->element.index) - (x->element.index < y->element.index);
}

static struct lci_sorted_names names_of(const struct lc_model *m)
{
    struct lci_sorted_names n = {
        .list = lc_calloc(m->task_count + m->entry_count + m->processor_count + m->group_count + 1, sizeof *n.list)};
    for (size_t i = 0; i < m->task_count; i++)
        n.list[n.count++] = (struct name){m->tasks[i].name, {LCI_ON_TASK, (int)i, false}};
    for (size_t i = 0; i < m->entry_count; i++)
        n.list[n.count++] = (struct name){m->entries[i].name, {LCI_ON_ENTRY, (int)i, false}};
    for (size_t i = 0; i < m->processor_count; i++)
        n.list[n.count++] = (struct name){m->processors[i].name, {LCI_ON_PROCESSOR, (int)i, false}};
    for (size_t i = 0; i < m->group_count; i++)
        n.list[n.count++] = (struct name){m->groups[i].name, {LCI_ON_GROUP, (int)i, false}};
    qsort(n.list, n.count, sizeof *n.list, by_text);
    return n;
}

/* The first name that is not before the `length` bytes of text. */
static size_t first_of(const struct lci_sorted_names *n, const char *text, size_t length)
{
    size_t low = 0, high = n->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strncmp(n->list[middle].text, text, length) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct candidates look_up(const struct lci_sorted_names *n, const struct search *s)
{
    struct candidates c = {0};
    for (size_t length = strlen(s->path); length-- > 0 && c.count == 0;) {
        if (s->path[length] != '.' || length >= s->limit)
            continue;
        for (size_t i = first_of(n, s->path, length);
             i < n->count && strlen(n->list[i].text) == length && strncmp(n->list[i].text, s->path, length) == 0; i++)
            consider(&c, s, n->list[i].text, n->list[i].element.kind, (size_t)n->list[i].element.index);
    }
    return c;
}

static struct candidates find_candidates(const struct lci_edit *e, const struct search *s)
{
    const struct lc_model *m = e->model;
    struct candidates c = {0};
    if (e->names != NULL)
        return look_up(e->names, s);
    for (size_t i = 0; i < m->task_count; i++)
        consider(&c, s, m->tasks[i].name, LCI_ON_TASK, i);
    for (size_t i = 0; i < m->entry_count; i++)
        consider(&c, s, m->entries[i].name, LCI_ON_ENTRY, i);
    for (size_t i = 0; i < m->processor_count; i++)
        consider(&c, s, m->processors[i].name, LCI_ON_PROCESSOR, i);
    for (size_t i = 0; i < m->group_count; i++)
        consider(&c, s, m->groups[i].name, LCI_ON_GROUP, i);
    return c;
}

/* ---- messages ---------------------------------------------------------------------------------------------------- */

/* Services first, since people mean those; not more than can be read. */
static char *service_list(const struct lc_model *m)
{
    enum { SHOWN = 12 };
    size_t shown = 0, more = 0;
    struct lci_buffer list = {0};
    for (size_t i = 0; i < m->task_count; i++)
        if (!m->tasks[i].service || shown == SHOWN) {
            more++;
        } else {
            lci_buffer_join(&list, ", ", "'%s'", m->tasks[i].name);
            shown++;
        }
    if (more > 0)
        lci_buffer_add(&list, " and %zu more", more);
    return lci_buffer_take(&list);
}

static void no_such_element(const struct lci_edit *e)
{
    const struct lc_model *m = e->model;
    const size_t all = m->task_count + m->entry_count + m->processor_count;
    const char **names = lc_calloc(all + 1, sizeof *names);
    size_t n = 0;
    for (size_t i = 0; i < m->task_count; i++)
        names[n++] = m->tasks[i].name;
    for (size_t i = 0; i < m->entry_count; i++)
        names[n++] = m->entries[i].name;
    for (size_t i = 0; i < m->processor_count; i++)
        names[n++] = m->processors[i].name;
    const char *dot = strrchr(e->path, '.');
    char *name = dot != NULL ? lc_strndup(e->path, (size_t)(dot - e->path)) : lc_strdup(e->path);
    const char *nearest = lci_nearest(name, names);
    char *list = service_list(m);
    if (nearest != NULL)
        LCI_BAD(e, "'%s': the model has no '%s'; did you mean '%s'? Its services are %s", e->path, name, nearest, list);
    else
        LCI_BAD(e, "'%s': the model has no '%s'; its services are %s", e->path, name, list);
    free(list);
    free(name);
    free(names);
}

static void no_such_attribute(const struct lci_edit *e, const struct search *s, const struct candidates *c)
{
    const char *known[128];
    const char *attribute = s->path + c->longest + 1;
    size_t n = 0;
    struct lci_buffer list = {0};
    for (size_t i = 0; i < c->count; i++)
        n += lci_attributes_of(c->list[i].kind, known + n, 127 - n);
    known[n] = NULL;
    lci_buffer_names(&list, known, n, n);
    const char *nearest = lci_nearest(attribute, known);
    if (nearest != NULL)
        LCI_BAD(e, "'%.*s' has no '%s'; did you mean '%s'?", (int)c->longest, s->path, attribute, nearest);
    else
        LCI_BAD(e, "'%.*s' has no '%s'; expected one of %s", (int)c->longest, s->path, attribute, list.text);
    free(list.text);
}

/* ---- edits ------------------------------------------------------------------------------------------------------- */

/* The longest name that has such an attribute, in the kind that the path names, or else anywhere. */
static enum lci_found resolve_in(struct lci_edit *e, struct search s, bool get, struct lci_slots *slots, bool *any)
{
    enum lci_found found = LCI_UNKNOWN;
    struct search longest = s;
    *any = false;
    while (found == LCI_UNKNOWN) {
        struct candidates c = find_candidates(e, &s);
        for (size_t i = 0; i < c.count && found == LCI_UNKNOWN; i++)
            found = lci_attribute(e, c.list[i], s.path + c.longest + 1, get, slots);
        const size_t count = c.count;
        s.limit = c.longest;
        free(c.list);
        if (count == 0)
            break;
        *any = true;
    }
    if (found == LCI_UNKNOWN && *any) {
        struct candidates c = find_candidates(e, &longest);
        no_such_attribute(e, &longest, &c);
        free(c.list);
        found = LCI_FAILED;
    }
    return found;
}

static enum lci_found resolve(struct lci_edit *e, bool get, struct lci_slots *slots)
{
    bool any = false;
    enum lci_found found = LCI_UNKNOWN;
    const struct search typed = kind_of(e->path);
    if (typed.kind >= 0)
        found = resolve_in(e, typed, get, slots, &any);
    if (!any) /* a name may look like a kind */
        found = resolve_in(e, (struct search){e->path, SIZE_MAX, -1}, get, slots, &any);
    if (!any)
        no_such_element(e);
    return found;
}

size_t lci_path_element(struct lc_model *model, const char *path, const char **name)
{
    const struct lci_edit e = {.model = model, .path = path};
    const struct search typed = kind_of(path), any = {path, SIZE_MAX, -1};
    struct candidates c = find_candidates(&e, &typed);
    *name = typed.path;
    if (c.count == 0 && typed.kind >= 0) { /* a name may look like a kind */
        c = find_candidates(&e, &any);
        *name = any.path;
    }
    free(c.list);
    return c.longest;
}

/* A phase that is given something exists from then on. */
static void make_present(struct lc_model *m)
{
    for (size_t i = 0; i < m->entry_count; i++)
        for (int j = 0; j < LC_PHASES; j++) {
            struct lc_activity *phase = &m->entries[i].phases[j];
            phase->present = phase->present || phase->demand.family != NULL || phase->think.family != NULL ||
                             phase->max_service_time > 0;
        }
}

static int set(struct lci_edit *e)
{
    struct lci_slots slots = {0};
    enum lci_found found = resolve(e, false, &slots);
    if (found == LCI_SLOTS)
        found = lci_change_slots(e, &slots) == 0 ? LCI_DONE : LCI_FAILED;
    free(slots.list);
    return found == LCI_DONE ? 0 : -1;
}

static int apply(struct lci_edit e)
{
    struct lc_diag unheard = {0};
    if (e.diag == NULL)
        e.diag = &unheard;
    const int status = set(&e);
    if (status == 0)
        make_present(e.model);
    lc_diag_free(&unheard);
    return status;
}

int lci_edit_dist(struct lc_model *model, const char *path, const char *value, const struct lc_dist *dist,
                  struct lc_diag *diag, const struct lc_place *place)
{
    return apply(
        (struct lci_edit){.model = model, .path = path, .value = value, .dist = dist, .diag = diag, .place = place});
}

int lci_edit_number(struct lc_model *model, const char *path, double value, struct lc_diag *diag,
                    const struct lc_place *place)
{
    return apply((struct lci_edit){.model = model, .path = path, .number = value, .diag = diag, .place = place});
}

static bool single(const struct lci_slots *slots, enum lci_found found, struct lci_slot *slot)
{
    const bool one = found == LCI_SLOTS && slots->count == 1 && slots->list[0].weight == 1;
    if (one)
        *slot = slots->list[0];
    free(slots->list);
    return one;
}

bool lci_path_slot(struct lc_model *model, const char *path, struct lci_slot *slot)
{
    struct lc_diag unheard = {0};
    struct lci_slots slots = {0};
    struct lci_edit e = {.model = model, .path = path, .diag = &unheard};
    const enum lci_found found = resolve(&e, true, &slots);
    lc_diag_free(&unheard);
    return single(&slots, found, slot);
}

bool lci_element_slot(struct lc_model *model, struct lci_element element, const char *attribute, struct lci_slot *slot)
{
    struct lc_diag unheard = {0};
    struct lci_slots slots = {0};
    struct lci_edit e = {.model = model, .path = attribute, .diag = &unheard};
    const enum lci_found found = lci_attribute(&e, element, attribute, true, &slots);
    lc_diag_free(&unheard);
    return single(&slots, found, slot);
}

static int get(struct lci_edit *e, double *value)
{
    struct lci_slots slots = {0};
    int status = resolve(e, true, &slots) == LCI_SLOTS ? 0 : -1;
    double sum = 0;
    for (size_t i = 0; i < slots.count && status == 0; i++) {
        sum += slots.list[i].weight * lci_slot_number(&slots.list[i]);
        if (slots.list[i].group != slots.list[0].group) {
            LCI_BAD(e, "'%s' stands for several numbers; name one entry", e->path);
            status = -1;
        }
    }
    if (status == 0)
        *value = sum;
    free(slots.list);
    return status;
}

int lc_edit_get(struct lc_model *model, const char *path, double *value, struct lc_diag *diag,
                const struct lc_place *place)
{
    struct lc_diag unheard = {0};
    struct lci_edit e = {.model = model, .path = path, .diag = diag != NULL ? diag : &unheard};
    e.place = place;
    const int status = get(&e, value);
    lc_diag_free(&unheard);
    return status;
}

void lci_edit_scale(struct lc_model *model, const char *const *paths, const double *factors, size_t count)
{
    struct lci_sorted_names names = names_of(model);
    size_t near = 0;
    for (size_t i = 0; i < count; i++) {
        struct lc_diag unheard = {0};
        struct lci_edit e = {.model = model, .names = &names, .path = paths[i], .diag = &unheard, .near = &near};
        if (get(&e, &e.number) == 0) {
            e.number *= factors[i];
            set(&e);
        }
        lc_diag_free(&unheard);
    }
    make_present(model);
    free(names.list);
}

void lci_edit_times(struct lc_model *model, const char *const *paths, struct lc_dist **times, size_t count)
{
    struct lci_sorted_names names = names_of(model);
    size_t near = 0;
    for (size_t i = 0; i < count; i++) {
        struct lc_diag unheard = {0};
        struct lci_slots slots = {0};
        struct lci_slot slot;
        struct lci_edit e = {.model = model, .names = &names, .path = paths[i], .diag = &unheard, .near = &near};
        const enum lci_found found = resolve(&e, true, &slots);
        const bool one = single(&slots, found, &slot) && (slot.kind == LCI_DIST || slot.kind == LCI_CONSTANT_DIST);
        times[i] = one && ((struct lc_dist *)slot.at)->family != NULL ? slot.at : NULL;
        lc_diag_free(&unheard);
    }
    free(names.list);
}
