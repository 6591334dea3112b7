/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tables of fields of every element, and the parts that are no plain values: references, calls, phases, entries. */
#include "base/text.h"
#include "format/schema_json.h"
#include "format/schema_policy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AT(type, member) offsetof(struct type, member)
#define ALWAYS           1e6 /* as the default of a word: it is never left out */

/* ---- references -------------------------------------------------------------------------------------------------- */

/* The index of a named element, LC_NONE where there is none: how the name is found, and where it stands. */
#define REFERENCE(element, find, name_of)                                                                              \
    static void read_##element(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node,           \
                               void *value)                                                                            \
    {                                                                                                                  \
        const char *name;                                                                                              \
        if (lci_node_text(node, f->name, &name, r->build.diag) == 0)                                                   \
            *(int *)value = (find);                                                                                    \
    }                                                                                                                  \
    static bool write_##element(const struct lci_layout *l, const struct lci_field *f, const void *value,              \
                                struct lci_doc *doc)                                                                   \
    {                                                                                                                  \
        (void)f;                                                                                                       \
        const int index = *(const int *)value;                                                                         \
        if (index != LC_NONE)                                                                                          \
            *doc = lci_doc_text(name_of);                                                                              \
        return index != LC_NONE;                                                                                       \
    }                                                                                                                  \
    static const struct lci_type type_##element = {read_##element, write_##element, "text"};

REFERENCE(processor, lci_build_find_processor(&r->build, name, &node->place), l->model->processors[index].name)
REFERENCE(group, lci_build_find_group(&r->build, name, &node->place), l->model->groups[index].name)
REFERENCE(entry_name, lci_build_find_entry(&r->build, name, &node->place), l->model->entries[index].name)
REFERENCE(start, lci_build_find_activity(&r->build, r->task, name, &node->place), l->task->activities[index].name)

static void read_scheduling(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    const char *word;
    if (lci_node_text(node, f->name, &word, r->build.diag) != 0)
        return;
    const int scheduling = lc_scheduling_find(word);
    if (scheduling >= 0) {
        *(enum lc_scheduling *)value = (enum lc_scheduling)scheduling;
        return;
    }
    const char *words[LC_INF_RETRY + 2] = {NULL};
    for (int i = 0; i <= LC_INF_RETRY; i++)
        words[i] = lc_scheduling_name((enum lc_scheduling)i);
    const char *nearest = lci_nearest(word, words);
    lc_error(r->build.diag, LC_INPUT, &node->place, "there is no scheduling '%s'; %s%s%s", word,
             nearest ? "did you mean '" : "processors have fcfs, hol, pp, rand, ps, inf, cfs", nearest ? nearest : "",
             nearest ? "'?" : "");
}

static bool write_scheduling(const struct lci_layout *l, const struct lci_field *f, const void *value,
                             struct lci_doc *doc)
{
    (void)l;
    const enum lc_scheduling scheduling = *(const enum lc_scheduling *)value;
    if (scheduling == (enum lc_scheduling)f->standard)
        return false;
    *doc = lci_doc_text(lc_scheduling_name(scheduling));
    return true;
}

static const struct lci_type type_scheduling = {read_scheduling, write_scheduling, "scheduling"};

/* ---- calls, forwards, replies ------------------------------------------------------------------------------------ */

static const char *const call_kinds[] = {"sync", "async", NULL};

/* `mean` of a random number of calls, `number` of exactly so many. */
static void read_mean(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    struct lc_call *call = value;
    call->random = true;
    lci_read_number(r, node, LC_NUMBER, f->name, &call->mean);
}

static bool write_mean(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)l;
    (void)f;
    const struct lc_call *call = value;
    if (call->random)
        *doc = lci_doc_number(call->mean);
    return call->random;
}

static void read_exact(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    uint64_t number;
    if (lci_node_count(node, 0, LC_MOST_CALLS, f->name, &number, r->build.diag) == 0)
        ((struct lc_call *)value)->mean = (double)number;
}

