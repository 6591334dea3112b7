/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A text that is put together from parts. All zero is the empty text; nothing fails, memory ends the program.
 *
 *     struct lci_buffer names = {0};
 *     for (size_t i = 0; i < count; i++)
 *         lci_buffer_join(&names, ", ", "'%s'", tasks[i].name);
 *     char *text = lci_buffer_take(&names);
 */
#ifndef LCI_BASE_BUFFER_H
#define LCI_BASE_BUFFER_H

#include <stddef.h>

struct lci_buffer {
    char *text; /* ends with 0 once something was added; NULL before */
    size_t length, capacity;
};

void lci_buffer_add(struct lci_buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void lci_buffer_put(struct lci_buffer *buffer, const char *text, size_t length);
/* Adds to a list: `separator` comes first unless the buffer is empty. */
void lci_buffer_join(struct lci_buffer *buffer, const char *separator, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds names: "a, b, c", or of more than `most` "a, b and 7 more". */
void lci_buffer_names(struct lci_buffer *buffer, const char *const *names, size_t count, size_t most);
/* A list of its own, of the names before NULL: the first dozen, and how many more. Owned by the caller. */
char *lci_names_list(char *const *names);
/* The text, "" when nothing was added; owned by the caller. The buffer is empty again. */
char *lci_buffer_take(struct lci_buffer *buffer);

#endif
