/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Questions about many loads or models at once: sweeps, capacity; and what they cost. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "scenario_reader.h"

/* ---- sweep ------------------------------------------------------------------------------------------------------- */

enum { MOST_POINTS = 2000 };

static void read_axis(const struct lci_node *key, const struct lci_node *values, struct lc_axis *axis,
                      struct lc_diag *diag)
{
    *axis = (struct lc_axis){.path = lc_strdup(key->text)};
    if (lci_node_is(values, LCI_NODE_LIST, key->text, diag) != 0)
        return;
    if (values->count == 0)
        lc_error(diag, LC_INPUT, &values->place, "'%s' has no value; expected a list such as [1, 2, 4]", key->text);
    axis->values = lc_calloc(values->count, sizeof *axis->values);
    axis->nodes = values->items;
    for (size_t i = 0; i < values->count; i++) {
        char *text = lci_value_text(&values->items[i]);
        if (text[0] == 0)
            lc_error(diag, LC_INPUT, &values->items[i].place, "a value of a sweep is empty");
        axis->values[axis->count++] = text;
    }
}

/* "photo.concurrency 2, worker.demand x 0.8"; "quantity × factor" reads like the load's. */
static void add_combination(const struct lci_node *node, size_t number, struct lc_scenario *s)
{
    LC_GROW(s->what_ifs, s->what_if_count, s->what_if_capacity);
    struct lc_what_if *w = &s->what_ifs[s->what_if_count++];
    *w = (struct lc_what_if){.swept = true, .place = node->place};
    size_t *index = lc_calloc(s->axis_count, sizeof *index);
    for (size_t a = s->axis_count; a-- > 0 && s->axes[a].count > 0; number /= s->axes[a].count)
        index[a] = number % s->axes[a].count;
    struct lci_buffer name = {0};
    for (size_t a = 0; a < s->axis_count; a++) {
        const struct lc_axis *axis = &s->axes[a];
        lci_buffer_join(&name, ", ", "%s %s", axis->path, axis->values[index[a]]);
        LC_GROW(w->edits, w->edit_count, w->edit_capacity);
        w->edits[w->edit_count++] = (struct lc_edit){.path = lc_strdup(axis->path),
                                                     .value = lc_strdup(axis->values[index[a]]),
                                                     .node = &axis->nodes[index[a]],
                                                     .place = node->keys[a].place};
    }
    w->name = lci_buffer_take(&name);
    free(index);
}

void lci_read_sweep(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    const size_t before = diag->errors;
    if (lci_node_is(node, LCI_NODE_MAP, "'sweep'", diag) != 0)
        return;
    s->axes = lc_calloc(node->count, sizeof *s->axes);
    double points = (double)s->point_count, combinations = 1;
    for (size_t i = 0; i < node->count; i++) {
        read_axis(&node->keys[i], &node->items[i], &s->axes[s->axis_count++], diag);
        combinations *= (double)s->axes[i].count;
    }
    points *= 1 + combinations + (double)s->what_if_count;
    if (node->count == 0)
        lc_error(diag, LC_INPUT, &node->place, "'sweep' is empty; expected {path: [values], …}");
    else if (points > MOST_POINTS)
        lc_error(diag, LC_INPUT, &node->place,
                 "'sweep' has %.0f combinations, which at %zu load levels make %.0f points to simulate; expected "
                 "%d at the most",
                 combinations, s->point_count, points, MOST_POINTS);
    for (size_t i = 0; diag->errors == before && (double)i < combinations; i++)
        add_combination(node, i, s);
}

/* ---- capacity ---------------------------------------------------------------------------------------------------- */

static void add_question(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    const char *text;
    if (lci_node_text(node, "the load whose capacity is asked for", &text, diag) != 0)
        return;
    const int workload = strcmp(text, "mix") == 0 ? LC_NONE : lci_find_workload(s, node, diag);
    if (workload == LC_NONE && strcmp(text, "mix") != 0 && s->workload_count == 0)
        lc_error(diag, LC_INPUT, &node->place,
                 "'%s' is no workload of this scenario; expected mix: the model's own sources grow together", text);
    s->capacity.of = lc_realloc(s->capacity.of, s->capacity.count + 1, sizeof *s->capacity.of);
    s->capacity.of[s->capacity.count++] = workload;
}

struct capacity_nodes {
    const struct lci_node *of, *within;
};
const struct lci_field lci_capacity_fields[] = {
    LCI_NODE(capacity_nodes, of, "text | [text]", "mix, or workloads that grow alone"),
    LCI_NODE(capacity_nodes, within, "fraction", "relative width of the answer; 1 % unless given"),
    {0},
};

