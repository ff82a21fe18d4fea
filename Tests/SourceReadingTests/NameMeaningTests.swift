import Testing

@testable import SourceReading

@Suite("What names say") struct NameMeaningTests {
    @Test(arguments: [
        ("client_id", ["client", "id"]), ("ClientID", ["client", "id"]), ("KundeID", ["kunde", "id"]),
        ("marketValue", ["market", "value"]), ("PROD_CODE", ["prod", "code"]), ("a  b", ["a", "b"]), ("", []),
        ("__x__", ["x"]), ("isin", ["isin"]), ("größe1", ["größe1"]),
    ])
    func words(name: String, expected: [String]) {
        #expect(FoldedWords.words(of: name) == expected)
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

    /// One vocabulary serves a word in either script, with accents or without.
    @Test(arguments: [
        ("код_клиента", "kod_klienta"), ("дата_отчета", "data_otcheta"), ("Остатки", "ostatki"), ("сделки", "sdelki"),
        ("wartość", "wartosc"), ("Größe", "grosse"), ("qualifié", "qualifie"),
    ])
    func folding(name: String, expected: String) {
        #expect(FoldedWords.folded(name).joined(separator: "_") == expected)
    }

    @Test(arguments: [
        "client_id", "cust_no", "ncodpers", "код_клиента", "kod_klienta", "Kundennummer", "id_cliente", "code_client",
        "codice_cliente", "id_klienta", "inwestor_id",
    ])
    func clients(name: String) {
        #expect(NameMeaning.client.score(name) >= 1.7)
        #expect(NameMeaning.product.score(name) <= 0)
    }

    @Test(arguments: [
        "product_id", "isin", "код_продукта", "kod_bumagi", "wertpapierkennnummer", "id_producto", "code_produit",
        "codice_strumento", "id_instrumentu",
    ])
    func products(name: String) {
        #expect(NameMeaning.product.score(name) >= 1.7)
        #expect(NameMeaning.client.score(name) <= 0)
    }

    @Test(arguments: [
        (["B", "S"], ["B"], ["S"]), (["Покупка", "Продажа"], ["Покупка"], ["Продажа"]), (["K", "V"], ["K"], ["V"]),
        (["C", "V"], ["C"], ["V"]), (["BUY ", "SELL", "DIV"], ["BUY "], ["SELL"]),
    ])
    func sides(values: [String], buys: [String], sells: [String]) {
        let sides = ValueWords.sides(values)
        #expect(sides?.buys == buys)
        #expect(sides?.sells == sells)
    }

    @Test func valuesThatSayNothing() {
        #expect(ValueWords.sides(["EUR", "USD"]) == nil)
        #expect(ValueWords.sides(["B", "C"]) == nil)
        #expect(ValueWords.statuses(["A", "B"]) == nil)
        #expect(ValueWords.yes(["Y", "M"]) == nil)
        #expect(ValueWords.riskLevels(["low", "purple"]) == nil)
    }

    @Test func statusesAndLevels() {
        let statuses = ValueWords.statuses(["ACTIVE", "CLOSED", "PENDING", "FROZEN"])
        #expect(statuses?.open == ["ACTIVE"])
        #expect(statuses?.closed == ["CLOSED", "PENDING"])
        #expect(statuses?.others == ["FROZEN"])
        #expect(ValueWords.yes(["J", "N"]) == ["J"])
        #expect(ValueWords.riskLevels(["high", "low", "medium"]) == ["low", "medium", "high"])
        #expect(ValueWords.riskLevels(["высокий", "низкий", "средний"]) == ["низкий", "средний", "высокий"])
    }
}
