/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expression.h"

static void values(void **state)
{
    (void)state;
    static const struct {
        const char *expression;
        double value;
    } cases[] = {
        {"1 + 2 * 3", 7},
        {"(1 + 2) * 3", 9},
        {"2 ** 3 ** 2", 512},
        {"-2 ** 2", 4}, /* the sign belongs to the number */
        {"7 % 4 - 1", 2},
        {"7 / 2", 3.5},
        {"1D-3 * 1e3", 1},
        {".5 + 1.", 1.5},
        {"!0 + !5", 1},
        {"1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3 && 1 != 2 && 1 == 1", 1},
        {"0 || 0 && 1", 0},
        {"1 ? 2 : 3 ? 4 : 5", 2},
        {"0 ? 2 : 0 ? 4 : 5", 5},
        {"0 ? $undefined : 5", 5},
        {"max(1, 5, 3) - min(4, 2)", 3},
        {"pow(2, 10) + sqrt(16) + abs(0 - 1) + floor(1.9) + ceil(1.1) + round(2.5)", 1035},
        {"exp(log(5))", 5},
        {"array_get(array_create(3, 4, 5), 1)", 4},
        {"array_create(3, 4, 5)[2]", 5},
        {"$x*$y", 6},
        {"$list + 1", 5},
        {"1 # a comment\n + 1", 2},
        {"1 -1", 0}, /* only in lists of LQN text is this an end */
    };
    struct lci_scope *scope = lci_scope_new();
    struct lc_diag diag = {0};
    assert_int_equal(lci_scope_add(scope, "x", "2", &diag, NULL), 0);
    assert_int_equal(lci_scope_add(scope, "y", "$x + 1", &diag, NULL), 0);
    assert_int_equal(lci_scope_add(scope, "list", "[4, 5]", &diag, NULL), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = NAN;
        if (lci_evaluate(scope, cases[i].expression, &value, &diag, NULL) != 0 ||
            !(fabs(value - cases[i].value) <= 1e-12 * fabs(cases[i].value)))
            fail_msg("%s is %g, not %g (%s)", cases[i].expression, value, cases[i].value,
                     diag.count > 0 ? diag.messages[diag.count - 1].text : "");
    }
    assert_int_equal(diag.count, 0);
    lci_scope_free(scope);
}

static void mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *expression, *message;
    } cases[] = {
        {"", "the expression ends too early"},
        {"1 +", "the expression ends too early"},
        {"1 + )", "')' is not a number; expected a number or a $variable"},
        {"(1", "the expression is not closed; ')' is missing"},
        {"$z", "the variable $z is not defined"},
        {"$", "a '$' without a name; expected a variable such as $x"},
        {"z", "'z' is neither a number nor a function; variables begin with '$'"},
        {"sin(1)", "there is no function sin() of 1 arguments"},
        {"rand()", "rand() is random, and models are not: write the numbers"},
        {"1 2", "'2' does not belong in an expression"},
        {"1 / 0", "'1 / 0' is not a finite number; a number is needed here"},
        {"[1, 2]", "'[1, 2]' is a list; a number is needed here"},
        {"\"five\"", "'\"five\"' is a text; a number is needed here"},
        {"array_create(1) + 1", "a list stands where a number is needed"},
        {"array_create(1)[1]", "the list has no element 1; expected 0 to 0"},
        {"[1 : 0, 1]", "the range from 1 to 0 by 1 is empty or endless"},
        {"[1 : 2, 0]", "the range from 1 to 2 by 0 is empty or endless"},
        {"1e999", "'1e999' is not a number; expected a number or a $variable"},
        {"\"open", "the text is not closed; '\"' is missing"},
    };
    struct lci_scope *scope = lci_scope_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lc_diag diag = {0};
        double value;
        assert_int_equal(lci_evaluate(scope, cases[i].expression, &value, &diag, NULL), -1);
        assert_int_equal(diag.count, 1);
        assert_string_equal(diag.messages[0].text, cases[i].message);
        lc_diag_free(&diag);
    }
    lci_scope_free(scope);
}

/* LQNS sweeps what array_create() makes like a list in brackets. */
static void lists_are_swept(void **state)
{
    (void)state;
    struct lci_scope *scope = lci_scope_new();
    struct lc_diag diag = {0};
    assert_int_equal(lci_scope_add(scope, "a", "array_create(3, 4, 5)", &diag, NULL), 0);
    assert_int_equal(lci_scope_add(scope, "b", "[1, 2]", &diag, NULL), 0);
    assert_int_equal(lci_scope_add(scope, "c", "$a * 10 + $b", &diag, NULL), 0);
    assert_int_equal(lci_scope_points(scope), 6);
    double value;
    assert_int_equal(lci_scope_select(scope, 3, &diag), 0);
    assert_true(lci_scope_number(scope, "c", &value) && value == 42);
    assert_int_equal(lci_scope_add(scope, "none", "array_create()", &diag, NULL), 0);
    assert_int_equal(lci_scope_points(scope), 6);
    assert_int_equal(lci_evaluate(scope, "$none", &value, &diag, NULL), -1);
    assert_string_equal(diag.messages[0].text, "'$none' is a list; a number is needed here");
    lc_diag_free(&diag);
    lci_scope_free(scope);
}

static void depth_is_bounded(void **state)
{
    (void)state;
    static const char *const openers[] = {"(", "!", "-", "abs(", "2**", "1?", "$x[", "[", "1+("};
    struct lci_scope *scope = lci_scope_new();
    for (size_t i = 0; i < sizeof openers / sizeof *openers; i++) {
        const size_t length = strlen(openers[i]), times = 200000;
        char *text = lc_alloc(length * times + 1);
        for (size_t k = 0; k < times; k++)
            memcpy(text + k * length, openers[i], length);
        text[length * times] = 0;
        struct lc_diag diag = {0};
        double value;
        assert_int_equal(lci_evaluate(scope, text, &value, &diag, NULL), -1);
        lc_diag_free(&diag);
        free(text);
    }
    lci_scope_free(scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(lists_are_swept),
        cmocka_unit_test(depth_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
