/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/schema_json.h"

#include "format/schema_policy.h"
#include "loadcast/dist.h"
#include "model/dist/dist.h"
#include "model/policy.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A pattern is asked of strings alone. Numbers may stand in quotes, or carry a unit. */
#define NUMBER "\"type\": [\"number\", \"string\"], \"pattern\": "

static const struct {
    const char *shape, *json;
} simple[] = {
    {"any", "{}"},
    {"null", "{\"type\": \"null\"}"},
    {"figure", "{\"type\": [\"number\", \"null\"]}"},
    {"value", "{\"type\": [\"string\", \"number\", \"boolean\", \"object\", \"array\"]}"},
    {"text", "{\"type\": [\"string\", \"number\", \"boolean\"]}"},
    {"flag", "{\"enum\": [true, false, \"true\", \"false\", \"yes\", \"no\"]}"},
    {"number", "{" NUMBER "\"^\\\\s*[-+]?[0-9.]\"}"},
    {"time", "{" NUMBER "\"^\\\\s*[-+]?[0-9.]\"}"},
    {"rate", "{" NUMBER "\"^\\\\s*[-+]?[0-9.]\"}"},
    {"fraction", "{" NUMBER "\"^\\\\s*[-+]?[0-9.]\"}"},
    {"size", "{" NUMBER "\"^[0-9.]\"}"},
    {"count", "{" NUMBER "\"^([0-9.]|inf)\"}"},
    {"sizes", "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {\"geometric\": {}}, "
              "\"patternProperties\": {\"^[0-9.]\": {}}}"}, /* of a batch, with their probabilities */
};

struct schema {
    json_t *definitions;
    const struct lci_shape *shapes;
    bool empty;
};

static json_t *map_of(struct schema *s, const struct lci_field *const *tables, size_t count);
static json_t *shape_json(struct schema *s, const struct lci_field *f, const char **text);

static json_t *simple_json(const char *shape, size_t length)
{
    for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
        if (strlen(simple[i].shape) == length && strncmp(simple[i].shape, shape, length) == 0) {
            json_t *json = json_loads(simple[i].json, 0, NULL);
            json_object_set_new(json, "title", json_string(simple[i].shape));
            return json;
        }
    return NULL;
}

static json_t *one_of(const char *const *words)
{
    json_t *list = json_array();
    for (; *words != NULL; words++)
        json_array_append_new(list, json_string(*words));
    return json_pack("{s:o}", "enum", list);
}

static json_t *scheduling_json(void)
{
    json_t *list = json_array();
    for (int i = 0; i <= LC_INF_RETRY; i++)
        json_array_append_new(list, json_string(lc_scheduling_name((enum lc_scheduling)i)));
    return json_pack("{s:o}", "enum", list);
}

static json_t *object(struct schema *s, json_t *properties)
{
    json_t *map = json_pack("{s:o, s:b}", "properties", properties, "additionalProperties", 0);
    json_object_set_new(map, "type", s->empty ? json_pack("[s, s]", "object", "null") : json_string("object"));
    return map;
}

/* ---- what has no table of fields --------------------------------------------------------------------------------- */

static json_t *policy_value(const struct lci_policy_field *f)
{
    static const char *const shapes[] = {"number", "time", "rate", "fraction", "number"};
    json_t *value = f->words != NULL    ? one_of(f->words)
                    : isinf(f->maximum) ? simple_json("count", strlen("count"))
                                        : simple_json(shapes[f->dimension], strlen(shapes[f->dimension]));
    json_object_set_new(value, "description", json_string(f->about));
    return value;
}

/* An attribute of policy.h, or the group of them that begins so. */
static json_t *policy_json(struct schema *s, const char *name)
{
    const struct lci_policy_field *single = lci_policy_find(name);
    const char *keys[32];
    if (single != NULL)
        return policy_value(single);
    json_t *properties = json_object();
    lci_policy_keys(name, keys);
    for (size_t i = 0; keys[i] != NULL; i++) {
        char *whole = lc_format("%s.%s", name, keys[i]);
        json_object_set_new(properties, keys[i], policy_value(lci_policy_find(whole)));
        free(whole);
    }
    return object(s, properties);
}

static json_t *family_json(struct schema *s, const struct lc_family *family)
{
    if (strcmp(family->name, "phase_type") == 0)
        return map_of(s, (const struct lci_field *const[]){lci_phase_type_fields}, 1);
    json_t *properties = json_object();
    for (const char *const *name = family->parameter_names; *name != NULL; name++)
        json_object_set_new(properties, *name, simple_json("number", strlen("number")));
    const bool single = json_object_size(properties) == 1;
    json_t *map = object(s, properties);
    if (!single)
        return family->fixed ? map : json_pack("{s:s, s:o}", "type", "array", "items", map);
    return json_pack("{s:[o, o, {s:s}]}", "anyOf", map, simple_json("number", strlen("number")), "type", "array");
}

/* A time, or a map with moments or a family. */
static json_t *distribution_json(struct schema *s)
{
    json_t *map = map_of(s, (const struct lci_field *const[]){lci_moment_fields}, 1);
    for (const struct lc_family *const *f = lci_families(); *f != NULL; f++)
        json_object_set_new(json_object_get(map, "properties"), (*f)->name, family_json(s, *f));
    return json_pack("{s:[o, o]}", "anyOf", simple_json("time", strlen("time")), map);
}

