/// SQL type of client or product ids: the warehouse's own, read, kept and written back without conversion.
public enum IdentifierType: String, Sendable, Encodable {
    /// `smallint`, `integer` or `bigint` in the warehouse.
    case bigint
    /// `text`, `varchar` or `char` in the warehouse.
    case text
    /// `uuid` in the warehouse.
    case uuid

    /// The type that a column's base type stands for, by its OID in `pg_type`; nil if ids cannot have it.
    package init?(typeOID: UInt32) {
        switch typeOID {
        case 20, 21, 23: self = .bigint
        case 25, 1042, 1043: self = .text
        case 2950: self = .uuid
        default: return nil
        }
    }

    /// Length of an id in PostgreSQL's binary format, in bytes; nil where it varies.
    package var byteCount: Int? {
        switch self {
        case .bigint: 8
        case .text: nil
        case .uuid: 16
        }
    }
}
