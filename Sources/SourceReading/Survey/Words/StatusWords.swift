/// Words that say whether something is there, folded as names are.
struct StatusWords {
    private let closedWords: Set<String>
    private let closedStems: [String]
    private let openWords: Set<String>
    private let openStems: [String]

    /// Tells what is open from what is closed; nil when nothing says that something is closed.
    func statuses(_ values: [String]) -> ValueWords.Statuses? {
        func matches(_ word: String, _ words: Set<String>, _ stems: [String]) -> Bool {
            words.contains(word) || stems.contains { word.hasPrefix($0) }
        }
        let folded = values.map { ($0, FoldedWords.fold($0).trimmingSpaces) }
        let closed = folded.filter { matches($0.1, closedWords, closedStems) }.map(\.0)
        guard !closed.isEmpty, closed.count < values.count else { return nil }
        let open = folded.filter { !closed.contains($0.0) && matches($0.1, openWords, openStems) }.map(\.0)
        return ValueWords.Statuses(
            open: open, closed: closed, others: values.filter { !closed.contains($0) && !open.contains($0) })
    }

    /// Whether a position is there.
    static let positions = StatusWords(
        closedWords: ["c", "x", "z", "del", "cl", "cls", "sold", "dead", "ended", "fin", "g", "0", "f", "false"],
        closedStems: gone + [
            "close", "inactiv", "inaktiv", "terminat", "expire", "matured", "redeemed", "zakry", "prekrash", "neakti",
            "nedejst", "pogash", "rastorg", "geschlossen", "beendet", "gekundigt", "gekuend", "abgelaufen", "aufgel",
            "cerrad", "vencid", "baja", "ferme", "clotur", "resili", "encerrad", "fechad", "liquidad", "chius",
            "estint", "cessat", "zamkn", "wygas", "nieaktyw", "rozwiaz", "archiv", "histori", "discontin", "withdrawn",
            "delist", "retired", "obsolet", "ausgelauf", "snyat",
        ],
        openWords: ["a", "o", "op", "act", "live", "y", "1", "t", "true", "v", "d", "ok", "n"],
        openStems: [
            "activ", "open", "aktiv", "aktyw", "current", "valid", "dejst", "deist", "otkry", "offen", "laufend",
            "abiert", "vigent", "alta", "actif", "ouvert", "ativ", "abert", "attiv", "apert", "otwart",
        ])

    /// Whether a transaction took place.
    static let trades = StatusWords(
        closedWords: ["void", "x"],
        closedStems: gone + ["revers", "fail", "voided", "expired"],
        openWords: ["done", "ok", "valid", "success"],
        openStems: [
            "execut", "settl", "fill", "complet", "confirm", "book", "process", "final", "ausgef", "gebucht",
            "erledigt",
            "ispoln", "provede", "zaversh", "ejecut", "liquidad", "realiz", "eseguit", "zrealiz", "wykon",
            "rozlicz", "post", "success", "partial",
        ])

    /// Taken back, or not there yet, or never.
    private static let gone = [
        "cancel", "storn", "delete", "remov", "annul", "anul", "geloesch", "gelosch", "udal", "otmen", "borrad",
        "elimin",
        "supprim", "usunie", "pend", "draft", "reject", "declin", "request", "applic", "await", "wait", "zayavk",
        "otkaz", "chernov", "abgelehnt", "beantragt", "rechaz", "refus", "rifiut", "solicit", "odrzuc", "wniosek",
    ]
}
