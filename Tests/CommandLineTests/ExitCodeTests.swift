import Foundation
import Postgres
import TestSupport
import Testing

@testable import PeerSearch
@testable import Recommending
@testable import ResultStore
@testable import Schema
@testable import Scoring
@testable import SourceReading
@testable import peerfolio

/// `peerfolio run` ends with the code of the error, `peerfolio request` with that of what the run log has of it.
@Suite struct ExitCodeTests {
    /// An error that a run may end with, and what comes of it.
    struct End: Sendable, CustomStringConvertible {
        let error: any Error
        let exitCode: Int32
        let reason: RunReason

        init(_ error: any Error, _ exitCode: Int32, _ reason: RunReason) {
            self.error = error
            self.exitCode = exitCode
            self.reason = reason
        }

        var description: String { "\(error)" }
    }

    static let ends = own + sources + connections + statements

    private static let own: [End] =
        [
            (.dataRefused, 65, .dataRefused), (.runTimeout, 75, .runTimeout), (.publicationUnknown, 69, .commitLost),
            (.staleSource, 65, .staleSource), (.noChange, 0, .noChange), (.cancelRequested, 75, .cancelRequested),
            (.gradedWorse, 65, .gradedWorse), (.rightsMissing, 64, .rightsMissing),
        ].map { (code: ScoringError.Code, exitCode: Int32, reason: RunReason) in
            End(ScoringError(code, "scoring: \(code)"), exitCode, reason)
        }
        + [
            (.alreadyRunning, 75, .overlap), (.notQueued, 75, .fenceLost), (.fenceLost, 75, .fenceLost),
            (.noFreeSlot, 64, .noFreeSlot), (.verificationFailed, 70, .verificationFailed),
        ].map { (code: RunError.Code, exitCode: Int32, reason: RunReason) in
            End(RunError(code, "run: \(code)"), exitCode, reason)
        }
        + SchemaError.Code.allCases.map { End(SchemaError($0, "schema: \($0)"), 64, .schemaRefused) }
        + [
            End(SignalError.singularMatrix, 64, .sourceRefused),
            End(
                PortfolioError.amountsOutOfRange(
                    encoding: .amount, haveAttributes: false, clientCount: 1, exampleClients: [0]),
                65, .dataRefused),
            End(CocoaError(.fileNoSuchFile), 70, .internalError),
        ]

    private static let sources: [End] = [
        (.relation, 64, .sourceRefused), (.column, 64, .sourceRefused), (.type, 64, .sourceRefused),
        (.privilege, 64, .sourceRefused), (.rowSecurity, 64, .sourceRefused), (.values, 65, .dataRefused),
        (.invalidText, 65, .dataRefused),
        (.server, 69, .databaseUnavailable), (.protocolViolation, 70, .internalError),
    ].map { (code: SourceError.Code, exitCode: Int32, reason: RunReason) in
        End(SourceError(code, "source: \(code)"), exitCode, reason)
    }

    private static let connections: [End] = [
        (.connectionFailed, nil, 69, .databaseUnavailable), (.connectionFailed, "3D000", 69, .connectionRefused),
        (.authenticationFailed, nil, 64, .connectionRefused), (.authenticationFailed, "28P01", 64, .connectionRefused),
        (.serverNotVerified, nil, 69, .databaseUnavailable), (.insecureTransport, nil, 64, .connectionRefused),
        (.insecurePasswordFile, nil, 64, .connectionRefused), (.passwordInConninfo, nil, 64, .connectionRefused),
        (.invalidConninfo, nil, 64, .connectionRefused), (.connectionLost, nil, 69, .databaseUnavailable),
        (.connectionLost, "57P01", 69, .databaseUnavailable), (.connectionLost, "25P03", 69, .databaseUnavailable),
        (.timeout, nil, 69, .databaseUnavailable), (.commitOutcomeUnknown, nil, 69, .databaseUnavailable),
        (.transactionAborted, nil, 70, .databaseError), (.protocolViolation, nil, 70, .databaseError),
        (.invalidParameter, nil, 70, .databaseError), (.decoding, nil, 70, .databaseError),
        (.system, nil, 75, .outOfResources),
    ].map { (code: PostgresError.Code, sqlState: String?, exitCode: Int32, reason: RunReason) in
        End(PostgresError(code: code, message: "\(code)", sqlState: sqlState), exitCode, reason)
    }

