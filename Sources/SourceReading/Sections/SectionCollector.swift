import Holdings
import Postgres

/// When a section is read, and when its part of the input is made.
enum SectionStep: CaseIterable, Sendable {
    /// Lists of clients and products come first, since these are mostly in the order of ids, which then need no sorting.
    case list
    case holdings
    /// What only refers to clients and products comes when all of them are known.
    case reference
}

/// Reads one section: takes its rows as they come, and makes its part of the input of them at the end, in the order of ids,
/// so that nothing depends on the order of rows.
protocol SectionCollector: Sendable {
    static var step: SectionStep { get }

    /// The statement whose rows are taken; nil for a section that only makes something of what others have read.
    var query: SourceQuery? { get }

    /// Prepares for the rows, and may complete the statement; called in the transaction that reads them.
    mutating func begin(_ session: Session, _ ids: inout SourceIDs) throws

    /// Takes a row.
    mutating func add(_ row: BinaryCopyRow, _ ids: inout SourceIDs) throws

    /// Takes what rows have left to do; called after the last one.
    mutating func end(_ ids: inout SourceIDs) throws

    /// Adds the section's part to the input, and what was odd about it.
    ///
    /// Called once, after the last row.
    ///
    /// - Parameter input: The order of all ids, and what sections before this one have made.
    /// - Throws: `CancellationError`.
    mutating func finish(into input: inout SourceInput.Draft) throws

    /// Reads all rows.
    ///
    /// A requirement, so that each section has this loop compiled for itself: nothing is looked up per row.
    ///
    /// - Parameters:
    ///   - session: In the transaction that reads.
    ///   - ids: The ids that sections have met so far.
    ///   - progress: Called with the rows so far, every few thousand, and at the end.
    mutating func read(_ session: Session, _ ids: inout SourceIDs, _ progress: (Int) -> Void) throws
}

extension SectionCollector {
    mutating func begin(_ session: Session, _ ids: inout SourceIDs) throws {}
    mutating func end(_ ids: inout SourceIDs) throws {}

    mutating func read(_ session: Session, _ ids: inout SourceIDs, _ progress: (Int) -> Void) throws {
        guard query != nil else { return }
        try begin(session, &ids)
        guard let query else { return }
        let progressInterval = 16_384
        var rowCount = 0
        var decoder = BinaryCopyDecoder(fieldCount: query.fieldCount)
        do {
            try session.copyOut("copy (\(query.text)) to stdout (format binary)") { message in
                try decoder.decode(message) { row in
                    try add(row, &ids)
                    rowCount += 1
                    if rowCount % progressInterval == 0 { progress(rowCount) }
                }
            }
            try end(&ids)
        } catch let error as UnusableID {
            throw SourceError(error, in: query.ids)
        } catch let error as IdentifierError {
            throw SourceError(error)
        } catch let error as PostgresError where error.code == .server {
            throw RefusedSource(query: query, error: error)
        }
        try decoder.finish()
        progress(rowCount)
    }
}
