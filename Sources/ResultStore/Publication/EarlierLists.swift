import Holdings
import Postgres

/// What an earlier run has suggested to the clients and products of today.
struct EarlierLists {
    /// The lists: the products of each by rank, -1 for one that is not there any more.
    let lists: GroupedLists<Int32>
    /// The list of each client of today; nil for those whom the earlier run did not know.
    let listOfClient: [Int32?]
    /// Clients of the earlier run, those included who are not there any more.
    let clients: Int
    /// Its recommendations to all of them.
    let recommendations: Int

    /// Reads the rows of an earlier run.
    ///
    /// - Parameter roster: The clients and products of today.
    /// - Returns: Nil if rows of the run are not there any more.
    /// - Throws: `PostgresError`; `CancellationError`.
    static func read(ofRun runID: Int64, for roster: Roster, _ session: Session) throws -> EarlierLists? {
        guard let run = try EarlierRun.find(runID, session) else { return nil }
        var offers: [(list: Int32, rank: Int16, product: Int32)] = []
        try session.copyRows(of: RecommendationRows.self, "list_number", "rank", "product_id", in: run) { row in
            guard let list = try row.int32(0), let rank = try row.int16(1) else { return }
            offers.append((list, rank, row[2].flatMap { roster.products.index(of: $0) } ?? -1))
        }
        offers.sort { ($0.list, $0.rank) < ($1.list, $1.rank) }
        let lists = GroupedLists(
            offers.map { (list: $0.list, element: $0.product) }, count: max(run.lists, Int(offers.last?.list ?? -1) + 1)
        )
        var listOfClient = [Int32?](repeating: nil, count: roster.clients.count)
        var (clients, recommendations) = (0, 0)
        try session.copyRows(of: RunClientRows.self, "client_id", "list_number", in: run) { row in
            guard let list = try row.int32(1), list >= 0, list < lists.count else { return }
            clients += 1
            recommendations += lists[Int(list)].count
            if let client = row[0].flatMap({ roster.clients.index(of: $0) }) { listOfClient[Int(client)] = list }
        }
        guard clients == run.clients, recommendations == run.recommendations else { return nil }
        return EarlierLists(
            lists: lists, listOfClient: listOfClient, clients: clients, recommendations: recommendations)
    }
}
