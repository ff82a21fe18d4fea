/// A numeric as binary COPY has it, in the memory of its row.
///
/// The format is that of `numeric_send` in PostgreSQL's `src/backend/utils/adt/numeric.c`: four numbers of 16 bits (how
/// many groups of digits, the weight of the first, the sign, and how many decimals are shown), then the groups.
public struct BinaryNumeric {
    /// What sort of number it is.
    public enum Kind: Sendable {
        /// A number.
        case finite
        /// `NaN`.
        case notANumber
        /// `Infinity` or `-Infinity`, which are there since PostgreSQL 14.
        case infinite
    }

    /// What sort of number it is.
    public let kind: Kind
    /// Whether it is below 0.
    public let isNegative: Bool
    /// The power of 10000 that the first group of digits counts.
    public let weight: Int16
    /// Groups of four digits.
    public let count: Int
    @usableFromInline
    let bytes: UnsafeRawBufferPointer

    @usableFromInline
    static var headerByteCount: Int { 8 }

    /// Nil for bytes that are no numeric.
    @inlinable
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.headerByteCount else { return nil }
        count = Int(bytes.bigEndian(at: 0, as: UInt16.self))
        weight = bytes.bigEndian(at: 2, as: Int16.self)
        switch bytes.bigEndian(at: 4, as: UInt16.self) {
        case 0x0000: (kind, isNegative) = (.finite, false)
        case 0x4000: (kind, isNegative) = (.finite, true)
        case 0xC000: (kind, isNegative) = (.notANumber, false)
        case 0xD000: (kind, isNegative) = (.infinite, false)
        case 0xF000: (kind, isNegative) = (.infinite, true)
        default: return nil
        }
        self.bytes = bytes
        guard bytes.count == Self.headerByteCount + 2 * count else { return nil }
        for index in 0..<count where self[index] < 0 || self[index] > 9999 { return nil }
    }

    /// A group of four digits, 0...9999.
    @inlinable
    public subscript(index: Int) -> Int16 { bytes.bigEndian(at: Self.headerByteCount + 2 * index, as: Int16.self) }
}

extension BinaryCopyRow {
    /// A numeric, or `nil` for NULL.
    ///
    /// - Throws: ``PostgresError/Code/decoding`` if the field is none.
    @inlinable
    public func numeric(_ index: Int) throws(PostgresError) -> BinaryNumeric? {
        guard let bytes = self[index] else { return nil }
        guard let numeric = BinaryNumeric(bytes) else { throw notNumeric(index) }
        return numeric
    }

    @usableFromInline
    func notNumeric(_ index: Int) -> PostgresError {
        .binaryCopy("row \(number), field \(index + 1) is not a numeric")
    }
}
