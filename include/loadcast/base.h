/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What every room shares: exit statuses, messages about inputs, checked memory.
 *
 * Messages. Functions that read or check something take a `struct lc_diag *` and append to it: as many errors and
 * warnings as can be told apart, each with its place. They return 0 when no error was appended and -1 otherwise; the
 * caller prints the list (one line each) and exits with the status of its first error. Nothing in the libraries prints.
 *
 * Memory. lc_alloc() and friends never return NULL: on failure they call the handler set with lc_set_no_memory(), which
 * must not return (the program's writes one line and exits with LC_MACHINE, which removes unfinished files); without
 * one they abort().
 */
#ifndef LOADCAST_BASE_H
#define LOADCAST_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A number that one thread, or a handler of signals, sets while others read it. */
#ifdef __cplusplus
#include <atomic>
typedef std::atomic<int> lc_flag;
extern "C" {
#else
#include <stdatomic.h>
typedef atomic_int lc_flag;
#endif

/* Exit statuses of the program, and the kind of an error. */
enum lc_status {
    LC_OK = 0,        /* done, every objective holds */
    LC_MISSED = 1,    /* done, an objective is missed */
    LC_USAGE = 2,     /* the command line is wrong */
    LC_INPUT = 3,     /* an input is wrong */
    LC_MACHINE = 4,   /* out of memory, disk full, a file that cannot be written */
    LC_UNDECIDED = 5, /* time is used up before an objective or a precision was decided */
};

/* Where in an input: line and column count from 1 (0: not known), offset is in bytes from 0 (-1: not known). */
struct lc_place {
    const char *file; /* borrowed; NULL: no file */
    int line;
    int column;
    int64_t offset;
};
#define LC_NOWHERE ((struct lc_place){NULL, 0, 0, -1})

enum lc_severity { LC_NOTE, LC_WARNING, LC_ERROR };

struct lc_message {
    enum lc_severity severity;
    enum lc_status status; /* for errors: what the program should exit with */
    char *text;            /* "FILE:LINE:COLUMN: what is wrong; what would be right", or "FILE: byte N: …"; owned */
};

struct lc_diag {
    struct lc_message *messages;
    size_t count;
    size_t errors; /* how many of the messages are LC_ERROR */
    size_t limit;  /* messages kept at the most; 0 means 200. Further ones are only counted. */
    size_t dropped;
    size_t capacity;
};

/* Appends a message; `place` may be NULL. `format` is printf's and names what is wrong; what would be right. */
void lc_error(struct lc_diag *diag, enum lc_status status, const struct lc_place *place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void lc_warn(struct lc_diag *diag, const struct lc_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void lc_note(struct lc_diag *diag, const struct lc_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Appends the messages of another list as they are, with their severities; warnings and notes that are there already
 * are left out. `from` is left as it is. */
void lc_diag_append(struct lc_diag *diag, const struct lc_diag *from);
/* The status of the first error, LC_OK if there is none. */
enum lc_status lc_diag_status(const struct lc_diag *diag);
void lc_diag_free(struct lc_diag *diag);

/* Memory that cannot fail. A size of zero gives a pointer that may be freed. Free everything with free(). */
void *lc_alloc(size_t size);                /* not initialised */
void *lc_calloc(size_t count, size_t size); /* zeroed; count * size is checked for overflow */
void *lc_realloc(void *old, size_t count, size_t size);
char *lc_strdup(const char *text);
char *lc_strndup(const char *text, size_t length);
char *lc_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *lc_vformat(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));
/* Sets what is called, by any thread, when memory is out; it must not return. `wanted` is in bytes, 0 when not known.
 * From then on jansson, libxml2 and GSL, on which the libraries stand, call it as well: their allocation is global, so
 * a program sets its handler first of all, and frees what they allocated with free(). */
void lc_set_no_memory(void (*handler)(size_t wanted));

/* Makes room for one more element in a growing array: `array` is a lvalue pointer, `count` its length, `capacity` its
 * capacity (both size_t lvalues). Doubles, so that appending is amortised O(1). */
#define LC_GROW(array, count, capacity)                                                                                \
    do {                                                                                                               \
        if ((count) >= (capacity)) {                                                                                   \
            (capacity) = (capacity) ? 2 * (capacity) : 8;                                                              \
            (array) = lc_realloc((array), (capacity), sizeof *(array));                                                \
        }                                                                                                              \
    } while (0)

#ifdef __cplusplus
}
#endif

#endif
