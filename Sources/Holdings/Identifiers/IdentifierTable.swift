#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The map between the warehouse's ids and dense indexes 0, 1, 2, ….
///
/// Ids are kept as the bytes of PostgreSQL's binary format, so that two ids are the same exactly when PostgreSQL keeps
/// them the same (`String` would merge canonically equivalent texts), and are written back byte for byte.
/// Memory is the ids' bytes plus at most 24 bytes for each.
public struct IdentifierTable: Sendable {
    /// SQL type of the ids.
    public let type: IdentifierType

    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// Open addressing with linear probing; -1 is empty.
    ///
    /// A power of two, at most three quarters full.
    private var buckets: [Int32]
    /// Rows of one client usually come together, so the last answer is worth a comparison.
    private var lastIndex: Int32 = -1

    /// Creates an empty table.
    public init(type: IdentifierType) {
        self.type = type
        buckets = [Int32](repeating: -1, count: 64)
    }

    /// Number of ids.
    public var count: Int { ends.count }

    /// The index of an id, adding it if it is new.
    ///
    /// - Parameter key: The id in PostgreSQL's binary format.
    /// - Throws: `IdentifierError` if the bytes are not an id of the table's type: text that is not UTF-8, which a database
    ///   with encoding SQL_ASCII can hold, or a wrong length.
    /// - Complexity: O(length of the id), amortized.
    package mutating func insert(_ key: UnsafeRawBufferPointer) throws -> Int32 {
        if lastIndex >= 0, isEqual(lastIndex, key) { return lastIndex }
        var bucket = firstBucket(for: key)
        while buckets[bucket] >= 0 {
            let candidate = buckets[bucket]
            if isEqual(candidate, key) {
                lastIndex = candidate
                return candidate
            }
            bucket = (bucket + 1) & (buckets.count - 1)
        }
        try validate(key)
        let index = Int32(ends.count)
        bytes.append(contentsOf: key)
        ends.append(bytes.count)
        buckets[bucket] = index
        if ends.count * 4 > buckets.count * 3 { grow() }
        lastIndex = index
        return index
    }

    /// The index of an id, or nil if it is not in the table.
    package func index(of key: UnsafeRawBufferPointer) -> Int32? {
        var bucket = firstBucket(for: key)
        while buckets[bucket] >= 0 {
            if isEqual(buckets[bucket], key) { return buckets[bucket] }
            bucket = (bucket + 1) & (buckets.count - 1)
        }
        return nil
    }

    /// The index of an id given as text, as people write it; nil if it is not in the table or not an id of its type.
    public func index(ofText text: String) -> Int32? {
        switch type {
        case .bigint:
            guard let value = Int64(text) else { return nil }
            return withUnsafeBytes(of: value.bigEndian) { index(of: $0) }
        case .text:
            return Array(text.utf8).withUnsafeBytes { index(of: $0) }
        case .uuid:
            let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }.map {
                UInt8(String(UnicodeScalar($0)), radix: 16)
            }
            guard digits.count == 32, !digits.contains(nil) else { return nil }
            let nibbles = digits.compactMap(\.self)
            let uuid = stride(from: 0, to: 32, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
            return uuid.withUnsafeBytes { index(of: $0) }
        }
    }

    /// The id at an index as people read it.
    ///
    /// For text it is the id itself.
    public func text(at index: Int32) -> String {
        withBytes(at: index) { key in
            switch type {
            case .bigint: String(Int64(bitPattern: bigEndian(key)))
            case .text: String(decoding: key, as: UTF8.self)  // validated when it was inserted
            case .uuid: Self.uuidText(key)
            }
        }
    }

