import Testing

@testable import Scoring

@Suite struct ConfigurationRecordTests {
    @Test func recordsTheEffectiveValues() throws {
        let configuration = try ServiceConfiguration(
            yaml: ConfigurationTests.minimal + "\n  min_amount: 0.50\nexclusions: {query: 'SELECT \"a\\b\";'}\n",
            overrides: ["model.k=50"]
        )
        #expect(
            configuration.recordedJSON() == #"{"checks":{"max_fall":0.2,"max_rejected":0.001},"#
                + #""exclusions":{"query":"SELECT \"a\\b\""},"#
                + #""holdings":{"amount":"market_value","client":"client_id","min_amount":0.5,"product":"product_id","#
                + #""relation":"dwh.client_holdings"},"#
                + #""model":{"decimals":4,"distance":"cosine","encoding":"binary","informative":true,"k":50,"#
                + #""min_overlap":1},"output":{"hysteresis":0,"top_n":5},"publish":{"channel":"live"},"#
                + #""retention":{"runs":400,"slots":4}}"#
        )
    }

    @Test func recordsEqualConfigurationsEqually() throws {
        let first = try ServiceConfiguration(yaml: ConfigurationTests.minimal)
        let second = try ServiceConfiguration(
            yaml: """
                execution: {width: 2, chunk: 8}
                timeouts: {run: 60min}
                holdings: {client: "client_id", product: product_id, amount: market_value, min_amount: -0.0e5, relation: '"dwh".x'}
                """,
            environment: ["PEERFOLIO_CONNECTION": "host=elsewhere"],
            overrides: ["holdings.relation=dwh.client_holdings", "model.k=200"]
        )
        #expect(first.recordedJSON() == second.recordedJSON())
    }

    @Test func escapesWhatJSONCannotHold() throws {
        let configuration = try ServiceConfiguration(
            yaml: #"holdings: {relation: h, client: "tab\tbell\anew\nline", products: [a, "é\\"]}"#
        )
        let json = configuration.recordedJSON()
        #expect(json.contains(#""client":"tab\tbell\u0007new\nline""#))
        #expect(json.contains(#""products":["a","é\\"]"#))
    }
}
