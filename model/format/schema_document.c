/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sections of a model's document. Reading takes two passes: the first makes all elements from the keys of their
 * maps, the second reads the fields, which may refer to any of them. */
#include "format/schema_json.h"

#include "base/buffer.h"
#include "base/text.h"
#include "loadcast/format.h"
#include "model/lqn.h"

#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct lc_model, member)
#define VERSION    "model/1"

/* ---- names with a text: variables, bindings, pragmas … ----------------------------------------------------------- */

typedef void keep_pair(struct lc_model *model, char *name, char *value, struct lc_place place);

/* A list of values is the text of a sweep: [1, 8]. */
static char *text_of(const struct lci_node *node)
{
    if (node->kind == LCI_NODE_SCALAR)
        return lci_node_is_null(node) ? NULL : lc_strdup(node->text);
    struct lci_buffer text = {0};
    for (size_t i = 0; i < node->count; i++)
        lci_buffer_add(&text, "%s%s", i > 0 ? ", " : "[", node->items[i].text);
    lci_buffer_add(&text, "%s", node->count > 0 ? "]" : "[]");
    return lci_buffer_take(&text);
}

static bool is_list_of_values(const struct lci_field *f, const struct lci_node *node)
{
    if (strcmp(f->name, "variables") != 0)
        return false;
    for (size_t i = 0; node->kind == LCI_NODE_LIST && i < node->count; i++)
        if (node->items[i].kind != LCI_NODE_SCALAR || lci_node_is_null(&node->items[i]))
            return false;
    return node->kind == LCI_NODE_LIST && node->count > 0;
}

static void read_map_pairs(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node,
                           keep_pair *keep)
{
    for (size_t i = 0; i < node->count; i++) {
        const struct lci_node *value = &node->items[i];
        if (lci_node_is_null(value) || is_list_of_values(f, value) ||
            lci_node_is(value, LCI_NODE_SCALAR, f->name, r->build.diag) == 0)
            keep(r->build.model, lc_strdup(node->keys[i].text), text_of(value), node->keys[i].place);
    }
}

/* A map of names to texts, or a list of such maps and of texts without a name. */
static void read_pairs(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, keep_pair *keep)
{
    if (node->kind != LCI_NODE_LIST || lci_node_is_null(node)) {
        if (lci_node_is(node, LCI_NODE_MAP, f->name, r->build.diag) == 0)
            read_map_pairs(r, f, node, keep);
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct lci_node *item = &node->items[i];
        if (item->kind == LCI_NODE_SCALAR && strcmp(f->name, "reports") == 0) /* only these need no name */
            keep(r->build.model, NULL, text_of(item), item->place);
        else if (lci_node_is(item, LCI_NODE_MAP, f->name, r->build.diag) == 0)
            read_map_pairs(r, f, item, keep);
    }
}

static struct lci_doc optional_text(const char *text)
{
    return text != NULL ? lci_doc_text(text) : lci_doc_word("null");
}

/* The pairs so far; a map as long as every name is new, else a list of maps. */
struct pairs {
    struct lci_doc list;
    struct lci_names names;
    bool map;
};

static void add_pair(struct pairs *p, const char *name, const char *value)
{
    struct lci_doc item = optional_text(value);
    if (name != NULL) {
        struct lci_doc map = lci_doc_map();
        lci_doc_put(&map, name, item);
        item = map;
    }
    if (name == NULL || lci_names_find(&p->names, name) != LC_NONE)
        p->map = false;
    else
        lci_names_add(&p->names, name, 0);
    lci_doc_add(&p->list, item);
}

static bool finish_pairs(struct pairs *p, struct lci_doc *doc)
{
    lci_names_free(&p->names);
    *doc = p->list;
    if (!p->map)
        return doc->count > 0;
    *doc = lci_doc_map();
    for (size_t i = 0; i < p->list.count; i++) {
        struct lci_doc *item = &p->list.items[i];
        lci_doc_add(doc, item->items[0]);
        lci_doc_add(doc, item->items[1]);
        free(item->items);
    }
    free(p->list.items);
    if (doc->count > 0)
        return true;
    lci_doc_free(doc);
    return false;
}

