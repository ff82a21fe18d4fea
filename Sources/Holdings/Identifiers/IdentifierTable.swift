/// The map between the warehouse's ids and dense indexes 0, 1, 2, ….
///
/// Ids are kept as the bytes of PostgreSQL's binary format, so that two ids are the same exactly when PostgreSQL keeps
/// them the same (`String` would merge canonically equivalent texts), and are written back byte for byte. A numeric is an id
/// as a whole number without decimals, in which form equal numbers have equal bytes.
/// As long as ids come in ascending order, as they do from a table that was loaded by id, nothing is hashed: they are
/// found by halving. Memory is the ids' bytes, 8 more for each text, and at most 22 for each once ids are hashed.
public struct IdentifierTable: Sendable {
    /// SQL type of the ids.
    public let type: IdentifierType
    /// Number of ids.
    public var count: Int { ids.count }

    private var ids: IdentifierList
    /// Open addressing with linear probing.
    ///
    /// A power of two, at most three quarters full. None until an id comes that is neither the greatest so far nor next to
    /// the last answer.
    private var buckets: [Bucket] = []
    private var isAscending = true
    /// Rows of one client usually come together, and those of the next one after them, so the last answer and its
    /// successor are worth a comparison.
    private var lastIndex = 0

    private let seed = HashSeed.ofProcess
    private let longest: Int

    /// Where an id is found by its hash.
    private struct Bucket {
        /// Tells nearly all other ids apart without a look at their bytes, which are far away in memory.
        var hash: UInt32 = 0
        /// -1 is empty.
        var index: Int32 = -1
    }

    /// Creates an empty table.
    ///
    /// - Parameters:
    ///   - type: SQL type of the ids.
    ///   - longest: The most bytes that an id may have.
    public init(type: IdentifierType, longest: Int = .max) {
        self.type = type
        self.longest = longest
        ids = IdentifierList(byteCount: type.byteCount)
    }

    /// The index of an id, adding it if it is new.
    ///
    /// - Parameter key: The id in PostgreSQL's binary format.
    /// - Throws: `IdentifierError` if the bytes are not an id of the table's type: text that is not UTF-8, which a database
    ///   with encoding SQL_ASCII can hold, a number that is not whole, or a wrong length.
    /// - Complexity: O(length of the id), amortized.
    package mutating func insert(_ key: UnsafeRawBufferPointer) throws -> Int32 {
        for candidate in lastIndex..<min(lastIndex + 2, count) where ids.isEqual(candidate, key) {
            lastIndex = candidate
            return Int32(candidate)
        }
        if buckets.isEmpty {
            try validate(key)
            if isGreatest(key) { return try append(key) }
            hashAll()
        }
        let hash = key.identifierHash(seed)
        let bucket = bucket(of: key, hash)
        guard buckets[bucket].index < 0 else {
            lastIndex = Int(buckets[bucket].index)
            return buckets[bucket].index
        }
        let index = try append(key)
        buckets[bucket] = Bucket(hash: hash, index: index)
        if count * 4 > buckets.count * 3 { grow() }
        return index
    }

    /// The indexes of ids, adding those that are new: the same as inserting one after the other.
    ///
    /// - Throws: `IdentifierError` if the bytes of one are not an id of the table's type; those before it are added.
    /// - Complexity: O(bytes of the ids), amortized.
    package mutating func insert(_ batch: IdentifierBatch) throws -> [Int32] {
        var indexes = knownIndexes(batch)
        for place in indexes.indices where indexes[place] < 0 {
            indexes[place] = try batch.keys.withBytes(at: place) { try insert($0) }
        }
        return indexes
    }

    /// The index of an id, or nil if it is not in the table.
    ///
    /// - Complexity: O(length of the id), times log(count) in a table whose ids ascend.
    package func index(of key: UnsafeRawBufferPointer) -> Int32? {
        guard isValid(key) else { return nil }
        guard buckets.isEmpty else {
            let index = buckets[bucket(of: key, key.identifierHash(seed))].index
            return index < 0 ? nil : index
        }
        var (lower, upper) = (0, count)
        while lower < upper {
            let middle = (lower + upper) / 2
            if ids.withBytes(at: middle, { type.areAscending($0, key) }) { lower = middle + 1 } else { upper = middle }
        }
        return lower < count && ids.isEqual(lower, key) ? Int32(lower) : nil
    }

