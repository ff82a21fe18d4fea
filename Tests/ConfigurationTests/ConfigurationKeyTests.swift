import Testing

@testable import Configuration
@testable import SourceReading

@Suite struct ConfigurationKeyTests {
    @Test func givesEveryKeyAnEnvironmentVariableOfItsOwn() {
        let variables = ConfigurationKeys.all.map(\.environmentVariable)
        #expect(Set(variables).count == variables.count)
        #expect(Set(variables).isDisjoint(with: ["PEERFOLIO_CONFIG", "PEERFOLIO_KERNEL"]))
        #expect(HoldingsKeys().minAmount.environmentVariable == "PEERFOLIO_HOLDINGS_MIN_AMOUNT")
    }

    @Test func documentsEveryKey() {
        for key in ConfigurationKeys.all {
            #expect(ServiceConfiguration.referenceMarkdown.contains("| `\(key.path)` |"))
            #expect(key.summary.last == "." || key.summary.last == "?")
        }
    }
}
