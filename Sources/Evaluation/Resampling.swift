import Holdings

/// The bootstrap over clients.
///
/// After B. Efron and R. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.
///
/// Clients are drawn with replacement, as many as there are. Whatever is computed from one resample is computed from the
/// same clients, so that differences of two methods are paired.
struct Resampling {
    /// Resamples of figures that are means over clients.
    static let replicateCount = 1000
    /// Resamples of figures of all lists together, which cost more.
    static let catalogReplicateCount = 200

    private let clientCount: Int
    private let seed: UInt64

    /// - Parameters:
    ///   - clientCount: Clients to draw from.
    ///   - seed: Resamples are the same for the same seed and number of clients.
    init(clientCount: Int, seed: UInt64) {
        self.clientCount = clientCount
        self.seed = seed
    }

    /// How often each client was drawn in a resample.
    ///
    /// - Parameter counts: Receives one number per client; their sum is the number of clients.
    func draw(_ replicate: Int, into counts: inout [Double]) {
        counts = [Double](repeating: 0, count: clientCount)
        guard clientCount > 0 else { return }
        var random = SplitMix64(seed: seed, stream: UInt64(replicate))
        counts.withUnsafeMutableBufferPointer { counts in
            for _ in 0..<counts.count { counts[random.next(below: counts.count)] += 1 }
        }
    }

    /// The weighted means of the columns of a matrix.
    ///
    /// - Parameters:
    ///   - rows: `clientCount` rows of `columnCount` numbers.
    ///   - counts: A weight per row.
    /// - Returns: One mean per column; 0 without clients.
    func means(of rows: [Double], columnCount: Int, counts: [Double]) -> [Double] {
        var sums = [Double](repeating: 0, count: columnCount)
        guard clientCount > 0 else { return sums }
        rows.withUnsafeBufferPointer { rows in
            for client in 0..<clientCount where counts[client] > 0 {
                let weight = counts[client]
                let start = client * columnCount
                for column in 0..<columnCount { sums[column] += weight * rows[start + column] }
            }
        }
        return sums.map { $0 / Double(clientCount) }
    }
}
