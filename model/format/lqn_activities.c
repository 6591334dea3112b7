/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The activities of a task in LQN text: records of attributes, then the graph. */
#include "format/lqn_text.h"

#include <stdlib.h>
#include <string.h>

static const struct lci_owner nobody = {LCI_OWNER_NONE, LC_NONE, LC_NONE};

/* One section. */
struct section {
    struct lci_text *t;
    int task;
    struct lci_raw *raw; /* one an activity */
    size_t raw_capacity;
};

/* ---- records ----------------------------------------------------------------------------------------------------- */

/* The activity of that name; a new one is made. LC_NONE and an error if there is no name. */
static int activity_here(struct section *s)
{
    struct lci_text *t = s->t;
    const struct lc_place place = lci_text_place(t);
    char *name = lci_text_name(t, "an activity");
    if (name == NULL)
        return LC_NONE;
    int index = lci_names_find(&t->build->activities[s->task], name);
    if (index == LC_NONE)
        index = lci_build_activity(t->build, s->task, name, &place);
    while ((size_t)index >= s->raw_capacity) {
        const size_t before = s->raw_capacity;
        LC_GROW(s->raw, before, s->raw_capacity);
        for (size_t i = before; i < s->raw_capacity; i++)
            s->raw[i] = (struct lci_raw){.cv2 = 1};
    }
    free(name);
    return index;
}

static void read_call(struct section *s, int activity, enum lc_call_kind kind)
{
    struct lci_text *t = s->t;
    const struct lc_place place = lci_text_place(t);
    const int to = lci_text_entry(t);
    struct lc_model *m = t->build->model;
    char *attribute = lci_call_attribute(kind, to != LC_NONE ? m->entries[to].name : "");
    const double mean = lci_text_real(t, 0, (struct lci_owner){LCI_OWNER_ACTIVITY, s->task, activity}, attribute);
    struct lc_activity *a = &m->tasks[s->task].activities[activity];
    if (to != LC_NONE) {
        struct lc_call *call = NULL;
        for (size_t k = 0; k < a->call_count; k++)
            if (a->calls[k].entry == to && a->calls[k].kind == kind)
                call = &a->calls[k]; /* a later record replaces an earlier one */
        if (call == NULL)
            call = lc_add_call(a, kind, to, mean);
        call->mean = mean;
        call->place = place;
        lci_text_observations(t, "call/%s:%s/%s", m->tasks[s->task].name, a->name, m->entries[to].name);
    }
    free(attribute);
}

static void read_attribute(struct section *s, char letter)
{
    struct lci_text *t = s->t;
    const int index = activity_here(s);
    if (index == LC_NONE)
        return;
    const struct lci_owner owner = {LCI_OWNER_ACTIVITY, s->task, index};
    struct lc_activity *a = &t->build->model->tasks[s->task].activities[index];
    switch (letter) {
    case 's': s->raw[index].demand = lci_text_real(t, 0, owner, "demand"); break;
    case 'c': s->raw[index].cv2 = lci_text_real(t, 0, owner, "cv2"); break;
    case 'Z': s->raw[index].think = lci_text_real(t, 0, owner, "think_time"); break;
    case 'f': a->deterministic = lci_text_whole(t, 0, nobody, NULL) > 0; break;
    case 'M': a->max_service_time = lci_text_real(t, 0, owner, "max_service_time"); break;
    case 'H': lci_text_histogram(t, &a->histogram); break;
    case 'y': read_call(s, index, LC_CALL_SYNC); break;
    default: read_call(s, index, LC_CALL_ASYNC); break;
    }
    lci_text_observations(t, "activity/%s/%s", t->build->model->tasks[s->task].name, a->name);
}

/* ---- the graph --------------------------------------------------------------------------------------------------- */

struct list {
    int *activities;
    double *weights;
    size_t count, capacity;
};