/* ---- shapes ------------------------------------------------------------------------------------------------------ */

static const struct lci_shape shared[] = {
    {"pattern", {lci_pattern_fields}}, {"mmpp", {lci_mmpp_fields}}, {"policy", {lci_policy_fields}}, {0}};

static const struct lci_shape *find_shape(const struct lci_shape *shapes, const char *name)
{
    for (; shapes->name != NULL; shapes++)
        if (strcmp(shapes->name, name) == 0)
            return shapes;
    return shapes->next != NULL ? find_shape(shapes->next, name) : NULL;
}

/* A reference to what has a name; it is defined when it is named first. */
static json_t *reference(struct schema *s, const char *name)
{
    const struct lci_shape *shape = find_shape(s->shapes, name);
    if (shape == NULL)
        shape = find_shape(shared, name);
    if (json_object_get(s->definitions, name) == NULL) {
        json_object_set_new(s->definitions, name, json_object()); /* shapes may hold themselves */
        json_t *definition = shape != NULL ? map_of(s, shape->tables, 3) : distribution_json(s);
        json_object_set_new(s->definitions, name, definition);
    }
    char *path = lc_format("#/definitions/%s", name);
    json_t *json = json_pack("{s:s}", "$ref", path);
    free(path);
    return json;
}

static json_t *name_json(struct schema *s, const struct lci_field *f, const char *name, size_t length)
{
    json_t *json = simple_json(name, length);
    if (json != NULL)
        return json;
    char *text = lc_strndup(name, length);
    if (strcmp(text, "word") == 0)
        json = one_of(f->words);
    else if (strcmp(text, "attribute") == 0)
        json = policy_json(s, f->name);
    else if (strcmp(text, "scheduling") == 0)
        json = scheduling_json();
    else if (text[0] == '=')
        json = json_pack("{s:s}", "const", text + 1);
    else
        json = reference(s, text);
    free(text);
    return json;
}

/* One alternative. */
static json_t *term_json(struct schema *s, const struct lci_field *f, const char **text)
{
    const char open = **text;
    if (open != '[' && open != '{') {
        const char *name = *text;
        *text += strcspn(name, " |]}");
        return name_json(s, f, name, (size_t)(*text - name));
    }
    ++*text;
    json_t *items = shape_json(s, f, text);
    ++*text; /* the closing bracket */
    if (open == '[')
        return json_pack("{s:s, s:o}", "type", "array", "items", items);
    json_t *map = json_pack("{s:o}", "additionalProperties", items);
    json_object_set_new(map, "type", s->empty ? json_pack("[s, s]", "object", "null") : json_string("object"));
    return map;
}

static json_t *shape_json(struct schema *s, const struct lci_field *f, const char **text)
{
    json_t *alternatives = json_array();
    for (;;) {
        json_array_append_new(alternatives, term_json(s, f, text));
        *text += strspn(*text, " ");
        if (**text != '|')
            break;
        *text += 1 + strspn(*text + 1, " ");
    }
    if (json_array_size(alternatives) > 1)
        return json_pack("{s:o}", "anyOf", alternatives);
    json_t *single = json_incref(json_array_get(alternatives, 0));
    json_decref(alternatives);
    return single;
}

static json_t *field_json(struct schema *s, const struct lci_field *f)
{
    const char *shape = f->shape != NULL ? f->shape : f->fields == NULL ? f->type->shape : NULL;
    json_t *json = f->fields != NULL ? map_of(s, &f->fields, 1) : shape_json(s, f, &shape);
    if (f->about == NULL)
        return json;
    if (json_object_get(json, "$ref") != NULL) /* beside which nothing is heard */
        json = json_pack("{s:[o]}", "allOf", json);
    json_object_set_new(json, "description", json_string(f->about));
    return json;
}

static json_t *map_of(struct schema *s, const struct lci_field *const *tables, size_t count)
{
    json_t *properties = json_object(), *patterns = json_object();
    for (size_t i = 0; i < count && tables[i] != NULL; i++)
        for (const struct lci_field *f = tables[i]; f->name != NULL; f++)
            json_object_set_new(f->name[0] == '^' ? patterns : properties, f->name, field_json(s, f));
    json_t *map = object(s, properties);
    if (json_object_size(patterns) > 0)
        json_object_set(map, "patternProperties", patterns);
    json_decref(patterns);
    return map;
}

char *lci_schema_text(const char *title, const struct lci_field *root, const struct lci_shape *shapes, bool empty)
{
    struct schema s = {.definitions = json_object(), .shapes = shapes, .empty = empty};
    json_t *schema = json_pack("{s:s, s:s}", "$schema", "http://json-schema.org/draft-07/schema#", "title", title);
    json_t *document = field_json(&s, root);
    json_object_update(schema, document);
    json_decref(document);
    json_object_set_new(schema, "definitions", s.definitions);
    char *text = json_dumps(schema, JSON_INDENT(1));
    json_decref(schema);
    return text;
}