/* The type of a growing array of the model whose records are pairs of texts and a place. */
#define PAIRS(what, array, count, capacity, record, name, value, WITH_PLACE)                                           \
    static void keep_##what(struct lc_model *m, char *name_text, char *value_text, struct lc_place place)              \
    {                                                                                                                  \
        (void)place;                                                                                                   \
        LC_GROW(m->array, m->count, m->capacity);                                                                      \
        m->array[m->count++] = (struct record){.name = name_text, .value = value_text WITH_PLACE};                     \
    }                                                                                                                  \
    static void read_##what(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *field) \
    {                                                                                                                  \
        (void)field;                                                                                                   \
        read_pairs(r, f, node, keep_##what);                                                                           \
    }                                                                                                                  \
    static bool write_##what(const struct lci_layout *l, const struct lci_field *f, const void *field,                 \
                             struct lci_doc *doc)                                                                      \
    {                                                                                                                  \
        (void)f;                                                                                                       \
        (void)field;                                                                                                   \
        struct pairs p = {.list = lci_doc_list(), .map = true};                                                        \
        for (size_t i = 0; i < l->model->count; i++)                                                                   \
            add_pair(&p, l->model->array[i].name, l->model->array[i].value);                                           \
        return finish_pairs(&p, doc);                                                                                  \
    }                                                                                                                  \
    static const struct lci_type type_##what = {read_##what, write_##what, "{any} | [any]"};

#define NO_PLACE
#define ITS_PLACE , .place = place
PAIRS(pragmas, pragmas, pragma_count, pragma_capacity, lc_pragma, name, value, NO_PLACE)
PAIRS(variables, variables, variable_count, variable_capacity, lc_variable, name, expression, ITS_PLACE)
PAIRS(bindings, bindings, binding_count, binding_capacity, lc_binding, path, expression, ITS_PLACE)
PAIRS(observations, observations, observation_count, observation_capacity, lc_variable, name, expression, ITS_PLACE)
PAIRS(reports, reports, report_count, report_capacity, lc_variable, name, expression, ITS_PLACE)

/* ---- sections ---------------------------------------------------------------------------------------------------- */

static void read_version(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    (void)f;
    (void)value;
    if (node->kind != LCI_NODE_SCALAR || strcmp(node->text, VERSION) != 0)
        lc_error(r->build.diag, LC_INPUT, &node->place, "this is not a model of this version; expected 'loadcast: %s'",
                 VERSION);
}

static bool write_version(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)l;
    (void)f;
    (void)value;
    *doc = lci_doc_text(VERSION);
    return true;
}

static void read_solver(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    lci_read_fields(r, node, f->name, &(const struct lci_part){lci_tables.solver, value}, 1);
}

static bool write_solver(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)f;
    *doc = lci_doc_map();
    lci_write_fields(l, lci_tables.solver, value, doc);
    return doc->count > 0;
}

static void read_processors(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    (void)f;
    struct lc_model *m = value;
    for (size_t i = 0; i < m->processor_count; i++)
        lci_read_fields(r, &node->items[i], "a processor",
                        &(const struct lci_part){lci_tables.processor, &m->processors[i]}, 1);
}

static void read_groups(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    (void)f;
    struct lc_model *m = value;
    for (size_t i = 0; i < m->group_count; i++) {
        lci_read_fields(r, &node->items[i], "a group", &(const struct lci_part){lci_tables.group, &m->groups[i]}, 1);
        if (lci_node_get(&node->items[i], "processor") == NULL)
            lc_error(r->build.diag, LC_INPUT, &m->groups[i].place,
                     "group '%s' has no processor; expected 'processor: NAME'", m->groups[i].name);
    }
}

