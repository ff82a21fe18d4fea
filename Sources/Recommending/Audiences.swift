/// What decides, beside the portfolio, what a client without exclusions of its own is offered.
struct Audience: Hashable {
    /// Which products suit the client.
    let suitabilityClass: Int32
    /// What the client was suggested before.
    let incumbentList: Int32
}

/// The selections that clients of one portfolio share, by audience.
///
/// Nearly always all clients of a portfolio are alike, so the last answer is worth a comparison before anything is
/// looked up.
struct SharedSelections {
    private var last: (audience: Audience, selection: Int32)?
    private var others: [Audience: Int32] = [:]

    subscript(audience: Audience) -> Int32? {
        mutating get {
            if let last, last.audience == audience { return last.selection }
            guard let selection = others[audience] else { return nil }
            self[audience] = selection
            return selection
        }
        set {
            if let last { others[last.audience] = last.selection }
            last = newValue.map { (audience, $0) }
        }
    }
}
