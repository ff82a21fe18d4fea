import Testing

@testable import SourceReading

@Suite("What names say") struct NameMeaningTests {
    @Test(arguments: [
        ("client_id", ["client", "id"]), ("ClientID", ["client", "id"]), ("KundeID", ["kunde", "id"]),
        ("marketValue", ["market", "value"]), ("PROD_CODE", ["prod", "code"]), ("a  b", ["a", "b"]), ("", []),
        ("__x__", ["x"]), ("isin", ["isin"]), ("größe1", ["größe1"]),
    ])
    func words(name: String, expected: [String]) {
        #expect(NameMeaning.words(of: name) == expected)
    }

    /// The better name wins; one that says something else does not count.
    @Test func scores() {
        #expect(NameMeaning.client.score("client_id") > NameMeaning.client.score("client_segment_id"))
        #expect(NameMeaning.client.score("customers") > 0)
        #expect(NameMeaning.client.score("amount") == 0)
        #expect(NameMeaning.product.score("isin") > NameMeaning.product.score("item_id"))
        #expect(NameMeaning.amount.score("market_value") > NameMeaning.amount.score("currency"))
        #expect(NameMeaning.holdings.score("client_holdings") > NameMeaning.holdings.score("transactions"))
        #expect(NameMeaning.holdings.score("positions_tmp") < 0)
    }
}
