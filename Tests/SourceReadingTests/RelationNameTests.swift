import SourceReading
import TestSupport
import Testing

@Suite struct RelationNameTests {
    @Test(
        arguments: [
            ("holdings", nil, "holdings"),
            ("dwh.holdings", "dwh", "holdings"),
            ("Dwh.Client Holdings", "Dwh", "Client Holdings"),
            (#""My ""odd"" schema".T"#, #"My "odd" schema"#, "T"),
            (#"a."b.c""#, "a", "b.c"),
            (#""Ünïcode"."日本""#, "Ünïcode", "日本"),
            (#"" padded ""#, nil, " padded "),
            ("no", nil, "no"),
        ] as [(String, String?, String)]
    )
    func parses(_ text: String, _ schema: String?, _ name: String) throws {
        let relation = try RelationName(parsing: text)
        #expect(relation.schema == schema)
        #expect(relation.name == name)
        #expect(try RelationName(parsing: relation.description) == relation)
    }

    @Test(
        arguments: [
            ("", .emptyPart), (".", .emptyPart), ("a.", .emptyPart), (".a", .emptyPart), (#""""#, .emptyPart),
            ("a.b.c", .tooManyParts), (#"a"b"#, .strayQuote), (#""a"#, .unclosedQuote),
            (#""a""# + "b", .textAfterQuotes),
            ("a .b", .outerWhitespace), ("a. b", .outerWhitespace), ("a\n", .outerWhitespace),
            ("a\0b", .nul), (String(repeating: "a", count: 64), .tooLong),
            (String(repeating: "é", count: 32), .tooLong),
            ("pg_temp.holdings", .systemSchema), (#""pg_temp_3".holdings"#, .systemSchema),
            ("pg_catalog.pg_class", .systemSchema), ("pg_\u{200D}temp.h", .systemSchema),
            ("pg_\u{301}.h", .systemSchema),
        ] as [(String, InvalidRelationName.Reason)]
    )
    func refuses(_ text: String, _ reason: InvalidRelationName.Reason) {
        let error = #expect(throws: InvalidRelationName.self) { try RelationName(parsing: text) }
        #expect(error?.reason == reason)
    }

    @Test func acceptsTheLongestName() throws {
        let longest = String(repeating: "a", count: 63)
        #expect(try RelationName(parsing: longest).name == longest)
    }

    @Test func describesEveryReasonInOneLine() {
        for reason in InvalidRelationName.Reason.allCases {
            let text = InvalidRelationName(reason: reason).description
            #expect(!text.isEmpty && !text.contains("\n"))
        }
    }

    /// Any two names survive being written and read, whatever characters they have.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func survivesTheRoundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("aZ_. \"'\\;-é\n\t日🙂{}$:*")
        func part() -> String {
            String(
                (0...Int.random(in: 0..<12, using: &random)).compactMap { _ in alphabet.randomElement(using: &random) }
            )
        }
        for _ in 0..<2000 {
            let relation = try RelationName(schema: Bool.random(using: &random) ? part() : nil, name: part())
            #expect(try RelationName(parsing: relation.description) == relation)
        }
    }
}
