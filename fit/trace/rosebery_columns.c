/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tells rosebery's tables apart. Its own CSV has semicolons and no header; dumps of its database have what the tool
 * that made them likes. Without names of columns the types of the first line's fields tell: a record ends with OK or
 * EXCEPTION, and no two tables have as many columns of the same types.
 */
#include "rosebery.h"

#include "base/digits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX_BYTES 40
#define LINES_LOOKED   4 /* of a table of nodes without a header */

enum type { TEXT, INTEGER, NUMBER, RESULT };
static const struct {
    const char *name; /* in small letters, without '_' */
    enum lci_rosebery_role role;
} names[] = {
    {"id", LCI_ROSEBERY_ID},
    {"epid", LCI_ROSEBERY_ID},
    {"rtpid", LCI_ROSEBERY_ID},
    {"nodeid", LCI_ROSEBERY_NODE},
    {"nodepurpose", LCI_ROSEBERY_PURPOSE},
    {"purpose", LCI_ROSEBERY_PURPOSE},
    {"sequence", LCI_ROSEBERY_SEQUENCE},
    {"seq", LCI_ROSEBERY_SEQUENCE},
    {"starttime", LCI_ROSEBERY_START},
    {"start", LCI_ROSEBERY_START},
    {"endtime", LCI_ROSEBERY_END},
    {"end", LCI_ROSEBERY_END},
    {"duration", LCI_ROSEBERY_DURATION},
    {"result", LCI_ROSEBERY_RESULT},
    {"executionresult", LCI_ROSEBERY_RESULT},
    {"timestamp", LCI_ROSEBERY_TIME},
    {"nanotime", LCI_ROSEBERY_TIME},
    {"systemcpuload", LCI_ROSEBERY_SYSTEM_LOAD},
    {"systemcpuloadavg", LCI_ROSEBERY_SYSTEM_LOAD},
    {"sysloadavg", LCI_ROSEBERY_SYSTEM_LOAD},
    {"processcpuload", LCI_ROSEBERY_PROCESS_LOAD},
    {"processcpuloadavg", LCI_ROSEBERY_PROCESS_LOAD},
    {"procloadavg", LCI_ROSEBERY_PROCESS_LOAD},
    {"processcputime", LCI_ROSEBERY_PROCESS_TIME},
    {"threadcputime", LCI_ROSEBERY_THREAD_TIME},
    {"systemcpuloadmax", LCI_ROSEBERY_REST},
    {"systemcpuloadmin", LCI_ROSEBERY_REST},
    {"sysloadmax", LCI_ROSEBERY_REST},
    {"sysloadmin", LCI_ROSEBERY_REST},
    {"processcpuloadmax", LCI_ROSEBERY_REST},
    {"processcpuloadmin", LCI_ROSEBERY_REST},
    {"procloadmax", LCI_ROSEBERY_REST},
    {"procloadmin", LCI_ROSEBERY_REST},
    {"heapmax", LCI_ROSEBERY_REST},
    {"heapusage", LCI_ROSEBERY_REST},
    {"heapusagemax", LCI_ROSEBERY_REST},
    {"heapusagemin", LCI_ROSEBERY_REST},
    {"heapusageavg", LCI_ROSEBERY_REST},
    {"heapusemax", LCI_ROSEBERY_REST},
    {"heapusemin", LCI_ROSEBERY_REST},
    {"heapuseavg", LCI_ROSEBERY_REST},
};

