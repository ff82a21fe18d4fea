/// Ids one after the other, in PostgreSQL's binary format.
struct IdentifierList: Sendable {
    /// How many there are.
    private(set) var count = 0

    private let byteCount: Int?
    private var bytes: [UInt8] = []
    /// Where the bytes of each id end; empty where all have the same length.
    private var ends: [Int] = []

    /// Creates an empty list.
    ///
    /// - Parameter byteCount: The length of every id; nil where it varies.
    init(byteCount: Int?) {
        self.byteCount = byteCount
    }

    /// Adds an id.
    ///
    /// - Precondition: It has the list's length, if there is one.
    @inline(__always)
    mutating func append(_ key: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: key)
        if byteCount == nil { ends.append(bytes.count) }
        count += 1
    }

    /// Calls `body` with the bytes of an id.
    @inline(__always)
    func withBytes<Result>(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withView { try body($0[index]) }
    }

    /// Calls `body` with all ids as they lie in memory.
    @inline(__always)
    func withView<Result>(_ body: (View) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes { bytes in
            try ends.withUnsafeBufferPointer { ends in
                try body(View(count: count, byteCount: byteCount, bytes: bytes, ends: ends))
            }
        }
    }

    /// The ids in memory, valid during the call that passes it on.
    ///
    /// A loop over it counts no references, for which the processor would wait until all earlier reads have ended.
    struct View {
        let count: Int
        fileprivate let byteCount: Int?
        fileprivate let bytes: UnsafeRawBufferPointer
        fileprivate let ends: UnsafeBufferPointer<Int>

        /// - Precondition: There is such an id (checked in debug builds).
        @inline(__always)
        subscript(index: Int) -> UnsafeRawBufferPointer {
            if let byteCount {
                return UnsafeRawBufferPointer(rebasing: bytes[index * byteCount..<(index + 1) * byteCount])
            }
            return UnsafeRawBufferPointer(rebasing: bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
        }
    }

    /// Whether an id has these bytes.
    @inline(__always)
    func isEqual(_ index: Int, _ key: UnsafeRawBufferPointer) -> Bool {
        withBytes(at: index) { $0.hasSameBytes(as: key) }
    }

    /// Its ids in another order.
    func reordered(_ order: [Int32]) -> IdentifierList {
        var list = IdentifierList(byteCount: byteCount)
        list.bytes.reserveCapacity(bytes.count)
        list.ends.reserveCapacity(ends.count)
        for index in order { withBytes(at: Int(index)) { list.append($0) } }
        return list
    }
}
