/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Starts and stops of activities, as tests append them to a file one after the other, and the windows that they bound.
 */
#ifndef LCI_TABLES_ACTIVITY_EVENTS_H
#define LCI_TABLES_ACTIVITY_EVENTS_H

#include "loadcast/learn.h"

struct lci_activity_event {
    char *activity, *release, *run; /* "": not stated */
    int64_t time;                   /* ns */
    bool stop;
    int line;
};
struct lci_activity_events {
    struct lci_activity_event *items; /* in the order of the file */
    size_t count, room;
};

/* The last start of the activity that nothing has ended; `release` and `run` NULL: any. `several`: there are more that
 * differ in release or run. SIZE_MAX: none. */
size_t lci_activity_open(const struct lci_activity_events *events, const char *activity, const char *release,
                         const char *run, bool *several);
/* Appends a window for every start. One that has no stop ends where the next start of any activity stands, or never
 * (INT64_MAX); it, and a stop without a start, is a warning. */
void lci_activity_windows(const struct lci_activity_events *events, const char *file, struct lc_activity_runs *runs,
                          struct lc_diag *diag);
void lci_activity_events_free(struct lci_activity_events *events);
/* Reads a file of windows, of events, or of both. 0, or −1 with errors appended. An empty file is no error. */
int lci_activity_file_read(const char *file, struct lc_activity_runs *runs, struct lci_activity_events *events,
                           struct lc_diag *diag);

#endif