static void append(struct list *list, int activity, double weight)
{
    if (list->count == list->capacity)
        list->weights = lc_realloc(list->weights, list->capacity ? 2 * list->capacity : 8, sizeof(double));
    LC_GROW(list->activities, list->count, list->capacity);
    list->weights[list->count] = weight;
    list->activities[list->count++] = activity;
}

/* An activity that has been declared, LC_NONE and an error if not. */
static int declared(struct section *s)
{
    struct lci_text *t = s->t;
    const struct lc_place place = lci_text_place(t);
    char *name = lci_text_name(t, "an activity");
    const int found = name != NULL ? lci_build_find_activity(t->build, s->task, name, &place) : LC_NONE;
    free(name);
    return found;
}

/* activity [ "[" entry {"," entry} "]" ]: what it replies to. */
static void joined(struct section *s, struct list *list)
{
    struct lci_text *t = s->t;
    const int activity = declared(s);
    if (activity != LC_NONE)
        append(list, activity, 1);
    if (!lci_text_take(t, '['))
        return;
    do {
        const int entry = lci_text_entry(t);
        if (activity != LC_NONE && entry != LC_NONE)
            lc_add_reply(&t->build->model->tasks[s->task].activities[activity], entry);
    } while (lci_text_good(t) && lci_text_take(t, ','));
    if (!lci_text_take(t, ']'))
        lci_text_wrong(t, "']' behind the entries that are replied to");
}

static void read_join(struct section *s, struct list *list, enum lc_join *join, uint32_t *quorum)
{
    struct lci_text *t = s->t;
    joined(s, list);
    const char mark = lci_text_is(t, '&') ? '&' : '+';
    *join = !lci_text_is(t, mark) ? LC_JOIN_NONE : mark == '&' ? LC_JOIN_AND : LC_JOIN_OR;
    while (lci_text_good(t) && lci_text_take(t, mark))
        joined(s, list);
    *quorum = 0;
    if (*join == LC_JOIN_AND && lci_text_take(t, '(')) {
        *quorum = lci_text_whole(t, 0, nobody, NULL);
        if (!lci_text_take(t, ')'))
            lci_text_wrong(t, "')' behind the quorum");
    }
}

/* The activity behind its probability or count, which is freed. */
static void append_weighted(struct section *s, struct list *list, struct lci_number *weight, const char *attribute)
{
    const int activity = lci_text_good(s->t) ? declared(s) : LC_NONE;
    const struct lci_owner owner = {LCI_OWNER_ACTIVITY, s->task, activity};
    const double value = lci_text_value(s->t, weight, 0, activity != LC_NONE ? owner : nobody, attribute);
    if (activity != LC_NONE)
        append(list, activity, value);
}

/* "(p) a + (q) b" */
static void read_or_fork(struct section *s, struct list *list)
{
    struct lci_text *t = s->t;
    do {
        if (!lci_text_take(t, '('))
            lci_text_wrong(t, "'(' before a probability");
        struct lci_number probability = lci_text_number(t);
        if (!lci_text_take(t, ')'))
            lci_text_wrong(t, "')' behind a probability");
        append_weighted(s, list, &probability, "probability");
    } while (lci_text_good(t) && lci_text_take(t, '+'));
}

static bool is_count(const struct lci_text *t)
{
    if (!lci_text_is_number(t))
        return false;
    return t->token != LCI_WHOLE || t->at[strspn(t->at, " \t\r\n")] == '*'; /* an activity's name may be a number */
}

/* "n * a, m * b, end" */
static void read_loop(struct section *s, struct list *list, int *end)
{
    struct lci_text *t = s->t;
    do {
        if (!is_count(t)) {
            *end = declared(s);
            return;
        }
        struct lci_number count = lci_text_number(t);
        if (!lci_text_take(t, '*'))
            lci_text_wrong(t, "'*' behind the mean number of turns");
        append_weighted(s, list, &count, "count");
    } while (lci_text_good(t) && lci_text_take(t, ','));
}

