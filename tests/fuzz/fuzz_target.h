// The entry point of a fuzz target: that of libFuzzer where the target is a program of its own, one
// of many where all are replayed (replay.cpp).
#pragma once

#ifdef WEIR_FUZZ_REPLAY
#define WEIR_FUZZ_TARGET(name) extern "C" int fuzz_##name
#else
#define WEIR_FUZZ_TARGET(name) extern "C" int LLVMFuzzerTestOneInput
#endif