    /// Errors of statements by their SQLSTATE, of every class that is told apart and of some that are not.
    private static let statements: [End] = [
        ("22012", 65, .databaseError), ("22P02", 65, .databaseError), ("23505", 65, .databaseError),
        ("42P01", 64, .databaseError), ("42501", 64, .databaseError), ("3D000", 64, .databaseError),
        ("3F000", 64, .databaseError), ("28000", 64, .databaseError), ("0A000", 64, .databaseError),
        ("08006", 69, .databaseUnavailable), ("57P01", 69, .databaseUnavailable), ("25006", 69, .databaseUnavailable),
        ("57P04", 69, .databaseError), ("57014", 75, .databaseError), ("55006", 75, .databaseError),
        ("40001", 75, .databaseUnavailable), ("40P01", 75, .databaseUnavailable), ("53100", 75, .databaseUnavailable),
        ("53300", 75, .databaseUnavailable), ("55P03", 75, .databaseUnavailable), ("25P02", 70, .databaseError),
        ("P0001", 70, .databaseError), ("XX000", 70, .databaseError),
    ].map { (sqlState: String, exitCode: Int32, reason: RunReason) in
        End(PostgresError(code: .server, message: sqlState, sqlState: sqlState), exitCode, reason)
    }

    @Test func everyCodeIsTried() {
        func codes<Kind: Error, Code: Hashable>(_ code: KeyPath<Kind, Code>) -> Set<Code> {
            Set(Self.ends.compactMap { ($0.error as? Kind)?[keyPath: code] })
        }
        #expect(codes(\SourceError.code) == Set(SourceError.Code.allCases))
        #expect(codes(\SchemaError.code) == Set(SchemaError.Code.allCases))
        // Those that end no run.
        #expect(
            codes(\RunError.code).union([.unknownRun, .notPublishable, .nothingToRollBack])
                == Set(RunError.Code.allCases))
        #expect(
            codes(\ScoringError.code).union([.unknownClient, .liveRunDamaged]) == Set(ScoringError.Code.allCases))
    }

    @Test(arguments: ends) func runEndsWithIt(_ end: End) {
        #expect(Failure(end.error).code == end.exitCode)
        #expect(RunFailure(end.error).reason == end.reason)
    }

    /// As the scheduler stores it where the run could not, and as `peerfolio request` reads it.
    @Test(.requiresServer) func requestEndsWithTheSame() async throws {
        try await TestServer.withMigratedDatabase { database in
            for end in Self.ends where end.reason.status != .succeeded {
                let failure = RunFailure(end.error)
                let record = try await database.withSession(as: .runner) { session in
                    let runID = try #require(try RunQueue(session).add(channel: "live", trigger: .request))
                    try RunQueue(session).end(
                        runID, because: failure.reason, message: failure.message, sqlState: failure.sqlState)
                    return try #require(try RunHistory(session).newestAttempt(of: runID))
                }
                #expect(record.status == end.reason.status.rawValue)
                #expect(record.exitCode.rawValue == end.exitCode, "\(end)")
                #expect(record.mayBeRepeated == end.reason.isRepeated, "\(end)")
            }
        }
    }

    /// The last column of the article's table of reasons, which is by SQLSTATE where it is not one code.
    @Test func theArticleHasTheExitCodes() throws {
        let article = PeerfolioBinary.checkout.appending(path: "Sources/peerfolio/Documentation.docc/Operations.md")
        let lines = try String(contentsOf: article, encoding: .utf8).split(separator: "\n")
        for reason in RunReason.allCases {
            let row = try #require(lines.first { $0.hasPrefix("| `\(reason.rawValue)` |") })
            let column = row.split(separator: "|")[3].trimmingCharacters(in: .whitespaces)
            let expected =
                switch reason {
                case .connectionRefused: "64; 69 for 3D000"
                case .databaseError: "by SQLSTATE"
                case .databaseUnavailable: "75 for classes 40, 53 and 55, else 69"
                default: "\(Failure.Code(reason, sqlState: nil).rawValue)"
                }
            #expect(column == expected, "\(reason)")
        }
        let start = try #require(lines.firstIndex { $0.hasPrefix("| SQLSTATE | exit code |") })
        var listed: [String: Int32] = [:]
        for row in lines[(start + 2)...].prefix(while: { $0.hasPrefix("|") }) {
            let columns = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            for state in columns[0].split(separator: ", ") { listed[String(state)] = Int32(columns[1]) }
        }
        #expect(listed.count == 16)
        for (state, exitCode) in listed {
            let sqlState = ["none": nil, "any other": "XX000"][state] ?? (state.count == 2 ? state + "001" : state)
            #expect(Failure.Code(.databaseError, sqlState: sqlState).rawValue == exitCode, "\(state)")
        }
    }
}