static bool write_exact(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)l;
    (void)f;
    const struct lc_call *call = value;
    if (call->random || call->mean == 1)
        return false;
    *doc = lci_doc_number(call->mean);
    return true;
}

static const struct lci_type type_mean = {read_mean, write_mean, "number"},
                             type_exact = {read_exact, write_exact, "size"};

static const struct lci_field call_fields[] = {
    {"to", &type_entry_name, AT(lc_call, entry), 0, NULL, "the entry that is called"},
    {"mean", &type_mean, 0, 0, NULL, "of a random number of calls"},
    {"number", &type_exact, 0, 0, NULL, "exactly so many calls"},
    {"kind", &lci_type_word, AT(lc_call, kind), LC_CALL_SYNC, call_kinds,
     .about = "whether the caller waits for the answer"},
    {"comment", &lci_type_text, AT(lc_call, comment), 0, NULL, "anything"},
    {0},
};

static const struct lci_field forward_fields[] = {
    {"to", &type_entry_name, AT(lc_forward, entry), 0, NULL, "the entry that answers instead"},
    {"probability", &lci_type_number, AT(lc_forward, probability), 1, NULL, "with which the request is forwarded"},
    {"comment", &lci_type_text, AT(lc_forward, comment), 0, NULL, "anything"},
    {0},
};

/* One thing that leads to an entry: the entry's name alone, or a map with `to`. */
static void read_arc(struct lci_reader *r, const struct lci_node *node, const char *what,
                     const struct lci_field *fields, void *arc, int *entry)
{
    *entry = LC_NONE;
    if (node->kind == LCI_NODE_SCALAR) {
        read_entry_name(r, &(const struct lci_field){.name = what}, node, entry);
        return;
    }
    const size_t before = r->build.diag->errors;
    lci_read_fields(r, node, what, &(const struct lci_part){fields, arc}, 1);
    if (*entry == LC_NONE && r->build.diag->errors == before)
        lc_error(r->build.diag, LC_INPUT, &node->place, "%s leads nowhere; expected {to: ENTRY, …}", what);
}

/* A list of calls, or a map from entries to means. What is said of none is exactly one: settle_calls(). */
static void read_calls(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    struct lc_activity *a = value;
    if (node->kind != LCI_NODE_MAP && lci_node_is(node, LCI_NODE_LIST, f->name, r->build.diag) != 0)
        return;
    for (size_t i = 0; i < node->count; i++) {
        struct lc_call *call = lc_add_call(a, LC_CALL_SYNC, LC_NONE, 1);
        call->place = node->items[i].place;
        if (node->kind == LCI_NODE_MAP) {
            read_entry_name(r, f, &node->keys[i], &call->entry);
            lci_read_number(r, &node->items[i], LC_NUMBER, "a mean number of calls", &call->mean);
            call->random = true;
            continue;
        }
        read_arc(r, &node->items[i], "a call", call_fields, call, &call->entry);
        if (call->random && lci_node_get(&node->items[i], "number") != NULL)
            lc_error(r->build.diag, LC_INPUT, &call->place,
                     "a call has both 'mean', of a random number, and 'number', exactly; expected one of them");
    }
}

/* When all keys of a phase or activity have been read: calls are made in order when one of them is exactly so many;
 * all of them are as `deterministic` says where that is given. */
static void settle_calls(struct lc_activity *a, const struct lci_node *node)
{
    const bool stated = lci_node_get(node, "deterministic") != NULL;
    for (size_t i = 0; !stated && i < a->call_count; i++)
        a->deterministic = a->deterministic || !a->calls[i].random;
    for (size_t i = 0; i < a->call_count; i++)
        a->calls[i].random = a->calls[i].random && a->deterministic && !stated;
}

