/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which attributes elements have, and what they stand for. */
#include "base/buffer.h"
#include "base/text.h"
#include "edit/edit.h"
#include "model/lqn.h"
#include "model/policy.h"
#include "walk.h"

#include <stdlib.h>
#include <string.h>

/* Beside policies and replicas that come and go, whose tables have their names. */
static const char *const task_attributes[] = {
    "concurrency", "multiplicity", "replicas",   "cores",       "cpu",     "cpu_share",
    "lock.hold",   "speed",        "quantum",    "scheduling",  "balance", "queue_length",
    "overflow",    "priority",     "think_time", "users",       "rate",    "arrivals",
    "kind",        "demand",       "initially",  "connections", "network", "task_scheduling",
    "fan_in",      "fan_out",      NULL};
static const char *const entry_attributes[] = {
    "demand",   "cpu",         "cpu_share", "lock.hold", "think_time", "cv2",    "max_service_time", "open_rate",
    "priority", "probability", "calls",     "forwards",  "phase1",     "phase2", "phase3",           NULL};
static const char *const processor_attributes[] = {"cores",   "multiplicity", "replicas", "speed",
                                                   "quantum", "scheduling",   "kind",     NULL};
static const char *const group_attributes[] = {"share", NULL};

size_t lci_attributes_of(enum lci_place_kind kind, const char **names, size_t most)
{
    static const char *const *const all[] = {task_attributes, entry_attributes, processor_attributes, group_attributes};
    size_t n = 0;
    for (const char *const *name = all[kind]; *name != NULL && n < most; name++)
        names[n++] = *name;
    if (kind != LCI_ON_TASK)
        return n;
    for (const struct lci_policy_field *f = lci_policy_table; f->name != NULL && n < most; f++)
        names[n++] = f->name;
    return n + lci_elastic_names(names + n, most - n);
}

/* "calls.NAME" → NAME; NULL if `attribute` does not begin so. */
static const char *behind(const char *attribute, const char *prefix)
{
    const size_t length = strlen(prefix);
    return strncmp(attribute, prefix, length) == 0 && attribute[length] == '.' ? attribute + length + 1 : NULL;
}

