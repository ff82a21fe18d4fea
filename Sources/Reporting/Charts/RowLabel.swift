/// The line above a row of a chart: a name at the left, a figure at the right.
struct RowLabel {
    let name: String
    let value: String

    /// The line; a name that is too long for the width ends in an ellipsis, and is whole under the pointer.
    ///
    /// - Parameter y: Where the row begins, in pixels from the top.
    func markup(y: Double) -> Markup {
        // A text of SVG is never cut to the width that there is; one of HTML is.
        """
        <foreignObject x="0" y="\(Coordinate.pixels(y))" width="80%" height="20">\
        <div xmlns="http://www.w3.org/1999/xhtml" class="label" title="\(name)">\(name)</div></foreignObject>
        <text class="value" text-anchor="end" x="100%" y="\(Coordinate.pixels(y + 14))">\(value)</text>
        """
    }
}
