import Evaluation

/// How numbers and the stable names of the database are written for people.
enum Wording {
    /// Stands where there is no number.
    static let nothing = "–"

    /// A whole number with separators between thousands.
    static func count(_ number: Int) -> String { NumberFormat.print.grouped(number) }

    /// A whole number, or a dash.
    static func count(_ number: Int?) -> String { number.map { count($0) } ?? nothing }

    /// A number with a fixed count of decimals; a dash for what is not a number.
    static func fixed(_ number: Double, _ decimals: Int) -> String { NumberFormat.print.fixed(number, decimals) }

    /// A difference, with its sign.
    static func signed(_ number: Double, _ decimals: Int) -> String {
        number > 0 && number.isFinite ? "+" + fixed(number, decimals) : fixed(number, decimals)
    }

    /// A share in percent.
    static func percent(_ share: Double, _ decimals: Int = 1) -> String {
        share.isFinite ? fixed(100 * share, decimals) + "%" : nothing
    }

    /// An interval.
    static func interval(_ estimate: Estimate, _ decimals: Int) -> String {
        "\(fixed(estimate.low, decimals)) to \(fixed(estimate.high, decimals))"
    }

    /// How long something took.
    static func duration(milliseconds: Int) -> String {
        switch Double(milliseconds) / 1000 {
        case ..<1: "\(count(milliseconds)) ms"
        case let seconds where seconds < 120: "\(fixed(seconds, 1)) s"
        case let seconds where seconds < 7200: "\(fixed(seconds / 60, 1)) min"
        case let seconds: "\(fixed(seconds / 3600, 1)) h"
        }
    }

    /// A noun with its count.
    static func counted(_ number: Int, _ one: String, _ many: String) -> String {
        "\(count(number)) \(number == 1 ? one : many)"
    }

    /// A method by its stable name.
    static func method(_ name: String) -> String {
        switch EvaluationMethod(rawValue: name) {
        case .peers: "Informative peers"
        case .hybrid: "Hybrid model"
        case .popularity: "Popularity"
        case .itemConditional: "Item-conditional"
        case .ease: "EASE"
        case .naiveKNN: "Naive k-NN"
        case nil: name
        }
    }

    /// A metric by its stable name, such as `ndcg@10`.
    static func metric(_ name: String) -> String {
        let parts = name.split(separator: "@", maxSplits: 1).map(String.init)
        let kind =
            switch Metric.Kind(rawValue: parts.first ?? "") {
            case .hitRate: "Hit rate"
            case .recall: "Recall"
            case .ndcg: "nDCG"
            case .map: "MAP"
            case .mrr: "MRR"
            case .coverage: "Coverage"
            case .gini: "Gini"
            case nil: parts.first ?? name
            }
        return parts.count == 2 ? "\(kind)@\(parts[1])" : kind
    }

    /// A reason for a suggestion by its code.
    static func reason(_ code: String) -> String {
        switch code {
        case "PEERS": "From similar portfolios"
        case "HYBRID": "From other signals than similar portfolios"
        case "COMPONENTS": "From what the product is made of"
        case "POPULAR": "Popular products, where peers say nothing"
        default: code
        }
    }

    /// How clients were served by their status.
    static func served(_ status: String) -> String {
        switch status {
        case "scored": "Suggestions from peers, or from other signals of a hybrid model"
        case "fallback": "Popular products: peers suggest nothing that may be offered"
        case "no_portfolio": "Popular products: the client holds nothing"
        case "excluded": "Nothing: nothing may be offered"
        default: status
        }
    }
}
