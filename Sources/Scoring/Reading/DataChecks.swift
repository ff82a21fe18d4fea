package import Configuration
public import Holdings
import PeerSearch
import Recommending
package import ResultStore
package import SourceReading

/// What is odd about the input: what its sections found, and what only the whole, the run before and the limits tell.
public struct DataChecks: Sendable {
    /// A share of empty portfolios above which somebody should look.
    private static let emptyPortfolioShare = 0.5

    private let input: SourceInput
    private let counts: RunCounts
    private let previous: RunCounts?
    private let lacksHistory: Bool
    private let limits: ConfigurationSection<ChecksKeys>
    /// Clients who hold each product.
    private let holders: [Int]

    /// Creates the checks for some input.
    ///
    /// - Parameters:
    ///   - input: What was read.
    ///   - previous: Counts of the live run of the channel; nil if there is none.
    ///   - limits: What a run tolerates.
    package init(
        _ input: SourceInput, previous: RunCounts?, limits: ConfigurationSection<ChecksKeys>, lacksHistory: Bool = false
    ) {
        self.input = input
        self.counts = RunCounts(input.holdings)
        self.previous = previous
        self.limits = limits
        self.lacksHistory = lacksHistory
        var holders = [Int](repeating: 0, count: input.roster.products.count)
        for product in input.holdings.products { holders[Int(product)] += 1 }
        self.holders = holders
    }

    /// All findings, those that refuse first.
    public func findings() -> [Finding] {
        let all = input.findings + rejected() + offers() + history() + falls() + shape()
        return all.sorted { ($1.severity, $0.code.rawValue) < ($0.severity, $1.code.rawValue) }
    }

    private func rejected() -> [Finding] {
        let rejected = input.holdingsWithoutKey + input.quality.rowsSetAside
        // A row of a wide relation has an entry for every product in it.
        let entries = input.holdingsWithoutKey + input.quality.rowCount
        guard Double(rejected) > limits.maxRejected * Double(entries) else { return [] }
        return [
            Finding(
                .tooManyRejected, .error, occurrences: rejected,
                "\(rejected) of \(entries) holdings as read were set aside, more than"
                    + " checks.max_rejected (\(limits.maxRejected)) allows")
        ]
    }

    private func offers() -> [Finding] {
        guard input.roster.clients.count > 0, input.policy.leavesNothing else { return [] }
        return [
            Finding(
                .nothingToOffer, .error, occurrences: 1,
                "exclusions, availability and suitability leave nothing that could be offered to anybody")
        ]
    }

    private func history() -> [Finding] {
        guard lacksHistory else { return [] }
        return [
            Finding(
                .noHistory, .warning, occurrences: 1,
                "nothing is known of what was added in the last hybrid.recent_days days: recency has no part in the scores"
            )
        ]
    }

    private func falls() -> [Finding] {
        guard let previous else { return [] }
        var findings: [Finding] = []
        func compare(_ code: Finding.Code, _ what: String, _ now: Int, _ before: Int) {
            guard Double(now) < (1 - limits.maxFall) * Double(before) else { return }
            findings.append(
                Finding(
                    code, .error, occurrences: before - now,
                    "\(now) \(what) after \(before) in the previous run: a fall of more than checks.max_fall"
                        + " (\(limits.maxFall)) allows"))
        }
        compare(.fewerClients, "clients", counts.clients, previous.clients)
        compare(.fewerHoldings, "holdings", counts.holdings, previous.holdings)
        return findings
    }

    private func shape() -> [Finding] {
        var findings: [Finding] = []
        let empty = counts.clients - counts.clientsWithPortfolio
        if empty > 0 {
            let isMost = Double(empty) > Self.emptyPortfolioShare * Double(counts.clients)
            findings.append(
                Finding(
                    .emptyPortfolios, isMost ? .warning : .info, occurrences: empty,
                    "\(empty) of \(counts.clients) clients hold nothing; they get the most popular products"))
        }
        func add(_ code: Finding.Code, _ products: [Int], _ message: String) {
            guard !products.isEmpty else { return }
            findings.append(
                Finding(
                    code, .info, occurrences: products.count,
                    examples: products.prefix(5).map { input.roster.products.text(at: Int32($0)) }, message))
        }
        if counts.clientsWithPortfolio > 0 {
            add(
                .heldByEverybody, holders.indices.filter { holders[$0] == counts.clientsWithPortfolio },
                "products that every client with a portfolio holds")
        }
        add(.heldByNobody, holders.indices.filter { holders[$0] == 0 }, "products that nobody holds")
        return findings
    }
}
