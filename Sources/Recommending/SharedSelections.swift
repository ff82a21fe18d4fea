/// The selections that clients of one portfolio share, by what they may be offered.
///
/// Nearly always all clients of a portfolio are alike, so the last answer is worth a comparison before anything is
/// looked up.
struct SharedSelections {
    private var last: (audience: Int32, selection: Int32)?
    private var others: [Int32: Int32] = [:]

    subscript(audience: Int32) -> Int32? {
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
