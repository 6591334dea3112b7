/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Figures of a loadcast.result/1 document. Keys that are not known are passed over: later versions may have more. */
#include "base/text.h"
#include "model/figures/figures_readers.h"

#include "base/buffer.h"
#include "model/format/json_tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    struct lci_figures *figures;
    struct lc_diag *diag;
};

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* The value of a key, "a.b" being b of a; NULL where there is none, or null. */
static const struct lci_node *value_of(const struct lci_node *item, const char *key)
{
    const char *dot = strchr(key, '.');
    if (dot != NULL) {
        char *first = lc_strndup(key, (size_t)(dot - key));
        item = lci_node_get(item, first);
        free(first);
        key = dot + 1;
    }
    const struct lci_node *value = lci_node_get(item, key);
    return value == NULL || lci_node_is_null(value) ? NULL : value;
}

static double number(const struct reading *r, const struct lci_node *map, const char *key)
{
    double value = NAN;
    const struct lci_node *node = value_of(map, key);
    if (node == NULL || lci_node_quantity(node, LC_NUMBER, key, &value, r->diag) != 0)
        return NAN;
    return value;
}

/* {"mean", "ci95", "ci99"}, or a number alone. */
static struct lc_estimate estimate(const struct reading *r, const struct lci_node *item, const char *metric)
{
    struct lc_estimate e = {NAN, NAN, NAN};
    const struct lci_node *node = value_of(item, metric);
    if (node == NULL)
        return e;
    if (node->kind == LCI_NODE_MAP)
        e = (struct lc_estimate){number(r, node, "mean"), number(r, node, "ci95"), number(r, node, "ci99")};
    else
        lci_node_quantity(node, LC_NUMBER, metric, &e.mean, r->diag);
    return e;
}

