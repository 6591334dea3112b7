/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Workloads, and the levels at which they are looked at. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/shown.h"
#include "base/text.h"
#include "scenario_reader.h"

/* ---- one workload ------------------------------------------------------------------------------------------------ */

static void read_where(const struct lci_node *node, struct lc_workload *w, struct lc_diag *diag)
{
    if (lci_node_is(node, LCI_NODE_MAP, "'where'", diag) != 0)
        return;
    w->keys = lc_calloc(node->count, sizeof *w->keys);
    w->patterns = lc_calloc(node->count, sizeof *w->patterns);
    for (size_t i = 0; i < node->count; i++) {
        const char *pattern;
        if (lci_node_text(&node->items[i], "the wildcard of an attribute", &pattern, diag) != 0)
            continue;
        w->keys[w->condition_count] = lc_strdup(node->keys[i].text);
        w->patterns[w->condition_count++] = lc_strdup(pattern);
    }
}

static void read_mix(const struct lci_node *node, struct lc_workload *w, struct lc_diag *diag)
{
    if (lci_node_is(node, LCI_NODE_MAP, "'mix'", diag) != 0)
        return;
    if (node->count == 0)
        lc_error(diag, LC_INPUT, &node->place, "'mix' is empty; expected {entry: weight, …}");
    w->mix = lc_calloc(node->count, sizeof *w->mix);
    bool percents = false, numbers = false; /* 50 beside 50 % is no part of anything */
    for (size_t i = 0; i < node->count; i++) {
        const char *text = node->items[i].kind == LCI_NODE_SCALAR ? node->items[i].text : "";
        percents |= strchr(text, '%') != NULL;
        numbers |= strchr(text, '%') == NULL && strtod(text, NULL) > 1;
    }
    if (percents && numbers)
        lc_error(diag, LC_INPUT, &node->place,
                 "some weights of 'mix' are percents and others are not; expected all of one kind");
    for (size_t i = 0; i < node->count; i++) {
        double weight;
        if (lci_read_positive(&node->items[i], LC_FRACTION, "a weight of 'mix'", &weight, diag) == 0)
            w->mix[w->mix_count++] = (struct lc_mix){lc_strdup(node->keys[i].text), weight, node->keys[i].place};
    }
}

static void read_requests(const struct lci_node *node, const struct lci_workload_nodes *n, struct lc_workload *w,
                          struct lc_diag *diag)
{
    const struct lci_node *entry = n->entry, *mix = n->mix, *activity = n->activity, *session = n->session;
    const int given = (entry != NULL) + (mix != NULL) + (activity != NULL) + (session != NULL);
    const char *text;
    if (given != 1)
        lc_error(diag, LC_INPUT, &node->place,
                 "workload '%s' has %s 'entry', 'mix', 'session' and 'activity'; expected one of them", w->name,
                 given == 0 ? "none of" : "several of");
    if (entry != NULL && lci_node_text(entry, "'entry'", &text, diag) == 0) {
        w->mix = lc_calloc(1, sizeof *w->mix);
        w->mix[w->mix_count++] = (struct lc_mix){lc_strdup(text), 1, entry->place};
    }
    if (mix != NULL && entry == NULL)
        read_mix(mix, w, diag);
    if (session != NULL && given == 1)
        lci_read_session(session, w, diag);
    if (activity != NULL && lci_node_text(activity, "'activity'", &text, diag) == 0)
        w->activity = lc_strdup(text);
    if (n->where != NULL)
        read_where(n->where, w, diag);
}

static void read_open(const struct lci_workload_nodes *n, const struct lc_scenario *s, struct lc_workload *w,
                      struct lc_diag *diag)
{
    if (n->think_time != NULL)
        lc_error(diag, LC_INPUT, &n->think_time->place,
                 "workload '%s' has a rate: its arrivals do not think; leave 'think_time' out, or give 'users' instead",
                 w->name);
    lci_read_arrivals(n, s, w, diag);
}