static enum lci_found one(struct lci_slots *slots, enum lci_slot_kind kind, void *at, enum lc_dimension dimension)
{
    lci_add_slot(slots, kind, at, dimension, 1);
    return LCI_SLOTS;
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

static enum lci_found wrong_word(struct lci_edit *e, const char *right)
{
    LCI_BAD(e, "'%s' cannot be '%s'; expected %s", e->path, e->value != NULL ? e->value : "a number", right);
    return LCI_FAILED;
}

static enum lci_found wrong_discipline(struct lci_edit *e, const char *of)
{
    char *expected = lc_format("one of %s%s", lci_discipline_words(), of);
    const enum lci_found found = wrong_word(e, expected);
    free(expected);
    return found;
}

static enum lci_found set_scheduling(struct lci_edit *e, struct lc_task *t, struct lc_processor *p)
{
    const int found = e->value != NULL ? lc_scheduling_find(e->value) : -1;
    if (found < 0)
        return wrong_discipline(e, "");
    if (p != NULL && lc_is_discipline((enum lc_scheduling)found)) {
        p->scheduling = (enum lc_scheduling)found;
        if (found == LC_INF)
            p->multiplicity = LC_INFINITE;
        else if (p->multiplicity == LC_INFINITE)
            p->multiplicity = 1;
    } else if (t != NULL) {
        t->scheduling = (enum lc_scheduling)found;
    } else {
        return wrong_discipline(e, " for a processor");
    }
    return LCI_DONE;
}

static enum lci_found set_balance(struct lci_edit *e, struct lc_task *t)
{
    const int found = e->value != NULL ? lc_balance_find(e->value) : -1;
    if (found < 0)
        return wrong_word(e, "one of fan, random, round_robin, least, power_of_two, shared, sticky");
    t->balance = (enum lc_balance)found;
    return LCI_DONE;
}

static enum lci_found set_overflow(struct lci_edit *e, struct lc_task *t)
{
    static const char *const words[] = {"drop", "block", "reject"};
    for (unsigned i = 0; i < 3 && e->value != NULL; i++)
        if (strcmp(e->value, words[i]) == 0) {
            t->overflow = (enum lc_overflow)i;
            return LCI_DONE;
        }
    return wrong_word(e, "one of drop, block, reject");
}

/* A delay has no limit anywhere: nobody waits for a thread or a server. */
static enum lci_found set_kind(struct lci_edit *e, struct lc_task *t, struct lc_processor *p)
{
    if (e->value == NULL || strcmp(e->value, "delay") != 0)
        return wrong_word(e, "delay");
    if (t != NULL) {
        t->multiplicity = LC_INFINITE;
        t->scheduling = LC_INF;
    }
    p->multiplicity = LC_INFINITE;
    p->scheduling = LC_INF;
    return LCI_DONE;
}

/* What is a word and set at once. */
static enum lci_found word(struct lci_edit *e, struct lc_task *t, struct lc_processor *p, const char *attribute,
                           bool get)
{
    static const char *const words[] = {"scheduling", "task_scheduling", "balance", "overflow", "kind"};
    size_t i = 0;
    while (i < 5 && strcmp(attribute, words[i]) != 0)
        i++;
    if (i == 5 || (t == NULL && i > 0 && i < 4))
        return LCI_UNKNOWN;
    if (get) {
        LCI_BAD(e, "'%s' is a word; expected the path of a number", e->path);
        return LCI_FAILED;
    }
    switch (i) {
    case 0: return set_scheduling(e, t, p);
    case 1: return set_scheduling(e, t, NULL);
    case 2: return set_balance(e, t);
    case 3: return set_overflow(e, t);
    default: return set_kind(e, t, p);
    }
}

/* ---- processors and groups --------------------------------------------------------------------------------------- */

static enum lci_found processor_attribute(struct lci_edit *e, int index, const char *attribute, bool get,
                                          struct lci_slots *slots)
{
    struct lc_processor *p = &e->model->processors[index];
    if (strcmp(attribute, "cores") == 0 || strcmp(attribute, "multiplicity") == 0)
        return one(slots, LCI_SERVERS, p, LC_NUMBER);
    if (strcmp(attribute, "replicas") == 0)
        return one(slots, LCI_COPIES, &p->replicas, LC_NUMBER);
    if (strcmp(attribute, "speed") == 0)
        return one(slots, LCI_SPEED, &p->speed, LC_NUMBER);
    if (strcmp(attribute, "quantum") == 0)
        return one(slots, LCI_REAL, &p->quantum, LC_TIME);
    return word(e, NULL, p, attribute, get);
}

/* ---- phases and activities --------------------------------------------------------------------------------------- */

/* Which calls an attribute names. */
struct calls {
    const char *to; /* NULL: it names none */
    bool sync, async;
};

/* "calls.NAME" of any kind, "sync_calls.NAME", "async_calls.NAME". */
static struct calls calls_of(const char *attribute)
{
    const char *to;
    if ((to = behind(attribute, "calls")) != NULL)
        return (struct calls){to, true, true};
    if ((to = behind(attribute, "sync_calls")) != NULL)
        return (struct calls){to, true, false};
    to = behind(attribute, "async_calls");
    return (struct calls){to, false, to != NULL};
}

/* Adds the calls of an activity to an entry; false if there are none. */
static bool add_calls(struct lci_edit *e, struct lc_activity *a, struct calls calls, double weight,
                      struct lci_slots *slots)
{
    bool any = false;
    for (size_t i = 0; i < a->call_count; i++)
        if ((a->calls[i].kind == LC_CALL_SYNC ? calls.sync : calls.async) &&
            strcmp(e->model->entries[a->calls[i].entry].name, calls.to) == 0) {
            lci_add_slot(slots, LCI_CALLS, &a->calls[i], LC_NUMBER, weight);
            any = true;
        }
    return any;
}

/* call_kind.NAME: sync or async. A call that is there already in the new kind takes the other one in. */
static bool set_kinds(struct lci_edit *e, struct lc_activity *a, const char *to, enum lc_call_kind kind)
{
    bool any = false;
    struct lc_call *first = NULL;
    for (size_t i = 0; i < a->call_count; i++) {
        struct lc_call *call = &a->calls[i];
        if (strcmp(e->model->entries[call->entry].name, to) != 0)
            continue;
        any = true;
        call->kind = kind;
        if (first == NULL) {
            first = call;
            continue;
        }
        first->mean += call->mean;
        free(call->comment);
        memmove(call, call + 1, (--a->call_count - i) * sizeof *call);
        i--;
    }
    return any;
}

static void list_calls(struct lci_edit *e, const struct lc_activity *a, struct lci_buffer *list)
{
    for (size_t i = 0; i < a->call_count; i++)
        lci_buffer_join(list, ", ", "'%s'", e->model->entries[a->calls[i].entry].name);
}

static enum lci_found no_such_call(struct lci_edit *e, const char *to, struct lci_buffer *list)
{
    LCI_BAD(e, "'%s': there is no call to '%s'; %s%s", e->path, to,
            list->text != NULL ? "expected one of " : "it calls nobody", list->text != NULL ? list->text : "");
    free(list->text);
    return LCI_FAILED;
}

/* A phase or an activity. `present` is set by a change of what makes a phase exist. */
static enum lci_found service_attribute(struct lci_edit *e, struct lc_activity *a, const char *attribute,
                                        struct lci_slots *slots)
{
    const struct calls calls = calls_of(attribute);
    if (strcmp(attribute, "demand") == 0)
        return one(slots, LCI_DIST, &a->demand, LC_TIME);
    if (strcmp(attribute, "think_time") == 0)
        return one(slots, LCI_DIST, &a->think, LC_TIME);
    if (strcmp(attribute, "cv2") == 0)
        return one(slots, LCI_CV2, &a->demand, LC_NUMBER);
    if (strcmp(attribute, "max_service_time") == 0)
        return one(slots, LCI_REAL, &a->max_service_time, LC_TIME);
    if (calls.to == NULL)
        return LCI_UNKNOWN;
    if (add_calls(e, a, calls, 1, slots))
        return LCI_SLOTS;
    struct lci_buffer list = {0};
    list_calls(e, a, &list);
    return no_such_call(e, calls.to, &list);
}

/* ---- entries ----------------------------------------------------------------------------------------------------- */

/* The demand of an entry with activities is the mean of one invocation; it changes by scaling all of its parts. */
static enum lci_found entry_steps(struct lci_edit *e, int entry, struct calls calls, struct lci_slots *slots)
{
    struct lci_walk_step *steps;
    size_t count;
    bool any = false;
    if (lci_entry_steps(e->model, entry, &steps, &count, e->diag) != 0)
        return LCI_FAILED;
    struct lci_buffer list = {0};
    struct lc_task *t = &e->model->tasks[e->model->entries[entry].task];
    for (size_t i = 0; i < count; i++) {
        struct lc_activity *a = &t->activities[steps[i].index];
        list_calls(e, a, &list);
        if (calls.to != NULL) {
            any = add_calls(e, a, calls, steps[i].visits, slots) || any;
        } else if (a->demand.family != NULL) {
            lci_add_slot(slots, LCI_DIST, &a->demand, LC_TIME, steps[i].visits);
            any = true;
        }
    }
    free(steps);
    if (calls.to != NULL && !any)
        return no_such_call(e, calls.to, &list);
    free(list.text);
    if (!any)
        LCI_BAD(e, "entry '%s' has activities without any demand; name one: TASK.ACTIVITY.demand",
                e->model->entries[entry].name);
    return any ? LCI_SLOTS : LCI_FAILED;
}

static enum lci_found call_kind(struct lci_edit *e, struct lc_entry *entry, const char *to)
{
    const bool async = e->value != NULL && strcmp(e->value, "async") == 0;
    struct lc_task *t = &e->model->tasks[entry->task];
    struct lci_walk_step *steps;
    size_t count;
    bool any = false;
    if (!async && (e->value == NULL || strcmp(e->value, "sync") != 0))
        return wrong_word(e, "sync or async");
    if (lci_entry_steps(e->model, (int)(entry - e->model->entries), &steps, &count, e->diag) != 0)
        return LCI_FAILED;
    struct lci_buffer list = {0};
    for (size_t i = 0; i < count; i++) {
        struct lc_activity *a =
            entry->start != LC_NONE ? &t->activities[steps[i].index] : &entry->phases[steps[i].index];
        list_calls(e, a, &list);
        any = set_kinds(e, a, to, async ? LC_CALL_ASYNC : LC_CALL_SYNC) || any;
    }
    free(steps);
    if (!any)
        return no_such_call(e, to, &list);
    free(list.text);
    return LCI_DONE;
}

static enum lci_found forward_attribute(struct lci_edit *e, struct lc_entry *entry, const char *to,
                                        struct lci_slots *slots)
{
    for (size_t i = 0; i < entry->forward_count; i++)
        if (strcmp(e->model->entries[entry->forwards[i].entry].name, to) == 0)
            return one(slots, LCI_SHARE, &entry->forwards[i].probability, LC_FRACTION);
    LCI_BAD(e, "'%s': there is no forward to '%s'", e->path, to);
    return LCI_FAILED;
}

static enum lci_found entry_attribute(struct lci_edit *e, int index, const char *attribute, struct lci_slots *slots)
{
    struct lc_entry *entry = &e->model->entries[index];
    if (strcmp(attribute, "open_rate") == 0)
        return one(slots, LCI_REAL, &entry->open_rate, LC_RATE);
    if (strcmp(attribute, "priority") == 0)
        return one(slots, LCI_INTEGER, &entry->priority, LC_NUMBER);
    if (strcmp(attribute, "probability") == 0)
        return one(slots, LCI_SHARE, &entry->probability, LC_FRACTION);
    if (behind(attribute, "call_kind") != NULL)
        return call_kind(e, entry, behind(attribute, "call_kind"));
    if (behind(attribute, "forwards") != NULL)
        return forward_attribute(e, entry, behind(attribute, "forwards"), slots);
    if (strncmp(attribute, "phase", 5) == 0 && attribute[5] >= '1' && attribute[5] <= '0' + LC_PHASES &&
        attribute[6] == '.')
        return service_attribute(e, &entry->phases[attribute[5] - '1'], attribute + 7, slots);
    const struct calls calls = calls_of(attribute);
    if (entry->start != LC_NONE && (strcmp(attribute, "demand") == 0 || calls.to != NULL))
        return entry_steps(e, index, calls, slots);
    if (entry->start != LC_NONE)
        return LCI_UNKNOWN;
    return service_attribute(e, &entry->phases[0], attribute, slots);
}

/* ---- tasks ------------------------------------------------------------------------------------------------------- */

/* Each entry is a group of its own: a number is the demand of every entry, a relative one changes each. */
static enum lci_found task_demand(struct lci_edit *e, const struct lc_task *t, struct lci_slots *slots)
{
    for (size_t i = 0; i < t->entry_count; i++) {
        struct lc_entry *entry = &e->model->entries[t->entries[i]];
        slots->groups++;
        if (entry->start != LC_NONE) {
            if (entry_steps(e, t->entries[i], (struct calls){0}, slots) == LCI_FAILED)
                return LCI_FAILED;
            continue;
        }
        for (int j = 0; j < LC_PHASES; j++)
            if (entry->phases[j].demand.family != NULL)
                lci_add_slot(slots, LCI_DIST, &entry->phases[j].demand, LC_TIME, 1);
    }
    if (slots->count > 0)
        return LCI_SLOTS;
    LCI_BAD(e, "'%s' has no demand in any entry; name one: ENTRY.demand", t->name);
    return LCI_FAILED;
}

static enum lci_found source_attribute(struct lci_edit *e, struct lc_task *t, const char *attribute,
                                       struct lci_slots *slots)
{
    const bool closed = lc_is_source(t) && t->scheduling != LC_OPEN, users = strcmp(attribute, "users") == 0;
    if (users && closed)
        return one(slots, LCI_THREADS, t, LC_NUMBER);
    if (!users && t->scheduling == LC_OPEN)
        return one(slots, LCI_ARRIVALS, &t->arrivals, LC_RATE);
    LCI_BAD(e, "'%s' is no %s task; it has no %s", t->name, users ? "ref" : "open", attribute);
    return LCI_FAILED;
}

/* Of the branch of an or-fork (its probability) or the body of a loop (its count) that begins with the activity. */
static enum lci_found branch_weight(struct lci_edit *e, const struct lc_task *t, int activity, enum lc_fork fork,
                                    struct lci_slots *slots)
{
    const bool loop = fork == LC_FORK_LOOP;
    for (size_t i = 0; i < t->precedence_count; i++)
        for (size_t k = 0; t->precedences[i].fork == fork && k < t->precedences[i].post_count; k++)
            if (t->precedences[i].post[k] == activity)
                return one(slots, loop ? LCI_REAL : LCI_SHARE, &t->precedences[i].weights[k],
                           loop ? LC_NUMBER : LC_FRACTION);
    LCI_BAD(e, "'%s': activity '%s' begins no %s; it has no %s", e->path, t->activities[activity].name,
            loop ? "body of a loop" : "branch of an or-fork", loop ? "count" : "probability");
    return LCI_FAILED;
}

/* The activity at `index` if its name is all of the text before the last dot: no longer one fits then. */
static bool is_whole(const struct lc_task *t, size_t index, const char *rest)
{
    const char *dot = strrchr(rest, '.');
    return dot != NULL && index < t->activity_count && strlen(t->activities[index].name) == (size_t)(dot - rest) &&
           behind(rest, t->activities[index].name) != NULL;
}

/* The longest name that the text begins with. Of many paths the next is mostly about the same activity, or one of those
 * behind it. */
static struct lc_activity *find_activity(const struct lci_edit *e, struct lc_task *t, const char *rest)
{
    enum { NEAR = 4 };
    for (size_t k = 0; e->near != NULL && k < NEAR; k++)
        if (is_whole(t, *e->near + k, rest))
            return &t->activities[*e->near += k];
    struct lc_activity *found = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < t->activity_count; i++) {
        const size_t length = strlen(t->activities[i].name);
        if (length >= longest && behind(rest, t->activities[i].name) != NULL) {
            found = &t->activities[i];
            longest = length;
        }
    }
    if (found != NULL && e->near != NULL)
        *e->near = (size_t)(found - t->activities);
    return found;
}

