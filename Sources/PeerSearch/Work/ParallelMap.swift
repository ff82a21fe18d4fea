/// Computes numbered results side by side.
///
/// - Parameters:
///   - count: Results; they are numbered from 0.
///   - width: Tasks that compute at once, at least 1. Affects speed only, never the result.
///   - compute: Computes one result.
/// - Returns: The results in the order of their numbers.
/// - Throws: The first error of a computation; the others are cancelled then.
func mapInParallel<Result: Sendable>(
    _ count: Int, width: Int, _ compute: @escaping @Sendable (_ number: Int) throws -> Result
) async throws -> [Result] {
    var results = [Result?](repeating: nil, count: count)
    try await ChunkedWork(itemCount: count, chunkSize: 1, width: width).run {
    } compute: { _, chunk in
        (number: chunk.lowerBound, result: try compute(chunk.lowerBound))
    } collect: { computed, _ in
        results[computed.number] = computed.result
    }
    return results.compactMap(\.self)
}