#define BIT(role) (1u << LCI_ROSEBERY_##role)
static const struct {
    enum lci_rosebery_kind kind;
    uint8_t count;
    uint8_t roles[LCI_ROSEBERY_COLUMNS], types[LCI_ROSEBERY_COLUMNS]; /* as they stand without a header */
    unsigned needed, not ; /* roles that a header has; and those that only others have */
} kinds[] = {
#define R(role) LCI_ROSEBERY_##role
    {R(RECORDS),
     7,
     {R(ID), R(NODE), R(SEQUENCE), R(START), R(END), R(DURATION), R(RESULT)},
     {INTEGER, INTEGER, TEXT, INTEGER, INTEGER, INTEGER, RESULT},
     BIT(NODE) | BIT(START) | BIT(END) | BIT(RESULT),
     BIT(PURPOSE)},
    {R(RUNTIME),
     7,
     {R(NODE), R(PURPOSE), R(SEQUENCE), R(START), R(END), R(DURATION), R(RESULT)},
     {TEXT, TEXT, TEXT, INTEGER, INTEGER, INTEGER, RESULT},
     BIT(NODE) | BIT(PURPOSE) | BIT(START) | BIT(END) | BIT(RESULT),
     0},
    {R(JVM_TABLE),
     14,
     {R(ID), R(NODE), R(TIME), R(PROCESS_TIME), R(REST), R(PROCESS_LOAD), R(REST), R(REST), R(SYSTEM_LOAD), R(REST),
      R(REST), R(REST), R(REST), R(REST)},
     {INTEGER, INTEGER, INTEGER, INTEGER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER,
      NUMBER},
     BIT(NODE) | BIT(TIME) | BIT(PROCESS_LOAD),
     BIT(PURPOSE) | BIT(START)},
    {R(JVM),
     14,
     {R(NODE), R(PURPOSE), R(TIME), R(REST), R(REST), R(SYSTEM_LOAD), R(PROCESS_TIME), R(REST), R(REST),
      R(PROCESS_LOAD), R(REST), R(REST), R(REST), R(REST)},
     {TEXT, TEXT, INTEGER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER},
     BIT(NODE) | BIT(PURPOSE) | BIT(TIME) | BIT(PROCESS_LOAD),
     BIT(START)},
    {R(SNAPSHOTS),
     8,
     {R(ID), R(TIME), R(SYSTEM_LOAD), R(PROCESS_LOAD), R(PROCESS_TIME), R(THREAD_TIME), R(REST), R(REST)},
     {INTEGER, INTEGER, NUMBER, NUMBER, INTEGER, INTEGER, INTEGER, INTEGER},
     BIT(ID) | BIT(TIME) | BIT(THREAD_TIME),
     BIT(NODE) | BIT(START)},
    {R(NODES),
     3,
     {R(ID), R(NODE), R(PURPOSE)},
     {INTEGER, TEXT, TEXT},
     BIT(ID) | BIT(NODE) | BIT(PURPOSE),
     BIT(START) | BIT(TIME)},
    {R(PROFILES), 1, {R(ID)}, {RESULT}, BIT(ID), ~BIT(ID)}, /* numbers alone are not known without their name */
#undef R
};
#define KINDS (sizeof kinds / sizeof *kinds)

/* ---- fields ------------------------------------------------------------------------------------------------------ */

static inline bool equals(const struct lci_csv_field *f, const char *word)
{
    const size_t length = strlen(word);
    return f->length == length && (memcmp(f->text, word, length) == 0 || strncasecmp(f->text, word, length) == 0);
}

static inline bool integer_of(const struct lci_csv_field *f, int64_t *value)
{
    const bool negative = f->length > 0 && *f->text == '-';
    uint64_t number;
    if (f->length == negative || f->length > 18u + negative) /* 18 digits fit */
        return false;
    if (lci_digits(f->text + negative, f->length - negative, &number) != f->length - negative)
        return false;
    *value = negative ? -(int64_t)number : (int64_t)number;
    return true;
}

/* As Java writes a double: 0.25, 1.2E8, NaN. */
static bool is_number(const struct lci_csv_field *f)
{
    char text[32], *end;
    if (f->length == 0 || f->length >= sizeof text || strchr("-0123456789N", f->text[0]) == NULL)
        return false;
    memcpy(text, f->text, f->length);
    text[f->length] = 0;
    strtod(text, &end);
    return *end == 0;
}

static bool fits(const struct lci_csv_field *f, enum type type)
{
    int64_t ignored;
    switch (type) {
    case INTEGER: return integer_of(f, &ignored);
    case NUMBER: return is_number(f);
    case RESULT: return equals(f, "OK") || equals(f, "EXCEPTION");
    case TEXT: break;
    }
    return f->length > 0;
}

