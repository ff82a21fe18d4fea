import Holdings

/// What is wrong with the warehouse's relations as they are mapped, or with what they hold.
public struct SourceError: Error, Sendable, CustomStringConvertible {
    /// Kind of the error; stable, for programs.
    public enum Code: String, Sendable, CaseIterable {
        /// A mapped relation or query does not exist or cannot be parsed.
        case relation
        /// A mapped column does not exist.
        case column
        /// A mapped column has a type that cannot be used.
        case type
        /// A mapped column has values that cannot be used.
        case values
        /// The role lacks a right on a mapped relation.
        case privilege
        /// Row-level security hides rows from the role.
        case rowSecurity
        /// Text that is not valid UTF-8.
        case invalidText
        /// The server is not one that Peerfolio can use.
        case server
        /// The server sent something it should not.
        case protocolViolation
    }

    /// Kind of the error.
    public var code: Code
    /// Configuration key that is to be changed, such as `holdings.client`; nil if it is not about the mapping.
    public var key: String?
    /// What happened and what to do, in one line, without data.
    public var message: String
    /// The same with the id that it is about; nil if it is about none.
    ///
    /// For `check`, never for a log.
    package var shownMessage: String?

    /// The key, if there is one, and the message.
    public var description: String { key.map { "\($0): \(message)" } ?? message }

    /// A query of which the role may not even find out what it reads.
    ///
    /// - Parameter problem: The server's words.
    package static func cannotLookInto(_ key: String, _ problem: String) -> SourceError {
        SourceError(
            .privilege, key: key,
            "this role cannot look up what the query reads: \(problem); run `peerfolio grants` as a DBA, on the primary"
        )
    }

    /// A source that writes or locks, in a transaction that may not.
    static func writes(_ key: String) -> SourceError {
        SourceError(
            .relation, key: key,
            "it writes or locks rows, and sources are only read: take FOR UPDATE, FOR SHARE, INSERT, UPDATE, DELETE, nextval()"
                + " and functions that write out of it (SQLSTATE 25006)")
    }

    /// An id or a name that was read and cannot be one.
    init(_ error: IdentifierError) {
        let code: Code =
            switch error.code {
            case .invalidText: .invalidText
            case .invalidLength: .protocolViolation
            case .notWhole, .tooLong: .values
            }
        self.init(code, error.message)
    }

    init(_ code: Code, key: String? = nil, _ message: String) {
        self.code = code
        self.key = key
        self.message = message
    }
}
