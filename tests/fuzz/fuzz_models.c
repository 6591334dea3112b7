/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Entry for libFuzzer: any bytes as a model file of one format, FUZZ_FORMAT ("lqn", "lqnx", "yaml", "json").
 */
#include "survive.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = lc_alloc(length + 1); /* as files are read: with a 0 behind */
    memcpy(text, bytes, length);
    text[length] = 0;
    survive_turn = 1;
    for (size_t i = 0; i < length; i++)
        survive_turn = survive_turn * 31 + bytes[i];
    survive_turn |= survive_turn == 0;
    survive_model(lc_format_find(FUZZ_FORMAT), text, length, "fuzz." FUZZ_FORMAT);
    free(text);
    return 0;
}
