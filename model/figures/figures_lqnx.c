/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Figures of LQN XML: the elements result-… of the model in the file, by tables. */
#include "model/figures/figures_readers.h"

#include "base/buffer.h"
#include "model/format/libxml.h"
#include "model/format/lqnx_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Where the walk is; NULL: in no such element. */
struct where {
    char *processor, *task, *entry;
    char *activity, *call, *join; /* names of figures */
};

struct walk {
    struct lci_xml xml;
    struct lci_figures *figures;
    struct lc_diag *diag;
    double width; /* half-widths are to be multiplied by it */
};

/* ---- attributes -------------------------------------------------------------------------------------------------- */

struct metric {
    const char *attribute, *metric;
};
static const struct metric of_processors[] = {{"utilization", "utilization"}, {NULL, NULL}};
static const struct metric of_tasks[] = {
    {"throughput", "throughput"},
    {"utilization", "utilization"},
    {"proc-utilization", "processor_utilization"},
    {"semaphore-waiting", "semaphore.holding_time"}, /* is what it holds, not what it waits */
    {"semaphore-waiting-variance", "semaphore.holding_time_variance"},
    {"semaphore-utilization", "semaphore.utilization"},
    {"rwlock-reader-waiting", "reader.waiting_time"},
    {"rwlock-reader-waiting-variance", "reader.waiting_time_variance"},
    {"rwlock-reader-holding", "reader.holding_time"},
    {"rwlock-reader-holding-variance", "reader.holding_time_variance"},
    {"rwlock-reader-utilization", "reader.utilization"},
    {"rwlock-writer-waiting", "writer.waiting_time"},
    {"rwlock-writer-waiting-variance", "writer.waiting_time_variance"},
    {"rwlock-writer-holding", "writer.holding_time"},
    {"rwlock-writer-holding-variance", "writer.holding_time_variance"},
    {"rwlock-writer-utilization", "writer.utilization"},
    {NULL, NULL},
};
static const struct metric of_decisions[] = {
    {"timeout-prob", "timed_out"}, {"abort-prob", "given_up"}, {"number-of-retries", "retries"}, {NULL, NULL}};
static const struct metric of_entries[] = {
    {"throughput", "throughput"},
    {"utilization", "utilization"},
    {"proc-utilization", "processor_utilization"},
    {"throughput-bound", "throughput_bound"},
    {"squared-coeff-variation", "cv2"},
    {"open-wait-time", "open_response_time"},
    {"loss-probability", "open_loss"},
    {NULL, NULL},
};
static const struct metric of_activities[] = {
    {"throughput", "throughput"},
    {"service-time", "service_time"},
    {"service-time-variance", "service_time_variance"},
    {"utilization", "utilization"},
    {"proc-waiting", "processor_waiting"},
    {"proc-utilization", "processor_utilization"},
    {"prob-exceed-max-service-time", "exceeded"},
    {NULL, NULL},
};
static const struct metric of_phases[LC_PHASES][5] = {
    {{"phase1-service-time", "service_time"},
     {"phase1-service-time-variance", "service_time_variance"},
     {"phase1-utilization", "utilization"},
     {"phase1-proc-waiting", "processor_waiting"}},
    {{"phase2-service-time", "service_time"},
     {"phase2-service-time-variance", "service_time_variance"},
     {"phase2-utilization", "utilization"},
     {"phase2-proc-waiting", "processor_waiting"}},
    {{"phase3-service-time", "service_time"},
     {"phase3-service-time-variance", "service_time_variance"},
     {"phase3-utilization", "utilization"},
     {"phase3-proc-waiting", "processor_waiting"}},
};
static const struct metric of_joins[] = {{"join-waiting", "delay"}, {"join-variance", "variance"}, {NULL, NULL}};
static const struct metric of_calls[] = {{"waiting", "waiting_time"},
                                         {"waiting-variance", "waiting_time_variance"},
                                         {"loss-probability", "loss"},
                                         {NULL, NULL}};

/* The number in an attribute; NaN where there is none. */
static double number(struct walk *w, const xmlNode *node, const char *attribute)
{
    char *text = node != NULL ? lci_lqnx_optional(node, attribute) : NULL, *end;
    if (text == NULL)
        return NAN;
    double value = strtod(text, &end);
    if (end == text || end[strspn(end, " \t\r\n")] != 0) {
        const struct lc_place place = lci_xml_attribute_place(&w->xml, node, attribute);
        lc_error(w->diag, LC_INPUT, &place, "%s is '%s'; expected a number", attribute, text);
        value = NAN;
    }
    free(text);
    return value;
}

static const xmlNode *child(const xmlNode *node, const char *name)
{
    for (const xmlNode *c = node->children; c != NULL; c = c->next)
        if (c->type == XML_ELEMENT_NODE && lci_lqnx_is(c, name))
            return c;
    return NULL;
}

static void add(struct walk *w, enum lci_figure_kind kind, const char *name, const xmlNode *node,
                const struct metric *metrics)
{
    const xmlNode *ci95 = child(node, "result-conf-95"), *ci99 = child(node, "result-conf-99");
    for (; name != NULL && metrics->attribute != NULL; metrics++) {
        const struct lc_estimate e = {number(w, node, metrics->attribute),
                                      w->width * number(w, ci95, metrics->attribute),
                                      w->width * number(w, ci99, metrics->attribute)};
        lci_figures_add(w->figures, kind, lc_strdup(name), metrics->metric, &e);
    }
}

