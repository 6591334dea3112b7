/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Servers answer with some of the traces when there are more than a limit, and few say so: a window is halved until its
 * answer is whole. */
#include "base/utc.h"
#include "sources.h"

#include <inttypes.h>

#define LEAST 20 /* traces of an answer: asking for one at a time takes long */
#define MORE  16 /* times the limit, of a window that cannot be halved */

struct walk {
    int64_t unit;
    unsigned limit;
    pull_ask ask;
};

static int ask_whole(struct pull *p, const struct walk *w, const struct pull_window *window)
{
    const int status = w->ask(p, window, MORE * w->limit, true);
    if (status > 0) {
        char *begin = lci_utc_text(window->from * w->unit, LCI_UTC_ISO);
        lc_warn(p->diag, NULL,
                "%s: more than %u traces begin at %sZ, and the server gives no more of them: some are missing",
                p->shown, MORE * w->limit, begin);
        free(begin);
    }
    return status < 0 ? -1 : 0;
}

bool pull_is_cut(struct pull *p, uint64_t elements, unsigned limit)
{
    if (elements > p->largest)
        p->largest = elements;
    return elements >= limit || (p->cap > 0 && elements >= p->cap);
}

/* Servers may give less than they are asked for, and say nothing: round numbers of traces, in most cases. */
static bool is_doubtful(const struct pull *p, const struct pull_window *window)
{
    const uint64_t n = p->largest;
    return n > p->trusted && n > 1 && (n <= 50 || n % 10 == 0) && window->from < window->until;
}

static int64_t middle_of(const struct pull_window *window)
{
    return window->from + (window->until - window->from) / 2;
}

/* Asks for both halves of a window. *again becomes the half that answers with as many as the whole window did, if there
 * is one: all of them, or again the most that the server gives. Returns 1: there is one, 0: there is none, −1: no
 * answer. */
static int ask_halves(struct pull *p, const struct walk *w, const struct pull_window *window, uint64_t count,
                      struct pull_window *again)
{
    const int64_t middle = middle_of(window);
    const struct pull_window halves[] = {{middle + 1, window->until}, {window->from, middle}};
    int found = 0;
    for (int i = 0; i < 2; i++) {
        p->largest = 0;
        if (w->ask(p, &halves[i], w->limit, true) < 0)
            return -1;
        if (p->largest == count && !found) {
            *again = halves[i];
            found = 1;
        }
    }
    return found;
}

/* Halves a window, whose answer seemed to be whole, until its parts answer with less each. 1: there was more, so that
 * the server has a cap of its own. */
static int confirm(struct pull *p, const struct walk *w, const struct pull_window *window)
{
    const uint64_t count = p->largest, before = p->pulled.traces;
    struct pull_window part = *window;
    int again = 1;
    while (again == 1 && part.from < part.until && p->pulled.traces == before && !p->full)
        again = ask_halves(p, w, &part, count, &part);
    p->trusted = count;
    if (again < 0)
        return -1;
    if (p->pulled.traces == before || p->full)
        return 0;
    p->cap = count;
    lc_note(p->diag, NULL,
            "%s: the server answers with %" PRIu64 " at the most, though asked for %u: shorter windows are asked for",
            p->shown, count, w->limit);
    return 1;
}

static int walk(struct pull *p, const struct walk *w, struct pull_window window)
{
    if (p->full)
        return 0;
    p->largest = 0;
    int status = w->ask(p, &window, w->limit, false);
    if (status == 0 && !p->full && is_doubtful(p, &window))
        status = confirm(p, w, &window);
    if (status == 0 && p->full) {
        char *from = lci_utc_text(window.from * w->unit, LCI_UTC_ISO),
             *until = lci_utc_text(window.until * w->unit, LCI_UTC_ISO);
        lc_warn(p->diag, NULL,
                "%s: more than --max-traces %u: what is newer than %sZ is whole, of what began since %sZ a part is "
                "read, older traces are not",
                p->shown, p->most, until, from);
        free(from);
        free(until);
    }
    if (status <= 0)
        return status;
    if (window.from == window.until)
        return ask_whole(p, w, &window);
    const int64_t middle = middle_of(&window);
    return walk(p, w, (struct pull_window){middle + 1, window.until}) != 0
               ? -1
               : walk(p, w, (struct pull_window){window.from, middle});
}

int pull_each_service(struct pull *p, pull_ask_service ask, const struct pull_window *window, unsigned limit, bool last)
{
    int worst = 0;
    for (size_t i = 0; i < p->service_count && worst >= 0 && (worst == 0 || last); i++) {
        const int status = ask(p, p->services[i], window, limit, last);
        worst = status < 0 || worst == 0 ? status : worst;
    }
    return worst;
}

int pull_windows(struct pull *p, int64_t unit, unsigned limit, pull_ask ask)
{
    if (limit > p->most) /* so that the newest ones are kept, not some of a long window */
        limit = p->most > LEAST ? p->most : LEAST;
    const struct walk w = {unit, limit, ask};
    return walk(p, &w, (struct pull_window){p->from / unit, p->until / unit});
}
