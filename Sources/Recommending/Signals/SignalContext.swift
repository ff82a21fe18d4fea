/// What signals need to know beside today's holdings.
public struct SignalContext: Sendable {
    /// What clients have lately added; nothing where that is not known.
    public var recent: RecentAdditions?
    /// The segment of every client, from 0, -1 for unknown; nothing where no segments are mapped.
    public var segmentOfClient: [Int32]?
    /// λ of EASE.
    public var easeLambda: Double

    /// Creates a context.
    public init(recent: RecentAdditions? = nil, segmentOfClient: [Int32]? = nil, easeLambda: Double = 500) {
        self.recent = recent
        self.segmentOfClient = segmentOfClient
        self.easeLambda = easeLambda
    }
}
