/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads LQN XML: processors, groups, tasks and entries on the way down, everything that names another element
 * afterwards, because files may name what they declare later. */
#include "base/text.h"
#include "format/libxml.h"
#include "format/lqnx_observe.h"

#include "format/lqn_bindings.h"
#include "format/lqn_text.h"
#include "format/lqn_words.h"
#include "format/lqnx.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIELD(type, field) offsetof(struct type, field)
static const struct lci_owner nobody = {LCI_OWNER_NONE, LC_NONE, LC_NONE};

/* ---- entries ----------------------------------------------------------------------------------------------------- */

struct entry_words {
    char *comment, *semaphore, *rwlock, *type;
    double open_rate, probability;
    int priority;
};

static void read_role(struct lci_lqnx *reader, const xmlNode *node, int entry, const char *attribute, const char *word)
{
    const char *known[8];
    size_t count = 0;
    if (word == NULL)
        return;
    struct lc_entry *e = &reader->build.model->entries[entry];
    for (const struct lci_role *role = lci_roles; role->role != LC_ROLE_NONE; role++) {
        if (strcmp(role->attribute, attribute) != 0)
            continue;
        if (strcasecmp(role->word, word) == 0) {
            e->role = role->role;
            return;
        }
        known[count++] = role->word;
    }
    known[count] = NULL;
    const char *nearest = lci_nearest(word, known);
    const struct lc_place place = lci_xml_attribute_place(&reader->xml, node, attribute);
    lc_error(reader->build.diag, LC_INPUT, &place, "%s=\"%s\" is wrong; expected %s", attribute, word,
             nearest != NULL       ? nearest
             : attribute[0] == 's' ? "signal or wait"
                                   : "r-lock, r-unlock, w-lock or w-unlock");
}

static void read_forwarding(struct lci_lqnx *reader, const xmlNode *node, int entry)
{
    struct words {
        char *comment;
        double probability;
    } words = {.probability = 1};
    struct lci_build *b = &reader->build;
    char *name = lci_lqnx_required(reader, node, "dest");
    const struct lc_place place = lci_xml_place(&reader->xml, node);
    const struct lc_place at = lci_xml_attribute_place(&reader->xml, node, "dest");
    const int to = name != NULL ? lci_build_find_entry(b, name, &at) : LC_NONE;
    char *path = lc_format("forwards.%s", name != NULL ? name : "");
    const struct lci_attribute table[] = {
        {"dest", LCI_SKIP, 0, NULL, 0},
        {"prob", LCI_REAL, FIELD(words, probability), path, 0},
        {"calls-mean", LCI_REAL, FIELD(words, probability), path, 0},
        {"comment", LCI_TEXT, FIELD(words, comment), NULL, 0},
        {NULL, LCI_SKIP, 0, NULL, 0},
    };
    lci_lqnx_attributes(reader, node, table, &words, (struct lci_owner){LCI_OWNER_ENTRY, entry, LC_NONE});
    if (to != LC_NONE) {
        struct lc_forward *f = lc_add_forward(&b->model->entries[entry], to, words.probability);
        f->comment = words.comment;
        f->place = place;
    } else {
        free(words.comment);
    }
    free(path);
    free(name);
}

static void read_entry_histogram(struct lci_lqnx *reader, const xmlNode *node, int entry)
{
    struct lc_histogram histogram = {0};
    uint32_t phase = 1;
    lci_lqnx_histogram(reader, node, &histogram, &phase);
    if (phase >= 1 && phase <= LC_PHASES)
        reader->build.model->entries[entry].phases[phase - 1].histogram = histogram;
}

static void later_forwarding(struct lci_lqnx *reader, const xmlNode *node, int entry)
{
    lci_lqnx_postpone(reader, node, read_forwarding, entry);
}

static void later_phases(struct lci_lqnx *reader, const xmlNode *node, int entry)
{
    lci_lqnx_postpone(reader, node, lci_lqnx_phases, entry);
}

