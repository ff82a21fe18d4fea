import Postgres

extension FuzzedParser {
    /// What came of decoding: the rows that were passed on, then perhaps an error.
    private struct Decoded: Equatable {
        var rows: [[[UInt8]?]] = []
        var error: String?
    }

    /// The pieces in which data comes change nothing; rows that were read are written back to the same bytes.
    static func checkCopy(_ input: [UInt8]) throws(Violation) {
        guard input.count >= 2 else { return }
        let fieldCount = Int(input[0] % 9)
        let data = input[2...]
        let whole = try decoded(data, fieldCount: fieldCount) { data.count }
        var state = UInt(input[1])
        let inPieces = try decoded(data, fieldCount: fieldCount) {
            // Knuth's generator for MMIX: a seed of one byte is enough to cut in different places.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % 40
        }
        try Violation.require(whole == inPieces, "whole it is \(whole), in pieces \(inPieces)")
        guard whole.error == nil else { return }

        let header = try Violation.catching { try headerByteCount(of: data) }
        let written = try Violation.catching { try encoded(whole.rows) }
        try Violation.require(
            written.dropFirst(19).elementsEqual(data.dropFirst(header)), "rows were written back as other bytes")
    }

    private static func decoded(
        _ data: ArraySlice<UInt8>, fieldCount: Int, pieceByteCount: () -> Int
    ) throws(Violation) -> Decoded {
        var decoder = BinaryCopyDecoder(fieldCount: fieldCount)
        var result = Decoded()
        var rest = data
        do {
            while !rest.isEmpty {
                let piece = rest.prefix(pieceByteCount())
                rest = rest.dropFirst(piece.count)
                try piece.withUnsafeBytes { bytes in
                    try decoder.decode(bytes) { row in
                        try checkValues(of: row)
                        result.rows.append(row.fields.map { $0.map(Array.init) })
                    }
                }
            }
            try decoder.finish()
        } catch let violation as Violation {
            throw violation
        } catch let error as PostgresError where error.code == .decoding {
            result.error = error.description
        } catch {
            throw Violation("the decoder threw \(error)")
        }
        try Violation.require(decoder.rowCount == result.rows.count, "rows were not counted as they were passed on")
        return result
    }

    /// Whatever type a field is read as: it is an error, or a value that is written back to the same bytes.
    private static func checkValues(of row: BinaryCopyRow) throws {
        for index in row.fields.indices {
            let bytes = row[index].map(Array.init)
            var written: [[UInt8]] = []
            func write<Value>(_ value: Value?, _ append: (BinaryCopyEncoder, Value) throws -> Void) throws {
                guard let value else { return try Violation.require(bytes == nil, "a value was read as NULL") }
                written.append(try field { try append($0, value) })
            }
            func ifReadable(_ body: () throws -> Void) throws {
                do { try body() } catch let error as PostgresError where error.code == .decoding {}
            }
            try ifReadable { try write(try row.int16(index)) { try $0.append($1) } }
            try ifReadable { try write(try row.int32(index)) { try $0.append($1) } }
            try ifReadable { try write(try row.int64(index)) { try $0.append($1) } }
            try ifReadable { try write(try row.float(index)) { try $0.append($1) } }
            try ifReadable { try write(try row.double(index)) { try $0.append($1) } }
            try ifReadable { try write(try row.bool(index)) { try $0.append($1) } }
            try ifReadable { try write(try row.text(index)) { try $0.append($1) } }
            try Violation.require(written.allSatisfy { $0 == bytes }, "\(bytes ?? []) was written back as \(written)")
        }
    }

    /// The bytes of one field, as the encoder writes them.
    private static func field(_ append: (BinaryCopyEncoder) throws -> Void) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let encoder = BinaryCopyEncoder { bytes.append(contentsOf: $0) }
        try encoder.beginRow(fieldCount: 1)
        try append(encoder)
        try encoder.finish()
        return Array(bytes.dropFirst(19 + 2 + 4).dropLast(2))
    }

    private static func encoded(_ rows: [[[UInt8]?]]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let encoder = BinaryCopyEncoder { bytes.append(contentsOf: $0) }
        for row in rows {
            try encoder.beginRow(fieldCount: row.count)
            for field in row {
                try field.map { try $0.withUnsafeBytes(encoder.append(bytes:)) } ?? encoder.appendNull()
            }
        }
        try encoder.finish()
        return bytes
    }

    /// Bytes of data's header, its extension included.
    private static func headerByteCount(of data: ArraySlice<UInt8>) throws -> Int {
        data.dropFirst(15).prefix(4).reduce(0) { $0 << 8 | Int($1) } + 19
    }
}

extension Violation {
    /// What `body` returns; whatever else it throws is a violation.
    static func catching<Value>(_ body: () throws -> Value) throws(Violation) -> Value {
        do { return try body() } catch let violation as Violation { throw violation } catch {
            throw Violation("it threw \(error)")
        }
    }
}
