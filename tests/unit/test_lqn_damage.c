/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Damaged LQN files are read or refused with a message: no crash, no leak, no silence. */
#include "base/output.h"
#include "unit/lqn_files.h"

#include "format/formats.h"

/* Reads what is left of a file, checked as the program does, and writes what can be read. */
static void try_text(const char *name, const char *text, size_t length)
{
    struct lc_diag diag = {0};
    char *exact = lc_strndup(text, length); /* so that the sanitizer sees its end */
    struct lc_model *model = lc_format_find(name)->parse(exact, length, name, &diag);
    free(exact);
    assert_true((model == NULL) == (diag.errors > 0));
    if (model != NULL) {
        const size_t errors = diag.errors;
        lc_model_check(model, &diag);
        char *out = NULL;
        size_t size;
        FILE *stream = open_memstream(&out, &size);
        if (diag.errors == errors)
            lc_format_find(name)->write(model, NULL, stream, &diag);
        fclose(stream);
        free(out);
    }
    lc_model_free(model);
    lc_diag_free(&diag);
}

static uint64_t bits = 88172645463325252u;

static size_t below(size_t n)
{
    bits ^= bits << 13;
    bits ^= bits >> 7;
    bits ^= bits << 17;
    return (size_t)(bits % n);
}

static void damage(const char *file, const char *name)
{
    struct lc_diag diag = {0};
    size_t length;
    char *text = lci_file_read(file, 1 << 20, &length, &diag);
    assert_non_null(text);
    for (size_t i = 0; i < length; i += 1 + length / 150) /* beginnings */
        try_text(name, text, i);
    char *copy = lc_alloc(length + 1);
    for (int i = 0; i < 400; i++) { /* bytes that are changed */
        memcpy(copy, text, length + 1);
        for (size_t k = 0; k < 1 + below(4); k++)
            copy[below(length)] = (char)below(256);
        try_text(name, copy, length);
    }
    for (int i = 0; i < 300; i++) { /* pieces that are cut out, or copied elsewhere */
        memcpy(copy, text, length + 1);
        const size_t from = below(length), count = below(length - from < 200 ? length - from : 200),
                     to = below(length - count);
        if (i % 2 == 0) {
            memmove(copy + from, copy + from + count, length - from - count);
            try_text(name, copy, length - count);
        } else {
            memcpy(copy + to, text + from, count);
            try_text(name, copy, length);
        }
    }
    free(copy);
    free(text);
}

static void damaged_xml(void **state)
{
    (void)state;
    damage(TEST_DATA "/lqn/constructs.lqnx", "m.lqnx");
}

static void damaged_text(void **state)
{
    (void)state;
    damage(TEST_DATA "/lqn/constructs.lqn", "m.lqn");
    damage(TEST_DATA "/lqn/sweep.lqn", "m.lqn");
}

/* One line after the other is missing. */
static void missing_lines(void **state)
{
    (void)state;
    static const char *const files[][2] = {{TEST_DATA "/lqn/constructs.lqnx", "m.lqnx"},
                                           {TEST_DATA "/lqn/constructs.lqn", "m.lqn"}};
    for (size_t f = 0; f < 2; f++) {
        struct lc_diag diag = {0};
        size_t length;
        char *text = lci_file_read(files[f][0], 1 << 20, &length, &diag);
        assert_non_null(text);
        for (char *line = text; *line != 0;) {
            const char *end = strchr(line, '\n') + 1;
            const size_t count = (size_t)(end - line), before = (size_t)(line - text);
            char *copy = lc_format("%.*s%s", (int)before, text, end);
            try_text(files[f][1], copy, length - count);
            free(copy);
            line += count;
        }
        free(text);
    }
}

static void deep_and_long(void **state)
{
    (void)state;
    enum { N = 20000 };
    static const char *const pieces[] = {
        "<lqn-model>", "<a b=\"", "$x = (", "$x = [", "P 0 p ", "{", "A ", "\"", "-1 ", "P 0 -1 T 0 -1 E 0 -1 A ", "&"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        const size_t length = strlen(pieces[i]);
        char *text = lc_alloc(N * length + 1);
        for (size_t k = 0; k < N; k++)
            memcpy(text + k * length, pieces[i], length);
        text[N * length] = 0;
        try_text("m.lqnx", text, N * length);
        try_text("m.lqn", text, N * length);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_xml),
        cmocka_unit_test(damaged_text),
        cmocka_unit_test(missing_lines),
        cmocka_unit_test(deep_and_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
