/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Damaged inputs: an error or a repair, never a crash, a hang or a leak.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "../fuzz/fuzz_traces.c"

static const char *const names[] = {"jaeger-quirks.json",
                                    "jaeger-documents.json",
                                    "jaeger-search.json",
                                    "otlp-quirks.jsonl",
                                    "tempo.json",
                                    "jaeger-v3.json",
                                    "zipkin-shared.json",
                                    "zipkin-v1.json",
                                    "pods.csv",
                                    "plain.csv",
                                    "otlp-quirks.pb",
                                    "one-request/zipkin.pb",
                                    "one-request/tempo-v2.pb",
                                    "skywalking.json",
                                    "callgraph-2022.csv",
                                    "rosebery/runtime.csv",
                                    "rosebery/profiles.csv",
                                    "rosebery/tables/node.csv",
                                    "rosebery/tables/runtime_performance.csv",
                                    "rosebery/tables/resource_snapshot.csv",
                                    "../deepflow/D_unmerged_request_response.rows.json",
                                    "../deepflow/A.csv",
                                    "../deepflow/A.jsonl"};
#define NAME_COUNT (sizeof names / sizeof *names)

static char *bytes_of(const char *name, size_t *length)
{
    char path[300];
    snprintf(path, sizeof path, "%s/traces/%s", TEST_DATA, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *bytes = lc_alloc(1 << 20);
    *length = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

/* Whether an error says where in the file it is. */
static bool names_byte(const struct seen_all *all, size_t length)
{
    const char *at = all->diag.count > 0 ? strstr(all->diag.messages[0].text, ": byte ") : NULL;
    return at != NULL && strtoul(at + 7, NULL, 10) <= length;
}

static void truncated_anywhere(void **state)
{
    (void)state;
    for (size_t n = 0; n < NAME_COUNT; n++) {
        size_t length;
        char *bytes = bytes_of(names[n], &length);
        for (size_t cut = 0; cut < length; cut++)
            LLVMFuzzerTestOneInput((const uint8_t *)bytes, cut);
        struct seen_all all = {0};
        if (strstr(names[n], "json") != NULL) {
            read_bytes(&all, bytes, length - 20, NULL);
            const bool lines = names[n][strlen(names[n]) - 1] == 'l' || strstr(names[n], "documents") != NULL ||
                               strstr(names[n], "v3") != NULL; /* then the last one is left out */
            assert_int_equal(all.status, lines ? 0 : -1);
            assert_true(lines || names_byte(&all, length));
            forget(&all);
        }
        free(bytes);
    }
}

static uint64_t random_bits(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

static void bits_flipped(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252u;
    for (size_t n = 0; n < NAME_COUNT; n++) {
        size_t length;
        char *bytes = bytes_of(names[n], &length);
        for (size_t at = 0; at < length; at++) {
            const char before = bytes[at];
            bytes[at] = (char)(before ^ (1 << random_bits(&seed) % 8));
            LLVMFuzzerTestOneInput((const uint8_t *)bytes, length);
            bytes[at] = before;
        }
        free(bytes);
    }
}

/* Pieces of files put together at random: keys and values where they do not belong. */
static void pieces_mixed(void **state)
{
    (void)state;
    uint64_t seed = 1234567;
    char *files[NAME_COUNT];
    size_t lengths[NAME_COUNT];
    for (size_t n = 0; n < NAME_COUNT; n++)
        files[n] = bytes_of(names[n], &lengths[n]);
    char *mixed = lc_alloc(8192);
    for (int round = 0; round < 1500; round++) {
        size_t n = random_bits(&seed) % NAME_COUNT, length = lengths[n] < 4000 ? lengths[n] : 4000;
        memcpy(mixed, files[n], length);
        for (int piece = 0; piece < 4; piece++) {
            const size_t m = random_bits(&seed) % 4 == 0 ? random_bits(&seed) % NAME_COUNT : n;
            const size_t size = 1 + random_bits(&seed) % 60;
            const size_t from = random_bits(&seed) % (lengths[m] - size), to = random_bits(&seed) % (length - size);
            memcpy(mixed + to, files[m] + from, size);
        }
        LLVMFuzzerTestOneInput((const uint8_t *)mixed, length);
    }
    free(mixed);
    for (size_t n = 0; n < NAME_COUNT; n++)
        free(files[n]);
}

static void nested_deeply(void **state)
{
    (void)state;
    static const char *const starts[] = {
        "", "{\"data\":", "{\"resourceSpans\":[{\"resource\":{\"attributes\":", "{\"data\":[{\"spans\":[{\"x\":"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        for (int object = 0; object < 2; object++) {
            char *text = lc_alloc(900000);
            size_t length = strlen(starts[i]);
            memcpy(text, starts[i], length);
            for (int depth = 0; depth < 100000; depth++) {
                memcpy(text + length, object ? "{\"data\":" : "[", object ? 8 : 1);
                length += object ? 8 : 1;
            }
            struct seen_all all = {0};
            read_bytes(&all, text, length - 10, NULL);
            assert_int_equal(all.status, -1);
            if (i > 1) {
                assert_true(names_byte(&all, 3000));
                assert_non_null(strstr(all.diag.messages[0].text, "nested"));
            }
            forget(&all);
            free(text);
        }
}

static void odd_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *number;
        int64_t start; /* −1: span left out; −2: error; 0: as if there were none */
    } cases[] = {
        {"1700000000000000", INT64_C(1700000000000000000)},
        {"1.7e15", INT64_C(1700000000000000000)},
        {"17000000000000005E-1", INT64_C(1700000000000000500)},
        {"1700000000000000.0625", INT64_C(1700000000000000062)},
        {"\"1700000000000000\"", INT64_C(1700000000000000000)},
        {"18446744073709551617", -1},
        {"36893488147419103232", -1},
        {"-18446744073709551617", -1},
        {"9223372036854775808", -1},
        {"9223372036854775", -1},
        {"1e400", -1},
        {"1e99999999999999999999", -1},
        {"1e-400", 0},
        {"-0", 0},
        {"\"NaN\"", 0},
        {"\"\"", 0},
        {"{}", 0},
        {"[]", 0},
        {"null", 0},
        {"true", 0},
        {"NaN", -2},
        {"Infinity", -2},
        {"01", -2},
        {"0x10", -2},
        {"1.", -2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text =
            lc_format("{\"data\":[{\"traceID\":\"1\",\"spans\":[{\"spanID\":\"1\",\"startTime\":%s,\"duration\":1}]}]}",
                      cases[i].number);
        struct seen_all all = {0};
        read_text(&all, text);
        assert_int_equal(all.status, cases[i].start == -2 ? -1 : 0);
        assert_int_equal(all.count, cases[i].start >= 0);
        assert_int_equal(all.reading.repairs.count[LC_REPAIR_ABSURD_TIME], cases[i].start == -1);
        if (cases[i].start >= 0)
            assert_int_equal(all.spans[0].span.start, cases[i].start);
        forget(&all);
        free(text);
    }
}

static char *gzip_of(const char *bytes, size_t length, size_t *packed)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    const size_t room = deflateBound(&z, length);
    char *out = lc_alloc(room);
    z.next_in = (unsigned char *)(uintptr_t)bytes;
    z.avail_in = (unsigned)length;
    z.next_out = (unsigned char *)out;
    z.avail_out = (unsigned)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    *packed = room - z.avail_out;
    deflateEnd(&z);
    return out;
}

static char *zstd_of(const char *bytes, size_t length, size_t *packed)
{
    const size_t room = ZSTD_compressBound(length);
    char *out = lc_alloc(room);
    *packed = ZSTD_compress(out, room, bytes, length, 3);
    assert_false(ZSTD_isError(*packed));
    return out;
}

/* Whole, as two members one after another, cut off anywhere, and with a byte changed. */
static void compressed(void **state)
{
    (void)state;
    size_t length;
    char *bytes = bytes_of("otlp-quirks.jsonl", &length);
    for (int kind = 0; kind < 2; kind++) {
        char *(*const pack)(const char *, size_t, size_t *) = kind == 0 ? gzip_of : zstd_of;
        size_t packed, first, second;
        char *whole = pack(bytes, length, &packed);
        struct seen_all all = {0};
        read_bytes(&all, whole, packed, NULL);
        assert_int_equal(all.status, 0);
        assert_int_equal(all.count, 3);
        assert_int_equal(all.reading.bytes, length);
        forget(&all);
        for (size_t cut = 4; cut < packed; cut++) {
            read_bytes(&all, whole, cut, NULL);
            assert_int_equal(all.status, -1);
            assert_true(names_byte(&all, cut));
            forget(&all);
            whole[cut] = (char)(whole[cut] ^ 0x40);
            LLVMFuzzerTestOneInput((const uint8_t *)whole, packed);
            whole[cut] = (char)(whole[cut] ^ 0x40);
        }
        char *one = pack(bytes, 500, &first), *two = pack(bytes + 500, length - 500, &second);
        one = lc_realloc(one, first + second + 8, 1);
        memcpy(one + first, two, second);
        read_bytes(&all, one, first + second, NULL);
        assert_int_equal(all.status, 0);
        assert_int_equal(all.count, 3);
        forget(&all);
        memcpy(one + first + second, "garbage", 8);
        read_bytes(&all, one, first + second + 8, NULL);
        assert_int_equal(all.status, -1);
        forget(&all);
        free(one);
        free(two);
        free(whole);
    }
    free(bytes);
}

/* The traces in frames, each a message or a line, as they are or packed one by one: the same spans; then cut off
 * anywhere, and with a byte changed. */
static void framed(void **state)
{
    (void)state;
    static const char *const files[] = {"otlp-quirks.pb", "otlp-quirks.jsonl"};
    for (int kind = 0; kind < 4; kind++) {
        size_t length, at = 0;
        char *bytes = bytes_of(files[kind / 2], &length), *out = lc_calloc(4 * length + 4, 1);
        for (size_t from = 0, size; from < length; from += size) {
            const char *line = memchr(bytes + from, '\n', length - from);
            if (kind < 2) /* a resource: tag and length of two bytes */
                size = 3 + (size_t)((bytes[from + 1] & 0x7F) | bytes[from + 2] << 7);
            else
                size = line != NULL ? (size_t)(line - bytes) + 1 - from : length - from;
            size_t packed = size;
            char *message = kind % 2 == 0 ? copy_of(bytes, from, size, 1) : zstd_of(bytes + from, size, &packed);
            const unsigned char head[4] = {0, 0, (unsigned char)(packed >> 8), (unsigned char)packed};
            memcpy(out + at, head, 4);
            memcpy(out + at + 4, message, packed);
            at += 4 + packed;
            free(message);
        }
        at += 4; /* and an empty one */
        struct seen_all all = {0};
        read_bytes(&all, out, at, NULL);
        assert_int_equal(all.status, 0);
        assert_int_equal(all.count, 3);
        assert_int_equal(all.reading.bytes, length);
        forget(&all);
        for (size_t cut = 5; cut < at; cut++) {
            LLVMFuzzerTestOneInput((const uint8_t *)out, cut);
            out[cut] = (char)(out[cut] ^ 0x40);
            LLVMFuzzerTestOneInput((const uint8_t *)out, at);
            out[cut] = (char)(out[cut] ^ 0x40);
        }
        read_bytes(&all, out, at - 5, NULL);
        assert_int_equal(all.status, kind % 2 == 0 ? 0 : -1); /* messages that are not packed stand for themselves */
        assert_non_null(strstr(all.diag.messages[0].text, kind % 2 == 0
                                                              ? "the last message is cut off here and left out"
                                                              : "framed stream is cut off"));
        forget(&all);
        free(out);
        free(bytes);
    }
}

/* The message in two pieces, cut anywhere: before it stands a resource with a text so long that the first piece of the
 * file ends there. */
static void protobuf_in_pieces(void **state)
{
    (void)state;
    const size_t piece = (size_t)64 << 10;
    size_t length;
    char *bytes = bytes_of("otlp-quirks.pb", &length), *padded = lc_calloc(piece + length, 1);
    for (size_t cut = 1; cut < length; cut++) {
        const size_t before = piece - cut, text = before - 8;
        const unsigned char head[] = {0x0A,
                                      (unsigned char)((text + 4) | 0x80),
                                      (unsigned char)((text + 4) >> 7 | 0x80),
                                      (unsigned char)((text + 4) >> 14), /* resource_spans */
                                      0x1A,
                                      (unsigned char)(text | 0x80),
                                      (unsigned char)(text >> 7 | 0x80),
                                      (unsigned char)(text >> 14)}; /* schema_url */
        memcpy(padded, head, sizeof head);
        memcpy(padded + before, bytes, length);
        struct seen_all all = {0};
        read_bytes(&all, padded, before + length, NULL);
        assert_int_equal(all.status, 0);
        assert_int_equal(all.count, 3);
        assert_int_equal(repaired(&all), 0);
        forget(&all);
    }
    free(padded);
    free(bytes);
}

static void protobuf_that_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        const char *says;
    } cases[] = {
#define EMPTY             "\x0A\x00" /* resource */
#define BYTES(text, says) {text, sizeof(text) - 1, says}
        BYTES("\x0A\x0F" EMPTY "\x12\x0B\x12\x09\x09\0\0\0\0\0\0\0\x01",
              "byte 8: field 1 of a span has the wire type 1; expected 2"),
        BYTES("\x0A\x08" EMPTY "\x12\x04\x12\x05\x0A\x00", "byte 6: a field that reaches beyond the message"),
        BYTES("\x0A\x08" EMPTY "\x12\x04\x12\x02\x0A", "byte 9: the message is cut off"),
        BYTES("\x0A\x08" EMPTY "\x12\x04\x12\x02\x03\x00", "byte 8: field 0 of a span"),
        BYTES("\x0A\x08" EMPTY "\x12\x04\x12\x02\x0B\x00", "byte 8: field 1 of a span has the wire type 3"),
        BYTES("\x0A\x11" EMPTY "\x12\x0D\x12\x0B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01",
              "byte 8: a number of more than ten"),
        BYTES("\x0A\xFF\xFF\xFF\xFF\x0F" EMPTY "\x12\xF0\xFF\xFF\xFF\x0F\x12\xE0\xFF\xFF\xFF\x0F\x0A",
              "byte 14: a message of more than 64 MiB"),
        /* Texts that begin with a line break, which is also how such a message begins. */
        BYTES("\n{\n  \"a\": 1}", "JSON with the keys \"a\""),
        BYTES("\n \n\r\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\nword",
              "text that begins with \"word\""),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct seen_all all = {0};
        read_bytes(&all, cases[i].bytes, cases[i].length, NULL);
        assert_int_equal(all.status, -1);
        assert_int_equal(all.diag.errors, 1);
        assert_non_null(strstr(all.diag.messages[0].text, cases[i].says));
        forget(&all);
    }
}