static void read_tasks(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    (void)f;
    struct lc_model *m = value;
    for (size_t i = 0; i < m->task_count; i++) {
        r->task = (int)i;
        lci_read_fields(r, &node->items[i], "a task", &(const struct lci_part){lci_tables.task, &m->tasks[i]}, 1);
        lci_follow_pattern(&m->tasks[i]);
        if (lci_node_get(&node->items[i], "processor") == NULL)
            lc_error(r->build.diag, LC_INPUT, &m->tasks[i].place,
                     "task '%s' has no processor; expected 'processor: NAME'", m->tasks[i].name);
    }
}

#define WRITE_ELEMENTS(what, array, count, table, BEFORE)                                                              \
    static bool write_##what(const struct lci_layout *l, const struct lci_field *f, const void *value,                 \
                             struct lci_doc *doc)                                                                      \
    {                                                                                                                  \
        (void)f;                                                                                                       \
        const struct lc_model *m = value;                                                                              \
        if (m->count == 0)                                                                                             \
            return false;                                                                                              \
        *doc = lci_doc_map();                                                                                          \
        struct lci_layout layout = *l;                                                                                 \
        for (size_t i = 0; i < m->count; i++) {                                                                        \
            struct lci_doc element = lci_doc_map();                                                                    \
            BEFORE;                                                                                                    \
            lci_write_fields(&layout, lci_tables.table, &m->array[i], &element);                                       \
            lci_doc_put(doc, m->array[i].name, element);                                                               \
        }                                                                                                              \
        return true;                                                                                                   \
    }                                                                                                                  \
    static const struct lci_type type_##what = {read_##what, write_##what, "{" #table "}"};

WRITE_ELEMENTS(processors, processors, processor_count, processor, (void)0)
WRITE_ELEMENTS(groups, groups, group_count, group, (void)0)
WRITE_ELEMENTS(tasks, tasks, task_count, task, layout.task = &m->tasks[i])

static const struct lci_type type_version = {read_version, write_version, "=model/1"};
static const struct lci_type type_solver = {read_solver, write_solver, "solver"};

static const struct lci_field sections[] = {
    {"loadcast", &type_version, 0, 0, NULL, "the format: model/1"},
    {"name", &lci_type_text, AT(name), 0, NULL, "of the model"},
    {"description", &lci_type_text, AT(description), 0, NULL, "what it is a model of"},
    {"comment", &lci_type_text, AT(comment), 0, NULL, "anything"},
    {"time_unit", &lci_type_text, AT(time_unit), 0, NULL, "ns, us, ms, s, min, h or day; seconds unless given"},
    {"solver", &type_solver, 0, 0, NULL, "kept for LQNS"},
    {"pragmas", &type_pragmas, 0, 0, NULL, "kept for LQNS; cycles: allow permits cycles of calls"},
    {"variables", &type_variables, 0, 0, NULL, "names and expressions; a list of values is a sweep"},
    {"processors", &type_processors, 0, 0, NULL, "by their names"},
    {"groups", &type_groups, 0, 0, NULL, "shares of processors scheduled as cfs, by their names"},
    {"tasks", &type_tasks, 0, 0, NULL, "by their names"},
    {"bindings", &type_bindings, 0, 0, NULL, "paths and the expressions that fill them: web.multiplicity: $x * 2"},
    {"observations", &type_observations, 0, 0, NULL, "variables that take results"},
    {"reports", &type_reports, 0, 0, NULL, "lines of the report"},
    {0},
};

/* ---- the first pass ---------------------------------------------------------------------------------------------- */

/* The map of a section; NULL if there is none, with an error if it is no map. */
static const struct lci_node *section(struct lci_reader *r, const struct lci_node *parent, const char *key)
{
    const struct lci_node *node = lci_node_get(parent, key);
    if (node == NULL || lci_node_is_null(node) || lci_node_is(node, LCI_NODE_MAP, key, r->build.diag) != 0)
        return NULL;
    return node;
}