/* ---- the first line ---------------------------------------------------------------------------------------------- */

static int role_of(const struct lci_csv_field *f)
{
    char name[NAME_MAX_BYTES];
    size_t length = 0;
    for (size_t i = 0; i < f->length && length < sizeof name - 1; i++)
        if (f->text[i] != '_' && f->text[i] != ' ')
            name[length++] = f->text[i];
    name[length] = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(names[i].name, name) == 0)
            return (int)names[i].role;
    return -1;
}

static void set_columns(struct lci_rosebery_layout *layout)
{
    memset(layout->column, 0, sizeof layout->column);
    for (size_t i = 0; i < layout->columns; i++)
        layout->column[layout->roles[i]] = (uint8_t)(i + 1);
}

static bool has_names(const struct lci_csv_field *f, size_t count, struct lci_rosebery_layout *layout)
{
    unsigned seen = 0;
    for (size_t i = 0; i < count; i++) {
        const int role = role_of(&f[i]);
        if (role < 0 || (role != LCI_ROSEBERY_REST && (seen & 1u << role) != 0))
            return false;
        layout->roles[i] = (uint8_t)role;
        seen |= 1u << role;
    }
    layout->columns = count;
    layout->header = true;
    for (size_t k = 0; k < KINDS; k++)
        if ((seen & kinds[k].needed) == kinds[k].needed && (seen & kinds[k].not ) == 0) {
            layout->kind = kinds[k].kind;
            set_columns(layout);
            return true;
        }
    return false;
}

static bool has_types(const struct lci_csv_field *f, size_t count, struct lci_rosebery_layout *layout)
{
    for (size_t k = 0; k < KINDS; k++) {
        size_t right = 0;
        while (right < count && count == kinds[k].count && fits(&f[right], kinds[k].types[right]))
            right++;
        if (right < count)
            continue;
        layout->kind = kinds[k].kind;
        layout->columns = count;
        layout->header = false;
        memcpy(layout->roles, kinds[k].roles, sizeof layout->roles);
        set_columns(layout);
        return true;
    }
    return false;
}

static char separator_of(const char *line, size_t length)
{
    return memchr(line, ';', length) != NULL ? ';' : memchr(line, '\t', length) != NULL ? '\t' : ',';
}

/* A number and two words are little to know a table by: the next lines must be alike, with other numbers. */
static bool are_nodes(const char *text, size_t length, const struct lci_rosebery_layout *layout)
{
    const char *end = text + length;
    int64_t before = INT64_MIN, id, number;
    for (int line = 0; line < LINES_LOOKED && text < end; line++) {
        struct lci_csv_field f[LCI_ROSEBERY_COLUMNS];
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        const size_t size = lci_csv_header(text, (size_t)(end - text));
        if (stop == NULL && line > 0)
            break; /* may go on */
        const size_t count = lci_csv_split(text, size, layout->separator, f, LCI_ROSEBERY_COLUMNS);
        if (size > 0 && (count != 3 || !integer_of(&f[0], &id) || id <= before || !fits(&f[1], TEXT) ||
                         !fits(&f[2], TEXT) || integer_of(&f[2], &number)))
            return false;
        before = size > 0 ? id : before;
        text = stop != NULL ? stop + 1 : end;
    }
    return true;
}

bool lci_rosebery_recognise(const char *text, size_t length, struct lci_rosebery_layout *layout)
{
    struct lci_csv_field f[LCI_ROSEBERY_COLUMNS];
    while (length > 0 && (*text == '\n' || *text == '\r')) {
        text++;
        length--;
    }
    const size_t line = lci_csv_header(text, length);
    *layout = (struct lci_rosebery_layout){.separator = separator_of(text, line)};
    const size_t count = lci_csv_split(text, line, layout->separator, f, LCI_ROSEBERY_COLUMNS);
    if (count > LCI_ROSEBERY_COLUMNS || (!has_names(f, count, layout) && !has_types(f, count, layout)))
        return false;
    return layout->header || layout->kind != LCI_ROSEBERY_NODES || are_nodes(text, length, layout);
}

