/// Orders products by score, in memory that is used again and again.
///
/// Hundreds or thousands of products have a score for every portfolio. Digits are counted instead of comparing, where that
/// is faster.
struct ScoreOrder {
    /// A product with its score.
    struct Entry {
        /// The lower the higher the score: bits of positive numbers are in the order of the numbers.
        fileprivate let key: UInt64
        let product: Int32
        fileprivate let place: Int32

        var score: Double { Double(bitPattern: ~key) }
    }

    /// Below, comparing is faster than going over all digits.
    private static let leastToCount = 128
    private static let digitBits = 11
    private static let digitCount = 3

    private var entries: [Entry] = []
    private var moved: [Entry] = []

    /// Forgets all products.
    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
    }

    /// Adds a product.
    ///
    /// - Parameter score: Above 0 and finite.
    mutating func append(_ product: Int32, score: Double) {
        entries.append(Entry(key: ~score.bitPattern, product: product, place: Int32(entries.count)))
    }

    /// The products by score descending; those with equal scores in the order in which they were added.
    ///
    /// - Complexity: O(n), O(n log n) where most scores differ in their last digits only.
    mutating func sorted() -> [Entry] {
        guard entries.count >= Self.leastToCount else {
            entries.withUnsafeMutableBufferPointer(Self.sort)
            return entries
        }
        let lowest = entries.reduce(UInt64.max) { min($0, $1.key) }
        let range = entries.reduce(0) { max($0, $1.key - lowest) }
        let shift = max(0, UInt64.bitWidth - range.leadingZeroBitCount - Self.digitCount * Self.digitBits)
        moved.removeAll(keepingCapacity: true)
        moved.append(contentsOf: entries)
        for digit in 0..<Self.digitCount {
            Self.sort(entries, into: &moved, byDigitAt: shift + digit * Self.digitBits, above: lowest)
            swap(&entries, &moved)
        }
        if shift > 0 { sortRuns { ($0.key - lowest) >> shift } }
        return entries
    }

    /// Sorts by one digit, keeping the order of entries with the same.
    private static func sort(_ entries: [Entry], into moved: inout [Entry], byDigitAt shift: Int, above lowest: UInt64)
    {
        func digit(_ entry: Entry) -> Int {
            Int(truncatingIfNeeded: (entry.key &- lowest) >> UInt64(shift)) & (1 << digitBits - 1)
        }
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 1 << digitBits) { places in
            places.initialize(repeating: 0)
            for entry in entries { places[digit(entry)] += 1 }
            var next: Int32 = 0
            for digit in places.indices { (places[digit], next) = (next, next + places[digit]) }
            for entry in entries {
                let digit = digit(entry)
                moved[Int(places[digit])] = entry
                places[digit] += 1
            }
        }
    }

    /// Sorts those that are next to each other and equal in all digits that were looked at.
    private mutating func sortRuns(_ digits: (Entry) -> UInt64) {
        entries.withUnsafeMutableBufferPointer { entries in
            var start = 0
            while start < entries.count {
                var end = start + 1
                while end < entries.count, digits(entries[end]) == digits(entries[start]) { end += 1 }
                if end - start > 1 { Self.sort(&entries[start..<end]) }
                start = end
            }
        }
    }

    private static func sort(_ entries: inout some RandomAccessCollection<Entry> & MutableCollection<Entry>) {
        entries.sort { ($0.key, $0.place) < ($1.key, $1.place) }
    }
}
