/// Sorts ids by radix: eight bytes at a time as a number, from the first bytes in which any two differ.
///
/// Takes 32 bytes for each id while it sorts.
struct IdentifierSort {
    /// An id, and the eight of its bytes that are compared now.
    private struct Key {
        var word: UInt64
        var index: Int32
    }

    /// Fewer ids than this are sorted faster by comparing them.
    private static let radixLimit = 128

    private let table: IdentifierTable
    private var keys: [Key]
    /// Room for the passes of the radix sort.
    private var others: [Key]

    /// The indexes of a table's ids in ascending order of the ids: numbers by value, text and uuid by bytes.
    static func order(of table: IdentifierTable) -> [Int32] {
        var sort = IdentifierSort(table)
        sort.sort(0..<table.count)
        return sort.keys.map(\.index)
    }

    private init(_ table: IdentifierTable) {
        self.table = table
        keys = (0..<Int32(table.count)).map { Key(word: 0, index: $0) }
        others = keys
    }

    private mutating func sort(_ range: Range<Int>) {
        guard range.count >= Self.radixLimit else { return compare(range) }
        switch table.type {
        case .bigint:
            // The sign is the first bit of a value, and negative ones come first.
            for place in range { keys[place].word = word(of: keys[place], at: 0) ^ 1 << 63 }
            // A value is one word, and no two are the same.
            return sortWords(range)
        case .numeric:
            for place in range {
                let value = table.withBytes(at: keys[place].index) { NumericBytes($0)?.bigint }
                guard let value else { return compare(range) }
                keys[place].word = UInt64(bitPattern: value) ^ 1 << 63
            }
            return sortWords(range)
        case .text, .uuid: break
        }
        let offset = commonByteCount(range)
        for place in range { keys[place].word = word(of: keys[place], at: offset) }
        sortWords(range)
        var first = range.lowerBound
        for place in range where place + 1 == range.upperBound || keys[place + 1].word != keys[place].word {
            let equal = first..<place + 1
            // All are equal where texts go on with NUL, which PostgreSQL has in none.
            if equal == range { compare(range) } else if equal.count > 1 { sort(equal) }
            first = place + 1
        }
    }

    private mutating func compare(_ range: Range<Int>) {
        keys[range].sort { left, right in
            table.withBytes(at: left.index) { left in
                table.withBytes(at: right.index) { table.type.areAscending(left, $0) }
            }
        }
    }

    private func word(of key: Key, at offset: Int) -> UInt64 {
        table.withBytes(at: key.index) { $0.paddedBigEndianWord(at: offset) }
    }

    /// The bytes with which all ids of a range begin.
    private func commonByteCount(_ range: Range<Int>) -> Int {
        table.withBytes(at: keys[range.lowerBound].index) { first in
            range.reduce(first.count) { count, place in
                table.withBytes(at: keys[place].index) { other in
                    let count = min(count, other.count)
                    return (0..<count).first { first[$0] != other[$0] } ?? count
                }
            }
        }
    }

    /// Sorts a range by words, a byte at a time from the lowest.
    private mutating func sortWords(_ range: Range<Int>) {
        var counts = [Int](repeating: 0, count: 8 * 256)
        for place in range {
            for digit in 0..<8 { counts[digit * 256 + Self.value(keys[place].word, digit)] += 1 }
        }
        keys.withUnsafeMutableBufferPointer { keys in
            others.withUnsafeMutableBufferPointer { others in
                var (from, to) = (keys, others)
                for digit in 0..<8 {
                    let counts = counts[digit * 256..<(digit + 1) * 256]
                    // Most ids differ in a few bytes only.
                    if counts.contains(range.count) { continue }
                    var start = range.lowerBound
                    var next = counts.map { count in
                        defer { start += count }
                        return start
                    }
                    for place in range {
                        let value = Self.value(from[place].word, digit)
                        to[next[value]] = from[place]
                        next[value] += 1
                    }
                    swap(&from, &to)
                }
                guard from.baseAddress != keys.baseAddress else { return }
                for place in range { keys[place] = from[place] }
            }
        }
    }

    private static func value(_ word: UInt64, _ digit: Int) -> Int {
        Int(truncatingIfNeeded: word >> UInt64(8 * digit) & 0xFF)
    }
}
