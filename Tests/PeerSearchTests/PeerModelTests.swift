import Foundation
import PeerSearch
import Testing

@Suite("The settings of the model")
struct PeerModelTests {
    @Test func namesAreThoseOfTheConfiguration() throws {
        let model = PeerModel(encoding: .share, distance: .euclidean, decimals: 6, k: 10, minOverlap: 2)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = try encoder.encode(model)
        let text = """
            {"decimals":6,"distance":"euclidean","encoding":"share","informative":true,"k":10,"min_overlap":2}
            """
        #expect(String(bytes: data, encoding: .utf8) == text)
    }

    @Test func moreDecimalsThanFloat64HasAreAMistake() async {
        await #expect(processExitsWith: .failure) { _ = PeerModel(decimals: 16) }
        await #expect(processExitsWith: .failure) { _ = PeerModel(k: 0) }
    }
}
