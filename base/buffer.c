/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/buffer.h"

#include "loadcast/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SMALLEST 64

/* Room for so many characters and the 0 behind them. */
static void reserve(struct lci_buffer *b, size_t more)
{
    if (b->length + more < b->capacity)
        return;
    const size_t twice = 2 * b->capacity, needed = b->length + more + 1;
    b->capacity = twice > needed ? twice : needed > SMALLEST ? needed : SMALLEST;
    b->text = lc_realloc(b->text, b->capacity, 1);
}

__attribute__((format(printf, 2, 0))) static void add(struct lci_buffer *b, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    reserve(b, SMALLEST - 1);
    int length = vsnprintf(b->text + b->length, b->capacity - b->length, format, arguments);
    if (length > 0 && b->length + (size_t)length >= b->capacity) {
        reserve(b, (size_t)length);
        length = vsnprintf(b->text + b->length, b->capacity - b->length, format, again);
    }
    va_end(again);
    b->length += length > 0 ? (size_t)length : 0;
    b->text[b->length] = 0;
}

void lci_buffer_add(struct lci_buffer *b, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(b, format, arguments);
    va_end(arguments);
}

void lci_buffer_put(struct lci_buffer *b, const char *text, size_t length)
{
    reserve(b, length);
    memcpy(b->text + b->length, text, length);
    b->length += length;
    b->text[b->length] = 0;
}

void lci_buffer_join(struct lci_buffer *b, const char *separator, const char *format, ...)
{
    if (b->length > 0)
        lci_buffer_put(b, separator, strlen(separator));
    va_list arguments;
    va_start(arguments, format);
    add(b, format, arguments);
    va_end(arguments);
}

void lci_buffer_names(struct lci_buffer *b, const char *const *names, size_t count, size_t most)
{
    const size_t shown = count > most ? most : count;
    for (size_t i = 0; i < shown; i++)
        lci_buffer_add(b, "%s%s", i == 0 ? "" : ", ", names[i]);
    if (count > shown)
        lci_buffer_add(b, " and %zu more", count - shown);
}

char *lci_buffer_take(struct lci_buffer *b)
{
    char *text = b->text != NULL ? b->text : lc_strdup("");
    *b = (struct lci_buffer){0};
    return text;
}

char *lci_names_list(char *const *names)
{
    struct lci_buffer list = {0};
    size_t count = 0;
    while (names[count] != NULL)
        count++;
    lci_buffer_names(&list, (const char *const *)names, count, 12);
    return lci_buffer_take(&list);
}
