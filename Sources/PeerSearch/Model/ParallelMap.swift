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
    try await withThrowingTaskGroup(of: (Int, Result).self) { group in
        var next = 0
        func startNext() {
            guard next < count else { return }
            let number = next
            next += 1
            group.addTask { (number, try compute(number)) }
        }
        for _ in 0..<width { startNext() }
        var results = [Result?](repeating: nil, count: count)
        while let (number, result) = try await group.next() {
            results[number] = result
            startNext()
        }
        return results.compactMap(\.self)
    }
}
