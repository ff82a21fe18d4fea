import Holdings
import PeerSearch

extension SourceInput.Draft {
    /// Adds what is odd about the clients.
    ///
    /// - Parameters:
    ///   - rowCounts: The rows of each client.
    ///   - clientsOfUnusable: The client of every number among the attributes that could not be used, ascending.
    mutating func addClientsFindings(rowCounts: [Int], clientsOfUnusable: [Int32]) {
        let ids = order.clients
        findings.add(
            .duplicateClient, .warning, Occurrences(rowCounts, in: ids) { max(0, $0 - 1) },
            "further rows for a client in the clients relation")
        findings.add(
            .unknownClientRisk, .warning, Occurrences(ofUnknown: clientRisks ?? [], in: ids),
            "clients without a known risk are offered nothing")
        findings.add(
            .unknownQualification, .warning, Occurrences(ofUnknown: qualifications ?? [], in: ids),
            "clients of whom it is unknown whether they are qualified count as not qualified")
        findings.add(
            .unusableAttribute, .warning, Occurrences(of: clientsOfUnusable, in: ids),
            "numbers in clients.attributes are NaN, infinite or beyond double precision; taken for unknown")
        addUselessAttributes()
    }

    private mutating func addUselessAttributes() {
        let useless = attributes.filter { $0.distinctValueCount < 2 }
        let list = useless.map { attribute in
            "\"\(attribute.name)\" (\(attribute.distinctValueCount == 0 ? "no value" : "one value"))"
        }
        findings.add(
            .uselessAttribute, .error, useless.count, examples: useless.prefix(5).map(\.name),
            "columns of clients.attributes tell nobody apart: \(list.joined(separator: ", "));"
                + " leave them out, or map others")
    }
}
