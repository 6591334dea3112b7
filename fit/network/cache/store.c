/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The folder of a cache: a document with fits by their names, which ends with a hash of its own.
 */
#include "network/cache/store.h"

#include "base/output.h"
#include "base/text.h"
#include "loadcast/format.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HASH_LENGTH 16
#define MOST_UNUSED 8
#define LARGEST     ((size_t)1 << 30) /* bytes of a document */

struct lc_cache *lc_cache_new(const char *folder, struct lc_diag *diag)
{
    struct stat status;
    bool there = mkdir(folder, 0777) == 0;
    if (!there && errno == EEXIST && stat(folder, &status) == 0) {
        there = S_ISDIR(status.st_mode);
        errno = ENOTDIR;
    }
    if (!there) {
        lc_error(diag, lci_input_status(errno), NULL, "%s: no folder for a cache: %s", folder, strerror(errno));
        return NULL;
    }
    if (access(folder, R_OK | W_OK | X_OK) != 0) {
        lc_error(diag, lci_input_status(errno), NULL, "%s: the cache cannot be used: %s", folder, strerror(errno));
        return NULL;
    }
    struct lc_cache *cache = lc_calloc(1, sizeof *cache);
    cache->folder = lc_strdup(folder);
    cache->used = json_object();
    return cache;
}

void lc_cache_free(struct lc_cache *cache)
{
    if (cache == NULL)
        return;
    json_decref(cache->kept);
    json_decref(cache->used);
    free(cache->folder);
    free(cache->summary);
    free(cache->document);
    free(cache);
}

/* ---- hashes ------------------------------------------------------------------------------------------------------ */

bool lci_hash_file(const char *file, uint64_t *hash)
{
    static unsigned char bytes[1 << 16];
    const int fd = open(file, O_RDONLY | O_CLOEXEC);
    uint64_t length = 0;
    ssize_t got = -1;
    while (fd >= 0 && ((got = read(fd, bytes, sizeof bytes)) > 0 || (got < 0 && errno == EINTR)))
        if (got > 0) {
            *hash = lci_fnv(*hash, bytes, (size_t)got);
            length += (uint64_t)got;
        }
    if (fd >= 0)
        close(fd);
    *hash = lci_fnv(*hash, &length, sizeof length);
    return got == 0;
}

/* ---- the document ------------------------------------------------------------------------------------------------ */

char *lci_hash_name(uint64_t hash)
{
    return lc_format("%0*" PRIx64, HASH_LENGTH, hash);
}

json_t *lci_document_read(const char *file, const char **wrong)
{
    struct lc_diag diag = {0};
    size_t length;
    *wrong = NULL;
    if (access(file, F_OK) != 0)
        return NULL;
    char *text = lci_file_read(file, LARGEST, &length, &diag);
    lc_diag_free(&diag);
    json_t *document = NULL;
    if (text != NULL && length > HASH_LENGTH + 2) {
        const size_t body = length - HASH_LENGTH - 2; /* {…} newline hash newline */
        char *own = lci_hash_name(lci_fnv(LCI_FNV_BEGIN, text, body));
        if (text[body] == '\n' && text[length - 1] == '\n' && memcmp(text + body + 1, own, HASH_LENGTH) == 0)
            document = json_loadb(text, body, 0, NULL);
        free(own);
    }
    free(text);
    if (!json_is_object(json_object_get(document, "fits")))
        *wrong = "it is damaged or cut off";
    return *wrong == NULL ? document : (json_decref(document), NULL);
}

/* ---- fits -------------------------------------------------------------------------------------------------------- */

json_t *lci_cache_find(struct lc_cache *cache, const char *name)
{
    json_object_set_new(cache->used, name, json_true());
    return json_object_get(cache->fits, name);
}

void lci_cache_keep(struct lc_cache *cache, const char *name, json_t *fit)
{
    if (cache->fits == NULL) {
        json_decref(fit);
        return;
    }
    json_object_set_new(cache->fits, name, fit);
    cache->news = true;
}

/* Fits of other options stay, as somebody may come back to them, while they are not many more than those in use. */
static void forget_unused(struct lc_cache *cache)
{
    const char *name;
    json_t *fit;
    void *next;
    if (json_object_size(cache->fits) <= MOST_UNUSED * json_object_size(cache->used))
        return;
    json_object_foreach_safe(cache->fits, next, name, fit)
    {
        if (json_object_get(cache->used, name) == NULL)
            json_object_del(cache->fits, name);
    }
}

void lc_cache_write(struct lc_cache *cache, struct lc_diag *diag)
{
    if (cache == NULL || !cache->news)
        return;
    cache->news = false;
    forget_unused(cache);
    struct lc_diag own = {0};
    struct lci_output *output = lci_output_open(cache->document, &own);
    if (output != NULL) {
        char *text = json_dumps(cache->kept, JSON_COMPACT | JSON_SORT_KEYS);
        char *hash = lci_hash_name(lci_fnv(LCI_FNV_BEGIN, text, strlen(text)));
        fprintf(lci_output_stream(output), "%s\n%s\n", text, hash);
        free(hash);
        free(text);
        lci_output_close(output, &own);
    }
    if (own.errors > 0)
        lc_warn(diag, NULL, "%s; nothing is kept for the next time", own.messages[0].text);
    lc_diag_free(&own);
}
