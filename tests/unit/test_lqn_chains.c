/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Random models through the formats, one after the other; and what is lost on the way is told. */
#include "base/text.h"
#include "unit/lqn_files.h"

#include "format/formats.h"
#include "support/random_model.h"

enum { MODELS = 150 };

static const struct lc_format *format(const char *name)
{
    const struct lc_format *f = lc_format_find(name);
    assert_non_null(f);
    return f;
}

/* What the format writes of the model, read again. */
static struct lc_model *through(const char *name, const struct lc_model *model, struct lc_diag *diag)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_int_equal(format(name)->write(model, NULL, out, diag), 0);
    fclose(out);
    struct lc_diag reading = {0};
    struct lc_model *again = format(name)->parse(text, length, "again", &reading);
    if (again == NULL || lc_model_check(again, &reading) != 0) {
        print_messages(&reading);
        fail_msg("%s cannot be read again:\n%s", name, text);
    }
    lc_diag_free(&reading);
    free(text);
    return again;
}

static void assert_same(const struct lc_model *a, const struct lc_model *b, const char *what, uint64_t seed)
{
    char *difference = NULL;
    if (!lc_model_equal(a, b, &difference)) {
        for (size_t i = 0; i < a->binding_count && i < b->binding_count; i++)
            if (strcmp(a->bindings[i].path, b->bindings[i].path) != 0 ||
                strcmp(a->bindings[i].expression, b->bindings[i].expression) != 0)
                print_message("%s: %s, %s: %s\n", a->bindings[i].path, a->bindings[i].expression, b->bindings[i].path,
                              b->bindings[i].expression);
        fail_msg("%s of model %llu: %s", what, (unsigned long long)seed, difference);
    }
}

/* ---- variables --------------------------------------------------------------------------------------------------- */

static void add_pair(struct lc_variable **list, size_t *count, size_t *capacity, char *name, char *expression)
{
    LC_GROW(*list, *count, *capacity);
    (*list)[(*count)++] = (struct lc_variable){name, expression, LC_NOWHERE};
}

/* An expression that is `value` at the first point, in the place that the path names. */
static void bind(struct random_model *g, double value, char *path)
{
    struct lc_model *m = g->model;
    char number[32];
    if (random_chance(g, 0.5)) {
        free(path);
        return;
    }
    LC_GROW(m->bindings, m->binding_count, m->binding_capacity);
    m->bindings[m->binding_count++] = (struct lc_binding){
        path, lc_format(random_chance(g, 0.3) ? "$one > 1 ? 7 : %s" : "$one * %s", lci_number_text(value, number)),
        LC_NOWHERE};
}

static void observe(struct random_model *g, char *key)
{
    struct lc_model *m = g->model;
    if (random_chance(g, 0.5)) {
        free(key);
        return;
    }
    const bool interval = random_chance(g, 0.3);
    char *whole = interval ? lc_format("%s%s", key, random_chance(g, 0.5) ? "95" : "99") : lc_strdup(key);
    const int n = g->number++;
    add_pair(&m->observations, &m->observation_count, &m->observation_capacity,
             interval ? lc_format("o%d, $h%d", n, n) : lc_format("o%d", n), whole);
    free(key);
}

static void bind_services(struct random_model *g)
{
    struct lc_model *m = g->model;
    for (size_t e = 0; e < m->entry_count; e++) {
        const struct lc_entry *entry = &m->entries[e];
        observe(g, lc_format("entry/%s/%%f", entry->name));
        for (int p = 0; p < LC_PHASES; p++) {
            const struct lc_activity *a = &entry->phases[p];
            if (a->demand.family != NULL) {
                bind(g, lc_dist_mean(&a->demand), lc_format("entry:%s.phase%d.demand", entry->name, p + 1));
                observe(g, lc_format("entry/%s/%%%s%d", entry->name, random_chance(g, 0.5) ? "s" : "pw", p + 1));
            }
            for (size_t c = 0; c < a->call_count; c++)
                bind(g, a->calls[c].mean,
                     lc_format("%s.phase%d.calls.%s", entry->name, p + 1, m->entries[a->calls[c].entry].name));
        }
        for (size_t c = 0; c < entry->phases[0].call_count; c++)
            observe(g, lc_format("call/%s/%s/%%w", entry->name, m->entries[entry->phases[0].calls[c].entry].name));
    }
    for (size_t t = 0; t < m->task_count; t++)
        for (size_t i = 0; i < m->tasks[t].activity_count; i++) {
            const struct lc_activity *a = &m->tasks[t].activities[i];
            if (a->demand.family != NULL) {
                bind(g, lc_dist_mean(&a->demand), lc_format("%s.%s.demand", m->tasks[t].name, a->name));
                observe(g, lc_format("activity/%s/%s/%%pu", m->tasks[t].name, a->name));
            }
        }
}

