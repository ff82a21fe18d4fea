#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#include <sys/mman.h>
#endif
#include <unistd.h>

#include "processor.h"

bool processor_supports(processor_level level) {
#if defined(__x86_64__)
    switch (level) {
        case processor_avx2: return __builtin_cpu_supports("x86-64-v3");
        case processor_avx512: return __builtin_cpu_supports("x86-64-v4");
    }
#endif
    return false;
}

int processor_count(void) {
#if defined(__linux__)
    cpu_set_t usable;
    if (sched_getaffinity(0, sizeof usable, &usable) == 0) return CPU_COUNT(&usable);
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

void processor_use_large_pages(void *start, size_t byte_count) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    // Without them the memory is as good, only slower.
    (void)madvise(start, byte_count, MADV_HUGEPAGE);
#else
    (void)start;
    (void)byte_count;
#endif
}
