/// What is wrong with the installed schema, and what to do about it.
public struct SchemaError: Error, Sendable, CustomStringConvertible {
    /// Kind of the error; stable, for programs.
    public enum Code: String, Sendable, CaseIterable {
        /// The ledger does not exist: nothing has been installed in this database.
        case notInstalled
        /// This program brings migrations or views that the database lacks.
        case pending
        /// An applied migration differs from the file that this program ships.
        case drifted
        /// The database has been migrated by a newer program.
        case newer
        /// The ids of the mapped warehouse have another type than the installed tables.
        case identifierTypes
        /// The role may not migrate: roles of the cluster are missing, or memberships, or a right on the database.
        case rights
        /// A trigger of the database forbids the change.
        case forbidden
    }

    /// Kind of the error.
    public var code: Code
    /// What happened and what to do, in one line.
    public var message: String

    /// The message.
    public var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
