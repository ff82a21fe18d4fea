internal import DistanceKernels

/// The products of every portfolio as a row of bits: whoever asks what a peer holds waits for one word, not for a list.
struct ProductSets: Sendable {
    private let words: AlignedMemory<UInt32>
    /// Words of a row.
    let wordCount: Int

    /// Whether rows are so short that they are faster than lists of products: a word costs as much as a few products.
    static func areFaster(_ portfolios: Portfolios) -> Bool {
        let size = Double(portfolios.products.count) / Double(max(1, portfolios.count))
        return Double(wordCount(portfolios)) <= 1 + size / 4
    }

    private static func wordCount(_ portfolios: Portfolios) -> Int {
        max(1, (portfolios.productCount + BitRows.wordSize - 1) / BitRows.wordSize)
    }

    /// Lays out portfolios.
    init(_ portfolios: Portfolios) throws {
        wordCount = Self.wordCount(portfolios)
        words = AlignedMemory(repeating: 0, count: portfolios.count * wordCount)
        for portfolio in 0..<portfolios.count {
            if portfolio.isMultiple(of: PeerIndex.cancellationInterval) { try Task.checkCancellation() }
            for column in portfolios.columns(of: portfolio) {
                let (word, bit) = Int(portfolios.products[column]).quotientAndRemainder(dividingBy: BitRows.wordSize)
                words.start[portfolio * wordCount + word] |= 1 << UInt32(bit)
            }
        }
    }

    /// The rows in the form that kernels take.
    var rows: BitRows { BitRows(words: words.start, wordCount: wordCount) }
}
