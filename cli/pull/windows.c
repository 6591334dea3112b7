/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Servers answer with some of the traces when there are more than a limit, and few say so: a window is halved until its
 * answer is whole. */
#include "sources.h"

#include <time.h>

#define LEAST 20 /* traces of an answer: asking for one at a time takes long */
#define MORE  16 /* times the limit, of a window that cannot be halved */

static void time_text(int64_t ns, char text[40])
{
    const time_t seconds = (time_t)(ns / 1000000000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    strftime(text, 40, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

struct walk {
    int64_t unit;
    unsigned limit;
    pull_ask ask;
};

static int ask_whole(struct pull *p, const struct walk *w, const struct pull_window *window)
{
    const int status = w->ask(p, window, MORE * w->limit, true);
    if (status > 0) {
        char text[40];
        time_text(window->from * w->unit, text);
        lc_warn(p->diag, NULL,
                "%s: more than %u traces begin at %s, and the server gives no more of them: some are missing", p->shown,
                MORE * w->limit, text);
    }
    return status < 0 ? -1 : 0;
}

static int walk(struct pull *p, const struct walk *w, struct pull_window window)
{
    if (p->full)
        return 0;
    const int status = w->ask(p, &window, w->limit, false);
    if (status == 0 && p->full) {
        char from[40], until[40];
        time_text(window.from * w->unit, from);
        time_text(window.until * w->unit, until);
        lc_warn(p->diag, NULL,
                "%s: more than --max-traces %u: what is newer than %s is whole, of what began since %s a part is read, "
                "older traces are not",
                p->shown, p->most, until, from);
    }
    if (status <= 0)
        return status;
    if (window.from == window.until)
        return ask_whole(p, w, &window);
    const int64_t middle = window.from + (window.until - window.from) / 2;
    return walk(p, w, (struct pull_window){middle + 1, window.until}) != 0
               ? -1
               : walk(p, w, (struct pull_window){window.from, middle});
}

int pull_windows(struct pull *p, int64_t unit, unsigned limit, pull_ask ask)
{
    if (limit > p->most) /* so that the newest ones are kept, not some of a long window */
        limit = p->most > LEAST ? p->most : LEAST;
    const struct walk w = {unit, limit, ask};
    return walk(p, &w, (struct pull_window){p->from / unit, p->until / unit});
}
