public import Holdings

/// What clients were suggested before, so that lists change for a reason and not for a hair's breadth.
///
/// A candidate that was in the client's list competes with score · (1 + margin) for its place in the new one. Nothing
/// else changes: what may not be offered any more, or is no candidate any more, goes, and the score that is shown is the
/// true one.
///
/// Clients who were suggested the same products, in whatever order, share one *list*, so that they can share what is
/// chosen for them.
public struct Incumbents: Sendable {
    /// By how much a newcomer's score must exceed that of a product in the list: 0.1 for a tenth.
    public let margin: Double

    /// By client: its list, 0 for none.
    private let listOfClient: [Int32]
    /// The products of each list; the first list is empty.
    private let lists: GroupedLists<Int32>

    /// Collects lists.
    ///
    /// - Parameters:
    ///   - suggested: Lists of products, in any order.
    ///   - listOfClient: Which of them each client was suggested; nil for none.
    ///   - margin: By how much a newcomer must be better, relative to the score; finite, at least 0.
    /// - Complexity: O(clients + products in the lists · log of their length).
    public init(_ suggested: GroupedLists<Int32>, listOfClient: [Int32?], margin: Double) {
        precondition(margin >= 0 && margin.isFinite, "the margin must be finite and not negative")
        self.margin = margin
        var sorted = GroupedLists<Int32>()
        for list in 0..<suggested.count { sorted.append(suggested[list].sorted()) }
        let (numbers, lists) = sorted.distinct()
        self.listOfClient = listOfClient.map { $0.map { numbers[Int($0)] } ?? 0 }
        self.lists = lists
    }

    /// Clients that exist.
    public var clientCount: Int { listOfClient.count }

    /// The list of a client; 0 for a client who was suggested nothing.
    func list(ofClient client: Int) -> Int32 {
        listOfClient[client]
    }

    /// Whether a client was suggested a product.
    public func contains(product: Int32, ofClient client: Int) -> Bool {
        lists[Int(list(ofClient: client))].contains(product)
    }

    /// The best candidates where those of a list have their margin.
    ///
    /// - Parameters:
    ///   - count: How many, at least 1.
    ///   - candidates: Candidates that may be offered, best first.
    ///   - list: The client's list.
    ///   - popularity: Decides between equal scores.
    /// - Returns: At most `count` of the candidates as they are, by score with margin.
    /// - Complexity: O(candidates · length of the list).
    func best(
        _ count: Int, of candidates: [Candidate], list: Int32, popularity: ProductPopularity
    ) -> [Candidate] {
        let incumbents = lists[Int(list)]
        var contenders: [(raised: Candidate, place: Int)] = []
        var newcomers = 0
        for (place, candidate) in candidates.enumerated() {
            if incumbents.contains(candidate.product) {
                contenders.append((candidate.raised(by: 1 + margin), place))
            } else if newcomers < count {
                newcomers += 1
                contenders.append((candidate, place))
            }
        }
        contenders.sort { popularity.ranksBefore($0.raised, $1.raised) }
        return contenders.prefix(count).map { candidates[$0.place] }
    }
}

extension Candidate {
    fileprivate func raised(by factor: Double) -> Candidate {
        Candidate(product: product, score: score * factor, peersHolding: peersHolding, reason: reason)
    }
}
