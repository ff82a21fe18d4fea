/// What scores tell of other numbers, which are to be rounded: an interval for each.
///
/// With s the score of a lane and t its term, the number lies within `radius + radiusFactor * t` of
/// `base - scoreFactor * s + termFactor * t`, or its square root within the roots of the ends, all of it times `scale`.
/// Ends below 0 are 0.
public struct RoundingRule {
    /// What stands for a number that an interval leaves open.
    public static let undecided = -1.0

    /// The term of each lane, by position; nothing where all are 0.
    public let terms: UnsafePointer<Double>?
    /// The middle of the interval where score and term are 0.
    public let base: Double
    /// What the score is multiplied by.
    public let scoreFactor: Double
    /// What the term is multiplied by.
    public let termFactor: Double
    /// The greatest distance from the middle where the term is 0.
    public let radius: Double
    /// What the term adds to it.
    public let radiusFactor: Double
    /// Whether the number is the square root.
    public let isRoot: Bool
    /// What the number is multiplied by before it is rounded.
    public let scale: Double

    /// Describes a rule.
    public init(
        terms: UnsafePointer<Double>?, base: Double, scoreFactor: Double, termFactor: Double, radius: Double,
        radiusFactor: Double, isRoot: Bool, scale: Double
    ) {
        self.terms = terms
        self.base = base
        self.scoreFactor = scoreFactor
        self.termFactor = termFactor
        self.radius = radius
        self.radiusFactor = radiusFactor
        self.isRoot = isRoot
        self.scale = scale
    }
}
