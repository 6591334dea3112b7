/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files that appear whole or not at all; results as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/output.h"
#include "loadcast/format.h"
#include "support/random_model.h"

static char folder[] = "/tmp/loadcast-test-XXXXXX";

static char *in_folder(const char *name)
{
    return lc_format("%s/%s", folder, name);
}

static size_t files_in_folder(void)
{
    size_t count = 0;
    DIR *d = opendir(folder);
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return count;
}

static void write_text(const char *file, const char *text)
{
    struct lci_output *output = lci_output_open(file, NULL);
    assert_non_null(output);
    fputs(text, lci_output_stream(output));
    assert_int_equal(lci_output_close(output, NULL), 0);
}

static void must_hold(const char *file, const char *text)
{
    size_t length;
    char *read = lci_file_read(file, 1000, &length, NULL);
    assert_non_null(read);
    assert_string_equal(read, text);
    assert_int_equal(length, strlen(text));
    free(read);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    DIR *d = opendir(folder);
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        char *file = in_folder(e->d_name);
        unlink(file);
        free(file);
    }
    closedir(d);
    return rmdir(folder);
}

static void files_appear_whole(void **state)
{
    (void)state;
    char *file = in_folder("a");
    struct lci_output *output = lci_output_open(file, NULL);
    fputs("half", lci_output_stream(output));
    fflush(lci_output_stream(output));
    assert_int_equal(access(file, F_OK), -1); /* not there before it is whole */
    lci_output_abandon(output);
    assert_int_equal(files_in_folder(), 0);
    write_text(file, "one");
    must_hold(file, "one");
    output = lci_output_open(file, NULL);
    fputs("two", lci_output_stream(output));
    lci_output_abandon(output);
    must_hold(file, "one"); /* the old one stays when the new one fails */
    assert_int_equal(files_in_folder(), 1);
    unlink(file);
    free(file);
}

