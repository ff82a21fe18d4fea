/// A drawing with its heading, what it says in words, and its numbers in a table.
struct Figure {
    /// Identifies the figure within the document.
    let id: String
    /// What is drawn.
    let title: String
    /// What the drawing says, for those who do not see it.
    let description: String
    /// How to read it, for everybody; may be empty.
    var legend: Markup = .nothing
    /// Height of the drawing in pixels; it is as wide as there is room.
    let height: Double
    /// The drawing, in coordinates of its own: x in percent of the width, y in pixels from the top.
    let drawing: [Markup]
    /// The numbers of the drawing; nothing where the section shows them in sight.
    var table: DataTable?

    var markup: Markup {
        """
        <figure id="\(id)">
        <figcaption>\(title)</figcaption>
        <svg xmlns="http://www.w3.org/2000/svg" width="100%" height="\(Coordinate.pixels(height))" role="img" \
        aria-labelledby="\(id)-title \(id)-desc">
        <title id="\(id)-title">\(title)</title>
        <desc id="\(id)-desc">\(description)</desc>
        \(drawing)
        </svg>
        \(legend)
        \(table?.folded ?? .nothing)
        </figure>
        """
    }
}
