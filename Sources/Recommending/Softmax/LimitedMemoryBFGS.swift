/// L-BFGS: finds the minimum of a smooth, strictly convex function of many variables.
///
/// D. C. Liu and J. Nocedal, "On the limited memory BFGS method for large scale optimization" (Mathematical Programming
/// 45, 1989). The curvature is taken from the last steps. Along each direction a step is looked for by the
/// slope alone, which grows along any line of a convex function: close to the minimum the values of the function differ
/// by less than their rounding, their slopes do not.
struct LimitedMemoryBFGS {
    /// A place with what the function is there.
    struct Point: Sendable {
        var variables: [Double]
        var value: Double
        var gradient: [Double]
    }

    /// Where the search has ended.
    struct Minimum: Sendable {
        let variables: [Double]
        let value: Double
        /// The Euclidean norm of the gradient.
        let gradientNorm: Double
        let iterations: Int
        /// Whether the norm is small enough; where not, the search got stuck or ran out of iterations.
        let isConverged: Bool
    }

    /// Steps that are remembered, as far as they have room: on the demo (31 products, 1,024 variables) 10 steps took 902
    /// iterations, 30 took 819, 60 took 617, and 120 took 463, whose longer loops cost what that saves.
    private static let (leastPairs, mostPairs) = (10, 60)
    /// Numbers that they may take: 32 MiB for steps, as much for changes.
    private static let mostRemembered = 1 << 22
    /// How much of the slope at the start may be left at the end of a step: much before the minimum, less behind it.
    private static let (slopeBefore, slopeBehind) = (0.9, 0.5)
    /// Places that are tried along one direction.
    private static let mostTries = 30

    /// An estimate of the inverse of the second derivative by each variable, above 0; the better, the fewer iterations.
    var scales: [Double]
    /// The norm of the gradient at which the search ends.
    var tolerance: Double
    /// Iterations after which it gives up.
    var mostIterations: Int

    /// A step and how it changed the gradient.
    private struct Pair {
        let step: [Double]
        let change: [Double]
        /// Their product, above 0.
        let curvature: Double
    }

    /// Searches.
    ///
    /// - Parameters:
    ///   - start: Where to begin.
    ///   - function: The value and the gradient at a place; finite.
    /// - Throws: What the function throws.
    func minimum(
        from start: [Double], of function: ([Double]) async throws -> (value: Double, gradient: [Double])
    ) async throws -> Minimum {
        var pairs: [Pair] = []
        let pairCount = max(Self.leastPairs, min(Self.mostPairs, Self.mostRemembered / max(1, start.count)))
        let first = try await function(start)
        var point = Point(variables: start, value: first.value, gradient: first.gradient)
        var iterations = 0
        while iterations < mostIterations {
            guard norm(point.gradient) > tolerance else { break }
            let direction = direction(at: point, pairs)
            guard let next = try await step(from: point, along: direction, function) else {
                // What was remembered may mislead; the gradient alone does not.
                guard !pairs.isEmpty else { break }
                pairs.removeAll()
                continue
            }
            iterations += 1
            let pair = pair(from: point, to: next)
            if pair.curvature > 0 { pairs.append(pair) }
            if pairs.count > pairCount { pairs.removeFirst() }
            point = next
        }
        let rest = norm(point.gradient)
        return Minimum(
            variables: point.variables, value: point.value, gradientNorm: rest, iterations: iterations,
            isConverged: rest <= tolerance)
    }

    /// The two loops of the method: minus the gradient times an estimate of the inverse second derivatives.
    private func direction(at point: Point, _ pairs: [Pair]) -> [Double] {
        var direction = point.gradient.map { -$0 }
        var factors = [Double](repeating: 0, count: pairs.count)
        for (place, pair) in pairs.enumerated().reversed() {
            factors[place] = dot(pair.step, direction) / pair.curvature
            add(-factors[place], pair.change, to: &direction)
        }
        var scale = 1.0
        if let last = pairs.last {
            var sum = 0.0
            for place in scales.indices { sum += last.change[place] * last.change[place] * scales[place] }
            scale = last.curvature / sum
        }
        for place in direction.indices { direction[place] *= scale * scales[place] }
        for (place, pair) in pairs.enumerated() {
            add(factors[place] - dot(pair.change, direction) / pair.curvature, pair.step, to: &direction)
        }
        return direction
    }

    /// Goes along a direction until the slope is nearly flat.
    ///
    /// - Returns: Nil where no such place was found.
    private func step(
        from point: Point, along direction: [Double],
        _ function: ([Double]) async throws -> (value: Double, gradient: [Double])
    ) async throws -> Point? {
        let slope = dot(point.gradient, direction)
        guard slope < 0 else { return nil }
        // Less than rounding makes of the value.
        let allowance = 1e-10 * point.value.magnitude
        var (low, lowSlope, high) = (0.0, slope, Double.infinity)
        var highSlope = 0.0
        var length = 1.0
        for _ in 0..<Self.mostTries {
            var variables = point.variables
            add(length, direction, to: &variables)
            let found = try await function(variables)
            let newSlope = dot(found.gradient, direction)
            if newSlope > Self.slopeBehind * -slope || found.value > point.value + allowance || !newSlope.isFinite {
                (high, highSlope) = (length, newSlope)
            } else if newSlope < Self.slopeBefore * slope {
                (low, lowSlope) = (length, newSlope)
            } else {
                return Point(variables: variables, value: found.value, gradient: found.gradient)
            }
            guard high.isFinite else {
                length *= 4
                continue
            }
            // Where a straight line through both slopes crosses 0, but well inside.
            let share = highSlope > 0 ? lowSlope / (lowSlope - highSlope) : 0.5
            length = low + (high - low) * min(0.9, max(0.1, share))
        }
        return nil
    }

    private func pair(from point: Point, to next: Point) -> Pair {
        var (step, change) = (next.variables, next.gradient)
        add(-1, point.variables, to: &step)
        add(-1, point.gradient, to: &change)
        return Pair(step: step, change: change, curvature: dot(step, change))
    }

    private func norm(_ vector: [Double]) -> Double { dot(vector, vector).squareRoot() }

    private func dot(_ left: [Double], _ right: [Double]) -> Double {
        left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                var sum = 0.0
                for place in left.indices { sum += left[place] * right[place] }
                return sum
            }
        }
    }

    private func add(_ factor: Double, _ vector: [Double], to sum: inout [Double]) {
        vector.withUnsafeBufferPointer { vector in
            sum.withUnsafeMutableBufferPointer { sum in
                for place in sum.indices { sum[place] += factor * vector[place] }
            }
        }
    }
}
