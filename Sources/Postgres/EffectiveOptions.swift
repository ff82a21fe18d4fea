import CLibPQ
import Foundation

/// What a connection uses, everything taken together: its options, the service file, the `PG*` environment and libpq's
/// own defaults.
struct EffectiveOptions {
    private var values: [String: String]

    /// The value of a keyword; nil without one.
    ///
    /// `sslmode`, `channel_binding` and `gssencmode` always have one; `service` has one before a connection only.
    subscript(keyword: String) -> String? {
        values[keyword]
    }

    /// What an open connection, or an attempt to open one, uses.
    ///
    /// Right after `PQconnectStartParams` nothing has been sent yet, so this is the last moment to object.
    init(of handle: OpaquePointer) {
        var values: [String: String] = [:]
        if let options = PQconninfo(handle) {
            var option = options
            while let keyword = option.pointee.keyword {
                if let value = option.pointee.val, value.pointee != 0 {
                    values[String(cString: keyword)] = String(cString: value)
                }
                option += 1
            }
            PQconninfoFree(options)
        }
        self.values = values
    }

    /// Lets libpq put everything together, without a connection.
    ///
    /// `PQconninfoParse` reads no service file and `PQconndefaults` takes no options, so an attempt to connect is begun
    /// that cannot begin: the impossible ports are refused before libpq looks for a password, a host or a socket.
    ///
    /// - Throws: ``PostgresError/Code/invalidConninfo`` if the service is not found or its file cannot be read.
    static func resolve(_ options: [(keyword: String, value: String)]) throws(PostgresError) -> EffectiveOptions {
        let probing = options.filter { $0.keyword != "port" } + [(keyword: "port", value: impossiblePorts)]
        guard let handle = LibPQConnection.startConnecting(probing) else {
            throw PostgresError(code: .system, message: "libpq is out of memory")
        }
        defer { PQfinish(handle) }
        var effective = EffectiveOptions(of: handle)
        // libpq forgets it once it has looked it up.
        effective.values["service"] =
            options.last { $0.keyword == "service" }?.value ?? ProcessInfo.processInfo.environment["PGSERVICE"]
        guard effective["port"] == impossiblePorts else {
            // Service files are the only thing that libpq reads before it gets that far.
            let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
            let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "no reason given"
            throw PostgresError(
                code: .invalidConninfo, message: "the connection's settings cannot be read: \(Redactor().redact(line))")
        }
        return effective
    }

    /// More ports than anybody has hosts, which libpq refuses.
    private static let impossiblePorts = [String](repeating: "1", count: 997).joined(separator: ",")
}
