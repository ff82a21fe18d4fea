/// Everything that a report shows, as one transaction has read it; holds no client's id.
///
/// Points in time are texts as the server writes them, with their offset; days are `YYYY-MM-DD`.
public struct ReportContent: Sendable {
    /// Name of the database.
    public var database: String
    /// When it was read, by the database's clock.
    public var readAt: String
    /// Version of the program that reports.
    public var programVersion: String
    /// The published run; nil when nothing is published.
    public var live: PublishedRun?
    /// The newest evaluation; nil when there is none.
    public var quality: QualityFigures?
    /// What scores have come to mean; nil when no evaluation could say.
    public var calibration: CalibrationTable?
    /// The newest runs of all channels, newest first.
    public var runs: [LoggedRun]

    /// Creates what a report shows of a database in which nothing has happened yet.
    public init(database: String, readAt: String, programVersion: String) {
        self.database = database
        self.readAt = readAt
        self.programVersion = programVersion
        runs = []
    }
}
