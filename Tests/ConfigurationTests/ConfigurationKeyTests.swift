import Testing

@testable import Configuration
@testable import SourceReading

@Suite struct ConfigurationKeyTests {
    @Test func givesEveryKeyAnEnvironmentVariableOfItsOwn() {
        let variables = ConfigurationKey.allCases.map(\.environmentVariable)
        #expect(Set(variables).count == variables.count)
        #expect(Set(variables).isDisjoint(with: ["PEERFOLIO_CONFIG", "PEERFOLIO_KERNEL"]))
        #expect(ConfigurationKey.holdingsMinAmount.environmentVariable == "PEERFOLIO_HOLDINGS_MIN_AMOUNT")
    }

    @Test func documentsEveryKey() {
        for key in ConfigurationKey.allCases {
            #expect(ServiceConfiguration.referenceMarkdown.contains("| `\(key.rawValue)` |"))
            #expect(key.definition.summary.last == "." || key.definition.summary.last == "?")
        }
    }
}
