/// A part of the report with its heading.
struct Section {
    /// Identifies it within the document: where the contents lead to.
    let id: String
    let heading: String
    let body: [Markup]

    var markup: Markup {
        """
        <section id="\(id)" aria-labelledby="\(id)-heading">
        <h2 id="\(id)-heading">\(heading)</h2>
        \(body)
        </section>
        """
    }

    /// A line of the contents.
    var link: Markup { "<li><a href=\"#\(id)\">\(heading)</a></li>" }

    /// Figures beside each other where there is room.
    static func beside(_ figures: [Figure]) -> Markup {
        "<div class=\"beside\">\n\(figures.map(\.markup))\n</div>"
    }

    /// Something that a reader has to know before the figures mean anything.
    static func notice(_ text: Markup) -> Markup { "<p class=\"notice\">\(text)</p>" }
}
