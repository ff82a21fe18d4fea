import SourceReading

extension ConfigurationKeys {
    /// Whether a key's name says that a password follows.
    static func isPassword(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.contains("password") || name.contains("passwd") || name == "pwd"
    }

    /// The error for a key that does not exist, with the key that was probably meant.
    static func unknown(_ path: String, location: String) -> ConfigurationError {
        // What is not a word may be a value in the wrong place, and values are never shown.
        let isName = path.wholeMatch(of: /[A-Za-z0-9_.-]{1,80}/) != nil
        return ConfigurationError(
            code: .unknownKey,
            message: "unknown key; \(suggestion(for: path))",
            key: isName ? path : nil,
            location: location
        )
    }

    private static func suggestion(for path: String) -> String {
        if let key = key(path), let section = key.section {
            return "write \(key.name) inside the section \(section)"
        }
        let parts = path.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let section = parts.count == 2 && sectionNames.contains(parts[0]) ? parts[0] : nil
        let name = section == nil ? path : parts[1]
        let names = all.filter { $0.section == section }.map(\.name) + (section == nil ? sectionNames : [])
        if let nearest = Spelling.nearest(to: name, in: names) {
            return "did you mean \(section.map { $0 + "." } ?? "")\(nearest)?"
        }
        if let elsewhere = all.first(where: { $0.name == name }) {
            return "did you mean \(elsewhere.path)?"
        }
        return "the keys \(section.map { "of " + $0 } ?? "at the top") are \(names.joined(separator: ", "))"
    }
}

extension ConfigurationError {
    /// The error for a key that occurs twice.
    static func duplicate(_ path: String, location: String) -> Self {
        let isName = path.wholeMatch(of: /[A-Za-z0-9_.-]{1,80}/) != nil
        return ConfigurationError(
            code: .duplicateKey,
            message: "the key occurs more than once in its section; keep one of them",
            key: isName ? path : nil,
            location: location
        )
    }

    /// The error for a key that is meant for a password.
    static func password(location: String) -> Self {
        ConfigurationError(
            code: .password,
            message:
                "a password does not belong in the configuration; put it into a .pgpass file, a libpq service file, "
                + "or the environment variable PGPASSWORD",
            location: location
        )
    }
}
