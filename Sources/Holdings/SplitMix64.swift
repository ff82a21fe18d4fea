/// The generator of Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
///
/// Written out here instead of taken from the standard library, whose algorithms may change between versions: a demo, a
/// split and an interval are the same on every machine and with every compiler.
package struct SplitMix64 {
    private var state: UInt64

    /// Creates a stream of its own for every pair of seed and index.
    package init(seed: UInt64, stream index: UInt64) {
        state = seed ^ Self.mix(index &+ 1)
    }

    /// The next 64 random bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// A number from 0 to below `bound`.
    ///
    /// The remainder favors small numbers by less than one part in 10^12 for the bounds used here.
    ///
    /// - Precondition: `bound` is at least 1.
    package mutating func next(below bound: Int) -> Int {
        Int(next() % UInt64(bound))
    }

    /// True in `perMille` of 1000 cases.
    package mutating func chance(perMille: Int) -> Bool {
        next(below: 1000) < perMille
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
