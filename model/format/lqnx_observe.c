/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Observations in LQN XML: <result-observe ATTRIBUTE="$x"><result-conf-95 ATTRIBUTE="$half"/></result-observe> inside
 * the element that is observed, where the attributes are those of the element's results. Half-widths as attributes of
 * their own, ATTRIBUTE-conf-95, and variables in result elements themselves are read too. */
#include "format/lqnx_observe.h"

#include "observe.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* An attribute, and the end of the key that it is. */
struct word {
    const char *attribute, *key;
};

static const struct word model_words[] = {{"iterations", "i"},
                                          {"elapsed-time", "time"},
                                          {"user-cpu-time", "usr"},
                                          {"system-cpu-time", "sys"},
                                          {"wait", "w"},
                                          {"step", "s"},
                                          {NULL, NULL}};
static const struct word utilization_words[] = {{"utilization", "u"}, {NULL, NULL}};
static const struct word task_words[] = {{"throughput", "f"},
                                         {"utilization", "u"},
                                         {"phase1-utilization", "u1"},
                                         {"phase2-utilization", "u2"},
                                         {"phase3-utilization", "u3"},
                                         {"proc-utilization", "pu"},
                                         {NULL, NULL}};
static const struct word entry_words[] = {{"throughput", "f"},
                                          {"throughput-bound", "fb"},
                                          {"utilization", "u"},
                                          {"proc-utilization", "pu"},
                                          {"phase1-utilization", "u1"},
                                          {"phase1-service-time", "s1"},
                                          {"phase1-service-time-variance", "v1"},
                                          {"phase1-proc-waiting", "pw1"},
                                          {"phase1-prob-exceed-max-service-time", "x1"},
                                          {"phase2-utilization", "u2"},
                                          {"phase2-service-time", "s2"},
                                          {"phase2-service-time-variance", "v2"},
                                          {"phase2-proc-waiting", "pw2"},
                                          {"phase2-prob-exceed-max-service-time", "x2"},
                                          {"phase3-utilization", "u3"},
                                          {"phase3-service-time", "s3"},
                                          {"phase3-service-time-variance", "v3"},
                                          {"phase3-proc-waiting", "pw3"},
                                          {"phase3-prob-exceed-max-service-time", "x3"},
                                          {NULL, NULL}};
static const struct word open_words[] = {{"waiting", "w"}, {"open-wait-time", "w"}, {NULL, NULL}}; /* LQNS: the first */
static const struct word activity_words[] = {{"throughput", "f"},
                                             {"utilization", "u"},
                                             {"proc-utilization", "pu"},
                                             {"service-time", "s"},
                                             {"service-time-variance", "v"},
                                             {"proc-waiting", "pw"},
                                             {"prob-exceed-max-service-time", "x"},
                                             {NULL, NULL}};
static const struct word call_words[] = {{"waiting", "w"}, {"waiting-variance", "wv"}, {NULL, NULL}};

static const struct word *words_of(const char *prefix)
{
    static const struct {
        const char *kind;
        const struct word *words;
    } kinds[] = {{"processor/", utilization_words},
                 {"group/", utilization_words},
                 {"task/", task_words},
                 {"entry/", entry_words},
                 {"open/", open_words},
                 {"activity/", activity_words},
                 {"call/", call_words}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(prefix, kinds[i].kind, strlen(kinds[i].kind)) == 0)
            return kinds[i].words;
    return model_words;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* The attribute of an observation under a prefix; NULL if LQN XML has none, or it is of another phase. What is observed
 * of a phase stands in its activity; where no phase is named, the first one is meant. */
static const struct word *word_of(const struct lc_variable *v, const char *prefix, int phase, struct lci_observed *what)
{
    const size_t length = strlen(prefix);
    const bool of_phase = phase > 0 && strncmp(prefix, "entry/", strlen("entry/")) == 0;
    if (strncmp(v->expression, prefix, length) != 0 || v->expression[length] != '/' ||
        !lci_observed_parse(v->expression + length + 1, what) ||
        (phase >= 0 && what->phase != phase && !(of_phase && phase == 1 && what->phase == 0)))
        return NULL;
    char key[12];
    snprintf(key, sizeof key, phase < 0 && what->phase > 0 ? "%s%d" : "%s", what->quantity, what->phase);
    const struct word *word = of_phase ? activity_words : words_of(prefix);
    while (word->key != NULL && strcmp(word->key, key) != 0)
        word++;
    return word->key != NULL ? word : NULL;
}

/* The observation that stands for an attribute of an element. */
struct shown {
    const struct word *word;
    const struct lc_variable *variable; /* "mean" or "mean, $half" */
    int interval;
};

static void write_mean(struct lci_xml_out *w, const struct shown *shown)
{
    const char *name = shown->variable->name;
    char *mean = lc_format("$%.*s", (int)strcspn(name, ","), name);
    lci_out_text(w, shown->word->attribute, mean);
    free(mean);
}

/* LQNS takes half-widths in elements of their own alone. */
static void write_halves(struct lci_xml_out *w, const struct shown *shown, size_t count, int interval)
{
    const char *const element = interval == 99 ? "result-conf-99" : "result-conf-95";
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        const char *comma = strchr(shown[i].variable->name, ',');
        if (comma == NULL || (shown[i].interval == 99) != (interval == 99))
            continue;
        if (!any)
            lci_out_begin(w, element);
        any = true;
        lci_out_text(w, shown[i].word->attribute, comma + strspn(comma, ", "));
    }
    if (any)
        lci_out_end(w, element);
}

