/// Splits one direction of a connection into the messages of PostgreSQL's protocol 3.0.
///
/// Source: PostgreSQL's manual, chapter "Frontend/Backend Protocol", "Message Formats".
struct MessageScanner {
    /// One whole message.
    struct Message {
        /// Its type; `start` for those without one, `answer` for the single byte that answers a request for encryption.
        let type: Kind
        let bytes: [UInt8]

        /// The bytes, with another value where it is the server's message about its version.
        func sayingVersion(_ version: String) -> [UInt8] {
            let name = Array("server_version\0".utf8)
            guard type == .typed(UInt8(ascii: "S")), bytes.dropFirst(5).starts(with: name) else { return bytes }
            let body = name + Array(version.utf8) + [0]
            let length = UInt32(body.count + 4)
            return [UInt8(ascii: "S")] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + body
        }
    }

    /// What a message is.
    enum Kind: Hashable, CustomStringConvertible {
        case start
        case answer
        case typed(UInt8)

        var description: String {
            switch self {
            case .start: "start"
            case .answer: "answer"
            case .typed(let byte): String(UnicodeScalar(byte))
            }
        }

        /// One of a stream of rows: CopyData or DataRow.
        var isRow: Bool { self == .typed(UInt8(ascii: "d")) || self == .typed(UInt8(ascii: "D")) }
    }

    private var buffer: [UInt8] = []
    /// How many messages without a type, or answers, are still to come before typed ones.
    private var untyped: Int
    private let isServer: Bool

    /// - Parameter isServer: Whether the server is the one who speaks.
    init(isServer: Bool) {
        self.isServer = isServer
        untyped = isServer ? 0 : 1
    }

    /// Tells a scanner of the server that one byte, the answer to a request for encryption, comes next.
    mutating func expectAnswer() {
        untyped += 1
    }

    /// Takes bytes in, and returns the messages that are whole now.
    mutating func scan(_ bytes: some Sequence<UInt8>) -> [Message] {
        buffer += bytes
        var messages: [Message] = []
        while let message = next() { messages.append(message) }
        return messages
    }

    private mutating func next() -> Message? {
        if untyped > 0 {
            guard let length = isServer ? (buffer.isEmpty ? nil : 1) : length(at: 0), buffer.count >= length else {
                return nil
            }
            let bytes = take(length)
            // After a request for encryption that was refused, the start-up message follows.
            if isServer || !Self.asksForEncryption(bytes) { untyped -= 1 }
            return Message(type: isServer ? .answer : .start, bytes: bytes)
        }
        guard let length = length(at: 1), buffer.count > length else { return nil }
        return Message(type: .typed(buffer[0]), bytes: take(1 + length))
    }

    private func length(at offset: Int) -> Int? {
        guard buffer.count >= offset + 4 else { return nil }
        return buffer[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }

    private mutating func take(_ count: Int) -> [UInt8] {
        let bytes = Array(buffer.prefix(count))
        buffer.removeFirst(count)
        return bytes
    }

    /// Whether a message is an SSLRequest or a GSSENCRequest, which the server answers with one byte.
    static func asksForEncryption(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 8 else { return false }
        let code = bytes[4..<8].reduce(0) { $0 << 8 | Int($1) }
        return code == 80_877_103 || code == 80_877_104
    }
}
