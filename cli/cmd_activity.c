/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast activity: marks in a file when a test starts and stops. Test processes that run at once share the file: each
 * appends one line under a lock, and a line is there as a whole, and on the disk, before the command ends. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/shown.h"
#include "base/utc.h"
#include "commands.h"
#include "fit/tables/activity_events.h"

#define NANO INT64_C(1000000000)

struct mark {
    bool stop;
    const char *activity, *release, *run, *file; /* release, run: NULL where not stated */
};

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static int failed(const char *file, const char *what, struct lc_diag *diag)
{
    lc_error(diag, LC_MACHINE, NULL, "%s: %s: %s", file, what, strerror(errno));
    return -1;
}

/* A new file is there after a power failure only when its folder is on the disk, too. */
static void sync_folder(const char *file)
{
    char *folder = lc_strdup(file), *slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[slash == folder] = 0;
    const int descriptor = open(slash != NULL ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        fsync(descriptor);
        close(descriptor);
    }
    free(folder);
}

/* Opens and locks; the lock ends when the file is closed, also by the death of the process. */
static int open_locked(const char *file, struct lc_diag *diag)
{
    int descriptor = open(file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return failed(file, "cannot be written", diag);
    int status;
    do
        status = flock(descriptor, LOCK_EX);
    while (status != 0 && errno == EINTR);
    if (status == 0)
        return descriptor;
    failed(file, "cannot be locked", diag);
    close(descriptor);
    return -1;
}

/* Cuts off a last line that its writer did not finish: with the lock held, nobody will. */
static int cut_unfinished(int descriptor, const char *file, struct lc_diag *diag)
{
    const off_t size = lseek(descriptor, 0, SEEK_END);
    off_t whole = size;
    for (char last = 0; whole > 0; whole--) {
        if (pread(descriptor, &last, 1, whole - 1) != 1)
            return failed(file, "cannot be read", diag);
        if (last == '\n')
            break;
    }
    if (whole == size)
        return 0;
    if (ftruncate(descriptor, whole) != 0)
        return failed(file, "cannot be shortened", diag);
    lc_warn(diag, NULL, "%s: an unfinished last line is removed", file);
    return 0;
}

static int append(int descriptor, const char *file, const char *line, struct lc_diag *diag)
{
    const off_t size = lseek(descriptor, 0, SEEK_END);
    const size_t length = strlen(line);
    errno = ENOSPC; /* what a short write means */
    if (write(descriptor, line, length) != (ssize_t)length || fsync(descriptor) != 0) {
        failed(file, "cannot be written", diag);
        if (ftruncate(descriptor, size) != 0)
            lc_warn(diag, NULL, "%s: an unfinished line remains at the end", file);
        return -1;
    }
    if (size == 0)
        sync_folder(file);
    return 0;
}

/* ---- the events -------------------------------------------------------------------------------------------------- */

/* A line with the time of now; allocated. */
static char *line_of(const struct mark *mark)
{
    const int64_t now = lci_utc_now();
    char host[256] = "", *second = lci_utc_text(now, LCI_UTC_ISO);
    char *text = lc_format("%s.%09dZ", second, (int)(now % LCI_UTC_SECOND));
    gethostname(host, sizeof host - 1);
    char *const shown[] = {lci_shown(mark->activity, strlen(mark->activity), false),
                           lci_shown(mark->release, strlen(mark->release), false),
                           lci_shown(mark->run, strlen(mark->run), false), lci_shown(host, strlen(host), false)};
    json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "event", mark->stop ? "stop" : "start", "activity",
                               shown[0], "release", shown[1], "run", shown[2], "time", text, "host", shown[3]);
    char *json = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
    char *line = json != NULL ? lc_format("%s\n", json) : NULL;
    json_decref(object);
    free(json);
    free(second);
    free(text);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        free(shown[i]);
    return line;
}

/* What is open says which release and run a stop is of. */
static int check_stop(struct mark *mark, const struct lci_activity_events *events, struct lc_diag *diag)
{
    bool several;
    const size_t start = lci_activity_open(events, mark->activity, mark->release, mark->run, &several);
    if (start >= events->count) {
        lc_error(diag, LC_INPUT, NULL, "%s: expected a start of '%s' that is not stopped yet, found none", mark->file,
                 mark->activity);
        return -1;
    }
    if (several) {
        lc_error(diag, LC_INPUT, NULL, "%s: several starts of '%s' are not stopped yet; expected --release and --run",
                 mark->file, mark->activity);
        return -1;
    }
    mark->release = events->items[start].release;
    mark->run = events->items[start].run;
    return 0;
}

