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
            "# Who holds what. Proposed because of \(holdings.reasons.joined(separator: ", ")).",
        ]
        if !alternatives.isEmpty {
            let names = alternatives.prefix(3).map { "\($0.relation.name)" }.joined(separator: ", ")
            lines.append("# Also possible: \(Self.comment(names)); peerfolio init --relation NAME takes another one.")
        }
        lines += [
            "holdings:", "  relation: \("\(holdings.relation.name)".yamlQuoted)",
            "  client: \(holdings.client.name.yamlQuoted)",
        ]
        switch holdings.layout {
        case .long(let product, let amount):
            lines.append("  product: \(product.name.yamlQuoted)")
            lines.append(
                amount.map { "  amount: \($0.name.yamlQuoted)" }
                    ?? "  # No column looks like an amount: every row counts as 1.")
        case .wide(let products):
            lines.append("  # One column per product; the names of the columns become the product ids.")
            lines.append("  products: [\(products.map(\.yamlQuoted).joined(separator: ", "))]")
        }
        switch holdings.dating {
        case .none: lines.append("  # No dates: the holdings are taken as they are.")
        case .snapshot(let column): lines.append("  as_of: \(column.name.yamlQuoted)")
        case .validity(let from, let to):
            lines += ["  valid_from: \(from.name.yamlQuoted)", "  valid_to: \(to.name.yamlQuoted)"]
        }
        lines += [""] + clientLines + [""] + productLines + [""] + exclusionLines
        lines += [
            "", "# When peerfolio schedule, the daemon, runs.", "#schedule:", "#  cron: \"30 5 * * mon-fri\"",
            "#  time_zone: Europe/Lisbon", "",
        ]
        return lines.joined(separator: "\n")
    }

    private var clientLines: [String] {
        guard let clients else {
            return ["# No relation of all clients was found; with one, clients without holdings get popular products."]
        }
        var lines = [
            "# All clients, so that those without holdings get recommendations as well.", "clients:",
            "  relation: \("\(clients.relation.name)".yamlQuoted)", "  id: \(clients.id.name.yamlQuoted)",
        ]
        if let manager = clients.manager { lines.append("  manager: \(manager.name.yamlQuoted)") }
        return lines
    }

    private var productLines: [String] {
        guard let products else { return ["# No relation of products was found; with one, reports have names."] }
        var lines = [
            "# Names for reports, and which products may be offered.", "products:",
            "  relation: \("\(products.relation.name)".yamlQuoted)", "  id: \(products.id.name.yamlQuoted)",
        ]
        if let name = products.name { lines.append("  name: \(name.name.yamlQuoted)") }
        if let available = products.available { lines.append("  available: \(available.name.yamlQuoted)") }
        return lines
    }

    private var exclusionLines: [String] {
        guard let exclusions else {
            return [
                "# What must not be offered to whom: any SELECT of client_id, product_id, reason; NULL means all.",
                "#exclusions:", "#  query: \"select client_id, product_id, reason from ...\"",
            ]
        }
        let relation = [exclusions.relation.name.schema, exclusions.relation.name.name].compactMap(\.self)
            .map(Self.identifier).joined(separator: ".")
        let reason = exclusions.reason.map { Self.identifier($0.name) } ?? "'excluded'"
        let query =
            "select \(Self.identifier(exclusions.client.name)) as client_id,"
            + " \(Self.identifier(exclusions.product.name)) as product_id, \(reason) as reason from \(relation)"
        return [
            "# What must not be offered to whom; NULL means all.", "exclusions:", "  query: \(query.yamlQuoted)",
        ]
    }

    /// A name as SQL writes it.
    private static func identifier(_ name: String) -> String {
        "\"\(name.replacing("\"", with: "\"\""))\""
    }

    /// Text that stays in its line.
    private static func comment(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }
}
