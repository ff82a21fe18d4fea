/// Why exclusions keep something from clients: places among texts that are ascending by bytes, so that the least counts.
///
/// Four bytes for each place at most, and none where no reason is given.
struct ExclusionReasons: Sendable {
    /// No reason; comes after every other.
    static let none = Int32.max

    /// Of exclusions of everything.
    var ofEverything = Self.none

    private let texts: [String]
    private let clientCount: Int
    /// Of exclusions from all products, by client; empty without any.
    private var ofClients: [Int32] = []
    /// By product that is excluded for all clients.
    private(set) var excludedProducts: [Int32: Int32] = [:]
    /// By place of the policy's pairs; empty without any.
    var ofPairs: [Int32] = []

    init(texts: [String], clientCount: Int) {
        self.texts = texts
        self.clientCount = clientCount
    }

    mutating func add(_ reason: Int32, client: Int32) {
        guard reason != Self.none else { return }
        if ofClients.isEmpty { ofClients = [Int32](repeating: Self.none, count: clientCount) }
        ofClients[Int(client)] = min(ofClients[Int(client)], reason)
    }

    mutating func add(_ reason: Int32, product: Int32) {
        excludedProducts[product] = min(excludedProducts[product] ?? Self.none, reason)
    }

    /// The text of a reason; nil for none.
    func text(_ reason: Int32) -> String? { reason == Self.none ? nil : texts[Int(reason)] }

    /// Why a client is offered nothing; nil where no reason is given.
    func text(ofClient client: Int) -> String? {
        text(min(ofEverything, ofClients.isEmpty ? Self.none : ofClients[client]))
    }
}
