import TestSupport

/// Input as people and programs get it wrong, and as somebody would write it who means harm.
struct RandomInput {
    private var random: SeededGenerator

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    mutating func number(in range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &random)
    }

    mutating func integer<Value: FixedWidthInteger & UnsignedInteger>(_: Value.Type = Value.self) -> Value {
        // Ends of ranges are where mistakes are.
        switch number(in: 0...9) {
        case 0: 0
        case 1: Value.max
        case 2: 1 << (Value.bitWidth - 1)
        case 3: (1 << (Value.bitWidth - 1)) - 1
        default: Value.random(in: .min ... .max, using: &random)
        }
    }

    mutating func isTrue(oneOf count: Int) -> Bool {
        number(in: 1...count) == 1
    }

    mutating func one<Element>(of elements: [Element]) -> Element {
        elements[number(in: 0...elements.count - 1)]
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    /// What means something to a shell, to SQL, COPY, YAML, libpq or cron, and what Unicode holds ready.
    private static let odd: [Unicode.Scalar] =
        Array(" \t\n\r'\"\\`$%&;:,.*?!|<>()[]{}#@=~^+-_/0189azAZ".unicodeScalars)
        + Array(
            "\u{0}\u{1}\u{7F}\u{85}\u{A0}\u{AD}\u{301}\u{200B}\u{200D}\u{202E}\u{2028}\u{2066}\u{FEFF}\u{FFFD}"
                .unicodeScalars)
        + Array("éèßñøЖشע日本\u{212A}\u{37E}🙂👩\u{10FFFF}".unicodeScalars)

    mutating func text(upTo count: Int) -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<number(in: 0...count) {
            scalars.append(isTrue(oneOf: 3) ? one(of: Self.odd) : one(of: Array("abcdefghij".unicodeScalars)))
        }
        return String(scalars)
    }

    /// Words put together with what may stand between them; often a word of the language, with something wrong in it.
    mutating func sentence(_ words: [String], separators: [String], upTo count: Int) -> String {
        var sentence = ""
        for _ in 0..<number(in: 0...count) {
            sentence += isTrue(oneOf: 8) ? text(upTo: 6) : one(of: words)
            sentence += isTrue(oneOf: 12) ? text(upTo: 2) : one(of: separators)
        }
        return isTrue(oneOf: 3) ? mutated(sentence) : sentence
    }

    /// The text with some of its bytes changed, and mended where it is UTF-8 no more: parsers of text see no other.
    mutating func mutated(_ text: String) -> String {
        String(decoding: mutated(Array(text.utf8)), as: UTF8.self)
    }

    /// The bytes with some changes: bits turned, bytes replaced, parts doubled, moved, removed or cut off.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<number(in: 1...4) where !bytes.isEmpty {
            let at = number(in: 0...bytes.count - 1)
            let end = min(bytes.count, at + number(in: 1...8))
            switch number(in: 0...6) {
            case 0: bytes[at] ^= 1 << number(in: 0...7)
            case 1: bytes[at] = one(of: [0, 1, 0x7F, 0x80, 0xFE, 0xFF])
            case 2: bytes.insert(UInt8(number(in: 0...255)), at: at)
            case 3: bytes.insert(contentsOf: bytes[at..<end], at: number(in: 0...bytes.count))
            case 4: bytes.removeSubrange(at..<end)
            case 5: bytes.insert(contentsOf: String(one(of: Self.odd)).utf8, at: at)
            default: bytes.removeSubrange(at...)
            }
        }
        return bytes
    }
}
