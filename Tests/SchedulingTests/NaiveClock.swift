import Foundation
import Scheduling
import Testing

/// The clocks of a zone about a day, minute by minute: the slow reference, for zones whose clocks show whole minutes
/// when UTC does.
struct NaiveClock {
    /// The moments that every schedule can be compared for, from two days before the day to two after it.
    let span: Range<Int>
    /// Every minute on the wall within the span and about it, with the moment when it is due, in seconds of UTC.
    let minutes: [(time: WallTime, moment: Int)]

    /// - Parameter day: Days since 1970-01-01.
    init(zoneName: String, day: Int) throws {
        let zone = try #require(TimeZone(identifier: zoneName))
        let moments = Array(stride(from: (day - 4) * 86_400, to: (day + 5) * 86_400, by: 60))
        let shown = moments.map { $0 + zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double($0))) }
        var firstMoments: [Int: Int] = [:]
        for (moment, time) in zip(moments, shown) where firstMoments[time] == nil { firstMoments[time] = moment }
        // No offset is as much as a day, so that all of these are shown or skipped in the time above.
        minutes = try stride(from: (day - 3) * 86_400, to: (day + 4) * 86_400, by: 60).map { time in
            let skippedUntil = firstMoments[time] == nil ? shown.firstIndex { $0 > time } : nil
            let moment = try #require(firstMoments[time] ?? skippedUntil.map { moments[$0] })
            return (WallTime(secondNumber: time), moment)
        }
        span = ((day - 2) * 86_400)..<((day + 3) * 86_400)
    }

    /// The days of a year on which the clocks are changed, in days since 1970-01-01.
    static func changes(zoneName: String, year: Int) throws -> [Int] {
        let zone = try #require(TimeZone(identifier: zoneName))
        func offset(_ day: Int) -> Int { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(day * 86_400))) }
        let first = CivilDate(year: year, month: 1, day: 1).dayNumber
        return (first..<(first + 365)).filter { offset($0) != offset($0 + 1) }
    }
}