static bool write_calls(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)f;
    const struct lc_activity *a = value;
    if (a->call_count == 0)
        return false;
    *doc = lci_doc_list();
    for (size_t i = 0; i < a->call_count; i++) {
        struct lci_doc map = lci_doc_map();
        struct lc_call call = a->calls[i];
        call.random = call.random || !a->deterministic;
        lci_write_fields(l, call_fields, &call, &map);
        lci_doc_add(doc, map);
    }
    return true;
}

/* The calls tell it, where there are any. */
static bool write_order(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)l;
    (void)f;
    const struct lc_activity *a = value;
    if (!a->deterministic || a->call_count > 0)
        return false;
    *doc = lci_doc_word("true");
    return true;
}

static void read_order(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    lci_node_flag(node, f->name, &((struct lc_activity *)value)->deterministic, r->build.diag);
}

static const struct lci_type type_order = {read_order, write_order, "flag"};
static const struct lci_type type_calls = {read_calls, write_calls, "[text | call] | {number}"};

static void read_forwards(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    struct lc_entry *e = value;
    if (node->kind != LCI_NODE_MAP && lci_node_is(node, LCI_NODE_LIST, f->name, r->build.diag) != 0)
        return;
    for (size_t i = 0; i < node->count; i++) {
        struct lc_forward *forward = lc_add_forward(e, LC_NONE, 1);
        forward->place = node->items[i].place;
        if (node->kind == LCI_NODE_MAP) {
            read_entry_name(r, f, &node->keys[i], &forward->entry);
            lci_read_number(r, &node->items[i], LC_NUMBER, "a probability", &forward->probability);
        } else {
            read_arc(r, &node->items[i], "a forward", forward_fields, forward, &forward->entry);
        }
    }
}

static bool write_forwards(const struct lci_layout *l, const struct lci_field *f, const void *value,
                           struct lci_doc *doc)
{
    (void)f;
    const struct lc_entry *e = value;
    if (e->forward_count == 0)
        return false;
    *doc = lci_doc_list();
    for (size_t i = 0; i < e->forward_count; i++) {
        struct lci_doc forward = lci_doc_map();
        lci_write_fields(l, forward_fields, &e->forwards[i], &forward);
        lci_doc_add(doc, forward);
    }
    return true;
}

static const struct lci_type type_forwards = {read_forwards, write_forwards, "[text | forward] | {fraction}"};

/* The next steps of a session: a map of entries to probabilities. */
static void read_next(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    struct lc_entry *e = value;
    if (lci_node_is(node, LCI_NODE_MAP, f->name, r->build.diag) != 0)
        return;
    for (size_t i = 0; i < node->count; i++) {
        LC_GROW(e->next, e->next_count, e->next_capacity);
        struct lc_forward *next = &e->next[e->next_count++];
        *next = (struct lc_forward){.entry = LC_NONE, .probability = 1, .place = node->keys[i].place};
        read_entry_name(r, f, &node->keys[i], &next->entry);
        lci_read_number(r, &node->items[i], LC_FRACTION, "a probability", &next->probability);
    }
}

static bool write_next(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)f;
    const struct lc_entry *e = value;
    if (e->next_count == 0)
        return false;
    *doc = lci_doc_map();
    for (size_t i = 0; i < e->next_count; i++)
        lci_doc_put(doc, l->model->entries[e->next[i].entry].name, lci_doc_number(e->next[i].probability));
    return true;
}

static const struct lci_type type_next = {read_next, write_next, "{fraction}"};

static void read_replies(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    if (lci_node_is(node, LCI_NODE_LIST, f->name, r->build.diag) != 0)
        return;
    for (size_t i = 0; i < node->count; i++) {
        int entry = LC_NONE;
        read_entry_name(r, f, &node->items[i], &entry);
        if (entry != LC_NONE)
            lc_add_reply(value, entry);
    }
}

static bool write_replies(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)f;
    const struct lc_activity *a = value;
    if (a->reply_count == 0)
        return false;
    *doc = lci_doc_list();
    for (size_t i = 0; i < a->reply_count; i++)
        lci_doc_add(doc, lci_doc_text(l->model->entries[a->replies[i]].name));
    return true;
}

