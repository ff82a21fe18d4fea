import Recommending

/// `peerfolio.run_lists`: what clients with the same portfolio get of whom policy knows the same.
enum RunListRows: ResultTable {
    struct Row {
        let run: RunPlace
        let list: Int32
        let group: Int32
        let clients: Int32
        let outcome: ClientOutcome
    }

    static let name = "run_lists"
    static let key = ["slot", "run_id", "list_number"]
    static let countColumn: String? = "lists"

    static let contents: String? = """
        hashfloat8extended(coalesce(t.kth_distance, -1),
            hashcharextended(t.status,
                hashint8extended((t.portfolio_size::bigint << 32) | t.peers,
                    hashint8extended((t.list_number::bigint << 32) | t.clients, t.group_number))))
        """

    @inline(__always)
    static func totals(of row: Row) -> RowTotals {
        let numbers = ServerHash.hash(Int64(row.list) << 32 | Int64(row.clients), seed: UInt64(row.group))
        let sizes = Int64(row.outcome.portfolioSize) << 32 | Int64(row.outcome.peers)
        let status = ServerHash.hash(row.outcome.status.field, seed: ServerHash.hash(sizes, seed: numbers))
        return RowTotals(contents: ServerHash.hash(row.outcome.kthDistance ?? -1, seed: status))
    }

    @inline(__always)
    static func fields<Fields: RowFields>(_ fields: inout Fields, _ row: () -> Row) throws(Fields.Failure) {
        try fields.add("slot", row().run.slot)
        try fields.add("list_number", row().list)
        try fields.add("run_id", row().run.runID)
        try fields.add("kth_distance", row().outcome.kthDistance)
        try fields.add("group_number", row().group)
        try fields.add("clients", row().clients)
        try fields.add("portfolio_size", Int32(row().outcome.portfolioSize))
        try fields.add("peers", Int32(row().outcome.peers))
        try fields.add("status", row().outcome.status.field)
    }

    static func write(
        _ results: RunResults, of run: RunPlace, to rows: inout RowWriter<Self>, progress: (Int) -> Void
    ) throws {
        let recommendations = results.recommendations
        for list in 0..<recommendations.listCount {
            try rows.append(
                Row(
                    run: run, list: Int32(list), group: Int32(recommendations.group(ofList: list)),
                    clients: Int32(recommendations.clientCount(ofList: list)),
                    outcome: recommendations.outcome(ofList: list)))
        }
    }
}

extension ClientStatus {
    /// How the table has it.
    fileprivate var field: CharField {
        switch self {
        case .scored: CharField("S")
        case .fallback: CharField("F")
        case .noPortfolio: CharField("N")
        case .excluded: CharField("X")
        }
    }
}
