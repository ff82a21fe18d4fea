import Testing

@testable import Configuration

@Suite struct ConfigurationRecordTests {
    @Test func recordsTheEffectiveValues() throws {
        let configuration = try ServiceConfiguration(
            yaml: ConfigurationTests.minimal + "\n  min_amount: 0.50\nexclusions: {query: 'SELECT \"a\\b\";'}\n",
            overrides: ["model.k=50"]
        )
        #expect(
            configuration.recordedJSON() == #"{"checks":{"max_fall":0.2,"max_rejected":0.001},"#
                + #""evaluate":{"ease_lambda":500},"exclusions":{"query":"SELECT \"a\\b\""},"#
                + #""holdings":{"amount":"market_value","client":"client_id","min_amount":0.5,"product":"product_id","#
                + #""relation":"dwh.client_holdings"},"#
                + #""hybrid":{"ease":0,"item_conditional":0,"peers":0,"popularity":0,"recency":0,"recent_days":180,"#
                + #""recent_popularity":0,"segment_popularity":0},"#
                + #""model":{"decimals":4,"distance":"cosine","encoding":"binary","informative":true,"k":50,"#
                + #""min_overlap":1},"output":{"hysteresis":0,"top_n":5},"publish":{"channel":"live","gate":false},"#
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

    /// Keys that came later: records from before them stay equal to those of today, and what was calibrated stays so.
    @Test func leavesDefaultsOfLaterKeysOut() throws {
        let dated = ConfigurationTests.minimal + "\n  as_of: day"
        let record = try ServiceConfiguration(yaml: dated).recordedJSON()
        #expect(!record.contains("as_of_window") && !record.contains("inclusive") && !record.contains("zone"))
        #expect(try ServiceConfiguration(yaml: dated + "\n  as_of_window: 60min").recordedJSON() == record)
        let other = try ServiceConfiguration(yaml: dated + "\n  as_of_window: 2h\n  time_zone: Europe/Lisbon")
        #expect(other.recordedJSON().contains(#""as_of":"day","as_of_window":"2h","client""#))
        #expect(other.recordedJSON().contains(#""time_zone":"Europe/Lisbon""#))
        #expect(other.modelJSON().contains("as_of_window") && !other.modelJSON().contains("time_zone"))
        let hybrid = try ServiceConfiguration(yaml: dated + "\nhybrid: {ease: 1, softmax: 2}")
        #expect(!record.contains("softmax") && hybrid.modelJSON().contains(#""softmax":2"#))
    }

    /// However it is written, and with names that `String` would take for the same.
    @Test func recordsAttributesByName() throws {
        let clients = ConfigurationTests.minimal + "\nclients: {relation: c, id: i"
        let section = try ServiceConfiguration(yaml: clients + ", attributes: {kind: 0.50, age: 1e0}}")
        let text = try ServiceConfiguration(yaml: clients + "}", overrides: ["clients.attributes= age=1, kind=0.5"])
        #expect(section.recordedJSON() == text.recordedJSON())
        #expect(
            section.recordedJSON().contains(
                #""clients":{"attributes":{"age":1,"kind":0.5},"id":"i","relation":"c"}"#))
        let alike = try ServiceConfiguration(
            yaml: clients + "}", environment: ["PEERFOLIO_CLIENTS_ATTRIBUTES": "\u{E9}=1,e\u{301}=2"])
        #expect(alike.recordedJSON().contains("\"attributes\":{\"e\u{301}\":2,\"\u{E9}\":1}"))
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
