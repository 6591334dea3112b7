/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/base.h"
#include "base/text.h"

#include "base/shown.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- texts ------------------------------------------------------------------------------------------------------- */

char *lc_vformat(const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = lc_alloc(length < 0 ? 1 : (size_t)length + 1);
    if (length < 0)
        text[0] = 0;
    else
        vsnprintf(text, (size_t)length + 1, format, arguments);
    return text;
}

char *lc_format(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = lc_vformat(format, arguments);
    va_end(arguments);
    return text;
}

/* ---- messages ---------------------------------------------------------------------------------------------------- */

#define MESSAGES_KEPT 200

/* Names of files and what stands in them are data: a message is one line of what can be shown. */
static char *as_shown(char *text)
{
    if (lci_is_shown(text, strlen(text), false))
        return text;
    char *shown = lci_shown(text, strlen(text), false);
    free(text);
    return shown;
}

static char *with_place(const struct lc_place *place, char *text)
{
    if (place == NULL || place->file == NULL)
        return as_shown(text);
    char *whole;
    if (place->line > 0 && place->column > 0)
        whole = lc_format("%s:%d:%d: %s", place->file, place->line, place->column, text);
    else if (place->line > 0)
        whole = lc_format("%s:%d: %s", place->file, place->line, text);
    else if (place->offset >= 0)
        whole = lc_format("%s: byte %lld: %s", place->file, (long long)place->offset, text);
    else
        whole = lc_format("%s: %s", place->file, text);
    free(text);
    return as_shown(whole);
}

/* Takes the text over. */
static void append(struct lc_diag *diag, enum lc_severity severity, enum lc_status status, char *text)
{
    /* The first error decides the exit status and is always kept. */
    const bool first_error = severity == LC_ERROR && diag->errors == 0;
    if (severity == LC_ERROR)
        diag->errors++;
    if (diag->count >= (diag->limit ? diag->limit : MESSAGES_KEPT) && !first_error) {
        diag->dropped++;
        free(text);
        return;
    }
    LC_GROW(diag->messages, diag->count, diag->capacity);
    diag->messages[diag->count++] = (struct lc_message){.severity = severity, .status = status, .text = text};
}

__attribute__((format(printf, 5, 0))) static void say(struct lc_diag *diag, enum lc_severity severity,
                                                      enum lc_status status, const struct lc_place *place,
                                                      const char *format, va_list arguments)
{
    if (diag != NULL)
        append(diag, severity, status, with_place(place, lc_vformat(format, arguments)));
}

static bool is_said(const struct lc_diag *diag, const struct lc_message *message)
{
    for (size_t i = 0; i < diag->count; i++)
        if (diag->messages[i].severity == message->severity && strcmp(diag->messages[i].text, message->text) == 0)
            return true;
    return false;
}

void lc_diag_append(struct lc_diag *diag, const struct lc_diag *from)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct lc_message *m = &from->messages[i];
        if (m->severity == LC_ERROR || !is_said(diag, m))
            append(diag, m->severity, m->status, lc_strdup(m->text));
    }
    diag->dropped += from->dropped;
}

void lc_error(struct lc_diag *diag, enum lc_status status, const struct lc_place *place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(diag, LC_ERROR, status, place, format, arguments);
    va_end(arguments);
}

void lc_warn(struct lc_diag *diag, const struct lc_place *place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(diag, LC_WARNING, LC_OK, place, format, arguments);
    va_end(arguments);
}

void lc_note(struct lc_diag *diag, const struct lc_place *place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(diag, LC_NOTE, LC_OK, place, format, arguments);
    va_end(arguments);
}

enum lc_status lc_diag_status(const struct lc_diag *diag)
{
    for (size_t i = 0; i < diag->count; i++)
        if (diag->messages[i].severity == LC_ERROR)
            return diag->messages[i].status;
    return LC_OK;
}

double lci_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

enum lc_status lci_input_status(int error)
{
    switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EIO: return LC_MACHINE;
    default: return LC_INPUT;
    }
}

void lc_diag_free(struct lc_diag *diag)
{
    for (size_t i = 0; i < diag->count; i++)
        free(diag->messages[i].text);
    free(diag->messages);
    *diag = (struct lc_diag){.limit = diag->limit};
}
