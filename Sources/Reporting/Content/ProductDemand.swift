/// A product of the published run, and to how many clients it is suggested.
public struct ProductDemand: Sendable {
    /// Name, or the id where no name is known.
    public var name: String
    /// Clients who hold it.
    public var holders: Int
    /// Share of the clients with a portfolio who hold it, 0...1.
    public var baseRate: Double
    /// Clients it is suggested to.
    public var suggestedClients: Int
    /// Clients whose best suggestion it is.
    public var firstChoiceClients: Int
    /// Mean score where it is suggested, 0...1; nil where it is not.
    public var averageScore: Double?

    /// Creates a product's demand.
    public init(
        name: String, holders: Int, baseRate: Double, suggestedClients: Int, firstChoiceClients: Int,
        averageScore: Double?
    ) {
        self.name = name
        self.holders = holders
        self.baseRate = baseRate
        self.suggestedClients = suggestedClients
        self.firstChoiceClients = firstChoiceClients
        self.averageScore = averageScore
    }
}