    /// The index of an id given as text, as people write it; nil if it is not in the table or not an id of its type.
    public func index(ofText text: String) -> Int32? {
        switch type {
        case .bigint:
            guard let value = Int64(text) else { return nil }
            return withUnsafeBytes(of: value.bigEndian) { index(of: $0) }
        case .numeric:
            return NumericBytes.bytes(ofText: text).flatMap { bytes in bytes.withUnsafeBytes { index(of: $0) } }
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
            case .bigint: String(Int64(bitPattern: key.bigEndianWord(at: 0)))
            case .numeric: NumericBytes(key)?.text ?? ""
            case .text: String(decoding: key, as: UTF8.self)  // validated when it was inserted
            case .uuid: Self.uuidText(key)
            }
        }
    }

    /// Calls `body` with the id's bytes in PostgreSQL's binary format.
    package func withBytes<Result>(
        at index: Int32, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try ids.withBytes(at: Int(index), body)
    }

    /// The same ids in ascending order: numbers by value, text and uuid by bytes (collation "C").
    ///
    /// - Returns: The sorted table, and for every old index the new one.
    /// - Complexity: O(count) for ids that ascend, for numbers that fit bigint, and for texts that differ early;
    ///   O(bytes · log(count)) at worst.
    package func sorted() -> (table: IdentifierTable, newIndexes: [Int32]) {
        var table = IdentifierTable(type: type)
        guard !isAscending else {
            table.ids = ids
            return (table, Array(0..<Int32(count)))
        }
        let order = IdentifierSort.order(of: self)
        table.ids = ids.reordered(order)
        var newIndexes = [Int32](repeating: 0, count: count)
        for (newIndex, oldIndex) in order.enumerated() { newIndexes[Int(oldIndex)] = Int32(newIndex) }
        return (table, newIndexes)
    }

    // MARK: Parts

    private var mask: Int { buckets.count - 1 }

    /// The bucket of an id, or the empty one where it belongs.
    private func bucket(of key: UnsafeRawBufferPointer, _ hash: UInt32) -> Int {
        var bucket = Int(hash) & mask
        while buckets[bucket].index >= 0 {
            if buckets[bucket].hash == hash, ids.isEqual(Int(buckets[bucket].index), key) { break }
            bucket = (bucket + 1) & mask
        }
        return bucket
    }

    /// The indexes of ids as far as they are in a table that has buckets; -1 for others.
    ///
    /// Step by step for all of them: in no step does the next id have to wait for what is read for the one before.
    private func knownIndexes(_ batch: IdentifierBatch) -> [Int32] {
        guard !buckets.isEmpty else { return [Int32](repeating: -1, count: batch.keys.count) }
        return batch.keys.withView { keys in
            buckets.withUnsafeBufferPointer { buckets in
                let hashes = (0..<keys.count).map { keys[$0].identifierHash(seed) }
                let homes = hashes.map { buckets[Int($0) & mask] }
                var indexes = zip(hashes, homes).map { hash, home in
                    var (bucket, entry) = (Int(hash), home)
                    while entry.index >= 0, entry.hash != hash {
                        bucket += 1
                        entry = buckets[bucket & mask]
                    }
                    return entry.index
                }
                ids.withView { ids in
                    for place in indexes.indices where indexes[place] >= 0 {
                        if !ids[Int(indexes[place])].hasSameBytes(as: keys[place]) { indexes[place] = -1 }
                    }
                }
                return indexes
            }
        }
    }

    private mutating func hashAll() {
        var bucketCount = 64
        while count * 4 > bucketCount * 3 { bucketCount *= 2 }
        buckets = [Bucket](repeating: Bucket(), count: bucketCount)
        for index in 0..<count {
            place(Bucket(hash: ids.withBytes(at: index) { $0.identifierHash(seed) }, index: Int32(index)))
        }
    }

    private mutating func grow() {
        let old = buckets
        buckets = [Bucket](repeating: Bucket(), count: old.count * 2)
        for bucket in old where bucket.index >= 0 { place(bucket) }
    }

    /// Puts an id that is in no bucket as yet into one.
    private mutating func place(_ entry: Bucket) {
        var bucket = Int(entry.hash) & mask
        while buckets[bucket].index >= 0 { bucket = (bucket + 1) & mask }
        buckets[bucket] = entry
    }

    private mutating func append(_ key: UnsafeRawBufferPointer) throws -> Int32 {
        try validate(key)
        if type == .text, String(validating: key, as: UTF8.self) == nil {
            throw IdentifierError(
                .invalidText,
                "an id is not valid UTF-8, as happens in a database with encoding SQL_ASCII;"
                    + " re-encode the column or convert it in a query")
        }
        isAscending = isAscending && isGreatest(key)
        lastIndex = count
        ids.append(key)
        return Int32(lastIndex)
    }

    /// Whether an id comes after the last one.
    ///
    /// - Precondition: It is an id of the type.
    private func isGreatest(_ key: UnsafeRawBufferPointer) -> Bool {
        count == 0 || ids.withBytes(at: count - 1) { type.areAscending($0, key) }
    }

    @inline(__always)
    private func isValid(_ key: UnsafeRawBufferPointer) -> Bool {
        if type == .numeric { return NumericBytes(key)?.isWhole ?? false }
        return key.count == type.byteCount ?? key.count
    }

    private func validate(_ key: UnsafeRawBufferPointer) throws {
        guard isValid(key) else {
            guard type == .numeric else {
                throw IdentifierError(.invalidLength, "an id of type \(type.rawValue) came with \(key.count) bytes")
            }
            throw IdentifierError(.notWhole, "an id is not a whole number", example: NumericBytes(key)?.text)
        }
        guard key.count <= longest else {
            throw IdentifierError(
                .tooLong, "an id has \(key.count) bytes, and a key of PostgreSQL has room for \(longest)",
                example: type == .text ? String(decoding: key.prefix(128), as: UTF8.self).prefix(24) + "…" : nil)
        }
    }

    private static func uuidText(_ key: UnsafeRawBufferPointer) -> String {
        let digits = key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16]
        return groups.map { digits[$0].joined() }.joined(separator: "-")
    }
}
