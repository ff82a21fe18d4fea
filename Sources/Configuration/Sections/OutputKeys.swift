/// How many recommendations are made.
package struct OutputKeys: KeySection {
    // How long lists are decides which scores a calibration has seen.
    package let topN = Key(
        "output.top_n", .integer(atLeast: 1), default: 5, changes: .scores, "Recommendations per client.")
    package let hysteresis = Key(
        "output.hysteresis", .number(0...1), default: 0,
        "Share by which a newcomer's score must exceed that of a suggestion of the live run to replace it.")
}
