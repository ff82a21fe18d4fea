import Holdings
import Recommending
import Testing

@testable import Evaluation

/// What the search for weights finds, takes and leaves, on windows in which the best weights are known.
@Suite struct WeightSearchTests {
    /// Clients who have added the first of two products, and what signals say of both; a third one, which they hold
    /// already, has the best score of all and is not ranked.
    struct Group {
        let clients: Range<Int>
        let signals: [Signal: (added: Double, other: Double)]

        /// Clients for whom the product that they have added comes first when `signal` weighs more than `ratio` times
        /// `other`.
        static func wants(_ signal: Signal, moreThan ratio: Double, times other: Signal, _ clients: Range<Int>) -> Group
        {
            Group(clients: clients, signals: [signal: (0.125, 0), other: (0, 0.125 * ratio)])
        }

        /// Clients for whom it comes first when `signal` weighs less than `ratio` times `other`.
        static func wants(_ signal: Signal, lessThan ratio: Double, times other: Signal, _ clients: Range<Int>) -> Group
        {
            Group(clients: clients, signals: [signal: (0, 0.125), other: (0.125 * ratio, 0)])
        }
    }

    private static func sample(_ groups: [Group], knowsRecentAdditions: Bool = false) -> BacktestSample {
        var part = BacktestSample.Part()
        for group in groups {
            var scores = SignalScores(productCount: 3)
            for (signal, values) in group.signals { scores[signal] = [values.added, values.other, 1] }
            part.cases.append(
                TuningCase(
                    scores: scores, isRanked: [true, true, false],
                    added: group.clients.map { (Int32($0), [0] as [Int32]) }))
        }
        // Who holds what is of no interest any more; only that something is known of recent additions.
        let holdings = ClientHoldings(productCount: 3, offsets: [0, 1], products: [1], amounts: [1])
        let recent =
            knowsRecentAdditions
            ? RecentAdditions([ClientProduct(client: 0, product: 1)], wasHeld: [true, true, true], holdings: holdings)
            : nil
        var sample = BacktestSample(
            window: BacktestWindow(kind: .temporal, holdings: holdings, added: [], recent: recent), methods: [],
            catalogSize: 3, seed: 1)
        sample.add(part)
        sample.finish()
        return sample
    }

    private static func best(
        _ windows: [[Group]], from weights: [Signal: Double], recency: Double = 0, knowsRecentAdditions: Bool = false
    ) async throws -> HybridModel {
        let samples = windows.map { sample($0, knowsRecentAdditions: knowsRecentAdditions) }
        return try await WeightSearch(samples, from: HybridModel(weights: weights, recency: recency)).best()
    }

    // MARK: The optimum

    private static let pairs: [(Signal, anchor: Signal)] = Signal.weighted
        .filter { WeightSearch.signals.contains($0) }
        .map { ($0, $0 == .ease ? .peers : .ease) }

    /// One weight of the grid is better than all others, and is found for every signal: neither the first that helps nor
    /// the greatest, but the one that helps most.
    @Test(arguments: pairs, [0.25, 0.5, 1, 2, 4])
    func findsThePlantedWeight(pair: (signal: Signal, anchor: Signal), planted: Double) async throws {
        // Between values of the grid, so that no weight of the anchor does what the planted one does.
        let anchor = 0.7
        let groups: [Group] = [
            .wants(pair.signal, moreThan: planted * 0.9 / anchor, times: pair.anchor, 0..<8),
            .wants(pair.signal, lessThan: planted * 1.1 / anchor, times: pair.anchor, 8..<12),
            // Worth more than all that could be won without the anchor.
            .wants(pair.signal, lessThan: 100, times: pair.anchor, 12..<40),
        ]
        let found = try await Self.best([groups, groups], from: [pair.signal: 0.05, pair.anchor: anchor])
        #expect(found == HybridModel(weights: [pair.signal: planted, pair.anchor: anchor], recency: 0))
    }

    @Test func aSignalThatMisleadsIsLeftOut() async throws {
        let groups = [
            Group(clients: 0..<20, signals: [.peers: (0.02, 0), .itemConditional: (0, 1), .ease: (0.02, 0)])
        ]
        let found = try await Self.best([groups, groups], from: HybridModel.standard.weights)
        // With nothing left to gain, the others stay as they were.
        #expect(found.weights == [.peers: 1, .ease: 1])
    }

    /// What a later weight has changed makes another value of an earlier one better: the next round finds it.
    @Test func goesRoundUntilNothingHelpsAnyMore() async throws {
        let groups = [
            // EASE must count more for the many, and then peers must for the few.
            Group(clients: 0..<16, signals: [.ease: (0.5, 0), .popularity: (0, 0.75)]),
            Group(clients: 16..<24, signals: [.peers: (0.5, 0), .ease: (0, 0.375)]),
        ]
        let found = try await Self.best([groups, groups], from: [.peers: 0.5, .ease: 0.25, .popularity: 0.5])
        #expect(found.weights == [.peers: 1, .ease: 1, .popularity: 0.5])
    }

    // MARK: What is not taken

    /// A change that helps on average and makes one half of one window worse is a matter of luck.
    @Test(arguments: [0, 1], [0, 1])
    func noHalfOfAnyWindowMayBecomeWorse(window: Int, half: Int) async throws {
        let even = [Group.wants(.itemConditional, moreThan: 1.5, times: .peers, 0..<40)]
        // Of one half, more have lost than won; the other half and the other window have won all the same.
        let odd =
            even
            + (40..<90).filter { $0 % 2 == half }.map {
                .wants(.itemConditional, lessThan: 1.5, times: .peers, $0..<($0 + 1))
            }
        let windows = window == 0 ? [odd, even] : [even, odd]
        let start: [Signal: Double] = [.peers: 1, .itemConditional: 1]
        #expect(try await Self.best(windows, from: start).weights == start)
        // Without the loss it is taken.
        #expect(try await Self.best([even, even], from: start).weights != start)
    }

