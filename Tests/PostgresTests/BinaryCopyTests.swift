import Foundation
import Postgres
import TestSupport
import Testing

/// A row of every kind of field that the codec knows.
struct SampleRow: Equatable {
    var small: Int16?
    var integer: Int32?
    var big: Int64?
    var double: UInt64?
    var bool: Bool?
    var text: String?

    static let fieldCount = 6

    static func random(using generator: inout SeededGenerator) -> SampleRow {
        let textLength = [0, 1, 5, 300, 70_000][Int.random(in: 0..<100, using: &generator) < 95 ? 2 : 4]
        return SampleRow(
            small: Bool.random(using: &generator) ? .random(in: .min ... .max, using: &generator) : nil,
            integer: Bool.random(using: &generator) ? .random(in: .min ... .max, using: &generator) : nil,
            big: Bool.random(using: &generator) ? .random(in: .min ... .max, using: &generator) : nil,
            double: Bool.random(using: &generator) ? .random(in: .min ... .max, using: &generator) : nil,
            bool: Bool.random(using: &generator) ? .random(using: &generator) : nil,
            text: Bool.random(using: &generator) ? String(repeating: "ö\n", count: textLength / 3) : nil
        )
    }

    init(small: Int16?, integer: Int32?, big: Int64?, double: UInt64?, bool: Bool?, text: String?) {
        (self.small, self.integer, self.big) = (small, integer, big)
        (self.double, self.bool, self.text) = (double, bool, text)
    }

    init(_ row: BinaryCopyRow) throws {
        small = try row.int16(0)
        integer = try row.int32(1)
        big = try row.int64(2)
        double = try row.double(3)?.bitPattern
        bool = try row.bool(4)
        text = try row.text(5)
    }

    func append(to encoder: BinaryCopyEncoder) throws {
        try encoder.beginRow(fieldCount: Self.fieldCount)
        try small.map(encoder.append) ?? encoder.appendNull()
        try integer.map(encoder.append) ?? encoder.appendNull()
        try big.map(encoder.append) ?? encoder.appendNull()
        try double.map { try encoder.append(Double(bitPattern: $0)) } ?? encoder.appendNull()
        try bool.map(encoder.append) ?? encoder.appendNull()
        try text.map { try encoder.append($0) } ?? encoder.appendNull()
    }
}

/// Binary COPY data of rows.
private func encoded(_ rows: [SampleRow]) throws -> [UInt8] {
    var bytes: [UInt8] = []
    let encoder = BinaryCopyEncoder { bytes.append(contentsOf: $0) }
    for row in rows {
        try row.append(to: encoder)
    }
    try encoder.finish()
    return bytes
}

/// Decodes pieces of at most `maximumPiece` bytes.
private func decoded(
    _ bytes: [UInt8],
    maximumPiece: Int,
    using generator: inout SeededGenerator
) throws -> [SampleRow] {
    var decoder = BinaryCopyDecoder(fieldCount: SampleRow.fieldCount)
    var rows: [SampleRow] = []
    var rest = bytes[...]
    while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 0...maximumPiece, using: &generator))
        rest = rest.dropFirst(piece.count)
        try piece.withUnsafeBytes { try decoder.decode($0) { rows.append(try SampleRow($0)) } }
    }
    try decoder.finish()
    return rows
}

@Suite struct BinaryCopyTests {
    @Test(arguments: 0..<60)
    func roundTripsInAnyPieces(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let rows = (0..<Int.random(in: 0...60, using: &generator)).map { _ in SampleRow.random(using: &generator) }
        let bytes = try encoded(rows)
        for maximumPiece in [bytes.count, 1000, 40] {
            #expect(try decoded(bytes, maximumPiece: maximumPiece, using: &generator) == rows)
        }
    }

    @Test func roundTripsByteByByte() throws {
        var generator = SeededGenerator(seed: 1)
        let row = SampleRow(small: 1, integer: -2, big: .max, double: 0, bool: true, text: "x")
        let bytes = try encoded([row, row])
        #expect(try decoded(bytes, maximumPiece: 1, using: &generator) == [row, row])
    }

