/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Entry for libFuzzer (clang -fsanitize=fuzzer,address) and for the mutation test of test_trace_damage.c: any bytes are
 * read as traces; what comes out must keep the promises of struct lc_trace.
 */
#include "../unit/trace_read.h"
#include "fit/trace/symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static int check(void *context, const struct lc_trace *trace)
{
    (void)context;
    for (size_t i = 0; i < trace->span_count; i++) {
        const struct lc_span *s = &trace->spans[i];
        if (s->id == 0 || s->start > s->end || s->start < 0 || s->service == 0 ||
            (size_t)s->first_attribute + s->attribute_count > trace->attribute_count ||
            (size_t)s->first_event + s->event_count > trace->event_count ||
            (size_t)s->first_link + s->link_count > trace->link_count)
            abort();
        size_t steps = 0;
        for (uint64_t up = s->parent; up != 0 && trace->span_count < 100; steps++) {
            size_t at = 0;
            while (at < trace->span_count && trace->spans[at].id != up)
                at++;
            if (at == trace->span_count || steps > trace->span_count)
                abort();
            up = trace->spans[at].parent;
        }
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char *const keep[] = {"url.path", "http.target", "process.tag", NULL};
    char path[40];
    const int fd = memory_file(bytes, length, path);
    const char *const input = path;
    struct lc_symbols *symbols = lci_symbols_new();
    struct lc_reading reading;
    struct lc_diag diag = {0};
    const struct lc_reader_options options = {.keep = keep, .memory = length % 2 != 0 ? 4096 : 0};
    const int status = lc_traces_read(&input, 1, &options, symbols, check, NULL, &reading, &diag);
    uint64_t said = diag.count;
    for (int i = 0; i < LC_REPAIR_KINDS; i++)
        said += reading.repairs.count[i];
    const uint64_t *left = reading.repairs.count;
    if (reading.read != reading.spans + left[LC_REPAIR_DUPLICATE] + left[LC_REPAIR_NO_ID] +
                            left[LC_REPAIR_ABSURD_TIME] + left[LC_REPAIR_DAMAGED] + left[LC_REPAIR_NETWORK_POINT] +
                            left[LC_REPAIR_ONE_WAY])
        abort(); /* every span is accounted for */
    if ((status != 0) != (diag.errors != 0) || (reading.spans == 0 && said == 0))
        abort(); /* nothing is dropped in silence */
    free(reading.renamed);
    free(reading.times);
    lc_diag_free(&diag);
    lci_symbols_free(symbols);
    close(fd);
    return 0;
}