    /// A gain in one half counts though nothing changes in the others; a gain of next to nothing does not.
    ///
    /// One client who moves from the second place to the first gains 1 - 1 / log2(3) = 0.369: of a half with 700, that is
    /// 0.00053 on average, and with 760 it is 0.00049.
    @Test(arguments: [(halfSize: 700, isTaken: true), (halfSize: 760, isTaken: false)])
    func aGainMustBeWorthIt(half: (halfSize: Int, isTaken: Bool)) async throws {
        let content: [Signal: (added: Double, other: Double)] = [.peers: (0.5, 0), .itemConditional: (0.5, 0)]
        let groups: [Group] = [
            .wants(.itemConditional, moreThan: 1.5, times: .peers, 0..<1),
            Group(clients: 1..<(2 * half.halfSize), signals: content),
        ]
        let start: [Signal: Double] = [.peers: 1, .itemConditional: 1]
        let found = try await Self.best([groups, [Group(clients: 0..<50, signals: content)]], from: start)
        #expect((found.weights != start) == half.isTaken, "\(found)")
    }

    /// Where a change makes no difference, things stay as they are.
    @Test func tiesChangeNothing() async throws {
        let groups = [
            // Both signals say the same, and of a third nothing is known.
            Group(clients: 0..<30, signals: [.peers: (0.25, 0.5), .itemConditional: (0.25, 0.5)]),
            Group(clients: 30..<60, signals: [.peers: (0.5, 0.25), .itemConditional: (0.5, 0.25)]),
            Group(clients: 60..<90, signals: [.peers: (0.5, 0.5), .itemConditional: (0.25, 0.25)]),
        ]
        let start: [Signal: Double] = [.peers: 1, .itemConditional: 0.3, .segmentPopularity: 0.7]
        #expect(try await Self.best([groups, groups], from: start).weights == start)
    }

    /// A model needs a signal: the last one is not taken away, whatever it is worth.
    @Test func theLastWeightStays() async throws {
        let groups = [Group(clients: 0..<30, signals: [.peers: (0, 0.5)])]
        #expect(try await Self.best([groups, groups], from: [.peers: 1]).weights == [.peers: 1])
    }

    @Test func withoutClientsTheStartIsTheBest() async throws {
        #expect(try await Self.best([[], []], from: [.peers: 1, .ease: 2]).weights == [.peers: 1, .ease: 2])
    }

    // MARK: Recency

    /// Additions speak for the first product or against it, one against the other by a power of the ratios.
    private static let recencyGroups = [
        // First when recency counts more than log(2) / log(8) = 0.33 ...
        Group(clients: 0..<20, signals: [.peers: (0.4, 0.8), .recentPeers: (0.8, 0.1)]),
        // ... and less than log(4) / log(6) = 0.77, about.
        Group(clients: 20..<32, signals: [.peers: (0.8, 0.2), .recentPeers: (0.1, 0.6)]),
    ]

    @Test(arguments: [0, 0.25, 1, 4]) func findsThePlantedRecency(start: Double) async throws {
        let found = try await Self.best(
            [Self.recencyGroups, Self.recencyGroups], from: [.peers: 1], recency: start, knowsRecentAdditions: true)
        #expect(found == HybridModel(weights: [.peers: 1], recency: 0.5))
    }

    /// Additions that would have to count twice as much as holdings to put anything right are let count as much at most.
    @Test(arguments: [0, 0.5]) func recencyIsNotTriedBeyondOne(start: Double) async throws {
        let groups = [
            // First when recency counts more than log(2) / log(8) = 0.33 ...
            Group(clients: 0..<20, signals: [.peers: (0.4, 0.8), .recentPeers: (0.8, 0.1)]),
            // ... more than log(2) / log(2.5) = 0.76 ...
            Group(clients: 20..<30, signals: [.peers: (0.4, 0.8), .recentPeers: (0.8, 0.32)]),
            // ... and more than log(8) / log(4) = 1.5, about.
            Group(clients: 30..<50, signals: [.peers: (0.1, 0.8), .recentPeers: (0.8, 0.2)]),
        ]
        let found = try await Self.best(
            [groups, groups], from: [.peers: 1], recency: start, knowsRecentAdditions: true)
        #expect(found == HybridModel(weights: [.peers: 1], recency: 1))
    }

    /// One window tells how much recency counts, and nothing about the weights of signals.
    @Test func oneWindowTellsRecencyOnly() async throws {
        let misleading = Group(
            clients: 32..<60,
            signals: [.peers: (0.5, 0.25), .ease: (0, 0.75), .recentPeers: (0.5, 0.5), .recentEASE: (0.5, 0.5)])
        let groups = Self.recencyGroups + [misleading]
        let start: [Signal: Double] = [.peers: 1, .ease: 1]
        let one = try await Self.best([groups], from: start, recency: 1, knowsRecentAdditions: true)
        #expect(one == HybridModel(weights: start, recency: 0.5))
        let two = try await Self.best([groups, groups], from: start, recency: 1, knowsRecentAdditions: true)
        #expect(two.weights[.ease, default: 0] < two.weights[.peers, default: 0])
    }

    /// Where nothing is known of additions, their weight is not guessed.
    @Test func withoutAdditionsRecencyStays() async throws {
        let found = try await Self.best([Self.recencyGroups, Self.recencyGroups], from: [.peers: 1], recency: 0.5)
        #expect(found.recency == 0.5)
    }
}
