/// How long things may take; all longer than zero.
package struct TimeoutsKeys: KeySection {
    package let connect = Key(
        "timeouts.connect", .duration, default: .seconds(5), "Longest wait for a connection to one address.")
    package let statement = Key(
        "timeouts.statement", .duration, default: .minutes(15), "Longest statement, a `COPY` included.")
    package let lock = Key("timeouts.lock", .duration, default: .seconds(5), "Longest wait for a lock.")
    package let run = Key("timeouts.run", .duration, default: .hours(1), "Longest run.")
    package let lease = Key(
        "timeouts.lease", .duration, default: .seconds(30), "Silence after which a run counts as dead.")

    package var changes: KeyEffect { .nothing }
}
