/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which activity, release and run a trace belongs to: by the window of time in which it began, or by what any of its
 * spans says.
 */
#ifndef LCI_FIT_ASSOCIATION_H
#define LCI_FIT_ASSOCIATION_H

#include "base/names.h"
#include "loadcast/learn.h"
#include "tally.h"

struct lci_association_options {
    const struct lc_activity_runs *windows; /* NULL: none. A trace belongs to the one in which it begins */
    int64_t clock_offset;                   /* ns that the traces' clock is ahead of that of the windows */
    int64_t slack;                          /* ns: a trace in no window belongs to one that begins or ends so near */
    /* Keys of attributes, or of W3C baggage; NULL: none. The root's value counts first, then that of the first span. */
    const char *by, *release_by, *run_by;
    const char *release, *run; /* stated: for traces that say nothing; NULL: nothing */
};

enum lci_matches { LCI_MATCHES_ONE, LCI_MATCHES_NONE, LCI_MATCHES_TWO, LCI_MATCHES };

struct lci_association {
    struct lci_association_options options;
    const struct lc_symbols *symbols;
    const char *keep[16]; /* for lc_reader_options; ends with NULL */
    uint32_t at[6];       /* per key and spelling: where in `keep` it stands first */
    char *owned[3];
    uint64_t traces[LCI_MATCHES];
    uint64_t several;  /* of those by attribute: its spans name several; the first counted */
    uint64_t near;     /* in no window, but near to the edge of one */
    uint64_t outlasts; /* in a window that ends before the trace does */
    uint64_t *per_window;
    int64_t nearest;     /* ns by which the nearest of all in no window missed one */
    char example[2][40]; /* ids of traces that match none and two */
    char value[256];     /* scratch: an item of baggage */
    char values[3][256];
};

/* `keep` is what lc_trees_read() must be asked for; the association may not move. */
void lci_association_start(struct lci_association *association, const struct lci_association_options *options,
                           const struct lc_symbols *symbols);
/* Fills `belongs` when the trace matches one; its texts are valid until the next call. */
enum lci_matches lci_associate(struct lci_association *association, const struct lc_tree *tree,
                               struct lci_belongs *belongs);
/* Says what matched none or several, which windows are empty and where clocks seem to differ. An error, and −1, when no
 * trace matched. */
int lci_association_report(const struct lci_association *association, struct lc_diag *diag);
void lci_association_free(struct lci_association *association);

#endif
