/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files that appear whole or not at all: written beside the target, synced, renamed. */
#include "base/output.h"
#include "base/temporary.h"
#include "base/text.h"
#include "loadcast/format.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct lci_output {
    FILE *stream;
    char *name;   /* as the user wrote it, for messages */
    char *target; /* what it leads to; NULL: the stream is written directly (a pipe, a device, standard output) */
    struct lci_temporary temporary;
    mode_t mode; /* of the file that is replaced; 0: there is none */
};

/* ---- opening ----------------------------------------------------------------------------------------------------- */

char *lci_follow_links(const char *file)
{
    char *now = lc_strdup(file);
    for (int hops = 0; hops < 40; hops++) {
        char to[PATH_MAX];
        const ssize_t length = readlink(now, to, sizeof to - 1);
        if (length < 0)
            return now;
        to[length] = 0;
        const char *slash = to[0] != '/' ? strrchr(now, '/') : NULL;
        char *next = lc_format("%.*s%s", slash != NULL ? (int)(slash - now) + 1 : 0, now, to);
        free(now);
        now = next;
    }
    free(now);
    errno = ELOOP;
    return NULL;
}

static void free_output(struct lci_output *o)
{
    free(o->name);
    free(o->target);
    lci_temporary_end(&o->temporary);
    free(o);
}

/* Opens what `o->name` leads to. −1 and errno on failure. */
static int open_target(struct lci_output *o)
{
    o->target = lci_follow_links(o->name);
    if (o->target == NULL)
        return -1;
    struct stat old;
    const bool exists = stat(o->target, &old) == 0;
    if (exists && S_ISDIR(old.st_mode)) {
        errno = EISDIR;
        return -1;
    }
    if (exists && !S_ISREG(old.st_mode)) { /* a pipe or a device cannot be replaced */
        free(o->target);
        o->target = NULL;
        return open(o->name, O_WRONLY | O_CLOEXEC);
    }
    /* Renaming would replace a file that its owner has protected. */
    if (exists && access(o->target, W_OK) != 0)
        return -1;
    o->mode = exists ? old.st_mode & 0777 : 0;
    return lci_temporary_make(o->target, &o->temporary);
}

struct lci_output *lci_output_open(const char *file, struct lc_diag *diag)
{
    struct lci_output *o = lc_calloc(1, sizeof *o);
    o->name = lc_strdup(file);
    o->temporary.slot = -1;
    if (strcmp(file, "-") == 0) {
        o->stream = stdout;
        return o;
    }
    const int fd = open_target(o);
    if (fd >= 0 && (o->stream = fdopen(fd, "w")) == NULL && errno == ENOMEM)
        lci_no_memory(0);
    if (o->stream == NULL) {
        lc_error(diag, LC_MACHINE, NULL, "%s: cannot be written: %s", file, strerror(errno));
        free_output(o);
        return NULL;
    }
    return o;
}

FILE *lci_output_stream(struct lci_output *output)
{
    return output->stream;
}

/* ---- closing ----------------------------------------------------------------------------------------------------- */

/* Whoever reads a pipe may leave when he has enough. Why an earlier write failed is forgotten: the pipe still knows. */
static bool reader_left(FILE *stream)
{
    struct pollfd pipe = {.fd = fileno(stream), .events = POLLOUT};
    return errno == EPIPE || (poll(&pipe, 1, 0) == 1 && (pipe.revents & POLLERR));
}

/* Everything written, synced and under its name? The stream is closed in any case, behind the renaming: until then the
 * temporary file is ours. */
static bool finish_stream(struct lci_output *o)
{
    const bool renamed = o->temporary.path != NULL;
    errno = 0;
    bool good = fflush(o->stream) == 0 && !ferror(o->stream);
    int why = errno;
    if (!good && !renamed)
        good = reader_left(o->stream);
    else if (!good && why == 0) /* an earlier write failed, and why is forgotten: the file system still knows */
        why = posix_fallocate(fileno(o->stream), lseek(fileno(o->stream), 0, SEEK_END), 65536);
    if (good && renamed) {
        const int fd = fileno(o->stream);
        good = fsync(fd) == 0 && (o->mode == 0 || fchmod(fd, o->mode) == 0) &&
               lci_temporary_become(&o->temporary, o->target) == 0;
        why = errno;
    }
    if (o->stream != stdout && fclose(o->stream) != 0 && good && !renamed) {
        good = false;
        why = errno;
    }
    errno = why;
    return good;
}

int lci_output_close(struct lci_output *o, struct lc_diag *diag)
{
    const bool good = finish_stream(o);
    if (!good)
        lc_error(diag, LC_MACHINE, NULL, "%s: cannot be written: %s",
                 strcmp(o->name, "-") == 0 ? "standard output" : o->name, strerror(errno ? errno : EIO));
    free_output(o);
    return good ? 0 : -1;
}

void lci_output_abandon(struct lci_output *o)
{
    if (o == NULL)
        return;
    if (o->stream != stdout)
        fclose(o->stream);
    free_output(o);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

char *lci_file_read(const char *file, size_t limit, size_t *length, struct lc_diag *diag)
{
    const bool standard = strcmp(file, "-") == 0;
    const char *name = standard ? "standard input" : file;
    FILE *in = standard ? stdin : fopen(file, "re");
    if (in == NULL) {
        lc_error(diag, lci_input_status(errno), NULL, "%s: cannot be opened: %s", name, strerror(errno));
        return NULL;
    }
    size_t size = 0, capacity = 64u * 1024;
    char *text = lc_alloc(capacity);
    for (;;) {
        const size_t more = fread(text + size, 1, capacity - 1 - size, in);
        size += more;
        if (more == 0 || size > limit)
            break;
        if (capacity - 1 - size < capacity / 4) {
            capacity *= 2;
            text = lc_realloc(text, capacity, 1);
        }
    }
    const bool failed = ferror(in);
    if (failed)
        lc_error(diag, lci_input_status(errno), NULL, "%s: cannot be read: %s", name, strerror(errno));
    else if (size > limit)
        lc_error(diag, LC_INPUT, NULL, "%s: expected at most %zu bytes, found more", name, limit);
    if (!standard)
        fclose(in);
    if (failed || size > limit) {
        free(text);
        return NULL;
    }
    text[size] = 0;
    *length = size;
    return text;
}

int lci_folder_make(const char *folder, const char *what, struct lc_diag *diag)
{
    char *path = lc_strdup(folder);
    int failed = 0;
    for (char *end = path + 1; *path != 0 && failed == 0; end++) {
        const char separator = *end;
        if (separator != '/' && separator != 0)
            continue;
        *end = 0;
        struct stat found;
        if (mkdir(path, 0777) != 0 && !(errno == EEXIST && stat(path, &found) == 0 && S_ISDIR(found.st_mode)))
            failed = errno;
        *end = separator;
        if (separator == 0)
            break;
    }
    if (failed != 0)
        lc_error(diag, LC_MACHINE, NULL, "%s: cannot be made a folder: %s", what, strerror(failed));
    free(path);
    return failed == 0 ? 0 : -1;
}
