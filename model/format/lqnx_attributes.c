/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "format/libxml.h"
#include "format/lqnx_reader.h"

#include "format/lqn_words.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The text of an attribute; owned by the caller. */
static char *value_of(const xmlAttr *attribute)
{
    xmlChar *text = xmlNodeListGetString(attribute->doc, attribute->children, 1);
    char *copy = lc_strdup(text != NULL ? (const char *)text : "");
    free(text);
    return copy;
}

static const xmlAttr *find_attribute(const xmlNode *node, const char *name)
{
    for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
        if (a->ns == NULL && strcasecmp((const char *)a->name, name) == 0)
            return a;
    return NULL;
}

char *lci_lqnx_optional(const xmlNode *node, const char *attribute)
{
    const xmlAttr *a = find_attribute(node, attribute);
    return a != NULL ? value_of(a) : NULL;
}

char *lci_lqnx_required(struct lci_lqnx *reader, const xmlNode *node, const char *attribute)
{
    char *value = lci_lqnx_optional(node, attribute);
    if (value != NULL && value[0] != 0)
        return value;
    free(value);
    const struct lc_place place = lci_xml_place(&reader->xml, node);
    lc_error(reader->build.diag, LC_INPUT, &place, "<%s> needs the attribute '%s'", (const char *)node->name,
             attribute);
    return NULL;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* One attribute that is being read. */
struct reading {
    struct lci_lqnx *reader;
    const struct lci_attribute *rule;
    const xmlNode *node;
    const char *text; /* trimmed */
    struct lci_owner owner;
};

static void wrong(const struct reading *r, const char *right)
{
    const struct lc_place place = lci_xml_attribute_place(&r->reader->xml, r->node, r->rule->name);
    lc_error(r->reader->build.diag, LC_INPUT, &place, "%s=\"%s\" is wrong; expected %s", r->rule->name, r->text, right);
}

/* The number in the text, or the value of its expression; NaN if it is none. */
static double number(const struct reading *r, bool *told)
{
    *told = false;
    if (r->text[0] == '$') {
        const struct lc_place place = lci_xml_attribute_place(&r->reader->xml, r->node, r->rule->name);
        double value;
        *told = lci_build_expression(&r->reader->build, r->text, r->owner, r->rule->path, &value, &place) != 0;
        return *told ? NAN : value;
    }
    if (r->text[0] == 0 || r->text[strspn(r->text, "+-.0123456789eE")] != 0)
        return NAN;
    char *end;
    const double value = strtod(r->text, &end);
    return *end == 0 && isfinite(value) ? value : NAN;
}

static bool real(const struct reading *r, double *value)
{
    bool told;
    const double x = number(r, &told);
    if (x >= r->rule->low) {
        *value = x;
        return true;
    }
    char low[32], right[64];
    snprintf(right, sizeof right, "a number of at least %s", lci_number_text(r->rule->low, low));
    if (!told)
        wrong(r, right);
    return false;
}

static bool whole(const struct reading *r, double high, double *value)
{
    bool told;
    const double x = number(r, &told);
    if (x >= r->rule->low && x <= high && x == floor(x)) {
        *value = x;
        return true;
    }
    char right[96];
    snprintf(right, sizeof right, "a whole number from %.0f to %.0f%s", r->rule->low, high,
             r->rule->kind == LCI_COUNT_INFINITE ? ", or @infinity" : "");
    if (!told)
        wrong(r, right);
    return false;
}

/* What the file formats take for "infinite". */
static bool is_infinite(const char *text)
{
    return strcasecmp(text, "@infinity") == 0 || strcasecmp(text, "infinity") == 0 || strcasecmp(text, "inf") == 0 ||
           strcasecmp(text, "infinite") == 0;
}

/* Index of the text among the words, any case; −1 and an error if it is none of them. */
static int word(const struct reading *r, const char *const *words, const char *right)
{
    for (int i = 0; words[i] != NULL; i++)
        if (strcasecmp(words[i], r->text) == 0)
            return i;
    wrong(r, right);
    return -1;
}

static void scheduling(const struct reading *r, bool task, enum lc_scheduling *to)
{
    const char *nearest;
    const int found = lci_lqnx_find_scheduling(r->text, task, &nearest);
    const char *unused;
    if (found >= 0) {
        *to = (enum lc_scheduling)found;
    } else if (lci_lqnx_find_scheduling(r->text, !task, &unused) >= 0) { /* as LQNS takes it */
        const struct lc_place place = lci_xml_attribute_place(&r->reader->xml, r->node, r->rule->name);
        lc_warn(r->reader->build.diag, &place, "%s=\"%s\" is of %s and is taken for fcfs here", r->rule->name, r->text,
                task ? "processors" : "tasks");
        *to = LC_FCFS;
    } else if (nearest != NULL)
        wrong(r, nearest);
    else
        wrong(r, task ? "one of ref, burst, uniform, fcfs, hol, pri, rand, poll, inf, semaphore, rwlock, timeout, "
                        "abort, retry, inf-retry"
                      : "one of fcfs, hol, pri, rand, ps, inf, cfs");
}

static void store(const struct reading *r, void *to)
{
    static const char *const flags[] = {"false", "true", "no", "yes", "0", "1", NULL};
    static const char *const orders[] = {"STOCHASTIC", "DETERMINISTIC", NULL};
    double x;
    int choice;
    switch (r->rule->kind) {
    case LCI_SKIP: break;
    case LCI_TEXT:
        free(*(char **)to);
        *(char **)to = r->text[0] != 0 ? lc_strdup(r->text) : NULL;
        break;
    case LCI_REAL: real(r, to); break;
    case LCI_COUNT_INFINITE:
        if (is_infinite(r->text)) {
            *(uint32_t *)to = LC_INFINITE;
            break;
        }
        /* fall through */
    case LCI_COUNT:
        if (whole(r, LC_INFINITE - 1.0, &x))
            *(uint32_t *)to = (uint32_t)x;
        break;
    case LCI_INTEGER:
        if (whole(r, INT32_MAX, &x))
            *(int *)to = (int)x;
        break;
    case LCI_FLAG:
        if ((choice = word(r, flags, "true or false")) >= 0)
            *(bool *)to = choice % 2 == 1;
        break;
    case LCI_ORDER:
        if ((choice = word(r, orders, "STOCHASTIC or DETERMINISTIC")) >= 0)
            *(bool *)to = choice == 1;
        break;
    case LCI_PROCESSOR_SCHEDULING: scheduling(r, false, to); break;
    case LCI_TASK_SCHEDULING: scheduling(r, true, to); break;
    }
}

/* ---- all attributes of an element -------------------------------------------------------------------------------- */

static void unknown_attribute(struct lci_lqnx *reader, const xmlNode *node, const char *name,
                              const struct lci_attribute *table)
{
    const char *known[32];
    size_t count = 0;
    for (const struct lci_attribute *t = table; t->name != NULL && count < 31; t++)
        known[count++] = t->name;
    known[count] = NULL;
    const char *nearest = lci_nearest(name, known);
    const struct lc_place place = lci_xml_attribute_place(&reader->xml, node, name);
    if (nearest != NULL)
        lc_error(reader->build.diag, LC_INPUT, &place, "<%s> has no attribute '%s'; did you mean '%s'?",
                 (const char *)node->name, name, nearest);
    else
        lc_error(reader->build.diag, LC_INPUT, &place, "<%s> has no attribute '%s'", (const char *)node->name, name);
}

void lci_lqnx_attributes(struct lci_lqnx *reader, const xmlNode *node, const struct lci_attribute *table, void *base,
                         struct lci_owner owner)
{
    for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
        const char *name = (const char *)a->name;
        if (a->ns != NULL || strncasecmp(name, "http:", 5) == 0 || strncasecmp(name, "xsi", 3) == 0 ||
            strncasecmp(name, "xmlns", 5) == 0)
            continue; /* of the schema machinery */
        const struct lci_attribute *rule = table;
        while (rule->name != NULL && strcasecmp(rule->name, name) != 0)
            rule++;
        if (rule->name == NULL) {
            unknown_attribute(reader, node, name, table);
            continue;
        }
        char *text = value_of(a), *start = text;
        if (rule->kind != LCI_TEXT) {
            start += strspn(start, " \t\r\n");
            for (char *end = start + strlen(start); end > start && isspace((unsigned char)end[-1]);)
                *--end = 0;
        }
        if (rule->kind != LCI_SKIP)
            store(&(struct reading){reader, rule, node, start, owner}, (char *)base + rule->offset);
        free(text);
    }
}

