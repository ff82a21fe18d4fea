import PeerSearch
import Recommending
import SourceReading
import Testing

@testable import Configuration

/// The record of a run is read back by the keys that wrote it.
@Suite struct RunSettingsTests {
    private static let full = """
        holdings: {relation: '"D w".h', client: "c\\"\\u2028", product: p, valid_from: f, valid_to: t, min_amount: 1.5}
        clients: {query: "select * from c where d < :as_of", id: i, risk: r, segment: s, attributes: {kind: 0.5, é: 1e-7}}
        products: {relation: p, id: i, components: select 1, attributes: [issuer, "a,b"], risk: r}
        exclusions: {query: "select 'x', 1, null"}
        suitability: {require: risk <= risk, levels: [low, "null"]}
        model: {encoding: log, distance: euclidean, decimals: 6, k: 17, informative: false, min_overlap: 0}
        hybrid: {peers: 1, ease: 2.5, recent_popularity: 1, recency: 0.75, recent_days: 90}
        output: {top_n: 7, hysteresis: 0.05}
        publish: {channel: test_2, gate: true}
        evaluate: {ease_lambda: 12.5}
        retention: {slots: 6, runs: 12}
        checks: {max_fall: 0.3, max_rejected: 1e-300}
        """

    @Test func readsBackWhatWasRecorded() throws {
        let configuration = try ServiceConfiguration(yaml: Self.full)
        let settings = try RunSettings(recorded: configuration.recordedJSON())
        #expect(settings.model == configuration.model)
        #expect(settings.model.distance == .euclidean && !settings.model.isInformative)
        #expect(settings.hybrid == configuration.hybrid)
        #expect(settings.hybrid.model?.weights == [.peers: 1, .ease: 2.5, .recentPopularity: 1])
        #expect(settings.hybrid.recentDays == 90)
        #expect(settings.attributes == configuration.source.clients?.attributes)
        #expect(settings.easeLambda == 12.5)
        #expect(settings.topN == 7)
        #expect(settings.hysteresis == 0.05)
    }

    /// Whatever a key holds: every recorded value comes back as it was.
    @Test func readsBackEveryKey() throws {
        for yaml in [Self.full, ConfigurationTests.minimal] {
            let settings = try ServiceConfiguration(yaml: yaml).settings
            let restored = try ConfigurationSettings(recorded: settings.json { $0 != .nothing })
            for section in ConfigurationKeys.sections {
                for key in section.keys where (key.changes ?? section.changes) != .nothing {
                    #expect(key.written(in: restored).json == key.written(in: settings).json, "\(key.path)")
                }
            }
        }
    }

    /// As 0.1.0 began: without signals, margins, attributes and evaluation, as PostgreSQL gives `jsonb`.
    @Test func readsRecordsOfEarlierVersions() throws {
        let settings = try RunSettings(
            recorded: """
                {"model": {"k": 20, "decimals": 4, "distance": "manhattan", "encoding": "amount", "informative": true, \
                "min_overlap": 1}, "output": {"top_n": 3}, "checks": {"max_fall": 0.2}, "clients": {"id": "c"}, \
                "holdings": {"client": "c", "product": "p", "relation": "h", "min_amount": 0}, "gone": {"with": "time"}}
                """)
        #expect(settings.model == PeerModel(encoding: .amount, distance: .manhattan, k: 20))
        #expect(settings.topN == 3)
        #expect(settings.hybrid.model == nil)
        #expect(settings.easeLambda == 500)
        #expect(settings.hysteresis == 0)
        #expect(settings.attributes.isEmpty)
    }

    @Test(arguments: [
        ("", "the record of the run: not the JSON of a configuration"),
        ("[]", "the record of the run: not the JSON of a configuration"),
        (#"{"model": 5}"#, "the record of the run: not the JSON of a configuration"),
        (
            #"{"model": {"k": 0}}"#,
            "model.k (the record of the run): expected a whole number of at least 1, found a whole number out of range"
        ),
        (
            #"{"model": {"decimals": 16}}"#,
            "model.decimals (the record of the run): expected a whole number from 0 to 15, found a whole number out of range"
        ),
        (
            #"{"model": {"distance": "far"}}"#,
            "model.distance (the record of the run): expected cosine, manhattan or euclidean, found another text"
        ),
        (#"{"output": {"top_n": null}}"#, "the record of the run: not the JSON of a configuration"),
    ])
    func refusesWhatIsNoRecord(_ json: String, _ description: String) {
        let error = #expect(throws: ConfigurationError.self) { try RunSettings(recorded: json) }
        #expect(error?.description == description)
    }
}
