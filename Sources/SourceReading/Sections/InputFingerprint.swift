/// A 128-bit fingerprint of everything that was read, for telling whether input has changed between runs.
///
/// Two lanes of multiply and rotate over 8-byte words, each finished as in SplitMix64 (Steele, Lea and Flood, "Fast
/// splittable pseudorandom number generators", 2014). Not cryptographic: it guards against chance, not against somebody
/// who chooses the data.
struct InputFingerprint {
    private var low: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var high: UInt64 = 0xD1B5_4A32_D192_ED03

    mutating func combine(_ word: UInt64) {
        low = Self.mix(low ^ word)
        high = (high &+ word) &* 0xFF51_AFD7_ED55_8CCD
        high = high << 31 | high >> 33
    }

    /// Adds bytes and their count, so that the border between two values matters.
    mutating func combine(_ bytes: UnsafeRawBufferPointer) {
        combine(UInt64(bytes.count))
        var offset = 0
        while offset + 8 <= bytes.count {
            combine(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset += 8
        }
        var last: UInt64 = 0
        for byte in bytes[offset...] { last = last << 8 | UInt64(byte) }
        combine(last)
    }

    mutating func combine(_ text: String?) {
        guard let text else { return combine(UInt64.max) }
        Array(text.utf8).withUnsafeBytes { combine($0) }
    }

    /// The fingerprint in 32 hexadecimal digits.
    var text: String {
        [Self.mix(low), Self.mix(high)].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    private static func mix(_ word: UInt64) -> UInt64 {
        var word = word &+ 0x9E37_79B9_7F4A_7C15
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