static void check_type(struct lci_lqnx *reader, const xmlNode *node, const char *type)
{
    static const char *const types[] = {"PH1PH2", "NONE", "GRAPH", NULL};
    if (type == NULL)
        return;
    for (const char *const *t = types; *t != NULL; t++)
        if (strcasecmp(*t, type) == 0)
            return;
    const struct lc_place place = lci_xml_attribute_place(&reader->xml, node, "type");
    lc_error(reader->build.diag, LC_INPUT, &place,
             "type=\"%s\" is wrong; expected PH1PH2 for phases, NONE for activities", type);
}

static void read_entry(struct lci_lqnx *reader, const xmlNode *node, int task)
{
    static const struct lci_attribute table[] = {
        {"name", LCI_SKIP, 0, NULL, 0},
        {"type", LCI_TEXT, FIELD(entry_words, type), NULL, 0},
        {"open-arrival-rate", LCI_REAL, FIELD(entry_words, open_rate), "open_rate", 0},
        {"priority", LCI_INTEGER, FIELD(entry_words, priority), "priority", 0},
        {"prob", LCI_REAL, FIELD(entry_words, probability), "probability", 0},
        {"semaphore", LCI_TEXT, FIELD(entry_words, semaphore), NULL, 0},
        {"rwlock", LCI_TEXT, FIELD(entry_words, rwlock), NULL, 0},
        {"loss-probability", LCI_SKIP, 0, NULL, 0},
        {"comment", LCI_TEXT, FIELD(entry_words, comment), NULL, 0},
        {NULL, LCI_SKIP, 0, NULL, 0},
    };
    static const struct lci_xml_element children[] = {
        {"service-time-distribution", read_entry_histogram},
        {"forwarding", later_forwarding},
        {"entry-phase-activities", later_phases},
        {NULL, NULL},
    };
    char *name = lci_lqnx_required(reader, node, "name");
    const struct lc_place place = lci_xml_place(&reader->xml, node);
    const int entry = name != NULL ? lci_build_entry(&reader->build, name, task, &place)
                                   : lc_add_entry(reader->build.model, "", task);
    struct entry_words words = {0};
    lci_lqnx_attributes(reader, node, table, &words, (struct lci_owner){LCI_OWNER_ENTRY, entry, LC_NONE});
    struct lc_entry *e = &reader->build.model->entries[entry];
    e->comment = words.comment;
    e->open_rate = words.open_rate;
    e->probability = words.probability;
    e->priority = words.priority;
    read_role(reader, node, entry, "semaphore", words.semaphore);
    read_role(reader, node, entry, "rwlock", words.rwlock);
    check_type(reader, node, words.type);
    lci_lqnx_children(reader, node, children, entry);
    free(words.semaphore);
    free(words.rwlock);
    free(words.type);
    free(name);
}

/* ---- tasks ------------------------------------------------------------------------------------------------------- */

static void read_fan(struct lci_lqnx *reader, const xmlNode *node, int task, bool in)
{
    uint32_t value = 1;
    const char *other = in ? "source" : "dest";
    char *name = lci_lqnx_required(reader, node, other);
    char *path = lc_format("fan_%s.%s", in ? "in" : "out", name != NULL ? name : "");
    const struct lci_attribute table[] = {
        {other, LCI_SKIP, 0, NULL, 0},
        {"value", LCI_COUNT, 0, path, 1},
        {NULL, LCI_SKIP, 0, NULL, 0},
    };
    const struct lc_place at = lci_xml_attribute_place(&reader->xml, node, other);
    const int found = name != NULL ? lci_build_find_task(&reader->build, name, &at) : LC_NONE;
    lci_lqnx_attributes(reader, node, table, &value, (struct lci_owner){LCI_OWNER_TASK, task, LC_NONE});
    free(path);
    if (found != LC_NONE)
        lci_build_fan(&reader->build, task, found, in, value);
    free(name);
}

static void read_fan_in(struct lci_lqnx *reader, const xmlNode *node, int task)
{
    read_fan(reader, node, task, true);
}

static void read_fan_out(struct lci_lqnx *reader, const xmlNode *node, int task)
{
    read_fan(reader, node, task, false);
}

