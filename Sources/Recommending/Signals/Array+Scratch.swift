/// Numbers by product in memory that is used again and again.
extension [Double] {
    /// Makes all of them 0, and as many as are needed.
    mutating func reset(count: Int) {
        if self.count == count {
            withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        } else {
            self = [Double](repeating: 0, count: count)
        }
    }

    /// Takes the values of as many others.
    mutating func copy(_ others: ArraySlice<Double>) {
        withUnsafeMutableBufferPointer { numbers in
            others.withUnsafeBufferPointer { _ = numbers.update(fromContentsOf: $0) }
        }
    }
}
