import Recommending

/// The scores of every signal for the tested clients of one portfolio, kept so that weights can be tried.
struct TuningCase: Sendable {
    /// By signal, in the order of `Signal.allCases`, and by product; empty for signals that are not used.
    let scores: [[Double]]
    /// Whether a product takes part: held by somebody, and not by the client.
    let isRanked: [Bool]
    /// The clients, and what each has added.
    let added: [(client: Int32, products: [Int32])]
}
