import Holdings
import PeerSearch

/// What training a softmax model makes as small as possible, and its gradient.
///
///     F(b, W, V) = Σ weight · -ln P(p | S without p) + λ/2 (|b|² + |W|² + |V|²)
///
/// over every pair of a row S and a product p in it, where P is among the products that S lacks and p. Everything is added
/// up in an order that depends on the rows alone: inside blocks of rows, which tasks share out, and then block by block.
struct SoftmaxObjective: Sendable {
    /// Blocks of rows: more than processors, and few enough for their gradients to fit into memory.
    private static let blockCount = 32

    let rows: SoftmaxRows
    let lambda: Double
    let width: Int
    /// The length of a row of weights: places, filled up to whole vectors.
    let stride: Int

    init(_ rows: SoftmaxRows, lambda: Double, width: Int) {
        self.rows = rows
        self.lambda = lambda
        self.width = width
        stride = (rows.placeCount + 7) / 8 * 8
    }

    /// Numbers of the model: b, then W held product by held product, then V feature by feature, each row ``stride`` long.
    var variableCount: Int { (1 + rows.placeCount + rows.featureCount) * stride }

    /// Σ weight · pairs.
    var totalWeight: Double {
        var sum = 0.0
        for row in 0..<rows.count { sum += rows.weights[row] * Double(rows.offsets[row + 1] - rows.offsets[row]) }
        return sum
    }

    /// One over about the second derivatives, as if every choice were by popularity.
    func scales() -> [Double] {
        var shares = [Double](repeating: 0, count: stride)
        for row in 0..<rows.count {
            for place in rows.places[rows.offsets[row]..<rows.offsets[row + 1]] {
                shares[Int(place)] += rows.weights[row]
            }
        }
        let total = max(totalWeight, .leastNormalMagnitude)
        let spreads = shares.map { $0 / total * (1 - $0 / total) }
        // How much of all weight a row of variables has a part in.
        var parts = [Double](repeating: 0, count: 1 + rows.placeCount + rows.featureCount)
        for row in 0..<rows.count {
            let places = rows.offsets[row]..<rows.offsets[row + 1]
            parts[0] += rows.weights[row] * Double(places.count)
            for place in places { parts[1 + Int(rows.places[place])] += rows.weights[row] * Double(places.count - 1) }
            for place in rows.featureOffsets[row]..<rows.featureOffsets[row + 1] {
                let value = rows.featureValues[place]
                parts[1 + rows.placeCount + Int(rows.features[place])] +=
                    rows.weights[row] * Double(places.count) * value * value
            }
        }
        return parts.flatMap { part in spreads.map { 1 / (lambda + part * $0) } }
    }

    /// The value and the gradient.
    ///
    /// - Throws: `CancellationError`.
    func callAsFunction(_ variables: [Double]) async throws -> (value: Double, gradient: [Double]) {
        // e to the power of minus W, with which the choice for p leaves p's own part out.
        let factors = variables[stride..<stride * (1 + rows.placeCount)].map { ReproducibleMath.exp(-$0) }
        var parts = [(value: Double, gradient: [Double])?](repeating: nil, count: Self.blockCount)
        let blockSize = (rows.count + Self.blockCount - 1) / Self.blockCount
        try await ChunkedWork(itemCount: Self.blockCount, chunkSize: 1, width: width).run {
        } compute: { _, block in
            try Task.checkCancellation()
            let first = min(rows.count, block.lowerBound * blockSize)
            return (block.lowerBound, part(first..<min(rows.count, first + blockSize), variables, factors))
        } collect: { computed, _ in
            parts[computed.0] = computed.1
        }
        var (value, gradient) = (0.0, [Double](repeating: 0, count: variableCount))
        for case let part? in parts {
            value += part.value
            for place in gradient.indices { gradient[place] += part.gradient[place] }
        }
        var square = 0.0
        for place in gradient.indices {
            gradient[place] += lambda * variables[place]
            square += variables[place] * variables[place]
        }
        return (value + lambda / 2 * square, gradient)
    }

    /// What some rows add.
    private func part(
        _ block: Range<Int>, _ variables: [Double], _ factors: [Double]
    ) -> (value: Double, gradient: [Double]) {
        var value = 0.0
        var gradient = [Double](repeating: 0, count: variableCount)
        let scratch = SoftmaxScratch(stride: stride)
        variables.withUnsafeBufferPointer { variables in
            factors.withUnsafeBufferPointer { factors in
                gradient.withUnsafeMutableBufferPointer { gradient in
                    guard let variables = variables.baseAddress, let factors = factors.baseAddress,
                        let gradient = gradient.baseAddress
                    else { return }
                    for row in block { value += add(row, variables, factors, to: gradient, using: scratch) }
                }
            }
        }
        return (value, gradient)
    }

