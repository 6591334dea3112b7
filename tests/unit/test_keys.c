/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every key that people write, with values that mean nothing there. The files of tests/data/keys hold every key that
 * the readers know, which is asked of the readers: a key that is missing there fails the test. Every value in them is
 * then replaced by each of `wrong`. What is accepted must be listed in tests/data/keys/FILE.accepted; everything else
 * is refused, with file, line and column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/output.h"
#include "loadcast/format.h"
#include "loadcast/scenario.h"
#include "scenario/scenario_reader.h"
#include "sim/scenario/edits.h"
#include "support/leisurely.h"

static const char *const wrong[] = {"-3",   "0",      "2.5",    "1e308",   ".nan",    ".inf",      "x 2",
                                    "+ 1",  "[1, 2]", "{a: 1}", "~",       "-3 ms",   "-3/s",      "-3 %",
                                    "0 ms", "0/s",    "0 %",    "1e308 s", "1e308/s", "3 parsecs", "nonsense"};

/* What is read from a text: 0, or −1 with errors. */
typedef int reads(const char *text, struct lc_diag *diag);

static struct lc_model *parts, *services; /* of scenarios on a model, on traces */
static char folder[] = "/tmp/test_keys_XXXXXX";

static int read_model(const char *text, struct lc_diag *diag)
{
    struct lc_model *model = lc_model_parse(text, strlen(text), "keys.yaml", diag);
    const int status = model != NULL ? 0 : -1;
    lc_model_free(model);
    return status;
}

/* As `run` does: the scenario, then its deployment and what-ifs on the model. */
static int read_scenario(const char *text, struct lc_diag *diag)
{
    char *path = lc_format("%s/keys.yaml", folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
    const size_t before = diag->errors;
    struct lc_scenario *s = lc_scenario_read(path, diag);
    struct lc_model *model = s != NULL ? lc_model_copy(s->model != NULL ? parts : services) : NULL;
    for (size_t i = 0; model != NULL && i < s->deployment.count; i++)
        lci_edit_apply(model, &s->deployment.edits[i], diag);
    for (size_t w = 0; model != NULL && w < s->what_if_count && diag->errors == before; w++)
        for (size_t i = 0; i < s->what_ifs[w].edit_count; i++)
            if (!s->what_ifs[w].edits[i].settled)
                lci_edit_apply(model, &s->what_ifs[w].edits[i], diag);
    if (model != NULL && diag->errors == before)
        lc_model_check(model, diag);
    lc_model_free(model);
    lc_scenario_free(s);
    unlink(path);
    free(path);
    return diag->errors == before ? 0 : -1;
}

/* ---- the keys that there are ------------------------------------------------------------------------------------- */

struct keys { /* "WHAT KEY" */
    char **items;
    size_t count, capacity;
};

static bool has(const struct keys *keys, const char *key)
{
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->items[i], key) == 0)
            return true;
    return false;
}

static void add_key(struct keys *keys, const char *what, size_t length, const char *key)
{
    /* A name in quotes tells apart what is of one kind. */
    const char *quote = memchr(what, '\'', length), *end = what + length;
    const bool named = quote != NULL && quote > what;
    char *whole = lc_format("%.*s %s", (int)((named ? quote : end) - what), what, key);
    if (has(keys, whole)) {
        free(whole);
        return;
    }
    LC_GROW(keys->items, keys->count, keys->capacity);
    keys->items[keys->count++] = whole;
}

static void free_keys(struct keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        free(keys->items[i]);
    free(keys->items);
}

/* The text with another value in the place of one. */
static char *text_with(const struct lci_node *root, struct lci_node *at, const struct lci_node *value)
{
    const struct lci_node old = *at;
    *at = *value;
    char *text = lci_value_text(root);
    *at = old;
    return text;
}

