/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Phases, activities, their calls, and activity graphs of LQN XML. */
#include "format/lqnx_reader.h"

#include <stdlib.h>
#include <string.h>

#define FIELD(type, field) offsetof(struct type, field)
static const struct lci_owner nobody = {LCI_OWNER_NONE, LC_NONE, LC_NONE};

/* ---- what phases and activities have in common ------------------------------------------------------------------- */

struct activity_words {
    char *comment;
    double demand, cv2, think, maximum;
    bool deterministic;
    uint32_t phase;
};

static const struct lci_attribute phase_attributes[] = {
    {"name", LCI_SKIP, 0, NULL, 0},
    {"phase", LCI_COUNT, FIELD(activity_words, phase), NULL, 1},
    {"host-demand-mean", LCI_REAL, FIELD(activity_words, demand), "demand", 0},
    {"host-demand-cvsq", LCI_REAL, FIELD(activity_words, cv2), "cv2", 0},
    {"think-time", LCI_REAL, FIELD(activity_words, think), "think_time", 0},
    {"max-service-time", LCI_REAL, FIELD(activity_words, maximum), "max_service_time", 0},
    {"call-order", LCI_ORDER, FIELD(activity_words, deterministic), NULL, 0},
    {"comment", LCI_TEXT, FIELD(activity_words, comment), NULL, 0},
    {NULL, LCI_SKIP, 0, NULL, 0},
};

static const struct lci_attribute activity_attributes[] = {
    {"name", LCI_SKIP, 0, NULL, 0},
    {"bound-to-entry", LCI_SKIP, 0, NULL, 0},
    {"host-demand-mean", LCI_REAL, FIELD(activity_words, demand), "demand", 0},
    {"host-demand-cvsq", LCI_REAL, FIELD(activity_words, cv2), "cv2", 0},
    {"think-time", LCI_REAL, FIELD(activity_words, think), "think_time", 0},
    {"max-service-time", LCI_REAL, FIELD(activity_words, maximum), "max_service_time", 0},
    {"call-order", LCI_ORDER, FIELD(activity_words, deterministic), NULL, 0},
    {"comment", LCI_TEXT, FIELD(activity_words, comment), NULL, 0},
    {NULL, LCI_SKIP, 0, NULL, 0},
};

void lci_lqnx_histogram(struct lci_lqnx *reader, const xmlNode *node, struct lc_histogram *histogram, uint32_t *phase)
{
    uint32_t unused;
    struct words {
        struct lc_histogram histogram;
        uint32_t phase;
    } words = {.histogram = {.bins = 20}, .phase = 1};
    static const struct lci_attribute table[] = {
        {"min", LCI_REAL, FIELD(words, histogram.minimum), NULL, 0},
        {"max", LCI_REAL, FIELD(words, histogram.maximum), NULL, 0},
        {"number-bins", LCI_COUNT, FIELD(words, histogram.bins), NULL, 1},
        {"phase", LCI_COUNT, FIELD(words, phase), NULL, 1},
        {"x-samples", LCI_SKIP, 0, NULL, 0}, /* and what results tell */
        {"mid-point", LCI_SKIP, 0, NULL, 0},
        {"bin-size", LCI_SKIP, 0, NULL, 0},
        {"mean", LCI_SKIP, 0, NULL, 0},
        {"std-dev", LCI_SKIP, 0, NULL, 0},
        {"skew", LCI_SKIP, 0, NULL, 0},
        {"kurtosis", LCI_SKIP, 0, NULL, 0},
        {NULL, LCI_SKIP, 0, NULL, 0},
    };
    free(lci_lqnx_required(reader, node, "max"));
    lci_lqnx_attributes(reader, node, table, &words, nobody);
    *histogram = words.histogram;
    *(phase != NULL ? phase : &unused) = words.phase;
    const struct lc_place place = lci_xml_place(&reader->xml, node);
    if (words.phase > LC_PHASES)
        lc_error(reader->build.diag, LC_INPUT, &place, "there is no phase %u; expected 1 to %d", words.phase,
                 LC_PHASES);
    if (words.histogram.bins > LCI_BINS)
        lc_error(reader->build.diag, LC_INPUT, &place, "%u bins are too many; expected at most %d",
                 words.histogram.bins, LCI_BINS);
}