static void make_elements(struct lci_reader *r, const struct lci_node *root)
{
    struct lci_build *b = &r->build;
    const struct lci_node *processors = section(r, root, "processors"), *groups = section(r, root, "groups");
    const struct lci_node *tasks = section(r, root, "tasks");
    for (size_t i = 0; processors != NULL && i < processors->count; i++)
        lci_build_processor(b, processors->keys[i].text, &processors->keys[i].place);
    for (size_t i = 0; groups != NULL && i < groups->count; i++)
        lci_build_group(b, groups->keys[i].text, LC_NONE, &groups->keys[i].place);
    for (size_t i = 0; tasks != NULL && i < tasks->count; i++) {
        const int task = lci_build_task(b, tasks->keys[i].text, LC_NONE, &tasks->keys[i].place);
        const struct lci_node *entries = section(r, &tasks->items[i], "entries");
        const struct lci_node *activities = section(r, &tasks->items[i], "activities");
        for (size_t j = 0; entries != NULL && j < entries->count; j++)
            lci_build_entry(b, entries->keys[j].text, task, &entries->keys[j].place);
        for (size_t j = 0; activities != NULL && j < activities->count; j++)
            lci_build_activity(b, task, activities->keys[j].text, &activities->keys[j].place);
    }
}

/* Seconds of the model's unit; an unknown one is an error and taken for seconds. */
static double read_unit(struct lci_reader *r, const struct lci_node *root)
{
    const struct lci_node *unit = lci_node_get(root, "time_unit");
    double seconds = 1;
    if (unit == NULL || unit->kind != LCI_NODE_SCALAR)
        return seconds;
    char *one = lc_format("1 %s", unit->text);
    if (lci_quantity(one, LC_TIME, &seconds, NULL, NULL) != 0)
        lc_error(r->build.diag, LC_INPUT, &unit->place, "time_unit is '%s'; expected ns, us, ms, s, min, h or day",
                 unit->text);
    free(one);
    return seconds;
}

/* Places borrow `file`, which a model takes over as its source. */
static struct lc_model *model_of_node(const struct lci_node *root, char *file, struct lc_diag *diag)
{
    struct lci_reader r = {.unit = 1};
    const size_t before = diag->errors;
    lci_build_start(&r.build, file, diag);
    if (lci_node_is(root, LCI_NODE_MAP, "a model", diag) == 0) {
        if (lci_node_get(root, "loadcast") == NULL)
            lc_error(diag, LC_INPUT, &root->place, "this is no model; expected a first line 'loadcast: %s'", VERSION);
        r.unit = read_unit(&r, root);
        make_elements(&r, root);
        lci_read_fields(&r, root, "a model", &(const struct lci_part){sections, r.build.model}, 1);
    }
    struct lc_model *model = lci_build_finish(&r.build, before);
    if (model != NULL) {
        free(model->source);
        model->source = file;
    }
    return model;
}

struct lc_model *lci_model_of_text(lci_tree_parser *parser, const char *text, size_t length, const char *name,
                                   struct lc_diag *diag)
{
    struct lc_diag unheard = {0};
    struct lc_diag *heard = diag != NULL ? diag : &unheard;
    char *file = lc_strdup(name);
    struct lci_node *root = parser(text, length, file, heard);
    struct lc_model *model = root != NULL ? model_of_node(root, file, heard) : NULL;
    lci_node_free(root);
    if (model == NULL)
        free(file);
    lc_diag_free(&unheard);
    return model;
}

struct lci_doc lci_model_layout(const struct lc_model *model, struct lc_diag *diag)
{
    const struct lci_layout layout = {.model = model, .diag = diag};
    struct lci_doc root = lci_doc_map();
    lci_write_fields(&layout, sections, model, &root);
    return root;
}

char *lc_model_schema(void)
{
    return lci_schema_text("a model of loadcast", &(const struct lci_field){.fields = sections}, lci_tables.shapes,
                           true);
}
