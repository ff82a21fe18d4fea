import Recommending
import Testing

@testable import Configuration

@Suite struct HybridConfigurationTests {
    private static let dated = "holdings: {relation: dwh.h, client: c, product: p, as_of: day}\n"

    @Test func thereIsNoHybridModelUnlessASignalHasAWeight() throws {
        #expect(try ServiceConfiguration(yaml: Self.dated).hybrid.model == nil)
        #expect(try ServiceConfiguration(yaml: Self.dated + "hybrid: {peers: 0}").hybrid.model == nil)
        let model = try #require(
            try ServiceConfiguration(yaml: Self.dated + "hybrid: {peers: 1, ease: 0.5, recency: 2}").hybrid.model)
        #expect(model.weights == [.peers: 1, .ease: 0.5])
        #expect(model.recency == 2)
        #expect(model.signals == [.peers, .ease, .recentPeers, .recentEASE])
    }

    @Test func everySignalThatMayHaveAWeightHasAKey() {
        for signal in Signal.allCases {
            let key = HybridKeys().weight(of: signal)
            #expect(key?.path == (Signal.weighted.contains(signal) ? "hybrid.\(signal.rawValue)" : nil))
        }
    }

    @Test(arguments: [
        ("hybrid: {peers: -1}", "hybrid.peers (peerfolio.yaml:2): expected a number of at least 0"),
        ("hybrid: {ease: many}", "hybrid.ease (peerfolio.yaml:2): expected a number of at least 0, found text"),
        ("hybrid: {recency: 1}", "hybrid.recency (peerfolio.yaml:2): needs signals to be about"),
        (
            "hybrid: {segment_popularity: 1}",
            "hybrid.segment_popularity (peerfolio.yaml:2): needs segments: map clients.segment"
        ),
        ("evaluate: {ease_lambda: -500}", "evaluate.ease_lambda (peerfolio.yaml:2): expected a number of at least 0"),
        ("publish: {gate: yes}", "publish.gate (peerfolio.yaml:2): expected true or false"),
    ])
    func mistakesNameTheKey(_ yaml: String, _ description: String) {
        let error = ConfigurationErrorTests.error(Self.dated + yaml)
        #expect(error?.description.hasPrefix(description) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: ["recency: 1", "recent_popularity: 1"])
    func whatWasLatelyAddedNeedsDates(_ key: String) {
        let error = ConfigurationErrorTests.error(
            "holdings: {relation: dwh.h, client: c, product: p}\nhybrid: {peers: 1, \(key)}")
        #expect(error?.description.contains("needs dated holdings: map holdings.as_of") == true)
    }

    /// What a calibration belongs to: whatever decides scores, and nothing else.
    @Test func onlyWhatDecidesScoresIsPartOfTheModel() throws {
        func model(_ yaml: String) throws -> String { try ServiceConfiguration(yaml: Self.dated + yaml).modelJSON() }
        let plain = try model("")
        #expect(try model("output: {hysteresis: 0.5}\npublish: {gate: true}\nevaluate: {naive_k: 5}") == plain)
        for yaml in [
            "model: {k: 5}", "output: {top_n: 7}", "hybrid: {peers: 1}", "evaluate: {ease_lambda: 5}",
            "clients: {relation: a.b, id: c}",
        ] {
            #expect(try model(yaml) != plain)
        }
    }
}
