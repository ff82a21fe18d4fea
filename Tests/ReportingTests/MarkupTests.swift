import Testing

@testable import Reporting

@Suite struct MarkupTests {
    @Test func textIsEscapedAndMarkupIsNot() {
        let name = "<script>alert(1)</script> & \"it's\""
        let cell: Markup = "<td title=\"\(name)\">\(name)</td>"
        let escaped = "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;it&#39;s&quot;"
        #expect(cell.description == "<td title=\"\(escaped)\">\(escaped)</td>")
        #expect(("<tr>\(cell)</tr>" as Markup).description == "<tr>\(cell)</tr>")
        #expect(("<tr>\([cell, cell])</tr>" as Markup).description == "<tr>\(cell)\n\(cell)</tr>")
    }

    @Test func charactersThatXMLCannotHoldAreReplaced() {
        #expect(Markup(text: "a\u{0}b\u{1B}c\u{FFFE}d\u{85}e").description == "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}e")
        #expect(Markup(text: "a\r\nb\tc").description == "a  b c")
        #expect(Markup(text: "Ελλάδα 株式 🏦").description == "Ελλάδα 株式 🏦")
    }
}
