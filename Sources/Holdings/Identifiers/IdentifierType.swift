/// SQL type of client or product ids: the warehouse's own, in which they are written back.
public enum IdentifierType: String, Sendable, Encodable {
    /// `smallint`, `integer` or `bigint` in the warehouse.
    case bigint
    /// `numeric` in the warehouse, with whole numbers of any size.
    case numeric
    /// `text`, `varchar`, `char` or an enum in the warehouse.
    case text
    /// `uuid` in the warehouse.
    case uuid

    /// Length of an id in PostgreSQL's binary format, in bytes; nil where it varies.
    package var byteCount: Int? {
        switch self {
        case .bigint: 8
        case .text, .numeric: nil
        case .uuid: 16
        }
    }
}
