import Holdings
import Postgres
import Recommending

/// Counts, while the rows of an earlier run stream by in any order, how the lists of clients have changed since.
struct ListChanges {
    /// What an earlier list has in common with the one of today.
    private struct EarlierList {
        var isThere = false
        var length: Int32 = 0
        /// Products that are at the same rank today, and that are in the list today at all.
        var sameRank: Int32 = 0
        var kept: Int32 = 0
        var hasFirst = false
        var isSameFirst = false
    }

    /// Totals over the clients in both runs.
    struct Totals {
        var clients = 0
        var listsChanged = 0
        var suggestions = 0
        var suggestionsNew = 0
        var firstChoices = 0
        var firstChoicesChanged = 0
    }

    private let roster: Roster
    private let recommendations: Recommendations
    private var earlierLists: [EarlierList]
    /// Rows that streamed by, those of clients included who are not there any more.
    private(set) var clientRows = 0
    private(set) var suggestionRows = 0

    init(_ roster: Roster, _ recommendations: Recommendations) {
        self.roster = roster
        self.recommendations = recommendations
        earlierLists = [EarlierList](repeating: EarlierList(), count: roster.clients.count)
    }

    /// Client id.
    mutating func addClient(_ row: BinaryCopyRow) {
        clientRows += 1
        guard let client = row[0].flatMap({ roster.clients.index(of: $0) }) else { return }
        earlierLists[Int(client)].isThere = true
    }

    /// Client id, product id, rank.
    mutating func addSuggestion(_ row: BinaryCopyRow) throws {
        suggestionRows += 1
        guard let client = row[0].flatMap({ roster.clients.index(of: $0) }), let rank = try row.int16(2) else { return }
        let product = row[1].flatMap { roster.products.index(of: $0) }
        let place = recommendations.rows(ofClient: Int(client)).first { $0.product == product }?.rank
        let isSameRank = place == Int32(rank)
        earlierLists[Int(client)].length += 1
        if place != nil { earlierLists[Int(client)].kept += 1 }
        if isSameRank { earlierLists[Int(client)].sameRank += 1 }
        if rank == 1 {
            earlierLists[Int(client)].hasFirst = true
            earlierLists[Int(client)].isSameFirst = isSameRank
        }
    }

    /// The totals when everything has streamed by.
    func totals() -> Totals {
        var totals = Totals()
        for (client, earlier) in earlierLists.enumerated() where earlier.isThere {
            let length = recommendations.rows(ofClient: client).count
            totals.clients += 1
            totals.suggestions += length
            totals.suggestionsNew += length - Int(earlier.kept)
            if Int(earlier.length) != length || Int(earlier.sameRank) != length { totals.listsChanged += 1 }
            if earlier.hasFirst, length > 0 {
                totals.firstChoices += 1
                if !earlier.isSameFirst { totals.firstChoicesChanged += 1 }
            }
        }
        return totals
    }
}
