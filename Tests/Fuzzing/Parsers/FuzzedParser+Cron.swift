import Scheduling

extension FuzzedParser {
    /// From each moment a schedule goes on to a later one, at which clocks show a minute that is due or skip one.
    static func checkCron(_ input: [UInt8]) throws(Violation) {
        guard let input = String(validating: input, as: UTF8.self) else { return }
        let lines = input.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        guard lines.count == 2 else { return }
        let schedule: Schedule
        do throws(CronError) {
            let expression = try CronExpression(String(lines[1]))
            schedule = Schedule([expression], clock: try WallClock(zoneName: String(lines[0])))
        } catch {
            let text = error.description
            return try Violation.require(!text.isEmpty && !text.contains { $0.isNewline }, "not one line: \(text)")
        }
        let text = schedule.expressions[0].text
        try Violation.require(text.utf8.allSatisfy { $0 < 0x80 }, "other characters than there are: \(text)")
        var moment = 1_767_225_600  // 2026-01-01
        for _ in 0..<4 {
            guard let next = schedule.next(after: moment) else { throw Violation("nothing is due any more") }
            try Violation.require(next > moment, "after \(moment) comes \(next)")
            let time = schedule.clock.time(at: next)
            let isSkipping = schedule.clock.offset(at: next) != schedule.clock.offset(at: next - 1)
            try Violation.require(
                isSkipping || (time.second == 0 && schedule.expressions[0].matches(time)), "\(time) is not due")
            moment = next
        }
    }
}
