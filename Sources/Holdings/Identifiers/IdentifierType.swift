/// SQL type of client or product ids: the warehouse's own, read, kept and written back without conversion.
public enum IdentifierType: String, Sendable, Encodable {
    /// `smallint`, `integer` or `bigint` in the warehouse.
    case bigint
    /// `text`, `varchar` or `char` in the warehouse.
    case text
    /// `uuid` in the warehouse.
    case uuid

    /// Length of an id in PostgreSQL's binary format, in bytes; nil where it varies.
    package var byteCount: Int? {
        switch self {
        case .bigint: 8
        case .text: nil
        case .uuid: 16
        }
    }
}