/* ACTIVITY.ATTRIBUTE of a task. */
static enum lci_found activity_attribute(struct lci_edit *e, struct lc_task *t, const char *rest,
                                         struct lci_slots *slots)
{
    struct lc_activity *found = find_activity(e, t, rest);
    if (found == NULL)
        return LCI_UNKNOWN;
    const size_t longest = strlen(found->name);
    if (strcmp(rest + longest + 1, "probability") == 0)
        return branch_weight(e, t, (int)(found - t->activities), LC_FORK_OR, slots);
    if (strcmp(rest + longest + 1, "count") == 0)
        return branch_weight(e, t, (int)(found - t->activities), LC_FORK_LOOP, slots);
    return service_attribute(e, found, rest + longest + 1, slots);
}

static enum lci_found fan_attribute(struct lci_edit *e, struct lc_fan *fans, size_t count, const char *other,
                                    struct lci_slots *slots)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(e->model->tasks[fans[i].task].name, other) == 0)
            return one(slots, LCI_COPIES, &fans[i].value, LC_NUMBER);
    LCI_BAD(e, "'%s': there is no fan between these tasks", e->path);
    return LCI_FAILED;
}

static enum lci_found task_attribute(struct lci_edit *e, int index, const char *attribute, bool get, bool exact,
                                     struct lci_slots *slots)
{
    struct lc_task *t = &e->model->tasks[index];
    struct lc_processor *p = &e->model->processors[t->processor];
    if (strcmp(attribute, "concurrency") == 0 || strcmp(attribute, "multiplicity") == 0)
        return one(slots, LCI_THREADS, t, LC_NUMBER);
    if (strcmp(attribute, "replicas") == 0)
        return exact ? one(slots, LCI_COPIES, &t->replicas, LC_NUMBER) : one(slots, LCI_REPLICAS, t, LC_NUMBER);
    if (strcmp(attribute, "cores") == 0)
        return one(slots, LCI_SERVERS, p, LC_NUMBER);
    if (strcmp(attribute, "speed") == 0 || strcmp(attribute, "quantum") == 0)
        return processor_attribute(e, t->processor, attribute, get, slots);
    if (strcmp(attribute, "queue_length") == 0)
        return one(slots, LCI_BUFFER, &t->queue_length, LC_NUMBER);
    if (strcmp(attribute, "priority") == 0)
        return one(slots, LCI_INTEGER, &t->priority, LC_NUMBER);
    if (strcmp(attribute, "initially") == 0)
        return one(slots, LCI_INTEGER, &t->initially, LC_NUMBER);
    if (strcmp(attribute, "think_time") == 0 && lc_is_source(t))
        return one(slots, LCI_DIST, &t->think_time, LC_TIME);
    if (strcmp(attribute, "arrivals") == 0 && t->scheduling == LC_OPEN)
        return one(slots, LCI_DIST, &t->arrivals, LC_TIME);
    if (strcmp(attribute, "users") == 0 || strcmp(attribute, "rate") == 0)
        return source_attribute(e, t, attribute, slots);
    if (strcmp(attribute, "demand") == 0)
        return task_demand(e, t, slots);
    if (behind(attribute, "fan_in") != NULL)
        return fan_attribute(e, t->fan_in, t->fan_in_count, behind(attribute, "fan_in"), slots);
    if (behind(attribute, "fan_out") != NULL)
        return fan_attribute(e, t->fan_out, t->fan_out_count, behind(attribute, "fan_out"), slots);
    enum lci_found found = word(e, t, p, attribute, get);
    if (found == LCI_UNKNOWN)
        found = lci_policy_attribute(e, index, attribute, get, slots);
    if (found == LCI_UNKNOWN)
        found = lci_elastic_attribute(e, index, attribute, slots);
    if (found == LCI_UNKNOWN)
        found = activity_attribute(e, t, attribute, slots);
    if (found == LCI_UNKNOWN && behind(attribute, "connections") != NULL)
        return lci_connections(e, index, behind(attribute, "connections"), get, slots);
    if (found == LCI_UNKNOWN && behind(attribute, "network") != NULL)
        return lci_network(e, index, behind(attribute, "network"), slots);
    return found;
}

