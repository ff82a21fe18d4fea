/// What this machine can run: instruction sets, threads at once, and memory in large pages.

#ifndef PEERFOLIO_PROCESSOR_H
#define PEERFOLIO_PROCESSOR_H

#include <stdbool.h>
#include <stddef.h>

/// Instruction sets that kernels are built for, beyond the baseline of the platform.
typedef enum {
    /// AVX2 and FMA, the level x86-64-v3.
    processor_avx2 = 3,
    /// The AVX-512 of the level x86-64-v4.
    processor_avx512 = 4,
} processor_level;

/// Whether the instructions of a level may be used; false on other processors than x86-64.
bool processor_supports(processor_level level);

/// Processors that this process may use, at least 1: those of its affinity mask, which containers and `taskset` narrow.
int processor_count(void);

/// Bytes of a large page, and the alignment of memory that shall lie in some.
enum { processor_large_page = 1 << 21 };

/// Asks for large pages for memory that nobody has written to; only a hint, which some systems do not know.
void processor_use_large_pages(void *start, size_t byte_count);

#endif