/* A required text; NULL and an error if it is missing. */
static const char *text_of(const struct reading *r, const struct lci_node *item, const char *key)
{
    const char *text;
    const struct lci_node *node = value_of(item, key);
    if (node == NULL)
        lc_error(r->diag, LC_INPUT, &item->place, "'%s' is missing", key);
    return node != NULL && lci_node_text(node, key, &text, r->diag) == 0 ? text : NULL;
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

static char *plain_name(const struct reading *r, const struct lci_node *item)
{
    const char *name = text_of(r, item, "name");
    return name != NULL ? lc_strdup(name) : NULL;
}

static char *activity_name(const struct reading *r, const struct lci_node *item)
{
    const char *task = text_of(r, item, "task"), *name = text_of(r, item, "name");
    return task != NULL && name != NULL ? lci_activity_figure(task, name) : NULL;
}

static char *join_name(const struct reading *r, const struct lci_node *item)
{
    const char *task = text_of(r, item, "task"), *text;
    const struct lci_node *list = value_of(item, "activities");
    if (task == NULL || list == NULL || lci_node_is(list, LCI_NODE_LIST, "'activities'", r->diag) != 0)
        return NULL;
    struct lci_buffer parts = {0};
    for (size_t i = 0; i < list->count; i++) {
        if (lci_node_text(&list->items[i], "an activity", &text, r->diag) != 0)
            break;
        lci_buffer_join(&parts, " & ", "%s", text);
    }
    char *name = lci_buffer_take(&parts);
    char *whole = lci_activity_figure(task, name);
    free(name);
    return whole;
}

static char *call_name(const struct reading *r, const struct lci_node *item)
{
    const char *to = text_of(r, item, "to"), *kind = text_of(r, item, "kind");
    if (to == NULL || kind == NULL)
        return NULL;
    char *caller = NULL;
    if (value_of(item, "activity") != NULL) {
        const char *task = text_of(r, item, "task"), *activity = text_of(r, item, "activity");
        caller = task != NULL && activity != NULL ? lci_activity_figure(task, activity) : NULL;
    } else {
        const char *from = text_of(r, item, "from");
        uint64_t phase = 1;
        const struct lci_node *node = value_of(item, "phase");
        if (from == NULL || (node != NULL && lci_node_count(node, 1, LC_PHASES, "'phase'", &phase, r->diag) != 0))
            return NULL;
        caller = strcmp(kind, "forward") == 0 ? lc_strdup(from) : lci_phase_figure(from, (int)phase);
    }
    char *name = caller != NULL ? lci_call_figure(caller, to, kind) : NULL;
    free(caller);
    return name;
}

/* ---- lists ------------------------------------------------------------------------------------------------------- */

#define LONGEST 16
struct list {
    const char *key;
    enum lci_figure_kind kind;
    char *(*name)(const struct reading *r, const struct lci_node *item);
    const char *metrics[LONGEST]; /* ends with NULL */
};

#define LOCK(side)                                                                                                     \
    side ".waiting_time", side ".waiting_time_variance", side ".holding_time", side ".holding_time_variance",          \
        side ".utilization"

/* Tasks stand there more than once because of their locks. */
static const struct list lists[] = {
    {"processors", LCI_FIGURE_PROCESSOR, plain_name, {"utilization", "load", "queue_length"}},
    {"tasks",
     LCI_FIGURE_TASK,
     plain_name,
     {"throughput", "utilization", "load", "processor_utilization", "queue_length", "waiting_time", "dropped",
      "timed_out", "given_up", "retries"}},
    {"tasks", LCI_FIGURE_TASK, plain_name, {LOCK("semaphore")}},
    {"tasks", LCI_FIGURE_TASK, plain_name, {LOCK("reader"), LOCK("writer")}},
    {"entries",
     LCI_FIGURE_ENTRY,
     plain_name,
     {"throughput", "utilization", "processor_utilization", "throughput_bound", "service_time", "cv2",
      "open_response_time", "open_loss", "percentiles.50", "percentiles.90", "percentiles.95", "percentiles.99"}},
    {"activities",
     LCI_FIGURE_ACTIVITY,
     activity_name,
     {"throughput", "service_time", "service_time_variance", "utilization", "processor_waiting",
      "processor_utilization", "exceeded"}},
    {"joins", LCI_FIGURE_JOIN, join_name, {"delay", "variance"}},
    {"calls", LCI_FIGURE_CALL, call_name, {"waiting_time", "waiting_time_variance", "loss"}},
    {"workloads",
     LCI_FIGURE_WORKLOAD,
     plain_name,
     {"throughput", "response_time", "percentiles.50", "percentiles.90", "percentiles.95", "percentiles.99"}},
};
static const struct list phase_list = {
    NULL,
    LCI_FIGURE_ACTIVITY,
    NULL,
    {"service_time", "service_time_variance", "utilization", "processor_waiting", "processor_utilization", "exceeded"}};

static void add_metrics(const struct reading *r, const struct list *list, const struct lci_node *item, const char *name)
{
    for (int i = 0; i < LONGEST && list->metrics[i] != NULL; i++) {
        const struct lc_estimate e = estimate(r, item, list->metrics[i]);
        lci_figures_add(r->figures, list->kind, lc_strdup(name), list->metrics[i], &e);
    }
}

static void add_phases(const struct reading *r, const struct lci_node *entry, const char *name)
{
    const struct lci_node *phases = value_of(entry, "phases");
    if (phases == NULL || lci_node_is(phases, LCI_NODE_LIST, "'phases'", r->diag) != 0)
        return;
    for (size_t i = 0; i < phases->count && i < LC_PHASES; i++) {
        char *phase = lci_phase_figure(name, (int)i + 1);
        add_metrics(r, &phase_list, &phases->items[i], phase);
        free(phase);
    }
}

static void read_list(const struct reading *r, const struct list *list, const struct lci_node *root)
{
    const struct lci_node *items = value_of(root, list->key);
    if (items == NULL || lci_node_is(items, LCI_NODE_LIST, list->key, r->diag) != 0)
        return;
    for (size_t i = 0; i < items->count; i++) {
        const struct lci_node *item = &items->items[i];
        char *name = lci_node_is(item, LCI_NODE_MAP, list->key, r->diag) == 0 ? list->name(r, item) : NULL;
        if (name == NULL)
            continue;
        add_metrics(r, list, item, name);
        if (list->kind == LCI_FIGURE_ENTRY)
            add_phases(r, item, name);
        free(name);
    }
}

int lci_figures_json(const char *text, size_t length, const char *name, struct lci_figures *figures,
                     struct lc_diag *diag)
{
    const size_t before = diag->errors;
    struct lci_node *root = lci_json_parse(text, length, name, diag);
    if (root == NULL)
        return -1;
    const struct reading r = {figures, diag};
    const struct lci_node *schema = lci_node_get(root, "schema");
    if (schema != NULL && schema->kind == LCI_NODE_SCALAR && strcmp(schema->text, "loadcast.result/1") == 0)
        for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
            read_list(&r, &lists[i], root);
    lci_node_free(root);
    return diag->errors == before ? 0 : -1;
}