static void add_variables(struct random_model *g)
{
    struct lc_model *m = g->model;
    add_pair(&m->variables, &m->variable_count, &m->variable_capacity, lc_strdup("one"), lc_strdup("[1, 2]"));
    add_pair(&m->reports, &m->report_count, &m->report_capacity, lc_strdup(""), lc_strdup("$0"));
    add_pair(&m->reports, &m->report_count, &m->report_capacity, lc_strdup("twice"), lc_strdup("$one * 2"));
    for (size_t p = 0; p < m->processor_count; p++) {
        if (m->processors[p].scheduling != LC_INF)
            bind(g, m->processors[p].multiplicity, lc_format("processor:%s.cores", m->processors[p].name));
        observe(g, lc_format("processor/%s/%%u", m->processors[p].name));
    }
    for (size_t t = 0; t < m->task_count; t++) {
        const struct lc_task *task = &m->tasks[t];
        if (task->scheduling != LC_INF)
            bind(g, task->multiplicity, lc_format("%s.multiplicity", task->name));
        bind(g, task->replicas, lc_format("task:%s.replicas", task->name));
        observe(g, lc_format("task/%s/%%u2", task->name));
    }
    bind_services(g);
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

static void formats_agree(void **state)
{
    (void)state;
    static const char *const chain[] = {"lqnx", "yaml", "lqn", "json", "lqnx", "lqn"};
    size_t bindings = 0, observations = 0;
    for (uint64_t seed = 1; seed <= MODELS; seed++) {
        struct random_model g = {
            .model = random_model(seed, RANDOM_MODEL_LQN), .flags = RANDOM_MODEL_LQN, .number = 100000};
        lc_random_init(&g.random, seed, 0, "variables", "test");
        if (seed % 2 == 0)
            add_variables(&g);
        struct lc_diag diag = {0};
        struct lc_model *first = through("lqn", g.model, &diag); /* names of phases and comments are gone now */
        if (first->binding_count != g.model->binding_count) {
            print_messages(&diag);
            for (size_t i = 0; i < g.model->binding_count; i++)
                print_message("%s: %s\n", g.model->bindings[i].path, g.model->bindings[i].expression);
            fail_msg("%zu bindings are %zu", g.model->binding_count, first->binding_count);
        }
        assert_int_equal(first->observation_count, g.model->observation_count);
        bindings += first->binding_count;
        observations += first->observation_count;
        struct lc_model *last = lc_model_copy(first);
        for (size_t i = 0; i < sizeof chain / sizeof *chain; i++) {
            struct lc_model *next = through(chain[i], last, &diag);
            assert_same(first, next, chain[i], seed);
            lc_model_free(last);
            last = next;
        }
        lc_model_free(last);
        lc_model_free(first);
        lc_model_free(g.model);
        lc_diag_free(&diag);
    }
    assert_true(bindings > MODELS && observations > MODELS);
}

static void xml_keeps_lqn_models(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= MODELS; seed++) {
        struct lc_model *model = random_model(seed, RANDOM_MODEL_LQN);
        assert_round_trip(format("lqnx"), model);
        lc_model_free(model);
    }
}

/* Models of every construct are written so that they can be read; what they say is less, and that is told. */
static void extensions_are_told(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= MODELS; seed++) {
        struct lc_model *model = random_model(seed, 0);
        for (int i = 0; i < 2; i++) {
            const char *name = i == 0 ? "lqn" : "lqnx";
            struct lc_diag diag = {0};
            struct lc_model *once = through(name, model, &diag);
            const size_t told = diag.count;
            struct lc_model *twice = through(name, once, &diag);
            assert_same(once, twice, name, seed);
            if (told == 0 && !lc_model_equal(model, once, NULL))
                fail_msg("model %llu changes in %s, and nothing is told", (unsigned long long)seed, name);
            lc_diag_free(&diag);
            lc_model_free(once);
            lc_model_free(twice);
        }
        lc_model_free(model);
    }
}

