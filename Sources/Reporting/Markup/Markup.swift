/// A piece of a document that is both HTML and well-formed XML.
///
/// A literal is markup and stays as it is; a text that is put into it is escaped, and so cannot become markup. Numbers go
/// in by ``Wording``, so that every one of them has its decimals, or as whole numbers.
struct Markup: Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    /// Puts a literal together.
    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity)
        }

        mutating func appendLiteral(_ literal: String) { text += literal }
        /// Puts in markup as it is.
        mutating func appendInterpolation(_ markup: Markup) { text += markup.description }
        /// Puts in pieces of markup, one per line.
        mutating func appendInterpolation(_ pieces: [Markup]) { text += Markup.lines(pieces).description }
        /// Puts in a text, escaped.
        mutating func appendInterpolation(_ text: String) { self.text += Markup(text: text).description }
        /// Puts in a whole number, without separators.
        mutating func appendInterpolation(_ number: Int) { text += String(number) }
    }

    /// The markup.
    let description: String

    init(stringLiteral value: String) { description = value }
    init(stringInterpolation: StringInterpolation) { description = stringInterpolation.text }

    /// Escapes a text, for content as well as for attributes.
    ///
    /// Characters that XML cannot hold become the replacement character.
    init(text: String) {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\t", "\n", "\r": escaped += " "
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        description = escaped
    }

    /// Pieces, one per line.
    static func lines(_ pieces: [Markup]) -> Markup {
        Markup(stringLiteral: pieces.map(\.description).joined(separator: "\n"))
    }

    /// No markup at all.
    static let nothing: Markup = ""
}
