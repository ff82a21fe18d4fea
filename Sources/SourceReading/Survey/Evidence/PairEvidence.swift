import Postgres

/// How often clients, their products and days come together: over all rows, or over those of some clients.
struct PairEvidence: Sendable {
    /// How a column with days goes with clients and products.
    struct Day: Sendable {
        /// Different days.
        let days: Int
        /// Different clients on different days.
        let clientDays: Int
        /// Different pairs on different days.
        let pairDays: Int
    }

    /// Clients looked at where there are too many rows to look at all.
    private static let clientLimit = 100

    let rows: Int
    let clients: Int
    /// Different clients with different products; of a relation without products, different clients.
    let pairs: Int
    /// By the column's name.
    let days: [String: Day]

    /// The share of all days on which a client has rows, from 0 to 1, on average.
    func coverage(_ day: Day) -> Double {
        clients == 0 || day.days == 0 ? 0 : Double(day.clientDays) / Double(clients * day.days)
    }

    /// Looks at the rows.
    ///
    /// - Returns: Nil when it cannot be known in time.
    static func read(
        _ evidence: RelationEvidence, client: WarehouseSurvey.Column, product: WarehouseSurvey.Column?,
        days: [DayKey], _ sampler: Sampler
    ) throws -> PairEvidence? {
        guard evidence.failure == nil, evidence.rows > 0 else { return nil }
        let relation = evidence.relation
        var columns = ["x.\(client.sql) as client"] + (product.map { ["x.\($0.sql) as product"] } ?? [])
        // Of moments, their days count.
        columns += days.enumerated().map { "\($1.isMoment ? "(\($1.value("x")))::date" : $1.value("x")) as day_\($0)" }
        // Rows sampled by their place seldom belong to the same client, so some clients are looked at whole.
        let chosen = """
            where x.\(client.sql) in (select \(client.sql) from (select \(client.sql) from \
            \(sampler.fromClause(relation, rowEstimate: evidence.rowEstimate)) limit 2000) as picked \
            group by 1 order by 1 limit \(clientLimit))
            """
        let pair = product == nil ? "client" : "client, product"
        func count(_ list: String) -> String {
            "(select count(*) from (select distinct \(list) from part) as different)"
        }
        let perDay = days.indices.map {
            "\(count("day_\($0)")), \(count("client, day_\($0)")), \(count("\(pair), day_\($0)"))"
        }
        let figures = ["(select count(*) from part)", count("client"), count(pair)] + perDay
        return try sampler.read { session in
            let row = try session.execute(
                """
                with part as materialized (select \(columns.joined(separator: ", ")) from \(relation.sql) x
                                           \(evidence.isWhole ? "" : chosen)
                                           limit \(3 * Sampler.wholeLimit))
                select \(figures.joined(separator: ", "))
                """
            ).rows[0]
            var found: [String: Day] = [:]
            for (index, day) in days.enumerated() {
                found[day.column.name] = Day(
                    days: try row.get(at: 3 + 3 * index), clientDays: try row.get(at: 4 + 3 * index),
                    pairDays: try row.get(at: 5 + 3 * index))
            }
            return PairEvidence(
                rows: try row.get(at: 0), clients: try row.get(at: 1), pairs: try row.get(at: 2), days: found)
        }
    }
}
