import Holdings

/// Tells by a word of each row whether a transaction adds or takes away, and keeps what speaks against that.
struct TransactionSides: Sendable {
    /// What a transaction does.
    enum Direction: Sendable {
        case buy
        case sell
    }

    /// Different words of which nobody knows the meaning that are counted one by one; with more, the column is another one.
    private static let mostUnknownWords = 100
    /// The bytes of a word that are shown.
    private static let shownByteCount = 40

    private let directions: [String: Direction]
    /// The words as they have come, so that none is folded twice; a warehouse has a few of them.
    private var seen: [(bytes: [UInt8], direction: Direction)] = []

    /// Rows of each word that has no meaning.
    private var unknownWords: [String: Int] = [:]
    /// Rows whose word has no meaning; set aside.
    private(set) var unknownCount = 0
    private var bought = Signs()
    private var sold = Signs()

    /// How many amounts have which sign.
    private struct Signs {
        var positive = 0
        var negative = 0

        mutating func add(_ sign: Int) {
            if sign > 0 { positive += 1 }
            if sign < 0 { negative += 1 }
        }

        var areMostlyNegative: Bool { negative > positive }
    }

    init(_ side: HoldingsMapping.Side) {
        let words = side.buy.map { ($0, Direction.buy) } + side.sell.map { ($0, Direction.sell) }
        directions = Dictionary(words.map { (HoldingsMapping.Side.folded($0.0), $0.1) }) { first, _ in first }
    }

    /// What a transaction does; nil when its word, which may be NULL, does not say.
    mutating func direction(_ word: UnsafeRawBufferPointer?) -> Direction? {
        guard let word else { return noDirection("NULL") }
        for known in seen where known.bytes.elementsEqual(word) { return known.direction }
        let text = String(decoding: word, as: UTF8.self)
        guard let direction = directions[HoldingsMapping.Side.folded(text)] else {
            return noDirection(String(decoding: word.prefix(Self.shownByteCount), as: UTF8.self))
        }
        seen.append((Array(word), direction))
        return direction
    }

    private mutating func noDirection(_ word: String) -> Direction? {
        unknownCount += 1
        if unknownWords[word] != nil || unknownWords.count < Self.mostUnknownWords {
            unknownWords[word, default: 0] += 1
        }
        return nil
    }

    /// Takes note of an amount as it stands in its row.
    ///
    /// - Parameter sign: -1, 0 or 1.
    mutating func note(_ direction: Direction, sign: Int) {
        switch direction {
        case .buy: bought.add(sign)
        case .sell: sold.add(sign)
        }
    }

    /// The words without a meaning that most rows have, at most five.
    var unknownExamples: [String] {
        unknownWords.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5).map(\.key)
    }

    /// Negative amounts of words most of whose amounts are negative: the sign says already what the word says.
    var doublySigned: Int { [bought, sold].filter(\.areMostlyNegative).reduce(0) { $0 + $1.negative } }

    /// Negative amounts among others: transactions that were taken back.
    var reversals: Int { [bought, sold].filter { !$0.areMostlyNegative }.reduce(0) { $0 + $1.negative } }
}
