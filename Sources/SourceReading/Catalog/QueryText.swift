package import Holdings

/// The text of a configured query with `:as_of` replaced by a date literal.
///
/// COPY takes no parameters, so the date must stand in the text; nothing else is ever put there. String literals,
/// quoted identifiers, dollar quotes, comments and casts (`::as_of`) are left alone.
///
/// - Parameters:
///   - query: One `SELECT`.
///   - asOf: The date.
/// - Returns: The query's text.
package func substituteAsOf(in query: String, _ asOf: BusinessDate) -> String {
    var scanner = QueryScanner(query)
    return scanner.replacing(":as_of", with: asOf.sqlLiteral)
}

/// Walks over SQL text and tells code from literals, quoted names and comments, as PostgreSQL's lexer does.
private struct QueryScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func replacing(_ placeholder: String, with replacement: String) -> String {
        let wanted = Array(placeholder.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 16)
        while position < bytes.count {
            let start = position
            if skipOpaque() {
                result.append(contentsOf: bytes[start..<position])
            } else if bytes[position...].starts(with: wanted), !follows(":", start), !isWord(at: start + wanted.count) {
                result.append(contentsOf: replacement.utf8)
                position += wanted.count
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Moves behind a literal, quoted name or comment that begins here; false if none does.
    private mutating func skipOpaque() -> Bool {
        switch bytes[position] {
        case UInt8(ascii: "'"):
            let hasEscapes =
                position > 0 && (bytes[position - 1] | 0x20) == UInt8(ascii: "e") && !isWord(at: position - 2)
            skipQuoted(by: UInt8(ascii: "'"), hasEscapes: hasEscapes)
        case UInt8(ascii: "\""):
            skipQuoted(by: UInt8(ascii: "\""), hasEscapes: false)
        case UInt8(ascii: "-") where byte(at: position + 1) == UInt8(ascii: "-"):
            while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
        case UInt8(ascii: "/") where byte(at: position + 1) == UInt8(ascii: "*"):
            skipBlockComment()
        case UInt8(ascii: "$") where !isWord(at: position - 1):
            return skipDollarQuoted()
        default:
            return false
        }
        return true
    }

    private mutating func skipQuoted(by quote: UInt8, hasEscapes: Bool) {
        position += 1
        while position < bytes.count {
            if hasEscapes, bytes[position] == UInt8(ascii: "\\") {
                position += 2
            } else if bytes[position] != quote {
                position += 1
            } else if byte(at: position + 1) == quote {
                position += 2
            } else {
                position += 1
                return
            }
        }
        position = bytes.count
    }

    private mutating func skipBlockComment() {
        var depth = 0
        while position < bytes.count {
            if bytes[position...].starts(with: "/*".utf8) {
                depth += 1
                position += 2
            } else if bytes[position...].starts(with: "*/".utf8) {
                depth -= 1
                position += 2
                if depth == 0 { return }
            } else {
                position += 1
            }
        }
    }

    private mutating func skipDollarQuoted() -> Bool {
        var end = position + 1
        while isWord(at: end), bytes[end] != UInt8(ascii: "$") { end += 1 }
        guard byte(at: end) == UInt8(ascii: "$") else { return false }
        let tag = bytes[position...end]
        position = end + 1
        while position < bytes.count, !bytes[position...].starts(with: tag) { position += 1 }
        position = min(position + tag.count, bytes.count)
        return true
    }

    private func byte(at index: Int) -> UInt8? { bytes.indices.contains(index) ? bytes[index] : nil }

    private func follows(_ character: Unicode.Scalar, _ index: Int) -> Bool {
        byte(at: index - 1) == UInt8(ascii: character)
    }

    private func isWord(at index: Int) -> Bool {
        guard let byte = byte(at: index) else { return false }
        return byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || byte >= 0x80
            || (48...57).contains(byte) || (97...122).contains(byte | 0x20)
    }
}
