/// What the few different values of a column say, in several languages, folded as names are.
enum ValueWords {
    /// What adds to a position and what takes away from it.
    struct Sides: Hashable {
        let buys: [String]
        let sells: [String]
        /// Values that say neither.
        let others: [String]
        /// Whether one letter or digit is all there is, so that the column's name must say what it is about.
        let isTerse: Bool
    }

    /// What says that a position is there, and what that it is no more.
    struct Statuses: Hashable {
        let open: [String]
        let closed: [String]
        let others: [String]
    }

    /// Tells buys from sells; nil unless there are both.
    ///
    /// A letter can mean either (`V` sells in Spanish, `K` buys in German and Polish): what the other value is decides.
    static func sides(_ values: [String]) -> Sides? {
        for (buys, sells) in sideWords {
            let folded = values.map { ($0, FoldedWords.fold($0).trimmingSpaces.replacing("_", with: " ")) }
            let buying = folded.filter { buys.contains($0.1) }.map(\.0)
            let selling = folded.filter { sells.contains($0.1) }.map(\.0)
            guard !buying.isEmpty, !selling.isEmpty else { continue }
            let others = values.filter { !buying.contains($0) && !selling.contains($0) }
            let longest = (buying + selling).map { $0.trimmingSpaces.count }.max() ?? 0
            return Sides(buys: buying, sells: selling, others: others, isTerse: longest < 3)
        }
        return nil
    }

    private static let sideWords: [(buys: Set<String>, sells: Set<String>)] = [
        (
            [
                "buy", "bought", "purchase", "purchased", "subscription", "subscribe", "deposit", "in", "credit", "cr",
                "bot",
                "b", "buy to open", "inflow", "acquire", "open", "increase",
                "transfer in", "switch in", "delivery in", "buy to cover", "kauf", "gekauft", "zugang", "einzahlung",
                "pokupka", "kuplya", "zachislenie", "prikhod", "vznos", "compra", "aporte", "suscripcion", "achat",
                "souscription", "aplicacao", "acquisto", "sottoscrizione", "kupno", "nabycie", "zakup", "wplata", "+",
            ],
            [
                "sell", "sold", "sale", "redemption", "redeem", "withdrawal", "withdraw", "out", "debit", "dr", "dt",
                "sld", "s",
                "sell to close", "outflow", "dispose", "close", "decrease", "transfer out",
                "switch out", "delivery out", "sell short", "verkauf", "verkauft", "abgang",
                "auszahlung",
                "prodazha", "spisanie", "raskhod", "vyvod", "pogashenie", "venta", "retiro", "reembolso", "vente",
                "rachat",
                "venda", "resgate", "vendita", "rimborso", "sprzedaz", "zbycie", "umorzenie", "wyplata", "-",
            ]
        ),
        (["k", "kf"], ["v", "vk", "s", "sp"]), (["c"], ["v", "d"]), (["a"], ["v"]), (["p"], ["s", "pr", "r"]),
        (["1", "+1", "t", "true"], ["-1"]), (["1"], ["2"]),
    ]

    /// Tells what is open from what is closed; nil when nothing says that something is closed.
    ///
    /// Letters may stand for anything, so all of them must be known.
    static func statuses(_ values: [String]) -> Statuses? {
        let found = StatusWords.positions.statuses(values)
        let isTerse = found?.closed.allSatisfy { $0.trimmingSpaces.count < 3 } == true
        return found.flatMap { isTerse && values.count > 2 && !$0.others.isEmpty ? nil : $0 }
    }

    /// Tells transactions that took place from those that did not; nil when nothing says that one did not.
    static func tradeStatuses(_ values: [String]) -> Statuses? { StatusWords.trades.statuses(values) }

    /// The values of a column that says yes or no in letters or digits: those that say yes; nil when they say something else.
    static func yes(_ values: [String]) -> [String]? {
        let folded = values.map { ($0, FoldedWords.fold($0).trimmingSpaces) }
        for (yes, no) in yesWords where folded.allSatisfy({ yes.contains($0.1) || no.contains($0.1) }) {
            let said = folded.filter { yes.contains($0.1) }.map(\.0)
            return said.isEmpty ? nil : said
        }
        return nil
    }

    /// Whether values say nothing but no, as far as is seen.
    static func saysNo(_ values: [String]) -> Bool {
        let folded = values.map { FoldedWords.fold($0).trimmingSpaces }
        return !folded.isEmpty && yesWords.contains { folded.allSatisfy($0.no.contains) }
    }

    private static let yesWords: [(yes: Set<String>, no: Set<String>)] = [
        (
            ["y", "yes", "t", "true", "1", "j", "ja", "s", "si", "sim", "d", "da", "o", "oui", "tak", "x"],
            ["n", "no", "f", "false", "0", "nein", "nao", "net", "non", "nie", "", "-"]
        )
    ]

    /// The values as levels of risk, lowest first; nil when one is not known.
    static func riskLevels(_ values: [String]) -> [String]? {
        for scale in riskScales {
            let ranked = values.compactMap { value in
                let word = FoldedWords.fold(value).trimmingSpaces
                return scale.firstIndex { $0.contains { word.hasPrefix($0) } }.map { (value, $0) }
            }
            guard ranked.count == values.count, Set(ranked.map(\.1)).count == values.count, values.count > 1 else {
                continue
            }
            return ranked.sorted { $0.1 < $1.1 }.map(\.0)
        }
        return nil
    }

    private static let riskScales: [[[String]]] = [
        [
            ["very low", "sehr niedrig", "ochen nizk", "muy bajo"],
            ["low", "niedrig", "gering", "nizk", "baj", "faible", "baix", "bass", "nisk"],
            ["medium", "moderate", "mittel", "sredn", "medi", "moyen", "sredni", "umiar"],
            ["high", "hoch", "vysok", "alt", "eleve", "wysok"], ["very high", "sehr hoch", "ochen vysok", "muy alto"],
        ],
        [
            ["conservat", "konservat", "konzervat", "prudent", "defensiv", "conservador"],
            [
                "balanced", "moderat", "ausgewogen", "umeren", "sbalansir", "equilibr", "moderad", "bilanciat",
                "zrownow",
            ],
            ["growth", "dynami", "wachstum", "rost", "crecim", "croissance", "cresc", "crescita", "wzrost"],
            ["aggress", "agress", "agres", "spekul", "specul", "spekula", "offensiv", "arroj"],
        ],
    ]
}

extension String {
    /// The text without blanks at its ends, as `char(n)` pads with.
    var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
