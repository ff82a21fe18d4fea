/// What must hold of a product and a client.
package struct SuitabilityKeys: KeySection {
    /// The rules that there are.
    enum Rule: String, CaseIterable {
        case riskWithinRisk = "risk <= risk"
    }

    let require = Key(
        "suitability.require", .choice(Rule.self), "What must hold of product and client; the only rule there is.")
    let levels = Key("suitability.levels", .words, "Words for risk, lowest first; without them risk is a number.")
}

extension ConfigurationSettings {
    /// Refuses one side of a requirement without the other, and rules about risk that nobody has.
    func checkSuitability() throws(ConfigurationError) {
        let (clients, products, suitability) = (self.clients.keys, self.products.keys, self.suitability.keys)
        for (client, product) in [
            (clients.risk, products.risk), (clients.qualified, products.requiresQualified),
        ] where isSet(client) != isSet(product) {
            let (lacking, present) = isSet(product) ? (client, product) : (product, client)
            throw missing(lacking, "\(present.path) has nothing to be compared with; map both or neither")
        }
        for key in [suitability.require, suitability.levels] as [any AnyKey] where isSet(key) && !isSet(products.risk) {
            throw missing(products.risk, "\(key.path) is about products.risk and clients.risk; map both")
        }
    }
}
