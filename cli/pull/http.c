/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http.h"

#include "base/buffer.h"
#include "base/shown.h"
#include "base/text.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ATTEMPTS 4
#define TOLD     300 /* bytes of an answer that is an error, in a message */

char *pull_escaped(const char *text)
{
    struct lci_buffer out = {0};
    for (; *text != 0; text++)
        if ((*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
            strchr("-._~", *text) != NULL)
            lci_buffer_put(&out, text, 1);
        else
            lci_buffer_add(&out, "%%%02X", (unsigned char)*text);
    return lci_buffer_take(&out);
}

char *pull_shown_url(const char *url)
{
    const size_t length = strcspn(url, "?#");
    const char *scheme = strstr(url, "://"), *host = scheme != NULL ? scheme + 3 : url;
    const char *end = host + strcspn(host, "/?#"), *at = memrchr(host, '@', (size_t)(end - host));
    struct lci_buffer out = {0};
    lci_buffer_put(&out, url, (size_t)(host - url));
    host = at != NULL ? at + 1 : host;
    if (url + length > host)
        lci_buffer_put(&out, host, (size_t)(url + length - host));
    char *raw = lci_buffer_take(&out), *shown = lci_shown(raw, strlen(raw), false);
    free(raw);
    return shown;
}

#ifdef HAS_LOADCAST_CURL
#include "base/library.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#undef curl_easy_setopt
#undef curl_easy_getinfo

#define FUNCTIONS(X)                                                                                                   \
    X(curl_easy_cleanup)                                                                                               \
    X(curl_easy_getinfo)                                                                                               \
    X(curl_easy_init)                                                                                                  \
    X(curl_easy_reset)                                                                                                 \
    X(curl_easy_setopt)                                                                                                \
    X(curl_easy_strerror)                                                                                              \
    X(curl_global_init)                                                                                                \
    X(curl_multi_add_handle)                                                                                           \
    X(curl_multi_cleanup)                                                                                              \
    X(curl_multi_info_read)                                                                                            \
    X(curl_multi_init)                                                                                                 \
    X(curl_multi_perform)                                                                                              \
    X(curl_multi_poll)                                                                                                 \
    X(curl_multi_remove_handle)                                                                                        \
    X(curl_slist_append)                                                                                               \
    X(curl_slist_free_all)
FUNCTIONS(LCI_POINTER)
static const struct lci_function functions[] = {FUNCTIONS(LCI_FUNCTION){NULL, NULL}};
#define curl_easy_cleanup        lci_curl_easy_cleanup
#define curl_easy_getinfo        lci_curl_easy_getinfo
#define curl_easy_init           lci_curl_easy_init
#define curl_easy_reset          lci_curl_easy_reset
#define curl_easy_setopt         lci_curl_easy_setopt
#define curl_easy_strerror       lci_curl_easy_strerror
#define curl_global_init         lci_curl_global_init
#define curl_multi_add_handle    lci_curl_multi_add_handle
#define curl_multi_cleanup       lci_curl_multi_cleanup
#define curl_multi_info_read     lci_curl_multi_info_read
#define curl_multi_init          lci_curl_multi_init
#define curl_multi_perform       lci_curl_multi_perform
#define curl_multi_poll          lci_curl_multi_poll
#define curl_multi_remove_handle lci_curl_multi_remove_handle
#define curl_slist_append        lci_curl_slist_append
#define curl_slist_free_all      lci_curl_slist_free_all

struct pull_http {
    const char *source;
    struct pull_http_options options;
    CURLM *multi;
    CURL *easy; /* keeps connections open */
    const char *token, *user, *password;
    atomic_uint_fast64_t own, *bytes; /* bytes: of all copies */
    /* Of the attempt that is on. */
    const struct pull_request *request;
    double last; /* when a byte came */
    bool enough, too_large;
    char wrong[TOLD + 1]; /* how the body of an error begins */
    size_t wrong_length;
    char error[CURL_ERROR_SIZE];
};

/* ---- credentials ------------------------------------------------------------------------------------------------- */

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && *value != 0 ? value : NULL;
}

static int take_credentials(struct pull_http *h, struct lc_diag *diag)
{
    h->token = variable("LOADCAST_TOKEN");
    h->user = variable("LOADCAST_USER");
    h->password = variable("LOADCAST_PASSWORD");
    const char *wrong = NULL;
    if (h->token != NULL && (h->user != NULL || h->password != NULL))
        wrong = "expected LOADCAST_TOKEN, or LOADCAST_USER and LOADCAST_PASSWORD, found both in the environment";
    else if ((h->user != NULL) != (h->password != NULL))
        wrong = "expected LOADCAST_USER and LOADCAST_PASSWORD in the environment, found one of them";
    else if ((h->token != NULL && strpbrk(h->token, "\r\n") != NULL) ||
             (h->user != NULL && strchr(h->user, ':') != NULL))
        wrong = "expected a LOADCAST_TOKEN of one line, and a LOADCAST_USER without ':', in the environment";
    if (wrong != NULL)
        lc_error(diag, LC_INPUT, NULL, "%s: %s", h->source, wrong);
    return wrong == NULL ? 0 : -1;
}

