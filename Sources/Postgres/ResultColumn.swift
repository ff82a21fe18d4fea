/// A column of a result.
public struct ResultColumn: Hashable, Sendable {
    /// The name the statement gives it; not unique.
    public var name: String

    /// The OID of its type in `pg_type`, such as 20 for bigint.
    public var typeOID: UInt32

    /// Creates a column.
    public init(name: String, typeOID: UInt32) {
        self.name = name
        self.typeOID = typeOID
    }
}
