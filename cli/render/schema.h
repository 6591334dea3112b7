/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON schemas of what commands write with --json, from tables of keys. Each is a text, the caller's.
 */
#ifndef RENDER_SCHEMA_H
#define RENDER_SCHEMA_H

#include "model/format/schema_json.h"

#define KEY(key, what, sentence)                                                                                       \
    {                                                                                                                  \
        key, NULL, .shape = (what), .about = (sentence)                                                                \
    }

char *fit_schema(void);         /* of traces, and of samples */
char *advice_schema(void);      /* of advise */
char *backtest_schema(void);    /* of backtest */
char *calibration_schema(void); /* of calibrate */

#endif
