import Foundation
import Scheduling
import Testing

/// What `crosscheck.py` found in another language, with others' cron libraries and another reader of the time zones.
@Suite("Moments that were calculated elsewhere")
struct CrossCheckTests {
    @Test func everyLineOfTheFile() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Goldens/moments.tsv")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count > 2000)
        var clocks: [String: WallClock] = [:]
        for line in lines {
            let columns = line.split(separator: "\t").map(String.init)
            let numbers = columns.dropFirst(2).compactMap { Int($0) }
            try #require(columns.count >= 4 && numbers.count == columns.count - 2, "\(line)")
            let clock = try clocks[columns[1]] ?? WallClock(zoneName: columns[1])
            clocks[columns[1]] = clock
            let schedule = Schedule([try CronExpression(columns[0])], clock: clock)
            var found = [numbers[0]]
            while found.count < numbers.count, let next = schedule.next(after: found[found.count - 1]) {
                found.append(next)
            }
            if found != numbers { Issue.record("\(line)\nfound \(found.dropFirst())") }
        }
    }
}
