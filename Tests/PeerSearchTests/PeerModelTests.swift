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
        #expect(try JSONDecoder().decode(PeerModel.self, from: data) == model)
    }

    @Test(arguments: [
        ("\"k\":10", "\"k\":0"), ("\"decimals\":6", "\"decimals\":16"), ("min_overlap\":2", "min_overlap\":-1"),
    ])
    func valuesOutOfRangeAreRefused(good: String, bad: String) throws {
        let text = """
            {"decimals":6,"distance":"cosine","encoding":"share","informative":true,"k":10,"min_overlap":2}
            """
        let data = Data(text.replacingOccurrences(of: good, with: bad).utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(PeerModel.self, from: data) }
    }

    @Test func moreDecimalsThanFloat64HasAreAMistake() async {
        await #expect(processExitsWith: .failure) { _ = PeerModel(decimals: 16) }
        await #expect(processExitsWith: .failure) { _ = PeerModel(k: 0) }
    }
}
