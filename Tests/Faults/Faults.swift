import ArgumentParser
import Foundation

/// Breaks runs of Peerfolio in every way that the catalogue knows, and checks what reports see and what is left.
@main
struct Faults: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faults", abstract: "Breaks runs in every known way, and checks what is left.",
        discussion: "Run it by scripts/faults, which builds the program and finds PostgreSQL.")

    @Argument(help: "Trials by number, name or kind, such as 149, cut-after@149 or cut-after. (default: all)")
    var selection: [String] = []

    @Flag(help: "A selection of nearly all kinds, in three minutes.")
    var quick = false

    @Option(help: ArgumentHelp("Instead: so many runs with random faults.", valueName: "number"))
    var soak: Int?

    @Option(help: "Decides everything that is random. (default: random, and printed)")
    var seed: UInt64?

    @Flag(help: "List the trials, and try nothing.")
    var list = false

    @Option(help: ArgumentHelp("Where the result goes as JSON.", valueName: "file"))
    var json: String?

    @Option(help: .hidden)
    var serverBin: String

    @Option(help: .hidden)
    var checkout: String

    @Option(help: .hidden)
    var folder: String

    func run() async throws {
        let checkout = URL(fileURLWithPath: checkout, isDirectory: true)
        let tools = ServerTools(bin: URL(fileURLWithPath: serverBin), checkout: checkout)
        let program = Testbed.Program(
            release: checkout.appendingPathComponent(".build/release/peerfolio"),
            debug: checkout.appendingPathComponent(".build/debug/peerfolio"))
        let seed = seed ?? UInt64.random(in: 0...UInt64(Int32.max))
        let runner = TrialRunner(
            tools: tools, program: program, folder: URL(fileURLWithPath: folder, isDirectory: true), seed: seed)
        print("seed \(seed)")
        let report = try await runner.withBenches { benches -> FaultReport? in
            let trials = try await Catalogue(bench: benches[0], soak: soak).trials()
            let numbered = try Self.choose(trials, selection, tier: quick ? .quick : .full, isSoak: soak != nil)
            if list {
                for (number, trial) in numbered { print("\(number)\t\(trial.name)") }
                return nil
            }
            return try await runner.run(numbered, on: benches)
        }
        guard let report else { return }
        print(report.table)
        if let json { try report.json().write(to: URL(fileURLWithPath: json)) }
        print(report.closingLine)
        if report.failed > 0 { throw ExitCode(1) }
    }

    /// The trials that were asked for, with their numbers in the catalogue.
    static func choose(
        _ trials: [Trial], _ selection: [String], tier: Trial.Tier, isSoak: Bool
    ) throws -> [(number: Int, trial: Trial)] {
        let numbered = trials.enumerated().map { (number: $0.offset + 1, trial: $0.element) }
        guard !selection.isEmpty else { return numbered.filter { $0.trial.tier <= tier } }
        return try selection.flatMap { wanted in
            let chosen = numbered.filter { number, trial in
                String(number) == wanted || trial.name == wanted || trial.kind == wanted
            }
            guard !chosen.isEmpty else {
                throw ValidationError("there is no trial \(wanted); scripts/faults --list shows them")
            }
            return chosen
        }
    }
}