/* ---- of all kinds ------------------------------------------------------------------------------------------------ */

/* How much of the text is the name, with a dot behind it; 0: it begins otherwise. */
static size_t named(const char *text, const char *name)
{
    const size_t length = strlen(name);
    return strncmp(text, name, length) == 0 && text[length] == '.' ? length : 0;
}

/* "entries.GET /.cpu" of a task: the entry, by its name or what stands in it behind the task's, the longest that fits;
 * *rest: the attribute. LC_NONE with an error: there is no such entry. */
static int entry_of(struct lci_edit *e, int task, const char *attribute, const char **rest)
{
    const struct lc_task *t = &e->model->tasks[task];
    struct lci_buffer parts = {0};
    size_t longest = 0;
    int found = LC_NONE;
    for (size_t i = 0; i < t->entry_count; i++) {
        const char *whole = e->model->entries[t->entries[i]].name;
        const size_t own = strlen(t->name);
        const bool begins = strncmp(whole, t->name, own) == 0 && whole[own] == '/';
        size_t length = named(attribute, whole);
        if (length == 0 && begins)
            length = named(attribute, whole + own + 1);
        if (length > longest) {
            longest = length;
            found = t->entries[i];
        }
        lci_buffer_join(&parts, ", ", "'%s'", whole);
    }
    *rest = attribute + longest + 1;
    if (found == LC_NONE)
        LCI_BAD(e, "'%s': '%s' has no such entry; expected one of %s", e->path, t->name, parts.text);
    free(parts.text);
    return found;
}

