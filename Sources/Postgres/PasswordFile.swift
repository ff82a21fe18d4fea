import Foundation

/// The file that a connection's password comes from: a password file such as `~/.pgpass`, or the user's service file.
///
/// libpq ignores a password file that others can read, with a warning; then a connection fails for want of a password, or
/// goes on without one while everybody can read it. A service file it takes as it is. Here both are errors.
struct PasswordFile {
    let path: String
    private let isServiceFile: Bool

    /// The password file that libpq reads for a connection, which is `passfile` in the string, the service file or
    /// `PGPASSFILE`, else `~/.pgpass`; the service file where that has the password; nil where it comes from elsewhere.
    ///
    /// The system's service file is not looked at: it is there for all users.
    init?(for options: EffectiveOptions) {
        isServiceFile = options["password"] != nil
        if !isServiceFile {
            path = options["passfile"] ?? HomeFolder.file(".pgpass")
            return
        }
        let file = ProcessInfo.processInfo.environment["PGSERVICEFILE"] ?? HomeFolder.file(".pg_service.conf")
        guard let service = options["service"], Self.hasPassword(service, in: file) else { return nil }
        path = file
    }

    private static func hasPassword(_ service: String, in file: String) -> Bool {
        guard let data = FileManager.default.contents(atPath: file) else { return false }
        let lines = data.split(separator: UInt8(ascii: "\n")).map {
            String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespaces)
        }
        return lines.drop { $0 != "[\(service)]" }.dropFirst().prefix { !$0.hasPrefix("[") }
            .contains { $0.hasPrefix("password=") }
    }

    /// Refuses a file that others can read, and one that is no plain file; a missing one is no mistake.
    func checkMode() throws(PostgresError) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFREG || isServiceFile else {
            throw PostgresError(
                code: .insecurePasswordFile,
                message: "the password file \(quotedPath) is no plain file, and libpq reads no other; name one that is "
                    + "(PGPASSFILE, passfile)")
        }
        guard status.st_mode & (S_IRWXG | S_IRWXO) == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw PostgresError(
                code: .insecurePasswordFile,
                message:
                    "others have rights on the \(isServiceFile ? "service" : "password") file \(quotedPath) (mode 0\(mode)), so it is not used; "
                    + "run: chmod 600 \(quotedPath)")
        }
    }

    /// Whether the file has an entry for any server.
    var hasEntries: Bool {
        guard let data = FileManager.default.contents(atPath: path) else { return false }
        return data.split(separator: UInt8(ascii: "\n")).contains { line in
            line.first != UInt8(ascii: "#") && line.contains(UInt8(ascii: ":"))
        }
    }

    /// What there is to say to somebody whose server wants a password that libpq has not found.
    var hint: String {
        guard FileManager.default.fileExists(atPath: path) else { return "there is no password file \(quotedPath)" }
        guard FileManager.default.isReadableFile(atPath: path) else {
            return "the password file \(quotedPath) cannot be read by this user"
        }
        return "the password file \(quotedPath) has no line for this host, port, database and user"
    }

    private var quotedPath: String { path.shellQuoted }
}

/// The folder of the user's own settings, where libpq looks for them.
enum HomeFolder {
    /// The path of a file in there.
    static func file(_ name: String) -> String {
        if let home = ProcessInfo.processInfo.environment["HOME"], !home.isEmpty { return "\(home)/\(name)" }
        return "\(NSHomeDirectory())/\(name)"
    }
}

extension String {
    /// The text as one word of a shell, in quotes.
    var shellQuoted: String {
        "'" + replacing("'", with: "'\\''") + "'"
    }
}
