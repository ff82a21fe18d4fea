/// What the name of a column or relation says: how well its words fit a meaning.
struct NameMeaning {
    /// The words of the meaning, in several languages of warehouses, with their weights.
    private let weights: [String: Double]

    static let client = NameMeaning([
        "client": 3, "customer": 3, "cust": 2.5, "investor": 3, "kunde": 3, "cliente": 3, "holder": 2, "party": 2,
        "member": 2, "subscriber": 2, "household": 1.5, "account": 1.5, "user": 1,
    ])
    static let product = NameMeaning([
        "product": 3, "prod": 2.5, "instrument": 3, "security": 3, "isin": 3, "produkt": 3, "producto": 3, "asset": 2.5,
        "fund": 2.5, "ticker": 2.5, "symbol": 2, "article": 2, "item": 1.5, "sku": 2,
    ])
    static let amount = NameMeaning([
        "amount": 3, "value": 2.5, "balance": 2.5, "betrag": 3, "quantity": 2, "qty": 2, "units": 2, "notional": 2,
        "nominal": 2, "shares": 2, "volume": 1.5, "market": 0.5, "exposure": 1.5, "position": 1,
    ])
    static let holdings = NameMeaning([
        "holding": 3, "position": 3, "portfolio": 2, "balance": 1.5, "depot": 2, "ownership": 2, "matrix": 1.5,
        "fact": 0.5, "exclusion": -6, "restriction": -6, "blacklist": -6, "blocked": -6, "transaction": -3, "trade": -3,
        "order": -3, "log": -3, "tmp": -4, "temp": -4, "staging": -2, "stg": -2, "backup": -4, "bak": -4, "old": -2,
        "test": -2, "recommendation": -6, "suggestion": -6,
    ])
    static let exclusions = NameMeaning([
        "exclusion": 3, "excluded": 3, "restriction": 3, "restricted": 3, "blacklist": 3, "blocked": 3, "forbidden": 3,
        "suitability": 2,
    ])
    static let manager = NameMeaning([
        "manager": 3, "advisor": 3, "adviser": 3, "banker": 3, "rm": 2.5, "berater": 3, "relationship": 1,
        "responsible": 1,
    ])
    static let name = NameMeaning(["name": 3, "title": 2.5, "label": 2.5, "description": 1.5, "bezeichnung": 3])
    static let available = NameMeaning([
        "available": 3, "offered": 3, "sellable": 3, "active": 2.5, "enabled": 2, "tradable": 2.5, "tradeable": 2.5,
        "open": 2,
    ])
    static let reason = NameMeaning(["reason": 3, "cause": 2, "comment": 1.5, "note": 1, "rule": 1.5])
    static let snapshot = NameMeaning([
        "as": 0.5, "of": 0.5, "asof": 2, "snapshot": 3, "position": 1.5, "business": 2, "valuation": 2, "report": 1.5,
        "cob": 2, "date": 1, "day": 1,
    ])
    static let validFrom = NameMeaning(["from": 2, "start": 2, "since": 2, "valid": 1, "effective": 1, "begin": 2])
    static let validTo = NameMeaning(["to": 2, "end": 2, "until": 2, "valid": 1, "effective": 1, "expiry": 2])

    private init(_ weights: [String: Double]) {
        self.weights = weights
    }

    /// How well a name fits; 0 or less when it does not.
    func score(_ name: String) -> Double {
        let words = Self.words(of: name)
        let best = words.reduce(0.0) { sum, word in
            sum + (weights[word] ?? (word.hasSuffix("s") ? weights[String(word.dropLast())] : nil) ?? 0)
        }
        // Other words say that it is about something else, or about more.
        let others = words.filter {
            weights[$0] == nil && !["id", "no", "number", "key", "code", "dim", "fct"].contains($0)
        }
        return best <= 0 ? best : best - 0.3 * Double(others.count)
    }

    /// The words of a name, such as `client_id` or `ClientID`, in lower case.
    static func words(of name: String) -> [String] {
        var words: [String] = []
        var wasLower = false
        for character in name {
            guard character.isLetter || character.isNumber else {
                wasLower = false
                if words.last?.isEmpty == false { words.append("") }
                continue
            }
            if words.isEmpty || character.isUppercase && wasLower { words.append("") }
            words[words.count - 1] += character.lowercased()
            wasLower = character.isLowercase
        }
        return words.filter { !$0.isEmpty }
    }
}
