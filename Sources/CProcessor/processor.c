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
