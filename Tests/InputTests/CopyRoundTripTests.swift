import FuzzedParsers
import Postgres
import TestSupport
import Testing

/// A value of a type that the COPY codec knows.
private enum CopyValue: Equatable {
    case null
    case small(Int16)
    case integer(Int32)
    case big(Int64)
    /// By its bits, so that NaN equals itself.
    case real(UInt32)
    case double(UInt64)
    case boolean(Bool)
    /// By its bytes: strings that are canonically equal are not the same text.
    case text([UInt8])
    case bytes([UInt8])

    static func random(_ random: inout RandomInput) -> CopyValue {
        switch random.number(in: 0...8) {
        case 0: .null
        case 1: .small(Int16(bitPattern: random.integer()))
        case 2: .integer(Int32(bitPattern: random.integer()))
        case 3: .big(Int64(bitPattern: random.integer()))
        case 4: .real(random.integer())
        case 5: .double(random.integer())
        case 6: .boolean(random.isTrue(oneOf: 2))
        case 7: .text(Array(random.text(upTo: random.isTrue(oneOf: 1000) ? 70_000 : 8).utf8))
        default: .bytes(random.bytes(random.number(in: 0...9)))
        }
    }

    func append(to encoder: BinaryCopyEncoder) throws {
        switch self {
        case .null: try encoder.appendNull()
        case .small(let value): try encoder.append(value)
        case .integer(let value): try encoder.append(value)
        case .big(let value): try encoder.append(value)
        case .real(let bits): try encoder.append(Float(bitPattern: bits))
        case .double(let bits): try encoder.append(Double(bitPattern: bits))
        case .boolean(let value): try encoder.append(value)
        case .text(let bytes): try encoder.append(String(decoding: bytes, as: UTF8.self))
        case .bytes(let bytes): try bytes.withUnsafeBytes(encoder.append(bytes:))
        }
    }

    /// The field of a row, read as this value's type.
    func read(_ row: BinaryCopyRow, _ index: Int) throws -> CopyValue {
        switch self {
        case .null: row[index] == nil ? .null : .bytes([])
        case .small: try row.int16(index).map(CopyValue.small) ?? .null
        case .integer: try row.int32(index).map(CopyValue.integer) ?? .null
        case .big: try row.int64(index).map(CopyValue.big) ?? .null
        case .real: try row.float(index).map { .real($0.bitPattern) } ?? .null
        case .double: try row.double(index).map { .double($0.bitPattern) } ?? .null
        case .boolean: try row.bool(index).map(CopyValue.boolean) ?? .null
        case .text: try row.text(index).map { .text(Array($0.utf8)) } ?? .null
        case .bytes: row[index].map { .bytes(Array($0)) } ?? .null
        }
    }
}

/// More than a million values a run through encoder and decoder, and what becomes of them when bytes are changed.
@Suite struct CopyRoundTripTests {
    private static let valuesPerSeed = 130_000

    @Test(arguments: TestSeed.list(8))
    func valuesComeBackInAnyPieces(seed: UInt64) throws {
        var random = RandomInput(seed: seed)
        var valueCount = 0
        while valueCount < Self.valuesPerSeed {
            let fieldCount = random.number(in: 0...8)
            let rows = (0..<random.number(in: 0...300)).map { _ in
                (0..<fieldCount).map { _ in CopyValue.random(&random) }
            }
            let bytes = try Self.encoded(rows)
            var decoder = BinaryCopyDecoder(fieldCount: fieldCount)
            var (rest, rowCount, wrong) = (bytes[...], 0, [[CopyValue]]())
            let longestPiece = random.one(of: [30, 1000, 100_000])
            while !rest.isEmpty {
                let piece = rest.prefix(random.number(in: 0...longestPiece))
                rest = rest.dropFirst(piece.count)
                try piece.withUnsafeBytes { bytes in
                    try decoder.decode(bytes) { row in
                        let expected = rows[rowCount]
                        let read = try expected.enumerated().map { try $1.read(row, $0) }
                        if read != expected { wrong.append(expected) }
                        rowCount += 1
                    }
                }
            }
            try decoder.finish()
            #expect(rowCount == rows.count)
            #expect(wrong == [])
            // A row without fields is something to get wrong as well.
            valueCount += max(fieldCount, 1) * rows.count
        }
    }

    /// A change is an error, or it is read as what stands there now.
    @Test(arguments: TestSeed.list(8))
    func changedBytesAreErrorsOrOtherValues(seed: UInt64) throws {
        var random = RandomInput(seed: seed)
        for _ in 0..<150 {
            let fieldCount = random.number(in: 0...8)
            let bytes = try Self.encoded(
                (0..<random.number(in: 0...3)).map { _ in (0..<fieldCount).map { _ in CopyValue.random(&random) } })
            let intact = [UInt8(fieldCount), UInt8(random.number(in: 0...255))] + bytes
            try FuzzedParser.copy.check(intact)
            for _ in 0..<10 { try FuzzedParser.copy.check(random.mutated(intact)) }
        }
    }

    private static func encoded(_ rows: [[CopyValue]]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let encoder = BinaryCopyEncoder { bytes.append(contentsOf: $0) }
        for row in rows {
            try encoder.beginRow(fieldCount: row.count)
            for value in row { try value.append(to: encoder) }
        }
        try encoder.finish()
        return bytes
    }
}
