/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What scenarios and the learning of models both say of traces.
 */
#ifndef LOADCAST_ASSUMED_H
#define LOADCAST_ASSUMED_H

#include <stdbool.h>

/* How loaded the system was when its traces were taken: `assume_load`. */
enum lc_assumed_load {
    LC_LOAD_AUTO,     /* found out; waiting is taken out of the times where a limit is known */
    LC_LOAD_LOW,      /* requests did not wait for each other: times are taken as they are */
    LC_LOAD_MEASURED, /* they did: waiting is taken out, and has to be */
};
/* Reads its name; false when it is none. */
bool lc_assumed_load_of(const char *name, enum lc_assumed_load *load);

#endif
