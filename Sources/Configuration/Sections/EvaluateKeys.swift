/// How the worth of recommendations is measured.
package struct EvaluateKeys: KeySection {
    // λ is part of a hybrid model; the other keys change what is measured, not what is published.
    package let easeLambda = Key(
        "evaluate.ease_lambda", .number(atLeast: 0), default: 500, changes: .scores,
        "λ of EASE, as a baseline and in a hybrid model.")
    package let naiveK = Key(
        "evaluate.naive_k", .integer(atLeast: 1), default: 50, "Neighbors of the naive baseline.")
    package let maxClients = Key(
        "evaluate.max_clients", .integer(atLeast: 100), default: 20_000,
        "Clients that are tested; a sample where there are more.")

    package var changes: KeyEffect { .nothing }
}
