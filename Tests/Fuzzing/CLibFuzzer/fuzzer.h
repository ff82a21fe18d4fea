#include <stddef.h>
#include <stdint.h>

/// Runs libFuzzer with the arguments of a command line; `check` gets each input and returns 0.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*check)(const uint8_t *bytes, size_t count));
