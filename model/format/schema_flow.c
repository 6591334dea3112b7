/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The flow between activities, one precedence a line:
 *
 *   a -> b                    sequence              a & b & c (2) -> d   and-join, with quorum
 *   a -> b & c                and-fork              a + b -> c           or-join
 *   a -> (0.3) b + (0.7) c    or-fork               a                    ends there
 *   a -> 4 * b, 2 * c, d      loop; d comes after
 *
 * A name that holds blanks or a sign of this language stands in double quotes, with \" and \\ inside. A join or fork of
 * one activity begins with its sign: "& a -> b". */
#include "base/quoted.h"
#include "base/text.h"
#include "format/schema.h"

#include "base/buffer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ----------------------------------------------------------------------------------------------------- */

struct flow {
    struct lci_reader *reader;
    struct lc_place place; /* of the line */
    const char *text, *at;
    bool wrong;
    int *names; /* of the side that is read */
    double *weights;
    size_t count, name_capacity, weight_capacity;
};

static void expected(struct flow *f, const char *what)
{
    if (!f->wrong)
        lc_error(f->reader->build.diag, LC_INPUT, &f->place, "'%s' is no flow: at '%.20s' %s is missing", f->text,
                 f->at, what);
    f->wrong = true;
}

static void skip_blanks(struct flow *f)
{
    while (isspace((unsigned char)*f->at))
        f->at++;
}

/* Takes the sign if it comes next. */
static bool take(struct flow *f, const char *sign)
{
    skip_blanks(f);
    if (strncmp(f->at, sign, strlen(sign)) != 0)
        return false;
    f->at += strlen(sign);
    return true;
}

static bool is_plain(char c)
{
    return c != 0 && !isspace((unsigned char)c) && strchr("&+*(),\"\\>", c) == NULL;
}

/* A name, as a text of its own; NULL if there is none. */
static char *take_name(struct flow *f)
{
    skip_blanks(f);
    char *name = lc_alloc(strlen(f->at) + 1), *end = name;
    if (*f->at == '"') {
        for (f->at++; *f->at != 0 && *f->at != '"'; f->at++) {
            if (*f->at == '\\' && f->at[1] != 0)
                f->at++;
            *end++ = *f->at;
        }
        if (*f->at != '"')
            expected(f, "the closing '\"' of a name");
        else
            f->at++;
    } else {
        while (is_plain(*f->at) && strncmp(f->at, "->", 2) != 0)
            *end++ = *f->at++;
    }
    *end = 0;
    if (end == name) {
        expected(f, "the name of an activity");
        free(name);
        return NULL;
    }
    return name;
}

static int take_activity(struct flow *f)
{
    char *name = take_name(f);
    if (name == NULL)
        return LC_NONE;
    const int activity = lci_build_find_activity(&f->reader->build, f->reader->task, name, &f->place);
    if (activity == LC_NONE)
        f->wrong = true;
    free(name);
    return activity;
}

static double take_number(struct flow *f)
{
    skip_blanks(f);
    char *end;
    const bool digits = strspn(f->at, "+-.0123456789") > 0;
    const double number = digits ? strtod(f->at, &end) : 0;
    if (!digits || end == f->at)
        expected(f, "a number");
    else
        f->at = end;
    return number;
}

static void append(struct flow *f, int activity, double weight)
{
    LC_GROW(f->names, f->count, f->name_capacity);
    LC_GROW(f->weights, f->count, f->weight_capacity);
    f->names[f->count] = activity;
    f->weights[f->count++] = weight;
}

/* Names between signs; one name without a sign is no join or fork. Returns the sign, or 0. */
static char take_names(struct flow *f)
{
    char sign = take(f, "&") ? '&' : take(f, "+") ? '+' : 0;
    append(f, take_activity(f), 0);
    while (!f->wrong) {
        const char next = take(f, "&") ? '&' : take(f, "+") ? '+' : 0;
        if (next == 0)
            break;
        if (sign != 0 && next != sign)
            expected(f, "a flow with '&' or '+' alone, not both,");
        sign = next;
        append(f, take_activity(f), 0);
    }
    return sign;
}

static void take_branches(struct flow *f)
{
    do {
        if (!take(f, "("))
            expected(f, "the probability of a branch, as '(0.3)',");
        const double weight = take_number(f);
        if (!take(f, ")"))
            expected(f, "')'");
        append(f, take_activity(f), weight);
    } while (!f->wrong && take(f, "+"));
}

/* Does a loop begin here: a number and '*'? */
static bool at_count(struct flow *f)
{
    skip_blanks(f);
    char *end;
    if (strspn(f->at, "+-.0123456789") == 0)
        return false;
    strtod(f->at, &end);
    end += strspn(end, " \t");
    return end != f->at && *end == '*';
}

/* Returns the activity after the loop, or LC_NONE. */
static int take_loop(struct flow *f)
{
    do {
        if (!at_count(f))
            return take_activity(f);
        const double count = take_number(f);
        if (!take(f, "*"))
            expected(f, "'*'");
        append(f, take_activity(f), count);
    } while (!f->wrong && take(f, ","));
    return LC_NONE;
}

