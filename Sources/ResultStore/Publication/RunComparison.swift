import Holdings
import Recommending

/// What has changed between two runs whose rows are both still there.
public struct RunComparison: Sendable, Encodable {
    /// The earlier run.
    public let previousRunID: Int64
    /// Clients more than before; negative for fewer.
    public let clients: Int
    /// Recommendations more than before; negative for fewer.
    public let recommendations: Int
    /// Clients in both runs whose best suggestion is another product now.
    public let firstChoiceChanged: Int
    /// Clients in both runs who have a best suggestion.
    public let firstChoiceCompared: Int

    /// Clients in both runs.
    public let clientsCompared: Int
    /// Those whose list is another one now: other products, or in another order.
    public let listsChanged: Int
    /// Suggestions of the later run to clients in both.
    public let suggestionsCompared: Int
    /// Those that were not in the client's earlier list.
    public let suggestionsNew: Int

    /// Share of the clients in both runs whose list has changed, 0...1; nil without any.
    public var changedListShare: Double? { Self.share(listsChanged, of: clientsCompared) }
    /// Share of the suggestions to them that are new, 0...1; nil without any.
    public var newSuggestionShare: Double? { Self.share(suggestionsNew, of: suggestionsCompared) }
    /// Share of the clients with a best suggestion in both runs for whom it has changed, 0...1; nil without any.
    public var changedFirstChoiceShare: Double? { Self.share(firstChoiceChanged, of: firstChoiceCompared) }

    private static func share(_ part: Int, of whole: Int) -> Double? {
        whole == 0 ? nil : Double(part) / Double(whole)
    }

    enum CodingKeys: String, CodingKey {
        case clients, recommendations
        case previousRunID = "previous_run_id"
        case firstChoiceChanged = "first_choice_changed"
        case firstChoiceCompared = "first_choice_compared"
        case clientsCompared = "clients_compared"
        case listsChanged = "lists_changed"
        case suggestionsCompared = "suggestions_compared"
        case suggestionsNew = "suggestions_new"
    }
}

extension RunComparison {
    /// Compares lists client by client.
    init(_ recommendations: Recommendations, with earlier: EarlierLists, ofRun runID: Int64) {
        var (compared, changed, suggested, new) = (0, 0, 0, 0)
        var (firstCompared, firstChanged) = (0, 0)
        for (client, earlierList) in earlier.listOfClient.enumerated() {
            guard let earlierList else { continue }
            let before = earlier.lists[Int(earlierList)]
            let now = recommendations.rows(ofList: recommendations.list(ofClient: client)).map(\.product)
            compared += 1
            suggested += now.count
            new += now.count { !before.contains($0) }
            if !now.elementsEqual(before) { changed += 1 }
            if let first = now.first, let firstBefore = before.first {
                firstCompared += 1
                if first != firstBefore { firstChanged += 1 }
            }
        }
        self.init(
            previousRunID: runID, clients: recommendations.clientCount - earlier.clients,
            recommendations: recommendations.rowCount - earlier.recommendations,
            firstChoiceChanged: firstChanged, firstChoiceCompared: firstCompared, clientsCompared: compared,
            listsChanged: changed, suggestionsCompared: suggested, suggestionsNew: new)
    }
}