/* An attribute whose value is an array in an array in an array …, as the bytes of one request. */
static void protobuf_nested_deeply(void **state)
{
    (void)state;
    const size_t room = 1 << 20;
    char *bytes = lc_alloc(room);
    size_t at = room; /* written from the end */
    for (unsigned depth = 0; depth < 100001; depth++) {
        const size_t length = room - at;
        for (int size = 0; size < 3; size++)
            bytes[--at] = (char)((length >> (7 * (2 - size)) & 0x7F) | (size > 0 ? 0x80 : 0));
        bytes[--at] = depth % 2 == 0 ? 0x2A : 0x0A; /* array, its value */
    }
    static const char tags[] = {0x12, 0x0A, 0x0A, 0x0A}; /* value, attribute, resource, resource_spans */
    for (size_t i = 0; i < sizeof tags; i++) {
        if (i == 1)
            memcpy(bytes + (at -= 11), "\x0A\x09host.name", 11);
        const size_t length = room - at;
        for (int size = 0; size < 3; size++)
            bytes[--at] = (char)((length >> (7 * (2 - size)) & 0x7F) | (size > 0 ? 0x80 : 0));
        bytes[--at] = tags[i];
    }
    struct seen_all all = {0};
    read_bytes(&all, bytes + at, room - at, NULL);
    assert_int_equal(all.status, -1);
    assert_non_null(strstr(all.diag.messages[0].text, "nested"));
    forget(&all);
    free(bytes);
}

static void nothing_is_said(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "   \n",
                                        "{\"data\":[]}",
                                        "{\"resourceSpans\":[]}",
                                        "[]",
                                        "{\"data\":null,\"errors\":[{\"code\":404,\"msg\":\"trace not found\"}]}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct seen_all all = {0};
        read_text(&all, texts[i]);
        assert_int_equal(all.status, 0);
        assert_int_equal(all.reading.spans, 0);
        assert_true(all.diag.count >= 1);
        if (i == 5)
            assert_non_null(strstr(all.diag.messages[0].text, "trace not found"));
        forget(&all);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(truncated_anywhere),
        cmocka_unit_test(bits_flipped),
        cmocka_unit_test(pieces_mixed),
        cmocka_unit_test(nested_deeply),
        cmocka_unit_test(odd_numbers),
        cmocka_unit_test(compressed),
        cmocka_unit_test(framed),
        cmocka_unit_test(protobuf_in_pieces),
        cmocka_unit_test(protobuf_that_is_wrong),
        cmocka_unit_test(protobuf_nested_deeply),
        cmocka_unit_test(nothing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
