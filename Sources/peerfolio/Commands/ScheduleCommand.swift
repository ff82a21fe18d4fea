import ArgumentParser
import Configuration
import Daemon
import Foundation
import Logging
import Scheduling
import Scoring
import ServiceLifecycle
import UnixSignals

/// `peerfolio schedule`.
struct ScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Runs when schedule.cron says so, and when SQL asks for it: the daemon.",
        discussion: """
            Several may run, on several machines: one acts, the others take over when it is gone. SIGTERM lets a run end \
            within schedule.shutdown_grace, SIGHUP reads the configuration again.
            """)

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: ArgumentHelp("Print the next due moments instead, and do nothing.", valueName: "number"))
    var next: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "With --next: moments after this one, such as 2026-03-29T00:00:00Z. (default: now)", valueName: "instant"))
    var from: String?

    @Flag(name: .long, help: "With --next: print JSON. As a daemon: log in JSON, a line for each event.")
    var json = false

    func validate() throws {
        if let next, !(1...100_000).contains(next) { throw ValidationError("--next must be from 1 to 100,000") }
        if from != nil {
            guard next != nil else { throw ValidationError("--from goes with --next") }
            guard start != nil else {
                throw ValidationError("--from is an instant of ISO 8601 with a zone, such as 2026-03-29T00:00:00Z")
            }
        }
    }

    private var start: Date? {
        guard let from else { return Date() }
        return try? Date(from, strategy: .iso8601)
    }

    func run() async throws {
        if let next { return try printMoments(next) }
        var log = Logger(label: "peerfolio", factory: { [json] _ in StandardErrorLog(isJSON: json) })
        log.logLevel = .info
        let warnings = ServerWarnings { [log] in log.warning("\($0)") }
        let load: @Sendable () throws -> Installation = { [common] in
            try common.loadInstallation(warn: warnings.take)
        }
        let daemon = SchedulerDaemon(try load(), log: log, load: load)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: daemon, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "peerfolio.lifecycle", factory: { _ in SwiftLogNoOpLogHandler() })))
        try await group.run()
    }

    private func printMoments(_ count: Int) throws {
        let schedule = try ServiceConfiguration.load(file: common.config, overrides: common.set).scheduling.schedule
        guard !schedule.expressions.isEmpty else {
            throw UsageError(description: "schedule.cron is not set; the daemon would run on request only")
        }
        var moment = Int((start ?? Date()).timeIntervalSince1970.rounded(.down))
        var moments: [DueMoment] = []
        while moments.count < count, let due = schedule.next(after: moment) {
            moments.append(DueMoment(due, clock: schedule.clock))
            moment = due
        }
        if json { return try Output.answer(Output.json(moments)) }
        var table = TextTable([.text("local time"), .text("UTC")])
        for moment in moments { table.add([moment.local, moment.utc]) }
        try Output.answer(table.text)
    }
}

/// A due moment, as the clocks of the schedule show it and in UTC.
private struct DueMoment: Encodable {
    let local: String
    let utc: String

    init(_ moment: Int, clock: WallClock) {
        let offset = clock.offset(at: moment)
        let (hours, minutes) = (abs(offset) / 3600, abs(offset) / 60 % 60)
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        local = "\(clock.time(at: moment))\(offset < 0 ? "-" : "+")\(padded(hours)):\(padded(minutes))"
        utc = "\(WallTime(secondNumber: moment))Z"
    }
}