/* ---- children ---------------------------------------------------------------------------------------------------- */

bool lci_lqnx_is(const xmlNode *node, const char *element)
{
    return node->type == XML_ELEMENT_NODE && strcasecmp((const char *)node->name, element) == 0;
}

static bool is_result(const char *element)
{
    return strncasecmp(element, "result-", 7) == 0 || strcasecmp(element, "results-observe") == 0 ||
           strcasecmp(element, "marginal-queue-probabilities") == 0;
}

static void unknown_element(struct lci_lqnx *reader, const xmlNode *node, const struct lci_xml_element *table)
{
    const char *known[32];
    size_t count = 0;
    for (const struct lci_xml_element *t = table; t->name != NULL && count < 31; t++)
        known[count++] = t->name;
    known[count] = NULL;
    const char *name = (const char *)node->name, *inside = (const char *)node->parent->name;
    const char *nearest = lci_nearest(name, known);
    const struct lc_place place = lci_xml_place(&reader->xml, node);
    if (nearest != NULL)
        lc_error(reader->build.diag, LC_INPUT, &place, "<%s> cannot stand in <%s>; did you mean <%s>?", name, inside,
                 nearest);
    else
        lc_error(reader->build.diag, LC_INPUT, &place, "<%s> cannot stand in <%s>", name, inside);
}

void lci_lqnx_children(struct lci_lqnx *reader, const xmlNode *node, const struct lci_xml_element *table, int index)
{
    for (const xmlNode *child = node->children; child != NULL; child = child->next) {
        if (child->type == XML_TEXT_NODE && !xmlIsBlankNode((xmlNode *)child)) {
            const struct lc_place place = lci_xml_place(&reader->xml, node);
            lc_warn(reader->build.diag, &place, "the text in <%s> means nothing and is ignored",
                    (const char *)node->name);
        }
        if (child->type != XML_ELEMENT_NODE || is_result((const char *)child->name))
            continue;
        const struct lci_xml_element *rule = table;
        while (rule->name != NULL && !lci_lqnx_is(child, rule->name))
            rule++;
        if (rule->name == NULL)
            unknown_element(reader, child, table);
        else if (rule->read != NULL)
            rule->read(reader, child, index);
    }
}

void lci_lqnx_postpone(struct lci_lqnx *reader, const xmlNode *node,
                       void (*read)(struct lci_lqnx *reader, const xmlNode *node, int index), int index)
{
    LC_GROW(reader->later, reader->later_count, reader->later_capacity);
    reader->later[reader->later_count++] = (struct lci_lqnx_later){read, node, index};
}
