import Holdings

extension SourceInput.Draft {
    /// Adds what is odd about the exclusions.
    ///
    /// - Parameters:
    ///   - rowsWithUnknown: Rows about clients or products that are nowhere else.
    ///   - longReasons: Rows whose reason was cut.
    mutating func addExclusionsFindings(rowsWithUnknown: Int, longReasons: Int) {
        findings.add(
            .unknownExclusion, .info, rowsWithUnknown, "exclusions name clients or products that are nowhere else")
        findings.add(.longReason, .info, longReasons, "reasons of exclusions longer than 200 bytes were cut")
    }
}
