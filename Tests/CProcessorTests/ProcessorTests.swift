import CProcessor
import Foundation
import Testing

@Suite struct ProcessorTests {
    @Test func countsTheProcessorsThatThisProcessMayUse() {
        #expect(Int(processor_count()) == ProcessInfo.processInfo.activeProcessorCount)
    }

    #if os(Linux) && arch(x86_64)
    /// The kernel lists what the processor can and what the operating system saves on a switch of tasks.
    @Test(arguments: [
        (processor_avx2, ["avx2", "bmi1", "bmi2", "f16c", "fma", "movbe"]),
        (processor_avx512, ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]),
    ])
    func supportsWhatTheKernelLists(level: processor_level, flags: [String]) throws {
        let processors = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
        let line = try #require(processors.split(separator: "\n").first { $0.hasPrefix("flags") })
        let listed = Set(line.split(separator: " ").map(String.init))
        #expect(processor_supports(level) == listed.isSuperset(of: flags))
    }
    #endif
}
