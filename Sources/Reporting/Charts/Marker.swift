/// The mark of a point; its shape tells what color tells too.
enum Marker {
    /// A filled diamond: what is published.
    case diamond
    /// A filled circle.
    case circle
    /// A circle that is empty inside.
    case ring
    /// A cross.
    case cross

    /// The mark at a place.
    ///
    /// - Parameters:
    ///   - x: Share of the width.
    ///   - y: Pixels from the top.
    ///   - title: What is shown under the pointer.
    func markup(x: Double, y: Double, title: String = "") -> Markup {
        """
        <svg x="\(Coordinate.percent(x))" y="\(Coordinate.pixels(y))" class="mark">\
        \(title.isEmpty ? .nothing : "<title>\(title)</title>")\(shape)</svg>
        """
    }

    /// The mark by itself, for a legend.
    var key: Markup {
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="-8 -8 16 16" class="mark" \
        aria-hidden="true">\(shape)</svg>
        """
    }

    private var shape: Markup {
        switch self {
        case .diamond: "<path class=\"solid\" d=\"M0 -7L7 0L0 7L-7 0Z\" />"
        case .circle: "<circle class=\"solid\" r=\"4.5\" />"
        case .ring: "<circle class=\"hollow\" r=\"4.5\" />"
        case .cross: "<path class=\"stroke\" d=\"M-4 -4L4 4M-4 4L4 -4\" />"
        }
    }
}