static void cover(char *text, const char *secret)
{
    if (secret != NULL && strlen(secret) >= 3)
        for (char *at = strstr(text, secret); at != NULL; at = strstr(at, secret))
            memset(at, '*', strlen(secret));
}

/* What a server says may hold what was said to it. Owned by the caller. */
static char *covered(const struct pull_http *h, const char *text, size_t length)
{
    char *copy = lc_strndup(text, length);
    cover(copy, h->token);
    cover(copy, h->password);
    for (char *at = copy; *at != 0; at++)
        if (strchr("\t\r\n", *at) != NULL)
            *at = ' ';
    char *utf8 = lci_utf8_copy(copy), *shown = lci_shown(utf8, strlen(utf8), false);
    free(copy);
    free(utf8);
    return shown;
}

/* ---- one attempt ------------------------------------------------------------------------------------------------- */

static bool is_good(CURL *easy)
{
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status == 200;
}

static size_t on_bytes(char *bytes, size_t one, size_t length, void *context)
{
    struct pull_http *h = context;
    (void)one;
    h->last = lci_seconds();
    if (!is_good(h->easy)) {
        const size_t room = TOLD - h->wrong_length, taken = length < room ? length : room;
        memcpy(h->wrong + h->wrong_length, bytes, taken);
        h->wrong_length += taken;
        return h->wrong_length < TOLD ? length : CURL_WRITEFUNC_ERROR; /* enough is known */
    }
    h->too_large = atomic_fetch_add(h->bytes, length) + length > h->options.most_bytes;
    if (h->too_large)
        return CURL_WRITEFUNC_ERROR;
    h->enough = h->request->take(h->request->context, bytes, length) != 0;
    return h->enough ? CURL_WRITEFUNC_ERROR : length;
}

