/// Bytes that cannot be an id or a name.
public struct IdentifierError: Error, Sendable, CustomStringConvertible {
    /// Kind of the error; stable, for programs.
    public enum Code: String, Sendable {
        /// Text that is not valid UTF-8, which a database with encoding SQL_ASCII can hold.
        case invalidText
        /// A length that no id of the type has.
        case invalidLength
    }

    /// Kind of the error.
    public let code: Code
    /// What happened and what to do, in one line, without data.
    public let message: String

    /// The message.
    public var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
