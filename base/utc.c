/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utc.h"

#include <time.h>

#include <loadcast/base.h>

char *lci_utc_text(int64_t ns, enum lci_utc form)
{
    const time_t seconds = (time_t)(ns / LCI_UTC_SECOND);
    struct tm tm;
    char text[64] = "";
    if (gmtime_r(&seconds, &tm) != NULL)
        strftime(text, sizeof text,
                 form == LCI_UTC_SHOWN     ? "%Y-%m-%d %H:%M:%S"
                 : form == LCI_UTC_MINUTES ? "%Y-%m-%d %H:%M"
                 : form == LCI_UTC_ISO     ? "%Y-%m-%dT%H:%M:%S"
                                           : "%Y%m%dT%H%M%S",
                 &tm);
    return lc_strdup(text);
}

int64_t lci_utc_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * LCI_UTC_SECOND + now.tv_nsec;
}