bool lci_rosebery_is(const char *text, size_t length, enum lci_rosebery_kind kind)
{
    struct lci_rosebery_layout layout;
    return lci_rosebery_recognise(text, length, &layout) && layout.kind == kind;
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static void wrong(const struct lci_csv_reader *r, const struct lci_csv_field *f, const char *expected,
                  struct lc_diag *diag)
{
    lc_error(diag, LC_INPUT, &(struct lc_place){r->reader.file, r->number, 0, r->offset}, "expected %s, found '%.*s'",
             expected, f->length < 60 ? (int)f->length : 60, f->text);
}

bool lci_rosebery_split(const struct lci_csv_reader *r, const struct lci_rosebery_layout *layout, const char *line,
                        size_t length, struct lci_csv_field *fields, struct lc_diag *diag)
{
    const size_t count = lci_csv_split(line, length, layout->separator, fields, LCI_ROSEBERY_COLUMNS);
    if (count == layout->columns)
        return true;
    lc_error(diag, LC_INPUT, &(struct lc_place){r->reader.file, r->number, 1, r->offset},
             "expected %zu fields, as in the first line, found %zu", layout->columns, count);
    return false;
}

bool lci_rosebery_integer(const struct lci_csv_reader *r, const struct lci_csv_field *f, const char *what,
                          int64_t *value, struct lc_diag *diag)
{
    if (integer_of(f, value))
        return true;
    wrong(r, f, what, diag);
    return false;
}

/* 0 where there is none: the word null, or what databases write in its place. */
static struct lci_trace_id sequence_of(struct lci_trace_reader *r, const struct lci_csv_field *f)
{
    char digits[32];
    const char *at = f->text;
    if (equals(f, "null") || equals(f, "\\N"))
        return (struct lci_trace_id){0, 0};
    if (f->length != 36 || at[8] != '-' || at[13] != '-' || at[18] != '-' || at[23] != '-')
        return lci_trace_id_of(r, at, f->length);
    memcpy(digits, at, 8); /* the parts of a UUID */
    memcpy(digits + 8, at + 9, 4);
    memcpy(digits + 12, at + 14, 4);
    memcpy(digits + 16, at + 19, 4);
    memcpy(digits + 20, at + 24, 12);
    return lci_trace_id_of(r, digits, sizeof digits);
}

bool lci_rosebery_read(struct lci_csv_reader *reader, const struct lci_rosebery_layout *layout,
                       const struct lci_csv_field *fields, struct lci_rosebery_record *record, struct lc_diag *diag)
{
    static const struct lci_csv_field none = {.text = ""};
    const uint8_t *column = layout->column;
    const struct lci_csv_field *start = &fields[column[LCI_ROSEBERY_START] - 1],
                               *end = &fields[column[LCI_ROSEBERY_END] - 1],
                               *result = &fields[column[LCI_ROSEBERY_RESULT] - 1],
                               *sequence = column[LCI_ROSEBERY_SEQUENCE] == 0
                                               ? &none
                                               : &fields[column[LCI_ROSEBERY_SEQUENCE] - 1];
    *record =
        (struct lci_rosebery_record){.error = equals(result, "EXCEPTION"), .cpu_share = NAN, .duration = INT64_MIN};
    if (!record->error && !equals(result, "OK")) {
        wrong(reader, result, "OK or EXCEPTION", diag);
        return false;
    }
    if (!lci_rosebery_integer(reader, start, "a start in ms since 1970", &record->start, diag) ||
        !lci_rosebery_integer(reader, end, "an end in ms since 1970", &record->end, diag))
        return false;
    if (column[LCI_ROSEBERY_DURATION] != 0 && !lci_rosebery_integer(reader, &fields[column[LCI_ROSEBERY_DURATION] - 1],
                                                                    "a duration in ns", &record->duration, diag))
        return false;
    record->sequence = sequence_of(&reader->reader, sequence);
    return true;
}