static void read_call(struct lci_lqnx *reader, const xmlNode *node, struct lc_activity *activity,
                      enum lc_call_kind kind, struct lci_owner owner)
{
    struct words {
        char *comment;
        double mean;
    } words = {0};
    struct lci_build *b = &reader->build;
    char *name = lci_lqnx_required(reader, node, "dest");
    const struct lc_place place = lci_xml_place(&reader->xml, node);
    const struct lc_place at = lci_xml_attribute_place(&reader->xml, node, "dest");
    const int entry = name != NULL ? lci_build_find_entry(b, name, &at) : LC_NONE;
    char *path = lci_call_attribute(kind, name != NULL ? name : "");
    const struct lci_attribute table[] = {
        {"dest", LCI_SKIP, 0, NULL, 0},
        {"calls-mean", LCI_REAL, FIELD(words, mean), path, 0},
        {"comment", LCI_TEXT, FIELD(words, comment), NULL, 0},
        {"fanin", LCI_SKIP, 0, NULL, 0},
        {"fanout", LCI_SKIP, 0, NULL, 0},
        {NULL, LCI_SKIP, 0, NULL, 0},
    };
    bool again = false;
    for (size_t i = 0; i < activity->call_count; i++)
        again = again || activity->calls[i].entry == entry;
    free(lci_lqnx_required(reader, node, "calls-mean"));
    if (again)
        lc_warn(b->diag, &place, "a second call to '%s' is ignored, as LQNS does: the first one counts", name);
    else
        lci_lqnx_attributes(reader, node, table, &words, owner);
    if (entry != LC_NONE && !again) {
        struct lc_call *call = lc_add_call(activity, kind, entry, words.mean);
        call->comment = words.comment;
        call->place = place;
    } else {
        free(words.comment);
    }
    free(path);
    free(name);
}

/* Calls and histogram. `owner` names the activity or phase. */
static void read_inside(struct lci_lqnx *reader, const xmlNode *node, struct lc_activity *activity,
                        struct lci_owner owner)
{
    static const struct lci_xml_element known[] = {
        {"service-time-distribution", NULL},
        {"synch-call", NULL},
        {"asynch-call", NULL},
        {NULL, NULL},
    };
    lci_lqnx_children(reader, node, known, LC_NONE);
    for (const xmlNode *child = node->children; child != NULL; child = child->next) {
        if (lci_lqnx_is(child, "synch-call"))
            read_call(reader, child, activity, LC_CALL_SYNC, owner);
        else if (lci_lqnx_is(child, "asynch-call"))
            read_call(reader, child, activity, LC_CALL_ASYNC, owner);
        else if (lci_lqnx_is(child, "service-time-distribution"))
            lci_lqnx_histogram(reader, child, &activity->histogram, NULL);
    }
}

static void take_words(struct lc_activity *activity, const struct activity_words *words)
{
    activity->demand = lci_demand(words->demand, words->cv2);
    activity->think = lci_demand(words->think, 1);
    activity->max_service_time = words->maximum;
    activity->deterministic = words->deterministic;
    activity->comment = words->comment;
}

/* ---- phases ------------------------------------------------------------------------------------------------------ */

/* The phase number of an <activity> of an entry from 0, or −1 and an error. */
static int phase_number(struct lci_lqnx *reader, const xmlNode *node, int entry)
{
    char *text = lci_lqnx_required(reader, node, "phase");
    if (text == NULL)
        return -1;
    const bool right = text[0] >= '1' && text[0] <= '0' + LC_PHASES && text[1] == 0;
    const int phase = text[0] - '1';
    free(text);
    const struct lc_place at = lci_xml_attribute_place(&reader->xml, node, "phase");
    const struct lc_entry *e = &reader->build.model->entries[entry];
    if (!right)
        lc_error(reader->build.diag, LC_INPUT, &at, "the phase is wrong; expected 1, 2 or 3");
    else if (e->phases[phase].present)
        lc_error(reader->build.diag, LC_INPUT, &at, "entry '%s' has two phases %d", e->name, phase + 1);
    else
        return phase;
    return -1;
}

