/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Helpers of the tests of LQN files.
 */
#ifndef LQN_FILES_H
#define LQN_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "loadcast/format.h"

static inline void print_messages(const struct lc_diag *diag)
{
    for (size_t i = 0; i < diag->count; i++)
        print_message("%s\n", diag->messages[i].text);
}

/* The model in a file, read without checks; the test fails on any error. */
static inline struct lc_model *read_model(const struct lc_format *format, const char *file)
{
    struct lc_diag diag = {0};
    size_t length;
    char *text = lci_file_read(file, 1 << 24, &length, &diag);
    assert_non_null(text);
    struct lc_model *model = format->parse(text, length, file, &diag);
    print_messages(&diag);
    assert_non_null(model);
    lc_diag_free(&diag);
    free(text);
    return model;
}

/* What a format writes of a model; `warnings` (may be NULL) gets the number of warnings. Owned by the caller. */
__attribute__((noinline, unused)) static char *written(const struct lc_format *format, const struct lc_model *model,
                                                       const struct lc_result *result, size_t *length, size_t *warnings)
{
    struct lc_diag diag = {0};
    char *text = NULL;
    FILE *out = open_memstream(&text, length);
    const int status = format->write(model, result, out, &diag);
    fclose(out);
    if (status != 0)
        print_messages(&diag);
    assert_int_equal(status, 0);
    if (warnings != NULL)
        *warnings = diag.count;
    lc_diag_free(&diag);
    return text;
}

/* Writes the model, reads that, and fails unless it is the same. */
static inline void assert_round_trip(const struct lc_format *format, const struct lc_model *model)
{
    struct lc_diag diag = {0};
    size_t length;
    char *text = written(format, model, NULL, &length, NULL), *difference = NULL;
    struct lc_model *again = format->parse(text, length, "again", &diag);
    print_messages(&diag);
    assert_non_null(again);
    if (!lc_model_equal(model, again, &difference))
        fail_msg("%s: %s\n%s", format->name, difference, text);
    lc_diag_free(&diag);
    lc_model_free(again);
    free(text);
}

/* Calls the function with every file that matches; fails if there are fewer than `least`. */
static inline void for_each_file(const char *pattern, size_t least, void (*visit)(const char *file))
{
    glob_t files;
    assert_int_equal(glob(pattern, 0, NULL, &files), 0);
    assert_true(files.gl_pathc >= least);
    for (size_t i = 0; i < files.gl_pathc; i++)
        visit(files.gl_pathv[i]);
    globfree(&files);
}

#endif