enum lci_found lci_attribute(struct lci_edit *e, struct lci_element element, const char *attribute, bool get,
                             struct lci_slots *slots)
{
    if (element.kind == LCI_ON_TASK && behind(attribute, "entries") != NULL) {
        const int entry = entry_of(e, element.index, behind(attribute, "entries"), &attribute);
        if (entry == LC_NONE)
            return LCI_FAILED;
        element = (struct lci_element){LCI_ON_ENTRY, entry, false};
    }
    const enum lci_found cpu = lci_cpu(e, element, attribute, get);
    if (cpu != LCI_UNKNOWN)
        return cpu;
    const enum lci_found lock = lci_lock(e, element, attribute, get, slots);
    if (lock != LCI_UNKNOWN)
        return lock;
    switch (element.kind) {
    case LCI_ON_TASK: return task_attribute(e, element.index, attribute, get, element.exact, slots);
    case LCI_ON_ENTRY: return entry_attribute(e, element.index, attribute, slots);
    case LCI_ON_PROCESSOR: return processor_attribute(e, element.index, attribute, get, slots);
    case LCI_ON_GROUP:
        return strcmp(attribute, "share") == 0
                   ? one(slots, LCI_SHARE, &e->model->groups[element.index].share, LC_FRACTION)
                   : LCI_UNKNOWN;
    }
    return LCI_UNKNOWN;
}
