import Testing

@testable import Scoring
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

    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("ab", "ba", 1), ("model", "modle", 1),
        ("as_of", "asof", 1),
    ])
    func measuresEdits(_ first: String, _ second: String, _ distance: Int) {
        #expect(Spelling.editDistance(first, second) == distance)
        #expect(Spelling.editDistance(second, first) == distance)
    }
}
