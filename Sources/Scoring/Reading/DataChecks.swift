package import Configuration
public import Holdings
import Recommending
package import ResultStore
package import SourceReading

/// What is odd about the input: what its sections found, and what only the whole, the run before and the limits tell.
public struct DataChecks: Sendable {
    /// A share of empty portfolios above which somebody should look.
    private static let emptyPortfolioShare = 0.5

    let input: SourceInput
    let counts: RunCounts
    private let previous: RunCounts?
    private let lacksHistory: Bool
    let limits: ConfigurationSection<ChecksKeys>
    /// Clients who hold each product.
    let holders: [Int]

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
        addUnlisted(to: &findings)
        addBlankIDs(to: &findings)
        addCatchAllClients(to: &findings)
        addFalls(to: &findings)
        if let snapshot = input.snapshot { addCuts(of: snapshot, to: &findings) }
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
        ] where isFall(from: before, to: now) {
            findings.add(
                code, .error, before - now,
                "\(now) \(what) after \(before) in the previous run: a fall of more than checks.max_fall"
                    + " (\(limits.maxFall)) allows")
        }
    }

    private func isFall(from before: Int, to now: Int) -> Bool {
        Double(now) < (1 - limits.maxFall) * Double(before)
    }

    /// What a snapshot lacks of its whole day, and of the snapshot before it, whether or not there was a run before.
    private func addCuts(of snapshot: HoldingsSnapshot, to findings: inout [Finding]) {
        let advice = "set holdings.as_of_window to more than one load takes, and to less than the time between two"
        if let day = snapshot.wholeDay, let (missing, what) = missing(of: day) {
            findings.add(
                .partialLoad, .error, missing,
                "of the day's \(what) \(missing) are not in the load that ends at \(snapshot.size.name), a fall of more"
                    + " than checks.max_fall (\(limits.maxFall)) allows: \(advice)")
        } else if snapshot.isCutByWindow {
            findings.add(
                .windowCutsLoad, .warning, 1,
                "the load that ends at \(snapshot.size.name) seems to have begun earlier than its rows that count: \(advice)"
            )
        }
        guard let previous = snapshot.previous else { return }
        let now = snapshot.size
        if isFall(from: previous.rows, to: now.rows) || isFall(from: previous.clients, to: now.clients) {
            findings.add(
                .snapshotCut, .warning, max(previous.rows - now.rows, previous.clients - now.clients),
                "the snapshot of \(now.name) has \(now.rows) rows of \(now.clients) clients, that of \(previous.name) had"
                    + " \(previous.rows) of \(previous.clients): is the load complete?")
        }
    }

    /// What a load lacks of its day, if that is more than is allowed.
    private func missing(of day: HoldingsSnapshot.WholeDay) -> (count: Int, what: String)? {
        if isFall(from: day.clients, to: day.clients - day.clientsMissing) {
            return (day.clientsMissing, "\(day.clients) clients")
        }
        if isFall(from: day.pairs, to: day.pairs - day.pairsMissing) {
            return (day.pairsMissing, "\(day.pairs) holdings")
        }
        return nil
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
