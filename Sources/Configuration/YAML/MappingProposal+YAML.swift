public import SourceReading

extension MappingProposal {
    /// The proposal as a commented configuration file.
    ///
    /// - Parameter connection: A libpq conninfo or URI without a password; empty for the `PG*` environment.
    public func yaml(connection: String) -> String {
        var lines = [
            "# Peerfolio's configuration, proposed by peerfolio init: look it through, then run peerfolio check.",
            "# Any libpq conninfo or URI; \"\" means the PG* environment. Passwords belong there or in .pgpass.",
            "connection: \(connection.yamlQuoted)", "",
        ]
        lines += ProposedSection.comment("Who holds what. Why this relation: \(reasons.joined(separator: "; ")).")
        if !alternatives.isEmpty {
            let names = alternatives.prefix(3).map { "\($0)" }.joined(separator: ", ")
            lines += ProposedSection.comment(
                "Also possible: \(names); peerfolio init --relation NAME takes another one.")
        }
        lines += holdings.lines + [""]
        lines +=
            clients?.lines
            ?? ["# No relation of all clients was found; with one, clients without holdings get popular products."]
        lines +=
            [""] + (products?.lines ?? ["# No relation of products was found; with one, reports have names."]) + [""]
        if !nearMasters.isEmpty { lines += nearMasters.flatMap { ProposedSection.comment($0) } + [""] }
        if let suitability { lines += suitability.lines + [""] }
        lines +=
            exclusions?.lines ?? [
                "# What must not be offered to whom: any SELECT of client_id, product_id, reason; NULL means all.",
                "#exclusions:", "#  query: \"select client_id, product_id, reason from ...\"",
            ]
        lines += [
            "", "# When peerfolio schedule, the daemon, runs.", "#schedule:", "#  cron: \"30 5 * * mon-fri\"",
            "#  time_zone: Europe/Lisbon", "",
        ]
        return lines.joined(separator: "\n")
    }
}
