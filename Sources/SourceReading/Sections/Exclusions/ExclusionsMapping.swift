/// What the company's own SQL says must not be offered.
public struct ExclusionsMapping: Sendable, Hashable {
    /// One `SELECT` of `client_id`, `product_id` and `reason`, without a trailing semicolon; it may use `:as_of`.
    ///
    /// A NULL client or product stands for all of them.
    public var query: String

    /// Creates a mapping.
    public init(query: String) {
        self.query = query
    }
}
