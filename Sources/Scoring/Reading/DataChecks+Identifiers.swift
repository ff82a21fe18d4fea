import Configuration
import Holdings
import ResultStore
import SourceReading

/// Ids that are odd: they are blank, they are those of a member for all that is unknown, or they do not meet those of the
/// relation that lists them.
extension DataChecks {
    func addUnlisted(to findings: inout [Finding]) {
        addUnlisted(
            .unknownClient, input.unlistedClients, "clients with a portfolio", in: "clients", to: &findings)
        addUnlisted(.unknownProduct, input.unlistedProducts, "held products", in: "products", to: &findings)
    }

    private func addUnlisted(
        _ code: Finding.Code, _ unlisted: UnlistedIDs?, _ what: String, in relation: String,
        to findings: inout [Finding]
    ) {
        guard let unlisted, unlisted.count > 0 else { return }
        let isRefused = unlisted.share > limits.maxUnknown
        let limit = isRefused ? ", more than checks.max_unknown (\(limits.maxUnknown)) allows" : ""
        let hint = unlisted.nearMatch.map { match in
            "; ids differ in \(match.differences)" + (match.remedy.isEmpty ? "" : ": map \(match.remedy)")
        }
        findings.add(
            code, isRefused ? .error : unlisted.isOdd ? .warning : .info, unlisted.count,
            examples: Array(([unlisted.nearMatch?.example].compactMap(\.self) + unlisted.examples).prefix(5)),
            "\(unlisted.heldCount) of \(unlisted.allHeldCount) \(what) are not in the \(relation) relation\(limit)\(hint ?? "")"
        )
    }

    func addBlankIDs(to findings: inout [Finding]) {
        let roster = input.roster
        let (clients, products) = (Self.blankIDs(roster.clients), Self.blankIDs(roster.products))
        let held =
            clients.reduce(0) { $0 + input.holdings.pairs(ofClient: Int($1)).count }
            + products.reduce(0) { $0 + holders[Int($1)] }
        let examples =
            clients.map { "client \"\(roster.clients.text(at: $0))\"" }
            + products.map { "product \"\(roster.products.text(at: $0))\"" }
        findings.add(
            .blankID, .warning, examples.count, examples: Array(examples.prefix(5)),
            "ids of clients (\(clients.count)) and of products (\(products.count)) are empty or blank, with holdings"
                + " (\(held)): NULL elsewhere? leave them out in a query")
    }

    /// Ids without a character that can be seen.
    private static func blankIDs(_ ids: IdentifierTable) -> [Int32] {
        guard ids.type == .text else { return [] }
        return (0..<Int32(ids.count)).filter { index in
            ids.withBytes(at: index) { id in
                // Nearly all begin with a letter or a digit.
                if let first = id.first, (0x21...0x7E).contains(first) { return false }
                return String(decoding: id, as: UTF8.self).unicodeScalars.allSatisfy { scalar in
                    scalar.properties.isWhitespace || scalar.properties.isDefaultIgnorableCodePoint
                        || scalar.properties.generalCategory == .control
                }
            }
        }
    }

    func addCatchAllClients(to findings: inout [Finding]) {
        let median = medianSize
        guard median > 0 else { return }
        let products = holders.count { $0 > 0 }
        // With fewer products, or a median near to all of them, somebody holds nearly all by right.
        let nearlyAll = products >= 10 ? max(5 * median, (products * 95 + 99) / 100) : .max
        let catchAll = (0..<input.roster.clients.count).filter { client in
            let size = input.holdings.pairs(ofClient: client).count
            return size >= nearlyAll || size > 100 * median
        }
        findings.add(
            .catchAllClient, .warning, catchAll.count,
            examples: catchAll.prefix(5).map { input.roster.clients.text(at: Int32($0)) },
            "clients hold nearly all of \(products) products, or more than a hundred times the median of \(median): members"
                + " for unknown clients? leave them out in a query")
    }

    /// The median number of products of clients with a portfolio, of two the greater; 0 without any.
    private var medianSize: Int {
        var clientsOfSize = [Int](repeating: 0, count: input.roster.products.count + 1)
        for client in 0..<input.roster.clients.count {
            clientsOfSize[input.holdings.pairs(ofClient: client).count] += 1
        }
        var rest = counts.clientsWithPortfolio / 2
        for size in clientsOfSize.indices.dropFirst() {
            rest -= clientsOfSize[size]
            if rest < 0 { return size }
        }
        return 0
    }
}
