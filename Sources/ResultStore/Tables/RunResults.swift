public import Evaluation
public import Holdings
public import Recommending

/// All that the rows of result tables are made of: what a run has read and computed.
public struct RunResults: Sendable {
    /// The ids and names of what was read.
    public var roster: Roster
    /// What was computed, for the same clients and products.
    public var recommendations: Recommendations
    /// What was not to be offered.
    public var policy: Policy
    /// What products are made of; nil when all were scored by votes alone.
    public var components: ProductComponents?
    /// Holders of each product.
    public var popularity: ProductPopularity
    /// What scores have come to mean; nil where that has not been earned.
    public var propensity: IsotonicRegression?

    /// Creates results from their parts.
    public init(
        roster: Roster, recommendations: Recommendations, policy: Policy, components: ProductComponents? = nil,
        popularity: ProductPopularity, propensity: IsotonicRegression? = nil
    ) {
        self.roster = roster
        self.recommendations = recommendations
        self.policy = policy
        self.components = components
        self.popularity = popularity
        self.propensity = propensity
    }
}
