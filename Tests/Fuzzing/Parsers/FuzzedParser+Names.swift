import Holdings
import SourceReading

extension FuzzedParser {
    /// A name is refused, or is written in a form that is read back to the same bytes.
    static func checkRelation(_ input: [UInt8]) throws(Violation) {
        guard let text = String(validating: input, as: UTF8.self) else { return }
        let name: RelationName
        do throws(InvalidRelationName) {
            name = try RelationName(parsing: text)
        } catch {
            return try Violation.require(!error.description.contains { $0.isNewline }, "not one line: \(error)")
        }
        for part in [name.schema, name.name].compactMap(\.self) {
            try Violation.require((1...63).contains(part.utf8.count), "a part of \(part.utf8.count) bytes")
            try Violation.require(!part.utf8.contains(0), "a part with NUL")
        }
        try Violation.require(name.schema?.utf8.starts(with: "pg_".utf8) != true, "a schema of PostgreSQL's own")
        let again = try Violation.catching { try RelationName(parsing: name.description) }
        let isSame =
            again.name.utf8.elementsEqual(name.name.utf8)
            && (again.schema?.utf8).map(Array.init) == (name.schema?.utf8).map(Array.init)
        try Violation.require(isSame, "\(name) was read back as \(again)")
        // Everything that was written is there; only quotes, and the dot between the parts, are not part of a name.
        let kept = [name.schema, name.name].compactMap(\.self).joined().utf8.filter { $0 != 0x22 && $0 != 0x2E }
        try Violation.require(kept == text.utf8.filter { $0 != 0x22 && $0 != 0x2E }, "\(name) is not all of \(text)")
    }

    /// The date takes the place of some of the `:as_of`, in plain code of all of them, and nothing else changes.
    static func checkQuery(_ input: [UInt8]) throws(Violation) {
        guard let query = String(validating: input, as: UTF8.self), let date = BusinessDate("2026-11-23") else {
            return
        }
        let (placeholder, literal) = (Array(":as_of".utf8), Array("DATE '2026-11-23'".utf8))
        let result = Array(substituteAsOf(in: query, date).utf8)
        var (before, after) = (input[...], result[...])
        while !after.isEmpty {
            if before.starts(with: placeholder), after.starts(with: literal) {
                (before, after) = (before.dropFirst(placeholder.count), after.dropFirst(literal.count))
            } else {
                try Violation.require(before.popFirst() == after.popFirst(), "the query was changed elsewhere")
            }
        }
        try Violation.require(before.isEmpty, "the query was cut short")
        guard let plain = substituted(inPlainCode: Array(query.utf8), placeholder, literal) else { return }
        try Violation.require(result == plain, "a date is missing or should not be there")
    }

    /// What becomes of a query without quotes and comments; nil for others.
    private static func substituted(
        inPlainCode query: [UInt8], _ placeholder: [UInt8], _ literal: [UInt8]
    ) -> [UInt8]? {
        guard !["'", "\"", "$", "--", "/*"].contains(where: { query.contains(Array($0.utf8)) }) else { return nil }
        let parts = query.split(separator: placeholder, omittingEmptySubsequences: false)
        return zip(parts, parts.dropFirst()).reduce(into: Array(parts[0])) { result, pair in
            let isCast = pair.0.last == UInt8(ascii: ":")
            let isLongerName = pair.1.first.map { next in
                let character = Character(Unicode.Scalar(next))
                return next >= 0x80 || character == "_" || character.isLetter || character.isNumber
            }
            result += (isCast || isLongerName == true ? placeholder : literal) + pair.1
        }
    }
}