/* One element with all attributes that are not in the file yet, each of them once; false if there are none. */
static bool write_element(struct lci_xml_out *w, const char *prefix, int phase)
{
    enum { MOST = 32 };
    struct shown shown[MOST];
    size_t count = 0;
    for (size_t i = 0; i < w->model->observation_count && count < MOST; i++) {
        const struct lc_variable *v = &w->model->observations[i];
        struct lci_observed what;
        const struct word *word = w->observed[i] ? NULL : word_of(v, prefix, phase, &what);
        bool again = word == NULL;
        for (size_t k = 0; k < count; k++)
            again = again || shown[k].word == word;
        if (again)
            continue;
        shown[count++] = (struct shown){word, v, what.interval};
        w->observed[i] = true;
    }
    if (count == 0)
        return false;
    lci_out_begin(w, "result-observe");
    for (size_t i = 0; i < count; i++)
        write_mean(w, &shown[i]);
    write_halves(w, shown, count, 95);
    write_halves(w, shown, count, 99);
    lci_out_end(w, "result-observe");
    return true;
}

void lci_out_observe(struct lci_xml_out *w, int phase, const char *format, ...)
{
    if (w->model->observation_count == 0)
        return;
    va_list arguments;
    va_start(arguments, format);
    char *prefix = lc_vformat(format, arguments);
    va_end(arguments);
    while (write_element(w, prefix, phase))
        ;
    free(prefix);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* Where in the file the walk is. */
struct place {
    struct lci_lqnx *reader;
    char *task, *entry, *activity; /* names; NULL: not inside of one */
    int phase;
};

static char *variable_in(const xmlNode *node, const char *attribute)
{
    char *value = lci_lqnx_optional(node, attribute);
    if (value != NULL && value[0] == '$' && value[1] != 0)
        return value;
    free(value);
    return NULL;
}

/* The variable of a half-width, in an attribute of its own or in an element inside; NULL if there is none. */
static char *half_width(const xmlNode *node, const char *attribute, int *interval)
{
    for (*interval = 95; *interval <= 99; *interval += 4) {
        char *name = lc_format("%s-conf-%d", attribute, *interval);
        char *half = variable_in(node, name);
        free(name);
        if (half != NULL)
            return half;
    }
    for (const xmlNode *child = node->children; child != NULL; child = child->next)
        if (lci_lqnx_is(child, "result-conf-95") || lci_lqnx_is(child, "result-conf-99")) {
            char *half = variable_in(child, attribute);
            *interval = lci_lqnx_is(child, "result-conf-99") ? 99 : 95;
            if (half != NULL)
                return half;
        }
    return NULL;
}

static bool observe_attribute(struct lci_lqnx *reader, const xmlNode *node, const char *attribute, const char *prefix,
                              int phase, const char *value)
{
    for (const struct word *word = words_of(prefix); word->key != NULL; word++) {
        if (strcasecmp(word->attribute, attribute) != 0)
            continue;
        const struct lc_place place = lci_xml_attribute_place(&reader->xml, node, attribute);
        int interval = 0;
        char digit[2] = {(char)('0' + phase), 0}, level[12] = "";
        char *half = half_width(node, attribute, &interval);
        char *name = half != NULL ? lc_format("%s, %s", value + 1, half) : lc_strdup(value + 1);
        if (half != NULL)
            snprintf(level, sizeof level, "%d", interval);
        char *key = lc_format("%s/%%%s%s%s", prefix, word->key, phase > 0 ? digit : "", level);
        lci_build_observation(&reader->build, name, key, &place);
        free(key);
        free(name);
        free(half);
        return true;
    }
    return false;
}

/* The variables of a result element. `second`: another prefix where attributes may belong (open arrivals). */
static void observe(struct lci_lqnx *reader, const xmlNode *node, const char *prefix, const char *second, int phase)
{
    for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
        const char *attribute = (const char *)a->name;
        const size_t length = strlen(attribute);
        const bool half = length > 8 && strncmp(attribute + length - 8, "-conf-9", 7) == 0; /* taken with its mean */
        char *value = half ? NULL : variable_in(node, attribute);
        if (value != NULL && !observe_attribute(reader, node, attribute, prefix, phase, value) &&
            (second == NULL || !observe_attribute(reader, node, attribute, second, 0, value))) {
            const struct lc_place place = lci_xml_attribute_place(&reader->xml, node, attribute);
            lc_warn(reader->build.diag, &place, "%s=\"%s\" is left out: there is no such thing to observe here",
                    attribute, value);
        }
        free(value);
    }
}

static bool holds_variables(const xmlNode *node)
{
    return node->type == XML_ELEMENT_NODE &&
           (strncasecmp((const char *)node->name, "result-", 7) == 0 || lci_lqnx_is(node, "results-observe"));
}

