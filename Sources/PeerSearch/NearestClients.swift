/// Counts clients by their score, so that the score which k of them reach is known at any moment.
///
/// The counts are kept in buckets of the distance from the highest possible score, 64 to every doubling: a bucket's edge
/// is less than 1.6% away from any score in it. An insertion takes a few nanoseconds, and nothing is ever sorted.
struct NearestClients {
    private static let bucketsPerDoubling = 64
    private static let bucketCount = 16 * bucketsPerDoubling
    /// Bits of a Float below those that choose its bucket.
    private static let shift = UInt32(Float.significandBitCount - 6)
    /// The bucket that 2^-14 would have: smaller distances share the first one.
    private static let firstBucket = Int((Float(sign: .plus, exponent: -14, significand: 1)).bitPattern >> shift)

    private let k: Int
    private let counts = AlignedMemory<Int32>(repeating: 0, count: bucketCount)
    private var ceiling: Float = 0
    private var unit: Float = 1
    /// The last bucket of interest, and the clients up to it.
    private var edge = 0
    private var clientsWithin = 0
    /// The last bucket that is not empty.
    private var lastBucket = 0

    init(k: Int) {
        self.k = k
    }

    /// Forgets everything, for the next query.
    ///
    /// - Parameters:
    ///   - ceiling: The highest possible score.
    ///   - norm: What distances from it are measured in, so that most are within 2^-14...4.
    mutating func reset(ceiling: Double, norm: Double) {
        counts.start.update(repeating: 0, count: Self.bucketCount)
        self.ceiling = Float(ceiling)
        unit = norm > 0x1p-100 ? Float(1 / norm) : 1
        edge = Self.bucketCount - 1
        clientsWithin = 0
        lastBucket = 0
    }

    /// Counts clients who have a score, unless k others are known to be nearer.
    @inline(__always)
    mutating func insert(score: Float, clients: Int32) {
        let distance = max(0, ceiling - score) * unit
        let bucket = max(0, Int(distance.bitPattern >> Self.shift) &- Self.firstBucket)
        guard bucket <= edge else { return }
        counts.start[bucket] &+= clients
        clientsWithin &+= Int(clients)
        lastBucket = max(lastBucket, bucket)
    }

    /// A score that at least k of the counted clients reach, as high as the buckets tell; nothing while there are fewer.
    mutating func score() -> Double? {
        guard clientsWithin >= k else { return nil }
        edge = min(edge, lastBucket)
        while clientsWithin - Int(counts.start[edge]) >= k {
            clientsWithin -= Int(counts.start[edge])
            edge -= 1
        }
        let bound = Float(bitPattern: UInt32(edge + 1 + Self.firstBucket) << Self.shift)
        // The three roundings of a distance are within the factor.
        return Double(ceiling) - Double(bound) / Double(unit) * (1 + 0x1p-20)
    }
}