static void read_phase(struct lci_lqnx *reader, const xmlNode *node, int entry)
{
    struct activity_words words = {.cv2 = 1};
    const int phase = phase_number(reader, node, entry);
    if (phase < 0)
        return;
    const struct lci_owner owner = {LCI_OWNER_PHASE, entry, phase};
    lci_lqnx_attributes(reader, node, phase_attributes, &words, owner);
    struct lc_entry *e = &reader->build.model->entries[entry];
    struct lc_activity *p = &e->phases[phase];
    p->present = true;
    p->place = lci_xml_place(&reader->xml, node);
    take_words(p, &words);
    char *usual = lci_phase_name(e->name, phase + 1), *name = lci_lqnx_optional(node, "name");
    if (name != NULL && name[0] != 0 && strcmp(name, usual) != 0) {
        p->name = name;
        name = NULL;
    }
    free(name);
    free(usual);
    read_inside(reader, node, p, owner);
}

void lci_lqnx_phases(struct lci_lqnx *reader, const xmlNode *node, int entry)
{
    static const struct lci_xml_element children[] = {{"activity", read_phase}, {NULL, NULL}};
    lci_lqnx_attributes(reader, node, &(struct lci_attribute){NULL, LCI_SKIP, 0, NULL, 0}, NULL, nobody);
    lci_lqnx_children(reader, node, children, entry);
}

/* ---- activity graphs --------------------------------------------------------------------------------------------- */

static void bind_to_entry(struct lci_lqnx *reader, const xmlNode *node, int task, int activity)
{
    char *name = lci_lqnx_optional(node, "bound-to-entry");
    if (name == NULL)
        return;
    const struct lc_place at = lci_xml_attribute_place(&reader->xml, node, "bound-to-entry");
    lci_build_start_activity(&reader->build, task, activity, lci_build_find_entry(&reader->build, name, &at), &at);
    free(name);
}

/* Was the activity written behind a loop that nothing follows? */
static bool is_loop_end(const xmlNode *node)
{
    char *comment = lci_lqnx_optional(node, "comment");
    const bool is = comment != NULL && strcmp(comment, LCI_LOOP_END) == 0;
    free(comment);
    return is;
}

static void read_activity(struct lci_lqnx *reader, const xmlNode *node, int task)
{
    if (is_loop_end(node))
        return;
    char *name = lci_lqnx_required(reader, node, "name");
    const struct lc_place place = lci_xml_place(&reader->xml, node);
    const int index = lci_build_activity(&reader->build, task, name != NULL ? name : "", &place);
    const struct lci_owner owner = {LCI_OWNER_ACTIVITY, task, index};
    struct activity_words words = {.cv2 = 1};
    lci_lqnx_attributes(reader, node, activity_attributes, &words, owner);
    struct lc_activity *a = &reader->build.model->tasks[task].activities[index];
    a->present = true;
    take_words(a, &words);
    bind_to_entry(reader, node, task, index);
    read_inside(reader, node, a, owner);
    free(name);
}

/* One side of a precedence. */
struct side {
    const char *element; /* "pre-AND" */
    bool fork;           /* a post side */
    int join_or_fork;
    const char *weight; /* attribute of its activities: "prob", "count", or NULL */
};

static const struct side sides[] = {
    {"pre", false, LC_JOIN_NONE, NULL},         {"pre-OR", false, LC_JOIN_OR, NULL},
    {"pre-AND", false, LC_JOIN_AND, NULL},      {"post", true, LC_FORK_NONE, NULL},
    {"post-OR", true, LC_FORK_OR, "prob"},      {"post-AND", true, LC_FORK_AND, NULL},
    {"post-LOOP", true, LC_FORK_LOOP, "count"},
};
enum { SIDES = sizeof sides / sizeof *sides };

struct list {
    const struct side *side; /* NULL: absent */
    int *activities;
    double *weights;
    size_t count, capacity;
    uint32_t quorum;
    int end;
};

/* The activity that an attribute names, or LC_NONE and an error. */
static int named_activity(struct lci_lqnx *reader, const xmlNode *node, int task, const char *attribute)
{
    char *name = lci_lqnx_required(reader, node, attribute);
    const struct lc_place at = lci_xml_attribute_place(&reader->xml, node, attribute);
    const int found = name != NULL ? lci_build_find_activity(&reader->build, task, name, &at) : LC_NONE;
    free(name);
    return found;
}

