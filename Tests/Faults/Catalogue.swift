import Foundation

/// All trials, in the order that gives them their numbers.
///
/// Points are discovered by dry runs, so that the list follows the program as it changes.
struct Catalogue {
    let bench: Bench
    /// So many runs with random faults, instead of everything else.
    let soak: Int?

    func trials() async throws -> [Trial] {
        if let soak { return try await SoakTrials.all(runs: soak, bench) }
        return PhaseTrials.all
            + (try await CutTrials.all(bench))
            + (try await SystemCallTrials.all(bench))
            + LockTrials.all + SourceTrials.all + SchedulerTrials.all + MutantTrials.all + JudgeTrials.all
            + RaceTrials.all
            + PartitionTrials.all + ExhaustionTrials.all + ReplicaTrials.all + PoolerTrials.all
            + VolumeTrials.all
    }
}