static const struct lci_type type_replies = {read_replies, write_replies, "[text]"};

/* ---- phases and activities --------------------------------------------------------------------------------------- */

static const struct lci_field histogram_fields[] = {
    {"minimum", &lci_type_time, AT(lc_histogram, minimum), NAN, NULL, "the lower end of the first bin"},
    {"maximum", &lci_type_time, AT(lc_histogram, maximum), NAN, NULL, "the upper end of the last bin"},
    {"bins", &lci_type_size, AT(lc_histogram, bins), 0, NULL, "how many; 20 unless given"},
    {0},
};

static void read_histogram(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    struct lc_histogram *h = value;
    h->bins = 20;
    lci_read_fields(r, node, f->name, &(const struct lci_part){histogram_fields, h}, 1);
    if (h->bins == 0)
        lc_error(r->build.diag, LC_INPUT, &node->place, "a histogram of no bins; expected 1 or more");
}

static bool write_histogram(const struct lci_layout *l, const struct lci_field *f, const void *value,
                            struct lci_doc *doc)
{
    (void)f;
    const struct lc_histogram *h = value;
    if (h->bins == 0)
        return false;
    *doc = lci_doc_map();
    lci_write_fields(l, histogram_fields, h, doc);
    return true;
}

static const struct lci_type type_histogram = {read_histogram, write_histogram, "histogram"};

/* What phases and activities have in common; entries hold it for their first phase. */
#define SERVICE_FIELDS                                                                                                 \
    {"demand", &lci_type_distribution, AT(lc_activity, demand), .about = "processor work of one execution"},           \
        {"think_time", &lci_type_distribution, AT(lc_activity, think),                                                 \
         .about = "a time in which it keeps its thread and no processor"},                                             \
        {"deterministic", &type_order, .about = "of older files: means of calls are exact numbers"},                   \
        {"max_service_time", &lci_type_time, AT(lc_activity, max_service_time),                                        \
         .about = "the probability of taking longer is reported"},                                                     \
        {"histogram", &type_histogram, AT(lc_activity, histogram),                                                     \
         .about = "the distribution of its time is reported"},                                                         \
    {                                                                                                                  \
        "calls", &type_calls, .about = "entries that are called: a list in order, or a map of entries to mean numbers" \
    }

static const struct lci_field service_fields[] = {SERVICE_FIELDS, {0}};

static const struct lci_field phase_fields[] = {
    {"name", &lci_type_text, AT(lc_activity, name), 0, NULL, "of the phase"},
    SERVICE_FIELDS,
    {"comment", &lci_type_text, AT(lc_activity, comment), 0, NULL, "anything"},
    {0},
};

static const struct lci_field activity_fields[] = {
    SERVICE_FIELDS,
    {"replies", &type_replies, 0, 0, NULL, "entries that are answered when it ends"},
    {"last_of", &lci_type_size, AT(lc_activity, last_of), 0, NULL,
     "a branch that the last of so many requests takes, which one request of a customer makes"},
    {"comment", &lci_type_text, AT(lc_activity, comment), 0, NULL, "anything"},
    {0},
};

static void read_phase(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    struct lc_activity *phase = value;
    phase->present = true;
    phase->place = node->place;
    lci_read_fields(r, node, f->name, &(const struct lci_part){phase_fields, phase}, 1);
    settle_calls(phase, node);
}

static bool write_phase(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)f;
    const struct lc_activity *phase = value;
    if (!phase->present)
        return false;
    *doc = lci_doc_map();
    lci_write_fields(l, phase_fields, phase, doc);
    return true;
}

static const struct lci_type type_phase = {read_phase, write_phase, "phase"};

/* Phase 1 has a block of its own only where an entry's fields cannot say it. */
static bool write_phase1(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    const struct lc_activity *phase = value;
    if (phase->name == NULL && phase->comment == NULL) {
        struct lci_doc map = lci_doc_map();
        lci_write_fields(l, service_fields, phase, &map);
        const bool empty = map.count == 0;
        lci_doc_free(&map);
        if (!empty)
            return false;
    }
    return write_phase(l, f, value, doc);
}

