extension Sequence<Double> {
    /// The sum, taken from the lowest number to the highest, so that its last bit does not depend on the order in which
    /// the numbers come.
    ///
    /// - Complexity: O(n log n).
    package func ascendingSum() -> Double {
        sorted().reduce(0, +)
    }
}
