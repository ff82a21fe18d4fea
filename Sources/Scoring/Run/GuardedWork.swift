/// Runs work beside a guardian whose error stops it.
///
/// The work has the last word: when it succeeds all the same, because it was stopped after its COMMIT, it has succeeded.
///
/// - Parameters:
///   - guardian: Cancelled when the work ends. Returning says that there is nothing left to guard.
///   - work: Cancelled when the guardian throws.
/// - Returns: What the work returns.
/// - Throws: The error that came first; but that it is unknown whether the run is live goes before all others, since any
///   other would claim that it is not.
func guarded<Value: Sendable>(
    by guardian: @escaping @Sendable () async throws -> Void,
    _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await guardian()
            return nil
        }
        var firstError: (any Error)?
        while let result = await group.nextResult() {
            switch result {
            case .success(let value?):
                group.cancelAll()
                return value
            case .success(nil): break
            case .failure(let error):
                let isUnknown = (error as? ScoringError)?.code == .publicationUnknown
                firstError = isUnknown ? error : firstError ?? error
                group.cancelAll()
            }
        }
        throw firstError ?? CancellationError()
    }
}
