import Foundation

/// How patient tests are.
public enum TestPatience {
    /// What limits of time are to be multiplied by: 1, or what `PEERFOLIO_TEST_PATIENCE` says for a slow build, such as
    /// one with a sanitizer.
    public static var factor: Int {
        ProcessInfo.processInfo.environment["PEERFOLIO_TEST_PATIENCE"].flatMap { Int($0) } ?? 1
    }
}
