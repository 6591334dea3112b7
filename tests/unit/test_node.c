/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/format/node.h"

static struct lci_node *parse(const char *text, struct lc_diag *diag)
{
    return lci_yaml_parse(text, strlen(text), "x.yaml", diag);
}

static void trees_with_places(void **state)
{
    (void)state;
    struct lci_node *root = parse("a: 1\nlist:\n  - x\n  - 'y z'\n  - {k: v}\nnone:\n", NULL);
    assert_non_null(root);
    assert_int_equal(root->kind, LCI_NODE_MAP);
    assert_int_equal(root->count, 3);
    const struct lci_node *list = lci_node_get(root, "list");
    assert_int_equal(list->kind, LCI_NODE_LIST);
    assert_int_equal(list->count, 3);
    assert_string_equal(list->items[1].text, "y z");
    assert_true(list->items[1].quoted);
    assert_int_equal(list->items[1].place.line, 4);
    assert_int_equal(list->items[1].place.column, 5);
    assert_string_equal(lci_node_get(&list->items[2], "k")->text, "v");
    assert_true(lci_node_is_null(lci_node_get(root, "none")));
    assert_null(lci_node_get(root, "nothing"));
    assert_null(lci_node_get(list, "a"));
    lci_node_free(root);
    root = parse("", NULL);
    assert_true(lci_node_is_null(root));
    lci_node_free(root);
    root = parse("{\"json\": [1, true, \"x\\u00e4\"]}", NULL);
    assert_string_equal(lci_node_get(root, "json")->items[2].text, "xä");
    lci_node_free(root);
}

static void broken_documents(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"a: [1, 2", "x.yaml:2:1: this is not YAML"},
        {"a: 1\na: 2\n", "x.yaml:2:1: 'a' stands here again (first in line 1)"},
        {"a: &b 1\n", "x.yaml:1:4: anchors"},
        {"a: &b [1]\n", "x.yaml:1:4: anchors"},
        {"a: *b\n", "x.yaml:1:4: anchors"},
        {"a: !!int 1\n", "x.yaml:1:4: tags"},
        {"[a]: 1\n", "x.yaml:1:1: a key must be a text"},
        {"a: 1\n---\nb: 2\n", "x.yaml:2:1: a second document"},
        {"a: \"\\0\"\n", "x.yaml:1:4: a text must not hold"},
        {"a: \xff\n", "x.yaml: byte 3: this is not YAML"},
        {"\t", "this is not YAML"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lc_diag diag = {0};
        assert_null(parse(cases[i].text, &diag));
        assert_int_equal(diag.errors, 1);
        if (strstr(diag.messages[0].text, cases[i].message) == NULL)
            fail_msg("%s instead of %s", diag.messages[0].text, cases[i].message);
        assert_int_equal(lc_diag_status(&diag), LC_INPUT);
        lc_diag_free(&diag);
    }
    enum { DEEP = 100000 };
    char *deep = lc_alloc(DEEP + 1);
    memset(deep, '[', DEEP);
    deep[DEEP] = 0;
    struct lc_diag diag = {0};
    assert_null(parse(deep, &diag));
    assert_int_equal(diag.errors, 1);
    lc_diag_free(&diag);
    free(deep);
}

static void checked_values(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lci_node *root =
        parse("rate: 12/s\nrte: 1\nzzzzz: 2\ncount: 3\nbad: -1\nflag: yes\nempty: ''\nlist: []\n", &diag);
    static const char *const known[] = {"rate", "count", "bad", "flag", "empty", "list", NULL};
    assert_int_equal(lci_node_keys(root, known, "a test", &diag), -1);
    assert_int_equal(diag.errors, 2);
    assert_string_equal(diag.messages[0].text, "x.yaml:2:1: a test has no key 'rte'; did you mean 'rate'?");
    assert_string_equal(diag.messages[1].text,
                        "x.yaml:3:1: a test has no key 'zzzzz'; expected one of rate, count, bad, flag, empty, list");
    double rate;
    assert_int_equal(lci_node_quantity(lci_node_get(root, "rate"), LC_RATE, "'rate'", &rate, &diag), 0);
    assert_true(rate == 12);
    uint64_t count;
    assert_int_equal(lci_node_count(lci_node_get(root, "count"), 1, 10, "'count'", &count, &diag), 0);
    assert_int_equal(count, 3);
    bool flag = false;
    assert_int_equal(lci_node_flag(lci_node_get(root, "flag"), "'flag'", &flag, &diag), 0);
    assert_true(flag);
    assert_int_equal(diag.errors, 2);
    const char *text;
    assert_int_equal(lci_node_count(lci_node_get(root, "bad"), 1, 10, "'bad'", &count, &diag), -1);
    assert_int_equal(lci_node_text(lci_node_get(root, "empty"), "'empty'", &text, &diag), -1);
    assert_int_equal(lci_node_text(lci_node_get(root, "list"), "'list'", &text, &diag), -1);
    assert_int_equal(lci_node_flag(lci_node_get(root, "rate"), "'rate'", &flag, &diag), -1);
    assert_int_equal(diag.errors, 6);
    assert_non_null(strstr(diag.messages[4].text, "x.yaml:8:7: 'list' is a list; expected a single value"));
    lc_diag_free(&diag);
    lci_node_free(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_with_places),
        cmocka_unit_test(broken_documents),
        cmocka_unit_test(checked_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
