/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/memory.h"
#include "base/text.h"
#include "source.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

struct walk { /* through one folder that was named */
    struct lci_files *files;
    struct lc_diag *diag;
    void *visited;            /* tree of struct folder: symbolic links may lead to one again */
    uint64_t devices, kernel; /* left out: special files; folders in which the kernel shows its state */
};

struct folder {
    dev_t device;
    ino_t inode;
};

static void add(struct lci_files *files, const char *name, uint64_t size, bool from_folder)
{
    LC_GROW(files->items, files->count, files->capacity);
    files->items[files->count++] = (struct lci_file){lc_strdup(name), size, from_folder};
    files->size += size;
}

static int by_name(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_identity(const void *left, const void *right)
{
    const struct folder *a = left, *b = right;
    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    return (a->inode > b->inode) - (a->inode < b->inode);
}

/* False: the folder was visited already. */
static bool visit(struct walk *w, const struct stat *status)
{
    struct folder *folder = lc_alloc(sizeof *folder);
    *folder = (struct folder){status->st_dev, status->st_ino};
    struct folder **found = tsearch(folder, &w->visited, by_identity);
    const bool first = found != NULL && *found == folder;
    if (found == NULL)
        lci_no_memory(sizeof *folder);
    if (!first)
        free(folder);
    return first;
}

/* File systems that hold no files but views of the kernel's state; some of their files are endless. */
static bool is_kernels(const char *folder)
{
    static const unsigned long magic[] = {PROC_SUPER_MAGIC, SYSFS_MAGIC,        DEBUGFS_MAGIC,       TRACEFS_MAGIC,
                                          SECURITYFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, BPF_FS_MAGIC,
                                          PSTOREFS_MAGIC,   DEVPTS_SUPER_MAGIC, SELINUX_MAGIC,       EFIVARFS_MAGIC};
    struct statfs status;
    if (statfs(folder, &status) != 0)
        return false;
    for (size_t i = 0; i < sizeof magic / sizeof *magic; i++)
        if ((unsigned long)status.f_type == magic[i])
            return true;
    return false;
}

static void walk(struct walk *w, const char *folder);

static void take(struct walk *w, const char *name)
{
    struct stat status;
    if (stat(name, &status) != 0) {
        lc_warn(w->diag, &(struct lc_place){name, 0, 0, -1}, "left out: %s", strerror(errno));
    } else if (S_ISREG(status.st_mode)) {
        add(w->files, name, (uint64_t)status.st_size, true);
    } else if (!S_ISDIR(status.st_mode)) {
        w->devices++;
    } else if (visit(w, &status)) {
        walk(w, name);
    }
}

static void walk(struct walk *w, const char *folder)
{
    if (is_kernels(folder)) {
        w->kernel++;
        return;
    }
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, visible, by_name);
    if (count < 0) {
        lc_error(w->diag, lci_input_status(errno), &(struct lc_place){folder, 0, 0, -1},
                 "the folder cannot be read: %s", strerror(errno));
        return;
    }
    for (int i = 0; i < count; i++) {
        const size_t length = strlen(folder);
        const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
        char *name = lc_format("%s%s%s", folder, slash, entries[i]->d_name);
        take(w, name);
        free(name);
        free(entries[i]);
    }
    free(entries);
}

/* All files below a folder that was named. */
static void walk_all(struct lci_files *files, const char *folder, const struct stat *status, struct lc_diag *diag)
{
    struct walk w = {.files = files, .diag = diag};
    const struct lc_place place = {folder, 0, 0, -1};
    const size_t before = files->count;
    visit(&w, status);
    walk(&w, folder);
    tdestroy(w.visited, free);
    if (w.devices > 0)
        lc_warn(diag, &place, "%" PRIu64 " devices, sockets and pipes in it left out", w.devices);
    if (w.kernel > 0)
        lc_warn(diag, &place, "%" PRIu64 " folders with the kernel's own files in it left out", w.kernel);
    if (files->count == before)
        lc_warn(diag, &place, "the folder holds no files");
}

/* A name that exists is taken as it is, even with the characters of a pattern in it. */
static void find(struct lci_files *files, const char *input, struct lc_diag *diag)
{
    struct stat status;
    if (strcmp(input, "-") == 0) {
        add(files, input, 0, false);
    } else if (stat(input, &status) == 0) {
        if (S_ISDIR(status.st_mode))
            walk_all(files, input, &status, diag);
        else
            add(files, input, S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0, false);
    } else if (strpbrk(input, "*?[") != NULL) {
        glob_t found = {0};
        if (glob(input, 0, NULL, &found) == 0)
            for (size_t i = 0; i < found.gl_pathc; i++)
                find(files, found.gl_pathv[i], diag);
        else
            lc_error(diag, LC_INPUT, &(struct lc_place){input, 0, 0, -1}, "no file matches this wildcard");
        globfree(&found);
    } else {
        lc_error(diag, lci_input_status(errno), &(struct lc_place){input, 0, 0, -1}, "cannot be opened: %s",
                 strerror(errno));
    }
}

int lci_files_find(const char *const *inputs, size_t count, struct lci_files *files, struct lc_diag *diag)
{
    const size_t errors = diag->errors;
    for (size_t i = 0; i < count; i++)
        find(files, inputs[i], diag);
    return diag->errors == errors ? 0 : -1;
}

bool lci_comes_once(const char *input)
{
    struct stat status;
    return strcmp(input, "-") == 0 ||
           (stat(input, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode));
}

void lci_files_free(struct lci_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->items[i].name);
    free(files->items);
    *files = (struct lci_files){0};
}
