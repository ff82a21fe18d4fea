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
        _ groups: LaneGroups, for query: LaneQuery, floor: Float, candidates: LaneList, range: Range<Int>,
        into hits: inout LaneList
    ) {
        KernelBody<Shape>.search(groups, for: query, floor: floor, candidates: candidates, range: range, into: &hits)
    }

    /// See ``DistanceKernel``.
    public static func search(
        _ groups: LaneGroups, for batch: LaneBatch, candidates: UnsafePointer<Int32>, count: Int,
        into hits: UnsafeMutablePointer<LaneList>
    ) {
        KernelBody<Shape>.search(groups, for: batch, candidates: candidates, count: count, into: hits)
    }

    /// See ``DistanceKernel``.
    public static func select(
        _ scores: UnsafePointer<SIMD16<Float>>, count: Int, firstPosition: Int32, floor: Float,
        into hits: inout LaneList
    ) {
        KernelBody<Shape>.select(scores, count: count, firstPosition: firstPosition, floor: floor, into: &hits)
    }

    /// See ``DistanceKernel``.
    public static func lanes(
        having count: Int, of columns: BitColumns, blocks: Range<Int>, into positions: UnsafeMutablePointer<Int32>
    ) -> Int {
        KernelBody<Shape>.lanes(having: count, of: columns, blocks: blocks, into: positions)
    }
}