/* The activity behind a loop: one that stands for none is not there. */
static int loop_end(struct lci_lqnx *reader, const xmlNode *node, int task)
{
    char *name = lci_lqnx_optional(node, "end");
    bool is = name == NULL;
    for (const xmlNode *a = node->parent->parent->children; a != NULL && !is; a = a->next) {
        char *other = a->type == XML_ELEMENT_NODE && is_loop_end(a) ? lci_lqnx_optional(a, "name") : NULL;
        is = other != NULL && strcmp(name, other) == 0;
        free(other);
    }
    free(name);
    return is ? LC_NONE : named_activity(reader, node, task, "end");
}

/* Of a join's delay. The simulation has no place for it, and says so. */
static void join_histogram(struct lci_lqnx *reader, const xmlNode *node, int task)
{
    struct lc_histogram histogram;
    lci_lqnx_histogram(reader, node, &histogram, NULL);
    const struct lc_place place = lci_xml_place(&reader->xml, node);
    lc_warn(reader->build.diag, &place,
            "task '%s': the distribution of a join's delay is not kept; its mean and variance are told",
            reader->build.model->tasks[task].name);
}

static void read_list(struct lci_lqnx *reader, const xmlNode *node, int task, struct list *list)
{
    static const struct lci_xml_element activities[] = {{"activity", NULL}, {NULL, NULL}};
    static const struct lci_xml_element joined[] = {
        {"activity", NULL}, {"service-time-distribution", join_histogram}, {NULL, NULL}};
    const struct lci_attribute none[] = {{NULL, LCI_SKIP, 0, NULL, 0}};
    const struct lci_attribute join[] = {{"quorum", LCI_COUNT, FIELD(list, quorum), NULL, 0}, {NULL, 0, 0, NULL, 0}};
    const struct lci_attribute loop[] = {{"end", LCI_SKIP, 0, NULL, 0}, {NULL, 0, 0, NULL, 0}};
    const bool is_loop = list->side->fork && list->side->join_or_fork == LC_FORK_LOOP;
    const bool is_join = !list->side->fork && list->side->join_or_fork == LC_JOIN_AND;
    lci_lqnx_attributes(reader, node, is_loop ? loop : is_join ? join : none, list, nobody);
    if (is_loop)
        list->end = loop_end(reader, node, task);
    lci_lqnx_children(reader, node, is_join ? joined : activities, task);
    for (const xmlNode *child = node->children; child != NULL; child = child->next) {
        if (!lci_lqnx_is(child, "activity"))
            continue;
        double weight = 1;
        const struct lci_attribute weighted[] = {
            {"name", LCI_SKIP, 0, NULL, 0},
            {list->side->weight, LCI_REAL, 0, is_loop ? "count" : "probability", 0},
            {NULL, LCI_SKIP, 0, NULL, 0},
        };
        const int activity = named_activity(reader, child, task, "name");
        lci_lqnx_attributes(reader, child, weighted, &weight, (struct lci_owner){LCI_OWNER_ACTIVITY, task, activity});
        if (list->count == list->capacity)
            list->weights = lc_realloc(list->weights, list->capacity ? 2 * list->capacity : 8, sizeof(double));
        LC_GROW(list->activities, list->count, list->capacity);
        list->weights[list->count] = weight;
        list->activities[list->count++] = activity;
    }
    const size_t most = list->side->join_or_fork == 0 ? 1 : SIZE_MAX;
    const struct lc_place place = lci_xml_place(&reader->xml, node);
    if (list->count == 0 || list->count > most)
        lc_error(reader->build.diag, LC_INPUT, &place, "<%s> holds %zu activities; expected %s",
                 (const char *)node->name, list->count, most == 1 ? "one" : "one or more");
}

static const struct side *find_side(const xmlNode *node)
{
    for (size_t i = 0; i < SIDES; i++)
        if (lci_lqnx_is(node, sides[i].element))
            return &sides[i];
    return NULL;
}

