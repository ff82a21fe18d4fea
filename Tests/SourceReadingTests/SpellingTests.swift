import Testing

@testable import SourceReading

/// Finding the word that was meant.
@Suite struct SpellingTests {
    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("ab", "ba", 1), ("model", "modle", 1),
        ("as_of", "asof", 1),
    ])
    func measuresEdits(_ first: String, _ second: String, _ distance: Int) {
        #expect(Spelling.editDistance(first, second) == distance)
        #expect(Spelling.editDistance(second, first) == distance)
    }
}