    /// Calls `body` with the id's bytes in PostgreSQL's binary format.
    package func withBytes<Result>(
        at index: Int32, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        let range = range(of: index)
        return try bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// The same ids in ascending order: bigint by value, text and uuid by bytes (collation "C").
    ///
    /// - Returns: The sorted table, and for every old index the new one.
    package func sorted() -> (table: IdentifierTable, newIndexes: [Int32]) {
        var order = Array(0..<Int32(count))
        if isAscending { return (self, order) }
        bytes.withUnsafeBytes { all in
            if type == .bigint {
                let values = order.map {
                    Int64(bitPattern: bigEndian(UnsafeRawBufferPointer(rebasing: all[range(of: $0)])))
                }
                order.sort { values[Int($0)] < values[Int($1)] }
            } else {
                order.sort { all[range(of: $0)].lexicographicallyPrecedes(all[range(of: $1)]) }
            }
        }
        var table = IdentifierTable(type: type)
        table.bytes.reserveCapacity(bytes.count)
        table.ends.reserveCapacity(count)
        var newIndexes = [Int32](repeating: 0, count: count)
        for (newIndex, oldIndex) in order.enumerated() {
            table.bytes.append(contentsOf: bytes[range(of: oldIndex)])
            table.ends.append(table.bytes.count)
            newIndexes[Int(oldIndex)] = Int32(newIndex)
        }
        table.buckets = [Int32](repeating: -1, count: buckets.count)
        table.rehash()
        return (table, newIndexes)
    }

    // MARK: Parts

    private func range(of index: Int32) -> Range<Int> {
        (index == 0 ? 0 : ends[Int(index) - 1])..<ends[Int(index)]
    }

    /// Whether the ids came in ascending order, as they do from a table that was loaded by id: nothing to sort then.
    private var isAscending: Bool {
        bytes.withUnsafeBytes { all in
            (0..<Int32(count)).dropFirst().allSatisfy { index in
                let key = UnsafeRawBufferPointer(rebasing: all[range(of: index)])
                let before = UnsafeRawBufferPointer(rebasing: all[range(of: index - 1)])
                return type == .bigint
                    ? Int64(bitPattern: bigEndian(before)) < Int64(bitPattern: bigEndian(key))
                    : before.lexicographicallyPrecedes(key)
            }
        }
    }

    private func isEqual(_ index: Int32, _ key: UnsafeRawBufferPointer) -> Bool {
        let range = range(of: index)
        guard range.count == key.count else { return false }
        guard let other = key.baseAddress else { return true }
        return bytes.withUnsafeBytes { all in
            all.baseAddress.map { memcmp($0 + range.lowerBound, other, key.count) == 0 } ?? true
        }
    }

    /// Seeded by the process, so that nobody can choose ids that collide.
    private func firstBucket(for key: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: key)
        return hasher.finalize() & (buckets.count - 1)
    }

    private mutating func grow() {
        buckets = [Int32](repeating: -1, count: buckets.count * 2)
        rehash()
    }

    private mutating func rehash() {
        for index in 0..<Int32(count) {
            var bucket = withBytes(at: index) { firstBucket(for: $0) }
            while buckets[bucket] >= 0 { bucket = (bucket + 1) & (buckets.count - 1) }
            buckets[bucket] = index
        }
    }

    private func validate(_ key: UnsafeRawBufferPointer) throws {
        if let byteCount = type.byteCount {
            guard key.count == byteCount else {
                throw IdentifierError(.invalidLength, "an id of type \(type.rawValue) came with \(key.count) bytes")
            }
        } else if String(validating: key, as: UTF8.self) == nil {
            throw IdentifierError(
                .invalidText,
                "an id is not valid UTF-8, as happens in a database with encoding SQL_ASCII;"
                    + " re-encode the column or convert it in a query")
        }
    }

    private func bigEndian(_ key: UnsafeRawBufferPointer) -> UInt64 {
        UInt64(bigEndian: key.loadUnaligned(as: UInt64.self))
    }

    private static func uuidText(_ key: UnsafeRawBufferPointer) -> String {
        let digits = key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16]
        return groups.map { digits[$0].joined() }.joined(separator: "-")
    }
}