static void later_fan_in(struct lci_lqnx *reader, const xmlNode *node, int task)
{
    lci_lqnx_postpone(reader, node, read_fan_in, task);
}

static void later_fan_out(struct lci_lqnx *reader, const xmlNode *node, int task)
{
    lci_lqnx_postpone(reader, node, read_fan_out, task);
}

/* The entry that an attribute of a decision names, or LC_NONE. */
static int decision_entry(struct lci_lqnx *reader, const xmlNode *node, const char *attribute)
{
    char *name = lci_lqnx_optional(node, attribute);
    const struct lc_place at = lci_xml_attribute_place(&reader->xml, node, attribute);
    const int entry = name != NULL ? lci_build_find_entry(&reader->build, name, &at) : LC_NONE;
    free(name);
    return entry;
}

static void lost_path(struct lci_lqnx *reader, const xmlNode *node, int index)
{
    (void)index;
    const struct lc_place place = lci_xml_place(&reader->xml, node);
    lc_warn(reader->build.diag, &place, "<path> of a decision is not kept: the decision's entries say the same");
}

static void read_decision(struct lci_lqnx *reader, const xmlNode *node, int task)
{
    static const struct lci_attribute table[] = {
        {"name", LCI_TEXT, FIELD(lc_decision, name), NULL, 0},
        {"type", LCI_TASK_SCHEDULING, FIELD(lc_decision, kind), NULL, 0},
        {"entry-name", LCI_SKIP, 0, NULL, 0},
        {"fromEntry", LCI_SKIP, 0, NULL, 0},
        {"decision-entry", LCI_SKIP, 0, NULL, 0},
        {"timeout", LCI_REAL, FIELD(lc_decision, timeout), NULL, 0},
        {"abort", LCI_REAL, FIELD(lc_decision, abort), NULL, 0},
        {"sleep", LCI_REAL, FIELD(lc_decision, sleep), NULL, 0},
        {"max-retries", LCI_COUNT, FIELD(lc_decision, max_retries), NULL, 0},
        {NULL, LCI_SKIP, 0, NULL, 0},
    };
    static const struct lci_xml_element children[] = {{"path", lost_path}, {NULL, NULL}};
    struct lc_decision decision = {.kind = LC_TIMEOUT};
    lci_lqnx_attributes(reader, node, table, &decision, nobody);
    decision.from = decision_entry(reader, node, "fromEntry");
    if (decision.from == LC_NONE)
        decision.from = decision_entry(reader, node, "entry-name");
    decision.to = decision_entry(reader, node, "decision-entry");
    lci_lqnx_children(reader, node, children, task);
    struct lc_task *t = &reader->build.model->tasks[task];
    t->decisions = lc_realloc(t->decisions, t->decision_count + 1, sizeof *t->decisions);
    t->decisions[t->decision_count++] = decision;
}

static void later_decision(struct lci_lqnx *reader, const xmlNode *node, int task)
{
    lci_lqnx_postpone(reader, node, read_decision, task);
}

static void later_graph(struct lci_lqnx *reader, const xmlNode *node, int task)
{
    lci_lqnx_postpone(reader, node, lci_lqnx_graph, task);
}

struct task_words {
    char *comment;
    enum lc_scheduling scheduling;
    uint32_t multiplicity, replicas, queue_length, initially;
    double think_time;
    int priority;
};

