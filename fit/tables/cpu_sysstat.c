/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What sar (-u, -P ALL) and pidstat (-u, -h) print: a first line with host, date and number of processors, then tables
 * whose rows begin with the time at which their interval ended, by a clock of 24 or 12 hours. Averages at the end say
 * nothing new. https://sysstat.github.io
 */
#include "base/text.h"
#include "tables/cpu_samples.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORDS  32
#define SECOND INT64_C(1000000000)
#define DAY    (86400 * SECOND)

enum table { NO_TABLE, PROCESSORS, PROCESSES };
struct state {
    struct lci_cpu_samples *samples;
    char *words[WORDS];
    int count, line;
    char host[64];
    double cores;       /* of the host; NaN: not said */
    int64_t midnight;   /* of the day, ns; -1: not said */
    int64_t begin, now; /* of the interval of the last row; -1: not known */
    enum table table;
    int name, idle, iowait, steal, busy, group, columns; /* columns of the table, behind the time; -1: not there */
    bool zone_told;
    int strange, first_strange;   /* rows that are not understood, and the line of the first */
    struct lci_cpu_samples parts; /* of single processors, for reports without "all" */
};

static void split(struct state *s, char *line)
{
    char *rest = line;
    s->count = 0;
    for (char *word; s->count < WORDS && (word = strtok_r(rest, " \t\r", &rest)) != NULL;)
        s->words[s->count++] = word;
}

/* 11/29/2026, 11/29/26, 2026-11-29, 29.11.2026; −1: none of them. */
static int64_t date_of(const char *text)
{
    int a, b, c, used = 0;
    struct tm tm = {0};
    if (sscanf(text, "%d-%d-%d%n", &a, &b, &c, &used) == 3 && text[used] == 0)
        tm = (struct tm){.tm_year = a - 1900, .tm_mon = b - 1, .tm_mday = c};
    else if (sscanf(text, "%d.%d.%d%n", &a, &b, &c, &used) == 3 && text[used] == 0)
        tm = (struct tm){.tm_mday = a, .tm_mon = b - 1, .tm_year = c < 100 ? c + 100 : c - 1900};
    else if (sscanf(text, "%d/%d/%d%n", &a, &b, &c, &used) == 3 && text[used] == 0)
        tm = a > 12 ? (struct tm){.tm_mday = a, .tm_mon = b - 1, .tm_year = c < 100 ? c + 100 : c - 1900}
                    : (struct tm){.tm_mon = a - 1, .tm_mday = b, .tm_year = c < 100 ? c + 100 : c - 1900};
    else
        return -1;
    if (tm.tm_year < 70 || tm.tm_year > 361 || tm.tm_mon < 0 || tm.tm_mon > 11 || tm.tm_mday < 1 || tm.tm_mday > 31)
        return -1;
    return (int64_t)timegm(&tm) * SECOND;
}

/* Linux 6.1.0 (web-1)   11/29/2026   _x86_64_   (4 CPU) */
static void take_host(struct state *s)
{
    s->midnight = s->begin = s->now = -1;
    s->table = NO_TABLE;
    s->host[0] = 0;
    s->cores = NAN;
    for (int i = 1; i < s->count; i++) {
        const char *word = s->words[i];
        const size_t length = strlen(word);
        if (s->host[0] == 0 && *word == '(' && length > 2 && word[length - 1] == ')')
            snprintf(s->host, sizeof s->host, "%.*s", (int)(length - 2 < 63 ? length - 2 : 63), word + 1);
        else if (*word == '(' && i + 1 < s->count && strncmp(s->words[i + 1], "CPU", 3) == 0)
            s->cores = strtod(word + 1, NULL);
        else if (s->host[0] != 0 && s->midnight < 0) /* before it stands the kernel's release, 6.1.0 */
            s->midnight = date_of(word);
    }
    if (s->cores > 0 && s->host[0] != 0)
        lci_cpu_host(s->samples, s->host, s->cores, s->line);
}

