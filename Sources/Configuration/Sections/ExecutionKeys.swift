/// How the search is spread over the machine; it changes the speed, never the result.
package struct ExecutionKeys: KeySection {
    package let width = Key(
        "execution.width", .integerOrNothing(1...1024), default: nil, "Workers; nothing means one per core.")
    package let chunk = Key("execution.chunk", .integer(1...65_536), default: 256, "Portfolios per unit of work.")

    package var changes: KeyEffect { .nothing }
}