static void read_closed(const struct lci_workload_nodes *n, struct lc_workload *w, struct lc_diag *diag)
{
    w->closed = true;
    lci_read_users(n->users, w, diag);
    if (n->arrivals != NULL)
        lc_error(diag, LC_INPUT, &n->arrivals->place,
                 "workload '%s' has users: they arrive when they have thought; leave 'arrivals' out, or give 'rate'",
                 w->name);
    if (n->think_time != NULL)
        lci_node_distribution(n->think_time, "'think_time'", &w->think_time, diag);
}

const struct lci_field lci_workload_fields[] = {
    LCI_NODE(lci_workload_nodes, name, "text", "in results, goals and paths of changes"),
    LCI_NODE(lci_workload_nodes, entry, "text", "the operation that is asked for: service/operation, or an entry"),
    LCI_NODE(lci_workload_nodes, mix, "{fraction}", "operations and their weights"),
    LCI_NODE(lci_workload_nodes, activity, "text", "or what one run of this test does (traces.activities)"),
    LCI_NODE(lci_workload_nodes, where, "{text}", "attributes of the root that distinguish requests of one operation"),
    LCI_NODE(lci_workload_nodes, rate, "rate", "requests that arrive, whoever waits: an open workload"),
    LCI_NODE(lci_workload_nodes, arrivals, "=poisson | distribution | pattern | replay",
             "how they arrive: poisson unless given"),
    LCI_NODE(lci_workload_nodes, users, "count | [any]",
             "who think, ask and wait, or [[TIME, USERS], …]: a closed workload"),
    LCI_NODE(lci_workload_nodes, think_time, "distribution", "of users, between an answer and the next request"),
    LCI_NODE(lci_workload_nodes, script, "text", "arrivals by the language of a load driver: loop(25, 1000)"),
    LCI_NODE(lci_workload_nodes, session, "session", "requests that follow each other"),
    {0},
};

void lci_read_workload(const struct lci_node *node, const struct lc_scenario *s, struct lc_workload *w,
                       struct lc_diag *diag)
{
    struct lci_workload_nodes n = {0};
    lci_read_nodes(node, "a workload", lci_workload_fields, &n, diag);
    *w = (struct lc_workload){.place = node->place, .rate = 1, .users = 1};
    const char *text = "?";
    if (n.name == NULL)
        lc_error(diag, LC_INPUT, &node->place, "a workload lacks 'name'");
    else
        lci_node_text(n.name, "'name'", &text, diag);
    w->name = lci_shown(text, strlen(text), false);
    read_requests(node, &n, w, diag);
    const bool open = lci_is_open(&n), closed = n.users != NULL;
    if (open == closed)
        lc_error(
            diag, LC_INPUT, &node->place,
            "workload '%s' has %s 'rate' (requests that arrive) %s 'users' (who think, ask and wait); expected one",
            w->name, open ? "both" : "neither", open ? "and" : "nor");
    else if (open)
        read_open(&n, s, w, diag);
    else
        read_closed(&n, w, diag);
}

static void add_workload(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    struct lc_workload w;
    if (lci_node_is(node, LCI_NODE_MAP, "a workload", diag) != 0)
        return;
    lci_read_workload(node, s, &w, diag);
    const struct lci_node *name = lci_node_get(node, "name");
    for (size_t i = 0; i < s->workload_count && name != NULL; i++)
        if (strcmp(s->workloads[i].name, w.name) == 0)
            lc_error(diag, LC_INPUT, &name->place, "there is a workload '%s' already, in line %d", w.name,
                     s->workloads[i].place.line);
    LC_GROW(s->workloads, s->workload_count, s->workload_capacity);
    s->workloads[s->workload_count++] = w;
}

void lci_read_workloads(const struct lci_node *node, struct lc_scenario *scenario, struct lc_diag *diag)
{
    if (lci_node_is(node, LCI_NODE_LIST, "'workloads'", diag) == 0)
        for (size_t i = 0; i < node->count; i++)
            add_workload(&node->items[i], scenario, diag);
}

