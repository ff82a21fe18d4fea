/// Limits beyond which a run refuses to publish.
package struct ChecksKeys: KeySection {
    package let maxFall = Key(
        "checks.max_fall", .number(0...1), default: 0.2,
        "Share of rows or clients that may be missing against the previous run.")
    package let maxRejected = Key(
        "checks.max_rejected", .number(0...1), default: 0.001, "Share of rows that may be unreadable.")
}
