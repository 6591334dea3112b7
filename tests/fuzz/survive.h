/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What any bytes must survive, for the fuzzers and for the tests that replay what these found: reading, and, where that
 * gives something, everything that may be done with it. abort() on a broken promise.
 */
#ifndef FUZZ_SURVIVE_H
#define FUZZ_SURVIVE_H

#include "loadcast/format.h"
#include "loadcast/learn.h"
#include "loadcast/scenario.h"
#include "loadcast/traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static inline void broken(const char *promise, const char *detail)
{
    fprintf(stderr, "broken promise: %s%s%s\n", promise, detail != NULL ? ": " : "", detail != NULL ? detail : "");
    abort();
}

/* What is written of a model that passed the check is readable; and the same model, if there was no warning, neither
 * about what it says (`clear`) nor about what the format cannot say. */
static inline void survive_writing(const struct lc_format *format, const struct lc_model *model, bool clear)
{
    struct lc_diag diag = {0};
    char *text = NULL, *difference = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    const int status = format->write(model, NULL, out, &diag);
    fclose(out);
    if ((status != 0) != (diag.errors != 0))
        broken("an error has a message", format->name);
    if (status == 0 && format->parse != NULL) {
        const size_t warnings = diag.count;
        struct lc_model *again = format->parse(text, length, "again", &diag);
        if (again == NULL) {
            fprintf(stderr, "%.*s\n", (int)length, text);
            broken("what is written can be read", diag.messages[diag.count - 1].text);
        }
        if (strcmp(format->name, "lqn") == 0) { /* takes the file's name, and has no word for a parameter not told */
            free(again->name);
            again->name = model->name != NULL ? lc_strdup(model->name) : NULL;
            again->convergence = model->convergence;
            again->iteration_limit = model->iteration_limit;
            again->print_interval = model->print_interval;
            again->underrelaxation = model->underrelaxation;
        }
        const bool same = lc_model_equal(model, again, &difference); /* LQN text has comments for readers only */
        if (clear && warnings == 0 && !same && strstr(difference, "comment") == NULL) {
            fprintf(stderr, "%.*s\n", (int)length, text);
            broken("what is written is the model", difference);
        }
        free(difference);
        lc_model_free(again);
    }
    lc_diag_free(&diag);
    free(text);
}

/* 0: what passed the check is written in every format; else in one of them, in turn by this number. Fuzzers take that,
 * so that they have time for more inputs. */
static size_t survive_turn;

static inline void survive_use(const struct lc_model *model, bool clear)
{
    struct lc_diag diag = {0};
    struct lc_traffic traffic;
    char *difference = NULL;
    struct lc_model *copy = lc_model_copy(model);
    if (!lc_model_equal(model, copy, &difference))
        broken("a copy is equal", difference);
    lc_model_free(copy);
    size_t count = 0;
    while (lc_formats()[count] != NULL)
        count++;
    for (const struct lc_format *const *f = lc_formats(); *f != NULL; f++)
        if ((survive_turn == 0 || (size_t)(f - lc_formats()) == survive_turn % count) && (*f)->write != NULL &&
            strcmp((*f)->name, "svg") != 0 && strcmp((*f)->name, "dot") != 0 &&
            strcmp((*f)->name, "p") != 0) /* Graphviz is not ours to test, and is slow; .p holds results only */
            survive_writing(*f, model, clear);
    const int status = lc_traffic_solve(model, &traffic, &diag);
    if ((status != 0) != (diag.errors != 0))
        broken("an error has a message", "flow");
    if (status == 0)
        lc_traffic_free(&traffic);
    lc_diag_free(&diag);
}

/* One model file; `format` NULL: told by content and `name`. */
static inline void survive_model(const struct lc_format *format, const char *bytes, size_t length, const char *name)
{
    struct lc_diag diag = {0};
    struct lc_model *model =
        format != NULL ? format->parse(bytes, length, name, &diag) : lc_model_parse(bytes, length, name, &diag);
    if ((model == NULL) != (diag.errors != 0))
        broken("a model or an error", name);
    if (model != NULL && format != NULL && lc_model_check(model, &diag) != (diag.errors == 0 ? 0 : -1))
        broken("the check says what it found", name);
    if (model != NULL && diag.errors == 0)
        survive_use(model, diag.count == 0);
    lc_model_free(model);
    lc_diag_free(&diag);
}

/* The bytes as a file for the time of the call of `read`. */
static inline void with_file(const void *bytes, size_t length, void (*read)(const char *path))
{
    char path[40];
    const int fd = memfd_create("input", 0);
    if (fd < 0 || write(fd, bytes, length) != (ssize_t)length || lseek(fd, 0, SEEK_SET) != 0)
        exit(1); /* of this machine, not of the input */
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    read(path);
    close(fd);
}

static inline void survive_scenario(const char *path)
{
    struct lc_diag diag = {0};
    struct lc_scenario *scenario = lc_scenario_read(path, &diag);
    if ((scenario == NULL) != (diag.errors != 0))
        broken("a scenario or an error", NULL);
    lc_scenario_free(scenario);
    lc_diag_free(&diag);
}

static inline void survive_deployment(const char *path)
{
    struct lc_diag diag = {0};
    struct lc_deployment deployment = {0};
    const int status = lc_deployment_read(path, &deployment, &diag);
    if ((status != 0) != (diag.errors != 0))
        broken("a deployment or an error", NULL);
    lc_deployment_free(&deployment);
    lc_diag_free(&diag);
}

static inline void survive_activities(const char *path)
{
    struct lc_diag diag = {0};
    struct lc_activity_runs runs = {0};
    const int status = lc_activities_read(path, &runs, &diag);
    if ((status != 0) != (diag.errors != 0))
        broken("activities or an error", NULL);
    lc_activities_free(&runs);
    lc_diag_free(&diag);
}

#endif
