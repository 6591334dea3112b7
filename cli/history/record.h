/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the history keeps of one run of one release: what was measured, what was learned from that, what is predicted,
 * and how it was judged. */
#ifndef HISTORY_RECORD_H
#define HISTORY_RECORD_H

#include "fit/measure/measures.h"

struct history_parameter { /* a learned number of the model */
    const char *path;      /* of the model's element (loadcast/edit.h) */
    const char *family;    /* of its distribution; "": none */
    double mean, standard_error;
    uint64_t samples;
};

struct history_load { /* a component at a load level of the scenario, without any what-if */
    const char *label, *component;
    bool processor;
    double factor;          /* of the scenario's load */
    double load, low, high; /* between 0 and 1, with its 95 % interval; NaN: no steady state, or not known */
    double utilization;     /* busy servers or threads */
};

struct history_limit { /* the load at which a component is full */
    const char *component;
    bool processor;
    double factor, low, high; /* of the scenario's load, with the 95 % interval; NaN: not known */
};

struct history_record {
    const char *release, *run;
    int64_t time;                      /* ns since 1970, of the first time that it was recorded; 0: now */
    const char *program;               /* its version */
    const char *options;               /* with which it was made, for people */
    struct lci_measure_table measures; /* owns all texts of the record but the summary; its rows' release and run are
                                          those of the record */
    struct history_parameter *parameters;
    size_t parameter_count, parameter_room;
    struct history_load *loads;
    size_t load_count, load_room;
    struct history_limit *limits;
    size_t limit_count, limit_room;
    int status;    /* of the command; −1: nothing was judged */
    char *summary; /* the verdict's, as JSON; NULL: nothing was judged */
};

/* Of a release and a run, with nothing in it. */
struct history_record history_record_new(const char *release, const char *run);
void history_record_free(struct history_record *record);
/* These copy the texts. */
void history_record_parameter(struct history_record *record, const struct history_parameter *parameter);
void history_record_load(struct history_record *record, const struct history_load *load);
void history_record_limit(struct history_record *record, const struct history_limit *limit);

/* Records in the order in which they came. */
struct history_records {
    struct history_record *items;
    size_t count, room;
    struct lci_table table;
};
/* That of the release and run; a new one where there is none. Valid until the next call. */
struct history_record *history_records_of(struct history_records *records, const char *release, const char *run);
void history_records_free(struct history_records *records);

#endif