static void tell_zone(struct state *s)
{
    if (!s->zone_told)
        lc_note(s->samples->diag, &(struct lc_place){s->samples->file, 0, 0, -1},
                "its times name no zone: taken as UTC, which TZ=UTC has sar and pidstat write");
    s->zone_told = true;
}

/* "AM", "pm", "a.m.": 'a' or 'p'; 0: none of them. */
static char half_of_day(const char *word)
{
    const char half = (char)tolower((unsigned char)*word);
    const bool dots = word[0] != 0 && word[1] == '.';
    const bool is =
        (half == 'a' || half == 'p') && (dots ? strcasecmp(word + 1, ".m.") == 0 : strcasecmp(word + 1, "m") == 0);
    return is ? half : 0;
}

/* Reads the time in front of a row. Returns the number of its words, 0: there is none. */
static int take_time(struct state *s, bool header, int64_t *time)
{
    int hours, minutes, seconds, used = 0, words = 1;
    if (s->count == 0)
        return 0;
    char *end;
    const double epoch = strtod(s->words[0], &end);
    if (*end == 0 && epoch > 1e8 && epoch < 4e9) {
        *time = (int64_t)llround(epoch) * SECOND;
        return 1;
    }
    if (sscanf(s->words[0], "%2d:%2d:%2d%n", &hours, &minutes, &seconds, &used) != 3 || s->words[0][used] != 0 ||
        hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 60)
        return 0;
    const char half = s->count > 1 ? half_of_day(s->words[1]) : 0;
    if (half != 0) {
        hours = hours % 12 + (half == 'p' ? 12 : 0);
        words = 2;
    }
    if (s->midnight < 0) {
        if (!header)
            lc_error(s->samples->diag, LC_INPUT, &(struct lc_place){s->samples->file, s->line, 1, -1},
                     "expected a first line 'Linux … (HOST) DATE …' that tells the day, found a time alone");
        return header ? words : 0;
    }
    tell_zone(s);
    *time = s->midnight + ((int64_t)hours * 3600 + minutes * 60 + seconds) * SECOND;
    if (s->now >= 0 && *time < s->now - DAY / 2) { /* past midnight */
        s->midnight += DAY;
        *time += DAY;
    }
    return words;
}

static int column(const struct state *s, int first, const char *name)
{
    for (int i = first; i < s->count; i++)
        if (strcmp(s->words[i], name) == 0)
            return i - first;
    return -1;
}

/* Whether the row names the columns of a table: 12:00:01 AM  CPU  %user … */
static bool take_header(struct state *s)
{
    int first = 0;
    int64_t time = -1;
    if (strcmp(s->words[0], "#") == 0)
        first = s->count > 1 && strcmp(s->words[1], "Time") == 0 ? 2 : 1;
    else if (strncmp(s->words[0], "#Time", 5) == 0)
        first = 1;
    else
        first = take_time(s, true, &time);
    const int idle = column(s, first, "%idle"), busy = column(s, first, "%CPU"), command = column(s, first, "Command");
    if (idle < 0 && (busy < 0 || command < 0))
        return false;
    s->table = idle >= 0 ? PROCESSORS : PROCESSES;
    s->columns = s->count - first;
    s->idle = idle;
    s->iowait = column(s, first, "%iowait");
    s->steal = column(s, first, "%steal");
    s->busy = busy;
    s->group = column(s, first, "TGID");
    s->name = idle >= 0 ? column(s, first, "CPU") : command;
    if (time > s->now) /* its first interval begins then */
        s->now = time;
    return true;
}

/* With the point or comma of any locale. */
static double number(const struct state *s, int first, int at)
{
    char *end;
    if (at < 0)
        return 0;
    char *comma = strchr(s->words[first + at], ',');
    if (comma != NULL)
        *comma = '.';
    const double value = strtod(s->words[first + at], &end);
    return *end == 0 || *end == '%' ? value : NAN;
}

static void note_strange(struct state *s)
{
    if (s->strange++ == 0)
        s->first_strange = s->line;
}

