import PeerSearch

/// A matrix whose rows several tasks compute at once.
///
/// While tasks run, each writes to rows that no other task looks at, and what they share is not written to: rows are
/// handed out by ``ChunkedWork``, whose end is waited for. Hence the unchecked conformance is sound.
final class SharedMatrix: @unchecked Sendable {
    /// Rows that are taken together: 32 of 2,048 numbers fit into the second-level cache of a core.
    private static let blockSize = 32
    /// Rows per task: a few milliseconds of work.
    private static let chunkSize = 64

    private let rowCount: Int
    private let columnCount: Int
    private let start: UnsafeMutablePointer<Double>

    /// Creates a matrix of zeros.
    init(rowCount: Int, columnCount: Int) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        start = .allocate(capacity: max(1, rowCount * columnCount))
        start.initialize(repeating: 0, count: rowCount * columnCount)
    }

    /// Copies a square matrix, row after row.
    convenience init(square elements: [Double], count: Int) {
        self.init(rowCount: count, columnCount: count)
        for (place, element) in elements.enumerated() { start[place] = element }
    }

    deinit {
        start.deallocate()
    }

    /// A copy of all elements, row after row.
    var elements: [Double] {
        Array(UnsafeBufferPointer(start: start, count: rowCount * columnCount))
    }

    private func row(_ row: Int) -> UnsafeMutablePointer<Double> {
        start + row * columnCount
    }

    /// The product with another square matrix of the same size.
    ///
    /// Every element is summed in the order of the rows of the other, for any width.
    ///
    /// - Throws: `CancellationError`.
    func multiplied(by other: SharedMatrix, width: Int) async throws -> SharedMatrix {
        let result = SharedMatrix(rowCount: rowCount, columnCount: columnCount)
        try await ChunkedWork(itemCount: rowCount, chunkSize: Self.chunkSize, width: width).run {
        } compute: { _, rows in
            var terms: [Term] = []
            for block in self.blocks {
                try Task.checkCancellation()
                for row in rows {
                    terms.removeAll(keepingCapacity: true)
                    for inner in block { terms.append(Term(factor: self.row(row)[inner], row: other.row(inner))) }
                    Self.add(terms, to: result.row(row), in: 0..<self.columnCount)
                }
            }
        } collect: { _, _ in
        }
        return result
    }

    /// Inverts a symmetric positive definite matrix in place, by Gauss and Jordan.
    ///
    /// Pivots on the diagonal are stable for such a matrix; one that is not clearly above 0 means that there is no
    /// inverse. Pivots are taken together in blocks, so that a row is read from memory once for all pivots of a block.
    /// Every element goes through the same operations in the same order as without blocks.
    ///
    /// - Throws: ``SignalError`` where there is no inverse; `CancellationError`.
    func invert(width: Int) async throws {
        let largest = (0..<rowCount).map { row($0)[$0] }.max() ?? 0
        let least = largest * Double(rowCount) * Double.ulpOfOne
        let panel = SharedMatrix(rowCount: min(rowCount, Self.blockSize), columnCount: columnCount)
        for block in blocks {
            try eliminate(block, keeping: panel, least: least)
            try await ChunkedWork(itemCount: rowCount, chunkSize: Self.chunkSize, width: width).run {
            } compute: { _, rows in
                try Task.checkCancellation()
                for part in [
                    rows.clamped(to: 0..<block.lowerBound), rows.clamped(to: block.upperBound..<self.rowCount),
                ] {
                    self.eliminate(block, by: panel, in: part)
                }
            } collect: { _, _ in
            }
        }
    }

    private var blocks: [Range<Int>] {
        stride(from: 0, to: rowCount, by: Self.blockSize).map { $0..<min(rowCount, $0 + Self.blockSize) }
    }

    /// Eliminates pivots from each other's rows.
    ///
    /// - Parameter panel: Receives the row of each pivot as the other rows need it.
    private func eliminate(_ block: Range<Int>, keeping panel: SharedMatrix, least: Double) throws(SignalError) {
        for (place, pivotPlace) in block.enumerated() {
            let pivotRow = row(pivotPlace)
            let pivot = pivotRow[pivotPlace]
            guard pivot > least else { throw SignalError.singularMatrix }
            pivotRow[pivotPlace] = 1
            for column in 0..<columnCount { pivotRow[column] /= pivot }
            panel.row(place).update(from: pivotRow, count: columnCount)
            for row in block where row != pivotPlace {
                let target = self.row(row)
                let factor = target[pivotPlace]
                if factor == 0 { continue }
                target[pivotPlace] = 0
                Self.add([Term(factor: -factor, row: pivotRow)], to: target, in: 0..<columnCount)
            }
        }
    }

    /// Eliminates pivots from other rows.
    private func eliminate(_ block: Range<Int>, by panel: SharedMatrix, in rows: Range<Int>) {
        var terms: [Term] = []
        for target in rows.lazy.map(row) {
            terms.removeAll(keepingCapacity: true)
            // The factor of a pivot is known when the pivots before it are done with.
            for (place, pivotPlace) in block.enumerated() {
                let factor = target[pivotPlace]
                if factor == 0 { continue }
                target[pivotPlace] = 0
                let term = Term(factor: -factor, row: panel.row(place))
                Self.add([term], to: target, in: block)
                terms.append(term)
            }
            Self.add(terms, to: target, in: 0..<block.lowerBound)
            Self.add(terms, to: target, in: block.upperBound..<columnCount)
        }
    }

    /// A multiple of a row.
    private struct Term {
        let factor: Double
        let row: UnsafeMutablePointer<Double>
    }

    /// Adds terms to a row, one after the other.
    ///
    /// Eight are added in one go over the row, which is read and written once for them.
    private static func add(_ terms: [Term], to target: UnsafeMutablePointer<Double>, in columns: Range<Int>) {
        var next = 0
        while next + 8 <= terms.count {
            let (a, b, c, d) = (terms[next], terms[next + 1], terms[next + 2], terms[next + 3])
            let (e, f, g, h) = (terms[next + 4], terms[next + 5], terms[next + 6], terms[next + 7])
            for column in columns {
                var sum = target[column]
                sum += a.factor * a.row[column]
                sum += b.factor * b.row[column]
                sum += c.factor * c.row[column]
                sum += d.factor * d.row[column]
                sum += e.factor * e.row[column]
                sum += f.factor * f.row[column]
                sum += g.factor * g.row[column]
                sum += h.factor * h.row[column]
                target[column] = sum
            }
            next += 8
        }
        for term in terms[next...] {
            for column in columns { target[column] += term.factor * term.row[column] }
        }
    }
}
