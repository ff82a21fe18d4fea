#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The bytes of ids, compared and hashed by words.
extension UnsafeRawBufferPointer {
    /// Eight bytes as a number, the first one the highest.
    ///
    /// - Precondition: They lie within the buffer.
    @inline(__always)
    func bigEndianWord(at offset: Int) -> UInt64 {
        UInt64(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Eight bytes from any offset as a number, the first one the highest; those beyond the end are 0.
    func paddedBigEndianWord(at offset: Int) -> UInt64 {
        guard offset + 8 > count else { return bigEndianWord(at: offset) }
        let missing = offset + 8 - count
        guard count < 8 else { return bigEndianWord(at: count - 8) << (8 * missing) }
        return reduce(0) { $0 << 8 | UInt64($1) } << (8 * missing)
    }

    /// Whether two ids are the same.
    @inline(__always)
    func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count, let left = baseAddress, let right = other.baseAddress else {
            return count == other.count
        }
        // A call for the one word of a bigint would take longer than the comparison.
        guard count != 8 else { return left.loadUnaligned(as: UInt64.self) == right.loadUnaligned(as: UInt64.self) }
        return memcmp(left, right, count) == 0
    }

    /// Whether the bytes come before others; what others begin with comes before them.
    func precedes(_ other: UnsafeRawBufferPointer) -> Bool {
        guard let left = baseAddress, let right = other.baseAddress else { return count < other.count }
        let order = memcmp(left, right, Swift.min(count, other.count))
        return order != 0 ? order < 0 : count < other.count
    }

    /// A hash, of which the lowest bits are as good as the others.
    ///
    /// Each two words are multiplied, and the halves of the product folded, as in wyhash (Wang Yi) and foldhash (Orson
    /// Peters): a few nanoseconds where `Hasher` takes twenty. Seeded by the process, so that nobody can choose ids that
    /// collide.
    @inline(__always)
    func identifierHash(_ seed: HashSeed) -> UInt32 {
        let hash =
            count == 8 ? Self.fold(loadUnaligned(as: UInt64.self) ^ seed.first, seed.second) : longHash(seed)
        return UInt32(truncatingIfNeeded: hash)
    }

    private func longHash(_ seed: HashSeed) -> UInt64 {
        var hash = seed.first ^ UInt64(count)
        var offset = 0
        while offset < count {
            let (first, second) = (paddedBigEndianWord(at: offset), paddedBigEndianWord(at: offset + 8))
            hash = Self.fold(first ^ hash, second ^ seed.second)
            offset += 16
        }
        return Self.fold(hash ^ seed.second, seed.first)
    }

    @inline(__always)
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}

/// What ids are hashed with.
struct HashSeed: Sendable {
    // Odd, so that no factor loses bits.
    fileprivate let first = UInt64.random(in: .min ... .max) | 1
    fileprivate let second = UInt64.random(in: .min ... .max) | 1

    static let ofProcess = HashSeed()

    private init() {}
}

extension IdentifierType {
    /// Whether an id is less than another one: numbers by value, text and uuid by bytes (collation "C").
    ///
    /// - Precondition: Both are ids of the type.
    func areAscending(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .bigint: Int64(bitPattern: left.bigEndianWord(at: 0)) < Int64(bitPattern: right.bigEndianWord(at: 0))
        case .numeric:
            if let left = NumericBytes(left), let right = NumericBytes(right) { left.precedes(right) } else { false }
        case .text, .uuid: left.precedes(right)
        }
    }
}
