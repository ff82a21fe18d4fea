/// PostgreSQL's own hash functions with a seed, as in `hashint8extended`.
///
/// Partitions by hash rely on them, so they are the same in every version of the server. Sums of them are compared on both
/// sides without sending the rows back. Source: `hash_bytes_extended` in src/common/hashfn.c, which is Bob Jenkins' lookup3.
enum ServerHash {
    /// `hashint8extended`.
    static func hash(_ value: Int64, seed: UInt64) -> UInt64 {
        let high = UInt32(truncatingIfNeeded: value >> 32)
        return hash(UInt32(truncatingIfNeeded: value) ^ (value >= 0 ? high : ~high), seed: seed)
    }

    /// `hashfloat8extended`; not for NaN.
    static func hash(_ value: Double, seed: UInt64) -> UInt64 {
        // 0 and -0 are equal.
        value == 0 ? seed : withUnsafeBytes(of: value.bitPattern.littleEndian) { hash($0, seed: seed) }
    }

    /// `hashcharextended`, for ASCII.
    static func hash(_ value: CharField, seed: UInt64) -> UInt64 {
        hash(UInt32(value.byte), seed: seed)
    }

    /// `hash_array_extended` of an array with one id: its text in UTF-8, whatever its type and the database's encoding.
    static func hash(id text: String, seed: UInt64) -> UInt64 {
        var text = text
        return 31 &+ text.withUTF8 { hash(UnsafeRawBufferPointer($0), seed: seed) }
    }

    /// `hashvarlenaextended` of bytes.
    static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        var state = State(length: bytes.count, seed: seed)
        var start = 0
        while bytes.count - start >= 12 {
            state.add(bytes.word(at: start), bytes.word(at: start + 4), bytes.word(at: start + 8))
            state.mix()
            start += 12
        }
        // The lowest byte of the last word is kept for the length.
        state.add(bytes.word(at: start), bytes.word(at: start + 4), bytes.word(at: start + 8) << 8)
        return state.finish()
    }

    private static func hash(_ value: UInt32, seed: UInt64) -> UInt64 {
        var state = State(length: 4, seed: seed)
        state.add(value, 0, 0)
        return state.finish()
    }

    private struct State {
        private var a: UInt32
        private var b: UInt32
        private var c: UInt32

        init(length: Int, seed: UInt64) {
            a = 0x9e37_79b9 &+ UInt32(truncatingIfNeeded: length) &+ 3_923_095
            b = a
            c = a
            guard seed != 0 else { return }
            add(UInt32(seed >> 32), UInt32(truncatingIfNeeded: seed), 0)
            mix()
        }

        mutating func add(_ first: UInt32, _ second: UInt32, _ third: UInt32) {
            a &+= first
            b &+= second
            c &+= third
        }

        mutating func mix() {
            (a, c) = ((a &- c) ^ c.rotated(4), c &+ b)
            (b, a) = ((b &- a) ^ a.rotated(6), a &+ c)
            (c, b) = ((c &- b) ^ b.rotated(8), b &+ a)
            (a, c) = ((a &- c) ^ c.rotated(16), c &+ b)
            (b, a) = ((b &- a) ^ a.rotated(19), a &+ c)
            (c, b) = ((c &- b) ^ b.rotated(4), b &+ a)
        }

        mutating func finish() -> UInt64 {
            c = (c ^ b) &- b.rotated(14)
            a = (a ^ c) &- c.rotated(11)
            b = (b ^ a) &- a.rotated(25)
            c = (c ^ b) &- b.rotated(16)
            a = (a ^ c) &- c.rotated(4)
            b = (b ^ a) &- a.rotated(14)
            c = (c ^ b) &- b.rotated(24)
            return UInt64(b) << 32 | UInt64(c)
        }
    }
}

extension UInt32 {
    fileprivate func rotated(_ bits: UInt32) -> UInt32 { self << bits | self >> (32 - bits) }
}

extension UnsafeRawBufferPointer {
    /// Four bytes, the first the lowest; zeros beyond the end.
    fileprivate func word(at start: Int) -> UInt32 {
        if start + 4 <= count { return UInt32(littleEndian: loadUnaligned(fromByteOffset: start, as: UInt32.self)) }
        return (start..<Swift.max(start, count)).reduce(0) { $0 | UInt32(self[$1]) << (8 * UInt32($1 - start)) }
    }
}
