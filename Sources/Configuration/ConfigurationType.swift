import Scheduling
import SourceReading

/// What a key may hold, and how to read it.
///
/// Reading is stricter than YAML: only `true` and `false` are booleans and only decimal digits are numbers, so a column
/// named `no` stays a name, and `0x10`, `010`, `1e400` and `.nan` are mistakes instead of surprises.
enum ConfigurationType {
    case text
    case name
    case names
    /// Different columns.
    case columns
    /// A relation, or a statement that yields one.
    case source
    /// Texts, each once.
    case words
    /// Columns with a weight each: a section, or one text in which commas separate `column=weight`.
    case weights
    case relation
    case query
    case channel
    case integer(ClosedRange<Int>)
    case optionalInteger(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case boolean
    case choice([String])
    case duration
    /// Cron expressions: a list, or one text in which semicolons separate them.
    case cron
    case timeZone
    case notifyChannel
    /// A file's absolute path.
    case path

    /// Whole numbers from `lower` up; all of them fit 32 bits.
    static func integer(atLeast lower: Int) -> Self {
        .integer(lower...Int(Int32.max))
    }

    /// The raw values of an enumeration.
    static func choice<Choice: CaseIterable & RawRepresentable<String>>(_: Choice.Type) -> Self {
        .choice(Choice.allCases.map(\.rawValue))
    }
}

/// A value as it stands in a file, in the environment or on the command line, before its key gives it a type.
enum UntypedValue: Sendable {
    /// Text; `isQuoted` when the file puts it in quotes or in a block, so that it cannot be a number.
    case text(String, isQuoted: Bool)
    case list([String])
    /// An empty value, `~` or `null`, with the text as written.
    case nothing(String)
    case section([UntypedEntry])
    case listOfSections
}

/// A key of a section that a value consists of.
struct UntypedEntry: Sendable {
    /// The key, or nil where it is no text.
    let name: String?
    let value: UntypedValue
    /// The line in the file, from 1; nil for text from outside a file.
    let line: Int?
}

/// A value of a key's type.
enum ConfigurationValue: Hashable, Sendable {
    case text(String)
    case names([String])
    /// By the bytes of the columns' names.
    case weights([AttributeMapping])
    case relation(RelationName)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case duration(Duration)
    case cron([CronExpression])
    case clock(WallClock)
    case absent
}

/// A value that its key cannot hold.
struct ValueMismatch: Error {
    /// What was found instead: the kind of the value, never the value.
    let found: String
    /// The entry of the value that it is about, if it is about one.
    var entry: UntypedEntry?
}

extension ConfigurationType {
    /// What the type takes, in words that fit after "expected".
    var expectation: String {
        switch self {
        case .text: "text"
        case .name: "the name of a column"
        case .names: "the name of a column, a pattern such as \"prod_*\", or a list of them"
        case .columns: "the name of a column, or a list of different ones"
        case .source: "a relation as schema.name, or a SELECT statement"
        case .words: "a list of different words"
        case .weights: "columns with a weight above 0 each, such as {customer_type: 0.5, age: 0.25}"
        case .relation: "a relation as schema.name"
        case .query: "a SELECT statement"
        case .channel: "a name of 1 to 63 characters from a-z, 0-9 and _"
        case .integer(let range): Self.words(for: range)
        case .optionalInteger(let range): Self.words(for: range) + ", or nothing"
        case .number(let range):
            range.upperBound == .greatestFiniteMagnitude
                ? "a number of at least \(Self.shortest(range.lowerBound))"
                : "a number from \(Self.shortest(range.lowerBound)) to \(Self.shortest(range.upperBound))"
        case .boolean: "true or false"
        case .choice(let words):
            words.count == 1
                ? words[0] : words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
        case .duration: "a duration such as 250ms, 30s, 15min or 1h"
        case .cron: "cron expressions such as \"30 5 * * mon-fri\", in quotes"
        case .timeZone: "a time zone of the IANA database such as Europe/Lisbon"
        case .notifyChannel: "the name of a channel"
        case .path: "the absolute path of a file"
        }
    }

    private static func words(for range: ClosedRange<Int>) -> String {
        range.upperBound == Int(Int32.max)
            ? "a whole number of at least \(range.lowerBound)"
            : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }

    /// The number without a needless fraction: `1`, not `1.0`.
    static func shortest(_ number: Double) -> String {
        let text = "\(number)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// Reads a raw value as this type.
    func value(of raw: UntypedValue) throws(ValueMismatch) -> ConfigurationValue {
        switch self {
        case .text:
            if case .nothing = raw { return .text("") }
            return .text(try Self.text(raw))
        case .name: return .text(try Self.columnName(Self.nameText(raw)))
        case .names: return .names(try Self.columnNames(raw))
        case .columns:
            let names = try Self.columnNames(raw)
            guard Set(names.map { Array($0.utf8) }).count == names.count else {
                throw ValueMismatch(found: "a name that comes twice")
            }
            return .names(names)
        case .source: return try Self.source(raw)
        case .words: return .names(try Self.distinctWords(raw))
        case .weights: return .weights(try Self.weights(raw))
        case .relation: return .relation(try Self.relationName(raw))
        case .query: return .text(try Self.statement(raw))
        case .channel: return .text(try Self.channel(raw))
        case .optionalInteger(let range):
            if case .nothing = raw { return .absent }
            return .integer(try Self.integer(raw, in: range))
        case .integer(let range): return .integer(try Self.integer(raw, in: range))
        case .number(let range): return .number(try Self.number(raw, in: range))
        case .boolean: return .boolean(try Self.boolean(raw))
        case .choice(let words): return .text(try Self.choice(raw, from: words))
        case .duration: return .duration(try Self.duration(raw))
        case .cron: return .cron(try Self.cronExpressions(raw))
        case .timeZone: return .clock(try Self.clock(raw))
        case .notifyChannel: return .text(try Self.columnName(Self.nameText(raw)))
        case .path: return .text(try Self.path(raw))
        }
    }
}
