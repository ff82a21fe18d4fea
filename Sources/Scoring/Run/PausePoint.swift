#if DEBUG
import Foundation
#endif

/// Stops a test build for ever at a phase that the environment names, so that tests can kill it there.
///
/// Release builds have no trace of this; `scripts/check` looks for the variable's name in the binary.
func pausePoint(_ name: String) {
    #if DEBUG
    guard ProcessInfo.processInfo.environment["PEERFOLIO_PAUSE_AT"] == name else { return }
    FileHandle.standardError.write(Data("paused at \(name)\n".utf8))
    while true { Thread.sleep(forTimeInterval: 60) }
    #endif
}
