import Foundation
import TestSupport
import Testing

@testable import Evaluation

/// Whether intervals cover what they shall cover.
@Suite struct ResamplingTests {
    private static func normal(_ random: inout SeededGenerator) -> Double {
        let radius = (-2 * log(Double.random(in: 0x1p-53..<1, using: &random))).squareRoot()
        return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
    }

    /// The mean of 80 numbers with mean 3 and deviation 2, 400 times.
    @Test func intervalsCoverTheTruth() {
        var random = SeededGenerator(seed: 400)
        var covered = 0
        var widths = 0.0
        var counts: [Double] = []
        for trial in 0..<400 {
            let rows = (0..<80).map { _ in 3 + 2 * Self.normal(&random) }
            let resampling = Resampling(clientCount: rows.count, seed: UInt64(trial))
            let replicates = (0..<Resampling.replicateCount).map { replicate in
                resampling.draw(replicate, into: &counts)
                return resampling.means(of: rows, columnCount: 1, counts: counts)[0]
            }
            let mean = rows.reduce(0, +) / Double(rows.count)
            let estimate = Estimate(value: mean, replicates: replicates)
            #expect(estimate.low < mean && mean < estimate.high)
            covered += estimate.low <= 3 && 3 <= estimate.high ? 1 : 0
            widths += estimate.high - estimate.low
        }
        #expect((364...392).contains(covered), "\(covered) of 400")
        // 2 · 1.96 · 2 / √80.
        #expect(abs(widths / 400 - 0.877) < 0.03)
    }

    @Test func asManyAreDrawnAsThereAre() {
        var counts: [Double] = []
        for clientCount in [1, 2, 7, 1000] {
            let resampling = Resampling(clientCount: clientCount, seed: 5)
            var sums = [Double](repeating: 0, count: clientCount)
            for replicate in 0..<200 {
                resampling.draw(replicate, into: &counts)
                #expect(counts.count == clientCount && counts.reduce(0, +) == Double(clientCount))
                for client in sums.indices { sums[client] += counts[client] }
            }
            // Each 200 times, give or take six standard deviations.
            for sum in sums { #expect(abs(sum - 200) < 85) }
        }
        Resampling(clientCount: 0, seed: 1).draw(0, into: &counts)
        #expect(counts.isEmpty)
        #expect(Resampling(clientCount: 0, seed: 1).means(of: [], columnCount: 2, counts: []) == [0, 0])
    }

    @Test func resamplesFollowFromTheSeed() {
        func draw(_ seed: UInt64, _ replicate: Int) -> [Double] {
            var counts: [Double] = []
            Resampling(clientCount: 50, seed: seed).draw(replicate, into: &counts)
            return counts
        }
        #expect(draw(1, 2) == draw(1, 2))
        #expect(draw(1, 2) != draw(1, 3) && draw(1, 2) != draw(2, 2))
    }

    /// Weighted means, by repeating rows.
    @Test func meansOfResamples() {
        let resampling = Resampling(clientCount: 3, seed: 1)
        let means = resampling.means(of: [1, 10, 2, 20, 4, 40], columnCount: 2, counts: [0, 1, 2])
        #expect(means == [10.0 / 3, 100.0 / 3])
    }

    /// Linear interpolation between order statistics, as NumPy's default.
    @Test func percentiles() {
        let estimate = Estimate(value: 7, replicates: (0...1000).map { Double(1000 - $0) })
        #expect(estimate.value == 7 && estimate.low == 25 && estimate.high == 975)
        let two = Estimate(value: 0, replicates: [1, 0])
        #expect(abs(two.low - 0.025) < 1e-15 && abs(two.high - 0.975) < 1e-15)
        let none = Estimate(value: 7, replicates: [])
        #expect(none.low == 7 && none.high == 7)
    }
}