static void read_fork(struct section *s, struct list *list, enum lc_fork *fork, int *end)
{
    struct lci_text *t = s->t;
    if (lci_text_is(t, '(')) {
        *fork = LC_FORK_OR;
        read_or_fork(s, list);
    } else if (is_count(t)) {
        *fork = LC_FORK_LOOP;
        read_loop(s, list, end);
    } else {
        do {
            const int activity = declared(s);
            if (activity != LC_NONE)
                append(list, activity, 1);
        } while (lci_text_good(t) && lci_text_take(t, '&'));
        *fork = list->count > 1 ? LC_FORK_AND : LC_FORK_NONE;
    }
}

static void read_connection(struct section *s)
{
    struct lci_text *t = s->t;
    const struct lc_place place = lci_text_place(t);
    struct list pre = {0}, post = {0};
    enum lc_join join;
    enum lc_fork fork = LC_FORK_NONE;
    uint32_t quorum;
    int end = LC_NONE;
    t->errors = t->build->diag->errors;
    read_join(s, &pre, &join, &quorum);
    if (lci_text_good(t) && t->token == LCI_ARROW) {
        lci_text_next(t);
        read_fork(s, &post, &fork, &end);
    }
    /* An activity alone only says what it replies to. */
    if (lci_text_good(t) && (pre.count > 1 || post.count > 0 || end != LC_NONE)) {
        struct lc_precedence *p =
            lc_add_precedence(&t->build->model->tasks[s->task], join, pre.activities, pre.count, fork, post.activities,
                              fork == LC_FORK_OR || fork == LC_FORK_LOOP ? post.weights : NULL, post.count, end);
        p->quorum = quorum;
        p->place = place;
    }
    free(pre.activities);
    free(pre.weights);
    free(post.activities);
    free(post.weights);
}

/* Behind an error: to the ';' before the next connection, or the end of the section. */
static void to_next_connection(struct lci_text *t)
{
    while (t->token != LCI_END && t->token != LCI_LIST_END && !lci_text_is(t, ';'))
        lci_text_next(t);
}

void lci_text_activities(struct lci_text *t)
{
    static const char letters[] = "scZfMHyz";
    t->errors = t->build->diag->errors;
    struct section s = {.t = t, .task = lci_text_task(t)};
    if (s.task == LC_NONE) { /* what belongs to no task cannot be read */
        while (t->token != LCI_END && t->token != LCI_LIST_END)
            lci_text_next(t);
        lci_text_list_end(t);
        return;
    }
    while (t->token != LCI_END && t->token != LCI_LIST_END && !lci_text_is(t, ':')) {
        t->errors = t->build->diag->errors;
        if (t->token == LCI_WORD && t->length == 1 && strchr(letters, *t->start) != NULL) {
            const char letter = *t->start;
            lci_text_next(t);
            read_attribute(&s, letter);
        } else {
            lci_text_wrong(t, "a letter of an activity's attribute, ':' before the graph, or -1");
            lci_text_next(t);
        }
        if (!lci_text_good(t))
            while (t->token != LCI_END && t->token != LCI_LIST_END && !lci_text_is(t, ':') &&
                   !(t->token == LCI_WORD && t->length == 1 && strchr(letters, *t->start) != NULL))
                lci_text_next(t);
    }
    if (lci_text_take(t, ':'))
        do {
            if (t->token == LCI_LIST_END)
                break; /* behind the last ';' */
            read_connection(&s);
            if (!lci_text_good(t))
                to_next_connection(t);
        } while (lci_text_take(t, ';'));
    lci_text_list_end(t);
    struct lc_task *task = &t->build->model->tasks[s.task];
    for (size_t a = 0; a < task->activity_count; a++)
        if (a < s.raw_capacity)
            lci_text_finish_activity(&task->activities[a], &s.raw[a]);
    free(s.raw);
}
