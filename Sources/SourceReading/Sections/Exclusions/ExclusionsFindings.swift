import Holdings

extension SourceInput.Draft {
    /// Adds what is odd about the exclusions.
    ///
    /// - Parameters:
    ///   - rowsWithUnknown: Rows about clients or products that are nowhere else.
    ///   - rowCount: All rows.
    ///   - longReasons: Rows whose reason was cut.
    mutating func addExclusionsFindings(rowsWithUnknown: Int, of rowCount: Int, longReasons: Int) {
        // A list that is written otherwise than the holdings excludes nothing.
        let areMost = 2 * rowsWithUnknown > rowCount
        findings.add(
            .unknownExclusion, areMost ? .warning : .info, rowsWithUnknown,
            "\(rowsWithUnknown) of \(rowCount) exclusions name clients or products that are nowhere else"
                + (areMost ? "; are their ids written as those of the holdings are?" : ""))
        findings.add(.longReason, .info, longReasons, "reasons of exclusions longer than 200 bytes were cut")
    }
}
