/// A configuration that cannot be used: what is wrong, with which key, where, and what would be right.
///
/// Neither the message nor the description shows a value from the configuration, since a value may be a secret that was
/// put in the wrong place.
public struct ConfigurationError: Error, Sendable, Hashable {
    /// What kind of mistake it is.
    public struct Code: RawRepresentable, Sendable, Hashable {
        /// The code as a stable word.
        public let rawValue: String

        /// Creates a code.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// No file was named and none lies in the usual places.
        public static let fileNotFound = Code(rawValue: "file_not_found")
        /// The file exists but cannot be read, is too large, or is not UTF-8.
        public static let fileUnreadable = Code(rawValue: "file_unreadable")
        /// The file is not YAML, or holds nothing.
        public static let syntax = Code(rawValue: "syntax")
        /// A key does not exist.
        public static let unknownKey = Code(rawValue: "unknown_key")
        /// A key occurs twice in its section.
        public static let duplicateKey = Code(rawValue: "duplicate_key")
        /// A value has the wrong type or is out of range.
        public static let invalidValue = Code(rawValue: "invalid_value")
        /// A key that is needed is missing.
        public static let missingKey = Code(rawValue: "missing_key")
        /// Two keys exclude each other.
        public static let conflict = Code(rawValue: "conflict")
        /// A key for a password, which does not belong in a configuration.
        public static let password = Code(rawValue: "password")
    }

    /// What kind of mistake it is.
    public let code: Code
    /// What happened and what would be right, in one line.
    public let message: String
    /// The key's full path, such as `model.k`, if it is about one.
    public let key: String?
    /// The place as people look for it: `peerfolio.yaml:12`, `environment PEERFOLIO_MODEL_K`, `--set model.k`.
    public let location: String?

    /// Creates an error.
    public init(code: Code, message: String, key: String? = nil, location: String? = nil) {
        self.code = code
        self.message = message
        self.key = key
        self.location = location
    }
}

extension ConfigurationError: CustomStringConvertible {
    /// One line: the key, its place, and the message.
    public var description: String {
        switch (key, location) {
        case (let key?, let location?): "\(key) (\(location)): \(message)"
        case (let subject?, nil), (nil, let subject?): "\(subject): \(message)"
        case (nil, nil): message
        }
    }
}
