/// The scores of all products for one client by several signals.
package struct SignalScores: Sendable, Hashable {
    /// Products of the warehouse.
    package let productCount: Int
    private var values: [[Double]]

    /// Creates scores of no signal.
    package init(productCount: Int) {
        self.productCount = productCount
        values = [[Double]](repeating: [], count: Signal.allCases.count)
    }

    /// The scores by a signal, one per product; empty for a signal that nothing is known of.
    package subscript(signal: Signal) -> [Double] {
        get { values[Self.place(of: signal)] }
        set { values[Self.place(of: signal)] = newValue }
    }

    /// Writes the scores by a signal, in memory that is there already unless somebody else holds it.
    ///
    /// - Parameter write: Gets one number per product, of any value, and leaves the scores there.
    mutating func write(_ signal: Signal, _ write: (inout [Double]) throws -> Void) rethrows {
        let place = Self.place(of: signal)
        if values[place].isEmpty { values[place] = [Double](repeating: 0, count: productCount) }
        try write(&values[place])
    }

    /// The order of the cases.
    private static func place(of signal: Signal) -> Int {
        switch signal {
        case .peers: 0
        case .itemConditional: 1
        case .ease: 2
        case .popularity: 3
        case .recentPopularity: 4
        case .segmentPopularity: 5
        case .recentPeers: 6
        case .recentItemConditional: 7
        case .recentEASE: 8
        case .softmax: 9
        }
    }
}
