/// A key of the configuration: its path in the file, what it may hold, what it is when nobody sets it, and what it is for.
///
/// The only declaration of a key is a property of its section. Reading, checking, the environment variable, the record
/// of a run and its reading back, the reference in the documentation and the property of ``ServiceConfiguration`` all
/// come from it; its summary is its documentation.
package struct Key<Value: Sendable>: Sendable {
    let path: String
    let format: ValueFormat<Value>
    let fallback: Value
    let changes: KeyEffect?
    let recordsDefault: Bool
    let summary: String

    /// Declares a key.
    ///
    /// - Parameters:
    ///   - path: `section.name`, `section.group.name`, or the name of a key at the top of the file.
    ///   - changes: What the value can change, where that is not what the section says.
    ///   - recordsDefault: Whether a record has the default, too. Not that of a key that came later than records: they
    ///     would not be equal to those from before it, and what was calibrated would have to be calibrated again.
    ///   - summary: One sentence for the reference.
    init(
        _ path: String, _ format: ValueFormat<Value>, default fallback: Value, changes: KeyEffect? = nil,
        recordsDefault: Bool = true, _ summary: String
    ) {
        self.path = path
        self.format = format
        self.fallback = fallback
        self.changes = changes
        self.recordsDefault = recordsDefault
        self.summary = summary
    }

    /// Declares a key that may be absent.
    init<Wrapped>(_ path: String, _ format: ValueFormat<Wrapped>, changes: KeyEffect? = nil, _ summary: String)
    where Value == Wrapped? {
        self.init(path, format.optional, default: nil, changes: changes, summary)
    }
}

/// What the value of a key can change.
package enum KeyEffect: Sendable {
    /// Only where and how fast a result is computed: not recorded.
    case nothing
    /// The result of a run.
    case result
    /// Scores, and with them what a score has come to mean: a calibration belongs to these values.
    case scores
}

/// A key of whatever type.
protocol AnyKey: Sendable {
    var path: String { get }
    var changes: KeyEffect? { get }
    var summary: String { get }
    /// What it takes, in words that fit after "expected".
    var expectation: String { get }
    /// The default as it would stand in the file, or nil for a key that is simply absent.
    var fallbackText: String? { get }

    /// Makes text from outside a file a raw value.
    func parse(_ text: String) -> UntypedValue
    /// Makes a raw value one of the key's type.
    func read(_ raw: UntypedValue) throws(ValueMismatch) -> any Sendable
    /// The effective value as a record has it.
    func written(in settings: ConfigurationSettings) -> UntypedValue
}

extension Key: AnyKey {
    var expectation: String { format.expectation }
    var fallbackText: String? { if case .text(let text, _) = format.write(fallback) { text } else { nil } }

    func parse(_ text: String) -> UntypedValue { format.parse(text) }
    func read(_ raw: UntypedValue) throws(ValueMismatch) -> any Sendable { try format.read(raw) }
    func written(in settings: ConfigurationSettings) -> UntypedValue {
        let value = format.write(settings[self])
        return !recordsDefault && value.json == format.write(fallback).json ? .nothing("") : value
    }
}

extension AnyKey {
    /// The section, or nil for a key at the top of the file.
    var section: String? { path.contains(".") ? path.split(separator: ".").first.map(String.init) : nil }

    /// The key's name within its section; `sides.buy` for one of a section inside it.
    var name: String { path.split(separator: ".", maxSplits: 1).last.map(String.init) ?? path }

    /// The environment variable that overrides the key, such as `PEERFOLIO_MODEL_K`.
    var environmentVariable: String { "PEERFOLIO_" + path.uppercased().replacing(".", with: "_") }
}
