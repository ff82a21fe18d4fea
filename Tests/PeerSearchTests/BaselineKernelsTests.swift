import DistanceKernels
import TestSupport
import Testing

@Suite("The baseline kernels")
struct BaselineKernelsTests {
    @Test(arguments: [0, 1, 2, 3, 7, 8, 9, 31, 64, 2048])
    func accumulation(size: Int) {
        var random = SeededGenerator(seed: UInt64(size))
        let holders = (0..<UInt16(size)).filter { _ in Bool.random(using: &random) }
        let values = holders.map { _ in Double.random(in: 0..<2, using: &random) }
        var products = [Double](repeating: 0.5, count: size)
        var minima = products
        var counts = [Int32](repeating: 1, count: size)
        var otherCounts = counts
        accumulate(holders, values, &products, &counts, with: BaselineKernels.accumulateProducts)
        accumulate(holders, values, &minima, &otherCounts, with: BaselineKernels.accumulateMinima)
        for position in 0..<size {
            let value = holders.firstIndex(of: UInt16(position)).map { values[$0] }
            #expect(products[position] == value.map { 0.5 + 0.75 * $0 } ?? 0.5)
            #expect(minima[position] == value.map { 0.5 + min(0.75, $0) } ?? 0.5)
            #expect(counts[position] == (value == nil ? 1 : 2) && otherCounts[position] == counts[position])
        }
    }

    private typealias Kernel = (
        Double, Span<UInt16>, Span<Double>, inout MutableSpan<Double>, inout MutableSpan<Int32>
    ) -> Void

    private func accumulate(
        _ holders: [UInt16], _ values: [Double], _ overlaps: inout [Double], _ counts: inout [Int32],
        with kernel: Kernel
    ) {
        var overlaps = overlaps.mutableSpan
        var counts = counts.mutableSpan
        kernel(0.75, holders.span, values.span, &overlaps, &counts)
    }

    @Test(arguments: [0, 1, 2, 5, 17, 2048])
    func selection(size: Int) {
        var random = SeededGenerator(seed: UInt64(size))
        let overlaps = (0..<size).map { _ in Double(Int.random(in: 0..<4, using: &random)) }
        let counts = (0..<size).map { _ in Int32.random(in: 0..<4, using: &random) }
        let slopes = (0..<size).map { _ in Double(Int.random(in: 1..<3, using: &random)) }
        let offsets = (0..<size).map { _ in Double(Int.random(in: 0..<3, using: &random)) }
        let ceilings = (0..<size).map { _ in Int32.random(in: 1..<5, using: &random) }
        for floor in [-Double.infinity, 0, 1, 2.5, .infinity] {
            for leastCount in Int32(0)...2 {
                var selection = [UInt16](repeating: 0, count: size)
                var slots = selection.mutableSpan
                let found = BaselineKernels.select(
                    overlaps: overlaps.span, counts: counts.span, slopes: slopes.span, offsets: offsets.span,
                    ceilings: ceilings.span, floor: floor, leastCount: leastCount, into: &slots)
                let expected = (0..<size).filter {
                    overlaps[$0] * slopes[$0] - offsets[$0] >= floor && counts[$0] >= leastCount
                        && counts[$0] < ceilings[$0]
                }
                #expect(selection.prefix(found).map { Int($0) } == expected)
            }
        }
    }
}
