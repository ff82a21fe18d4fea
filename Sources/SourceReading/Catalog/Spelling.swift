/// Finds the word that was probably meant.
package enum Spelling {
    /// The candidate with the smallest edit distance to `word`, the first of several, or nil when none is near.
    ///
    /// Near means at most 2 edits, and fewer edits than the word has letters: everything is near to a word of one letter.
    package static func nearest(to word: String, in candidates: [String]) -> String? {
        let ranked = candidates.map { (candidate: $0, distance: editDistance(word.lowercased(), $0.lowercased())) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= 2 && best.distance < min(word.count, best.candidate.count) ? best.candidate : nil
    }

    /// The Levenshtein distance, where swapping two neighboring letters counts as one edit as well.
    ///
    /// - Complexity: O(n · m).
    static func editDistance(_ first: String, _ second: String) -> Int {
        let a = Array(first.unicodeScalars)
        let b = Array(second.unicodeScalars)
        // Names are short; anything long is far from all of them, and its table would only cost time.
        guard a.count <= 64, b.count <= 64 else { return max(a.count, b.count) }
        var beforePrevious: [Int] = []
        var previous = Array(0...b.count)
        for i in a.indices {
            var current = [i + 1]
            for j in b.indices {
                let substitution = previous[j] + (a[i] == b[j] ? 0 : 1)
                var best = min(substitution, previous[j + 1] + 1, current[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    best = min(best, beforePrevious[j - 1] + 1)
                }
                current.append(best)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[b.count]
    }
}
