/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FOLDER_DEPTH 32 /* ends loops of symbolic links */

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

static void walk(struct lci_files *files, const char *folder, int depth, struct lc_diag *diag)
{
    struct dirent **entries = NULL;
    const int count = depth < FOLDER_DEPTH ? scandir(folder, &entries, visible, by_name) : -1;
    if (count < 0) {
        lc_error(diag, depth < FOLDER_DEPTH ? lc_input_status(errno) : LC_INPUT, &(struct lc_place){folder, 0, 0, -1},
                 "the folder cannot be read: %s",
                 depth < FOLDER_DEPTH ? strerror(errno) : "too many folders inside each other");
        return;
    }
    for (int i = 0; i < count; i++) {
        const size_t length = strlen(folder);
        const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
        char *name = lc_format("%s%s%s", folder, slash, entries[i]->d_name);
        struct stat status;
        if (stat(name, &status) != 0)
            lc_warn(diag, &(struct lc_place){name, 0, 0, -1}, "left out: %s", strerror(errno));
        else if (S_ISDIR(status.st_mode))
            walk(files, name, depth + 1, diag);
        else if (S_ISREG(status.st_mode))
            add(files, name, (uint64_t)status.st_size, true);
        free(name);
        free(entries[i]);
    }
    free(entries);
}

/* A name that exists is taken as it is, even with the characters of a pattern in it. */
static void find(struct lci_files *files, const char *input, struct lc_diag *diag)
{
    struct stat status;
    if (strcmp(input, "-") == 0) {
        add(files, input, 0, false);
    } else if (stat(input, &status) == 0) {
        const size_t before = files->count;
        if (!S_ISDIR(status.st_mode)) {
            add(files, input, S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0, false);
            return;
        }
        walk(files, input, 0, diag);
        if (files->count == before)
            lc_warn(diag, &(struct lc_place){input, 0, 0, -1}, "the folder holds no files");
    } else if (strpbrk(input, "*?[") != NULL) {
        glob_t found = {0};
        if (glob(input, 0, NULL, &found) == 0)
            for (size_t i = 0; i < found.gl_pathc; i++)
                find(files, found.gl_pathv[i], diag);
        else
            lc_error(diag, LC_INPUT, &(struct lc_place){input, 0, 0, -1}, "no file matches this pattern");
        globfree(&found);
    } else {
        lc_error(diag, lc_input_status(errno), &(struct lc_place){input, 0, 0, -1}, "cannot be opened: %s",
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

void lci_files_free(struct lci_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->items[i].name);
    free(files->items);
    *files = (struct lci_files){0};
}
