import SourceReading

/// Limits beyond which a run refuses to publish.
package struct ChecksKeys: KeySection {
    package let maxFall = Key(
        "checks.max_fall", .number(0...1), default: 0.2,
        "Share of rows or clients that may be missing against the previous run.")
    package let maxRejected = Key(
        "checks.max_rejected", .number(0...1), default: 0.001, "Share of rows that may be unreadable.")
    package let maxUnknown = Key(
        "checks.max_unknown", .number(0...1), default: 0.5, recordsDefault: false,
        "Share of clients with a portfolio, or of held products, that the mapped relation may lack.")
    let rowSecurity = Key(
        "checks.row_security", .choice(RowSecurity.self), default: .refuse, recordsDefault: false,
        "Whether a run goes on where row-level security hides rows from the service's role.")
}
