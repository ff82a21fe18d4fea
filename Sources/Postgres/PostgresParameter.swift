/// A value for `$1`, `$2`, … of a statement.
public enum PostgresParameter: Hashable, Sendable {
    /// NULL of whatever type the statement needs.
    case null
    /// Text whose type the server infers from the statement: text, uuid, date, jsonb and all others.
    case text(String)
    /// A bigint.
    case bigint(Int64)
    /// An integer.
    case integer(Int32)
    /// A double precision.
    case double(Double)
    /// A boolean.
    case bool(Bool)
    /// A bytea.
    case bytea([UInt8])

    /// Text or, if there is none, NULL.
    public static func textOrNull(_ value: String?) -> PostgresParameter {
        value.map { .text($0) } ?? .null
    }

    /// A double precision or, if there is none, NULL.
    public static func doubleOrNull(_ value: Double?) -> PostgresParameter {
        value.map { .double($0) } ?? .null
    }

    /// The OID of the type, or 0 where the server shall infer it.
    var typeOID: UInt32 {
        switch self {
        case .null, .text: 0
        case .bigint: 20
        case .integer: 23
        case .double: 701
        case .bool: 16
        case .bytea: 17
        }
    }

    /// The value in PostgreSQL's text format, or `nil` for NULL.
    var textFormat: String? {
        switch self {
        case .null: nil
        case .text(let text): text
        case .bigint(let value): String(value)
        case .integer(let value): String(value)
        case .double(let value): "\(value)"
        case .bool(let value): value ? "t" : "f"
        case .bytea(let bytes): "\\x" + bytes.map(Self.hexadecimal).joined()
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}

extension PostgresParameter: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// Creates a text parameter.
    public init(stringLiteral value: String) {
        self = .text(value)
    }
}

extension PostgresParameter: ExpressibleByIntegerLiteral {
    /// Creates a bigint parameter.
    public init(integerLiteral value: Int64) {
        self = .bigint(value)
    }
}

extension PostgresParameter: ExpressibleByFloatLiteral {
    /// Creates a double precision parameter.
    public init(floatLiteral value: Double) {
        self = .double(value)
    }
}

extension PostgresParameter: ExpressibleByBooleanLiteral {
    /// Creates a boolean parameter.
    public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }
}

extension PostgresParameter: ExpressibleByNilLiteral {
    /// Creates a NULL parameter.
    public init(nilLiteral: ()) {
        self = .null
    }
}
