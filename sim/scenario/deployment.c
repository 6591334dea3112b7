/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What traces do not tell, as edits: services.NAME.ATTRIBUTE is the path NAME.ATTRIBUTE. */
#include <stdlib.h>
#include <string.h>

#include "reader.h"

/* Relative values are changes of what is there, and nothing is: '-2' of an unlimited number would stay unlimited. A
 * priority may be negative. */
static int is_absolute(const char *path, const char *text, const struct lc_place *place, struct lc_diag *diag)
{
    const char *dot = strrchr(path, '.');
    const bool negative = text[0] == '-' && text[1] >= '0' && text[1] <= '9';
    if (!lc_change_is_relative(text) || (negative && dot != NULL && strcmp(dot, ".priority") == 0))
        return 0;
    lc_error(diag, LC_INPUT, place, "'%s' is '%s'; expected %s", path, text,
             negative ? "a value that is not negative"
                      : "the value itself; relative ones belong to 'change' of a what-if");
    return -1;
}

void lci_add_edit(struct lc_deployment *d, char *path, const struct lc_node *value, struct lc_diag *diag)
{
    const char *text;
    struct lc_dist dist = {0};
    char *what = lc_format("'%s'", path);
    /* What is wrong in a distribution is said where it stands. */
    const int status = value->kind == LC_NODE_MAP                    ? lc_node_distribution(value, what, &dist, diag)
                       : lc_node_text(value, what, &text, diag) != 0 ? -1
                                                                     : is_absolute(path, text, &value->place, diag);
    lc_dist_free(&dist);
    free(what);
    if (status != 0) {
        free(path);
        return;
    }
    LC_GROW(d->edits, d->count, d->capacity);
    d->edits[d->count++] = (struct lc_edit){.path = path, .value = lci_value_text(value), .place = value->place};
}

void lci_free_edits(struct lc_edit *edits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(edits[i].path);
        free(edits[i].value);
    }
    free(edits);
}

static void add_slot(struct lc_deployment *deployment, const char *service, const struct lc_node *value,
                     struct lc_diag *diag)
{
    const char *text;
    if (lc_node_text(value, "'slot'", &text, diag) != 0)
        return;
    deployment->slots = lc_realloc(deployment->slots, deployment->slot_count + 1, sizeof *deployment->slots);
    deployment->slots[deployment->slot_count++] =
        (struct lc_slot){.service = lc_strdup(service), .span = lc_strdup(text), .place = value->place};
}

/* entries: {GET /photos: {cpu: 4 ms}}, of a service that does not say it as a whole. */
static void read_entries(const char *name, const struct lc_node *service, const struct lc_node *entries,
                         struct lc_deployment *deployment, struct lc_diag *diag)
{
    static const char *const known[] = {"cpu", "cpu_share", NULL};
    if (lc_node_is(entries, LC_NODE_MAP, "'entries'", diag) != 0)
        return;
    for (size_t i = 0; i < entries->count; i++) {
        const struct lc_node *entry = &entries->items[i];
        char *what = lc_format("entry '%s'", entries->keys[i].text);
        lc_node_keys(entry, known, what, diag);
        free(what);
        for (size_t k = 0; entry->kind == LC_NODE_MAP && k < entry->count; k++)
            lci_add_edit(deployment, lc_format("%s.entries.%s.%s", name, entries->keys[i].text, entry->keys[k].text),
                         &entry->items[k], diag);
    }
    if (lc_node_get(service, "cpu") != NULL || lc_node_get(service, "cpu_share") != NULL)
        lc_error(diag, LC_INPUT, &entries->place,
                 "processor work is stated of the service and of its entries; expected one of them");
}

/* A service: {concurrency: 24, connections: {postgres: 4}}. */
static void read_service(const char *name, const struct lc_node *service, struct lc_deployment *deployment,
                         struct lc_diag *diag)
{
    static const char *const known[] = {
        "replicas",   "concurrency",  "cores",    "cpu",     "cpu_share",    "entries",
        "speed",      "scheduling",   "quantum",  "kind",    "connections",  "balance",
        "priority",   "queue_length", "overflow", "demand",  "multiplicity", "task_scheduling",
        "calls",      "timeout",      "errors",   "retries", "breaker",      "bulkhead",
        "rate_limit", "shed",         "hedge",    "cache",   "scaling",      "failures",
        "slow_down",  "slot",         NULL};
    char *what = lc_format("service '%s'", name);
    lc_node_keys(service, known, what, diag);
    free(what);
    if (service->kind != LC_NODE_MAP)
        return;
    for (size_t i = 0; i < service->count; i++) {
        const char *key = service->keys[i].text;
        const struct lc_node *value = &service->items[i];
        if (strcmp(key, "slot") == 0) {
            add_slot(deployment, name, value, diag);
            continue;
        }
        if (strcmp(key, "entries") == 0) {
            read_entries(name, service, value, deployment, diag);
            continue;
        }
        if (strcmp(key, "calls") == 0) {
            lci_read_calls(name, value, deployment, diag);
            continue;
        }
        if (strcmp(key, "scaling") == 0 || strcmp(key, "failures") == 0 || strcmp(key, "slow_down") == 0) {
            lci_read_elastic(name, &service->keys[i], value, deployment, diag);
            continue;
        }
        if (lci_is_policy_key(key)) {
            lci_read_policy(name, &service->keys[i], value, deployment, diag);
            continue;
        }
        if (strcmp(key, "queue_length") == 0 && value->kind == LC_NODE_SCALAR && strcmp(value->text, "0") == 0) {
            lc_error(diag, LC_INPUT, &value->place,
                     "'%s.queue_length' is 0; expected 1 or more ('shed: {queue_length: 0}' refuses what would wait)",
                     name);
            continue;
        }
        if (strcmp(key, "connections") != 0) {
            lci_add_edit(deployment, lc_format("%s.%s", name, key), value, diag);
            continue;
        }
        if (lc_node_is(value, LC_NODE_MAP, "'connections'", diag) == 0)
            for (size_t k = 0; k < value->count; k++)
                lci_add_edit(deployment, lc_format("%s.connections.%s", name, value->keys[k].text), &value->items[k],
                             diag);
    }
}

void lci_read_deployment(const struct lc_node *node, struct lc_deployment *deployment, struct lc_diag *diag)
{
    static const char *const known[] = {"services", NULL};
    lc_node_keys(node, known, "'deployment'", diag);
    const struct lc_node *services = lc_node_get(node, "services");
    if (services == NULL || lc_node_is(services, LC_NODE_MAP, "'services'", diag) != 0)
        return;
    for (size_t i = 0; i < services->count; i++)
        read_service(services->keys[i].text, &services->items[i], deployment, diag);
}

int lc_deployment_read(const char *file, struct lc_deployment *deployment, struct lc_diag *diag)
{
    const size_t before = diag->errors;
    *deployment = (struct lc_deployment){.file = lc_strdup(file)};
    struct lc_node *root = lci_read_yaml(deployment->file, diag);
    if (root != NULL)
        lci_read_deployment(root, deployment, diag);
    lc_node_free(root);
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
    free(deployment->file);
    *deployment = (struct lc_deployment){0};
}
