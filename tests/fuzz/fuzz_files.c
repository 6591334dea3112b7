/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Entry for libFuzzer: any bytes as FUZZ_READER (scenario, deployment, activities, a table).
 */
#include "survive_tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define JOINED(a, b) a##b
#define READER(name) JOINED(survive_, name)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    with_file(bytes, length, READER(FUZZ_READER));
    return 0;
}
