/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Goals, and the changes of what-ifs. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/shown.h"
#include "base/text.h"
#include "scenario_reader.h"

static struct lc_goal *add_goal(struct lc_scenario *s, enum lc_goal_kind kind, double limit, struct lc_place place)
{
    LC_GROW(s->goals, s->goal_count, s->goal_capacity);
    s->goals[s->goal_count] = (struct lc_goal){.kind = kind, .limit = limit, .place = place};
    return &s->goals[s->goal_count++];
}

static int read_load_limit(const struct lci_node *node, double *limit, struct lc_diag *diag)
{
    if (lci_read_positive(node, LC_FRACTION, "a load", limit, diag) != 0)
        return -1;
    if (*limit <= 1)
        return 0;
    lc_error(diag, LC_INPUT, &node->place, "a load is at most 1; expected a part such as 80 %% or 0.8, found %s",
             node->text);
    return -1;
}

/* 0.8 for every component, or {photo: 0.7, …}. */
static void read_load_goal(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    double limit;
    if (node->kind == LCI_NODE_SCALAR) {
        if (read_load_limit(node, &limit, diag) == 0)
            add_goal(s, LC_GOAL_LOAD, limit, node->place);
        return;
    }
    if (lci_node_is(node, LCI_NODE_MAP, "'load'", diag) != 0)
        return;
    for (size_t i = 0; i < node->count; i++)
        if (read_load_limit(&node->items[i], &limit, diag) == 0) {
            struct lc_goal *goal = add_goal(s, LC_GOAL_LOAD, limit, node->keys[i].place);
            if (strcmp(node->keys[i].text, "*") != 0)
                goal->component = lc_strdup(node->keys[i].text);
        }
}

#define LIMIT(key, about_)                                                                                             \
    {                                                                                                                  \
        key, &lci_type_node, .shape = "time", .about = (about_)                                                        \
    }
const struct lci_field lci_response_fields[] = {
    LIMIT("mean", "at the most"),
    LIMIT("p50", "the median, at the most"),
    LIMIT("p90", "the 90th percentile, at the most"),
    LIMIT("p95", "the 95th percentile, at the most"),
    LIMIT("p99", "the 99th percentile, at the most"),
    LIMIT("^p[0-9]+([.][0-9]+)?$", "any other percentile, such as `p99.9`, at the most"),
    {0},
};

/* 0: the mean; NaN: neither that nor a percentile. */
static double percentile_of(const char *key)
{
    char *end;
    if (strcmp(key, "mean") == 0)
        return 0;
    const double percentile = key[0] == 'p' && isdigit((unsigned char)key[1]) ? strtod(key + 1, &end) : NAN;
    return percentile > 0 && percentile < 100 && *end == '\0' ? percentile : NAN;
}

static void read_response_limits(const struct lci_node *node, const char *workload, bool completion,
                                 struct lc_percentile_list *all, struct lc_scenario *s, struct lc_diag *diag)
{
    for (size_t i = 0; i < node->count; i++) {
        double limit;
        const double percentile = percentile_of(node->keys[i].text);
        if (isnan(percentile))
            lc_error(diag, LC_INPUT, &node->keys[i].place,
                     "a %s time has no key '%s'; expected 'mean' or a percentile such as 'p95' or 'p99.9'",
                     completion ? "completion" : "response", node->keys[i].text);
        else if (percentile > 0 && !lc_percentile_add(all, percentile))
            lc_error(diag, LC_INPUT, &node->keys[i].place,
                     "expected at most %d percentiles besides p50, p90, p95 and p99 in all goals; '%s' is one more",
                     LC_MOST_PERCENTILES - LC_PERCENTILES, node->keys[i].text);
        else if (lci_read_positive(&node->items[i], LC_TIME, node->keys[i].text, &limit, diag) == 0) {
            struct lc_goal *goal = add_goal(s, LC_GOAL_RESPONSE, limit, node->items[i].place);
            goal->workload = lc_strdup(workload);
            goal->percentile = percentile;
            goal->completion = completion;
        }
    }
}

static void read_response_goal(const struct lci_node *node, bool completion, struct lc_percentile_list *all,
                               struct lc_scenario *s, struct lc_diag *diag)
{
    const char *key = completion ? "'completion_time'" : "'response_time'";
    if (lci_node_is(node, LCI_NODE_MAP, key, diag) != 0)
        return;
    for (size_t i = 0; i < node->count; i++) {
        lci_find_workload(s, &node->keys[i], diag);
        if (lci_node_is(&node->items[i], LCI_NODE_MAP, completion ? "a completion time" : "a response time", diag) == 0)
            read_response_limits(&node->items[i], node->keys[i].text, completion, all, s, diag);
    }
}

static void read_throughput_goal(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    if (lci_node_is(node, LCI_NODE_MAP, "'throughput'", diag) != 0)
        return;
    for (size_t i = 0; i < node->count; i++) {
        double limit;
        lci_find_workload(s, &node->keys[i], diag);
        if (lci_read_positive(&node->items[i], LC_RATE, "a throughput", &limit, diag) != 0)
            continue;
        add_goal(s, LC_GOAL_THROUGHPUT, limit, node->items[i].place)->workload = lc_strdup(node->keys[i].text);
    }
}