    /// Adds the gradient of one row.
    ///
    /// With S the row, the sum for a product c outside of S is the same whichever p of S is left out, but for the weight
    /// from p to c. So e to the power of it is taken once, and what p makes of it is a product with a factor.
    private func add(
        _ row: Int, _ variables: UnsafePointer<Double>, _ factors: UnsafePointer<Double>,
        to gradient: UnsafeMutablePointer<Double>, using scratch: SoftmaxScratch
    ) -> Double {
        let held = rows.places[rows.offsets[row]..<rows.offsets[row + 1]]
        let features = rows.featureOffsets[row]..<rows.featureOffsets[row + 1]
        let featureRows = variables + (1 + rows.placeCount) * stride
        let (weight, vectorCount) = (rows.weights[row], stride / 8)
        let sums = scratch.sums
        sums.update(from: variables, count: stride)
        for place in held { scratch.add(variables + (1 + Int(place)) * stride, times: 1) }
        for place in features {
            scratch.add(featureRows + Int(rows.features[place]) * stride, times: rows.featureValues[place])
        }

        var greatest = sums[0]
        for place in 1..<max(1, rows.placeCount) { greatest = max(greatest, sums[place]) }
        for place in 0..<rows.placeCount { scratch.powers[place] = ReproducibleMath.exp(sums[place] - greatest) }
        for place in held {
            scratch.ownPowers[Int(place)] = scratch.powers[Int(place)]
            scratch.powers[Int(place)] = 0
        }
        let powers = scratch.vectors(scratch.powers)
        let common = scratch.vectors(scratch.common)
        for vector in 0..<vectorCount { common[vector] = .zero }
        var loss = 0.0
        for place in held.lazy.map({ Int($0) }) {
            let own = scratch.ownPowers[place]
            let factor = scratch.vectors(factors + place * stride)
            var total = SIMD8<Double>.zero
            for vector in 0..<vectorCount { total += powers[vector] * factor[vector] }
            let sum = own + total.sum()
            loss += ReproducibleMath.log(sum) - (sums[place] - greatest)
            let share = weight / sum
            let target = scratch.vectors(gradient + (1 + place) * stride)
            for vector in 0..<vectorCount {
                let pull = share * powers[vector] * factor[vector]
                common[vector] += pull
                // Left out of its own row below, where the others get what is common.
                target[vector] -= pull
            }
            let push = weight * (own / sum - 1)
            gradient[place] += push
            for other in held where Int(other) != place { gradient[(1 + Int(other)) * stride + place] += push }
            for feature in features {
                gradient[(1 + rows.placeCount + Int(rows.features[feature])) * stride + place] +=
                    push * rows.featureValues[feature]
            }
        }
        scratch.addCommon(to: gradient, times: 1)
        for place in held { scratch.addCommon(to: gradient + (1 + Int(place)) * stride, times: 1) }
        for feature in features {
            scratch.addCommon(
                to: gradient + (1 + rows.placeCount + Int(rows.features[feature])) * stride,
                times: rows.featureValues[feature])
        }
        return weight * loss
    }
}

/// Memory of one worker for a row's sums, in whole vectors.
private final class SoftmaxScratch {
    let stride: Int
    /// What each product has before powers are taken.
    let sums: UnsafeMutablePointer<Double>
    /// e to the power of that, of the products that the row lacks.
    let powers: UnsafeMutablePointer<Double>
    /// The same of those that it holds; nothing elsewhere.
    let ownPowers: UnsafeMutablePointer<Double>
    /// What all pairs of the row add to the gradient.
    let common: UnsafeMutablePointer<Double>
    private let memory: UnsafeMutablePointer<Double>

    init(stride: Int) {
        self.stride = stride
        memory = .allocate(capacity: 4 * stride)
        memory.initialize(repeating: 0, count: 4 * stride)
        (sums, powers, ownPowers, common) = (memory, memory + stride, memory + 2 * stride, memory + 3 * stride)
    }

    deinit { memory.deallocate() }

    /// Adds a row of weights to the sums.
    func add(_ row: UnsafePointer<Double>, times value: Double) {
        for place in 0..<stride { sums[place] += value * row[place] }
    }

    /// Adds what is common to a row of the gradient.
    func addCommon(to row: UnsafeMutablePointer<Double>, times value: Double) {
        for place in 0..<stride { row[place] += value * common[place] }
    }

    func vectors(_ start: UnsafeMutablePointer<Double>) -> Unaligned { Unaligned(start: start) }

    func vectors(_ start: UnsafePointer<Double>) -> Unaligned {
        Unaligned(start: UnsafeMutablePointer(mutating: start))
    }

    /// Numbers as vectors of eight, wherever they begin.
    struct Unaligned {
        let start: UnsafeMutablePointer<Double>

        subscript(vector: Int) -> SIMD8<Double> {
            @inline(__always) get {
                UnsafeRawPointer(start + 8 * vector).loadUnaligned(as: SIMD8<Double>.self)
            }
            @inline(__always) nonmutating set {
                UnsafeMutableRawPointer(start + 8 * vector).storeBytes(of: newValue, as: SIMD8<Double>.self)
            }
        }
    }
}
