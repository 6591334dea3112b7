/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Goals, and the changes of what-ifs. */
#include <stdlib.h>
#include <string.h>

#include "base/shown.h"
#include "base/text.h"
#include "reader.h"

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

static void read_response_goal(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    static const char *const known[] = {"mean", "p50", "p90", "p95", "p99", NULL};
    static const int percentiles[] = {0, 50, 90, 95, 99};
    if (lci_node_is(node, LCI_NODE_MAP, "'response_time'", diag) != 0)
        return;
    for (size_t i = 0; i < node->count; i++) {
        lci_find_workload(s, &node->keys[i], diag);
        lci_node_keys(&node->items[i], known, "a response time", diag);
        for (size_t k = 0; known[k] != NULL; k++) {
            const struct lci_node *value = lci_node_get(&node->items[i], known[k]);
            double limit;
            if (value == NULL || lci_read_positive(value, LC_TIME, known[k], &limit, diag) != 0)
                continue;
            struct lc_goal *goal = add_goal(s, LC_GOAL_RESPONSE, limit, value->place);
            goal->workload = lc_strdup(node->keys[i].text);
            goal->percentile = percentiles[k];
        }
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

void lci_read_goals(const struct lci_node *node, struct lc_scenario *scenario, struct lc_diag *diag)
{
    static const char *const known[] = {"load", "response_time", "throughput", "error_rate", NULL};
    lci_node_keys(node, known, "'goals'", diag);
    const struct lci_node *load = lci_node_get(node, "load"), *response = lci_node_get(node, "response_time");
    const struct lci_node *throughput = lci_node_get(node, "throughput");
    const struct lci_node *errors = lci_node_get(node, "error_rate");
    if (load != NULL)
        read_load_goal(load, scenario, diag);
    if (response != NULL)
        read_response_goal(response, scenario, diag);
    if (throughput != NULL)
        read_throughput_goal(throughput, scenario, diag);
    if (errors != NULL)
        read_error_goal(errors, scenario, diag);
}

static void read_what_if(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    static const char *const known[] = {"name", "change", NULL};
    lci_node_keys(node, known, "a what-if", diag);
    if (node->kind != LCI_NODE_MAP)
        return;
    const struct lci_node *name = lci_node_get(node, "name"), *change = lci_node_get(node, "change");
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
        w->edits[w->edit_count++] =
            (struct lc_edit){.path = lc_strdup(change->keys[i].text), .value = value, .place = change->keys[i].place};
    }
}

void lci_read_what_ifs(const struct lci_node *node, struct lc_scenario *scenario, struct lc_diag *diag)
{
    if (lci_node_is(node, LCI_NODE_LIST, "'what_if'", diag) == 0)
        for (size_t i = 0; i < node->count; i++)
            read_what_if(&node->items[i], scenario, diag);
}
