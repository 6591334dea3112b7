/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Policies in our own format: a list of maps, one for every caller and one for each that `from` names, whose keys are
 * the attributes of policy.h: {timeout: 2 s, retries: {max: 3}}. */
#include "format/schema_policy.h"

#include "loadcast/policy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void unknown(struct lci_reader *r, const struct lc_node *key, const char *name)
{
    const char *known[64] = {"from"};
    size_t n = 1;
    for (const struct lc_policy_field *f = lc_policy_fields; f->name != NULL; f++)
        known[n++] = f->name;
    const char *nearest = lc_nearest(name, known);
    lc_error(r->build.diag, LC_INPUT, &key->place, "a policy has no key '%s'; %s%s%s", name,
             nearest != NULL ? "did you mean '" : "there are from, timeout, errors, retries, breaker, bulkhead, ",
             nearest != NULL ? nearest : "rate_limit, shed, hedge, cache", nearest != NULL ? "'?" : "");
}

static bool read_word(const struct lc_policy_field *f, const char *text, double *value)
{
    for (size_t i = 0; f->words != NULL && f->words[i] != NULL; i++)
        if (strcmp(f->words[i], text) == 0) {
            *value = (double)i;
            return true;
        }
    return false;
}

static void read_value(struct lci_reader *r, const struct lc_policy_field *f, const struct lc_node *node, double *value)
{
    if (lc_node_is(node, LC_NODE_SCALAR, f->name, r->build.diag) != 0)
        return;
    const bool infinite = strcmp(node->text, "infinite") == 0 && isinf(f->maximum);
    double number = INFINITY;
    const bool word = read_word(f, node->text, &number);
    if (!word && !infinite && f->words == NULL && lci_read_number(r, node, f->dimension, f->name, &number) != 0)
        return;
    if ((f->words == NULL || word) && lc_policy_fits(f, number)) {
        *value = number;
        return;
    }
    char *right = lc_policy_right(f);
    lc_error(r->build.diag, LC_INPUT, &node->place, "%s is '%s'; expected %s", f->name, node->text, right);
    free(right);
}

static void read_key(struct lci_reader *r, const struct lc_node *key, const struct lc_node *node, const char *name,
                     struct lc_policy *policy)
{
    const struct lc_policy_field *f = lc_policy_find(name);
    if (f == NULL)
        unknown(r, key, name);
    else
        read_value(r, f, node, lc_policy_at(policy, f));
}

static void read_policy(struct lci_reader *r, const struct lc_node *node, struct lc_policy *policy)
{
    for (size_t i = 0; i < node->count; i++) {
        const struct lc_node *item = &node->items[i], *key = &node->keys[i];
        if (strcmp(key->text, "from") == 0) {
            const char *name;
            if (lc_node_text(item, "from", &name, r->build.diag) == 0)
                policy->from = lci_build_find_task(&r->build, name, &item->place);
        } else if (item->kind != LC_NODE_MAP) {
            read_key(r, key, item, key->text, policy);
        }
        for (size_t k = 0; item->kind == LC_NODE_MAP && k < item->count; k++) {
            char *name = lc_format("%s.%s", key->text, item->keys[k].text);
            read_key(r, &item->keys[k], &item->items[k], name, policy);
            free(name);
        }
    }
}

static void read_policies(struct lci_reader *r, const struct lci_field *f, const struct lc_node *node, void *value)
{
    struct lc_task *t = value;
    if (lc_node_is(node, LC_NODE_LIST, f->name, r->build.diag) != 0)
        return;
    t->policies = lc_calloc(node->count, sizeof *t->policies);
    for (size_t i = 0; i < node->count; i++) {
        if (lc_node_is(&node->items[i], LC_NODE_MAP, "a policy", r->build.diag) != 0)
            continue;
        struct lc_policy *policy = &t->policies[t->policy_count++];
        *policy = lc_policy_none(LC_NONE);
        policy->place = node->items[i].place;
        read_policy(r, &node->items[i], policy);
        for (size_t k = 0; k + 1 < t->policy_count; k++)
            if (t->policies[k].from == policy->from)
                lc_error(r->build.diag, LC_INPUT, &policy->place,
                         "task '%s' has two policies for the same caller; write them as one", t->name);
    }
}

static bool write_policies(const struct lci_layout *l, const struct lci_field *field, const void *value,
                           struct lci_doc *doc)
{
    (void)field;
    const struct lc_task *t = value;
    if (t->policy_count == 0)
        return false;
    *doc = lci_doc_list();
    for (size_t i = 0; i < t->policy_count; i++) {
        struct lci_doc policy = lci_doc_map();
        if (t->policies[i].from != LC_NONE)
            lci_doc_put(&policy, "from", lci_doc_text(l->model->tasks[t->policies[i].from].name));
        for (const struct lc_policy_field *f = lc_policy_fields; f->name != NULL; f++) {
            const double number = lc_policy_get(&t->policies[i], f);
            if (isnan(number))
                continue;
            struct lci_doc item = f->words != NULL ? lci_doc_text(f->words[(size_t)number])
                                  : isinf(number)  ? lci_doc_text("infinite")
                                                   : lci_doc_number(number);
            const char *dot = strchr(f->name, '.');
            if (dot == NULL) {
                lci_doc_put(&policy, f->name, item);
                continue;
            }
            char *group = lc_strndup(f->name, (size_t)(dot - f->name));
            if (policy.count < 2 || strcmp(policy.items[policy.count - 2].text, group) != 0)
                lci_doc_put(&policy, group, lci_doc_map());
            lci_doc_put(&policy.items[policy.count - 1], dot + 1, item);
            free(group);
        }
        lci_doc_add(doc, policy);
    }
    return true;
}

const struct lci_type lci_type_policies = {read_policies, write_policies};
