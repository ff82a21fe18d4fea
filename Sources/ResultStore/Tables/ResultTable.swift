import Postgres

/// A table with the rows of runs, described once: loading, rights, verification, the check for damage and the sweep go by
/// this.
///
/// The description is code that names every column along with its value, so that the list of columns and the rows cannot
/// disagree. Its rows are made in one place too, ``write(_:of:to:progress:)``.
protocol ResultTable: Sendable, SendableMetatype {
    /// What the fields of one row are made of.
    associatedtype Row

    /// Name in the schema `peerfolio`.
    static var name: String { get }
    /// The columns of its primary key, in order.
    static var key: [String] { get }
    /// The column of `peerfolio.runs` with what ``count`` comes to, by which damage is found long after the rows were loaded;
    /// nil if there is none.
    static var countColumn: String? { get }

    /// The rows as `t`, and what they are joined with to be counted, in SQL.
    static var countedRows: String { get }
    /// The aggregate that counts them, in SQL.
    static var count: String { get }
    /// The aggregate for the checksum of scores and ranks, in SQL; nil if the table has none.
    static var checksum: String? { get }
    /// What a row adds to the checksum of all else that a lost or altered row would change, in SQL; nil if nothing.
    static var contents: String? { get }
    /// What a row adds to all of these.
    static func totals(of row: Row) -> RowTotals

    /// Hands over one row, field by field, each with its column.
    ///
    /// - Parameter row: Called for every field; never, when only the columns are wanted.
    static func fields<Fields: RowFields>(_ fields: inout Fields, _ row: () -> Row) throws(Fields.Failure)

    /// Writes all rows of a run.
    ///
    /// - Parameter progress: Called with the clients that have been dealt with, every few thousand clients.
    static func write(
        _ results: RunResults, of run: RunPlace, to rows: inout RowWriter<Self>, progress: (Int) -> Void) throws
}

extension ResultTable {
    static var countColumn: String? { nil }
    static var countedRows: String { "peerfolio.\(name) t" }
    static var count: String { "count(*)" }
    static var checksum: String? { nil }
    static var contents: String? { nil }

    static func totals(of row: Row) -> RowTotals { RowTotals() }

    /// The columns, in the order in which they are loaded.
    static var columns: [ResultColumn] {
        var list = ColumnList()
        fields(&list) { preconditionFailure("a list of columns has no row") }
        return list.columns
    }

    /// Whether its rows lie in slots, one partition each; else they are found by the run's number alone, and go with it.
    static var isInSlots: Bool { columns.first?.name == "slot" }

    /// What the service may do with it: rows in slots are read back and swept by the service itself.
    static var rights: [Right] {
        isInSlots
            ? Right.on("peerfolio", name, "SELECT", "INSERT", "DELETE") : Right.on("peerfolio", name, "INSERT")
    }

    /// Loads the rows of a run.
    ///
    /// - Returns: What was sent.
    static func load(
        _ results: RunResults, of run: RunPlace, session: Session, progress: (Int) -> Void
    ) throws -> TableTotals {
        let columns = columns.map(\.name).joined(separator: ", ")
        var totals = TableTotals()
        _ = try session.copyIn("copy peerfolio.\(name) (\(columns)) from stdin (format binary)") { writer in
            var rows = RowWriter<Self>(writer)
            try write(results, of: run, to: &rows, progress: progress)
            totals = try rows.finish()
        }
        return totals
    }
}

/// What one connection loads in one transaction: the list of all result tables.
///
/// Loading takes a server process's time, not ours, so the parts are loaded side by side. The recommendations of a run stay
/// together: their index grows at its end only, which a second loader in the middle of it made 1.4 times as expensive
/// (measured with 5 M rows).
public enum ResultPart: Sendable, CaseIterable {
    /// What is most of the rows.
    case recommendations
    /// The rest.
    case clients

    /// The tables, in the order in which they are loaded.
    var tables: [any ResultTable.Type] {
        switch self {
        case .recommendations: [RunProductRows.self, RecommendationRows.self]
        case .clients: [RunListRows.self, RunClientRows.self]
        }
    }

    /// The tables of all parts.
    static var allTables: [any ResultTable.Type] { allCases.flatMap(\.tables) }
    /// Those whose rows lie in slots.
    static var slotTables: [any ResultTable.Type] { allTables.filter { $0.isInSlots } }
}

/// Where the rows of a run lie.
struct RunPlace: Sendable {
    let runID: Int64
    let slot: Int16
}
