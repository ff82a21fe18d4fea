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
    ///   - makeWorker: Makes what computes: at most `width` of them, each handed on from chunk to chunk.
    ///   - compute: Computes one chunk of the items 0..<itemCount; what it leaves in the worker must not matter to the
    ///     result of another.
    ///   - collect: Takes a chunk's result and the items done so far, never concurrently, in the order in which chunks end.
    /// - Throws: The first error of a chunk; the others are cancelled then.
    package func run<Worker, Result: Sendable>(
        _ makeWorker: @escaping @Sendable () throws -> Worker,
        compute: @escaping @Sendable (inout Worker, Range<Int>) throws -> Result,
        collect: (_ result: Result, _ done: Int) -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: (Result, Int, Holder<Worker>).self) { group in
            var start = 0
            func startNext(_ holder: Holder<Worker>) {
                guard start < itemCount else { return }
                // A chunk may be as large as Int can count.
                let chunk = start..<start + min(chunkSize, itemCount - start)
                start = chunk.upperBound
                group.addTask { (try holder.with(makeWorker) { try compute(&$0, chunk) }, chunk.count, holder) }
            }
            for _ in 0..<width { startNext(Holder()) }
            var done = 0
            while let (result, count, holder) = try await group.next() {
                startNext(holder)
                done += count
                collect(result, done)
            }
        }
    }

    /// Keeps a worker between chunks, for one task at a time: it is handed on when the task has ended.
    private final class Holder<Worker>: @unchecked Sendable {
        private var worker: Worker?

        func with<Result>(
            _ makeWorker: () throws -> Worker, _ body: (inout Worker) throws -> Result
        ) throws -> Result {
            // Taken out, so that there is one reference to its memory, which is then changed in place.
            var current = try worker.take() ?? makeWorker()
            defer { worker = current }
            return try body(&current)
        }
    }
}
