/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whoever makes a temporary file keeps it locked: a file whose lock is free is of a program that is dead. A process
 * number would not tell that across containers and machines that share a folder. */
#include "base/temporary.h"
#include "base/text.h"
#include "loadcast/base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX ".loadcast-"
#define SUFFIX ".tmp"

/* A table of fixed size, so that a signal handler may read it at any time. */
#define MOST 64
static char *volatile unfinished[MOST];
static pid_t owner; /* a child that was forked has no files of its own */

/* In a signal handler too. What stands beside the file goes first, so that none is left without it. */
static void remove_file(const char *path)
{
    static const char *const beside[] = {"-wal", "-shm", "-journal"};
    const size_t length = strlen(path);
    char name[PATH_MAX];
    for (size_t i = 0; i < sizeof beside / sizeof *beside && length + strlen(beside[i]) < sizeof name; i++) {
        stpcpy(stpcpy(name, path), beside[i]);
        unlink(name);
    }
    unlink(path);
}

void lci_temporary_end_all(void)
{
    for (int i = 0; i < MOST && owner == getpid(); i++) {
        const char *file = unfinished[i];
        if (file != NULL)
            remove_file(file);
    }
}

static void end_by_signal(int number)
{
    lci_temporary_end_all();
    signal(number, SIG_DFL);
    raise(number);
}

/* A signal that the program ignores or handles itself is left alone. */
static void watch_signal(int number)
{
    struct sigaction old, handler = {.sa_handler = end_by_signal};
    if (sigaction(number, NULL, &old) == 0 && !(old.sa_flags & SA_SIGINFO) && old.sa_handler == SIG_DFL)
        sigaction(number, &handler, NULL);
}

static int remember(char *file)
{
    static bool watched;
    if (!watched) {
        watched = true;
        atexit(lci_temporary_end_all);
        watch_signal(SIGINT);
        watch_signal(SIGTERM);
        watch_signal(SIGHUP);
    }
    owner = getpid();
    for (int i = 0; i < MOST; i++)
        if (unfinished[i] == NULL) {
            unfinished[i] = file;
            return i;
        }
    return -1;
}

static void forget(struct lci_temporary *t)
{
    if (t->slot >= 0)
        unfinished[t->slot] = NULL;
    free(t->path);
    *t = (struct lci_temporary){NULL, -1};
}

static char *folder_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    if (slash == NULL)
        return lc_strdup(".");
    return lc_strndup(file, slash == file ? 1 : (size_t)(slash - file));
}

/* A lock that nobody else has; file systems without locks have no dead files that could be told. */
static bool lock(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static void sweep_file(const char *path)
{
    const int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return;
    if (lock(fd))
        remove_file(path);
    close(fd);
}

static void sweep(const char *folder)
{
    const size_t prefix = strlen(PREFIX), suffix = strlen(SUFFIX);
    DIR *d = opendir(folder);
    if (d == NULL)
        return;
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        const size_t length = strlen(e->d_name);
        if (length <= prefix + suffix || strncmp(e->d_name, PREFIX, prefix) != 0 ||
            strcmp(e->d_name + length - suffix, SUFFIX) != 0)
            continue;
        char *path = lc_format("%s/%s", folder, e->d_name);
        sweep_file(path);
        free(path);
    }
    closedir(d);
}

void lci_temporary_sweep(const char *target)
{
    char *folder = folder_of(target);
    sweep(folder);
    free(folder);
}

/* Opens and locks a file that was not there. −1 and errno; EEXIST: another one has it, or has swept it just now. */
static int open_new(const char *path)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    struct stat made;
    if (fd < 0 || ((lock(fd) || errno != EWOULDBLOCK) && (fstat(fd, &made) != 0 || made.st_nlink > 0)))
        return fd;
    close(fd);
    errno = EEXIST;
    return -1;
}

/* The name is remembered before there is a file: a signal may come as soon as it is there. */
int lci_temporary_make(const char *target, struct lci_temporary *t)
{
    static unsigned number;
    char *folder = folder_of(target);
    sweep(folder);
    int fd = -1;
    for (int tries = 0; tries < 1000 && fd < 0; tries++) {
        t->path = lc_format("%s/" PREFIX "%ld-%u" SUFFIX, folder, (long)getpid(), number++);
        t->slot = remember(t->path);
        errno = EMFILE;
        if (t->slot >= 0 && (fd = open_new(t->path)) >= 0)
            break;
        const int why = errno;
        forget(t);
        errno = why;
        if (why != EEXIST)
            break;
    }
    free(folder);
    return fd;
}

/* A rename is on disk when its folder is. File systems that cannot sync folders are none of our business. */
static void sync_folder(const char *target)
{
    char *folder = folder_of(target);
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(folder);
}

int lci_temporary_become(struct lci_temporary *t, const char *target)
{
    if (rename(t->path, target) != 0)
        return -1;
    forget(t);
    sync_folder(target);
    return 0;
}

void lci_temporary_end(struct lci_temporary *t)
{
    if (t->path != NULL)
        remove_file(t->path);
    forget(t);
}
