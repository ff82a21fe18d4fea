/// Who may be offered what, rule by rule; a missing entry is an unknown one.
struct ReferenceSuitability {
    /// Whether risk is mapped.
    var hasRisk = false
    var clientRisks: [Int: Double] = [:]
    var productRisks: [Int: Double] = [:]
    /// Whether qualification is mapped.
    var hasQualification = false
    var qualified: [Int: Bool] = [:]
    var requiresQualified: [Int: Bool] = [:]

    func suits(_ product: Int, _ client: Int) -> Bool {
        if hasRisk {
            guard let risk = productRisks[product], let most = clientRisks[client] else { return false }
            if risk > most { return false }
        }
        if hasQualification && requiresQualified[product] != false && qualified[client] != true { return false }
        return true
    }
}
