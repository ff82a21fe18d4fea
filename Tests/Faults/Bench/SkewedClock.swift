import Foundation
import TestSupport

/// A wrong clock on the wall for a process, while whatever measures how long something takes goes right.
///
/// libfaketime would shift timers as well: it takes its offset from every absolute time that a process waits for, by
/// whatever clock, so that timers of a skewed daemon never came, or came without a pause.
struct SkewedClock: Sendable {
    private let library: URL

    /// Compiles it; the toolchain that the program was built with has a compiler.
    init(_ bench: Bench) async throws {
        library = bench.folder.appendingPathComponent("skewed-clock.so")
        let source = bench.folder.appendingPathComponent("skewed-clock.c")
        try Data(Self.source.utf8).write(to: source)
        try await bench.tools.shell(
            ["clang", "-shared", "-fPIC", "-O1", "-o", library.path, source.path], in: bench.folder)
        let date = try await ChildProcess.run(
            URL(fileURLWithPath: "/usr/bin/env"), ["date", "+%s"], environment: environment(seconds: 420),
            in: bench.folder)
        let shown = Double(date.output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        guard abs(shown - Date().timeIntervalSince1970 - 420) < 60 else { throw Failure("the clock is not skewed") }
    }

    /// What a process needs to see a clock that is fast by so many seconds.
    func environment(seconds: Int) -> [String: String] {
        ["LD_PRELOAD": library.path, "CLOCK_SKEW": "\(seconds)"]
    }

    private static let source = """
        #define _GNU_SOURCE
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static long skew(void) { const char *text = getenv("CLOCK_SKEW"); return text ? atol(text) : 0; }

        int clock_gettime(clockid_t clock, struct timespec *now) {
            int result = syscall(SYS_clock_gettime, clock, now);
            if (result == 0 && clock == CLOCK_REALTIME) now->tv_sec += skew();
            return result;
        }

        int gettimeofday(struct timeval *restrict now, void *restrict zone) {
            int result = syscall(SYS_gettimeofday, now, zone);
            if (result == 0) now->tv_sec += skew();
            return result;
        }

        time_t time(time_t *result) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (result) *result = now.tv_sec;
            return now.tv_sec;
        }
        """
}
