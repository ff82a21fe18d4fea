internal import DistanceKernels

/// Some of the portfolios, spread evenly over the search order, in lanes of their own: what a query scores with them tells
/// what floor to expect among all.
struct LaneSample: Sendable {
    private static let groupLimit = 64
    /// Portfolios for each of the sample, at least: a larger sample would cost more than it saves.
    private static let leastStride = 4

    let level: LaneIndex.Level
    /// The groups, ascending.
    let groups: AlignedMemory<Int32>
    /// The groups that are looked at one after the other: what the first score limits the hits among the others.
    let stages: [Range<Int>]
    private let stride: Int
    /// The clients of the sample among all.
    private let share: Double

    init(_ portfolios: OrderedPortfolios, productCount: Int) {
        let groupCount = min(Self.groupLimit, portfolios.count / (Self.leastStride * LaneGroups.laneCount))
        let laneCount = groupCount * LaneGroups.laneCount
        let stride = portfolios.count / max(1, laneCount)
        level = LaneIndex.Level(laneCount: laneCount, productCount: productCount)
        groups = AlignedMemory(copying: (0..<Int32(groupCount)).map(\.self))
        stages = groupCount < 8 ? [0..<groupCount] : [0..<(groupCount / 8), (groupCount / 8)..<groupCount]
        for lane in 0..<laneCount { level.set(portfolios[lane * stride], ofLane: lane) }
        let clients = (0..<laneCount).reduce(0) { $0 + Int(portfolios.clients.start[$1 * stride]) }
        let allClients = (0..<portfolios.count).reduce(0) { $0 + Int(portfolios.clients.start[$1]) }
        self.stride = stride
        share = Double(clients) / Double(max(1, allClients))
    }

    /// The place of a lane in the search order.
    func position(ofLane lane: Int) -> Int { lane * stride }

    /// The rank in the sample, up to the end of a stage, that the nearest clients are expected not to exceed.
    ///
    /// As many clients as are expected and three standard deviations: about one query in a thousand has more.
    func rank(ofClients k: Int, stage: Int) -> Int {
        let last = Self.withMargin(Double(k) * share)
        if stage == stages.count - 1 { return Int(last) }
        return Int(Self.withMargin(last * Double(stages[stage].upperBound) / Double(level.groupCount)))
    }

    private static func withMargin(_ count: Double) -> Double { (count + 3 * count.squareRoot() + 1).rounded(.up) }
}
