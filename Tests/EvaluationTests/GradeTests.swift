import TestSupport
import Testing

@testable import Evaluation

/// A, B and C, by the interval of the difference to popularity.
@Suite struct GradeTests {
    /// - Parameter advantage: What peers are better by, on average; the noise of one client's difference is ±0.5.
    private static func grade(
        advantage: Double, clientCount: Int, windowCount: Int = 1, methods: [EvaluationMethod] = [.peers, .popularity],
        of method: EvaluationMethod = .peers
    ) throws -> Grade? {
        var random = SeededGenerator(seed: 17)
        let samples = (0..<windowCount).map { window in
            let figures = (0..<clientCount).map { _ in
                let common = Double.random(in: 0..<1, using: &random)
                return methods.map { other in
                    common + (other == method ? advantage + Double.random(in: -0.5..<0.5, using: &random) : 0)
                }
            }
            return BacktestSample(figures: figures, methods: methods, seed: UInt64(window))
        }
        return Grade(QualityTable(try samples.compactMap { try ResampledFigures($0) }), of: method)
    }

    // The standard error of 1,000 differences is 0.009.
    @Test(arguments: [(0.1, Grade.better), (0.001, .notWorse), (-0.001, .notWorse), (-0.1, .worse)])
    func byTheInterval(advantage: Double, expected: Grade) throws {
        #expect(try Self.grade(advantage: advantage, clientCount: 1000) == expected)
        #expect(try Self.grade(advantage: advantage, clientCount: 500, windowCount: 3) == expected)
    }

    @Test func tooFewClients() throws {
        #expect(try Self.grade(advantage: 0.3, clientCount: Grade.leastClients - 1) == nil)
        #expect(try Self.grade(advantage: 0.3, clientCount: Grade.leastClients) == .better)
        // Clients of all windows together.
        #expect(try Self.grade(advantage: 0.3, clientCount: Grade.leastClients / 2, windowCount: 2) == .better)
        #expect(Grade(QualityTable([]), of: .peers) == nil)
    }

    /// What differs from popularity by nothing is not worse.
    @Test func theSameFigures() throws {
        let figures = (0..<200).map { [Double($0 % 7), Double($0 % 7)] }
        let sample = BacktestSample(figures: figures, methods: [.peers, .popularity], seed: 1)
        let table = QualityTable(try [sample].compactMap { try ResampledFigures($0) })
        #expect(Grade(table, of: .peers) == .notWorse)
    }

    /// Against popularity, whatever the best baseline is; and only where popularity was measured.
    @Test func anotherBaselineIsBetter() throws {
        let figures = (0..<200).map { client in [0.5, 0.3, 0.9].map { $0 + Double(client % 5) / 50 } }
        let sample = BacktestSample(figures: figures, methods: [.peers, .popularity, .ease], seed: 1)
        let table = QualityTable(try [sample].compactMap { try ResampledFigures($0) })
        #expect(table.bestBaseline == .ease)
        #expect(Grade(table, of: .peers) == .better)
        let difference = try #require(table.difference(.peers, against: .ease)?.metrics[.primary])
        #expect(difference.high < 0 && abs(difference.value + 0.4) < 1e-12)
        #expect(Grade(table, of: .hybrid) == nil)
        #expect(try Self.grade(advantage: 0.3, clientCount: 200, methods: [.peers, .ease]) == nil)
    }

    /// Resampling is most of an evaluation's time, and must not outlive its task.
    @Test func resamplingStopsWithItsTask() async {
        let figures = (0..<200).map { _ in [0.5, 0.5] }
        let sample = BacktestSample(figures: figures, methods: [.peers, .popularity], seed: 1)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try ResampledFigures(sample)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
