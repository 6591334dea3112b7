/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The entries section of LQN text: one kind of record for each attribute, values of up to three phases. */
#include "format/lqn_text.h"

#include "format/lqn_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct lci_owner nobody = {LCI_OWNER_NONE, LC_NONE, LC_NONE};

void lci_text_finish_activity(struct lc_activity *activity, const struct lci_raw *raw)
{
    if (raw->demand > 0) {
        lc_dist_free(&activity->demand); /* a task may have a second section */
        activity->demand = lci_demand(raw->demand, raw->cv2);
    }
    if (raw->think > 0) {
        lc_dist_free(&activity->think);
        activity->think = lci_demand(raw->think, 1);
    }
}

/* The values of a list up to "-1". */
struct list {
    double values[LC_PHASES];
    bool bound[LC_PHASES]; /* by an expression, which may be 0 now and not later */
    int count;             /* 0: there was an error */
};

static struct list phase_values(struct lci_text *t, int entry, const char *attribute)
{
    struct list list = {0};
    while (lci_text_good(t) && t->token != LCI_LIST_END) {
        if (list.count == LC_PHASES) {
            lci_text_wrong(t, "-1: there are no more than three phases");
            break;
        }
        struct lci_number number = lci_text_number(t);
        list.bound[list.count] = number.expression != NULL;
        list.values[list.count] =
            lci_text_value(t, &number, 0, (struct lci_owner){LCI_OWNER_PHASE, entry, list.count}, attribute);
        list.count++;
    }
    if (lci_text_good(t) && list.count == 0)
        lci_text_wrong(t, "a number");
    lci_text_list_end(t);
    if (!lci_text_good(t))
        list.count = 0;
    return list;
}

/* A value of 0 stands for none, so that later phases can have one. A list of nothing but zeros means its last phase. */
static bool is_set(const struct list *list, int phase)
{
    for (int i = 0; i < list->count; i++)
        if (list->values[i] > 0 || list->bound[i])
            return list->values[phase] > 0 || list->bound[phase];
    return phase == list->count - 1;
}

static void read_phases(struct lci_text *t, char letter, int entry)
{
    static const char *const attributes[] = {"demand", "cv2", "think_time", "max_service_time"};
    static const char letters[] = "scZM";
    const char *attribute = letter == 'f' ? NULL : attributes[strchr(letters, letter) - letters];
    const struct list list = phase_values(t, entry, attribute);
    const double *values = list.values;
    struct lc_entry *e = &t->build->model->entries[entry];
    for (int i = 0; i < list.count; i++) {
        struct lci_raw *raw = &t->phases[entry * LC_PHASES + i];
        struct lc_activity *p = &e->phases[i];
        const bool stated = is_set(&list, i);
        if (letter == 'f')
            p->deterministic = values[i] > 0;
        else if (letter == 'c')
            raw->cv2 = values[i];
        else if (letter == 's' && stated)
            raw->demand = values[i];
        else if (letter == 'Z' && stated)
            raw->think = values[i];
        else if (letter == 'M' && stated)
            p->max_service_time = values[i];
        p->present = p->present || (stated && letter != 'f' && letter != 'c');
    }
    if (letter != 'f')
        lci_text_observations(t, "entry/%s", e->name);
}

static void read_calls(struct lci_text *t, char letter, int entry)
{
    const struct lc_place place = lci_text_place(t);
    const int to = lci_text_entry(t);
    struct lc_model *m = t->build->model;
    char *attribute =
        lci_call_attribute(letter == 'y' ? LC_CALL_SYNC : LC_CALL_ASYNC, to != LC_NONE ? m->entries[to].name : "");
    const struct list list = phase_values(t, entry, attribute);
    const enum lc_call_kind kind = letter == 'y' ? LC_CALL_SYNC : LC_CALL_ASYNC;
    for (int i = 0; i < list.count && to != LC_NONE; i++) {
        if (!is_set(&list, i))
            continue;
        struct lc_activity *p = &m->entries[entry].phases[i];
        struct lc_call *call = NULL;
        for (size_t k = 0; k < p->call_count; k++)
            if (p->calls[k].entry == to && p->calls[k].kind == kind)
                call = &p->calls[k]; /* a later record replaces an earlier one */
        if (call == NULL)
            call = lc_add_call(p, kind, to, list.values[i]);
        call->mean = list.values[i];
        call->place = place;
        p->present = true;
    }
    if (to != LC_NONE)
        lci_text_observations(t, "call/%s/%s", m->entries[entry].name, m->entries[to].name);
    free(attribute);
}