static const struct lci_type type_phase1 = {read_phase, write_phase1, "phase"};

static void read_activities(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    (void)f;
    struct lc_task *t = value;
    for (size_t i = 0; i < t->activity_count; i++) { /* made from the keys of this map */
        lci_read_fields(r, &node->items[i], "an activity", &(const struct lci_part){activity_fields, &t->activities[i]},
                        1);
        settle_calls(&t->activities[i], &node->items[i]);
    }
}

static bool write_activities(const struct lci_layout *l, const struct lci_field *f, const void *value,
                             struct lci_doc *doc)
{
    (void)f;
    const struct lc_task *t = value;
    if (t->activity_count == 0)
        return false;
    *doc = lci_doc_map();
    for (size_t i = 0; i < t->activity_count; i++) {
        struct lci_doc activity = lci_doc_map();
        lci_write_fields(l, activity_fields, &t->activities[i], &activity);
        lci_doc_put(doc, t->activities[i].name, activity);
    }
    return true;
}

static const struct lci_type type_activities = {read_activities, write_activities, "{activity}"};

/* ---- entries ----------------------------------------------------------------------------------------------------- */

static const char *const roles[] = {"none",        "signal",     "wait",         "read_lock",
                                    "read_unlock", "write_lock", "write_unlock", NULL};

static const struct lci_field entry_fields[] = {
    {"start", &type_start, AT(lc_entry, start), 0, NULL, "the activity that it starts, instead of phases"},
    {"open_rate", &lci_type_rate, AT(lc_entry, open_rate), 0, NULL, "requests from outside, Poisson"},
    {"open_arrivals", &lci_type_distribution, AT(lc_entry, open_arrivals), 0, NULL,
     "the time between requests from outside"},
    {"priority", &lci_type_integer, AT(lc_entry, priority), 0, NULL, "added to that of the caller's task"},
    {"probability", &lci_type_number, AT(lc_entry, probability), 0, NULL,
     "with which a source chooses it; all alike unless given"},
    {"role", &lci_type_word, AT(lc_entry, role), LC_ROLE_NONE, roles, .about = "what it does to a semaphore or lock"},
    {"phase1", &type_phase1, AT(lc_entry, phases[0]), 0, NULL,
     "ends with the answer; the keys of the phase may stand in the entry itself"},
    {"phase2", &type_phase, AT(lc_entry, phases[1]), 0, NULL, "goes on after the answer"},
    {"phase3", &type_phase, AT(lc_entry, phases[2]), 0, NULL, "goes on after the second phase"},
    {"forwards", &type_forwards, 0, 0, NULL, "entries that answer instead"},
    {"next", &type_next, 0, 0, NULL, "the next steps of a session and their probabilities"},
    {"pause", &lci_type_distribution, AT(lc_entry, pause), 0, NULL, "before the next step"},
    {"comment", &lci_type_text, AT(lc_entry, comment), 0, NULL, "anything"},
    {0},
};

static void read_entries(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    (void)f;
    const struct lc_task *t = value;
    for (size_t i = 0; i < t->entry_count; i++) { /* made from the keys of this map */
        struct lc_entry *e = &r->build.model->entries[t->entries[i]];
        const struct lci_part parts[] = {{entry_fields, e}, {service_fields, &e->phases[0]}};
        const unsigned found = lci_read_fields(r, &node->items[i], "an entry", parts, 2);
        if ((found & 2) == 0)
            continue;
        if (e->phases[0].present && lci_node_get(&node->items[i], "phase1") != NULL)
            lc_error(r->build.diag, LC_INPUT, &e->place,
                     "entry '%s' tells its first phase both itself and in 'phase1'; one of them must go", e->name);
        e->phases[0].present = true;
        e->phases[0].place = e->place;
        settle_calls(&e->phases[0], &node->items[i]);
    }
}

