import Holdings
import PeerSearch

/// What decides, beside the portfolio, what a client is offered.
struct Audience: Hashable, Sendable {
    /// Whether the client is offered nothing at all; nothing else matters then.
    var isExcluded = false
    /// The segment by which scores may differ; -1 for unknown, and where segments change nothing.
    var segment: Int32 = -1
    /// Which products suit the client.
    var suitabilityClass: Int32 = 0
    /// What the client in particular must not be offered.
    var exclusionList: Int32 = 0
    /// What the client was suggested before.
    var incumbentList: Int32 = 0
}

/// Which clients get the same list: those with the same portfolio who are of one audience.
///
/// All of it is known before the search, so that every list has its number and its place in the results beforehand.
/// Lists are numbered portfolio by portfolio, those of one segment side by side; last come those of clients who hold
/// nothing.
struct Audiences: Sendable {
    /// The list of each client.
    let listOfClient: [Int32]
    /// How many clients get each list: at least 1.
    let clientCounts: [Int32]
    /// The group of each list: lists whose candidates and scores are the same, before policy has its say.
    let groupOfList: [Int32]

    /// Where each portfolio's lists begin; the last but one is where those of clients begin who hold nothing.
    private let firstLists: [Int32]
    /// By list, its place in ``audiences``.
    private let audienceOfList: [Int32]
    private let audiences: [Audience]

    /// Lists that there are.
    var count: Int { clientCounts.count }

    /// The lists of the clients of a portfolio; those of clients who hold nothing for `nil`.
    func lists(of portfolio: Int?) -> Range<Int> {
        let place = portfolio ?? firstLists.count - 2
        return Int(firstLists[place])..<Int(firstLists[place + 1])
    }

    /// What decides what a list offers.
    subscript(list: Int) -> Audience { audiences[Int(audienceOfList[list])] }

    /// Tells audiences apart and numbers the lists.
    ///
    /// - Parameter audience: The audience of a client; called once for each.
    /// - Complexity: O(clients + portfolios).
    init(of portfolios: Portfolios, by audience: (_ client: Int) -> Audience) {
        let (audienceOfClient, audiences) = Self.distinct((0..<portfolios.clientCount).lazy.map(audience))
        let withoutPortfolio = (0..<Int32(portfolios.clientCount)).filter {
            portfolios.portfolio(ofClient: Int($0)) == nil
        }
        let haveSegments = audiences.contains { $0.segment >= 0 }
        var listOfClient = [Int32](repeating: 0, count: portfolios.clientCount)
        var (clientCounts, groupOfList, audienceOfList, firstLists): ([Int32], [Int32], [Int32], [Int32]) =
            ([], [], [], [])
        firstLists.reserveCapacity(portfolios.count + 2)
        // The last list of each audience: one of this portfolio, unless it comes before the portfolio's first.
        var latest = [Int32](repeating: -1, count: audiences.count)
        var present: [Int32] = []
        var group: Int32 = -1
        for portfolio in 0...portfolios.count {
            let first = Int32(clientCounts.count)
            firstLists.append(first)
            let clients = portfolio < portfolios.count ? portfolios.clients(of: portfolio) : withoutPortfolio[...]
            present.removeAll(keepingCapacity: true)
            for client in clients {
                let audience = Int(audienceOfClient[Int(client)])
                if latest[audience] < first {
                    latest[audience] = first
                    present.append(Int32(audience))
                }
            }
            if haveSegments { present.sort { (audiences[Int($0)].segment, $0) < (audiences[Int($1)].segment, $1) } }
            var segment: Int32?
            for audience in present {
                if segment != audiences[Int(audience)].segment {
                    segment = audiences[Int(audience)].segment
                    group += 1
                }
                latest[Int(audience)] = Int32(clientCounts.count)
                clientCounts.append(0)
                groupOfList.append(group)
                audienceOfList.append(audience)
            }
            for client in clients {
                let list = latest[Int(audienceOfClient[Int(client)])]
                listOfClient[Int(client)] = list
                clientCounts[Int(list)] += 1
            }
        }
        firstLists.append(Int32(clientCounts.count))
        self.listOfClient = listOfClient
        self.clientCounts = clientCounts
        self.groupOfList = groupOfList
        self.firstLists = firstLists
        self.audienceOfList = audienceOfList
        self.audiences = audiences
    }

    /// Numbers different audiences by their first client.
    private static func distinct(_ all: some Collection<Audience>) -> (numbers: [Int32], audiences: [Audience]) {
        var numbers: [Audience: Int32] = [:]
        var audiences: [Audience] = []
        // Nearly always the next client is like the last one, which is worth a comparison before anything is looked up.
        var last: (audience: Audience, number: Int32)?
        let numberOfClient = all.map { audience in
            if let last, last.audience == audience { return last.number }
            let number = numbers[audience] ?? Int32(audiences.count)
            if numbers.updateValue(number, forKey: audience) == nil { audiences.append(audience) }
            last = (audience, number)
            return number
        }
        return (numberOfClient, audiences)
    }
}

extension Audiences {
    /// The audiences of the clients of a run.
    init(
        of portfolios: Portfolios, policy: Policy, incumbents: Incumbents?, segment: (_ client: Int32) -> Int32
    ) {
        self.init(of: portfolios) { client in
            guard !policy.isExcluded(client: client) else { return Audience(isExcluded: true) }
            return Audience(
                // Who holds nothing has no scores.
                segment: portfolios.portfolio(ofClient: client) == nil ? -1 : segment(Int32(client)),
                suitabilityClass: policy.suitabilityClass(ofClient: client),
                exclusionList: policy.exclusionList(ofClient: client),
                incumbentList: incumbents?.list(ofClient: client) ?? 0)
        }
    }
}
