/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files, folders, patterns, many files at once, and what is said when one of them cannot be read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "fit/trace/source.h"
#include "trace_read.h"

static char folder[100];

static int make_folder(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/traces-XXXXXX", base != NULL && strlen(base) < 60 ? base : "/tmp");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status, (void)type, (void)where;
    return remove(path);
}

static int remove_folder(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static char *path_of(const char *name)
{
    return lc_format("%s/%s", folder, name);
}

static void put_file(const char *name, const char *text)
{
    char *path = path_of(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    free(path);
}

static void read_named(struct seen_all *all, const char *name, const struct lc_reader_options *options)
{
    char *path = path_of(name);
    const char *const input = path;
    read_inputs(all, &input, 1, options);
    free(path);
}

#define SPAN                                                                                                           \
    "{\"data\":[{\"traceID\":\"%s\",\"spans\":[{\"spanID\":\"1\",\"startTime\":1,\"duration\":1,\"processID\":\"p\"}]" \
    ","                                                                                                                \
    "\"processes\":{\"p\":{\"serviceName\":\"s\"}}}]}"

static void folders_and_patterns(void **state)
{
    (void)state;
    char *path = path_of("all");
    mkdir(path, 0700);
    free(path);
    path = path_of("all/deep");
    mkdir(path, 0700);
    free(path);
    char text[300];
    static const char *const names[] = {"all/b.json", "all/deep/c.txt", "all/a[1].json", "all/.hidden"};
    for (size_t i = 0; i < 4; i++) {
        char id[2] = {(char)('b' + i), 0};
        snprintf(text, sizeof text, SPAN, id);
        put_file(names[i], text);
    }
    put_file("all/README.md", "# not a trace\n");
    struct seen_all all = {0};
    read_named(&all, "all", NULL);
    assert_int_equal(all.status, 0);
    assert_int_equal(all.diag.count, 1); /* README.md is left out with a warning */
    assert_int_equal(all.count, 3);
    assert_int_equal(all.spans[0].low, 0xd); /* in the order of the names */
    assert_int_equal(all.spans[1].low, 0xb);
    assert_int_equal(all.spans[2].low, 0xc);
    forget(&all);
    read_named(&all, "all/*.json", NULL);
    assert_int_equal(all.status, 0);
    assert_int_equal(all.count, 2);
    forget(&all);
    read_named(&all, "all/a[1].json", NULL); /* a file of that very name */
    assert_int_equal(all.count, 1);
    forget(&all);
    read_named(&all, "all/README.md", NULL); /* named itself it is an error */
    assert_int_equal(lc_diag_status(&all.diag), LC_INPUT);
    forget(&all);
    static const char *const missing[] = {"all/none.json", "all/*.gz", "all/b.json/c"};
    for (size_t i = 0; i < 3; i++) {
        read_named(&all, missing[i], NULL);
        assert_int_equal(all.status, -1);
        assert_int_equal(lc_diag_status(&all.diag), LC_INPUT);
        forget(&all);
    }
}

static size_t said(const struct seen_all *all, const char *text)
{
    size_t times = 0;
    for (size_t i = 0; i < all->diag.count; i++)
        times += strstr(all->diag.messages[i].text, text) != NULL;
    return times;
}

static void note_progress(void *context, uint64_t done, uint64_t total)
{
    uint64_t *last = context;
    last[0] = done;
    last[1] = total;
}

/* Pipes and the kernel's files in a folder are no inputs (a pipe would never end), a folder that a link leads to again
 * is read once, and of many files in no format only some are told by name, also when they are too many to be open at
 * once; one of them is a script that has a trace in it. */
static void special_files(void **state)
{
    const int notes = *state != NULL ? 100 : 20;
    char *path = path_of("special"), *pipe = path_of("special/pipe"), *up = path_of("special/up"),
         *kernel = path_of("special/kernel"), text[300];
    if (mkdir(path, 0700) == 0) {
        assert_int_equal(mkfifo(pipe, 0600), 0);
        assert_int_equal(symlink(path, up), 0);
        assert_int_equal(symlink("/proc", kernel), 0);
    }
    snprintf(text, sizeof text, SPAN, "1");
    put_file("special/a.json", text);
    for (int i = 0; i < notes; i++) {
        snprintf(text, sizeof text, "special/note-%d", i);
        put_file(text, i == 0 ? "#!/bin/sh\ncat <<END\n{\"data\":[]}\nEND\n" : "no trace\n");
    }
    struct seen_all all = {0};
    uint64_t done[2] = {0};
    read_named(&all, "special", &(struct lc_reader_options){.progress = note_progress, .context = done});
    assert_int_equal(all.status, 0);
    assert_int_equal(all.count, 1);
    assert_int_equal(all.reading.files, notes + 1);
    assert_int_equal(done[0], done[1]);
    assert_int_equal(said(&all, "1 devices, sockets and pipes"), 1);
    assert_int_equal(said(&all, "1 folders with the kernel's own files"), 1);
    assert_int_equal(said(&all, "special/note-"), 5);
    assert_int_equal(said(&all, notes == 20 ? "15 more files" : "95 more files"), 1);
    forget(&all);
    free(path);
    free(pipe);
    free(up);
    free(kernel);
}

/* A file that went away between the look at its folder and its turn is missed by nobody; one that was named is. */
static void gone(void **state)
{
    (void)state;
    for (int named = 0; named < 2; named++) {
        struct lci_file file = {.name = path_of("gone.json"), .from_folder = named == 0};
        const struct lci_files files = {&file, 1, 1, 0};
        struct seen_all all = {.symbols = lci_symbols_new()};
        all.status = lci_traces_read_files(&files, NULL, all.symbols, see, &all, &all.reading, NULL, &all.diag);
        assert_int_equal(all.status, -named);
        assert_int_equal(all.diag.count, 1);
        assert_int_equal(said(&all, named == 0 ? "left out: it was removed" : "cannot be opened: No such file"), 1);
        forget(&all);
        free(file.name);
    }
}

static void damage_in_one_file_is_told_and_the_rest_read(void **state)
{
    (void)state;
    char text[300], cut[100];
    snprintf(text, sizeof text, SPAN, "1");
    put_file("whole.json", text);
    snprintf(cut, sizeof cut, "%.60s", text);
    put_file("cut-1.json", cut);
    put_file("cut-2.json", cut);
    char *one = path_of("cut-1.json"), *two = path_of("cut-2.json"), *three = path_of("whole.json");
    struct seen_all all = {0};
    read_inputs(&all, (const char *const[]){one, two, three}, 3, NULL);
    assert_int_equal(all.status, -1);
    assert_int_equal(all.diag.errors, 2);
    assert_int_equal(all.count, 1);
    forget(&all);
    free(one);
    free(two);
    free(three);
}

/* More files than may be open at once, of two services, named so that their order is not that of time: with memory for
 * a few traces only, each trace still comes together. */
static void many_files(void **state)
{
    (void)state;
    char *path = path_of("many");
    mkdir(path, 0700);
    free(path);
    const int hours = 150;
    for (int service = 0; service < 2; service++)
        for (int hour = 0; hour < hours; hour++) {
            char *text = NULL, name[60];
            size_t length = 0;
            FILE *file = open_memstream(&text, &length);
            for (int i = 0; i < 20; i++)
                fprintf(file,
                        "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{"
                        "\"stringValue\":\"s%d\"}}]},\"scopeSpans\":[{\"spans\":[{\"traceId\":\"%x\",\"spanId\":\"%d\","
                        "\"parentSpanId\":\"%d\",\"startTimeUnixNano\":\"17%05d%03d000000000\",\"endTimeUnixNano\":"
                        "\"17%05d%03d000000001\"}]}]}]}\n",
                        service, 1 + hour * 20 + i, service + 1, service, hour, i, hour, i);
            fclose(file);
            snprintf(name, sizeof name, "many/%d-%03d.jsonl", service, (hour * 67) % hours);
            put_file(name, text);
            free(text);
        }
    struct rlimit before, few;
    getrlimit(RLIMIT_NOFILE, &before);
    few = (struct rlimit){100, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &few);
    struct seen_all all = {0};
    read_named(&all, "many", &(struct lc_reader_options){.memory = 1 << 20});
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(all.status, 0);
    assert_int_equal(all.reading.files, 2 * hours);
    assert_int_equal(all.count, 2 * 20 * hours);
    assert_int_equal(all.traces, 20 * hours);
    assert_int_equal(repaired(&all), 0);
    forget(&all);
}

static void stopping(void **state)
{
    (void)state;
    struct seen_all all = {.stop_after = 1};
    char *path = lc_format("%s/traces/equal.jaeger.json", TEST_DATA);
    read_file(&all, path);
    assert_int_equal(all.status, 0);
    assert_int_equal(all.traces, 1);
    forget(&all);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_and_patterns),
        cmocka_unit_test(special_files),
        cmocka_unit_test_prestate(special_files, folder),
        cmocka_unit_test(gone),
        cmocka_unit_test(damage_in_one_file_is_told_and_the_rest_read),
        cmocka_unit_test(many_files),
        cmocka_unit_test(stopping),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