void lci_text_histogram(struct lci_text *t, struct lc_histogram *to)
{
    struct lc_histogram h = {.bins = 20};
    h.minimum = lci_text_real(t, 0, nobody, NULL);
    if (!lci_text_take(t, ':'))
        lci_text_wrong(t, "':' between the least and the greatest value");
    h.maximum = lci_text_real(t, 0, nobody, NULL);
    const struct lc_place place = lci_text_place(t);
    if (lci_text_good(t) && t->token == LCI_WHOLE)
        h.bins = lci_text_whole(t, 1, nobody, NULL);
    if (h.bins > LCI_BINS)
        lc_error(t->build->diag, LC_INPUT, &place, "%u bins are too many; expected at most %d", h.bins, LCI_BINS);
    if (lci_text_good(t))
        *to = h;
}

static void read_histogram(struct lci_text *t, int entry)
{
    const struct lc_place place = lci_text_place(t);
    const uint32_t phase = lci_text_whole(t, 1, nobody, NULL);
    if (phase > LC_PHASES)
        lc_error(t->build->diag, LC_INPUT, &place, "there is no phase %u; expected 1 to %d", phase, LC_PHASES);
    struct lc_activity *p = &t->build->model->entries[entry].phases[phase > LC_PHASES ? 0 : phase - 1];
    lci_text_histogram(t, &p->histogram);
    p->present = true;
}

static void read_forward(struct lci_text *t, int entry)
{
    const struct lc_place place = lci_text_place(t);
    const int to = lci_text_entry(t);
    struct lc_model *m = t->build->model;
    char *attribute = lc_format("forwards.%s", to != LC_NONE ? m->entries[to].name : "");
    const double probability = lci_text_real(t, 0, (struct lci_owner){LCI_OWNER_ENTRY, entry, LC_NONE}, attribute);
    lci_text_list_end(t);
    if (to != LC_NONE) {
        lc_add_forward(&m->entries[entry], to, probability)->place = place;
        lci_text_observations(t, "call/%s/%s", m->entries[entry].name, m->entries[to].name);
    }
    free(attribute);
}

static void read_start(struct lci_text *t, int entry)
{
    const struct lc_place place = lci_text_place(t);
    char *activity = lci_text_name(t, "an activity");
    if (activity == NULL)
        return;
    LC_GROW(t->starts, t->start_count, t->start_capacity);
    t->starts[t->start_count++] = (struct lci_start){entry, activity, place};
}

/* Fans between entries, from before tasks had them: `i source destination n -1`. */
static void read_old_fan(struct lci_text *t, int source, bool in, const struct lc_place *place)
{
    const int destination = lci_text_entry(t);
    const uint32_t value = lci_text_whole(t, 1, nobody, NULL);
    lci_text_list_end(t);
    if (!lci_text_good(t) || destination == LC_NONE)
        return;
    const struct lc_model *m = t->build->model;
    const int from = m->entries[source].task, to = m->entries[destination].task;
    const struct lc_task *keeper = &m->tasks[in ? to : from];
    const struct lc_fan *list = in ? keeper->fan_in : keeper->fan_out;
    const size_t count = in ? keeper->fan_in_count : keeper->fan_out_count;
    for (size_t i = 0; i < count; i++)
        if (list[i].task == (in ? from : to))
            return; /* told by another pair of entries */
    lci_build_fan(t->build, in ? to : from, in ? from : to, in, value);
    lc_warn(t->build->diag, place, "fans between entries are old; this one is taken for their tasks");
}

static void read_record(struct lci_text *t, char letter, const struct lc_place *place)
{
    const int entry = lci_text_entry(t);
    if (entry == LC_NONE)
        return;
    const struct lci_owner owner = {LCI_OWNER_ENTRY, entry, LC_NONE};
    struct lc_entry *e = &t->build->model->entries[entry];
    switch (letter) {
    case 'a':
        e->open_rate = lci_text_real(t, 0, owner, "open_rate");
        lci_text_observations(t, "open/%s", e->name);
        break;
    case 'A': read_start(t, entry); break;
    case 'H': read_histogram(t, entry); break;
    case 'p': e->priority = lci_text_integer(t, owner, "priority"); break;
    case 'y':
    case 'z': read_calls(t, letter, entry); break;
    case 'F': read_forward(t, entry); break;
    case 'i':
    case 'o': read_old_fan(t, entry, letter == 'i', place); break;
    case 's':
    case 'c':
    case 'f':
    case 'Z':
    case 'M': read_phases(t, letter, entry); break;
    default:
        for (const struct lci_role *r = lci_roles; r->role != LC_ROLE_NONE; r++)
            if (r->letter == letter)
                e->role = r->role;
    }
}

void lci_text_entries(struct lci_text *t)
{
    lci_text_records(t, "aAscZfMHpyzFPVRUWXio", "a letter of an entry's attribute and the name of an entry",
                     read_record);
}