static void check_start(struct mark *mark, const struct lci_activity_events *events, struct lc_diag *diag)
{
    bool several;
    mark->release = mark->release != NULL ? mark->release : "";
    mark->run = mark->run != NULL ? mark->run : "";
    if (lci_activity_open(events, mark->activity, mark->release, mark->run, &several) != SIZE_MAX)
        lc_warn(diag, NULL,
                "%s: '%s' was started before and not stopped; that one is taken to end with the next start (tests at "
                "once need runs of their own: --run)",
                mark->file, mark->activity);
}

static int add_mark(struct mark *mark, struct lc_diag *diag)
{
    if (mark->stop && access(mark->file, F_OK) != 0) { /* a stop makes no file */
        lc_error(diag, LC_INPUT, NULL, "%s: expected a start of '%s', found %s", mark->file, mark->activity,
                 errno == ENOENT ? "no such file" : strerror(errno));
        return -1;
    }
    const int descriptor = open_locked(mark->file, diag);
    if (descriptor < 0)
        return -1;
    struct lc_activity_runs windows = {0};
    struct lci_activity_events events = {0};
    char *line = NULL;
    int status = cut_unfinished(descriptor, mark->file, diag);
    if (status == 0 && lseek(descriptor, 0, SEEK_END) > 0)
        status = lci_activity_file_read(mark->file, &windows, &events, diag);
    if (status == 0 && windows.count > 0) {
        lc_error(diag, LC_INPUT, NULL, "%s: expected starts and stops, found windows of activities", mark->file);
        status = -1;
    }
    if (status == 0 && mark->stop)
        status = check_stop(mark, &events, diag);
    else if (status == 0)
        check_start(mark, &events, diag);
    if (status == 0 && (line = line_of(mark)) == NULL) {
        lc_error(diag, LC_USAGE, NULL, "expected names in UTF-8, found other bytes");
        status = -1;
    }
    if (status == 0)
        status = append(descriptor, mark->file, line, diag);
    free(line);
    lc_activities_free(&windows);
    lci_activity_events_free(&events);
    if (close(descriptor) != 0 && status == 0)
        status = failed(mark->file, "cannot be written", diag);
    return status;
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static int run(int argc, char **argv)
{
    struct mark mark = {.file = "activities.jsonl"};
    struct cli_common common;
    struct cli_option options[] = {
        {"release", 0, CLI_TEXT, "R", "what is tested", &mark.release},
        {"run", 0, CLI_TEXT, "N", "which run of the tests it is", &mark.run},
        {"file", 0, CLI_TEXT, "FILE", "append to this file (activities.jsonl)", &mark.file},
        {0},
    };
    const int operands = cli_parse(&cmd_activity, argc, argv, options, &common);
    if (operands != 2 || (strcmp(argv[0], "start") != 0 && strcmp(argv[0], "stop") != 0))
        cli_usage_error(&cmd_activity, "expected 'start' or 'stop' and the name of an activity");
    if (*argv[1] == 0)
        cli_usage_error(&cmd_activity, "expected the name of an activity, found ''");
    if (common.json != NULL)
        cli_usage_error(&cmd_activity, "there is no result to write with --json; the file holds JSON lines");
    mark.stop = strcmp(argv[0], "stop") == 0;
    mark.activity = argv[1];
    struct lc_diag diag = {0};
    add_mark(&mark, &diag);
    return (int)cli_report(&diag, &common);
}

const struct cli_command cmd_activity = {
    .name = "activity",
    .usage = "start|stop NAME [options]",
    .summary = "Marks when a test starts and stops, so that its traces are known",
    .details = "Appends a line to a file, which 'measure', 'nightly' and scenarios (activities:) take. Tests that run\n"
               "at once may share the file; their traces cannot be told apart by time ('measure --by' does that). A\n"
               "stop without --release and --run is that of the one start that is open. Where a test died, its\n"
               "activity ends with the next start, and that is said.\n\n"
               "  loadcast activity start login --release 5.4.0 --run 1\n"
               "  loadcast activity stop login",
    .run = run,
};