static void what_is_there_keeps_its_nature(void **state)
{
    (void)state;
    char *file = in_folder("target"), *link = in_folder("link"), *dangling = in_folder("dangling");
    char *later = in_folder("later");
    struct stat s;
    write_text(file, "old");
    assert_int_equal(chmod(file, 0640), 0);
    assert_int_equal(symlink("target", link), 0);
    assert_int_equal(symlink("later", dangling), 0);
    write_text(link, "new");
    must_hold(file, "new");
    assert_int_equal(lstat(link, &s), 0);
    assert_true(S_ISLNK(s.st_mode));
    assert_int_equal(stat(file, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0640);
    write_text(dangling, "made");
    must_hold(later, "made");
    write_text("/dev/null", "gone"); /* a device is written, not replaced */
    assert_int_equal(stat("/dev/null", &s), 0);
    assert_true(S_ISCHR(s.st_mode));
    assert_int_equal(files_in_folder(), 4);
    unlink(file);
    unlink(link);
    unlink(dangling);
    unlink(later);
    free(file);
    free(link);
    free(dangling);
    free(later);
}

static void failures_are_of_the_machine(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    size_t length;
    char *nowhere = in_folder("no/such/folder");
    assert_null(lci_output_open(nowhere, &diag));
    assert_null(lci_output_open(folder, &diag));
    /* An input that is not there, or is none, is a wrong input. */
    assert_null(lci_file_read(nowhere, 10, &length, &diag));
    assert_null(lci_file_read(folder, 10, &length, &diag));
    assert_int_equal(diag.errors, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(diag.messages[i].status, i < 2 ? LC_MACHINE : LC_INPUT);
    lc_diag_free(&diag);
    char *file = in_folder("long");
    write_text(file, "0123456789");
    assert_null(lci_file_read(file, 9, &length, &diag));
    assert_int_equal(lc_diag_status(&diag), LC_INPUT);
    lc_diag_free(&diag);
    struct lci_output *full = lci_output_open("/dev/full", &diag);
    if (full != NULL) {
        fputs("does not fit", lci_output_stream(full));
        assert_int_equal(lci_output_close(full, &diag), -1);
        assert_int_equal(lc_diag_status(&diag), LC_MACHINE);
    }
    lc_diag_free(&diag);
    unlink(file);
    free(file);
    free(nowhere);
}

/* Ends a child in the middle of an output: by exit, or by a signal. */
static void ended_children_leave_nothing(void **state)
{
    (void)state;
    char *file = in_folder("child");
    for (int way = 0; way < 2; way++) {
        const pid_t child = fork();
        if (child == 0) {
            struct lci_output *output = lci_output_open(file, NULL);
            fputs("half", lci_output_stream(output));
            fflush(lci_output_stream(output));
            if (files_in_folder() != 1)
                _exit(1);
            if (way == 1)
                raise(SIGTERM);
            fclose(lci_output_stream(output));
            exit(0);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(way == 0 ? WIFEXITED(status) : WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
        assert_int_equal(files_in_folder(), 0);
    }
    free(file);
}

static void unknown_endings_are_told(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lc_model *model = random_model(1, 0);
    assert_int_equal(lc_model_write(model, NULL, "model.docx", &diag), -1);
    assert_non_null(strstr(diag.messages[0].text, ".yaml"));
    lc_diag_free(&diag);
    char *file = in_folder("model.yaml");
    assert_int_equal(lc_model_write(model, NULL, file, &diag), 0);
    struct lc_model *read = lc_model_read(file, &diag);
    assert_non_null(read);
    char *difference = NULL;
    if (!lc_model_equal(model, read, &difference))
        fail_msg("%s", difference);
    assert_string_equal(read->source, file);
    assert_null(lc_model_parse("What is this?", 13, "x", &diag));
    assert_non_null(strstr(diag.messages[diag.count - 1].text, "no model of a known format"));
    lc_diag_free(&diag);
    lc_model_free(model);
    lc_model_free(read);
    unlink(file);
    free(file);
}

static void must_have(const json_t *object, const char *const *keys)
{
    for (; *keys != NULL; keys++)
        if (json_object_get(object, *keys) == NULL)
            fail_msg("'%s' is missing", *keys);
}

static void results_have_the_promised_keys(void **state)
{
    (void)state;
    static const char *const top[] = {"schema",         "model",       "seed",       "replications",
                                      "simulated_time", "warmup",      "events",     "completions",
                                      "elapsed_s",      "converged",   "processors", "tasks",
                                      "entries",        "activities",  "joins",      "calls",
                                      "workloads",      "bottlenecks", NULL};
    static const char *const task[] = {"name", "processor",    "multiplicity", "throughput", "utilization",
                                       "load", "queue_length", "dropped",      "saturated",  NULL};
    static const char *const entry[] = {
        "name", "task", "throughput", "service_time", "phases", "open_response_time", "percentiles", NULL};
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct lc_model *model = random_model(seed, 0);
        struct lc_result *result = lc_result_new(model);
        if (result->model->task_count > 0)
            result->tasks[0].throughput = (struct lc_estimate){0.1, 0.01, INFINITY};
        json_t *document = lc_result_json(result);
        must_have(document, top);
        assert_string_equal(json_string_value(json_object_get(document, "schema")), "loadcast.result/1");
        const json_t *tasks = json_object_get(document, "tasks"), *entries = json_object_get(document, "entries");
        assert_int_equal(json_array_size(tasks), model->task_count);
        assert_int_equal(json_array_size(entries), model->entry_count);
        must_have(json_array_get(tasks, 0), task);
        must_have(json_array_get(entries, 0), entry);
        const json_t *throughput = json_object_get(json_array_get(tasks, 0), "throughput");
        assert_true(json_real_value(json_object_get(throughput, "mean")) == 0.1);
        assert_true(json_is_null(json_object_get(throughput, "ci99"))); /* JSON has no infinity */
        assert_true(json_is_null(json_object_get(json_array_get(entries, 0), "open_response_time")));
        json_decref(document);
        lc_result_free(result);
        lc_model_free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_appear_whole),          cmocka_unit_test(what_is_there_keeps_its_nature),
        cmocka_unit_test(failures_are_of_the_machine), cmocka_unit_test(ended_children_leave_nothing),
        cmocka_unit_test(unknown_endings_are_told),    cmocka_unit_test(results_have_the_promised_keys),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
