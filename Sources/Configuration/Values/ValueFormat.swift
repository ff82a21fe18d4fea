/// What a key may hold, and how that is written.
///
/// Reading is stricter than YAML: only `true` and `false` are booleans and only decimal digits are numbers, so a column
/// named `no` stays a name, and `0x10`, `010`, `1e400` and `.nan` are mistakes instead of surprises.
struct ValueFormat<Value: Sendable>: Sendable {
    /// What is taken, in words that fit after "expected".
    let expectation: String
    /// Makes a raw value one of the type.
    let read: @Sendable (UntypedValue) throws(ValueMismatch) -> Value
    /// The one way in which a record has a value, however it was written; `.nothing` for one that is left out.
    ///
    /// What is read is what was written.
    let write: @Sendable (Value) -> UntypedValue
    /// Makes text from outside a file a raw value.
    let parse: @Sendable (String) -> UntypedValue

    init(
        _ expectation: String, parse: @escaping @Sendable (String) -> UntypedValue = UntypedValue.outside,
        write: @escaping @Sendable (Value) -> UntypedValue,
        read: @escaping @Sendable (UntypedValue) throws(ValueMismatch) -> Value
    ) {
        self.expectation = expectation
        self.read = read
        self.write = write
        self.parse = parse
    }

    /// The same for a value that may be absent.
    var optional: ValueFormat<Value?> {
        ValueFormat<Value?>(
            expectation, parse: parse, write: { value in value.map(write) ?? .nothing("") },
            read: { raw throws(ValueMismatch) in try read(raw) })
    }
}