int lci_find_workload(const struct lc_scenario *scenario, const struct lci_node *name, struct lc_diag *diag)
{
    if (scenario->workload_count == 0)
        return -1; /* then the model's own sources are the workloads, which are not known here */
    const char **names = lc_calloc(scenario->workload_count + 1, sizeof *names);
    struct lci_buffer parts = {0};
    int found = -1;
    for (size_t i = 0; i < scenario->workload_count; i++) {
        names[i] = scenario->workloads[i].name;
        if (strcmp(names[i], name->text) == 0)
            found = (int)i;
        lci_buffer_join(&parts, ", ", "%s", names[i]);
    }
    char *list = lci_buffer_take(&parts);
    const char *nearest = lci_nearest(name->text, names);
    if (found < 0 && nearest != NULL)
        lc_error(diag, LC_INPUT, &name->place, "there is no workload '%s'; did you mean '%s'?", name->text, nearest);
    else if (found < 0)
        lc_error(diag, LC_INPUT, &name->place, "there is no workload '%s'; expected one of %s", name->text, list);
    free(list);
    free(names);
    return found;
}

/* ---- load levels ------------------------------------------------------------------------------------------------- */

struct lc_load_point *lci_add_load_point(struct lc_scenario *s, char *name, double factor)
{
    LC_GROW(s->points, s->point_count, s->point_capacity);
    s->points[s->point_count] = (struct lc_load_point){.name = name, .factor = factor};
    return &s->points[s->point_count++];
}

static char *factor_name(double factor)
{
    char number[32];
    return lc_format("× %s", lci_number_text(factor, number));
}

static void read_factors(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    if (lci_node_is(node, LCI_NODE_LIST, "'factors'", diag) != 0)
        return;
    for (size_t i = 0; i < node->count; i++) {
        double factor;
        if (lci_read_positive(&node->items[i], LC_FRACTION, "a load factor", &factor, diag) == 0)
            lci_add_load_point(s, factor_name(factor), factor);
    }
}

double lci_open_rate(const struct lc_scenario *s, const struct lc_place *place, struct lc_diag *diag)
{
    double rate = 0;
    for (size_t w = 0; w < s->workload_count; w++) {
        rate += s->workloads[w].closed ? 0 : s->workloads[w].rate;
        if (s->workloads[w].replays_traces)
            lc_error(diag, LC_INPUT, place,
                     "the rate of workload '%s' is known only when the traces are read; expected factors of it",
                     s->workloads[w].name);
    }
    return rate;
}

struct range_nodes {
    const struct lci_node *from, *to, *steps;
};
const struct lci_field lci_range_fields[] = {
    LCI_NODE(range_nodes, from, "rate", "of all open workloads together, their proportions kept"),
    LCI_NODE(range_nodes, to, "rate", "the last one"),
    LCI_NODE(range_nodes, steps, "count", "how many levels; at least 2"),
    {0},
};

/* All open workloads together from `from` to `to`, their proportions kept. */
static void read_range(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    struct range_nodes n = {0};
    double from = 0, to = 0;
    uint64_t steps = 0;
    lci_read_nodes(node, "'rate'", lci_range_fields, &n, diag);
    if (node->kind != LCI_NODE_MAP)
        return;
    const size_t before = diag->errors;
    const double total = lci_open_rate(s, &node->place, diag);
    const bool known = diag->errors == before;
    const struct lci_node *const all[] = {n.from, n.to, n.steps};
    for (int i = 0; i < 3; i++)
        if (all[i] == NULL)
            lc_error(diag, LC_INPUT, &node->place, "'rate' lacks '%s'", lci_range_fields[i].name);
    if (n.from != NULL)
        lci_read_positive(n.from, LC_RATE, "from", &from, diag);
    if (n.to != NULL)
        lci_read_positive(n.to, LC_RATE, "to", &to, diag);
    if (n.steps != NULL)
        lci_node_count(n.steps, 2, 10000, "'steps'", &steps, diag);
    if (known && diag->errors == before && !(total > 0))
        lc_error(diag, LC_INPUT, &node->place, "a range of rates needs a workload that has a rate");
    for (uint64_t i = 0; diag->errors == before && i < steps; i++) {
        const double rate = from + (to - from) * (double)i / (double)(steps - 1);
        lci_add_load_point(s, lc_format("%.4g/s", rate), rate / total);
    }
}