static void read_error_goal(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    if (lci_node_is(node, LCI_NODE_MAP, "'error_rate'", diag) != 0)
        return;
    for (size_t i = 0; i < node->count; i++) {
        double limit;
        lci_find_workload(s, &node->keys[i], diag);
        if (lci_read_positive(&node->items[i], LC_FRACTION, "an error rate", &limit, diag) != 0)
            continue;
        if (limit > 1)
            lc_error(diag, LC_INPUT, &node->items[i].place,
                     "an error rate is at most 1; expected a part such as 1 %% or 0.01, found %s", node->items[i].text);
        add_goal(s, LC_GOAL_ERRORS, limit, node->items[i].place)->workload = lc_strdup(node->keys[i].text);
    }
}

struct goal_nodes {
    const struct lci_node *load, *response_time, *completion_time, *throughput, *error_rate;
};
const struct lci_field lci_goal_fields[] = {
    LCI_NODE(goal_nodes, load, "fraction | {fraction}", "of every component that has a limit, or of each by its name"),
    LCI_NODE(goal_nodes, response_time, "{response}", "of workloads, by their names"),
    LCI_NODE(goal_nodes, completion_time, "{response}",
             "of workloads: until all that a request set going has ended, with what nobody waits for"),
    LCI_NODE(goal_nodes, throughput, "{rate}", "of requests that succeed, at the least"),
    LCI_NODE(goal_nodes, error_rate, "{fraction}", "requests that fail, at the most"),
    {0},
};

void lci_read_goals(const struct lci_node *node, struct lc_scenario *scenario, struct lc_diag *diag)
{
    struct goal_nodes n = {0};
    struct lc_percentile_list all = {LC_PERCENTILES, {50, 90, 95, 99}};
    lci_read_nodes(node, "'goals'", lci_goal_fields, &n, diag);
    if (n.load != NULL)
        read_load_goal(n.load, scenario, diag);
    if (n.response_time != NULL)
        read_response_goal(n.response_time, false, &all, scenario, diag);
    if (n.completion_time != NULL)
        read_response_goal(n.completion_time, true, &all, scenario, diag);
    if (n.throughput != NULL)
        read_throughput_goal(n.throughput, scenario, diag);
    if (n.error_rate != NULL)
        read_error_goal(n.error_rate, scenario, diag);
}

struct what_if_nodes {
    const struct lci_node *name, *change;
};
const struct lci_field lci_what_if_fields[] = {
    LCI_NODE(what_if_nodes, name, "text", "in results"),
    LCI_NODE(what_if_nodes, change, "{value}",
             "paths and their values: absolute, or relative such as x 2, + 1, - 20 %"),
    {0},
};

static void read_what_if(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    struct what_if_nodes n = {0};
    lci_read_nodes(node, "a what-if", lci_what_if_fields, &n, diag);
    if (node->kind != LCI_NODE_MAP)
        return;
    const struct lci_node *name = n.name, *change = n.change;
    const char *text = "";
    if (name == NULL)
        lc_error(diag, LC_INPUT, &node->place, "a what-if lacks 'name'");
    else
        lci_node_text(name, "'name'", &text, diag);
    for (size_t i = 0; i < s->what_if_count && name != NULL; i++)
        if (strcmp(s->what_ifs[i].name, text) == 0)
            lc_error(diag, LC_INPUT, &name->place, "there is a what-if '%s' already", text);
    LC_GROW(s->what_ifs, s->what_if_count, s->what_if_capacity);
    struct lc_what_if *w = &s->what_ifs[s->what_if_count++];
    *w = (struct lc_what_if){.name = lci_shown(text, strlen(text), false), .place = node->place};
    if (change == NULL) {
        lc_error(diag, LC_INPUT, &node->place, "a what-if lacks 'change', such as {worker.concurrency: 4}");
        return;
    }
    if (lci_node_is(change, LCI_NODE_MAP, "'change'", diag) != 0)
        return;
    for (size_t i = 0; i < change->count; i++) {
        char *value = lci_value_text(&change->items[i]);
        if (value[0] == 0)
            lc_error(diag, LC_INPUT, &change->items[i].place, "the change of '%s' is empty", change->keys[i].text);
        LC_GROW(w->edits, w->edit_count, w->edit_capacity);
        w->edits[w->edit_count++] = (struct lc_edit){.path = lc_strdup(change->keys[i].text),
                                                     .value = value,
                                                     .node = &change->items[i],
                                                     .place = change->keys[i].place};
    }
}

void lci_read_what_ifs(const struct lci_node *node, struct lc_scenario *scenario, struct lc_diag *diag)
{
    if (lci_node_is(node, LCI_NODE_LIST, "'what_if'", diag) == 0)
        for (size_t i = 0; i < node->count; i++)
            read_what_if(&node->items[i], scenario, diag);
}
