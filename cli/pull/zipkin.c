/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Zipkin: /api/v2/traces in a window, of all services or of each that is named. */
#include "sources.h"

#include <inttypes.h>
#include <stdlib.h>

#define PAGE 500 /* traces of an answer */

static const char *const wanted[] = {"traceId", NULL};
static const struct pull_grammar grammar = {"", wanted, "an array of traces, each an array of spans"};

static int ask_service(struct pull *p, const char *service, const struct pull_window *window, unsigned limit, bool last)
{
    char *name = service != NULL ? pull_escaped(service) : NULL;
    char *url = lc_format("%s/api/v2/traces?%s%s%sendTs=%" PRId64 "&lookback=%" PRId64 "&limit=%u", p->base,
                          name != NULL ? "serviceName=" : "", name != NULL ? name : "", name != NULL ? "&" : "",
                          window->until, window->until > window->from ? window->until - window->from : 1, limit);
    struct pull_traces traces = {.grammar = &grammar};
    const enum pull_answer answer = pull_traces_ask(&traces, p, url, NULL, NULL);
    if (answer == PULL_NOT_FOUND)
        pull_http_not_found(p->http, url, p->diag);
    free(url);
    free(name);
    if (answer != PULL_DONE)
        return -1;
    if (!pull_is_cut(p, traces.elements, limit))
        return 0;
    if (!last)
        pull_traces_undo(&traces);
    return 1;
}

static int ask(struct pull *p, const struct pull_window *window, unsigned limit, bool last)
{
    if (p->service_count == 0)
        return ask_service(p, NULL, window, limit, last);
    return pull_each_service(p, ask_service, window, limit, last);
}

/* Zipkin writes names of services in small letters, and finds no others. */
static int check_services(struct pull *p)
{
    char *url = lc_format("%s/api/v2/services", p->base);
    json_t *answer = pull_document(p, url, NULL, "an array of the names of services", NULL);
    size_t count;
    const char **names = NULL;
    if (answer != NULL && !json_is_array(answer))
        pull_unexpected(p, url, "something else", "an array of the names of services");
    else if (answer != NULL)
        names = pull_services(p, answer, &count);
    const int status = names != NULL ? 0 : -1;
    free(names);
    json_decref(answer);
    free(url);
    return status;
}

static int pull(struct pull *p)
{
    return p->service_count > 0 && check_services(p) != 0 ? -1 : pull_windows(p, 1000000, PAGE, ask);
}

const struct pull_source pull_zipkin = {"zipkin", pull};
