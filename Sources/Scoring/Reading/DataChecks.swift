package import Configuration
public import Holdings
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
        var findings = input.findings
        addRejected(to: &findings)
        findings.add(
            .nothingToOffer, .error, input.roster.clients.count > 0 && input.policy.leavesNothing ? 1 : 0,
            "exclusions, availability and suitability leave nothing that could be offered to anybody")
        findings.add(
            .noHistory, .warning, lacksHistory ? 1 : 0,
            "nothing is known of what was added in the last hybrid.recent_days days: recency has no part in the scores")
        addFalls(to: &findings)
        addShape(to: &findings)
        return findings.sorted { ($1.severity, $0.code.rawValue) < ($0.severity, $1.code.rawValue) }
    }

    private func addRejected(to findings: inout [Finding]) {
        let rejected = input.holdingsSetAside + input.quality.rowsSetAside
        // A row of a wide relation has an entry for every product in it.
        let entries = input.holdingsSetAside + input.quality.rowCount
        guard Double(rejected) > limits.maxRejected * Double(entries) else { return }
        findings.add(
            .tooManyRejected, .error, rejected,
            "\(rejected) of \(entries) holdings as read were set aside, more than"
                + " checks.max_rejected (\(limits.maxRejected)) allows")
    }

    private func addFalls(to findings: inout [Finding]) {
        guard let previous else { return }
        for (code, what, now, before) in [
            (Finding.Code.fewerClients, "clients", counts.clients, previous.clients),
            (.fewerHoldings, "holdings", counts.holdings, previous.holdings),
        ] where Double(now) < (1 - limits.maxFall) * Double(before) {
            findings.add(
                code, .error, before - now,
                "\(now) \(what) after \(before) in the previous run: a fall of more than checks.max_fall"
                    + " (\(limits.maxFall)) allows")
        }
    }

    private func addShape(to findings: inout [Finding]) {
        let empty = counts.clients - counts.clientsWithPortfolio
        let areMost = Double(empty) > Self.emptyPortfolioShare * Double(counts.clients)
        findings.add(
            .emptyPortfolios, areMost ? .warning : .info, empty,
            "\(empty) of \(counts.clients) clients hold nothing; they get the most popular products")
        func add(_ code: Finding.Code, heldBy count: Int, _ message: String) {
            let products = holders.indices.filter { holders[$0] == count }
            let examples = products.prefix(5).map { input.roster.products.text(at: Int32($0)) }
            findings.add(code, .info, products.count, examples: examples, message)
        }
        if counts.clientsWithPortfolio > 0 {
            add(
                .heldByEverybody, heldBy: counts.clientsWithPortfolio,
                "products that every client with a portfolio holds")
        }
        add(.heldByNobody, heldBy: 0, "products that nobody holds")
    }
}
