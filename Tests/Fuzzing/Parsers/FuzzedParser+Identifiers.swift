import Holdings

extension FuzzedParser {
    /// Ids that differ in a byte have different places, equal ones the same, and they come back byte for byte.
    static func checkIdentifiers(_ input: [UInt8]) throws(Violation) {
        guard let first = input.first else { return }
        let type = [IdentifierType.text, .bigint, .uuid, .numeric][Int(first) % 4]
        var table = IdentifierTable(type: type)
        var places: [[UInt8]: Int32] = [:]
        for id in ids(in: input.dropFirst(), type) {
            do {
                let place = try id.withUnsafeBytes { try table.insert($0) }
                let expected = places[id] ?? Int32(places.count)
                try Violation.require(place == expected, "\(id) is at \(place) instead of \(expected)")
                places[id] = place
            } catch let violation as Violation {
                throw violation
            } catch is IdentifierError {
                let isRefused = type == .text ? String(validating: id, as: UTF8.self) == nil : true
                try Violation.require(isRefused && places[id] == nil, "\(id) was refused")
            } catch {
                throw Violation("it threw \(error)")
            }
        }
        try Violation.require(table.count == places.count, "\(table.count) ids of \(places.count)")
        let (sorted, newPlaces) = table.sorted()
        for (id, place) in places {
            let newPlace = newPlaces[Int(place)]
            for (table, place) in [(table, place), (sorted, newPlace)] {
                let bytes = table.withBytes(at: place) { Array($0) }
                try Violation.require(bytes == id, "\(id) came back as \(bytes)")
                let text = table.text(at: place)
                try Violation.require(table.index(ofText: text) == place, "\(text) is not found where it is")
                if type == .text {
                    try Violation.require(text.utf8.elementsEqual(id), "\(id) is shown as \(Array(text.utf8))")
                }
            }
        }
        let ordered = (0..<Int32(sorted.count)).map { place in sorted.withBytes(at: place) { Array($0) } }
        for (left, right) in zip(ordered, ordered.dropFirst()) {
            let isAscending =
                switch type {
                case .bigint: value(left) < value(right)
                // By their words, the sign apart: weight, then digits.
                case .numeric:
                    isNegative(left) == isNegative(right)
                        ? magnitude(left).lexicographicallyPrecedes(magnitude(right)) != isNegative(left)
                        : isNegative(left)
                case .text, .uuid: left.lexicographicallyPrecedes(right)
                }
            try Violation.require(isAscending, "\(left) is sorted before \(right)")
        }
    }

    private static func ids(in input: ArraySlice<UInt8>, _ type: IdentifierType) -> [[UInt8]] {
        var ids: [[UInt8]] = []
        var rest = input
        while let length = rest.popFirst() {
            // Ids of a fixed length mostly have it.
            let byteCount = length >= 250 ? Int(length) - 250 : type == .bigint ? 8 : type == .uuid ? 16 : Int(length)
            ids.append(Array(rest.prefix(byteCount)))
            rest = rest.dropFirst(byteCount)
        }
        return ids
    }

    private static func isNegative(_ id: [UInt8]) -> Bool { id[4] != 0 }

    private static func magnitude(_ id: [UInt8]) -> [UInt8] { Array(id[2..<4] + id[8...]) }

    private static func value(_ id: [UInt8]) -> Int64 {
        Int64(bitPattern: id.reduce(0) { $0 << 8 | UInt64($1) })
    }
}
