/// What the name of a column or relation says: how well its words fit a meaning.
///
/// Names are one signal among several: types, keys and samples decide where they say something.
struct NameMeaning: Sendable {
    /// Whole words with their weights.
    private var words: [String: Double] = [:]
    /// Beginnings and ends of words with their weights, the longest first.
    private var beginnings: [(stem: String, weight: Double)] = []
    private var ends: [(stem: String, weight: Double)] = []

    /// Words that every name may have besides those of its meaning.
    private static let neutral: Set<String> = [
        "id", "no", "nr", "num", "number", "key", "code", "cd", "dim", "fct", "on", "at", "in", "sk", "bk", "nk", "pk",
        "fk",
        "ref", "ident", "identifier", "kod", "cod", "codigo", "codice", "nummer", "numero", "numer", "nomer",
        "identyfikator",
        "identifikator", "the", "de", "du", "del", "di", "do", "da", "der", "des", "la", "le", "s", "d", "f", "is",
        "ist", "es",
        "current", "dwh",
    ]

    /// - Parameter weights: By weight, words separated by white space in lower-case Latin letters; `klient*` stands for all
    ///   words that begin so, `*datum` for those that end so.
    init(_ weights: [Double: String]) {
        for (weight, text) in weights {
            for word in text.split(whereSeparator: \.isWhitespace) {
                if word.hasSuffix("*") {
                    beginnings.append((String(word.dropLast()), weight))
                } else if word.hasPrefix("*") {
                    ends.append((String(word.dropFirst()), weight))
                } else {
                    words[String(word)] = weight
                }
            }
        }
        beginnings.sort { ($1.stem.utf8.count, $0.stem) < ($0.stem.utf8.count, $1.stem) }
        ends.sort { ($1.stem.utf8.count, $0.stem) < ($0.stem.utf8.count, $1.stem) }
    }

    /// How well a name fits; 0 or less when it does not.
    func score(_ name: String) -> Double {
        let words = FoldedWords.folded(name)
        let weights = words.map(weight)
        let sum = weights.reduce(0.0) { $0 + ($1 ?? 0) }
        guard sum > 0 else { return sum }
        // Other words say that it is about something else, or about more.
        let others = zip(words, weights).count { word, weight in
            weight == nil && !Self.neutral.contains(word) && !word.allSatisfy(\.isNumber)
        }
        return sum - 0.3 * Double(others)
    }

    /// What one folded word weighs; nil when it is none of the meaning.
    private func weight(_ word: String) -> Double? {
        if let weight = words[word] { return weight }
        if word.hasSuffix("s"), word.count > 3, let weight = words[String(word.dropLast())] { return weight }
        if let stem = beginnings.first(where: { word.hasPrefix($0.stem) }) { return stem.weight }
        return ends.first { word.hasSuffix($0.stem) }?.weight
    }
}
