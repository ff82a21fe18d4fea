extension KernelBody {
    /// The body of the search for lanes with a number of columns.
    @inlinable @inline(__always)
    public static func lanes(
        having count: Int, of columns: BitColumns, blocks: Range<Int>, into positions: UnsafeMutablePointer<Int32>
    ) -> Int {
        // As many digits as the number of columns has; few queries need more than three, and very few more than five.
        switch Int.bitWidth &- columns.count.leadingZeroBitCount {
        case ...2: lanes(having: count, of: columns, DigitCount<2>.self, blocks, positions)
        case 3: lanes(having: count, of: columns, DigitCount<3>.self, blocks, positions)
        case 4: lanes(having: count, of: columns, DigitCount<4>.self, blocks, positions)
        case 5: lanes(having: count, of: columns, DigitCount<5>.self, blocks, positions)
        case 6...10: lanes(having: count, of: columns, DigitCount<10>.self, blocks, positions)
        default: lanes(having: count, of: columns, DigitCount<31>.self, blocks, positions)
        }
    }

    /// Adds up the columns of 512 lanes at once: one vector has the lowest digit of all their sums, the next one the
    /// second, and so on.
    @inlinable @inline(__always)
    static func lanes<let digitCount: Int>(
        having count: Int, of columns: BitColumns, _: DigitCount<digitCount>.Type, _ blocks: Range<Int>,
        _ positions: UnsafeMutablePointer<Int32>
    ) -> Int {
        let starts = columns.starts
        // All ones where the digit of the number that is looked for is 0.
        var inverted = InlineArray<digitCount, SIMD8<UInt64>>(repeating: .zero)
        for digit in 0..<digitCount where count >> digit & 1 == 0 {
            inverted[unchecked: digit] = SIMD8(repeating: .max)
        }
        var found = 0
        for block in blocks {
            var digits = InlineArray<digitCount, SIMD8<UInt64>>(repeating: .zero)
            var column = 0
            while column &+ 1 < columns.count {
                // Three ones add up to a digit and a carry.
                let (first, second, sum) = (starts[column][block], starts[column &+ 1][block], digits[unchecked: 0])
                let either = first ^ second
                digits[unchecked: 0] = either ^ sum
                var carry = (first & second) | (either & sum)
                for digit in 1..<digitCount {
                    let next = digits[unchecked: digit] & carry
                    digits[unchecked: digit] ^= carry
                    carry = next
                }
                column &+= 2
            }
            if column < columns.count {
                var carry = starts[column][block]
                for digit in 0..<digitCount {
                    let next = digits[unchecked: digit] & carry
                    digits[unchecked: digit] ^= carry
                    carry = next
                }
            }
            var matches = SIMD8<UInt64>(repeating: .max)
            for digit in 0..<digitCount { matches &= digits[unchecked: digit] ^ inverted[unchecked: digit] }
            guard any(matches .!= .zero) else { continue }
            for word in 0..<8 {
                var rest = matches[word]
                let first = block &* BitColumns.laneCount &+ word &* 64
                while rest != 0 {
                    positions[found] = Int32(truncatingIfNeeded: first &+ rest.trailingZeroBitCount)
                    rest &= rest &- 1
                    found &+= 1
                }
            }
        }
        return found
    }
}
