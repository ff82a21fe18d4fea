import CLibPQ
import Foundation

/// What a connection to another machine must have, and how it comes to have it.
///
/// libpq's own defaults send a password in clear to whoever answers. Here a server on another machine proves who it is:
/// by a certificate that a known authority has signed for its name (`sslmode=verify-full`), and by knowing the role's
/// password, bound to this very TLS session (`channel_binding=require`). What is weaker must be asked for by name.
struct TransportPolicy {
    /// Whether settings that are weaker are accepted where somebody names them.
    let allowsInsecure: Bool

    /// What a connection is opened with.
    struct Decision {
        /// Options for libpq.
        let options: [(keyword: String, value: String)]
        /// What is weaker than it should be, and was accepted; nil when nothing is.
        let warning: String?
    }

    /// Completes options with what they leave open, and checks them.
    ///
    /// - Parameters:
    ///   - options: The options for libpq, our defaults among them.
    ///   - given: The keywords that the connection string sets.
    /// - Throws: ``PostgresError/Code/insecureTransport``, ``PostgresError/Code/insecurePasswordFile``, or
    ///   ``PostgresError/Code/invalidConninfo`` if the settings cannot be read.
    func decide(
        _ options: [(keyword: String, value: String)], given: Set<String>
    ) throws(PostgresError) -> Decision {
        let effective = try EffectiveOptions.resolve(options)
        try PasswordFile(for: effective)?.checkMode()
        guard Self.remoteServer(effective) != nil else { return Decision(options: options, warning: nil) }
        let added = Self.additions(to: effective, given: given)
        return Decision(
            options: options + added,
            warning: try check(effective, overriddenBy: Dictionary(uniqueKeysWithValues: added)))
    }

    /// Checks what a connection uses before it sends anything.
    ///
    /// A service file can have changed since ``decide(_:given:)`` has read it.
    func check(_ handle: OpaquePointer) throws(PostgresError) {
        let effective = EffectiveOptions(of: handle)
        try PasswordFile(for: effective)?.checkMode()
        _ = try check(effective, overriddenBy: [:])
    }

    private func check(
        _ effective: EffectiveOptions, overriddenBy added: [String: String]
    ) throws(PostgresError) -> String? {
        guard let server = Self.remoteServer(effective) else { return nil }
        func value(_ keyword: String) -> String? { added[keyword] ?? effective[keyword] }
        // Kerberos has both sides prove who they are, and takes the place of TLS.
        if value("gssencmode") == "require" { return nil }
        var weaknesses: [String] = []
        if value("sslmode") != "verify-full" { weaknesses.append("sslmode=\(value("sslmode") ?? "")") }
        if let version = value("ssl_min_protocol_version"), !["TLSv1.2", "TLSv1.3"].contains(version) {
            weaknesses.append("ssl_min_protocol_version=\(version)")
        }
        if value("channel_binding") != "require", !Self.needsNoChannelBinding(effective) {
            weaknesses.append("channel_binding=\(value("channel_binding") ?? "")")
        }
        if ["verify-full", "verify-ca"].contains(value("sslmode")) {
            try Self.requireRootCertificate(effective, for: server)
        }
        guard !weaknesses.isEmpty else { return nil }
        let list = weaknesses.joined(separator: " ")
        guard allowsInsecure else {
            throw PostgresError(
                code: .insecureTransport,
                message: "\(server.name) is not on this machine, and \(list) does not protect password and data on the "
                    + "way there; leave it out (the defaults are sslmode=verify-full channel_binding=require), or accept "
                    + "the risk by name: transport.allow_insecure: true")
        }
        return "the connection to \(server.name) is not protected as it could be: \(list), which "
            + "transport.allow_insecure permits"
    }

    /// The first server on another machine.
    private static func remoteServer(_ effective: EffectiveOptions) -> ServerAddress? {
        ServerAddress.list(host: effective["host"], hostaddr: effective["hostaddr"]).first { !$0.isLocal }
    }

    /// What is set because nobody has said otherwise.
    private static func additions(
        to effective: EffectiveOptions, given: Set<String>
    ) -> [(keyword: String, value: String)] {
        let environment = ProcessInfo.processInfo.environment
        // A service file's `prefer` looks like libpq's own default and counts as such, which is the safe side.
        func isNamed(_ keyword: String, _ variable: String) -> Bool {
            given.contains(keyword) || environment[variable] != nil || effective[keyword] != "prefer"
        }
        var added: [(keyword: String, value: String)] = []
        if !isNamed("gssencmode", "PGGSSENCMODE") { added.append(("gssencmode", "disable")) }
        let namesMode = isNamed("sslmode", "PGSSLMODE")
        if !namesMode { added.append(("sslmode", "verify-full")) }
        let mode = namesMode ? effective["sslmode"] ?? "" : "verify-full"
        // There is nothing to bind to without TLS, and with a certificate and no password nothing to bind.
        let canBind = ["require", "verify-ca", "verify-full"].contains(mode) && effective["gssencmode"] != "require"
        if canBind, !needsNoChannelBinding(effective), !isNamed("channel_binding", "PGCHANNELBINDING") {
            added.append(("channel_binding", "require"))
        }
        return added
    }

    /// Whether the client proves who it is by a certificate, and has no password that could fall into wrong hands.
    ///
    /// Certificates have no channel binding: libpq refuses `channel_binding=require` with them.
    private static func needsNoChannelBinding(_ effective: EffectiveOptions) -> Bool {
        guard effective["sslcert"] != nil, effective["password"] == nil else { return false }
        return PasswordFile(for: effective)?.hasEntries != true
    }

    private static func requireRootCertificate(
        _ effective: EffectiveOptions, for server: ServerAddress
    ) throws(PostgresError) {
        let path = effective["sslrootcert"] ?? HomeFolder.file(".postgresql/root.crt")
        // From libpq 16 on, the word means the system's authorities.
        let isSystem = path == "system"
        if isSystem && PQlibVersion() >= 160_000 || FileManager.default.isReadableFile(atPath: path) { return }
        let problem =
            isSystem
            ? "libpq \(PQlibVersion() / 10_000) does not know sslrootcert=system"
            : "\(path.shellQuoted) \(FileManager.default.fileExists(atPath: path) ? "cannot be read" : "does not exist")"
        throw PostgresError(
            code: .insecureTransport,
            message: "the server \(server.name) cannot be verified: \(problem); set sslrootcert (in the connection "
                + "string or the service file, or as PGSSLROOTCERT) to the file with the authority that signed the "
                + "server's certificate; for a public one that is the system's, such as "
                + "/etc/ssl/certs/ca-certificates.crt")
    }
}
