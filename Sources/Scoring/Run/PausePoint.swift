#if DEBUG
import Foundation
#endif

/// Holds a test build at the phase that `PEERFOLIO_PAUSE_AT` names, so that tests can kill it or fail its connections
/// there.
///
/// The heartbeat goes on. It lasts until the task is cancelled, or until the file that `PEERFOLIO_PAUSE_UNTIL` names
/// exists. Release builds have no trace of this; `scripts/check` looks for the variable's name in the binary.
func pausePoint(_ name: String) async {
    #if DEBUG
    let environment = ProcessInfo.processInfo.environment
    guard environment["PEERFOLIO_PAUSE_AT"] == name else { return }
    try? FileHandle.standardError.write(contentsOf: Data("paused at \(name)\n".utf8))
    let end = environment["PEERFOLIO_PAUSE_UNTIL"]
    while end.map(FileManager.default.fileExists(atPath:)) != true {
        do { try await Task.sleep(for: .milliseconds(20)) } catch { return }
    }
    #endif
}
