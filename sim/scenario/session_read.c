/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sessions: {start: home, steps: {home: {entry: "GET /", think_time: 3 s, next: {search: 0.6, exit: 0.4}}, …}}. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "scenario_reader.h"

static const char exit_word[] = "exit";

/* Index of a step, or −1 with an error that names the nearest or all. */
static int find_step(const struct lci_node *steps, const struct lci_node *name, struct lc_diag *diag)
{
    const char **names = lc_calloc(steps->count + 2, sizeof *names);
    struct lci_buffer list = {0};
    int found = -1;
    names[0] = exit_word;
    for (size_t i = 0; i < steps->count; i++) {
        names[i + 1] = steps->keys[i].text;
        if (strcmp(names[i + 1], name->text) == 0)
            found = (int)i;
    }
    lci_buffer_names(&list, names, steps->count + 1, steps->count + 1);
    const char *nearest = lci_nearest(name->text, names);
    if (found < 0 && nearest != NULL)
        lc_error(diag, LC_INPUT, &name->place, "the session has no step '%s'; did you mean '%s'?", name->text, nearest);
    else if (found < 0)
        lc_error(diag, LC_INPUT, &name->place, "the session has no step '%s'; expected one of %s", name->text,
                 list.text);
    free(list.text);
    free(names);
    return found;
}

static void read_next(const struct lci_node *next, const struct lci_node *steps, struct lc_session_step *step,
                      struct lc_diag *diag)
{
    double sum = 0;
    if (lci_node_is(next, LCI_NODE_MAP, "'next'", diag) != 0)
        return;
    step->next = lc_calloc(next->count, sizeof *step->next);
    step->probabilities = lc_calloc(next->count, sizeof *step->probabilities);
    for (size_t i = 0; i < next->count; i++) {
        double probability;
        const bool leaves = strcmp(next->keys[i].text, exit_word) == 0;
        const int to = leaves ? 0 : find_step(steps, &next->keys[i], diag);
        if (lci_read_positive(&next->items[i], LC_FRACTION, "a probability of 'next'", &probability, diag) != 0 ||
            to < 0)
            continue;
        sum += probability;
        if (leaves)
            continue;
        step->next[step->next_count] = (size_t)to;
        step->probabilities[step->next_count++] = probability;
    }
    if (sum > 1 + 1e-9)
        lc_error(diag, LC_INPUT, &next->place, "the probabilities after step '%s' sum to %g; expected 1 at the most",
                 step->name, sum);
}

struct step_nodes {
    const struct lci_node *entry, *think_time, *next;
};
const struct lci_field lci_step_fields[] = {
    LCI_NODE(step_nodes, entry, "text", "the operation that is asked for"),
    LCI_NODE(step_nodes, think_time, "distribution", "before the next step"),
    LCI_NODE(step_nodes, next, "{fraction}",
             "steps and their probabilities; `exit`, and what is left, ends the session"),
    {0},
};

static void read_step(const struct lci_node *node, const struct lci_node *steps, struct lc_session_step *step,
                      struct lc_mix *mix, struct lc_diag *diag)
{
    struct step_nodes n = {0};
    lci_read_nodes(node, "a step", lci_step_fields, &n, diag);
    const struct lci_node *entry = n.entry;
    const char *text = step->name;
    if (entry != NULL)
        lci_node_text(entry, "'entry'", &text, diag);
    else if (node->kind == LCI_NODE_MAP)
        lc_error(diag, LC_INPUT, &node->place, "step '%s' lacks 'entry'", step->name);
    *mix = (struct lc_mix){lc_strdup(text), 0, entry != NULL ? entry->place : node->place};
    if (n.think_time != NULL)
        lci_node_distribution(n.think_time, "'think_time'", &step->think_time, diag);
    if (n.next != NULL)
        read_next(n.next, steps, step, diag);
}

struct session_nodes {
    const struct lci_node *start, *steps;
};
const struct lci_field lci_session_fields[] = {
    LCI_NODE(session_nodes, start, "text", "the first step"),
    LCI_NODE(session_nodes, steps, "{step}", "by their names"),
    {0},
};

void lci_read_session(const struct lci_node *session, struct lc_workload *w, struct lc_diag *diag)
{
    struct session_nodes n = {0};
    const char *text;
    if (lci_read_nodes(session, "'session'", lci_session_fields, &n, diag) != 0)
        return;
    const struct lci_node *start = n.start, *steps = n.steps;
    if (steps == NULL || steps->kind != LCI_NODE_MAP || steps->count == 0 || start == NULL) {
        lc_error(diag, LC_INPUT, &session->place,
                 "'session' is incomplete; expected {start: STEP, steps: {STEP: {entry, think_time, next: {STEP: 0.6, "
                 "exit: 0.4}}, …}}");
        return;
    }
    w->mix = lc_calloc(steps->count, sizeof *w->mix);
    w->steps = lc_calloc(steps->count, sizeof *w->steps);
    for (size_t i = 0; i < steps->count; i++) {
        if (strcmp(steps->keys[i].text, exit_word) == 0)
            lc_error(diag, LC_INPUT, &steps->keys[i].place,
                     "'exit' is the end of a session; give the step another name");
        w->steps[i].name = lc_strdup(steps->keys[i].text);
        w->mix_count++;
        read_step(&steps->items[i], steps, &w->steps[i], &w->mix[i], diag);
    }
    const int first = lci_node_text(start, "'start'", &text, diag) == 0 ? find_step(steps, start, diag) : -1;
    if (first >= 0)
        w->mix[first].weight = 1;
}

void lci_free_session(struct lc_workload *w)
{
    for (size_t i = 0; w->steps != NULL && i < w->mix_count; i++) {
        free(w->steps[i].name);
        lc_dist_free(&w->steps[i].think_time);
        free(w->steps[i].next);
        free(w->steps[i].probabilities);
    }
    free(w->steps);
}
