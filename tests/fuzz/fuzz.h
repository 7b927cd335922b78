/*
 * What every fuzzer is: one function that libFuzzer calls (preset fuzz), or replay.c with the kept inputs.
 */
#ifndef TILL_FUZZ_H
#define TILL_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Takes an input of any bytes and aborts if what must hold does not. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#endif
