/// One row of binary COPY data, in the memory of the message it came in; valid during the call that passes it on.
public struct BinaryCopyRow {
    /// The fields' bytes, `nil` for NULL.
    public let fields: UnsafeBufferPointer<UnsafeRawBufferPointer?>

    /// The number of the row, counted from 1.
    public let number: Int

    init(fields: UnsafeBufferPointer<UnsafeRawBufferPointer?>, number: Int) {
        self.fields = fields
        self.number = number
    }

    /// The bytes of a field, counted from 0, or `nil` for NULL.
    ///
    /// - Precondition: There is such a field.
    @inlinable
    public subscript(index: Int) -> UnsafeRawBufferPointer? {
        precondition(index >= 0 && index < fields.count, "the row has no such field")
        return fields[index]
    }

    /// A smallint, or `nil` for NULL.
    ///
    /// - Throws: ``PostgresError/Code/decoding`` if the field is not 2 bytes long.
    @inlinable
    public func int16(_ index: Int) throws(PostgresError) -> Int16? {
        try load(index)
    }

    /// An integer, or `nil` for NULL.
    ///
    /// - Throws: ``PostgresError/Code/decoding`` if the field is not 4 bytes long.
    @inlinable
    public func int32(_ index: Int) throws(PostgresError) -> Int32? {
        try load(index)
    }

    /// A bigint, or `nil` for NULL.
    ///
    /// - Throws: ``PostgresError/Code/decoding`` if the field is not 8 bytes long.
    @inlinable
    public func int64(_ index: Int) throws(PostgresError) -> Int64? {
        try load(index)
    }

    /// A real, NaN and infinities included, or `nil` for NULL.
    ///
    /// - Throws: ``PostgresError/Code/decoding`` if the field is not 4 bytes long.
    @inlinable
    public func float(_ index: Int) throws(PostgresError) -> Float? {
        guard let bits: UInt32 = try load(index) else { return nil }
        return Float(bitPattern: bits)
    }

    /// A double precision, NaN and infinities included, or `nil` for NULL.
    ///
    /// - Throws: ``PostgresError/Code/decoding`` if the field is not 8 bytes long.
    @inlinable
    public func double(_ index: Int) throws(PostgresError) -> Double? {
        guard let bits: UInt64 = try load(index) else { return nil }
        return Double(bitPattern: bits)
    }

    /// A boolean, or `nil` for NULL.
    ///
    /// - Throws: ``PostgresError/Code/decoding`` if the field is not one byte, 0 or 1.
    @inlinable
    public func bool(_ index: Int) throws(PostgresError) -> Bool? {
        guard let byte: UInt8 = try load(index) else { return nil }
        guard byte <= 1 else { throw lengthMismatch(index, expected: 1) }
        return byte == 1
    }

    /// A text, or `nil` for NULL.
    ///
    /// - Throws: ``PostgresError/Code/decoding`` if the bytes are not UTF-8.
    public func text(_ index: Int) throws(PostgresError) -> String? {
        guard let bytes = self[index] else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .binaryCopy("row \(number), field \(index + 1) is not valid UTF-8")
        }
        return text
    }

    @inlinable
    func load<Value: FixedWidthInteger>(_ index: Int) throws(PostgresError) -> Value? {
        guard let bytes = self[index] else { return nil }
        guard bytes.count == MemoryLayout<Value>.size else {
            throw lengthMismatch(index, expected: MemoryLayout<Value>.size)
        }
        return bytes.bigEndian(at: 0, as: Value.self)
    }

    @usableFromInline
    func lengthMismatch(_ index: Int, expected: Int) -> PostgresError {
        .binaryCopy("row \(number), field \(index + 1) is not a value of \(expected) bytes")
    }
}

extension UnsafeRawBufferPointer {
    /// Loads a big-endian integer from any offset.
    ///
    /// - Precondition: It lies within the buffer (checked in debug builds).
    @inlinable
    func bigEndian<Value: FixedWidthInteger>(at offset: Int, as type: Value.Type) -> Value {
        Value(bigEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
}
