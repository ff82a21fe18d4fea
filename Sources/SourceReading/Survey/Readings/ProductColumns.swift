/// The columns of a relation that are products: flags or amounts that are called alike, and not what clients are like.
struct ProductColumns {
    typealias Column = WarehouseSurvey.Column

    /// A pattern, or the names one by one.
    let patterns: [String]
    let columns: [Column]
    /// How much speaks for them.
    let score: Double
    /// What to know about them.
    let note: String?
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
        let yes = Self.letters(free, evidence)
        let candidates = free.filter { column in
            column.isAmount && evidence.dayForm(column) == nil || yes[column.name] != nil
        }.filter { !Self.isAttribute($0) }
        func isFlag(_ column: Column) -> Bool {
            column.type == .boolean || evidence[column]?.isBinary == true || yes[column.name] != nil
        }
        let visible = relation.columns.filter { !taken.contains($0) }
        let flags = candidates.filter(isFlag)
        // What is called a list of holdings, or of products, needs fewer columns to be taken for one.
        let isNamed =
            NameMeaning.holdings.score(relation.name.name) > 0 || NameMeaning.product.score(relation.name.name) > 0
        if let family = Self.family(candidates, among: visible, flags: flags, isNamed: isNamed) {
            (patterns, columns) = (family.isPure ? [family.pattern] : family.columns.map(\.name), family.columns)
            (score, note) = (2 + min(2, Double(family.columns.count) / 8), nil)
        } else if flags.count >= (isNamed ? 3 : 5) {
            (patterns, columns, score) = (flags.map(\.name), flags, 1)
            note = "All flags are taken for products but those that say what clients are like: look them through."
        } else if candidates.count >= (isNamed ? 3 : 10) {
            (patterns, columns, score) = (candidates.map(\.name), candidates, 1)
            note = "All numbers are taken for products but those that say what clients are like: look them through."
        } else {
            return nil
        }
        let chosen = columns
        let rest = chosen.allSatisfy(isFlag) ? flags.filter { !chosen.contains($0) } : []
        leftOut = rest
        letters = yes.filter { name, _ in (chosen + rest).contains { $0.name == name } }
    }

    /// What says yes in the columns that say it in letters, and in those that say nothing but no as the others do.
    private static func letters(_ columns: [Column], _ evidence: RelationEvidence) -> [String: [String]] {
        var yes: [String: [String]] = [:]
        for column in columns { yes[column.name] = evidence[column]?.yesValues }
        let words = Set(yes.values.joined()).sorted()
        guard yes.count >= 3 else { return yes }
        for column in columns where column.isWord && yes[column.name] == nil {
            if let values = evidence[column]?.values, ValueWords.saysNo(values) { yes[column.name] = words }
        }
        return yes
    }

    /// The columns that are called alike, if there are enough of them.
    private static func family(
        _ candidates: [Column], among all: [Column], flags: [Column], isNamed: Bool
    ) -> Family? {
        let families = families(candidates, among: all)
        func isMatrix(_ family: Family) -> Bool { NameMeaning.matrix.score(family.word) > 0 }
        let ranked = families.map { family in
            let share = Double(family.columns.count(where: flags.contains)) / Double(family.columns.count)
            return (
                family,
                Double(family.columns.count) + 2 * share + (isMatrix(family) ? 3 : 0) + (family.isPure ? 0.5 : 0)
            )
        }
        guard let best = ranked.max(by: { ($0.1, $1.0.pattern) < ($1.1, $0.0.pattern) })?.0 else { return nil }
        let areFlags = 2 * best.columns.count(where: flags.contains) > best.columns.count
        let least = areFlags ? (isNamed || isMatrix(best) ? 3 : 5) : (isNamed || isMatrix(best) ? 4 : 6)
        guard best.columns.count >= least, 2 * best.columns.count >= flags.count else { return nil }
        // The narrowest pattern that still has nearly all of them: what it leaves out is called like something else.
        let narrower = families.filter { other in
            other.isPure && other.columns.allSatisfy(best.columns.contains)
                && 20 * other.columns.count >= 17 * best.columns.count
        }
        return narrower.max {
            ($0.columns.count, $0.pattern.utf8.count) < ($1.columns.count, $1.pattern.utf8.count)
        } ?? best
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
        /// Whether the pattern takes in nothing else; otherwise columns must be named one by one.
        let isPure: Bool
    }

    /// Columns that begin or end with the same word, or both.
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
            let isPure = all.filter { HoldingsStatement.matches($0.name, pattern) }.count == columns.count
            return Family(pattern: pattern, word: "\(start)\(end)", columns: columns, isPure: isPure)
        }
    }
}
