/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A scenario and a model as text, and the verdict on them: for the tests of the verdict's library. */
#ifndef ASKED_H
#define ASKED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loadcast/format.h"
#include "loadcast/predict.h"

/* One server of 100 ms, exponential: at λ a second its load is λ / 10, its mean response 1 / (10 − λ). */
static const char one_queue[] __attribute__((unused)) =
    "loadcast: model/1\n"
    "processors: {delay: {scheduling: inf}}\n"
    "tasks:\n"
    "  web: {processor: delay, scheduling: inf, entries: {page: {calls: [query]}}}\n"
    "  db: {processor: delay, multiplicity: 1, entries: {query: {phase1: {demand: 100 ms}}}}\n";

/* One scenario: what the verdict says of it, or the errors. */
struct asked {
    struct lc_scenario *scenario;
    struct lc_model *model;
    struct lc_verdict *verdict; /* NULL: errors */
    struct lc_diag diag;
};

static inline char *write_file(const char *text)
{
    char name[] = "/tmp/test_predict_XXXXXX";
    const int fd = mkstemp(name);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    return lc_strdup(name);
}

static inline struct asked ask(const char *model, const char *scenario, const struct lc_evidence *evidence)
{
    struct asked a = {0};
    char *model_file = write_file(model);
    char *text = lc_format("model: %s\n%s", model_file, scenario), *file = write_file(text);
    a.scenario = lc_scenario_read(file, &a.diag);
    a.model = lc_model_read(model_file, &a.diag);
    if (a.scenario == NULL || a.model == NULL)
        fail_msg("%s", a.diag.messages[0].text);
    lc_diag_free(&a.diag); /* a model alone has nothing that makes load */
    const struct lc_question question = {.scenario = a.scenario, .model = a.model, .evidence = evidence, .jobs = 1};
    a.verdict = lc_verdict_new(&question, &a.diag);
    unlink(file);
    unlink(model_file);
    free(file);
    free(text);
    free(model_file);
    return a;
}

static inline struct asked predict(const char *model, const char *scenario, const struct lc_evidence *evidence)
{
    struct asked a = ask(model, scenario, evidence);
    if (a.verdict == NULL || lc_predict(a.verdict, &a.diag) != 0)
        fail_msg("%s", a.diag.messages[0].text);
    return a;
}

static inline void done(struct asked *a)
{
    lc_verdict_free(a->verdict);
    lc_model_free(a->model);
    lc_scenario_free(a->scenario);
    lc_diag_free(&a->diag);
}

static inline void near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.10g; expected %.10g", value, expected);
}

/* The interval is for 95 %; five times as much is beyond chance. */
static inline void holds(const struct lc_estimate *e, double expected)
{
    near(e->mean, expected, 2.5 * e->ci95);
}

#endif
