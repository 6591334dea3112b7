/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What traces do not tell, as edits: services.NAME.ATTRIBUTE is the path NAME.ATTRIBUTE. */
#include <stdlib.h>
#include <string.h>

#include "format/schema_policy.h"
#include "model/edit/edit_paths.h"
#include "model/policy.h"
#include "scenario_reader.h"
#include "sim/scenario/edits.h"

/* Relative values are changes of what is there, and nothing is: '-2' of an unlimited number would stay unlimited. A
 * priority may be negative. */
static int is_absolute(const char *path, const char *shape, const char *text, const struct lc_place *place,
                       struct lc_diag *diag)
{
    const char *dot = strrchr(path, '.');
    const bool negative = text[0] == '-' && text[1] >= '0' && text[1] <= '9';
    if (!lci_change_is_relative(text) || (negative && dot != NULL && strcmp(dot, ".priority") == 0))
        return 0;
    lc_error(diag, LC_INPUT, place, "'%s' is '%s'; expected %s", path, text,
             !negative                     ? "the value itself; relative ones belong to 'change' of a what-if"
             : strcmp(shape, "count") == 0 ? "a whole number from 1"
                                           : "a value that is not negative");
    return -1;
}

/* Whose attributes are read. */
struct target {
    struct lc_deployment *deployment;
    const char *path; /* of the edits, up to the attribute: "photo", "photo.retries", "photo.calls.db" */
    size_t service;   /* length of the service's name in it */
};

/* `shape`: what the attribute is, "" where its value alone tells. */
static void add_edit(const struct target *to, const char *attribute, const char *shape, const struct lci_node *value,
                     struct lc_diag *diag)
{
    struct lc_deployment *d = to->deployment;
    char *path = lc_format("%s.%s", to->path, attribute), *what = lc_format("'%s'", path);
    const char *text;
    struct lc_dist dist = {0};
    /* What is wrong in a distribution is said where it stands. */
    const int status = value->kind == LCI_NODE_MAP && strcmp(shape, "distribution") == 0
                           ? lci_node_distribution(value, what, &dist, diag)
                       : lci_node_text(value, what, &text, diag) != 0
                           ? -1
                           : is_absolute(path, shape, text, &value->place, diag);
    lc_dist_free(&dist);
    free(what);
    if (status != 0) {
        free(path);
        return;
    }
    LC_GROW(d->edits, d->count, d->capacity);
    d->edits[d->count++] = (struct lc_edit){
        .path = path, .value = lci_value_text(value), .node = value, .place = value->place, .service = to->service};
}

int lci_edit_apply(struct lc_model *model, const struct lc_edit *edit, struct lc_diag *diag)
{
    return edit->node != NULL && edit->node->kind == LCI_NODE_MAP
               ? lci_edit_node(model, edit->path, edit->value, edit->node, diag, &edit->place)
               : lc_edit(model, edit->path, edit->value, diag, &edit->place);
}

const char *lci_edit_attribute(const struct lc_edit *edit, const char *service)
{
    return service == NULL || (strlen(service) == edit->service && strncmp(edit->path, service, edit->service) == 0)
               ? edit->path + edit->service + 1
               : NULL;
}

void lci_free_edits(struct lc_edit *edits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(edits[i].path);
        free(edits[i].value);
    }
    free(edits);
}

/* ---- the attributes of a service --------------------------------------------------------------------------------- */

static void read_edit(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *target)
{
    const char *shape = f->shape != NULL ? f->shape : f->type->shape;
    add_edit(target, f->name, shape != NULL ? shape : "", node, r->build.diag);
}

static const struct lci_type type_edit = {read_edit, NULL, "text"};

/* Beside `shed: {queue_length: 0}`, which refuses what would wait. */
static void read_room(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *target)
{
    if (node->kind == LCI_NODE_SCALAR && strcmp(node->text, "0") == 0)
        lc_error(r->build.diag, LC_INPUT, &node->place,
                 "'%s.queue_length' is 0; expected 1 or more ('shed: {queue_length: 0}' refuses what would wait)",
                 ((const struct target *)target)->path);
    else
        read_edit(r, f, node, target);
}

