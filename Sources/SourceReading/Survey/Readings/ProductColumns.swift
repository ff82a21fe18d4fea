/// The columns of a relation that are products: flags or amounts that are called alike, and not what clients are like.
struct ProductColumns {
    typealias Column = WarehouseSurvey.Column

    /// A pattern, or the names one by one.
    let patterns: [String]
    let columns: [Column]
    /// How much speaks for them.
    let score: Double
    /// Columns of the same kind that are not called alike, and might be products, too.
    let leftOut: [Column]
    /// What says yes, of these columns and of those left out that say it in letters.
    let letters: [String: [String]]

    /// - Parameters:
    ///   - evidence: The relation.
    ///   - taken: Its keys and days.
    init?(_ evidence: RelationEvidence, besides taken: [Column]) {
        let relation = evidence.relation
        let free = relation.columns.filter { column in
            !taken.contains(column) && !relation.isInKey(column) && column.referencedOID == nil
                && !column.name.contains("*")
        }
        let candidates = free.filter { column in
            column.isAmount && evidence.dayForm(column) == nil || evidence[column]?.yesValues != nil
        }.filter { !Self.isAttribute($0) }
        func isFlag(_ column: Column) -> Bool {
            column.type == .boolean || evidence[column]?.isBinary == true || evidence[column]?.yesValues != nil
        }
        let visible = relation.columns.filter { !taken.contains($0) }
        let families = Self.families(candidates, among: visible)
        let ranked = families.map { family in
            let flags = family.columns.count(where: isFlag)
            let named = NameMeaning.matrix.score(family.word) > 0 ? 3.0 : 0
            return (family, Double(family.columns.count) + 2 * Double(flags) / Double(family.columns.count) + named)
        }
        let best = ranked.max { ($0.1, $1.0.pattern) < ($1.1, $0.0.pattern) }?.0
        let flags = candidates.filter(isFlag)
        if var family = best, family.columns.count >= (flags.count >= family.columns.count ? 3 : 5),
            2 * family.columns.count >= flags.count
        {
            // The narrowest pattern that still has nearly all of them: what it leaves out is called like something else.
            let narrower = families.filter { other in
                other.columns.allSatisfy(family.columns.contains)
                    && 20 * other.columns.count >= 17 * family.columns.count
            }
            family =
                narrower.max {
                    ($0.columns.count, $0.pattern.utf8.count) < ($1.columns.count, $1.pattern.utf8.count)
                } ?? family
            (patterns, columns) = ([family.pattern], family.columns)
            score = 2 + min(2, Double(family.columns.count) / 8)
        } else if flags.count >= 5 {
            (patterns, columns, score) = (flags.map(\.name), flags, 1)
        } else if candidates.count >= 10 {
            (patterns, columns, score) = (candidates.map(\.name), candidates, 1)
        } else {
            return nil
        }
        let chosen = columns
        let areFlags = chosen.allSatisfy(isFlag)
        leftOut = areFlags ? flags.filter { !chosen.contains($0) } : []
        letters = Dictionary(
            uniqueKeysWithValues: (chosen + leftOut).compactMap { column in
                evidence[column]?.yesValues.map { (column.name, $0) }
            })
    }

    /// Whether a name is about what clients are like, besides a word such as `has`.
    private static func isAttribute(_ column: Column) -> Bool {
        guard NameMeaning.attribute.score(column.name) > 0 else { return false }
        let words = FoldedWords.folded(column.name)
        // Of has_digital_gold, gold is none.
        let others = words.filter { NameMeaning.attribute.score($0) <= 0 && NameMeaning.matrix.score($0) <= 0 }
        let isMatrix = words.contains { NameMeaning.matrix.score($0) > 0 }
        return !isMatrix || others.isEmpty
    }

    private struct Family {
        let pattern: String
        let word: String
        let columns: [Column]
    }

    /// Columns that begin or end with the same word, or both, where the pattern takes in nothing else.
    private static func families(_ candidates: [Column], among all: [Column]) -> [Family] {
        var parts: Set<[String]> = []
        for column in candidates {
            let words = column.name.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
            guard words.count >= 2, let first = words.first, let last = words.last else { continue }
            if !first.isEmpty { parts.insert([first + "_", ""]) }
            if !last.isEmpty { parts.insert(["", "_" + last]) }
            if words.count >= 3, !first.isEmpty, !last.isEmpty { parts.insert([first + "_", "_" + last]) }
        }
        return parts.sorted { $0.lexicographicallyPrecedes($1) }.compactMap { part in
            let (start, end) = (part[0], part[1])
            func matches(_ name: String) -> Bool {
                name.utf8.count > start.utf8.count + end.utf8.count && name.hasPrefix(start) && name.hasSuffix(end)
            }
            let columns = candidates.filter { matches($0.name) }
            let pattern = "\(start)*\(end)"
            guard columns.count >= 3 else { return nil }
            // What else has such a name must be named one by one, which a pattern cannot do.
            let isPure = all.filter { HoldingsStatement.matches($0.name, pattern) }.count == columns.count
            return isPure ? Family(pattern: pattern, word: "\(start)\(end)", columns: columns) : nil
        }
    }
}
