import Holdings
import Recommending

/// `peerfolio.run_clients`: what became of each client.
enum RunClientRows: ResultTable {
    struct Row {
        let run: RunPlace
        let client: ClientID
        let outcome: ClientOutcome
        let manager: String?
    }

    static let name = "run_clients"
    static let key = ["slot", "run_id", "client_id"]
    static let countColumn: String? = "clients"

    @inline(__always)
    static func fields<Fields: RowFields>(_ fields: inout Fields, _ row: () -> Row) throws(Fields.Failure) {
        try fields.add("slot", row().run.slot)
        try fields.add("run_id", row().run.runID)
        try fields.add("client_id", row().client)
        try fields.add("status", row().outcome.status.rawValue)
        try fields.add("portfolio_size", Int32(row().outcome.portfolioSize))
        try fields.add("peers", Double(row().outcome.peers))
        try fields.add("kth_distance", row().outcome.kthDistance)
        try fields.add("manager", row().manager)
    }

    static func write(
        _ results: RunResults, of run: RunPlace, to rows: inout RowWriter<Self>, progress: (Int) -> Void
    ) throws {
        let roster = results.roster
        for client in 0..<roster.clients.count {
            try roster.clients.withBytes(at: Int32(client)) { id in
                try rows.append(
                    Row(
                        run: run, client: ClientID(bytes: id),
                        outcome: results.recommendations.outcome(ofClient: client),
                        manager: roster.manager(ofClient: client)))
            }
        }
    }
}