static bool write_entries(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)f;
    const struct lc_task *t = value;
    if (t->entry_count == 0)
        return false;
    *doc = lci_doc_map();
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lc_entry *e = &l->model->entries[t->entries[i]];
        struct lci_doc entry = lci_doc_map();
        const struct lc_activity *first = &e->phases[0];
        if (first->present && first->name == NULL && first->comment == NULL)
            lci_write_fields(l, service_fields, first, &entry);
        lci_write_fields(l, entry_fields, e, &entry);
        lci_doc_put(doc, e->name, entry);
    }
    return true;
}

static const struct lci_type type_entries = {read_entries, write_entries, "{entry}"};

/* ---- tasks ------------------------------------------------------------------------------------------------------- */

static void read_fans(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, bool in)
{
    if (lci_node_is(node, LCI_NODE_MAP, f->name, r->build.diag) != 0)
        return;
    for (size_t i = 0; i < node->count; i++) {
        uint64_t value = 1;
        const int other = lci_build_find_task(&r->build, node->keys[i].text, &node->keys[i].place);
        if (lci_node_count(&node->items[i], 1, LC_INFINITE - 1, f->name, &value, r->build.diag) == 0 &&
            other != LC_NONE)
            lci_build_fan(&r->build, r->task, other, in, (uint32_t)value);
    }
}

static void read_fan_in(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    (void)value;
    read_fans(r, f, node, true);
}

static void read_fan_out(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    (void)value;
    read_fans(r, f, node, false);
}

static bool write_fans(const struct lci_layout *l, const struct lc_fan *fans, size_t count, struct lci_doc *doc)
{
    if (count == 0)
        return false;
    *doc = lci_doc_map();
    for (size_t i = 0; i < count; i++)
        lci_doc_put(doc, l->model->tasks[fans[i].task].name, lci_doc_number(fans[i].value));
    return true;
}

static bool write_fan_in(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)f;
    const struct lc_task *t = value;
    return write_fans(l, t->fan_in, t->fan_in_count, doc);
}

static bool write_fan_out(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)f;
    const struct lc_task *t = value;
    return write_fans(l, t->fan_out, t->fan_out_count, doc);
}

static const struct lci_type type_fan_in = {read_fan_in, write_fan_in, "{count}"};
static const struct lci_type type_fan_out = {read_fan_out, write_fan_out, "{count}"};

static const struct lci_field decision_fields[] = {
    {"kind", &type_scheduling, AT(lc_decision, kind), ALWAYS, NULL, "what is decided"},
    {"name", &lci_type_text, AT(lc_decision, name), 0, NULL, "of the decision"},
    {"from", &type_entry_name, AT(lc_decision, from), 0, NULL, "the entry that calls"},
    {"to", &type_entry_name, AT(lc_decision, to), 0, NULL, "the entry that is called"},
    {"timeout", &lci_type_time, AT(lc_decision, timeout), 0, NULL, "after which an attempt is given up"},
    {"abort", &lci_type_time, AT(lc_decision, abort), 0, NULL, "after which the request is given up"},
    {"sleep", &lci_type_time, AT(lc_decision, sleep), 0, NULL, "before the next attempt"},
    {"max_retries", &lci_type_size, AT(lc_decision, max_retries), 0, NULL, "attempts after the first one"},
    {0},
};

static void read_decisions(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    struct lc_task *t = value;
    if (lci_node_is(node, LCI_NODE_LIST, f->name, r->build.diag) != 0)
        return;
    t->decisions = lc_calloc(node->count, sizeof *t->decisions);
    t->decision_count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        t->decisions[i] = (struct lc_decision){.kind = LC_TIMEOUT, .from = LC_NONE, .to = LC_NONE};
        lci_read_fields(r, &node->items[i], "a decision", &(const struct lci_part){decision_fields, &t->decisions[i]},
                        1);
    }
}

