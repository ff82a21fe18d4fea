import Foundation

/// Seeds of tests that invent their input.
///
/// Each run invents other input. A test takes its seed as an argument, so that a failure prints it; the environment
/// variable `PEERFOLIO_TEST_SEED` with that number makes every such test invent the same again.
public enum TestSeed {
    /// The seed that `PEERFOLIO_TEST_SEED` names, alone, or as many others as are wanted.
    public static func list(_ count: Int) -> [UInt64] {
        if let text = ProcessInfo.processInfo.environment["PEERFOLIO_TEST_SEED"], let seed = UInt64(text) {
            return [seed]
        }
        // Half of the range is enough, and is a number that people can still type.
        return (0..<count).map { _ in UInt64.random(in: 0..<1 << 32) }
    }
}
