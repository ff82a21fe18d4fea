import CLibPQ

/// Where and how to connect: a checked libpq connection string without a password, and our own time limits.
public struct ConnectionSettings: Sendable {
    /// The time limit of connecting to one address; name lookup is not included.
    ///
    /// Several hosts, or a host with several addresses, are tried in turn. One that swallows everything is given up for
    /// the next; one that accepts the connection and then never answers ends the attempt.
    public let connectTimeout: Duration

    /// The time limit of one statement, and of one step of a COPY without any byte moving.
    public let operationTimeout: Duration

    /// Keywords and values for libpq, the user's and our defaults.
    let options: [(keyword: String, value: String)]

    /// The keywords that the connection string sets.
    private let given: Set<String>

    /// What a server on another machine must prove.
    let policy: TransportPolicy

    /// Gets each warning that comes with a connection, in the server's words.
    let warn: @Sendable (String) -> Void

    /// Checks a connection string and adds our defaults to it.
    ///
    /// The defaults are `client_encoding`, the application name, keepalives after 10 s and `tcp_user_timeout`.
    /// What the string sets itself is kept. `options` is not sent, since PgBouncer refuses it.
    ///
    /// For a server that is not on this machine (a Unix socket, `localhost` or a loopback address is) there are also
    /// `sslmode=verify-full`, `channel_binding=require` and `gssencmode=disable`.
    ///
    /// - Parameters:
    ///   - conninfo: A libpq URI or `keyword=value` string; what it leaves open comes from the service file and the
    ///     `PG*` environment variables. May be empty.
    ///   - applicationName: The name in `pg_stat_activity`, unless the string or `PGAPPNAME` sets one.
    ///   - connectTimeout: See ``connectTimeout``; `connect_timeout` in the string goes first.
    ///   - operationTimeout: See ``operationTimeout``.
    ///   - tcpUserTimeout: How long sent data may stay unacknowledged before the kernel gives the connection up.
    ///   - allowsInsecureTransport: Whether weaker settings are accepted where the string, the service file or the
    ///     environment names them.
    ///   - warn: Called with each warning that the server has about a connection, such as one about a collation whose
    ///     version has changed; free of data.
    /// - Throws: ``PostgresError/Code/passwordInConninfo``, or ``PostgresError/Code/invalidConninfo`` if libpq cannot
    ///   read the string. Neither shows any part of it.
    public init(
        conninfo: String,
        applicationName: String = "peerfolio",
        connectTimeout: Duration = .seconds(5),
        operationTimeout: Duration = .seconds(40),
        tcpUserTimeout: Duration = .seconds(15),
        allowsInsecureTransport: Bool = false,
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(PostgresError) {
        let given = try Self.parse(conninfo)
        var options = [
            (keyword: "client_encoding", value: "UTF8"),
            (keyword: "fallback_application_name", value: applicationName),
            (keyword: "keepalives", value: "1"),
            (keyword: "keepalives_idle", value: "10"),
            (keyword: "keepalives_interval", value: "5"),
            (keyword: "keepalives_count", value: "3"),
            (keyword: "tcp_user_timeout", value: String(tcpUserTimeout.wholeMilliseconds)),
        ]
        options.removeAll { option in given.contains { $0.keyword == option.keyword } }
        self.options = options + given
        self.given = Set(given.map(\.keyword))
        policy = TransportPolicy(allowsInsecure: allowsInsecureTransport)
        self.warn = warn

        let seconds = given.last { $0.keyword == "connect_timeout" }.flatMap { Int($0.value) } ?? 0
        self.connectTimeout = seconds > 0 ? .seconds(seconds) : connectTimeout
        self.operationTimeout = operationTimeout
    }

    private init(
        options: [(keyword: String, value: String)], given: Set<String>, policy: TransportPolicy, timeout: Duration
    ) {
        self.options = options
        self.given = given
        self.policy = policy
        warn = { _ in }
        connectTimeout = timeout
        operationTimeout = timeout
    }

    /// The same settings for one of the servers only, and with other time limits.
    func narrowed(to server: [(keyword: String, value: String)], timeout: Duration) -> ConnectionSettings {
        let others = options.filter { option in !server.contains { $0.keyword == option.keyword } }
        return ConnectionSettings(
            options: others + server, given: given.union(server.map(\.keyword)), policy: policy, timeout: timeout)
    }

    /// Checks what a connection would use, service file, environment and password file included, and opens none.
    ///
    /// ``PostgresConnection/open(_:)`` does the same again; this is for finding a mistake early.
    ///
    /// - Returns: What is weaker than it should be and was allowed; nil when nothing is.
    /// - Throws: ``PostgresError/Code/insecureTransport``, ``PostgresError/Code/insecurePasswordFile`` or
    ///   ``PostgresError/Code/invalidConninfo``.
    public func transportWarning() throws(PostgresError) -> String? {
        try decision().warning
    }

    /// The options with all that the transport needs.
    func decision() throws(PostgresError) -> TransportPolicy.Decision {
        try policy.decide(options, given: given)
    }

    private static func parse(_ conninfo: String) throws(PostgresError) -> [(keyword: String, value: String)] {
        try refuseStrayCredentials(in: conninfo)
        // libpq's own message quotes the string, and with it perhaps a password.
        var libpqMessage: UnsafeMutablePointer<CChar>?
        defer { PQfreemem(libpqMessage) }
        guard !conninfo.utf8.contains(0), let parsed = PQconninfoParse(conninfo, &libpqMessage) else {
            throw PostgresError(
                code: .invalidConninfo,
                message: newerKeyword(in: conninfo)
                    ?? "the connection string is not a valid libpq URI or list of keyword=value; see "
                    + "\"Connection Strings\" in the libpq manual"
            )
        }
        defer { PQconninfoFree(parsed) }

        var given: [(keyword: String, value: String)] = []
        var option = parsed
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                // A URI can hold any bytes; mended, they would name something else, such as another database.
                guard let text = String(validatingCString: value) else {
                    throw PostgresError(
                        code: .invalidConninfo, message: "the connection string holds %XX that is not UTF-8")
                }
                given.append((String(cString: keyword), text))
            }
            option += 1
        }
        try refuseSecrets(in: given)
        return given
    }

    /// Keywords that libpq did not always know, with the version that they came with.
    private static let newerKeywords = [
        "gssdelegation": 16, "load_balance_hosts": 16, "require_auth": 16, "sslcertmode": 16, "sslnegotiation": 17,
        "max_protocol_version": 18, "min_protocol_version": 18, "oauth_client_id": 18, "oauth_client_secret": 18,
        "oauth_issuer": 18, "oauth_scope": 18, "scram_client_key": 18, "scram_server_key": 18, "servicefile": 18,
        "sslkeylogfile": 18,
    ]

    /// What to say of a keyword that is newer than this libpq, if the string has one.
    private static func newerKeyword(in conninfo: String) -> String? {
        let words = conninfo.split { !($0.isASCII && ($0.isLetter || $0 == "_")) }
        let version = Int(PQlibVersion()) / 10_000
        guard let word = words.first(where: { newerKeywords[String($0), default: 0] > version }),
            let needed = newerKeywords[String(word)]
        else { return nil }
        return "the connection string sets \(word), which libpq \(needed) and later know; this is libpq \(version):"
            + " leave it out, or install a newer libpq"
    }

    private static func refuseSecrets(in options: [(keyword: String, value: String)]) throws(PostgresError) {
        for (keyword, value) in options {
            if keyword == "password" || keyword == "sslpassword" {
                throw PostgresError(
                    code: .passwordInConninfo,
                    message: "the connection string holds a password; put it into the environment (PGPASSWORD), "
                        + "the service file or ~/.pgpass instead"
                )
            }
            // Part of a password, where a URI holds a / that is not written as %2F.
            if keyword == "port", value.utf8.contains(where: { !"0123456789,".utf8.contains($0) }) {
                throw PostgresError(
                    code: .invalidConninfo, message: "port in the connection string must be a number")
            }
            // libpq would take such a name apart a second time, with a password that may be in there.
            if keyword == "dbname", value.contains("=") || value.contains("://") {
                throw PostgresError(
                    code: .invalidConninfo,
                    message: "dbname in the connection string must be the plain name of a database"
                )
            }
        }
    }

    /// Refuses a URI that libpq would take apart at the wrong places, and then print a part of the password as a host.
    private static func refuseStrayCredentials(in conninfo: String) throws(PostgresError) {
        guard let prefix = ["postgresql://", "postgres://"].first(where: conninfo.hasPrefix) else { return }
        // Bytes, as libpq sees them: with a combining mark after it, @ is another Character.
        let place = conninfo.utf8.dropFirst(prefix.utf8.count).prefix { $0 != UInt8(ascii: "?") }
        let parts = place.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count > 2 || parts.count == 2 && parts[0].contains(UInt8(ascii: "/")) else { return }
        throw PostgresError(
            code: parts[0].contains(UInt8(ascii: ":")) ? .passwordInConninfo : .invalidConninfo,
            message: "the connection string has an @ or a / in its user or password; a password does not belong in "
                + "there at all (PGPASSWORD, the service file and ~/.pgpass are the places), and elsewhere @ is written "
                + "as %40 and / as %2F")
    }
}

extension Duration {
    /// The duration in milliseconds, rounded up, never negative, at most what `Int32` holds.
    var wholeMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard seconds < 2_000_000 else { return Int32.max }
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
