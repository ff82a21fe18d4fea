import Foundation

/// Seeds of tests that invent their input.
///
/// Each run invents other input and prints its seeds, whether it fails or not; the environment variable
/// `PEERFOLIO_TEST_SEED` with one of them makes every such test invent the same again.
public enum TestSeed {
    /// The seed that `PEERFOLIO_TEST_SEED` names, alone, or as many others as are wanted.
    public static func list(_ count: Int, file: String = #fileID, line: Int = #line) -> [UInt64] {
        let named = ProcessInfo.processInfo.environment["PEERFOLIO_TEST_SEED"].flatMap { UInt64($0) }
        // Half of the range is enough, and is a number that people can still type.
        let seeds = named.map { [$0] } ?? (0..<count).map { _ in UInt64.random(in: 0..<1 << 32) }
        print("seeds of \(file):\(line): \(seeds.map(String.init).joined(separator: ", "))")
        return seeds
    }
}
