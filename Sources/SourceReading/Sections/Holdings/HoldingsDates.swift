import Holdings
import Postgres

/// Which rows of the holdings count on the day of the run, by their dates.
struct HoldingsDates: Sendable {
    enum Dating: Sendable {
        case undated
        case snapshot(SnapshotSearch)
        case validity(VersionEnds, condition: String, isInclusive: Bool)
        case trades(DayColumn, from: String, condition: String)
    }

    let dating: Dating
    /// Whether to look for what is odd about the dates, too.
    let areChecked: Bool

    /// Rows without dates all count.
    static let none = HoldingsDates(dating: .undated, areChecked: false)

    /// Finds the rows that count.
    ///
    /// - Returns: What follows the statement's FROM clause, and what has been seen on the way.
    /// - Throws: `SourceError` for numbers that are no days; `PostgresError`.
    func choose(_ session: Session) throws -> (condition: String, seen: Seen) {
        var seen = Seen()
        switch dating {
        case .undated: return ("", seen)
        case .snapshot(let search):
            let (condition, snapshot) = try search.snapshot(session)
            seen.snapshot = snapshot
            return (" where \(condition)", seen)
        case .validity(let ends, let condition, let isInclusive):
            try ends.refuseNumbersThatAreNoDays(session)
            if areChecked {
                let found = try ends.find(session)
                if found.areInclusive && !isInclusive { seen.inclusiveEnds = found.adjoining }
                if found.areExclusive && isInclusive { seen.exclusiveEnds = found.touching }
            }
            return (" where \(condition)", seen)
        case .trades(let column, let from, let condition):
            try column.refuseOtherNumbers(from: from, key: "holdings.trade_date", session)
            return (" where \(condition)", seen)
        }
    }

    /// What the dates have told.
    struct Seen: Sendable {
        var snapshot: HoldingsSnapshot?
        /// Versions, of those that were looked at, that end right before the next begins, where ends count as exclusive.
        var inclusiveEnds = 0
        /// Versions that end when the next begins, where ends count as inclusive.
        var exclusiveEnds = 0
    }
}