static void read_levels(const struct lci_node *node, const char *name, struct lc_scenario *s, struct lc_diag *diag)
{
    if (lci_node_is(node, LCI_NODE_MAP, "'rates'", diag) != 0)
        return;
    struct lc_load_point *point = lci_add_load_point(s, lc_strdup(name), NAN);
    point->levels = lc_calloc(s->workload_count, sizeof *point->levels);
    for (size_t i = 0; i < node->count; i++) {
        const int w = lci_find_workload(s, &node->keys[i], diag);
        uint64_t users;
        if (w < 0)
            continue;
        if (!s->workloads[w].closed)
            lci_read_positive(&node->items[i], LC_RATE, "the rate of a workload", &point->levels[w], diag);
        else if (lci_node_count(&node->items[i], 1, 1000000000, "the users of a workload", &users, diag) == 0)
            point->levels[w] = (double)users;
    }
    for (size_t w = 0; w < s->workload_count; w++)
        if (lci_node_get(node, s->workloads[w].name) == NULL)
            lc_error(diag, LC_INPUT, &node->place, "'rates' lacks workload '%s'; expected one level for each",
                     s->workloads[w].name);
}

struct point_nodes {
    const struct lci_node *name, *factor, *rates;
};
const struct lci_field lci_point_fields[] = {
    LCI_NODE(point_nodes, name, "text", "of the level"),
    LCI_NODE(point_nodes, factor, "fraction", "every workload times this"),
    LCI_NODE(point_nodes, rates, "{value}", "or the rate, or the number of users, of each workload"),
    {0},
};

static void read_points(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    if (lci_node_is(node, LCI_NODE_LIST, "'points'", diag) != 0)
        return;
    for (size_t i = 0; i < node->count; i++) {
        const struct lci_node *point = &node->items[i];
        struct point_nodes n = {0};
        lci_read_nodes(point, "a load point", lci_point_fields, &n, diag);
        if (point->kind != LCI_NODE_MAP)
            continue;
        const struct lci_node *name = n.name, *factor = n.factor, *rates = n.rates;
        const char *text = "";
        double value;
        if (name == NULL)
            lc_error(diag, LC_INPUT, &point->place, "a load point lacks 'name'");
        else
            lci_node_text(name, "'name'", &text, diag);
        if ((factor == NULL) == (rates == NULL))
            lc_error(diag, LC_INPUT, &point->place, "a load point has %s 'factor' %s 'rates'; expected one of them",
                     factor != NULL ? "both" : "neither", factor != NULL ? "and" : "nor");
        else if (rates != NULL)
            read_levels(rates, text, s, diag);
        else if (lci_read_positive(factor, LC_FRACTION, "'factor'", &value, diag) == 0)
            lci_add_load_point(s, lc_strdup(text), value);
    }
}

struct load_nodes {
    const struct lci_node *factors, *rate, *points;
};
const struct lci_field lci_load_fields[] = {
    LCI_NODE(load_nodes, factors, "[fraction]", "every workload times each of these"),
    LCI_NODE(load_nodes, rate, "range", "all open workloads together"),
    LCI_NODE(load_nodes, points, "[point]", "named levels"),
    {0},
};

void lci_read_load(const struct lci_node *node, struct lc_scenario *scenario, struct lc_diag *diag)
{
    struct load_nodes n = {0};
    if (node == NULL) {
        lci_add_load_point(scenario, factor_name(1), 1);
        return;
    }
    if (node->kind != LCI_NODE_MAP) {
        lc_error(diag, LC_INPUT, &node->place, "'load' names no kind of levels; expected {factors: [1, 2, 4]}");
        return;
    }
    lci_read_nodes(node, "'load'", lci_load_fields, &n, diag);
    if (n.factors != NULL)
        read_factors(n.factors, scenario, diag);
    if (n.rate != NULL)
        read_range(n.rate, scenario, diag);
    if (n.points != NULL)
        read_points(n.points, scenario, diag);
    if (scenario->point_count == 0 && diag->errors == 0)
        lc_error(diag, LC_INPUT, &node->place, "'load' names no level; expected {factors: [1, 2, 4]}");
}