static bool write_decisions(const struct lci_layout *l, const struct lci_field *f, const void *value,
                            struct lci_doc *doc)
{
    (void)f;
    const struct lc_task *t = value;
    if (t->decision_count == 0)
        return false;
    *doc = lci_doc_list();
    for (size_t i = 0; i < t->decision_count; i++) {
        struct lci_doc decision = lci_doc_map();
        lci_write_fields(l, decision_fields, &t->decisions[i], &decision);
        lci_doc_add(doc, decision);
    }
    return true;
}

static const struct lci_type type_decisions = {read_decisions, write_decisions, "[decision]"};

/* Room in a queue: a limit, or none. */
static void read_room(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    uint64_t count;
    if (node->kind == LCI_NODE_SCALAR && strcmp(node->text, "infinite") == 0)
        *(uint32_t *)value = 0;
    else if (lci_node_count(node, 1, LC_INFINITE - 1, f->name, &count, r->build.diag) == 0)
        *(uint32_t *)value = (uint32_t)count;
}

static bool write_room(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    return lci_type_size.write(l, f, value, doc);
}

static const struct lci_type type_room = {read_room, write_room, "count"};

static const char *const balances[] = {"fan",          "random", "round_robin", "least",
                                       "power_of_two", "shared", "sticky",      NULL};
static const char *const overflows[] = {"drop", "block", "reject", NULL};

static const struct lci_field task_fields[] = {
    {"processor", &type_processor, AT(lc_task, processor), 0, NULL, "that it runs on"},
    {"group", &type_group, AT(lc_task, group), 0, NULL, "of the processor, whose share it uses"},
    {"scheduling", &type_scheduling, AT(lc_task, scheduling), LC_FCFS, NULL,
     "how its threads take requests; ref, burst, uniform and open make load"},
    {"multiplicity", &lci_type_count, AT(lc_task, multiplicity), 1, NULL,
     "threads of each replica; customers of a source"},
    {"replicas", &lci_type_count, AT(lc_task, replicas), 1, NULL, "copies with a queue each"},
    {"balance", &lci_type_word, AT(lc_task, balance), LC_BALANCE_FAN, balances,
     .about = "how callers choose a replica"},
    {"priority", &lci_type_integer, AT(lc_task, priority), 0, NULL, "larger is more urgent"},
    {"think_time", &lci_type_distribution, AT(lc_task, think_time), 0, NULL, "of customers"},
    {"arrivals", &lci_type_distribution, AT(lc_task, arrivals), 0, NULL, "the time between arrivals of an open task"},
    {"pattern", &lci_type_pattern, AT(lc_task, pattern), 0, NULL,
     "how arrivals come, or how the number of customers changes, over time"},
    {"queue_length", &type_room, AT(lc_task, queue_length), 0, NULL, "room in the queue"},
    {"overflow", &lci_type_word, AT(lc_task, overflow), LC_OVERFLOW_DROP, overflows,
     .about = "what happens when the queue is full"},
    {"initially", &lci_type_integer, AT(lc_task, initially), -1, NULL, "tokens of a semaphore at the start"},
    {"fan_in", &type_fan_in, 0, 0, NULL, "replicas of each calling task that one replica serves"},
    {"fan_out", &type_fan_out, 0, 0, NULL, "replicas of each called task that one replica uses"},
    {"service", &lci_type_flag, AT(lc_task, service), 1, NULL, "false: a helper that reports leave out"},
    {"comment", &lci_type_text, AT(lc_task, comment), 0, NULL, "anything"},
    {"decisions", &type_decisions, 0, 0, NULL, "timeouts and retries as LQX models have them"},
    {"scaling", &lci_type_map, AT(lc_task, elastic), .fields = lci_scaling_fields,
     .about = "replicas that come and go with the load"},
    {"failures", &lci_type_map, AT(lc_task, elastic), .fields = lci_failure_fields,
     .about = "replicas that fail and are repaired"},
    {"slow_down", &lci_type_map, AT(lc_task, elastic), .fields = lci_slow_down_fields,
     .about = "replicas that are slow for a while"},
    {"policies", &lci_type_policies, 0, 0, NULL,
     "what callers do about late and failed requests, and what is admitted"},
    {"entries", &type_entries, 0, 0, NULL, "the operations that it offers, by their names"},
    {"activities", &type_activities, 0, 0, NULL, "steps of entries that start one, by their names"},
    {"flow", &lci_type_flow, 0, 0, NULL, "what follows what, a line each: a -> b & c"},
    {0},
};

