import Foundation
import TestSupport
import Testing

@testable import Recommending

/// Fused scores, against the formula of the documentation.
@Suite struct HybridModelTests {
    /// Scores of signals for some products; those of EASE beyond 0...1 at times.
    private static func scores(_ productCount: Int, using random: inout SeededGenerator) -> SignalScores {
        var scores = SignalScores(productCount: productCount)
        for signal in Signal.allCases where Int.random(in: 0..<4, using: &random) > 0 {
            let isEASE = signal == .ease || signal == .recentEASE
            scores[signal] = (0..<productCount).map { _ in
                Int.random(in: 0..<3, using: &random) == 0
                    ? 0 : Double.random(in: isEASE ? -0.3..<1.4 : 0..<1, using: &random)
            }
        }
        return scores
    }

    private static func model(using random: inout SeededGenerator) -> HybridModel {
        var weights: [Signal: Double] = [:]
        for signal in Signal.weighted where Bool.random(using: &random) {
            weights[signal] = [0, 0.25, 1, 3.5].randomElement(using: &random)
        }
        return HybridModel(weights: weights, recency: [0, 0.5, 1, 4].randomElement(using: &random) ?? 0)
    }

    @Test(arguments: 0..<50) func agreesWithTheFormula(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<40 {
            let count = Int.random(in: 1...12, using: &random)
            let scores = Self.scores(count, using: &random)
            let model = Self.model(using: &random)
            let isLaunched =
                Int.random(in: 0..<4, using: &random) == 0
                ? nil : (0..<count).map { _ in Int.random(in: 0..<4, using: &random) == 0 }
            let isRanked = (0..<count).map { _ in Int.random(in: 0..<4, using: &random) > 0 }
            let fused = model.fuse(scores, isLaunched: isLaunched) { isRanked[$0] }
            let expected = Self.formula(model, scores, isLaunched, isRanked)
            for product in 0..<count {
                #expect(abs(fused[product] - expected[product]) < 1e-12, "\(model), \(scores), product \(product)")
                #expect((0...1).contains(fused[product]))
            }
        }
    }

    /// Where a weight lies in a dictionary changes no bit.
    @Test func theOrderOfWeightsDoesNotMatter() {
        var random = SeededGenerator(seed: 8)
        for _ in 0..<200 {
            let scores = Self.scores(9, using: &random)
            let values = Signal.weighted.map { ($0, Double.random(in: 0.1..<3, using: &random)) }
            let models = (0..<5).map { _ in
                var weights: [Signal: Double] = [:]
                weights.reserveCapacity(Int.random(in: 0...200, using: &random))
                for (signal, weight) in values.shuffled(using: &random) { weights[signal] = weight }
                return HybridModel(weights: weights, recency: 0.7)
            }
            let isLaunched = (0..<9).map { _ in Bool.random(using: &random) }
            #expect(Set(models.map { $0.fuse(scores, isLaunched: isLaunched) { $0 != 3 } }).count == 1)
            #expect(Set(models.map(\.signals)).count == 1 && Set(models).count == 1)
        }
    }

    @Test func signalsOfAModel() {
        #expect(HybridModel(weights: [:], recency: 1).signals == [])
        #expect(HybridModel(weights: [.ease: 0, .peers: 1], recency: 0).signals == [.peers])
        #expect(
            HybridModel(weights: [.segmentPopularity: 1, .ease: 1, .peers: 1], recency: 1).signals
                == [.peers, .ease, .segmentPopularity, .recentPeers, .recentEASE])
    }

    /// Equal weights and equal sides leave a score as it is.
    @Test func whatBothSidesSayIsTheScore() {
        var scores = SignalScores(productCount: 4)
        scores[.peers] = [0, 0.2, 0.5, 1]
        scores[.recentPeers] = scores[.peers]
        let model = HybridModel(weights: [.peers: 2], recency: 3)
        let fused = model.fuse(scores, isLaunched: [false, false, false, false]) { _ in true }
        for (found, expected) in zip(fused, scores[.peers]) { #expect(abs(found - expected) < 1e-15) }
    }

    /// The formula, product by product, with powers instead of logarithms.
    private static func formula(
        _ model: HybridModel, _ scores: SignalScores, _ isLaunched: [Bool]?, _ isRanked: [Bool]
    ) -> [Double] {
        func mean(_ product: Int, _ pairs: [(Signal, Signal)]) -> Double? {
            var (sum, total) = (0.0, 0.0)
            for (weighted, scored) in pairs {
                let weight = model.weights[weighted] ?? 0
                if weight == 0 || scores[scored].isEmpty { continue }
                sum += weight * max(0, min(1, scores[scored][product]))
                total += weight
            }
            return total == 0 ? nil : sum / total
        }
        let held = Signal.weighted.map { ($0, $0) }
        let recent: [(Signal, Signal)] = [
            (.peers, .recentPeers), (.itemConditional, .recentItemConditional), (.ease, .recentEASE),
        ]
        let products = 0..<scores.productCount
        let compared = products.filter { isRanked[$0] && isLaunched?[$0] == false }
        let heldSum = compared.reduce(0) { $0 + (mean($1, held) ?? 0) }
        let recentSum = compared.reduce(0) { $0 + (mean($1, recent) ?? 0) }
        return products.map { product in
            let h = mean(product, held) ?? 0
            guard let isLaunched, model.recency > 0, var m = mean(product, recent) else { return h }
            // Of a product that additions say nothing about: as much more or less as of all others together.
            if isLaunched[product] { m = heldSum == 0 ? 0 : h * recentSum / heldSum }
            let (epsilon, r) = (1e-3, model.recency)
            let score = pow(h + epsilon, 1 / (1 + r)) * pow(m + epsilon, r / (1 + r)) - epsilon
            return max(0, min(1, score))
        }
    }
}
