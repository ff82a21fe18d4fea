/// Ids that wait to be looked up together, in their order.
///
/// In a large table every look-up waits for memory, twice; those of a batch wait together.
package struct IdentifierBatch: Sendable {
    private(set) var keys = IdentifierList(byteCount: nil)

    /// Creates an empty batch.
    package init() {}

    /// Adds an id, unless it is the last one already.
    ///
    /// - Parameter key: The id in PostgreSQL's binary format.
    /// - Returns: Its place in the batch.
    package mutating func append(_ key: UnsafeRawBufferPointer) -> Int {
        if keys.count == 0 || !keys.isEqual(keys.count - 1, key) { keys.append(key) }
        return keys.count - 1
    }
}
