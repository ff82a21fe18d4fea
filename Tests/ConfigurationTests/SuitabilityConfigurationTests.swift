import SourceReading
import Testing

@testable import Configuration

/// What the configuration says about suitability: both sides of a requirement, or neither.
@Suite struct SuitabilityConfigurationTests {
    @Test func readsBothRequirements() throws {
        let configuration = try ServiceConfiguration(
            yaml: ConfigurationErrorTests.holdings + """
                clients: {relation: c, id: c, risk: profile, qualified: is_qualified}
                products: {relation: p, id: p, risk: class, requires_qualified: is_complex}
                suitability: {require: risk <= risk, levels: [low, medium, high]}
                """)
        #expect(configuration.source.clients?.risk == "profile")
        #expect(configuration.source.clients?.qualified == "is_qualified")
        #expect(configuration.source.products?.risk == "class")
        #expect(configuration.source.products?.requiresQualified == "is_complex")
        #expect(configuration.source.riskLevels == ["low", "medium", "high"])
    }

    @Test func readsLevelsFromTheEnvironment() throws {
        let configuration = try ServiceConfiguration(
            yaml: ConfigurationErrorTests.holdings + """
                clients: {relation: c, id: c, risk: r}
                products: {relation: p, id: p, risk: r}
                """, environment: ["PEERFOLIO_SUITABILITY_LEVELS": "low,high"])
        #expect(configuration.source.riskLevels == ["low", "high"])
    }

    @Test(arguments: [
        (
            "clients: {relation: c, id: c, risk: r}\nproducts: {relation: p, id: p}",
            "products.risk (peerfolio.yaml:3): missing; clients.risk has nothing to be compared with; map both or neither"
        ),
        (
            "clients: {relation: c, id: c}\nproducts: {relation: p, id: p, risk: r}",
            "clients.risk (peerfolio.yaml:2): missing; products.risk has nothing to be compared with; map both or neither"
        ),
        (
            "clients: {relation: c, id: c, qualified: q}",
            "products.requires_qualified (peerfolio.yaml): missing; clients.qualified has nothing to be compared with; map both or neither"
        ),
        (
            "products: {relation: p, id: p, requires_qualified: q}",
            "clients.qualified (peerfolio.yaml): missing; products.requires_qualified has nothing to be compared with; map both or neither"
        ),
        (
            "suitability: {levels: [low, high]}",
            "products.risk (peerfolio.yaml): missing; suitability.levels is about products.risk and clients.risk; map both"
        ),
        (
            "suitability: {require: risk <= risk}",
            "products.risk (peerfolio.yaml): missing; suitability.require is about products.risk and clients.risk; map both"
        ),
        (
            "suitability: {require: risk < risk}",
            "suitability.require (peerfolio.yaml:2): expected risk <= risk, found another text; did you mean risk <= risk?"
        ),
        (
            "suitability: {require: everything}",
            "suitability.require (peerfolio.yaml:2): expected risk <= risk, found another text"
        ),
        (
            "suitability: {levels: [low, low]}",
            "suitability.levels (peerfolio.yaml:2): expected a list of different words, found a word that comes twice"
        ),
        (
            "suitability: {levels: []}",
            "suitability.levels (peerfolio.yaml:2): expected a list of different words, found an empty list"
        ),
    ])
    func refusesHalfARequirement(_ yaml: String, _ description: String) {
        #expect(ConfigurationErrorTests.error(ConfigurationErrorTests.holdings + yaml)?.description == description)
    }
}
