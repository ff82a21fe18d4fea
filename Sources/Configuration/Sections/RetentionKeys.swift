/// How much of the past is kept.
package struct RetentionKeys: KeySection {
    package let slots = Key(
        "retention.slots", .integer(3...64), default: 4,
        "Places for results: the live one, earlier ones, and a free one for the next run.")
    package let runs = Key("retention.runs", .integer(atLeast: 1), default: 400, "Runs that the run log keeps.")
}
