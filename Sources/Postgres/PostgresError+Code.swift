extension PostgresError {
    /// What kind of failure an error is; more kinds may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        private init(_ description: String) {
            self.description = description
        }

        /// No connection could be made.
        public static let connectionFailed = Code("connectionFailed")

        /// The server did not accept who we say we are; trying again does not help.
        public static let authenticationFailed = Code("authenticationFailed")

        /// The server did not prove who it is, or does not encrypt; no password was sent to it.
        public static let serverNotVerified = Code("serverNotVerified")

        /// A setting of the connection is weaker than a server on another machine needs.
        public static let insecureTransport = Code("insecureTransport")

        /// Others have rights on the password file, or it is none.
        public static let insecurePasswordFile = Code("insecurePasswordFile")

        /// The connection broke, was ended by the server, or had been closed before.
        public static let connectionLost = Code("connectionLost")

        /// The peer did not answer before our own deadline; the connection has been closed.
        public static let timeout = Code("timeout")

        /// The connection ended after COMMIT was sent and before its answer: the transaction may have committed.
        public static let commitOutcomeUnknown = Code("commitOutcomeUnknown")

        /// COMMIT was answered by ROLLBACK, because a statement of the transaction had failed.
        public static let transactionAborted = Code("transactionAborted")

        /// The server refused a statement; see ``PostgresError/sqlState``.
        public static let server = Code("server")

        /// The server answered with something that the call does not expect.
        public static let protocolViolation = Code("protocolViolation")

        /// The connection string holds a password.
        public static let passwordInConninfo = Code("passwordInConninfo")

        /// The connection string cannot be read.
        public static let invalidConninfo = Code("invalidConninfo")

        /// A parameter, an identifier or a statement cannot be sent as it is.
        public static let invalidParameter = Code("invalidParameter")

        /// Bytes or text from the server are not what the caller said they would be.
        public static let decoding = Code("decoding")

        /// The operating system refused something that a connection needs.
        public static let system = Code("system")
    }
}