static void read_task(struct lci_lqnx *reader, const xmlNode *node, int processor, int group)
{
    static const struct lci_attribute table[] = {
        {"name", LCI_SKIP, 0, NULL, 0},
        {"scheduling", LCI_TASK_SCHEDULING, FIELD(task_words, scheduling), NULL, 0},
        {"multiplicity", LCI_COUNT_INFINITE, FIELD(task_words, multiplicity), "multiplicity", 1},
        {"replication", LCI_COUNT, FIELD(task_words, replicas), "replicas", 1},
        {"think-time", LCI_REAL, FIELD(task_words, think_time), "think_time", 0},
        {"priority", LCI_INTEGER, FIELD(task_words, priority), "priority", 0},
        {"queue-length", LCI_COUNT, FIELD(task_words, queue_length), "queue_length", 0},
        {"initially", LCI_COUNT, FIELD(task_words, initially), NULL, 0},
        {"activity-graph", LCI_SKIP, 0, NULL, 0},
        {"comment", LCI_TEXT, FIELD(task_words, comment), NULL, 0},
        {NULL, LCI_SKIP, 0, NULL, 0},
    };
    static const struct lci_xml_element children[] = {
        {"service-time-distribution", NULL},
        {"fan-in", later_fan_in},
        {"fan-out", later_fan_out},
        {"decision", later_decision},
        {"entry", read_entry},
        {"service", NULL},
        {"task-activities", later_graph},
        {NULL, NULL},
    };
    char *name = lci_lqnx_required(reader, node, "name");
    const struct lc_place place = lci_xml_place(&reader->xml, node);
    const int task = lci_build_task(&reader->build, name != NULL ? name : "", processor, &place);
    struct task_words words = {.multiplicity = 1, .replicas = 1, .initially = LC_INFINITE};
    lci_lqnx_attributes(reader, node, table, &words, (struct lci_owner){LCI_OWNER_TASK, task, LC_NONE});
    struct lc_task *t = &reader->build.model->tasks[task];
    t->group = group;
    t->comment = words.comment;
    t->scheduling = words.scheduling;
    t->multiplicity = words.multiplicity;
    if (words.scheduling == LC_INF)
        lci_build_limitless(&reader->build, t, &place);
    t->replicas = words.replicas;
    t->queue_length = words.queue_length;
    t->initially = words.initially == LC_INFINITE ? -1 : (int)words.initially;
    t->think_time = lci_demand(words.think_time, 1);
    t->priority = words.priority;
    lci_lqnx_children(reader, node, children, task);
    free(name);
}

static void read_free_task(struct lci_lqnx *reader, const xmlNode *node, int processor)
{
    read_task(reader, node, processor, LC_NONE);
}

static void read_grouped_task(struct lci_lqnx *reader, const xmlNode *node, int group)
{
    read_task(reader, node, reader->build.model->groups[group].processor, group);
}

/* ---- processors and groups --------------------------------------------------------------------------------------- */

static void read_group(struct lci_lqnx *reader, const xmlNode *node, int processor)
{
    static const struct lci_attribute table[] = {
        {"name", LCI_SKIP, 0, NULL, 0},
        {"share", LCI_REAL, FIELD(lc_group, share), "share", 0},
        {"cap", LCI_FLAG, FIELD(lc_group, cap), NULL, 0},
        {"comment", LCI_TEXT, FIELD(lc_group, comment), NULL, 0},
        {NULL, LCI_SKIP, 0, NULL, 0},
    };
    static const struct lci_xml_element children[] = {{"task", read_grouped_task}, {NULL, NULL}};
    char *name = lci_lqnx_required(reader, node, "name");
    const struct lc_place place = lci_xml_place(&reader->xml, node);
    const int group = lci_build_group(&reader->build, name != NULL ? name : "", processor, &place);
    free(lci_lqnx_required(reader, node, "share"));
    lci_lqnx_attributes(reader, node, table, &reader->build.model->groups[group],
                        (struct lci_owner){LCI_OWNER_GROUP, group, LC_NONE});
    lci_lqnx_children(reader, node, children, group);
    free(name);
}

