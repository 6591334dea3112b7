/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of the reader of LQN text: tokens, numbers, and a function for each section.
 */
#ifndef LOADCAST_FORMAT_LQN_TEXT_H
#define LOADCAST_FORMAT_LQN_TEXT_H

#include "format/line_columns.h"
#include "format/lqn_build.h"

enum lci_token {
    LCI_END,      /* of the file */
    LCI_LIST_END, /* -1 */
    LCI_WORD,     /* a name or a letter */
    LCI_WHOLE,    /* digits */
    LCI_DECIMAL,
    LCI_STRING,
    LCI_VARIABLE,  /* $x */
    LCI_BRACE,     /* { expression } */
    LCI_LIMITLESS, /* @infinity */
    LCI_OBSERVE,   /* %f95 */
    LCI_ARROW,     /* -> */
    LCI_MARK,      /* any other character */
};

/* Demand, squared variation and think time come in records of their own. */
struct lci_raw {
    double demand, cv2, think;
};

struct lci_text {
    struct lci_build *build; /* borrowed */
    struct lci_lines lines;
    const char *at; /* behind the token; the text ends with a 0 */
    /* the token */
    enum lci_token token;
    const char *start;
    size_t length;
    const char *pragma;     /* behind the last pragma line that was read */
    size_t errors;          /* before the record that is being read */
    bool ended;             /* that the file ends too early was said */
    struct lci_raw *phases; /* three an entry */
    size_t phase_count;
    struct lci_start { /* records `A entry activity`, which come before the activities */
        int entry;
        char *activity;
        struct lc_place place;
    } * starts;
    size_t start_count, start_capacity;
    struct lci_fan { /* records `I` and `O`, whose other task may be declared later */
        int task;
        bool in;
        uint32_t value;
        char *other;
        struct lc_place place;
    } * fans;
    size_t fan_count, fan_capacity;
};

void lci_text_next(struct lci_text *t); /* the following token */
struct lc_place lci_text_place(const struct lci_text *t);
bool lci_text_is(const struct lci_text *t, char mark_or_letter);
/* Takes the token if it is this letter or mark. */
bool lci_text_take(struct lci_text *t, char mark_or_letter);
/* An error at the token: "'x' is wrong; expected …". Only the first of a record is reported. */
void lci_text_wrong(struct lci_text *t, const char *right);
/* Is the record free of errors so far? */
bool lci_text_good(const struct lci_text *t);
/* After an error: to the next line that begins with a letter of `letters`, or with -1 or with a letter of a section. */
void lci_text_recover(struct lci_text *t, const char *letters);
/* A name, owned by the caller; NULL and an error if the token is none. */
char *lci_text_name(struct lci_text *t, const char *what);
/* A name that must be declared; LC_NONE and an error if not. */
int lci_text_entry(struct lci_text *t);
int lci_text_task(struct lci_text *t);

/* A number, $variable or { expression }. */
struct lci_number {
    double value;
    char *expression; /* owned; NULL: a number */
    struct lc_place place;
};
bool lci_text_is_number(const struct lci_text *t);
struct lci_number lci_text_number(struct lci_text *t);
/* Its value as an attribute of `owner` (an expression is bound), at least `low`; frees the number. */
double lci_text_value(struct lci_text *t, struct lci_number *number, double low, struct lci_owner owner,
                      const char *attribute);
/* Number and value in one; `whole` wants an integer. */
double lci_text_real(struct lci_text *t, double low, struct lci_owner owner, const char *attribute);
uint32_t lci_text_whole(struct lci_text *t, uint32_t low, struct lci_owner owner, const char *attribute);
/* The same from 0 to INT32_MAX, for fields with a sign. */
int lci_text_integer(struct lci_text *t, struct lci_owner owner, const char *attribute);
/* "-1" */
void lci_text_list_end(struct lci_text *t);

/* `%key $x` records behind the element that `prefix` names ("task/users"). */
void lci_text_observations(struct lci_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Gives observations that mean the same one key, when all calls are known. */
void lci_text_finish_observations(struct lci_text *t);
void lci_text_parameters(struct lci_text *t);
void lci_text_report(struct lci_text *t, bool convergence);
/* The records of a section: each begins with one of `letters` and is read by `record`, which finds the token behind
 * that letter. Takes the "-1" at the end. */
void lci_text_records(struct lci_text *t, const char *letters, const char *right,
                      void (*record)(struct lci_text *t, char letter, const struct lc_place *place));
/* minimum : maximum [bins] */
void lci_text_histogram(struct lci_text *t, struct lc_histogram *to);
void lci_text_entries(struct lci_text *t);
void lci_text_activities(struct lci_text *t);
/* A phase or activity gets its demand and think time. */
void lci_text_finish_activity(struct lc_activity *activity, const struct lci_raw *raw);

/* The texts of SPEX elements of LQN XML: assignments, and lines of a report. `place` of the element. */
void lci_spex_parameters(struct lci_build *build, const char *text, const struct lc_place *place);
void lci_spex_report(struct lci_build *build, const char *text, bool convergence, const struct lc_place *place);

#endif