static void set_up(struct pull_http *h, struct curl_slist *headers)
{
    const struct pull_request *r = h->request;
    const bool safe = strncasecmp(r->url, "https:", 6) == 0;
    CURL *e = h->easy;
    curl_easy_reset(e); /* connections stay open */
    curl_easy_setopt(e, CURLOPT_URL, r->url);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 1L); /* to other hosts without credentials: libcurl's rule */
    curl_easy_setopt(e, CURLOPT_REDIR_PROTOCOLS_STR, safe ? "https" : "http,https");
    curl_easy_setopt(e, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(e, CURLOPT_POSTREDIR, (long)CURL_REDIR_POST_ALL);
    curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    curl_easy_setopt(e, CURLOPT_USERAGENT, "loadcast/" LOADCAST_VERSION);
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, h->error);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, lround(h->options.timeout * 1e3));
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, lround(h->options.timeout * 1e4));
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, h);
    const char *certificates = h->options.ca_file != NULL ? h->options.ca_file : variable("SSL_CERT_FILE");
    if (certificates != NULL)
        curl_easy_setopt(e, CURLOPT_CAINFO, certificates);
    if (h->token != NULL) {
        curl_easy_setopt(e, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        curl_easy_setopt(e, CURLOPT_XOAUTH2_BEARER, h->token);
    } else if (h->user != NULL) {
        curl_easy_setopt(e, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(e, CURLOPT_USERNAME, h->user);
        curl_easy_setopt(e, CURLOPT_PASSWORD, h->password);
    }
    if (r->body != NULL)
        curl_easy_setopt(e, CURLOPT_POSTFIELDS, r->body);
}

/* As curl_easy_perform(), but for servers that say nothing any more. */
static CURLcode perform(struct pull_http *h)
{
    CURLcode result = CURLE_OK;
    int running = 1;
    h->last = lci_seconds();
    curl_multi_add_handle(h->multi, h->easy);
    while (running > 0 && result == CURLE_OK) {
        if (curl_multi_perform(h->multi, &running) != CURLM_OK)
            result = CURLE_OUT_OF_MEMORY;
        else if (running > 0 && lci_seconds() - h->last > h->options.timeout)
            result = CURLE_OPERATION_TIMEDOUT;
        else if (running > 0)
            curl_multi_poll(h->multi, NULL, 0, 1 + (int)(h->options.timeout * 100), NULL);
    }
    int left;
    for (CURLMsg *m; result == CURLE_OK && (m = curl_multi_info_read(h->multi, &left)) != NULL;)
        if (m->msg == CURLMSG_DONE)
            result = m->data.result;
    curl_multi_remove_handle(h->multi, h->easy);
    return result;
}

static CURLcode attempt(struct pull_http *h, const struct pull_request *request)
{
    h->request = request;
    h->enough = h->too_large = false;
    h->wrong_length = 0;
    h->error[0] = 0;
    if (request->begin != NULL)
        request->begin(request->context);
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
    const char *tenant = variable("LOADCAST_TENANT");
    if (tenant != NULL && strpbrk(tenant, "\r\n") == NULL) { /* of Grafana's servers */
        char *line = lc_format("X-Scope-OrgID: %s", tenant);
        headers = curl_slist_append(headers, line);
        free(line);
    }
    if (request->body != NULL) {
        char *type = lc_format("Content-Type: %s", request->content_type);
        headers = curl_slist_append(headers, type);
        headers = curl_slist_append(headers, "Expect:");
        free(type);
    }
    set_up(h, headers);
    const CURLcode result = perform(h);
    curl_slist_free_all(headers);
    return result;
}

/* ---- what became of it ------------------------------------------------------------------------------------------- */

static long status_of(const struct pull_http *h)
{
    long status = 0;
    curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static bool may_help_again(const struct pull_http *h, CURLcode result)
{
    const long status = status_of(h);
    switch (result) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE: return true;
    case CURLE_OK:
    case CURLE_WRITE_ERROR: return !h->enough && !h->too_large && (status == 429 || status >= 500);
    default: return false;
    }
}

/* Seconds before the next attempt; negative: longer than anybody waits. */
static double wait_of(const struct pull_http *h, int attempts)
{
    curl_off_t asked = 0;
    curl_easy_getinfo(h->easy, CURLINFO_RETRY_AFTER, &asked);
    if ((double)asked > h->options.timeout)
        return -1;
    return fmax((double)asked, h->options.timeout / 60 * (1 << attempts));
}

static void sleep_for(double seconds)
{
    const struct timespec time = {(time_t)seconds, (long)((seconds - floor(seconds)) * 1e9)};
    nanosleep(&time, NULL);
}

static char *told_by_server(const struct pull_http *h)
{
    if (h->wrong_length == 0)
        return lc_strdup("");
    char *shown = covered(h, h->wrong, h->wrong_length), *told = lc_format(" (\"%s\")", shown);
    free(shown);
    return told;
}

static const char *remedy(const struct pull_http *h, long status)
{
    if (status == 401 || status == 403)
        return h->token != NULL || h->user != NULL ? "; expected other credentials than those in the environment"
                                                   : "; expected credentials in the environment: LOADCAST_TOKEN, or "
                                                     "LOADCAST_USER and LOADCAST_PASSWORD";
    curl_off_t asked = 0;
    curl_easy_getinfo(h->easy, CURLINFO_RETRY_AFTER, &asked);
    if (status == 429 && (double)asked > h->options.timeout)
        return "; it asks to wait for longer than --pull-timeout";
    return "; expected 200";
}

static void tell_status(const struct pull_http *h, const char *where, int attempts, struct lc_diag *diag)
{
    const long status = status_of(h);
    char *told = told_by_server(h);
    char *times = attempts > 1 ? lc_format(", %d times", attempts) : lc_strdup("");
    lc_error(diag, LC_INPUT, NULL, "%s: %s: found HTTP status %ld%s%s%s", h->source, where, status, times, told,
             remedy(h, status));
    free(times);
    free(told);
}

/* Whether the answer had begun, and none of its body was there. */
static bool in_header(const struct pull_http *h)
{
    curl_off_t body = 0;
    curl_easy_getinfo(h->easy, CURLINFO_SIZE_DOWNLOAD_T, &body);
    return status_of(h) != 0 && body == 0;
}

static void tell_transport(const struct pull_http *h, CURLcode result, const char *where, int attempts,
                           struct lc_diag *diag)
{
    char *error = covered(h, h->error, strlen(h->error));
    const char *why = *error != 0 ? error : curl_easy_strerror(result);
    enum lc_status status = LC_INPUT;
    char *times = attempts > 1 ? lc_format(", %d times", attempts) : lc_strdup("");
    if (result == CURLE_OPERATION_TIMEDOUT)
        lc_error(diag, status, NULL,
                 "%s: %s: nothing more came for %.3g s, or no end within %.3g s; expected an answer (--pull-timeout "
                 "allows more)",
                 h->source, where, h->options.timeout, 10 * h->options.timeout);
    else if (result == CURLE_PEER_FAILED_VERIFICATION)
        lc_error(diag, status, NULL,
                 "%s: %s: the certificate is not trusted (%s); expected one that the system trusts, or --ca-file FILE",
                 h->source, where, why);
    else if (result == CURLE_TOO_MANY_REDIRECTS)
        lc_error(diag, status, NULL, "%s: %s: found more than 5 redirections; expected an answer", h->source, where);
    else if (result == CURLE_OUT_OF_MEMORY && in_header(h)) /* libcurl's word for it */
        lc_error(diag, status, NULL, "%s: %s: found a header line of more than 100 kB; expected an answer", h->source,
                 where);
    else if (result == CURLE_OUT_OF_MEMORY)
        lc_error(diag, LC_MACHINE, NULL, "%s: %s: out of memory", h->source, where);
    else
        lc_error(diag, status, NULL, "%s: %s: found '%s'%s; expected an answer", h->source, where, why, times);
    free(times);
    free(error);
}

static char *place_of(const struct pull_http *h)
{
    const char *url = NULL;
    curl_easy_getinfo(h->easy, CURLINFO_EFFECTIVE_URL, &url); /* behind redirections */
    return pull_shown_url(url != NULL && *url != 0 ? url : h->request->url);
}

void pull_http_not_found(const struct pull_http *h, const char *url, struct lc_diag *diag)
{
    char *where = pull_shown_url(url);
    tell_status(h, where, 1, diag);
    free(where);
}

enum pull_answer pull_http_ask(struct pull_http *h, const struct pull_request *request, struct lc_diag *diag)
{
    for (int attempts = 1;; attempts++) {
        const CURLcode result = attempt(h, request);
        if (h->enough)
            return PULL_ENOUGH;
        if (result == CURLE_OK && is_good(h->easy))
            return PULL_DONE;
        const bool answered = result == CURLE_OK || result == CURLE_WRITE_ERROR;
        if (answered && status_of(h) == 404)
            return PULL_NOT_FOUND;
        const double wait = may_help_again(h, result) && attempts < ATTEMPTS ? wait_of(h, attempts - 1) : -1;
        if (wait >= 0) {
            sleep_for(wait);
            continue;
        }
        char *where = place_of(h);
        if (h->too_large)
            lc_error(diag, LC_INPUT, NULL,
                     "%s: %s: the answers are longer than %.4g MB; expected less (--max-size allows more, a shorter "
                     "window or a service asks for less)",
                     h->source, where, (double)h->options.most_bytes / 1e6);
        else if (answered)
            tell_status(h, where, attempts, diag);
        else
            tell_transport(h, result, where, attempts, diag);
        free(where);
        return PULL_FAILED;
    }
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static int open_handles(struct pull_http *h)
{
    h->multi = curl_multi_init();
    h->easy = curl_easy_init();
    return h->multi != NULL && h->easy != NULL ? 0 : -1;
}

struct pull_http *pull_http_copy(struct pull_http *other)
{
    struct pull_http *h = lc_calloc(1, sizeof *h);
    h->source = other->source;
    h->options = other->options;
    h->token = other->token;
    h->user = other->user;
    h->password = other->password;
    h->bytes = other->bytes;
    if (open_handles(h) == 0)
        return h;
    pull_http_free(h);
    return NULL;
}

struct pull_http *pull_http_new(const char *source, const struct pull_http_options *options, struct lc_diag *diag)
{
    struct pull_http *h = lc_calloc(1, sizeof *h);
    h->source = source;
    h->options = *options;
    if (lci_library_load(SONAME_libcurl, "libcurl4", functions, source, diag) != 0 || take_credentials(h, diag) != 0) {
        free(h);
        return NULL;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    h->bytes = &h->own;
    if (open_handles(h) != 0) {
        lc_error(diag, LC_MACHINE, NULL, "%s: libcurl does not start: out of memory", source);
        pull_http_free(h);
        return NULL;
    }
    return h;
}

void pull_http_free(struct pull_http *h)
{
    if (h == NULL)
        return;
    curl_easy_cleanup(h->easy);
    curl_multi_cleanup(h->multi);
    free(h);
}

uint64_t pull_http_bytes(const struct pull_http *h)
{
    return atomic_load(h->bytes);
}

#else

struct pull_http *pull_http_new(const char *source, const struct pull_http_options *options, struct lc_diag *diag)
{
    (void)options;
    lc_error(diag, LC_MACHINE, NULL,
             "%s: this loadcast was built without libcurl, which fetches traces; expected a build where "
             "libcurl4-openssl-dev is installed",
             source);
    return NULL;
}

struct pull_http *pull_http_copy(struct pull_http *other)
{
    (void)other;
    return NULL;
}

void pull_http_free(struct pull_http *h)
{
    free(h);
}

uint64_t pull_http_bytes(const struct pull_http *h)
{
    (void)h;
    return 0;
}

void pull_http_not_found(const struct pull_http *h, const char *url, struct lc_diag *diag)
{
    (void)h, (void)url, (void)diag;
}

enum pull_answer pull_http_ask(struct pull_http *h, const struct pull_request *request, struct lc_diag *diag)
{
    (void)h, (void)request, (void)diag;
    return PULL_FAILED;
}

#endif