static void read_precedence(struct lci_lqnx *reader, const xmlNode *node, int task)
{
    static const struct lci_xml_element children[] = {
        {"pre", NULL},     {"pre-OR", NULL},   {"pre-AND", NULL},   {"post", NULL},
        {"post-OR", NULL}, {"post-AND", NULL}, {"post-LOOP", NULL}, {NULL, NULL},
    };
    const size_t errors = reader->build.diag->errors;
    struct list pre = {.end = LC_NONE}, post = {.end = LC_NONE};
    lci_lqnx_attributes(reader, node, &(struct lci_attribute){NULL, LCI_SKIP, 0, NULL, 0}, NULL, nobody);
    lci_lqnx_children(reader, node, children, LC_NONE);
    for (const xmlNode *child = node->children; child != NULL; child = child->next) {
        const struct side *side = child->type == XML_ELEMENT_NODE ? find_side(child) : NULL;
        if (side == NULL)
            continue;
        struct list *list = side->fork ? &post : &pre;
        const struct lc_place place = lci_xml_place(&reader->xml, child);
        if (list->side != NULL) {
            lc_error(reader->build.diag, LC_INPUT, &place, "a precedence has one %s side; <%s> is a second one",
                     side->fork ? "post" : "pre", side->element);
            continue;
        }
        list->side = side;
        read_list(reader, child, task, list);
    }
    const struct lc_place place = lci_xml_place(&reader->xml, node);
    if (pre.side == NULL)
        lc_error(reader->build.diag, LC_INPUT, &place, "the precedence has no <pre>, <pre-OR> or <pre-AND>");
    /* An activity alone before nothing says nothing. */
    if (pre.side != NULL && reader->build.diag->errors == errors &&
        (pre.count > 1 || post.count > 0 || post.end != LC_NONE)) {
        struct lc_precedence *p = lc_add_precedence(
            &reader->build.model->tasks[task], (enum lc_join)pre.side->join_or_fork, pre.activities, pre.count,
            post.side != NULL ? (enum lc_fork)post.side->join_or_fork : LC_FORK_NONE, post.activities,
            post.side != NULL && post.side->weight != NULL ? post.weights : NULL, post.count, post.end);
        p->quorum = pre.quorum;
        p->place = place;
    }
    free(pre.activities);
    free(pre.weights);
    free(post.activities);
    free(post.weights);
}

static void read_reply(struct lci_lqnx *reader, const xmlNode *node, int task)
{
    static const struct lci_xml_element children[] = {{"reply-activity", NULL}, {NULL, NULL}};
    static const struct lci_attribute table[] = {{"name", LCI_SKIP, 0, NULL, 0}, {NULL, LCI_SKIP, 0, NULL, 0}};
    char *name = lci_lqnx_required(reader, node, "name");
    const struct lc_place at = lci_xml_attribute_place(&reader->xml, node, "name");
    const int entry = name != NULL ? lci_build_find_entry(&reader->build, name, &at) : LC_NONE;
    lci_lqnx_attributes(reader, node, table, NULL, nobody);
    lci_lqnx_children(reader, node, children, LC_NONE);
    for (const xmlNode *child = node->children; child != NULL; child = child->next) {
        if (!lci_lqnx_is(child, "reply-activity"))
            continue;
        lci_lqnx_attributes(reader, child, table, NULL, nobody);
        const int activity = named_activity(reader, child, task, "name");
        if (activity != LC_NONE && entry != LC_NONE)
            lc_add_reply(&reader->build.model->tasks[task].activities[activity], entry);
    }
    free(name);
}

static void later_precedence(struct lci_lqnx *reader, const xmlNode *node, int task)
{
    lci_lqnx_postpone(reader, node, read_precedence, task);
}

static void later_reply(struct lci_lqnx *reader, const xmlNode *node, int task)
{
    lci_lqnx_postpone(reader, node, read_reply, task);
}

void lci_lqnx_graph(struct lci_lqnx *reader, const xmlNode *node, int task)
{
    static const struct lci_xml_element children[] = {
        {"activity", read_activity},
        {"precedence", later_precedence},
        {"reply-entry", later_reply},
        {NULL, NULL},
    };
    lci_lqnx_attributes(reader, node, &(struct lci_attribute){NULL, LCI_SKIP, 0, NULL, 0}, NULL, nobody);
    lci_lqnx_children(reader, node, children, task);
}