/* The side after the arrow. */
static enum lc_fork take_fork(struct flow *f, int *end)
{
    skip_blanks(f);
    if (*f->at == '(') {
        take_branches(f);
        return LC_FORK_OR;
    }
    if (at_count(f)) {
        *end = take_loop(f);
        return LC_FORK_LOOP;
    }
    const char sign = take_names(f);
    if (sign == '+')
        expected(f, "the probability of each branch, as '(0.3) a + (0.7) b',");
    return sign == '&' ? LC_FORK_AND : LC_FORK_NONE;
}

static uint32_t take_quorum(struct flow *f)
{
    if (!take(f, "("))
        return 0;
    const double quorum = take_number(f);
    if (!take(f, ")") || quorum < 1 || quorum > 1e9 || quorum != (double)(uint32_t)quorum) {
        expected(f, "a quorum, as '(2)',");
        return 0;
    }
    return (uint32_t)quorum;
}

static void read_precedence(struct lci_reader *r, const struct lci_node *node, struct lc_task *task)
{
    if (lci_node_is(node, LCI_NODE_SCALAR, "a line of the flow", r->build.diag) != 0)
        return;
    struct flow pre = {.reader = r, .place = node->place, .text = node->text, .at = node->text}, post = pre;
    const char sign = take_names(&pre);
    const uint32_t quorum = sign == '&' ? take_quorum(&pre) : 0;
    const bool arrow = take(&pre, "->");
    post.at = pre.at;
    post.wrong = pre.wrong;
    int end = LC_NONE;
    const enum lc_fork fork = arrow && !post.wrong ? take_fork(&post, &end) : LC_FORK_NONE;
    skip_blanks(&post);
    if (*post.at != 0)
        expected(&post, arrow ? "the end" : "'->'");
    if (!post.wrong) {
        const enum lc_join join = sign == '&' ? LC_JOIN_AND : sign == '+' ? LC_JOIN_OR : LC_JOIN_NONE;
        const bool weighted = fork == LC_FORK_OR || fork == LC_FORK_LOOP;
        struct lc_precedence *p = lc_add_precedence(task, join, pre.names, pre.count, fork, post.names,
                                                    weighted ? post.weights : NULL, post.count, end);
        p->quorum = quorum;
        p->place = node->place;
    }
    free(pre.names);
    free(pre.weights);
    free(post.names);
    free(post.weights);
}

static void read_flow(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    if (lci_node_is(node, LCI_NODE_LIST, f->name, r->build.diag) != 0)
        return;
    for (size_t i = 0; i < node->count; i++)
        read_precedence(r, &node->items[i], value);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* A name that begins like a number could be read as the count of a loop. */
static bool is_plain_name(const char *name)
{
    if (strchr("+-.0123456789", *name) != NULL || strstr(name, "->") != NULL)
        return false;
    while (is_plain(*name))
        name++;
    return *name == 0;
}

static void put_name(struct lci_buffer *line, const struct lc_task *task, int activity)
{
    const char *name = task->activities[activity].name;
    if (is_plain_name(name))
        lci_buffer_put(line, name, strlen(name));
    else
        lci_buffer_quoted(line, name);
}

static void put_names(struct lci_buffer *line, const struct lc_task *task, const int *names, size_t count,
                      const char *sign)
{
    if (count == 1 && sign != NULL)
        lci_buffer_add(line, "%s", sign + 1);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            lci_buffer_add(line, "%s", sign != NULL ? sign : " & ");
        put_name(line, task, names[i]);
    }
}

static void put_fork(struct lci_buffer *line, const struct lc_task *task, const struct lc_precedence *p)
{
    char number[32];
    if (p->fork == LC_FORK_NONE || p->fork == LC_FORK_AND) {
        put_names(line, task, p->post, p->post_count, p->fork == LC_FORK_AND ? " & " : NULL);
        return;
    }
    for (size_t i = 0; i < p->post_count; i++) {
        const bool loop = p->fork == LC_FORK_LOOP;
        lci_buffer_add(line, "%s", i == 0 ? "" : loop ? ", " : " + ");
        lci_buffer_add(line, "%s", loop ? "" : "(");
        lci_buffer_add(line, "%s", lci_number_text(p->weights ? p->weights[i] : 0, number));
        lci_buffer_add(line, "%s", loop ? " * " : ") ");
        put_name(line, task, p->post[i]);
    }
    if (p->fork == LC_FORK_LOOP && p->end != LC_NONE) {
        lci_buffer_add(line, ", ");
        put_name(line, task, p->end);
    }
}

static char *precedence_text(const struct lc_task *task, const struct lc_precedence *p)
{
    struct lci_buffer line = {0};
    put_names(&line, task, p->pre, p->pre_count, p->join == LC_JOIN_AND ? " & " : p->join == LC_JOIN_OR ? " + " : NULL);
    if (p->quorum > 0)
        lci_buffer_add(&line, " (%u)", p->quorum);
    if (p->post_count > 0) {
        lci_buffer_add(&line, " -> ");
        put_fork(&line, task, p);
    }
    return lci_buffer_take(&line);
}

static bool write_flow(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)l;
    (void)f;
    const struct lc_task *task = value;
    if (task->precedence_count == 0)
        return false;
    *doc = lci_doc_list();
    for (size_t i = 0; i < task->precedence_count; i++) {
        char *text = precedence_text(task, &task->precedences[i]);
        lci_doc_add(doc, lci_doc_text(text));
        free(text);
    }
    return true;
}

const struct lci_type lci_type_flow = {read_flow, write_flow, "[text]"};
