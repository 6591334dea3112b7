/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Policies in our own format: a list of maps, one for every caller and one for each that `from` names, whose keys are
 * the attributes of policy.h: {timeout: 2 s, retries: {max: 3}}. */
#include "format/schema_policy.h"

#include "model/policy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void read_value(struct lci_reader *r, const struct lci_policy_field *f, const struct lci_node *node,
                       struct lc_policy *policy)
{
    if (lci_node_is(node, LCI_NODE_SCALAR, f->name, r->build.diag) != 0)
        return;
    const bool infinite = strcmp(node->text, "infinite") == 0 && isinf(f->maximum);
    double value = f->words != NULL ? lci_policy_word(f, node->text) : INFINITY;
    if (f->words == NULL && !infinite && lci_read_number(r, node, f->dimension, f->name, &value) != 0)
        return;
    if (lci_policy_fits(f, value)) {
        lci_policy_set(policy, f, value);
        return;
    }
    char *expected = lci_policy_expected(f);
    lc_error(r->build.diag, LC_INPUT, &node->place, "%s is '%s'; expected %s", f->name, node->text, expected);
    free(expected);
}

void lci_policy_keys(const char *group, const char *keys[32])
{
    const size_t length = strlen(group);
    size_t n = 0;
    for (const struct lci_policy_field *f = lci_policy_table; f->name != NULL && n < 31; f++)
        if (strncmp(f->name, group, length) == 0 && f->name[length] == '.')
            keys[n++] = f->name + length + 1;
    keys[n] = NULL;
}

/* An attribute, or the map of a group. */
static void read_attribute(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    const struct lci_policy_field *single = lci_policy_find(f->name);
    const char *keys[32];
    if (single != NULL) {
        read_value(r, single, node, value);
        return;
    }
    lci_policy_keys(f->name, keys);
    lci_node_keys(node, keys, f->name, r->build.diag);
    for (size_t i = 0; node->kind == LCI_NODE_MAP && i < node->count; i++) {
        char *name = lc_format("%s.%s", f->name, node->keys[i].text);
        const struct lci_policy_field *attribute = lci_policy_find(name);
        if (attribute != NULL)
            read_value(r, attribute, &node->items[i], value);
        free(name);
    }
}

static const struct lci_type type_attribute = {read_attribute, NULL, "attribute"};

const struct lci_field lci_policy_fields[] = {
    {"timeout", &type_attribute, .about = "an attempt is given up when it has taken so long"},
    {"errors", &type_attribute, .about = "what an error of a call makes of the caller's own answer"},
    {"retries", &type_attribute, .about = "attempts after the first one"},
    {"breaker", &type_attribute, .about = "attempts fail at once while too many of the last ones have failed"},
    {"bulkhead", &type_attribute, .about = "attempts under way at a time, of each replica of the caller"},
    {"rate_limit", &type_attribute, .about = "a bucket of tokens, of which each request takes one"},
    {"shed", &type_attribute, .about = "requests are refused when too many wait, or have waited too long"},
    {"hedge", &type_attribute, .about = "copies of requests that are not answered soon"},
    {"cache", &type_attribute, .about = "a part of the requests is answered without a call"},
    {0},
};

static void read_from(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    const char *name;
    if (lci_node_text(node, f->name, &name, r->build.diag) == 0)
        *(int *)value = lci_build_find_task(&r->build, name, &node->place);
}

static const struct lci_type type_from = {read_from, NULL, "text"};

const struct lci_field lci_caller_fields[] = {
    {"from", &type_from, offsetof(struct lc_policy, from), .about = "the calling task; every caller unless given"},
    {0},
};

static void read_policies(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    struct lc_task *t = value;
    if (lci_node_is(node, LCI_NODE_LIST, f->name, r->build.diag) != 0)
        return;
    t->policies = lc_calloc(node->count, sizeof *t->policies);
    for (size_t i = 0; i < node->count; i++) {
        if (lci_node_is(&node->items[i], LCI_NODE_MAP, "a policy", r->build.diag) != 0)
            continue;
        struct lc_policy *policy = &t->policies[t->policy_count++];
        *policy = lci_policy_none(LC_NONE);
        policy->place = node->items[i].place;
        const struct lci_part parts[] = {{lci_caller_fields, policy}, {lci_policy_fields, policy}};
        lci_read_fields(r, &node->items[i], "a policy", parts, 2);
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
        for (const struct lci_policy_field *f = lci_policy_table; f->name != NULL; f++) {
            const double number = lci_policy_get(&t->policies[i], f);
            if (isnan(number))
                continue;
            struct lci_doc item = f->words != NULL ? lci_doc_text(f->words[(size_t)number - 1])
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

const struct lci_type lci_type_policies = {read_policies, write_policies, "[policy_of_caller]"};