static const struct lci_type type_room = {read_room, NULL, "count"};

static void read_slot(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *target)
{
    const struct target *to = target;
    struct lc_deployment *d = to->deployment;
    const char *text;
    (void)f;
    if (lci_node_text(node, "'slot'", &text, r->build.diag) != 0)
        return;
    d->slots = lc_realloc(d->slots, d->slot_count + 1, sizeof *d->slots);
    d->slots[d->slot_count++] =
        (struct lc_slot){.service = lc_strdup(to->path), .span = lc_strdup(text), .place = node->place};
}

static const struct lci_type type_slot = {read_slot, NULL, "text"};

/* The attributes of a group: scaling.max. */
static void read_group(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *target)
{
    struct target to = *(const struct target *)target;
    char *path = lc_format("%s.%s", to.path, f->name);
    to.path = path;
    if (lci_node_is(node, LCI_NODE_MAP, f->name, r->build.diag) == 0)
        lci_read_fields(r, node, f->name, &(const struct lci_part){f->fields, &to, &type_edit}, 1);
    free(path);
}

static const struct lci_type type_group = {read_group, NULL};

/* An attribute of policy.h, or a group of them: retries.max. */
static void read_policy(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *target)
{
    const char *keys[32];
    lci_policy_keys(f->name, keys);
    if (keys[0] == NULL) {
        read_edit(r, f, node, target);
        return;
    }
    lci_node_keys(node, keys, f->name, r->build.diag);
    for (size_t i = 0; node->kind == LCI_NODE_MAP && i < node->count; i++) {
        char *name = lc_format("%s.%s", f->name, node->keys[i].text);
        if (lci_policy_find(name) != NULL)
            add_edit(target, name, "", &node->items[i], r->build.diag);
        free(name);
    }
}

static const struct lci_type type_policy = {read_policy, NULL};

/* Maps from names to attributes of each, such as calls: {db: {timeout: 1 s}}: what stands in one is called so. */
static void read_named(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node,
                       const struct target *target, const char *what, const struct lci_part *part)
{
    char *quoted = lc_format("'%s'", f->name);
    for (size_t i = 0; lci_node_is(node, LCI_NODE_MAP, quoted, r->build.diag) == 0 && i < node->count; i++) {
        char *path = lc_format("%s.%s.%s", target->path, f->name, node->keys[i].text);
        char *name = lc_format("%s '%s'", what, node->keys[i].text);
        struct target to = {target->deployment, path, target->service};
        if (lci_node_is(&node->items[i], LCI_NODE_MAP, name, r->build.diag) == 0)
            lci_read_fields(r, &node->items[i], name, &(const struct lci_part){part->fields, &to, part->type}, 1);
        free(name);
        free(path);
    }
    free(quoted);
}

static void read_calls(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *target)
{
    read_named(r, f, node, target, "the calls to", &(const struct lci_part){lci_policy_fields, NULL, &type_policy});
}

static const struct lci_type type_calls = {read_calls, NULL, "{policy}"};

static void read_connections(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *target)
{
    for (size_t i = 0; lci_node_is(node, LCI_NODE_MAP, "'connections'", r->build.diag) == 0 && i < node->count; i++) {
        char *attribute = lc_format("%s.%s", f->name, node->keys[i].text);
        add_edit(target, attribute, "count", &node->items[i], r->build.diag);
        free(attribute);
    }
}

static const struct lci_type type_connections = {read_connections, NULL, "{count}"};

const struct lci_field lci_lock_fields[] = {
    {"hold", &type_edit, .shape = "distribution",
     .about = "for how long a request holds it: a time, its distribution, or a share of the request's own time"},
    {0},
};