static void observe_children(struct lci_lqnx *reader, const xmlNode *node, const char *prefix, const char *second,
                             int phase)
{
    for (const xmlNode *child = node->children; child != NULL; child = child->next)
        if (holds_variables(child))
            observe(reader, child, prefix, second, phase);
}

/* Is this the first phase of the entry that makes this call? */
static bool is_first(const struct lci_build *b, const char *entry, const char *to, int phase)
{
    const int from = lci_names_find(&b->entries, entry), destination = lci_names_find(&b->entries, to);
    for (int p = 0; p < phase - 1 && p < LC_PHASES && from != LC_NONE; p++) {
        const struct lc_activity *a = &b->model->entries[from].phases[p];
        for (size_t i = 0; i < a->call_count; i++)
            if (a->calls[i].entry == destination)
                return false;
    }
    return true;
}

static void walk_call(struct place *p, const xmlNode *node)
{
    char *to = lci_lqnx_optional(node, "dest");
    if (to == NULL)
        return;
    const bool phase = p->entry != NULL;
    char *prefix =
        phase ? lc_format("call/%s/%s", p->entry, to)
              : lc_format("call/%s:%s/%s", p->task != NULL ? p->task : "", p->activity != NULL ? p->activity : "", to);
    const bool first = !phase || p->phase == 0 || is_first(&p->reader->build, p->entry, to, p->phase);
    observe_children(p->reader, node, prefix, NULL, first ? 0 : p->phase);
    free(prefix);
    free(to);
}

static void walk(struct place *p, const xmlNode *node, int depth);

static void walk_children(struct place *p, const xmlNode *node, int depth)
{
    for (const xmlNode *child = node->children; child != NULL; child = child->next)
        if (child->type == XML_ELEMENT_NODE && depth < 10) /* the format nests eight deep */
            walk(p, child, depth + 1);
}

/* An element with a name: what is in it, then what was before. */
static void walk_named(struct place *p, const xmlNode *node, const char *kind, char **name, int depth)
{
    char *before = *name, *here = lci_lqnx_optional(node, "name");
    if (here == NULL)
        return;
    char *prefix = lc_format("%s/%s", kind, here);
    char *open = strcmp(kind, "entry") == 0 ? lc_format("open/%s", here) : NULL;
    observe_children(p->reader, node, prefix, open, 0);
    *name = here;
    walk_children(p, node, depth);
    *name = before;
    free(open);
    free(prefix);
    free(here);
}

static void walk_activity(struct place *p, const xmlNode *node, int depth)
{
    char *before = p->activity, *here = lci_lqnx_optional(node, "name"), *number = lci_lqnx_optional(node, "phase");
    p->phase =
        number != NULL && strlen(number) == 1 && *number >= '1' && *number <= '0' + LC_PHASES ? *number - '0' : 0;
    p->activity = here;
    if (here != NULL && p->entry == NULL) {
        char *prefix = lc_format("activity/%s/%s", p->task != NULL ? p->task : "", here);
        observe_children(p->reader, node, prefix, NULL, 0);
        free(prefix);
    } else if (p->entry != NULL) { /* a phase: what the entry's result calls phaseN-… */
        char *prefix = lc_format("activity/%s", p->entry);
        const size_t first = p->reader->build.model->observation_count;
        observe_children(p->reader, node, prefix, NULL, p->phase);
        for (size_t i = first; i < p->reader->build.model->observation_count; i++) {
            struct lc_variable *v = &p->reader->build.model->observations[i];
            char *key = lc_format("entry/%s", v->expression + strlen("activity/"));
            free(v->expression);
            v->expression = key;
        }
        free(prefix);
    }
    walk_children(p, node, depth);
    p->activity = before;
    p->phase = 0;
    free(number);
    free(here);
}

static void walk(struct place *p, const xmlNode *node, int depth)
{
    char *unused = NULL;
    if (lci_lqnx_is(node, "solver-params"))
        observe_children(p->reader, node, "model", NULL, 0);
    else if (lci_lqnx_is(node, "processor"))
        walk_named(p, node, "processor", &unused, depth);
    else if (lci_lqnx_is(node, "group"))
        walk_named(p, node, "group", &unused, depth);
    else if (lci_lqnx_is(node, "task"))
        walk_named(p, node, "task", &p->task, depth);
    else if (lci_lqnx_is(node, "entry"))
        walk_named(p, node, "entry", &p->entry, depth);
    else if (lci_lqnx_is(node, "activity"))
        walk_activity(p, node, depth);
    else if (lci_lqnx_is(node, "entry-phase-activities") || lci_lqnx_is(node, "task-activities"))
        walk_children(p, node, depth);
    else if (lci_lqnx_is(node, "synch-call") || lci_lqnx_is(node, "asynch-call") || lci_lqnx_is(node, "forwarding"))
        walk_call(p, node);
}

void lci_lqnx_observations(struct lci_lqnx *reader, const xmlNode *root)
{
    struct place p = {.reader = reader};
    walk_children(&p, root, 0);
    lci_build_sort_observations(&reader->build);
}
