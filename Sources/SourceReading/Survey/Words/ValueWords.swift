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
            let folded = values.map { ($0, FoldedWords.fold($0).trimmingSpaces) }
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
                "b", "buy to open", "inflow", "acquire", "open", "increase", "kauf", "gekauft", "zugang", "einzahlung",
                "pokupka", "kuplya", "zachislenie", "prikhod", "vznos", "compra", "aporte", "suscripcion", "achat",
                "souscription", "aplicacao", "acquisto", "sottoscrizione", "kupno", "nabycie", "zakup", "wplata", "+",
            ],
            [
                "sell", "sold", "sale", "redemption", "redeem", "withdrawal", "withdraw", "out", "debit", "dr", "dt",
                "sld", "s",
                "sell to close", "outflow", "dispose", "close", "decrease", "verkauf", "verkauft", "abgang",
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
    static func statuses(_ values: [String]) -> Statuses? {
        let folded = values.map { ($0, FoldedWords.fold($0).trimmingSpaces) }
        let closed = folded.filter { isClosed($0.1) }.map(\.0)
        guard !closed.isEmpty, closed.count < values.count else { return nil }
        let open = folded.filter { !isClosed($0.1) && isOpen($0.1) }.map(\.0)
        return Statuses(
            open: open, closed: closed, others: values.filter { !closed.contains($0) && !open.contains($0) })
    }

    private static func isClosed(_ word: String) -> Bool {
        closedWords.contains(word) || closedStems.contains { word.hasPrefix($0) }
    }

    private static func isOpen(_ word: String) -> Bool {
        openWords.contains(word) || openStems.contains { word.hasPrefix($0) }
    }

    private static let closedWords: Set<String> = [
        "c", "x", "z", "cl", "cls", "sold", "dead", "ended", "fin", "g", "0", "f", "false",
    ]
    private static let closedStems = [
        "close", "cancel", "inactiv", "inaktiv", "terminat", "expire", "matured", "redeemed", "delete", "storn",
        "zakry",
        "prekrash", "neakti", "nedejst", "pogash", "rastorg", "annulir", "geschlossen", "beendet", "gekundigt",
        "gekuend",
        "abgelaufen", "aufgel", "cerrad", "vencid", "baja", "ferme", "clotur", "resili", "encerrad", "fechad",
        "liquidad",
        "chius", "estint", "cessat", "zamkn", "wygas", "nieaktyw", "rozwiaz",
        // Not there yet, or never.
        "pend", "draft", "reject", "declin", "request", "applic", "await", "wait", "zayavk", "otkaz", "chernov",
        "abgelehnt",
        "beantragt", "rechaz", "refus", "rifiut", "solicit", "odrzuc", "wniosek",
    ]
    private static let openWords: Set<String> = [
        "a", "o", "op", "act", "live", "y", "1", "t", "true", "v", "d", "ok", "n",
    ]
    private static let openStems = [
        "activ", "open", "aktiv", "aktyw", "current", "valid", "dejst", "deist", "otkry", "offen", "laufend", "abiert",
        "vigent",
        "alta", "actif", "ouvert", "ativ", "abert", "attiv", "apert", "otwart",
    ]

    /// The values of a column that says yes or no in letters or digits: those that say yes; nil when they say something else.
    static func yes(_ values: [String]) -> [String]? {
        let folded = values.map { ($0, FoldedWords.fold($0).trimmingSpaces) }
        for (yes, no) in yesWords where folded.allSatisfy({ yes.contains($0.1) || no.contains($0.1) }) {
            let said = folded.filter { yes.contains($0.1) }.map(\.0)
            return said.isEmpty ? nil : said
        }
        return nil
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