static void needs_hold(const struct lci_node *lock, const char *path, struct lc_diag *diag)
{
    if (lock->kind == LCI_NODE_MAP && lci_node_get(lock, "hold") == NULL)
        lc_error(diag, LC_INPUT, &lock->place,
                 "a lock of '%s' has no 'hold'; expected for how long a request holds it, such as {hold: 40 ms}", path);
}

static void read_lock(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *target)
{
    read_group(r, &(const struct lci_field){.name = f->name, .fields = lci_lock_fields}, node, target);
    needs_hold(node, ((const struct target *)target)->path, r->build.diag);
}

static void read_locks(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *target)
{
    read_named(r, f, node, target, "lock", &(const struct lci_part){lci_lock_fields, NULL, &type_edit});
    for (size_t i = 0; node->kind == LCI_NODE_MAP && i < node->count; i++)
        needs_hold(&node->items[i], ((const struct target *)target)->path, r->build.diag);
}

static const struct lci_type type_lock = {read_lock, NULL, "lock"}, type_locks = {read_locks, NULL, "{lock}"};

#define WORK                                                                                                           \
    {"cpu", &type_edit, .shape = "time",                                                                               \
     .about = "processor work of each request; the rest of its own time is waiting"},                                  \
    {                                                                                                                  \
        "cpu_share", &type_edit, .shape = "fraction",                                                                  \
                                 .about = "the part of a request's own time that is processor work"                    \
    }
#define LOCKS                                                                                                          \
    {"lock", &type_lock, .about = "a critical section: one request at a time holds it, in each replica"},              \
    {                                                                                                                  \
        "locks", &type_locks, .about = "several of them, by name"                                                      \
    }
const struct lci_field lci_work_fields[] = {WORK, {0}}, lci_work_of_entry_fields[] = {WORK, LOCKS, {0}};

static void read_entries(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *target)
{
    read_named(r, f, node, target, "entry", &(const struct lci_part){lci_work_of_entry_fields, NULL});
}

/* Whether the work of some entry is stated. */
static bool states_work(const struct lci_node *entries)
{
    for (size_t i = 0; entries != NULL && entries->kind == LCI_NODE_MAP && i < entries->count; i++)
        if (lci_node_get(&entries->items[i], "cpu") != NULL || lci_node_get(&entries->items[i], "cpu_share") != NULL)
            return true;
    return false;
}

static const struct lci_type type_entries = {read_entries, NULL, "{work}"};

/* Each is an edit, SERVICE.KEY, unless it says otherwise. */
const struct lci_field lci_service_fields[] = {
    {"replicas", &type_edit, .shape = "count", .about = "copies with a queue each"},
    {"concurrency", &type_edit, .shape = "count", .about = "requests at a time, of each replica"},
    {"cores", &type_edit, .shape = "count", .about = "processor cores of each replica"},
    {"entries", &type_entries, .about = "processor work and locks of single operations"},
    LOCKS,
    {"speed", &type_edit, .shape = "number", .about = "of the processor: demands are divided by it"},
    {"scheduling", &type_edit, .shape = "scheduling",
     .about = "how the processor serves: fcfs, hol, pp, rand, ps, inf, cfs, …"},
    {"quantum", &type_edit, .shape = "time", .about = "slice of ps, period of cfs"},
    {"kind", &type_edit, .shape = "=delay", .about = "delay: threads and processor without limit"},
    {"connections", &type_connections, .about = "pools of connections to other services, of each replica"},
    {"balance", &type_edit,
     .about = "how requests spread over replicas: random, round_robin, least, shared, sticky, …"},
    {"priority", &type_edit, .shape = "number", .about = "larger is more urgent"},
    {"queue_length", &type_room, .about = "room in the queue"},
    {"overflow", &type_edit, .about = "what happens when the queue is full: drop, block or reject"},
    {"demand", &type_edit, .shape = "distribution",
     .about = "processor work of each request, instead of the learned one"},
    {"multiplicity", &type_edit, .shape = "count", .about = "the same as concurrency"},
    {"task_scheduling", &type_edit, .shape = "scheduling",
     .about = "how its threads take requests: fcfs, hol, pp, rand, …"},
    {"calls", &type_calls, .about = "policies of its calls to other services"},
    {"scaling", &type_group, .fields = lci_scaling_fields, .about = "replicas that come and go with the load"},
    {"failures", &type_group, .fields = lci_failure_fields, .about = "replicas that fail and are repaired"},
    {"slow_down", &type_group, .fields = lci_slow_down_fields, .about = "replicas that are slow for a while"},
    {"slot", &type_slot, .about = "internal spans (with wildcards) that hold a thread of the service"},
    {0},
};

