import TestSupport
import Testing

@testable import Recommending

/// Matrices in blocks and on several cores, against the plain loops: the same bits.
@Suite struct SharedMatrixTests {
    @Test(arguments: [0, 1, 2, 31, 32, 33, 64, 100, 129, 200], [1, 2, 5])
    func inverse(count: Int, width: Int) async throws {
        var random = SeededGenerator(seed: UInt64(count))
        let elements = Self.positiveDefinite(count, using: &random)
        let matrix = SharedMatrix(square: elements, count: count)
        try await matrix.invert(width: width)
        #expect(Self.bits(matrix.elements) == Self.bits(Self.inverse(elements, count)))
    }

    @Test(arguments: [0, 1, 7, 32, 33, 70, 130], [1, 2, 5]) func product(count: Int, width: Int) async throws {
        var random = SeededGenerator(seed: UInt64(count))
        let (left, right) = (Self.random(count, using: &random), Self.random(count, using: &random))
        let product = try await SharedMatrix(square: left, count: count)
            .multiplied(by: SharedMatrix(square: right, count: count), width: width)
        var expected = [Double](repeating: 0, count: count * count)
        for row in 0..<count {
            for inner in 0..<count {
                for column in 0..<count {
                    expected[row * count + column] += left[row * count + inner] * right[inner * count + column]
                }
            }
        }
        #expect(Self.bits(product.elements) == Self.bits(expected))
    }

    /// Wherever the pivot is that is not above 0.
    @Test(arguments: [0, 31, 32, 50, 69]) func noInverse(place: Int) async throws {
        var elements = Self.identity(70)
        elements[place * 70 + place] = 0
        let matrix = SharedMatrix(square: elements, count: 70)
        await #expect(throws: SignalError.self) { try await matrix.invert(width: 2) }
    }

    @Test func cancellation() async {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await SharedMatrix(square: Self.identity(70), count: 70).invert(width: 2)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    private static func identity(_ count: Int) -> [Double] {
        (0..<count * count).map { $0.isMultiple(of: count + 1) ? 1 : 0 }
    }

    /// Many zeros among the elements, as in a matrix of clients.
    private static func random(_ count: Int, using random: inout SeededGenerator) -> [Double] {
        (0..<count * count).map { _ in
            Int.random(in: 0..<3, using: &random) == 0 ? 0 : .random(in: -1...1, using: &random)
        }
    }

    private static func positiveDefinite(_ count: Int, using random: inout SeededGenerator) -> [Double] {
        var elements = Self.random(count, using: &random)
        for row in 0..<count {
            for column in 0..<row { elements[row * count + column] = elements[column * count + row] }
            elements[row * count + row] = Double(count) + 1
        }
        return elements
    }

    /// By Gauss and Jordan, pivot by pivot.
    private static func inverse(_ elements: [Double], _ count: Int) -> [Double] {
        var rows = (0..<count).map { Array(elements[$0 * count..<($0 + 1) * count]) }
        for pivotPlace in 0..<count {
            let pivot = rows[pivotPlace][pivotPlace]
            rows[pivotPlace][pivotPlace] = 1
            for column in 0..<count { rows[pivotPlace][column] /= pivot }
            for row in 0..<count where row != pivotPlace {
                let factor = rows[row][pivotPlace]
                if factor == 0 { continue }
                rows[row][pivotPlace] = 0
                for column in 0..<count { rows[row][column] -= factor * rows[pivotPlace][column] }
            }
        }
        return rows.flatMap(\.self)
    }

    private static func bits(_ elements: [Double]) -> [UInt64] { elements.map(\.bitPattern) }
}
