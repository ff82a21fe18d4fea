import Holdings
import Recommending

/// `peerfolio.run_clients`: every client and the list that it gets.
enum RunClientRows: ResultTable {
    struct Row {
        let run: RunPlace
        let list: Int32
        let client: ClientID
        let clientText: String
        let manager: String?
    }

    static let name = "run_clients"
    static let key = ["slot", "run_id", "client_id"]
    static let countColumn: String? = "clients"
    static let contents: String? = "hash_array_extended(array[convert_to(t.client_id::text, 'UTF8')], t.list_number)"

    @inline(__always)
    static func totals(of row: Row) -> RowTotals {
        RowTotals(contents: ServerHash.hash(id: row.clientText, seed: UInt64(row.list)))
    }

    @inline(__always)
    static func fields<Fields: RowFields>(_ fields: inout Fields, _ row: () -> Row) throws(Fields.Failure) {
        try fields.add("slot", row().run.slot)
        try fields.add("list_number", row().list)
        try fields.add("run_id", row().run.runID)
        try fields.add("client_id", row().client)
        try fields.add("manager", row().manager)
    }

    static func write(
        _ results: RunResults, of run: RunPlace, to rows: inout RowWriter<Self>, progress: (Int) -> Void
    ) throws {
        let roster = results.roster
        for client in 0..<roster.clients.count {
            if client % 4096 == 0 { progress(client) }
            try roster.clients.withBytes(at: Int32(client)) { id in
                try rows.append(
                    Row(
                        run: run, list: Int32(results.recommendations.list(ofClient: client)),
                        client: ClientID(bytes: id), clientText: roster.clients.text(at: Int32(client)),
                        manager: roster.manager(ofClient: client)))
            }
        }
        progress(roster.clients.count)
    }
}
