/// Bytes that cannot be an id or a name.
public struct IdentifierError: Error, Sendable, CustomStringConvertible {
    /// Kind of the error; stable, for programs.
    public enum Code: String, Sendable {
        /// Text that is not valid UTF-8, which a database with encoding SQL_ASCII can hold.
        case invalidText
        /// A length that no id of the type has.
        case invalidLength
        /// A number that is not whole, or is NaN or infinite.
        case notWhole
        /// More bytes than an index of PostgreSQL takes.
        case tooLong
    }

    /// Kind of the error.
    public let code: Code
    /// What happened and what to do, in one line, without data.
    public let message: String

    /// The message.
    public var description: String { message }

    /// The id, or its beginning; nil where it cannot be shown.
    ///
    /// For `check`, never for a log.
    package let example: String?

    init(_ code: Code, _ message: String, example: String? = nil) {
        self.code = code
        self.message = message
        self.example = example
    }
}
