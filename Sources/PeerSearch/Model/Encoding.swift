/// How the amounts of a portfolio become the vector whose distances are measured.
///
/// Vectors have one column per product; a product that is not held is 0. All values are finite and not negative.
public enum Encoding: String, Sendable, Hashable, Codable, CaseIterable {
    /// 1 for every held product.
    case binary
    /// The summed amount as it is.
    case amount
    /// ln(1 + amount).
    case log
    /// The amount divided by the sum of the client's amounts, 0...1.
    case share
}