/* What the reader says of a key that no map has: "WHAT has no key 'zqzqzqzqzq'; expected one of a, b, c". */
static void ask_keys(const struct lci_node *root, struct lci_node *map, reads *read, struct keys *known,
                     struct keys *used)
{
    static char strange[] = "zqzqzqzqzq";
    struct lci_node more = lci_node_copy(map);
    more.keys = lc_realloc(more.keys, more.count + 1, sizeof *more.keys);
    more.items = lc_realloc(more.items, more.count + 1, sizeof *more.items);
    more.keys[more.count] = (struct lci_node){.text = lc_strdup(strange)};
    more.items[more.count++] = (struct lci_node){.text = lc_strdup("1")};
    char *text = text_with(root, map, &more);
    struct lc_diag diag = {0};
    read(text, &diag);
    free(text);
    for (size_t i = 0; i < diag.count; i++) {
        const char *message = diag.messages[i].text, *what = strrchr(message, ':') == NULL ? message : message;
        const char *no = strstr(message, " has no key 'zqzqzqzqzq'; expected one of ");
        if (no == NULL)
            continue;
        for (const char *c = message; c < no; c++) /* behind the place */
            if (c[0] == ':' && c[1] == ' ')
                what = c + 2;
        char *list = lc_strdup(strstr(no, "expected one of ") + strlen("expected one of "));
        for (char *rest = list, *key; (key = strsep(&rest, ",")) != NULL;)
            add_key(known, what, (size_t)(no - what), key + strspn(key, " "));
        free(list);
        for (size_t k = 0; k + 1 < more.count; k++)
            add_key(used, what, (size_t)(no - what), more.keys[k].text);
    }
    lc_diag_free(&diag);
    struct lci_node *owned = lc_alloc(sizeof *owned);
    *owned = more;
    lci_node_free(owned);
}

static void ask_all(const struct lci_node *root, struct lci_node *node, reads *read, struct keys *known,
                    struct keys *used)
{
    if (node->kind == LCI_NODE_MAP)
        ask_keys(root, node, read, known, used);
    for (size_t i = 0; i < node->count; i++)
        ask_all(root, &node->items[i], read, known, used);
}

/* ---- other values ------------------------------------------------------------------------------------------------ */

struct trial {
    const struct lci_node *root;
    reads *read;
    char *accepted; /* the list of what may be: patterns of "PATH VALUE", a line each */
    FILE *found;    /* what was accepted and is not in the list */
    size_t wrong, tried;
};

static bool is_listed(const struct trial *t, const char *line)
{
    char *list = lc_strdup(t->accepted);
    bool found = false;
    for (char *rest = list, *pattern; !found && (pattern = strsep(&rest, "\n")) != NULL;)
        found = pattern[0] != '#' && fnmatch(pattern, line, 0) == 0;
    free(list);
    return found;
}

/* "keys.yaml:1:17: …", "history.csv:1: …" */
static bool has_place(const char *message)
{
    const char *at = strstr(message, ".yaml:"); /* or of the model's part that a scenario makes wrong */
    if (strstr(message, "/history.csv:1: ") != NULL)
        return true;
    if (strstr(message, "keys.yaml: the model has no tasks") != NULL || /* nothing stands anywhere */
        strstr(message, ": cannot be opened: ") != NULL)                /* its name says which */
        return true;
    int line, column;
    return at != NULL && sscanf(at, ".yaml:%d:%d: ", &line, &column) == 2 && line > 0 && column > 0;
}

static void try_value(struct trial *t, struct lci_node *node, const char *path, const char *value)
{
    struct lci_node *other = lci_node_value(value, NULL, NULL);
    assert_non_null(other);
    char *text = text_with(t->root, node, other);
    struct lc_diag diag = {0};
    const int status = t->read(text, &diag);
    char *line = lc_format("%s %s", path, value);
    t->tried++;
    if (status == 0 && !is_listed(t, line)) {
        fprintf(t->found, "%s\n", line);
        t->wrong++;
    }
    for (size_t i = 0; i < diag.count; i++)
        if (diag.messages[i].severity == LC_ERROR && !has_place(diag.messages[i].text)) {
            print_error("%s: no place in: %s\n", line, diag.messages[i].text);
            t->wrong++;
        }
    free(line);
    lc_diag_free(&diag);
    free(text);
    lci_node_free(other);
}

/* Values with a unit are tried where one of that kind stands. */
static bool suits(const struct lci_node *node, const char *value)
{
    if (node->kind != LCI_NODE_SCALAR)
        return strpbrk(value, "/%s") == NULL;
    if (strcmp(value, "3 parsecs") == 0)
        return true;
    if (strchr(value, '/') != NULL || strchr(value, '%') != NULL)
        return strchr(node->text, strchr(value, '/') != NULL ? '/' : '%') != NULL;
    return strchr(value, 's') == NULL || strstr(value, "nonsense") != NULL || strchr(node->text, 's') != NULL;
}

static void try_all(struct trial *t, struct lci_node *node, const char *path)
{
    static size_t turn; /* with sanitizers every third, so that each value meets other keys */
    for (size_t i = 0; path[0] != 0 && i < sizeof wrong / sizeof *wrong; i++)
        if (suits(node, wrong[i]) && (!LEISURELY || turn++ % 3 == 0))
            try_value(t, node, path, wrong[i]);
    for (size_t i = 0; i < node->count; i++) {
        char *deeper =
            node->kind == LCI_NODE_MAP ? lc_format("%s/%s", path, node->keys[i].text) : lc_format("%s/%zu", path, i);
        try_all(t, &node->items[i], deeper);
        free(deeper);
    }
}

