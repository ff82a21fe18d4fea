import Recommending

/// The scores of every signal for the tested clients of one portfolio, kept so that weights can be tried.
struct TuningCase: Sendable {
    /// The scores of every signal that something is known of.
    let scores: SignalScores
    /// Whether a product takes part: held by somebody, and not by the client.
    let isRanked: [Bool]
    /// The clients, and what each has added.
    let added: [(client: Int32, products: [Int32])]

    /// The case of some of its clients; nothing when none is left.
    func filter(_ isIncluded: (Int32) -> Bool) -> TuningCase? {
        let included = added.filter { isIncluded($0.client) }
        return included.isEmpty ? nil : TuningCase(scores: scores, isRanked: isRanked, added: included)
    }
}
