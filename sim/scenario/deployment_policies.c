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

void lci_read_elastic(const char *service, const struct lc_node *key, const struct lc_node *value,
                      struct lc_deployment *d, struct lc_diag *diag)
{
    static const char *const scaling[] = {"min",      "max",        "target_load", "target_queue", "period",
                                          "cooldown", "down_delay", "keep_alive",  "start_up",     NULL};
    static const char *const failures[] = {"up", "down", "at", "for", "replicas", NULL};
    static const char *const slow_down[] = {"at", "for", "speed", "replicas", NULL};
    lc_node_keys(value,
                 strcmp(key->text, "scaling") == 0    ? scaling
                 : strcmp(key->text, "failures") == 0 ? failures
                                                      : slow_down,
                 key->text, diag);
    for (size_t i = 0; value->kind == LC_NODE_MAP && i < value->count; i++) {
        char *path = lc_format("%s.%s.%s", service, key->text, value->keys[i].text);
        lci_add_edit(d, path, &value->items[i], diag);
    }
}

void lci_read_policy(const char *service, const struct lc_node *key, const struct lc_node *value,
                     struct lc_deployment *d, struct lc_diag *diag)
{
    const char *known[32];
    keys_of(key->text, known);
    if (known[0] == NULL) {
        lci_add_edit(d, lc_format("%s.%s", service, key->text), value, diag);
        return;
    }
    lc_node_keys(value, known, key->text, diag);
    for (size_t i = 0; value->kind == LC_NODE_MAP && i < value->count; i++) {
        char *name = lc_format("%s.%s", key->text, value->keys[i].text);
        if (lc_policy_find(name) != NULL)
            lci_add_edit(d, lc_format("%s.%s", service, name), &value->items[i], diag);
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
