public import Holdings

/// Why a run ended without a result, where no lower layer says it.
public struct ScoringError: Error, Sendable, CustomStringConvertible {
    /// Kind of the error; stable, for programs.
    public enum Code: String, Sendable, CaseIterable {
        /// Findings refuse the run.
        case dataRefused
        /// The run took longer than `timeouts.run`.
        case runTimeout
        /// A COMMIT was not answered and the database could not be asked.
        case publicationUnknown
        /// The sources are older than `freshness.max_age` allows.
        case staleSource
        /// Input and configuration are those of the live run.
        case noChange
        /// Somebody has called `peerfolio.cancel_run`.
        case cancelRequested
        /// A run that succeeded is not published, because its own backtest says that it is worse than popularity.
        case gradedWorse
        /// The rows that reports see are not those that the live run wrote.
        case liveRunDamaged
        /// The role lacks rights; the message names all of them.
        case rightsMissing
        /// A client that nobody knows.
        case unknownClient
    }

    /// Kind of the error.
    public let code: Code
    /// What happened and what to do, in one line, without data.
    public let message: String
    /// The findings that refuse, for `dataRefused`.
    public let findings: [Finding]

    /// The message.
    public var description: String { message }

    init(_ code: Code, _ message: String, findings: [Finding] = []) {
        self.code = code
        self.message = message
        self.findings = findings
    }

    static func refused(_ findings: [Finding]) -> ScoringError {
        ScoringError(
            .dataRefused, findings.map { "\($0.message) [\($0.code.rawValue)]" }.joined(separator: "; "),
            findings: findings)
    }

    static func nothingRecommended() -> ScoringError {
        ScoringError(
            .dataRefused,
            "the run would recommend nothing to anybody: no client lacks a product that others hold and that may be"
                + " offered; check holdings and exclusions, or override with --force")
    }

    static func dataRefused(_ findings: [Finding]) -> ScoringError {
        let refusing = findings.filter { $0.severity == .error }
        return ScoringError(
            .dataRefused,
            refusing.map { "\($0.message) [\($0.code.rawValue)]" }.joined(separator: "; ")
                + "; correct the data, or override with --force",
            findings: refusing)
    }
}
