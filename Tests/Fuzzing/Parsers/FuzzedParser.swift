/// A parser of input that comes from outside, with what must hold whatever the input is.
///
/// Every parser takes any bytes, so that libFuzzer can choose them; `scripts/fuzz` runs that, and InputTests runs the
/// same checks on bytes that it invents and on those that were kept in `Tests/Fuzzing/Corpus`.
public enum FuzzedParser: String, CaseIterable, Sendable {
    /// Binary COPY data: a byte with the number of fields, a seed for the pieces it comes in, then the data.
    case copy
    /// A configuration file.
    case config
    /// Client or product ids: a byte with their type, then ids with a byte for the length in front of each.
    case identifiers
    /// The name of a relation as people write it in a configuration.
    case relation
    /// A query with `:as_of` in it.
    case query
    /// A libpq connection string.
    case conninfo
    /// The name of a time zone, a line break, and a cron expression.
    case cron

    /// Reads `input` and checks what must hold.
    ///
    /// - Throws: ``Violation`` for what must not be.
    public func check(_ input: [UInt8]) throws(Violation) {
        switch self {
        case .copy: try Self.checkCopy(input)
        case .config: try Self.checkConfig(input)
        case .identifiers: try Self.checkIdentifiers(input)
        case .relation: try Self.checkRelation(input)
        case .query: try Self.checkQuery(input)
        case .conninfo: try Self.checkConninfo(input)
        case .cron: try Self.checkCron(input)
        }
    }
}

/// What a parser must not do, but did.
public struct Violation: Error, CustomStringConvertible {
    /// What it did.
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    /// Throws unless something holds.
    static func require(_ holds: Bool, _ otherwise: @autoclosure () -> String) throws(Violation) {
        if !holds { throw Violation(otherwise()) }
    }
}
