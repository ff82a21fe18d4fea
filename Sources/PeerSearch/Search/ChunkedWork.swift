/// Work on many items that goes on in chunks, with a bounded number of tasks at once.
package struct ChunkedWork: Sendable {
    private let itemCount: Int
    private let chunkSize: Int
    private let width: Int

    /// Describes work.
    ///
    /// - Parameters:
    ///   - itemCount: Items in all; there may be none.
    ///   - chunkSize: Items per task, at least 1. Affects speed only, if results are put together by item.
    ///   - width: Tasks at once, at least 1. Affects speed only, likewise.
    package init(itemCount: Int, chunkSize: Int, width: Int) {
        precondition(chunkSize >= 1 && width >= 1, "chunkSize and width must be at least 1")
        self.itemCount = itemCount
        self.chunkSize = chunkSize
        self.width = width
    }

    /// Computes the result of every chunk.
    ///
    /// - Parameters:
    ///   - compute: Computes one chunk of the items 0..<itemCount.
    ///   - collect: Takes a chunk's result and the items done so far, never concurrently, in the order in which chunks end.
    /// - Throws: The first error of a chunk; the others are cancelled then.
    package func run<Result: Sendable>(
        _ compute: @escaping @Sendable (Range<Int>) throws -> Result,
        collect: (_ result: Result, _ done: Int) -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: (Result, Int).self) { group in
            var start = 0
            func startNext() {
                guard start < itemCount else { return }
                // A chunk may be as large as Int can count.
                let chunk = start..<start + min(chunkSize, itemCount - start)
                start = chunk.upperBound
                group.addTask { (try compute(chunk), chunk.count) }
            }
            for _ in 0..<width { startNext() }
            var done = 0
            while let (result, count) = try await group.next() {
                startNext()
                done += count
                collect(result, done)
            }
        }
    }
}
