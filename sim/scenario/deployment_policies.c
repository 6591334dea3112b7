/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Policies of a service: {timeout: 2 s, retries: {max: 3}}, and of its calls: {calls: {photo: {timeout: 1 s}}}. Each
 * attribute is an edit, photo.retries.max. */
#include <stdlib.h>
#include <string.h>

#include "loadcast/policy.h"
#include "reader.h"

/* "retries" of "retries.max"; `known` takes up to 31 names and ends with NULL. */
static void keys_of(const char *group, const char *known[32])
{
    const size_t length = strlen(group);
    size_t n = 0;
    for (const struct lc_policy_field *f = lc_policy_fields; f->name != NULL && n < 31; f++)
        if (strncmp(f->name, group, length) == 0 && f->name[length] == '.')
            known[n++] = f->name + length + 1;
    known[n] = NULL;
}

bool lci_is_policy_key(const char *key)
{
    const char *known[32];
    keys_of(key, known);
    return lc_policy_find(key) != NULL || known[0] != NULL;
}

static void add(struct lc_deployment *d, const char *service, const char *name, const struct lc_node *value,
                struct lc_diag *diag)
{
    const char *text;
    if (lc_node_text(value, name, &text, diag) == 0)
        lci_add_edit(&d->edits, &d->count, &d->capacity, lc_format("%s.%s", service, name), value);
}

/* The node in one line, as it could be written: {gamma: {shape: 2, scale: 1 s}}. */
static char *in_one_line(const struct lc_node *node)
{
    if (node->kind == LC_NODE_SCALAR)
        return lc_strdup(node->text);
    const bool map = node->kind == LC_NODE_MAP;
    char *text = lc_strdup(map ? "{" : "[");
    for (size_t i = 0; i < node->count; i++) {
        char *item = in_one_line(&node->items[i]);
        char *longer =
            lc_format("%s%s%s%s%s", text, i > 0 ? ", " : "", map ? node->keys[i].text : "", map ? ": " : "", item);
        free(item);
        free(text);
        text = longer;
    }
    char *whole = lc_format("%s%s", text, map ? "}" : "]");
    free(text);
    return whole;
}

static bool is_distribution(const char *name)
{
    return strcmp(name, "scaling.start_up") == 0 || strcmp(name, "failures.up") == 0 ||
           strcmp(name, "failures.down") == 0;
}

/* A time that may be a distribution: {gamma: {shape: 2, scale: 1 s}}. What is wrong in it is said where it stands. */
static void add_distribution(struct lc_deployment *d, const char *service, const char *name,
                             const struct lc_node *value, struct lc_diag *diag)
{
    struct lc_dist dist;
    if (lc_node_distribution(value, name, &dist, diag) != 0)
        return;
    lc_dist_free(&dist);
    char *text = in_one_line(value);
    const struct lc_node line = {.kind = LC_NODE_SCALAR, .text = text, .place = value->place};
    add(d, service, name, &line, diag);
    free(text);
}

void lci_read_elastic(const char *service, const struct lc_node *key, const struct lc_node *value,
                      struct lc_deployment *d, struct lc_diag *diag)
{
    static const char *const scaling[] = {"min",        "max",      "target_load", "target_queue", "period", "cooldown",
                                          "keep_alive", "start_up", NULL};
    static const char *const failures[] = {"up", "down", "at", "for", "replicas", NULL};
    static const char *const slow_down[] = {"at", "for", "speed", "replicas", NULL};
    lc_node_keys(value,
                 strcmp(key->text, "scaling") == 0    ? scaling
                 : strcmp(key->text, "failures") == 0 ? failures
                                                      : slow_down,
                 key->text, diag);
    for (size_t i = 0; value->kind == LC_NODE_MAP && i < value->count; i++) {
        char *name = lc_format("%s.%s", key->text, value->keys[i].text);
        if (value->items[i].kind == LC_NODE_MAP && is_distribution(name))
            add_distribution(d, service, name, &value->items[i], diag);
        else
            add(d, service, name, &value->items[i], diag);
        free(name);
    }
}

void lci_read_policy(const char *service, const struct lc_node *key, const struct lc_node *value,
                     struct lc_deployment *d, struct lc_diag *diag)
{
    const char *known[32];
    keys_of(key->text, known);
    if (known[0] == NULL) {
        add(d, service, key->text, value, diag);
        return;
    }
    lc_node_keys(value, known, key->text, diag);
    for (size_t i = 0; value->kind == LC_NODE_MAP && i < value->count; i++) {
        char *name = lc_format("%s.%s", key->text, value->keys[i].text);
        if (lc_policy_find(name) != NULL)
            add(d, service, name, &value->items[i], diag);
        free(name);
    }
}

void lci_read_calls(const char *service, const struct lc_node *calls, struct lc_deployment *d, struct lc_diag *diag)
{
    static const char *const known[] = {"timeout",    "errors", "retries", "breaker", "bulkhead",
                                        "rate_limit", "shed",   "hedge",   "cache",   NULL};
    if (lc_node_is(calls, LC_NODE_MAP, "'calls'", diag) != 0)
        return;
    for (size_t i = 0; i < calls->count; i++) {
        const struct lc_node *call = &calls->items[i];
        char *what = lc_format("the calls to '%s'", calls->keys[i].text);
        char *path = lc_format("%s.calls.%s", service, calls->keys[i].text);
        lc_node_keys(call, known, what, diag);
        for (size_t k = 0; call->kind == LC_NODE_MAP && k < call->count; k++)
            if (lci_is_policy_key(call->keys[k].text))
                lci_read_policy(path, &call->keys[k], &call->items[k], d, diag);
        free(path);
        free(what);
    }
}