/* {concurrency: 24, connections: {postgres: 4}} */
static void read_service(struct lci_reader *r, const char *name, const struct lci_node *service,
                         struct lc_deployment *deployment)
{
    char *what = lc_format("service '%s'", name);
    struct target to = {deployment, name, strlen(name)};
    const struct lci_part parts[] = {
        {lci_service_fields, &to}, {lci_work_fields, &to}, {lci_policy_fields, &to, &type_policy}};
    const struct lci_node *entries = lci_node_get(service, "entries");
    if (lci_node_is(service, LCI_NODE_MAP, what, r->build.diag) == 0 &&
        (lci_read_fields(r, service, what, parts, 3) & 2) != 0 && states_work(entries))
        lc_error(r->build.diag, LC_INPUT, &entries->place,
                 "processor work is stated of the service and of its entries; expected one of them");
    free(what);
}

static void read_services(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node,
                          void *deployment)
{
    (void)f;
    for (size_t i = 0; lci_node_is(node, LCI_NODE_MAP, "'services'", r->build.diag) == 0 && i < node->count; i++)
        read_service(r, node->keys[i].text, &node->items[i], deployment);
}

static const struct lci_type type_services = {read_services, NULL, "{service}"};

const struct lci_field lci_deployment_fields[] = {
    {"services", &type_services, .about = "what each service can do at a time, by its name"},
    {0},
};

/* A lock takes its part of an entry's own time, whatever of that is said before it or after it. */
static void put_locks_last(struct lc_deployment *deployment)
{
    struct lc_edit *edits = lc_alloc((deployment->count + 1) * sizeof *edits);
    size_t count = 0;
    for (int last = 0; last < 2; last++)
        for (size_t i = 0; i < deployment->count; i++) {
            const char *attribute = lci_edit_attribute(&deployment->edits[i], NULL);
            const char *dot = strrchr(attribute, '.');
            if ((dot != NULL && strcmp(dot, ".hold") == 0) == (last == 1))
                edits[count++] = deployment->edits[i];
        }
    free(deployment->edits);
    deployment->edits = edits;
    deployment->capacity = deployment->count + 1;
}

void lci_read_deployment(const struct lci_node *node, struct lc_deployment *deployment, struct lc_diag *diag)
{
    struct lci_reader reader = {.build.diag = diag};
    if (lci_node_is(node, LCI_NODE_MAP, "'deployment'", diag) == 0)
        lci_read_fields(&reader, node, "'deployment'", &(const struct lci_part){lci_deployment_fields, deployment}, 1);
    put_locks_last(deployment);
}

int lc_deployment_read(const char *file, struct lc_deployment *deployment, struct lc_diag *diag)
{
    const size_t before = diag->errors;
    *deployment = (struct lc_deployment){.file = lc_strdup(file)};
    struct lci_node *root = lci_read_yaml(deployment->file, diag);
    if (root != NULL)
        lci_read_deployment(root, deployment, diag);
    deployment->tree = root;
    if (diag->errors == before)
        return 0;
    lc_deployment_free(deployment);
    return -1;
}

void lc_deployment_free(struct lc_deployment *deployment)
{
    lci_free_edits(deployment->edits, deployment->count);
    for (size_t i = 0; i < deployment->slot_count; i++) {
        free(deployment->slots[i].service);
        free(deployment->slots[i].span);
    }
    free(deployment->slots);
    lci_node_free(deployment->tree);
    free(deployment->file);
    *deployment = (struct lc_deployment){0};
}