/* "Average:", "Durchschn.:", "Moyenne :" */
static bool is_average(const struct state *s)
{
    for (int i = 0; i < 2 && i < s->count; i++)
        if (s->words[i][strlen(s->words[i]) - 1] == ':')
            return true;
    return false;
}

static void take_processors(struct state *s, int first)
{
    const char *name = s->name >= 0 ? s->words[first + s->name] : "all";
    const double busy =
        1 - (number(s, first, s->idle) + number(s, first, s->iowait) + number(s, first, s->steal)) / 100;
    if (isnan(busy)) {
        note_strange(s);
        return;
    }
    if (strcmp(name, "all") == 0) {
        s->samples->cores = s->cores > 0;
        lci_cpu_add(s->samples, s->host, s->host, s->begin, s->now, fmax(busy, 0) * (s->cores > 0 ? s->cores : 1),
                    s->line);
    } else {
        lci_cpu_add(&s->parts, s->host, name, s->begin, s->now, fmax(busy, 0), s->line);
    }
}

static void take_process(struct state *s, int first)
{
    if (s->group >= 0 && strcmp(s->words[first + s->group], "-") == 0)
        return; /* a thread: its process has a row of its own */
    const double busy = number(s, first, s->busy) / 100;
    const char *command = s->words[first + s->name];
    const int pid = s->group >= 0 ? s->group : 1;
    if (isnan(busy)) {
        note_strange(s);
        return;
    }
    s->samples->cores = true;
    lci_cpu_add(s->samples, command, s->words[first + pid], s->begin, s->now, busy, s->line);
    lci_cpu_add(s->samples, command, "", s->begin, s->now, 0, s->line); /* whoever did nothing has no row */
}

static void take_row(struct state *s)
{
    if (strcmp(s->words[0], "Linux") == 0) {
        take_host(s);
        return;
    }
    if (is_average(s))
        return;
    if (s->count > 1 && strcmp(s->words[s->count - 1], "RESTART") == 0) {
        s->begin = s->now = -1;
        return;
    }
    if (take_header(s) || s->table == NO_TABLE)
        return;
    int64_t time = -1;
    const int first = take_time(s, false, &time);
    if (first == 0 || s->count - first < s->columns)
        note_strange(s);
    if (first == 0 || s->count - first < s->columns || time < s->now)
        return;
    if (time > s->now) { /* rows of one time are of one interval */
        s->begin = s->now;
        s->now = time;
    }
    if (s->begin < 0) /* the length of the first interval is not told */
        return;
    if (s->table == PROCESSORS)
        take_processors(s, first);
    else
        take_process(s, first);
}

/* Whether the text begins as one of these reports; a table alone is known by its first line. */
static bool is_report(const char *text)
{
    const char *line = text + strspn(text, " \t\r\n");
    const size_t length = strcspn(line, "\n");
    return (strncmp(line, "Linux ", 6) == 0 && memchr(line, '(', length) != NULL) ||
           memmem(line, length, "%idle", 5) != NULL ||
           (memmem(line, length, "%CPU", 4) != NULL && memmem(line, length, "Command", 7) != NULL);
}

bool lci_cpu_read_sysstat(struct lci_cpu_samples *samples, char *text, size_t length)
{
    (void)length;
    if (!is_report(text))
        return false;
    struct state s = {.samples = samples, .midnight = -1, .begin = -1, .now = -1, .cores = NAN};
    s.parts = *samples;
    s.parts.items = NULL;
    s.parts.count = s.parts.capacity = 0;
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        s.line++;
        split(&s, line);
        if (s.count > 0)
            take_row(&s);
    }
    if (s.strange > 0)
        lc_warn(samples->diag, &(struct lc_place){samples->file, s.first_strange, 0, -1},
                "%d rows are not understood and left out, the first is this one; expected what sar and pidstat write "
                "with LC_ALL=C",
                s.strange);
    if (samples->count == 0 && s.parts.count > 0) {
        s.parts.cores = true;
        lci_cpu_free(samples);
        *samples = s.parts;
    } else {
        lci_cpu_free(&s.parts);
    }
    return true;
}