static const char plain[] =
    "loadcast: model/1\n"
    "processors: {client: {scheduling: inf}, cpu: {scheduling: ps, quantum: 0.01, replicas: 2}}\n"
    "tasks:\n"
    "  users: {processor: client, scheduling: ref, fan_out: {app: 2}, THINK multiplicity: 3, entries: {think: {calls: "
    "{serve: 2}}, other: "
    "{CHOICE calls: {tell: 1}}}}\n"
    "  app: {processor: cpu, multiplicity: 2, replicas: 2, fan_in: {users: 1}, queue_length: 5, APP entries: {serve: "
    "{demand: DEMAND}, "
    "tell: {ENTRY demand: 1}, "
    "post: {demand: 1, OPEN}}}\n"
    "TOP\n";

/* `model` with what stands behind a word: "WORD text", and nothing for the other words. Owned by the caller. */
static char *with(const char *word, const char *text)
{
    static const char *const words[][2] = {{"THINK", ""},   {"CHOICE", ""}, {"APP", ""},
                                           {"DEMAND", "2"}, {"ENTRY", ""},  {"OPEN", "open_rate: 0.1"},
                                           {"TOP", ""}};
    char *result = lc_strdup(plain);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *at = strstr(result, words[i][0]), *new = strcmp(words[i][0], word) == 0 ? text : words[i][1];
        char *next = lc_format("%.*s%s%s", (int)(at - result), result, new, at + strlen(words[i][0]));
        free(result);
        result = next;
    }
    return result;
}

static void each_loss_is_one_warning(void **state)
{
    (void)state;
    static const struct {
        const char *word, *text;
        int lqn, lqnx; /* warnings of each format */
    } cases[] = {
        {"", "", 0, 0},
        {"THINK", "think_time: {gamma: {shape: 2, scale: 3}},", 1, 1},
        {"THINK", "think_time: 3,", 0, 0},
        {"CHOICE", "probability: 1,", 1, 0},
        {"APP", "service: false,", 1, 1},
        {"APP", "overflow: block,", 1, 1},
        {"APP", "balance: random,", 1, 1},
        {"APP", "balance: shared,", 1, 1},
        {"APP", "balance: least,", 1, 1},
        {"DEMAND", "{gamma: {shape: 2, scale: 3}}", 1, 1},
        {"DEMAND", "{mean: 2, cv2: 0.5}", 0, 0},
        {"ENTRY", "phase2: {name: late, demand: 1},", 1, 0},
        {"OPEN", "open_arrivals: {deterministic: 7}", 1, 1},
        {"OPEN", "open_arrivals: 7", 0, 0},
        {"TOP", "time_unit: ms", 1, 1},
        {"TOP", "description: what it is", 1, 0},
        {"TOP", "variables: {x: 2}\nbindings: {serve.demand: $x}", 0, 0},
        {"TOP", "variables: {x: 2}\nbindings: {app.connections.serve: $x}", 1, 1},
        {"TOP", "variables: {x: 2}\nbindings: {app.replicas: $x}", 1, 1},
        {"TOP", "observations: {x: model/%usr, y: nothing/%u}", 1, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = with(cases[i].word, cases[i].text);
        struct lc_diag diag = {0};
        struct lc_model *model = lc_model_parse(text, strlen(text), "test.yaml", &diag);
        print_messages(&diag);
        assert_non_null(model);
        lc_diag_free(&diag);
        for (int k = 0; k < 2; k++) {
            diag = (struct lc_diag){0};
            lc_model_free(through(k == 0 ? "lqn" : "lqnx", model, &diag));
            int warnings = 0; /* notes say what LQNS makes of the model, whatever stands at this place */
            for (size_t n = 0; n < diag.count; n++)
                warnings += diag.messages[n].severity != LC_NOTE;
            if (warnings != (k == 0 ? cases[i].lqn : cases[i].lqnx)) {
                print_messages(&diag);
                fail_msg("'%s' makes %d warnings in %s", cases[i].text, warnings, k == 0 ? "lqn" : "lqnx");
            }
            lc_diag_free(&diag);
        }
        lc_model_free(model);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_agree),
        cmocka_unit_test(xml_keeps_lqn_models),
        cmocka_unit_test(extensions_are_told),
        cmocka_unit_test(each_loss_is_one_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
