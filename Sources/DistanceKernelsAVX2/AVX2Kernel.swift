public import DistanceKernels

/// The kernels for processors with AVX2 and FMA (x86-64-v3).
public enum AVX2Kernel: DistanceKernel {
    /// Eight lanes to a vector, and twelve sums in sixteen registers.
    enum Shape: KernelShape {
        typealias Vector = SIMD8<Float>
        static var tileHeight: Int { 4 }
        static var tileWidth: Int { 3 }

        @inline(__always)
        static func addProducts(_ left: SIMD16<Float>, _ right: SIMD16<Float>, to sums: inout SIMD16<Float>) {
            sums.addProduct(left, right)
        }

        @inline(__always)
        static func addProduct(_ left: Vector, _ right: Vector, to sums: inout Vector) {
            sums.addProduct(left, right)
        }

        @inline(__always)
        static func addMinimum(_ left: Vector, _ right: Vector, to sums: inout Vector) {
            sums += left.replacing(with: right, where: right .< left)
        }

        @inline(__always)
        static func isAny(of scores: Vector, atLeast floor: Float) -> Bool {
            any(scores .>= Vector(repeating: floor))
        }
    }

    /// See ``DistanceKernel``.
    public static let name = "avx2"

    /// See ``DistanceKernel``.
    public static var tileHeight: Int { Shape.tileHeight }

    /// See ``DistanceKernel``.
    public static func search(
        _ groups: LaneGroups, for batch: LaneBatch, candidates: UnsafePointer<Int32>, count: Int,
        into hits: UnsafeMutablePointer<LaneList>
    ) {
        KernelBody<Shape>.search(groups, for: batch, candidates: candidates, count: count, into: hits)
    }

    /// See ``DistanceKernel``.
    public static func score(
        _ groups: LaneGroups, for query: LaneQuery, candidates: UnsafePointer<Int32>, count: Int,
        into scores: UnsafeMutablePointer<SIMD16<Float>>
    ) {
        KernelBody<Shape>.score(groups, for: query, candidates: candidates, count: count, into: scores)
    }

    /// See ``DistanceKernel``.
    public static func select(
        _ scores: UnsafePointer<SIMD16<Float>>, of groups: UnsafePointer<Int32>, count: Int, floor: Float,
        into hits: inout LaneList
    ) {
        KernelBody<Shape>.select(scores, of: groups, count: count, floor: floor, into: &hits)
    }

    /// See ``DistanceKernel``.
    public static func score(
        reachedBy number: Int, _ scores: UnsafePointer<SIMD16<Float>>, weights: UnsafePointer<SIMD16<Int32>>, count: Int
    ) -> Float {
        KernelBody<Shape>.score(reachedBy: number, scores, weights: weights, count: count)
    }

    /// See ``DistanceKernel``.
    public static func round(_ hits: LaneList, by rule: RoundingRule, into numbers: UnsafeMutablePointer<Double>) {
        KernelBody<Shape>.round(hits, by: rule, into: numbers)
    }

    /// See ``DistanceKernel``.
    public static func lanes(
        having count: Int, of columns: BitColumns, blocks: Range<Int>, into positions: UnsafeMutablePointer<Int32>
    ) -> Int {
        KernelBody<Shape>.lanes(having: count, of: columns, blocks: blocks, into: positions)
    }

    /// See ``DistanceKernel``.
    public static func addVotes(
        of rounds: VoteRounds, for rows: BitRows, word: Int, votes: UnsafeMutablePointer<SIMD8<Double>>,
        clients: UnsafeMutablePointer<SIMD8<Double>>
    ) {
        KernelBody<Shape>.addVotes(
            of: rounds, for: rows, word: word, VectorCount<1>.self, votes: votes, clients: clients)
    }
}