static void add_entry(struct walk *w, const char *entry, const xmlNode *node)
{
    add(w, LCI_FIGURE_ENTRY, entry, node, of_entries);
    for (int i = 0; entry != NULL && i < LC_PHASES; i++) {
        char *name = lci_phase_figure(entry, i + 1);
        add(w, LCI_FIGURE_ACTIVITY, name, node, of_phases[i]);
        free(name);
    }
}

/* Is it a result? Then its figures are added. */
static bool is_result(struct walk *w, const xmlNode *node, const struct where *at)
{
    if (lci_lqnx_is(node, "result-processor"))
        add(w, LCI_FIGURE_PROCESSOR, at->processor, node, of_processors);
    else if (lci_lqnx_is(node, "result-task"))
        add(w, LCI_FIGURE_TASK, at->task, node, of_tasks);
    else if (lci_lqnx_is(node, "result-decision"))
        add(w, LCI_FIGURE_TASK, at->task, node, of_decisions);
    else if (lci_lqnx_is(node, "result-entry"))
        add_entry(w, at->entry, node);
    else if (lci_lqnx_is(node, "result-activity"))
        add(w, LCI_FIGURE_ACTIVITY, at->activity, node, of_activities);
    else if (lci_lqnx_is(node, "result-join-delay"))
        add(w, LCI_FIGURE_JOIN, at->join, node, of_joins);
    else if (lci_lqnx_is(node, "result-call") || lci_lqnx_is(node, "result-forwarding"))
        add(w, LCI_FIGURE_CALL, at->call, node, of_calls);
    else
        return false;
    return true;
}

/* ---- the walk ---------------------------------------------------------------------------------------------------- */

/* The name of an activity element as a figure has it; NULL where the file does not tell. Owned by the caller. */
static char *activity_figure(const xmlNode *node, const struct where *at)
{
    char *name = lci_lqnx_optional(node, "name"), *phase = lci_lqnx_optional(node, "phase"), *figure = NULL;
    if (phase != NULL && at->entry != NULL)
        figure = lci_phase_figure(at->entry, atoi(phase));
    else if (name != NULL && at->task != NULL)
        figure = lci_activity_figure(at->task, name);
    free(name);
    free(phase);
    return figure;
}

static char *call_figure(const xmlNode *node, const char *from, const char *kind)
{
    char *to = lci_lqnx_optional(node, "dest");
    char *figure = to != NULL && from != NULL ? lci_call_figure(from, to, kind) : NULL;
    free(to);
    return figure;
}

static char *join_figure(const xmlNode *node, const struct where *at)
{
    struct lci_buffer parts = {0};
    for (const xmlNode *c = node->children; c != NULL; c = c->next) {
        char *name = c->type == XML_ELEMENT_NODE && lci_lqnx_is(c, "activity") ? lci_lqnx_optional(c, "name") : NULL;
        if (name == NULL)
            continue;
        lci_buffer_join(&parts, " & ", "%s", name);
        free(name);
    }
    char *names = lci_buffer_take(&parts);
    char *figure = at->task != NULL ? lci_activity_figure(at->task, names) : NULL;
    free(names);
    return figure;
}

/* What the element names becomes a field of `at` and is returned; owned by the caller. */
static char *enter(const xmlNode *node, struct where *at)
{
    if (lci_lqnx_is(node, "processor"))
        return at->processor = lci_lqnx_optional(node, "name");
    if (lci_lqnx_is(node, "task"))
        return at->task = lci_lqnx_optional(node, "name");
    if (lci_lqnx_is(node, "entry"))
        return at->entry = lci_lqnx_optional(node, "name");
    if (lci_lqnx_is(node, "activity"))
        return at->activity = activity_figure(node, at);
    if (lci_lqnx_is(node, "synch-call"))
        return at->call = call_figure(node, at->activity, "sync");
    if (lci_lqnx_is(node, "asynch-call"))
        return at->call = call_figure(node, at->activity, "async");
    if (lci_lqnx_is(node, "forwarding"))
        return at->call = call_figure(node, at->entry, "forward");
    if (lci_lqnx_is(node, "pre-AND"))
        return at->join = join_figure(node, at);
    return NULL;
}

/* Recursion is as deep as the document is nested, which the parser bounds. */
static void walk(struct walk *w, const xmlNode *parent, struct where at)
{
    for (const xmlNode *node = parent->children; node != NULL; node = node->next) {
        struct where inside = at;
        if (node->type != XML_ELEMENT_NODE || is_result(w, node, &at))
            continue;
        char *name = enter(node, &inside);
        walk(w, node, inside);
        free(name);
    }
}

/* LQSIM writes t·s, the half-width for one block, where t·s/√n is the one for the mean of n blocks. */
static double width_of(struct walk *w, const xmlNode *root)
{
    const xmlNode *parameters = child(root, "solver-params");
    const xmlNode *general = parameters != NULL ? child(parameters, "result-general") : NULL;
    char *solver = general != NULL ? lci_lqnx_optional(general, "solver-info") : NULL;
    const double blocks = solver != NULL && strncasecmp(solver, "lqsim", 5) == 0 ? number(w, general, "iterations") : 1;
    free(solver);
    return blocks > 1 ? 1 / sqrt(blocks) : 1;
}

int lci_figures_lqnx(const char *text, size_t length, const char *name, struct lci_figures *figures,
                     struct lc_diag *diag)
{
    const size_t before = diag->errors;
    struct walk w = {.figures = figures, .diag = diag};
    if (lci_xml_parse(&w.xml, text, length, name, diag) == 0) {
        const xmlNode *root = xmlDocGetRootElement(w.xml.document);
        w.width = width_of(&w, root);
        walk(&w, root, (struct where){0});
    }
    lci_xml_free(&w.xml);
    return diag->errors == before ? 0 : -1;
}
