/// Reads PostgreSQL's binary COPY format, in whatever pieces it arrives.
///
/// Rows that lie whole within a piece are read in place, without copying and without any allocation per row. It trusts
/// nothing: bytes that are not in the format end in an error, never in a crash.
///
/// The format is that of the manual page of COPY, "Binary Format".
public struct BinaryCopyDecoder {
    private enum Phase {
        case header
        case rows
        case ended
    }

    private enum Step {
        case incomplete
        case read(byteCount: Int)
    }

    private var phase = Phase.header
    private var fields: [UnsafeRawBufferPointer?]

    /// The beginning of a row, or of the header, whose end has not arrived yet.
    private var pending: [UInt8] = []

    /// The rows that were read.
    public private(set) var rowCount = 0

    /// Creates a decoder for rows of `fieldCount` fields.
    public init(fieldCount: Int) {
        fields = Array(repeating: nil, count: fieldCount)
    }

    /// Reads the next piece and passes on every row that is complete.
    ///
    /// - Parameters:
    ///   - bytes: The piece; may be empty, and may begin and end anywhere.
    ///   - receive: Gets each row, valid during the call. What it throws is passed on; the decoder is of no use then.
    /// - Throws: ``PostgresError/Code/decoding`` at bytes that are not in the format.
    public mutating func decode(
        _ bytes: UnsafeRawBufferPointer,
        _ receive: (BinaryCopyRow) throws -> Void
    ) throws {
        guard !pending.isEmpty else {
            let consumed = try consume(bytes, receive)
            // Nothing is left of most messages.
            if consumed < bytes.count { pending.append(contentsOf: bytes[consumed...]) }
            return
        }
        pending.append(contentsOf: bytes)
        // Taken out, so that the rows' pointers and the decoder's own state do not overlap.
        var joined: [UInt8] = []
        swap(&joined, &pending)
        let consumed = try joined.withUnsafeBytes { try consume($0, receive) }
        joined.removeFirst(consumed)
        swap(&joined, &pending)
    }

    /// Checks that the data has come to its end.
    ///
    /// - Throws: ``PostgresError/Code/decoding`` if the trailer is missing.
    public func finish() throws(PostgresError) {
        guard phase == .ended else {
            throw .binaryCopy("it ends before its trailer, after \(rowCount) rows")
        }
    }

    /// Reads as much as is complete and returns the number of bytes read.
    private mutating func consume(
        _ bytes: UnsafeRawBufferPointer,
        _ receive: (BinaryCopyRow) throws -> Void
    ) throws -> Int {
        var offset = 0
        while offset < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            let step: Step
            switch phase {
            case .header: step = try readHeader(rest)
            case .rows: step = try readRow(rest, receive)
            case .ended: throw PostgresError.binaryCopy("there is data after its trailer")
            }
            guard case .read(let byteCount) = step else { break }
            offset += byteCount
        }
        return offset
    }

    private mutating func readHeader(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) -> Step {
        let signature = BinaryCopyFormat.signature
        guard bytes.prefix(signature.count).elementsEqual(signature.prefix(bytes.count)) else {
            throw .binaryCopy("it does not begin with the signature")
        }
        let fixedByteCount = signature.count + 8
        guard bytes.count >= fixedByteCount else { return .incomplete }
        let flags = bytes.bigEndian(at: signature.count, as: UInt32.self)
        guard flags >> 16 == 0 else {
            throw .binaryCopy("its header sets flags that are unknown")
        }
        let extensionByteCount = Int(bytes.bigEndian(at: signature.count + 4, as: Int32.self))
        guard extensionByteCount >= 0 else {
            throw .binaryCopy("the length of its header is negative")
        }
        guard bytes.count - fixedByteCount >= extensionByteCount else { return .incomplete }
        phase = .rows
        return .read(byteCount: fixedByteCount + extensionByteCount)
    }

    private mutating func readRow(
        _ bytes: UnsafeRawBufferPointer,
        _ receive: (BinaryCopyRow) throws -> Void
    ) throws -> Step {
        guard bytes.count >= 2 else { return .incomplete }
        let fieldCount = Int(bytes.bigEndian(at: 0, as: Int16.self))
        if fieldCount == -1 {
            phase = .ended
            return .read(byteCount: 2)
        }
        guard fieldCount == fields.count else {
            throw PostgresError.binaryCopy("row \(rowCount + 1) has \(fieldCount) fields instead of \(fields.count)")
        }
        var offset = 2
        for index in 0..<fieldCount {
            guard bytes.count - offset >= 4 else { return .incomplete }
            let byteCount = Int(bytes.bigEndian(at: offset, as: Int32.self))
            offset += 4
            if byteCount == -1 {
                fields[index] = nil
                continue
            }
            guard byteCount >= 0 else {
                throw PostgresError.binaryCopy("row \(rowCount + 1), field \(index + 1) has a negative length")
            }
            guard bytes.count - offset >= byteCount else { return .incomplete }
            fields[index] = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + byteCount])
            offset += byteCount
        }
        rowCount += 1
        try fields.withUnsafeBufferPointer { try receive(BinaryCopyRow(fields: $0, number: rowCount)) }
        return .read(byteCount: offset)
    }
}

/// What the binary COPY format lays down.
enum BinaryCopyFormat {
    /// The 11 bytes at the beginning: they tell of damage by conversions of line ends, and of lost high bits.
    static let signature: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF] + Array("\r\n\0".utf8)
}

extension PostgresError {
    /// An error in binary COPY data.
    @usableFromInline
    static func binaryCopy(
        _ defect: String,
        function: String = #function,
        file: String = #fileID,
        line: Int = #line
    ) -> PostgresError {
        PostgresError(
            code: .decoding,
            message: "the binary COPY data is not valid: \(defect)",
            function: function,
            file: file,
            line: line
        )
    }
}