/* ---- the other elements ------------------------------------------------------------------------------------------ */

static const struct lci_field processor_fields[] = {
    {"scheduling", &type_scheduling, AT(lc_processor, scheduling), LC_FCFS, NULL, "how it serves"},
    {"multiplicity", &lci_type_count, AT(lc_processor, multiplicity), 1, NULL, "servers at one queue"},
    {"replicas", &lci_type_count, AT(lc_processor, replicas), 1, NULL, "copies with a queue each"},
    {"quantum", &lci_type_time, AT(lc_processor, quantum), 0, NULL, "slice of ps, period of cfs"},
    {"speed", &lci_type_number, AT(lc_processor, speed), 1, NULL, "demands are divided by it"},
    {"comment", &lci_type_text, AT(lc_processor, comment), 0, NULL, "anything"},
    {0},
};

static const struct lci_field group_fields[] = {
    {"processor", &type_processor, AT(lc_group, processor), 0, NULL, "that it shares"},
    {"share", &lci_type_number, AT(lc_group, share), 1, NULL, "the part of the processor"},
    {"cap", &lci_type_flag, AT(lc_group, cap), 0, NULL, "whether the share is never exceeded"},
    {"comment", &lci_type_text, AT(lc_group, comment), 0, NULL, "anything"},
    {0},
};

/* What LQNS's solver takes: 0 stands for what is not set. */
static void read_part(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    double *number = value;
    if (lci_read_number(r, node, LC_NUMBER, f->name, number) == 0 && !(*number >= 0))
        lc_error(r->build.diag, LC_INPUT, &node->place, "%s is '%s'; expected a number of 0 or more", f->name,
                 node->text);
}

static void read_natural(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    lci_type_integer.read(r, f, node, value);
    if (*(const int *)value < 0)
        lc_error(r->build.diag, LC_INPUT, &node->place, "%s is '%s'; expected a whole number from 0", f->name,
                 node->text);
}

static bool write_part(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    return lci_type_number.write(l, f, value, doc);
}

static bool write_natural(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    return lci_type_integer.write(l, f, value, doc);
}

static const struct lci_type type_part = {read_part, write_part, "number"},
                             type_natural = {read_natural, write_natural, "size"};

static const struct lci_field solver_fields[] = {
    {"convergence", &type_part, AT(lc_model, convergence), 0, NULL, "kept for LQNS"},
    {"iteration_limit", &type_natural, AT(lc_model, iteration_limit), 0, NULL, "kept for LQNS"},
    {"print_interval", &type_natural, AT(lc_model, print_interval), 0, NULL, "kept for LQNS"},
    {"underrelaxation", &type_part, AT(lc_model, underrelaxation), 0, NULL, "kept for LQNS"},
    {0},
};

static const struct lci_shape shapes[] = {
    {"solver", {solver_fields}},
    {"processor", {processor_fields}},
    {"group", {group_fields}},
    {"task", {task_fields}},
    {"entry", {entry_fields, service_fields}},
    {"phase", {phase_fields}},
    {"activity", {activity_fields}},
    {"call", {call_fields}},
    {"forward", {forward_fields}},
    {"histogram", {histogram_fields}},
    {"decision", {decision_fields}},
    {"policy_of_caller", {lci_caller_fields, lci_policy_fields}},
    {0},
};

const struct lci_tables lci_tables = {processor_fields, group_fields, task_fields, solver_fields, shapes};