static struct lci_node *parse(const char *name)
{
    char *path = lc_format(TEST_DATA "/keys/%s.yaml", name);
    struct lc_diag diag = {0};
    struct lci_node *root = lci_read_yaml(path, &diag);
    assert_non_null(root);
    free(path);
    return root;
}

static void expect_sound(const struct lci_node *root, const char *name, reads *read)
{
    struct lc_diag diag = {0};
    char *text = lci_value_text(root);
    const int status = read(text, &diag);
    for (size_t i = 0; status != 0 && i < diag.count; i++)
        if (diag.messages[i].severity == LC_ERROR)
            print_error("%s: %s\n", name, diag.messages[i].text);
    assert_int_equal(status, 0);
    lc_diag_free(&diag);
    free(text);
}

/* With LOADCAST_KEYS=FOLDER, what is accepted and not listed is written there. */
static void values(const char *name, reads *read)
{
    struct lci_node *root = parse(name);
    char *path = lc_format(TEST_DATA "/keys/%s.accepted", name);
    size_t length;
    struct trial t = {.root = root, .read = read, .accepted = lci_file_read(path, 1 << 20, &length, NULL)};
    const char *to = getenv("LOADCAST_KEYS");
    char *found = to != NULL ? lc_format("%s/%s.accepted", to, name) : lc_strdup("/dev/stderr");
    t.found = fopen(found, "w");
    assert_non_null(t.accepted);
    assert_non_null(t.found);
    expect_sound(root, name, read);
    try_all(&t, root, "");
    fclose(t.found);
    assert_true(t.tried > (LEISURELY ? 30 : 100));
    assert_int_equal(t.wrong, 0);
    free(found);
    free(path);
    free(t.accepted);
    lci_node_free(root);
}

static void model_parts(void **state)
{
    (void)state;
    values("parts", read_model);
}

static void model_loads(void **state)
{
    (void)state;
    values("loads", read_model);
}

static void model_times(void **state)
{
    (void)state;
    values("times", read_model);
}

static void scenario(void **state)
{
    (void)state;
    values("scenario", read_scenario);
}

static void curves(void **state)
{
    (void)state;
    values("curves", read_scenario);
}

static void growth(void **state)
{
    (void)state;
    values("growth", read_scenario);
}

static void history(void **state)
{
    (void)state;
    values("history", read_scenario);
}

/* Keys that stand in no file: LQNS's decisions, and what excludes another key of its map. */
static bool is_elsewhere(const char *key)
{
    static const char *const all[] = {"a task decisions", "scaling target_queue"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i], key) == 0)
            return true;
    return false;
}

static void every_key(void **state)
{
    (void)state;
    static const char *const names[] = {"parts", "loads", "times", "scenario", "curves", "growth", "history"};
    struct keys known = {0}, used = {0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct lci_node *root = parse(names[i]);
        ask_all(root, root, i < 3 ? read_model : read_scenario, &known, &used);
        lci_node_free(root);
    }
    size_t missing = 0;
    for (size_t i = 0; i < known.count; i++)
        if (!has(&used, known.items[i]) && !is_elsewhere(known.items[i])) {
            print_error("no file of tests/data/keys has: %s\n", known.items[i]);
            missing++;
        }
    assert_true(known.count > 200);
    assert_int_equal(missing, 0);
    free_keys(&known);
    free_keys(&used);
}

static char *history_path(void)
{
    return lc_format("%s/history.csv", folder);
}

static int write_history(void)
{
    char *path = history_path();
    FILE *f = fopen(path, "w");
    free(path);
    if (f == NULL)
        return -1;
    fputs("day,requests\n", f);
    for (int i = 1; i <= 9; i++)
        fprintf(f, "2026-0%d-01,%d\n", i, 20 + i);
    return fclose(f);
}

static int set_up(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    parts = lc_model_read(TEST_DATA "/keys/parts.yaml", &diag);
    services = lc_model_read(TEST_DATA "/keys/services.yaml", &diag);
    lc_diag_free(&diag);
    return parts != NULL && services != NULL && mkdtemp(folder) != NULL && write_history() == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    lc_model_free(parts);
    lc_model_free(services);
    char *path = history_path();
    unlink(path);
    free(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key),   cmocka_unit_test(model_parts), cmocka_unit_test(model_loads),
        cmocka_unit_test(model_times), cmocka_unit_test(scenario),    cmocka_unit_test(curves),
        cmocka_unit_test(growth),      cmocka_unit_test(history),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
