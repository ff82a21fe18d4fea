import TestSupport
import Testing

@testable import Holdings

/// The binary format of numeric; `NumericIDTests` compares it with the server's.
@Suite struct NumericBytesTests {
    /// Beside what `numeric_send` yields for them.
    private static let values: [(String, [UInt16])] = [
        ("0", [0, 0, 0, 0]), ("1", [1, 0, 0, 0, 1]), ("-1", [1, 0, 0x4000, 0, 1]), ("9999", [1, 0, 0, 0, 9999]),
        ("10000", [1, 1, 0, 0, 1]), ("-10001", [2, 1, 0x4000, 0, 1, 1]), ("12345678", [2, 1, 0, 0, 1234, 5678]),
        ("18000000000000000001", [5, 4, 0, 0, 1800, 0, 0, 0, 1]), ("100000000000000000000", [1, 5, 0, 0, 1]),
        ("9223372036854775807", [5, 4, 0, 0, 922, 3372, 368, 5477, 5807]),
    ]

    private static func bytes(_ words: [UInt16]) -> [UInt8] { words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } }

    private static func read<Value>(_ bytes: [UInt8], _ body: (NumericBytes) -> Value) -> Value? {
        bytes.withUnsafeBytes { NumericBytes($0).map(body) }
    }

    /// By sign, then by figures: what any child does.
    static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let (left, right) = (read(left, \.text) ?? "", read(right, \.text) ?? "")
        guard left.hasPrefix("-") == right.hasPrefix("-") else { return left.hasPrefix("-") }
        let (less, greater) = left.hasPrefix("-") ? (right, left) : (left, right)
        return less.utf8.count != greater.utf8.count ? less.utf8.count < greater.utf8.count : less < greater
    }

    @Test func readsAndWritesWhatTheServerSends() {
        for (text, words) in Self.values {
            let bytes = Self.bytes(words)
            #expect(NumericBytes.bytes(ofText: text) == bytes, "\(text)")
            #expect(Self.read(bytes, \.text) == text)
            #expect(Self.read(bytes, \.isWhole) == true, "\(text)")
            #expect(Self.read(bytes, \.bigint) == .some(Int64(text)), "\(text)")
        }
        #expect(NumericBytes.bytes(ofText: "-9223372036854775808").flatMap { Self.read($0, \.bigint) } == .some(.min))
        #expect(NumericBytes.bytes(ofText: "9223372036854775808").flatMap { Self.read($0, \.bigint) } == .some(nil))
    }

    @Test func takesWhatPeopleWrite() {
        for (written, meant) in [("+7", "7"), ("007", "7"), ("7.", "7"), ("7.00", "7"), ("-0", "0"), ("-0.0", "0")] {
            #expect(NumericBytes.bytes(ofText: written) == NumericBytes.bytes(ofText: meant), "\(written)")
        }
        for text in ["", "-", "+", ".", ".0", "1.5", "1.0.0", "1e3", "NaN", "٣", "1 ", "--1", "0x1"] {
            #expect(NumericBytes.bytes(ofText: text) == nil, "\(text)")
        }
        let longest = "1" + String(repeating: "0", count: 9999)
        let back = NumericBytes.bytes(ofText: longest).flatMap { Self.read($0, \.text) }
        #expect((back == longest) == true)
        #expect(NumericBytes.bytes(ofText: longest + String(repeating: "0", count: 131_072)) == nil)
    }

    /// Fractions, decimals that are shown, and bytes that no server sends.
    @Test(
        arguments: [
            ("1.5", [2, 0, 0, 1, 1, 5000]), ("1.0", [1, 0, 0, 1, 1]), ("0.05", [1, UInt16(bitPattern: -1), 0, 2, 500]),
            ("0.00000001", [1, UInt16(bitPattern: -2), 0, 8, 1]), ("-12.3400", [2, 0, 0x4000, 4, 12, 3400]),
            ("NaN", [0, 0, 0xC000, 0]), ("Infinity", [0, 0, 0xD000, 0]), ("-Infinity", [0, 0, 0xF000, 0]),
            ("1", [2, 0, 0, 0, 1, 0]), ("1", [2, 1, 0, 0, 0, 1]), ("0", [0, 0, 0x4000, 0]),
            ("10000", [1, 0, 0, 0, 10_000]), ("1", [1, 0, 0, 0, 1, 1]),
        ] as [(String, [UInt16])])
    func refusesAllElse(text: String, words: [UInt16]) {
        let bytes = Self.bytes(words)
        #expect(Self.read(bytes, \.isWhole) == false)
        var table = IdentifierTable(type: .numeric)
        let error = #expect(throws: IdentifierError.self) { try bytes.withUnsafeBytes { try table.insert($0) } }
        #expect(error?.code == .notWhole && table.count == 0)
        #expect(bytes.withUnsafeBytes { table.index(of: $0) } == nil)
        if words.count == 4 + Int(words[0]), words[3] > 0 || words[0] == 0 && words[2] != 0x4000 {
            #expect(error?.example == text)
        }
    }

    @Test func refusesNoHeader() {
        for count in 0..<8 { #expect(Self.read([UInt8](repeating: 0, count: count), \.isWhole) == nil) }
        var table = IdentifierTable(type: .numeric)
        #expect(throws: IdentifierError.self) { try [0, 1].withUnsafeBytes { try table.insert($0) } }
    }

    @Test func refusesWhatNoKeyTakes() {
        var (table, free) = (IdentifierTable(type: .text, longest: 10), IdentifierTable(type: .text))
        let long = Array("12345678901".utf8)
        let error = #expect(throws: IdentifierError.self) { try long.withUnsafeBytes { try table.insert($0) } }
        #expect(error?.code == .tooLong && error?.example == "12345678901…" && table.count == 0)
        #expect(throws: Never.self) { try long.dropLast().withUnsafeBytes { try table.insert($0) } }
        #expect(throws: Never.self) { try long.withUnsafeBytes { try free.insert($0) } }
    }
}
