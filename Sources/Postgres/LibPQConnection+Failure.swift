import CLibPQ
import Foundation

extension LibPQConnection {
    /// Classifies a failed attempt to connect by libpq's line about the last address that it tried.
    ///
    /// What went wrong with those before was a reason to go on. The line names host, port, user and database only.
    ///
    /// The server's SQLSTATE stands in that line, and says the same whatever language the server speaks. libpq has none for
    /// what it finds out itself, and a pooler may have no fitting one: there English texts are all there is.
    func connectFailure() -> PostgresError {
        guard let handle = try? open() else {
            return PostgresError(code: .connectionFailed, message: "the connection is closed")
        }
        let options = EffectiveOptions(of: handle)
        let secrets = [options["password"], options["sslpassword"], PQpass(handle).map { String(cString: $0) }]
        let redactor = Redactor(secrets: secrets.compactMap(\.self))
        let text = PQerrorMessage(handle).map { redactor.redact(String(cString: $0)) } ?? ""
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        let (line, sqlState) = Self.withoutState(
            lines.last { $0.hasPrefix("connection to server") } ?? lines.first ?? "no reason given")

        if let remedy = Self.remedies.first(where: { remedy in remedy.texts.contains(where: text.contains) }) {
            return PostgresError(code: .serverNotVerified, message: "\(remedy.advice) (\(line))")
        }
        let needsPassword = PQconnectionNeedsPassword(handle) == 1
        let isRefused =
            switch sqlState?.prefix(2) {
            case "28": true
            case nil, "08": needsPassword || Self.refusals.contains(where: text.contains)
            default: false
            }
        if isRefused {
            let hint = needsPassword ? PasswordFile(for: options).map { ", and \($0.hint)" } ?? "" : ""
            return PostgresError(
                code: .authenticationFailed,
                message: "wrong or expired password, or no such role: ask the server's log (\(line)\(hint))",
                sqlState: sqlState)
        }
        if sqlState == "42501" {
            return PostgresError(
                code: .connectionFailed,
                message: "the role may not connect to this database: GRANT CONNECT ON DATABASE to it (\(line))",
                sqlState: sqlState)
        }
        return PostgresError(code: .connectionFailed, message: line, sqlState: sqlState)
    }

    /// Takes the SQLSTATE out of a line such as `… failed: FATAL:  28P01: password authentication failed for user "x"`,
    /// whose words may be of any language.
    private static func withoutState(_ line: String) -> (line: String, sqlState: String?) {
        let pattern = #/:  ([0-9A-Z]{5}): /#.matchingSemantics(.unicodeScalar)
        guard let match = line.firstMatch(of: pattern) else { return (line, nil) }
        return (line.replacingCharacters(in: match.range, with: ":  "), String(match.output.1))
    }

    /// What libpq, PgBouncer and other poolers say when the client is not accepted.
    private static let refusals = [
        "authentication failed", "no password supplied", "no such user", "no pg_hba.conf entry",
        "is not permitted to log in", "requires a valid client certificate",
    ]

    /// What libpq says when it does not accept who the server is, and what there is to do about it.
    private static let remedies: [(texts: [String], advice: String)] = [
        (
            ["channel binding required", "channel binding is required"],
            "the server did not prove that it knows the role's password, so no password was sent: the role needs a "
                + "SCRAM password (set password_encryption to 'scram-sha-256', then the password anew) and a line "
                + "scram-sha-256 in pg_hba.conf; a client certificate alone needs sslcert and no password anywhere"
        ),
        (
            ["certificate verify failed"],
            "the server's certificate is not signed by an authority in sslrootcert, or is not valid now; no password "
                + "was sent: correct sslrootcert, or renew the certificate"
        ),
        (
            ["does not match host name", "host name must be specified for a verified SSL connection"],
            "the server's certificate is for another name; no password was sent: connect by the name in it (host, with "
                + "hostaddr where the name is not to be looked up), or have one made for this name"
        ),
        (
            ["server does not support SSL, but SSL was required"],
            "the server does not encrypt; no password was sent: switch TLS on there (ssl = on)"
        ),
        (
            ["GSSAPI encryption required", "server doesn't support GSSAPI encryption"],
            "gssencmode=require, and there is no encryption by Kerberos; no password was sent: get a ticket, or leave "
                + "gssencmode out for TLS"
        ),
    ]
}
