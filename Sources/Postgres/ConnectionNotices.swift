import CLibPQ

/// The warnings of a server about a connection that is being made, such as one about a collation that the operating
/// system has in another version by now.
final class ConnectionNotices {
    /// The server's words, with detail and hint, each on one line; nothing below a warning.
    private(set) var warnings: [String] = []

    /// What libpq calls with each notice; its context is an object of this class.
    static let receiver: PQnoticeReceiver = { context, result in
        guard let context else { return }
        Unmanaged<ConnectionNotices>.fromOpaque(context).takeUnretainedValue().add(result)
    }

    private func add(_ result: OpaquePointer?) {
        func field(_ code: Unicode.Scalar) -> String? {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
        }
        // A trigger on log-ins can say anything by RAISE, data included.
        guard field("V") == "WARNING", field("R").map(LibPQResult.raisingFunctions.contains) != true,
            let message = field("M")
        else { return }
        let parts = [message, field("D"), field("H")].compactMap { $0 }
        warnings.append(parts.joined(separator: "; ").split(whereSeparator: \.isNewline).joined(separator: " "))
    }
}
