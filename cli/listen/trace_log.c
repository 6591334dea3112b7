/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace_log.h"
#include "base/utc.h"

#include "base/temporary.h"
#include "loadcast/base.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

struct trace_log {
    const char *folder, *ending, *head;
    size_t head_length;
    uint64_t longest;
    atomic_uint_fast64_t files;
    pthread_mutex_t lock;
    pthread_cond_t synced;
    int fd; /* −1: none is open */
    off_t length;
    uint64_t written, durable, failed; /* numbers of records: the last one that was added, is synced, cannot be */
    bool syncing;
};

/* Temporary files have one table. */
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;

struct trace_log *trace_log_new(const char *folder, const char *ending, const char *head, size_t head_length,
                                uint64_t longest)
{
    struct trace_log *log = lc_calloc(1, sizeof *log);
    log->folder = folder;
    log->ending = ending;
    log->head = head;
    log->head_length = head_length;
    log->longest = longest;
    log->fd = -1;
    pthread_mutex_init(&log->lock, NULL);
    pthread_cond_init(&log->synced, NULL);
    return log;
}

uint64_t trace_log_files(const struct trace_log *log)
{
    return atomic_load(&log->files);
}

static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        const ssize_t put = write(fd, bytes, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno;
        bytes += put;
        length -= (size_t)put;
    }
    return 0;
}

/* Names sort by time. Two programs that write into one folder have other numbers. Owned by the caller. */
static char *new_name(const struct trace_log *log)
{
    const int64_t now = lci_utc_now();
    char *day = lci_utc_text(now, LCI_UTC_FILE);
    char *name = lc_format("%s/traces-%s.%06dZ-%ld%s", log->folder, day, (int)(now % LCI_UTC_SECOND / 1000),
                           (long)getpid(), log->ending);
    free(day);
    return name;
}

/* A new file with its first record; locked. */
static int begin_file(struct trace_log *log, const char *record, size_t length)
{
    struct lci_temporary file;
    char *name = new_name(log);
    pthread_mutex_lock(&making);
    const int fd = lci_temporary_make(name, &file);
    int status = fd < 0 ? errno : write_all(fd, log->head, log->head_length);
    if (status == 0)
        status = write_all(fd, record, length);
    if (status == 0 && (fdatasync(fd) != 0 || lci_temporary_become(&file, name) != 0))
        status = errno;
    if (status != 0 && fd >= 0) {
        lci_temporary_end(&file);
        close(fd);
    }
    pthread_mutex_unlock(&making);
    free(name);
    if (status != 0)
        return status;
    atomic_fetch_add(&log->files, 1);
    log->fd = fd;
    log->length = (off_t)(log->head_length + length);
    log->durable = ++log->written;
    return 0;
}

/* The file that is open gives way to the next one, unless another thread saw to that meanwhile; locked. */
static void end_file(struct trace_log *log)
{
    const int fd = log->fd;
    while (log->syncing)
        pthread_cond_wait(&log->synced, &log->lock);
    if (log->fd != fd)
        return;
    if (fdatasync(fd) == 0)
        log->durable = log->written;
    else
        log->failed = log->written;
    close(fd);
    log->fd = -1;
    pthread_cond_broadcast(&log->synced);
}

/* Adds to the file that is open; locked. */
static int append(struct trace_log *log, const char *record, size_t length)
{
    const int status = write_all(log->fd, record, length);
    if (status == 0) {
        log->length += (off_t)length;
        log->written++;
    } else if (ftruncate(log->fd, log->length) != 0 || lseek(log->fd, log->length, SEEK_SET) < 0) {
        end_file(log); /* a record that is cut off may only be the last one */
    }
    return status;
}

/* One of those who wait syncs for all; locked. */
static int wait_until_durable(struct trace_log *log, uint64_t record)
{
    while (log->durable < record && log->failed < record) {
        if (log->syncing) {
            pthread_cond_wait(&log->synced, &log->lock);
            continue;
        }
        const uint64_t until = log->written;
        const int fd = log->fd;
        log->syncing = true;
        pthread_mutex_unlock(&log->lock);
        const bool good = fdatasync(fd) == 0;
        pthread_mutex_lock(&log->lock);
        log->syncing = false;
        if (good) {
            log->durable = until;
        } else { /* what the kernel has of the file now is not known */
            log->failed = log->written;
            close(fd);
            log->fd = -1;
        }
        pthread_cond_broadcast(&log->synced);
    }
    return log->durable >= record ? 0 : EIO;
}

int trace_log_add(struct trace_log *log, const char *record, size_t length)
{
    pthread_mutex_lock(&log->lock);
    if (log->fd >= 0 && (uint64_t)log->length >= log->longest)
        end_file(log);
    int status;
    if (log->fd < 0)
        status = begin_file(log, record, length);
    else if ((status = append(log, record, length)) == 0)
        status = wait_until_durable(log, log->written);
    pthread_mutex_unlock(&log->lock);
    return status;
}

void trace_log_free(struct trace_log *log)
{
    if (log->fd >= 0)
        close(log->fd);
    pthread_mutex_destroy(&log->lock);
    pthread_cond_destroy(&log->synced);
    free(log);
}
