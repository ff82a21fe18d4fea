package import Configuration
public import Holdings
import PeerSearch
import Recommending
package import ResultStore
package import SourceReading

/// Turns what was odd about the input into findings, and decides which of them refuse a run.
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
    ///   - previous: Counts of the newest succeeded run of the channel; nil if there is none.
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
        let all = size() + rows() + relations() + attributes() + history() + falls() + shape()
        return all.sorted { ($1.severity, $0.code.rawValue) < ($0.severity, $1.code.rawValue) }
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

    private func size() -> [Finding] {
        guard input.statistics.holdingRows > 0 else {
            return [
                Finding(
                    .emptySource, .error, occurrences: 1,
                    "the holdings have no row for this date; has the load of the warehouse run?")
            ]
        }
        var findings: [Finding] = []
        if counts.clientsWithPortfolio < 2 {
            findings.append(
                Finding(
                    .tooFewClients, .error, occurrences: counts.clientsWithPortfolio,
                    "\(counts.clientsWithPortfolio) clients hold anything; at least 2 are needed to compare"))
        }
        let heldProducts = holders.count { $0 > 0 }
        if heldProducts < 2 {
            findings.append(
                Finding(
                    .tooFewProducts, .error, occurrences: heldProducts,
                    "\(heldProducts) products are held; at least 2 are needed to recommend"))
        }
        return findings
    }

    private func rows() -> [Finding] {
        let (quality, statistics) = (input.quality, input.statistics)
        var findings: [Finding] = []
        func add(_ code: Finding.Code, _ finding: HoldingsQuality.Occurrences, _ message: String) {
            guard finding.count > 0 else { return }
            findings.append(
                Finding(
                    code, .warning, occurrences: finding.count, examples: finding.examples.map(pairText), message))
        }
        add(.nullAmount, quality.nullAmounts, "rows without an amount were set aside")
        add(.nanAmount, quality.notANumberAmounts, "rows whose amount is NaN were set aside")
        add(.infiniteAmount, quality.infiniteAmounts, "amounts infinite or beyond double precision were set aside")
        add(.negativeAmount, quality.negativeAmounts, "negative amounts; they count in the sum of their pair")
        if quality.duplicateRows.count > 0 {
            findings.append(
                Finding(
                    .duplicateHolding, .info, occurrences: quality.duplicateRows.count,
                    examples: quality.duplicateRows.examples.map(pairText),
                    "further rows for the same client and product were summed"))
        }
        let nullKeys = statistics.rowsWithNullKey + statistics.entriesWithNullKey
        if nullKeys > 0 {
            findings.append(
                Finding(
                    .nullKey, .warning, occurrences: nullKeys, "rows whose client or product is NULL were set aside"))
        }
        let rejected = statistics.rowsWithNullKey + quality.rowsSetAside
        // A row of a wide relation has an entry for every product in it.
        let entries = statistics.rowsWithNullKey + quality.rowCount
        if Double(rejected) > limits.maxRejected * Double(entries) {
            findings.append(
                Finding(
                    .tooManyRejected, .error, occurrences: rejected,
                    "\(rejected) of \(entries) holdings as read were set aside, more than"
                        + " checks.max_rejected (\(limits.maxRejected)) allows"))
        }
        return findings
    }

    private func relations() -> [Finding] {
        let statistics = input.statistics
        var findings: [Finding] = []
        func add(
            _ code: Finding.Code, _ severity: Finding.Severity, _ found: SourceStatistics.Occurrences, _ message: String
        ) {
            guard found.count > 0 else { return }
            findings.append(Finding(code, severity, occurrences: found.count, examples: found.examples, message))
        }
        add(
            .unknownClient, .warning, statistics.unknownClients, "clients with holdings are not in the clients relation"
        )
        add(.unknownProduct, .warning, statistics.unknownProducts, "held products are not in the products relation")
        add(
            .duplicateClient, .warning, statistics.duplicateClients, "further rows for a client in the clients relation"
        )
        add(
            .duplicateProduct, .warning, statistics.duplicateProducts,
            "further rows for a product in the products relation; it is available only if all of them say so")
        add(
            .unknownClientRisk, .warning, statistics.unknownClientRisks,
            "clients without a known risk are offered nothing")
        add(
            .unknownProductRisk, .warning, statistics.unknownProductRisks,
            "products without a known risk are offered to nobody")
        add(
            .unknownQualification, .warning, statistics.unknownQualifications,
            "clients of whom it is unknown whether they are qualified count as not qualified")
        add(
            .unknownRequirement, .warning, statistics.unknownRequirements,
            "products of which it is unknown whether they require a qualified client count as if they did")
        add(
            .unknownComponent, .error, statistics.components.unknown,
            "rows of products.components name products that are neither in the products relation nor in holdings")
        add(
            .invalidWeight, .error, statistics.components.invalidWeights,
            "weights in products.components are NULL, negative, infinite or NaN, or a product's sum to 0")
        add(.ownComponent, .error, statistics.components.ownComponents, "products are their own components")
        add(.componentCycle, .error, statistics.components.cycles, "products are, by way of others, made of themselves")
        if statistics.unknownExclusions > 0 {
            findings.append(
                Finding(
                    .unknownExclusion, .info, occurrences: statistics.unknownExclusions,
                    "exclusions name clients or products that are nowhere else"))
        }
        if statistics.ignoresAsOf {
            findings.append(
                Finding(
                    .undatedSource, .warning, occurrences: 1,
                    "the holdings have no dates: what was read is what they hold now, and --as-of is a label;"
                        + " map holdings.as_of or valid_from and valid_to, or use :as_of in holdings.query"))
        }
        if input.roster.clients.count > 0, input.policy.leavesNothing {
            findings.append(
                Finding(
                    .nothingToOffer, .error, occurrences: 1,
                    "exclusions, availability and suitability leave nothing that could be offered to anybody"))
        }
        return findings
    }

    private func attributes() -> [Finding] {
        var findings: [Finding] = []
        let useless = input.attributes.filter { $0.distinctValueCount < 2 }
        if !useless.isEmpty {
            let list = useless.map { attribute in
                "\"\(attribute.name)\" (\(attribute.distinctValueCount == 0 ? "no value" : "one value"))"
            }
            findings.append(
                Finding(
                    .uselessAttribute, .error, occurrences: useless.count,
                    examples: useless.prefix(5).map(\.name),
                    "columns of clients.attributes tell nobody apart: \(list.joined(separator: ", "));"
                        + " leave them out, or map others"))
        }
        let unusable = input.statistics.unusableAttributes
        if unusable.count > 0 {
            findings.append(
                Finding(
                    .unusableAttribute, .warning, occurrences: unusable.count, examples: unusable.examples,
                    "numbers in clients.attributes are NaN, infinite or beyond double precision; taken for unknown"))
        }
        return findings
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

    private func pairText(_ pair: ClientProduct) -> String {
        "\(input.roster.clients.text(at: pair.client)) / \(input.roster.products.text(at: pair.product))"
    }
}