    @Test func everyTruncationIsAnError() throws {
        var generator = SeededGenerator(seed: 2)
        let bytes = try encoded([SampleRow(small: 1, integer: nil, big: 3, double: 4, bool: false, text: "text")])
        for count in 0..<bytes.count {
            #expect(throws: PostgresError.self) {
                try decoded(Array(bytes[..<count]), maximumPiece: 16, using: &generator)
            }
        }
    }

    @Test(arguments: 0..<400)
    func mutatedBytesEndInAnErrorOrInRows(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let rows = (0..<4).map { _ in SampleRow.random(using: &generator) }
        let original = try encoded(rows)
        for _ in 0..<25 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: 0..<min(bytes.count, 200), using: &generator)] = .random(
                    in: .min ... .max, using: &generator)
            }
            do {
                _ = try decoded(bytes, maximumPiece: 100, using: &generator)
            } catch {
                #expect((error as? PostgresError)?.code == .decoding)
            }
        }
    }

    @Test func refusesWhatIsNotInTheFormat() throws {
        var generator = SeededGenerator(seed: 3)
        let bytes = try encoded([])
        let defects: [[UInt8]] = [
            Array("not a copy at all, no".utf8),  // no signature
            bytes + [0],  // data after the trailer
            Array(bytes[..<11]) + [0, 1, 0, 0] + Array(bytes[15...]),  // rows with OIDs
            Array(bytes[..<15]) + [255, 255, 255, 255] + Array(bytes[19...]),  // negative header length
            Array(bytes[..<19]) + [0, 7],  // seven fields
            Array(bytes[..<19]) + [255, 254],  // minus two fields
            Array(bytes[..<19]) + [0, 6, 255, 255, 255, 254],  // negative length
        ]
        for defect in defects {
            let error = #expect(throws: PostgresError.self) {
                try decoded(defect, maximumPiece: 64, using: &generator)
            }
            #expect(error?.code == .decoding)
        }
    }

    @Test func skipsAHeaderExtension() throws {
        var generator = SeededGenerator(seed: 4)
        let bytes = try encoded([])
        let extended = Array(bytes[..<18]) + [3, 9, 9, 9] + Array(bytes[19...])
        #expect(try decoded(extended, maximumPiece: 2, using: &generator).isEmpty)
    }

    @Test func fieldsOfAnotherLengthAreErrors() throws {
        var bytes: [UInt8] = []
        let encoder = BinaryCopyEncoder { bytes.append(contentsOf: $0) }
        try encoder.beginRow(fieldCount: 1)
        try encoder.append(Int32(7))
        try encoder.finish()
        var decoder = BinaryCopyDecoder(fieldCount: 1)
        try bytes.withUnsafeBytes { bytes in
            try decoder.decode(bytes) { row in
                #expect(throws: PostgresError.self) { try row.int64(0) }
                #expect(throws: PostgresError.self) { try row.int16(0) }
                #expect(throws: PostgresError.self) { try row.double(0) }
                #expect(throws: PostgresError.self) { try row.bool(0) }
                let value = try row.int32(0)
                #expect(value == 7)
            }
        }
    }

    @Test(
        arguments: [
            ([0, 2, 0, 0, 0x40, 0, 0, 1, 0, 12, 0x13, 0x88], .finite), ([0, 0, 0, 0, 0, 0, 0, 2], .finite),
            ([0, 0, 0, 0, 0xC0, 0, 0, 0], .notANumber), ([0, 0, 0, 0, 0xD0, 0, 0, 0], .infinite),
            ([0, 0, 0, 0, 0xF0, 0, 0, 0], .infinite), ([], nil), ([0, 0, 0, 0, 0, 0, 0], nil),
            ([0, 1, 0, 0, 0, 0, 0, 0], nil), ([0, 1, 0, 0, 0, 0, 0, 0, 0], nil),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 1], nil), ([0, 1, 0, 0, 0, 0, 0, 0, 0x27, 0x10], nil),
            ([0, 1, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], nil), ([0, 0, 0, 0, 0x80, 0, 0, 0], nil),
            ([0xFF, 0xFF, 0, 0, 0, 0, 0, 0], nil),
        ] as [([UInt8], BinaryNumeric.Kind?)])
    func readsNumerics(field: [UInt8], kind: BinaryNumeric.Kind?) throws {
        var bytes: [UInt8] = []
        let encoder = BinaryCopyEncoder { bytes.append(contentsOf: $0) }
        try encoder.beginRow(fieldCount: 1)
        try field.withUnsafeBytes { try encoder.append(bytes: $0) }
        try encoder.finish()
        var decoder = BinaryCopyDecoder(fieldCount: 1)
        try bytes.withUnsafeBytes { bytes in
            try decoder.decode(bytes) { row in
                guard let kind else {
                    #expect(throws: PostgresError.self) { _ = try row.numeric(0) }
                    return
                }
                let numeric = try #require(try row.numeric(0))
                #expect(numeric.kind == kind)
                // The first is -12.5.
                guard numeric.count > 0 else { return }
                #expect(numeric.isNegative && numeric.weight == 0 && numeric[0] == 12 && numeric[1] == 5000)
            }
        }
    }

    @Test func aRowWithMissingFieldsStopsTheProgram() async {
        await #expect(processExitsWith: .failure) {
            let encoder = BinaryCopyEncoder { _ in }
            try encoder.beginRow(fieldCount: 2)
            try encoder.append(Int32(1))
            try encoder.beginRow(fieldCount: 2)
        }
    }

    @Test func aRowWithTooManyFieldsStopsTheProgram() async {
        await #expect(processExitsWith: .failure) {
            let encoder = BinaryCopyEncoder { _ in }
            try encoder.beginRow(fieldCount: 1)
            try encoder.append(Int32(1))
            try encoder.appendNull()
        }
    }

    @Test func errorsOfTheReceiverPass() throws {
        let bytes = try encoded([SampleRow(small: 1, integer: 2, big: 3, double: 4, bool: nil, text: nil)])
        var decoder = BinaryCopyDecoder(fieldCount: SampleRow.fieldCount)
        #expect(throws: CancellationError.self) {
            try bytes.withUnsafeBytes { try decoder.decode($0) { _ in throw CancellationError() } }
        }
    }
}