static void read_processor(struct lci_lqnx *reader, const xmlNode *node, int none)
{
    (void)none;
    static const struct lci_attribute table[] = {
        {"name", LCI_SKIP, 0, NULL, 0},
        {"scheduling", LCI_PROCESSOR_SCHEDULING, FIELD(lc_processor, scheduling), NULL, 0},
        {"multiplicity", LCI_COUNT_INFINITE, FIELD(lc_processor, multiplicity), "cores", 1},
        {"replication", LCI_COUNT, FIELD(lc_processor, replicas), "replicas", 1},
        {"quantum", LCI_REAL, FIELD(lc_processor, quantum), "quantum", 0},
        {"speed-factor", LCI_REAL, FIELD(lc_processor, speed), "speed", 0},
        {"comment", LCI_TEXT, FIELD(lc_processor, comment), NULL, 0},
        {NULL, LCI_SKIP, 0, NULL, 0},
    };
    static const struct lci_xml_element children[] = {{"group", read_group}, {"task", read_free_task}, {NULL, NULL}};
    char *name = lci_lqnx_required(reader, node, "name");
    const struct lc_place place = lci_xml_place(&reader->xml, node);
    const int processor = lci_build_processor(&reader->build, name != NULL ? name : "", &place);
    struct lc_processor *p = &reader->build.model->processors[processor];
    lci_lqnx_attributes(reader, node, table, p, (struct lci_owner){LCI_OWNER_PROCESSOR, processor, LC_NONE});
    if (p->multiplicity == LC_INFINITE && p->scheduling != LC_INF) {
        const struct lc_place at = lci_xml_attribute_place(&reader->xml, node, "multiplicity");
        lc_warn(reader->build.diag, &at, "an infinite processor has no queue; its scheduling is taken for inf");
        p->scheduling = LC_INF;
    }
    if (p->scheduling == LC_INF)
        p->multiplicity = LC_INFINITE;
    lci_lqnx_children(reader, node, children, processor);
    free(name);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static void read_pragma(struct lci_lqnx *reader, const xmlNode *node, int none)
{
    (void)none;
    static const struct lci_attribute table[] = {
        {"param", LCI_TEXT, FIELD(lc_pragma, name), NULL, 0},
        {"value", LCI_TEXT, FIELD(lc_pragma, value), NULL, 0},
        {NULL, LCI_SKIP, 0, NULL, 0},
    };
    struct lc_pragma pragma = {0};
    free(lci_lqnx_required(reader, node, "param"));
    lci_lqnx_attributes(reader, node, table, &pragma, nobody);
    lci_build_pragma(&reader->build, pragma.name, pragma.value);
    free(pragma.name);
    free(pragma.value);
}

static void read_parameters(struct lci_lqnx *reader, const xmlNode *node, int none)
{
    (void)none;
    static const struct lci_attribute table[] = {
        {"comment", LCI_TEXT, FIELD(lc_model, comment), NULL, 0},
        {"conv_val", LCI_REAL, FIELD(lc_model, convergence), NULL, 0},
        {"it_limit", LCI_INTEGER, FIELD(lc_model, iteration_limit), NULL, 0},
        {"print_int", LCI_INTEGER, FIELD(lc_model, print_interval), NULL, 0},
        {"underrelax_coeff", LCI_REAL, FIELD(lc_model, underrelaxation), NULL, 0},
        {NULL, LCI_SKIP, 0, NULL, 0},
    };
    static const struct lci_xml_element children[] = {{"pragma", read_pragma}, {NULL, NULL}};
    lci_lqnx_attributes(reader, node, table, reader->build.model, nobody);
    lci_lqnx_children(reader, node, children, LC_NONE);
}

/* The text of SPEX elements; owned by the caller. */
static char *content(const xmlNode *node)
{
    xmlChar *text = xmlNodeGetContent(node);
    char *copy = lc_strdup(text != NULL ? (const char *)text : "");
    free(text);
    return copy;
}

/* Variables must have their values before elements use them. */
static void read_variables(struct lci_lqnx *reader, const xmlNode *root)
{
    for (const xmlNode *child = root->children; child != NULL; child = child->next) {
        const struct lc_place place = lci_xml_place(&reader->xml, child);
        if (lci_lqnx_is(child, "lqx")) {
            lc_warn(reader->build.diag, &place, "the LQX program is not supported and is left out");
            reader->build.program = true;
        } else if (lci_lqnx_is(child, "parameters")) {
            char *text = content(child);
            lci_spex_parameters(&reader->build, text, &place);
            free(text);
        }
    }
}

static void read_report(struct lci_lqnx *reader, const xmlNode *node, int none)
{
    (void)none;
    const struct lc_place place = lci_xml_place(&reader->xml, node);
    char *text = content(node);
    lci_spex_report(&reader->build, text, lci_lqnx_is(node, "convergence-collection"), &place);
    free(text);
}

/* Is the variable used by others, or by the report? */
static bool is_used(const struct lc_model *m, const char *name)
{
    for (size_t k = 0; k < m->variable_count; k++)
        if (strstr(m->variables[k].expression, name) != NULL)
            return true;
    for (size_t k = 0; k < m->report_count; k++)
        if (strstr(m->reports[k].expression, name) != NULL)
            return true;
    return false;
}

/* Expressions in the place of numbers, which the writer made variables of, become expressions again. */
static void restore_expressions(struct lci_build *b)
{
    struct lc_model *m = b->model;
    for (size_t i = m->variable_count; i-- > 0;) {
        const struct lc_variable v = m->variables[i];
        char *name = lc_format("$%s", v.name);
        if (lci_generated_variable(v.name) >= 0 && v.expression[0] != '[' && !is_used(m, name)) {
            for (size_t k = 0; k < b->bound_count; k++)
                if (strcmp(b->bound[k].expression, name) == 0) {
                    free(b->bound[k].expression);
                    b->bound[k].expression = lc_strdup(v.expression);
                }
            free(v.name);
            free(v.expression);
            m->variable_count--;
            memmove(&m->variables[i], &m->variables[i + 1], (m->variable_count - i) * sizeof *m->variables);
        }
        free(name);
    }
}

static void read_model(struct lci_lqnx *reader, const xmlNode *root)
{
    static const struct lci_attribute table[] = {
        {"name", LCI_TEXT, FIELD(lc_model, name), NULL, 0},
        {"description", LCI_TEXT, FIELD(lc_model, description), NULL, 0},
        {"lqn-schema-version", LCI_SKIP, 0, NULL, 0},
        {"lqncore-schema-version", LCI_SKIP, 0, NULL, 0},
        {"xml-debug", LCI_SKIP, 0, NULL, 0},
        {NULL, LCI_SKIP, 0, NULL, 0},
    };
    static const struct lci_xml_element children[] = {
        {"solver-params", read_parameters},
        {"processor", read_processor},
        {"lqx", NULL},
        {"parameters", NULL},
        {"results-collection", read_report},
        {"convergence-collection", read_report},
        {NULL, NULL},
    };
    lci_lqnx_attributes(reader, root, table, reader->build.model, nobody);
    read_variables(reader, root);
    lci_lqnx_children(reader, root, children, LC_NONE);
    for (size_t i = 0; i < reader->later_count; i++) /* grows on the way: lists of activities wait for all activities */
        reader->later[i].read(reader, reader->later[i].node, reader->later[i].index);
    lci_lqnx_observations(reader, root);
    restore_expressions(&reader->build);
    if (reader->build.model->processor_count == 0) {
        const struct lc_place place = lci_xml_place(&reader->xml, root);
        lc_error(reader->build.diag, LC_INPUT, &place, "the model has no <processor>");
    }
}

struct lc_model *lci_lqnx_parse(const char *text, size_t length, const char *name, struct lc_diag *diag)
{
    const size_t errors = diag->errors;
    struct lci_lqnx reader = {0};
    lci_build_start(&reader.build, name, diag);
    if (lci_xml_parse(&reader.xml, text, length, reader.build.model->source, diag) == 0) {
        const xmlNode *root = xmlDocGetRootElement(reader.xml.document);
        if (lci_lqnx_is(root, "lqn-model")) {
            read_model(&reader, root);
        } else {
            const struct lc_place place = lci_xml_place(&reader.xml, root);
            lc_error(diag, LC_INPUT, &place, "the root element is <%s>; an LQN XML file begins with <lqn-model>",
                     (const char *)root->name);
        }
    }
    lci_xml_free(&reader.xml);
    free(reader.later);
    return lci_build_finish(&reader.build, errors);
}

bool lci_lqnx_recognise(const char *text, size_t length)
{
    size_t i = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (i < length && strchr(" \t\r\n", text[i]) != NULL && text[i] != 0)
        i++;
    return i + 1 < length && text[i] == '<' &&
           (text[i + 1] == '?' || text[i + 1] == '!' || text[i + 1] == 'l' || text[i + 1] == 'L');
}