void lci_read_capacity(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    struct capacity_nodes n = {0};
    const struct lci_node *of = node;
    s->capacity.within = 0.01;
    if (node->kind == LCI_NODE_MAP) {
        lci_read_nodes(node, "'capacity'", lci_capacity_fields, &n, diag);
        const struct lci_node *within = n.within;
        of = n.of;
        if (within != NULL && lci_read_positive(within, LC_FRACTION, "'within'", &s->capacity.within, diag) == 0 &&
            (s->capacity.within < 1e-4 || s->capacity.within > 0.5))
            lc_error(diag, LC_INPUT, &within->place, "'within' is %s; expected from 0.01 %% to 50 %%", within->text);
        if (of == NULL) {
            lc_error(diag, LC_INPUT, &node->place, "'capacity' lacks 'of'; expected mix, or the name of a workload");
            return;
        }
    }
    if (of->kind == LCI_NODE_LIST)
        for (size_t i = 0; i < of->count; i++)
            add_question(&of->items[i], s, diag);
    else
        add_question(of, s, diag);
}

/* ---- cost -------------------------------------------------------------------------------------------------------- */

/* "512 MB", "2 GB", "1 GiB" in GB of 10⁹ bytes. */
static void read_memory(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *gigabytes)
{
    (void)f;
    static const struct {
        const char *unit;
        double size;
    } units[] = {{"MB", 1e-3}, {"GB", 1}, {"MiB", 1048576e-9}, {"GiB", 1073741824e-9}};
    const char *text;
    char *end;
    if (lci_node_text(node, "'memory'", &text, r->build.diag) != 0)
        return;
    const double number = strtod(text, &end);
    while (*end == ' ')
        end++;
    for (size_t i = 0; i < 4 && number > 0; i++)
        if (strcmp(end, units[i].unit) == 0) {
            *(double *)gigabytes = number * units[i].size;
            return;
        }
    lc_error(r->build.diag, LC_INPUT, &node->place, "'memory' is '%s'; expected a size such as 512 MB or 2 GiB", text);
}

/* A price of 0 or more. */
static void read_amount(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    double *amount = value;
    if (lci_node_quantity(node, LC_NUMBER, f->name, amount, r->build.diag) == 0 && *amount < 0)
        lc_error(r->build.diag, LC_INPUT, &node->place, "'%s' is negative; expected a price of 0 or more", f->name);
}

static const struct lci_type type_amount = {read_amount, NULL, "number"}, type_memory = {read_memory, NULL, "text"};

#define AT(member) offsetof(struct lc_price, member)

const struct lci_field lci_price_fields[] = {
    {"replica_hour", &type_amount, AT(replica_hour), .about = "of each replica, for an hour"},
    {"core_hour", &type_amount, AT(core_hour), .about = "of each core of a replica, for an hour"},
    {"invocation", &type_amount, AT(invocation), .about = "of each request that is served"},
    {"gb_second", &type_amount, AT(gb_second), .about = "of a gigabyte for a second of a busy thread"},
    {"memory", &type_memory, AT(memory_gb), .about = "of one replica, such as 512 MB"},
    {0},
};

bool lci_is_price(const char *key)
{
    const struct lci_field *f = lci_price_fields;
    while (f->name != NULL && strcmp(f->name, key) != 0)
        f++;
    return f->name != NULL;
}

void lci_read_price(const struct lci_node *node, struct lc_price *price, struct lc_diag *diag)
{
    char *what = lc_format("the cost of '%s'", price->component);
    lci_read_nodes(node, what, lci_price_fields, price, diag);
    free(what);
    if (price->gb_second > 0 && price->memory_gb == 0)
        lc_error(diag, LC_INPUT, &node->place,
                 "'%s' has a price per GB-second and no 'memory'; expected one such as "
                 "512 MB",
                 price->component);
}

void lci_read_cost(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    if (lci_node_is(node, LCI_NODE_MAP, "'cost'", diag) != 0)
        return;
    s->prices = lc_calloc(node->count, sizeof *s->prices);
    for (size_t i = 0; i < node->count; i++) {
        struct lc_price *price = &s->prices[s->price_count++];
        *price = (struct lc_price){.component = lc_strdup(node->keys[i].text), .place = node->keys[i].place};
        lci_read_price(&node->items[i], price, diag);
    }
}
