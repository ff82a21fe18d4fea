/// What was found in the rows that say what products are made of.
///
/// Products are final indexes, in the order of ids.
public struct ComponentsQuality: Sendable, Hashable {
    /// Products concerned, ascending; one entry for each occurrence.
    public typealias Products = [Int32]

    /// Products with a row whose weight is missing, negative, infinite or not a number, and products whose weights sum to
    /// 0 or beyond double precision.
    ///
    /// The former are set aside row by row, once for each; the latter have no components then.
    public internal(set) var invalidWeights: Products = []
    /// Products with a row that names the product itself, once for each; these rows are set aside.
    public internal(set) var ownComponents: Products = []
    /// Products that are, by way of others, made of themselves; they are scored by votes alone.
    public internal(set) var cycles: Products = []

    init() {}
}
