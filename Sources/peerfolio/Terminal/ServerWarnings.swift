import Postgres
import Synchronization

/// The warnings of a server about connections, each told once however often we connect.
final class ServerWarnings: Sendable {
    private let told = Mutex<Set<String>>([])
    private let tell: @Sendable (String) -> Void

    /// - Parameter tell: Gets a sentence for each warning, once.
    init(_ tell: @escaping @Sendable (String) -> Void) {
        self.tell = tell
    }

    /// Takes a warning in the server's words.
    func take(_ warning: String) {
        guard told.withLock({ $0.insert(warning).inserted }) else { return }
        tell("the server warns: \(warning)")
    }

    /// What takes the warnings of a command, for lines on standard error.
    static func noted() -> @Sendable (String) -> Void {
        ServerWarnings { Output.note("warning: \(Redactor.ofEnvironment.redact(Output.line($0)))") }.take
    }
}
