import Holdings

/// The base type of a column, as far as it matters for reading it.
///
/// The raw value is the type's OID in `pg_type`, which PostgreSQL never changes for these; here is the only list of them.
enum ColumnType: UInt32, Sendable, CaseIterable {
    case boolean = 16
    case bigint = 20
    case smallint = 21
    case integer = 23
    case text = 25
    case real = 700
    case double = 701
    case money = 790
    case char = 1042
    case varchar = 1043
    case date = 1082
    case timestamp = 1114
    case timestamptz = 1184
    case numeric = 1700
    case uuid = 2950
    /// Any enum; no type has this OID.
    case enumeration = 1
    /// The extension's text that ignores case; no type has this OID.
    case citext = 2
    /// Any other; no type has this OID.
    case other = 0

    /// The type with an OID.
    init(oid: UInt32) {
        self = ColumnType(rawValue: oid) ?? .other
    }

    /// Whether its values are plain numbers; amounts of money have a currency and are not.
    var isNumber: Bool {
        switch self {
        case .bigint, .smallint, .integer, .real, .double, .numeric: true
        default: false
        }
    }

    /// Whether its values belong to days.
    var isDate: Bool { self == .date || self == .timestamp || self == .timestamptz }

    /// Whether its values lie on a scale: numbers, amounts of money and days.
    var isMeasure: Bool { isNumber || self == .money || isDate }

    /// Whether its values are texts.
    var isText: Bool { self == .text || self == .char || self == .varchar }

    /// The type as which ids of it are read and kept; nil if ids cannot have it.
    var identifierType: IdentifierType? {
        switch self {
        case .bigint, .smallint, .integer: .bigint
        case .numeric: .numeric
        case .text, .char, .varchar, .enumeration, .citext: .text
        case .uuid: .uuid
        default: nil
        }
    }
}
