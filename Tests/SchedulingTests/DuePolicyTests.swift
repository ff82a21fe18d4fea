import TestSupport
import Testing

@testable import Scheduling

@Suite("What to do about due moments")
struct DuePolicyTests {
    private static let hour = 3600
    /// Monday, 2026-06-01 00:00 UTC.
    private static let midnight = 1_780_272_000

    private func policy(_ cron: String, _ catchUp: CatchUp = .once, grace: Double = 6 * 3600) throws -> DuePolicy {
        DuePolicy(
            schedule: Schedule([try CronExpression(cron)], clock: try WallClock(zoneName: "UTC")), catchUp: catchUp,
            grace: grace)
    }

    @Test func nothingIsDueBetweenMoments() throws {
        let decision = try policy("0 * * * *").decide(after: Self.midnight, now: Double(Self.midnight) + 3599.9)
        #expect(decision == DuePolicy.Decision())
    }

    @Test(arguments: [0, 1, 59.9, 60])
    func runsAtOnce(lateness: Double) throws {
        let due = Self.midnight + Self.hour
        let decision = try policy("0 * * * *").decide(after: Self.midnight, now: Double(due) + lateness)
        #expect(decision.run == .init(moment: due, isCatchUp: false))
        #expect(decision.missed == nil)
    }

    @Test func oneRunStandsForAllThatWereMissed() throws {
        let now = Double(Self.midnight + 48 * Self.hour + 600)
        let decision = try policy("0 * * * *").decide(after: Self.midnight, now: now)
        #expect(decision.run == .init(moment: Self.midnight + 48 * Self.hour, isCatchUp: true))
        #expect(decision.missed == .init(moment: Self.midnight + 47 * Self.hour, count: 47))
    }

    /// Back just in time for the next one: those before it pass.
    @Test func aPunctualRunStandsForThoseBeforeIt() throws {
        let now = Double(Self.midnight + 3 * Self.hour + 1)
        let decision = try policy("0 * * * *", .none).decide(after: Self.midnight, now: now)
        #expect(decision.run == .init(moment: Self.midnight + 3 * Self.hour, isCatchUp: false))
        #expect(decision.missed == .init(moment: Self.midnight + 2 * Self.hour, count: 2))
    }

    @Test func nothingIsMadeUpForWhereNobodyWantsIt() throws {
        let now = Double(Self.midnight + 3 * Self.hour + 61)
        let decision = try policy("0 * * * *", .none).decide(after: Self.midnight, now: now)
        #expect(decision.run == nil)
        #expect(decision.missed == .init(moment: Self.midnight + 3 * Self.hour, count: 3))
    }

    @Test(arguments: [(3600.0, true), (3600.1, false)])
    func whatIsTooOldIsNotMadeUpFor(age: Double, isMadeUpFor: Bool) throws {
        let due = Self.midnight + 5 * Self.hour
        let decision = try policy("0 5 * * *", grace: 3600).decide(after: Self.midnight, now: Double(due) + age)
        #expect((decision.run != nil) == isMadeUpFor)
        #expect((decision.missed == nil) == isMadeUpFor)
    }

    /// A clock that jumps forward makes moments missed; one that jumps back makes nothing due twice.
    @Test func clocksThatJump() throws {
        let policy = try policy("0 * * * *")
        let forward = policy.decide(after: Self.midnight, now: Double(Self.midnight + 5 * Self.hour))
        #expect(forward.run == .init(moment: Self.midnight + 5 * Self.hour, isCatchUp: false))
        #expect(forward.missed?.count == 4)
        let back = policy.decide(after: Self.midnight + 5 * Self.hour, now: Double(Self.midnight + 2 * Self.hour))
        #expect(back == DuePolicy.Decision())
    }

    /// Looking around at any moments, in any steps: every moment is decided about exactly once.
    @Test(arguments: 0..<200)
    func nothingIsMissedOrDoubled(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let cron =
            ["*/7 * * * *", "0 */3 * * *", "15,45 8-18 * * mon-fri", "@daily"].randomElement(using: &random) ?? ""
        let policy = try policy(cron, Bool.random(using: &random) ? .once : .none, grace: 7200)
        var (now, handled) = (Double(Self.midnight), Self.midnight)
        var (runs, passed) = ([Int](), 0)
        for _ in 0..<100 {
            now += [0.5, 20, 59, 700, 9000, 200_000].randomElement(using: &random) ?? 1
            let decision = policy.decide(after: handled, now: now)
            if let missed = decision.missed {
                passed += missed.count
                handled = max(handled, missed.moment)
            }
            if let run = decision.run {
                runs.append(run.moment)
                handled = max(handled, run.moment)
                #expect(run.isCatchUp == (now - Double(run.moment) > DuePolicy.punctuality))
            }
        }
        let all = policy.schedule.moments(after: Self.midnight, through: Int(now), limit: .max)
        #expect(runs == runs.sorted() && Set(runs).count == runs.count)
        #expect(Set(runs).isSubset(of: all.moments))
        #expect(runs.count + passed == all.count)
    }
}

@Suite("Waiting before another attempt")
struct BackoffTests {
    private let backoff = Backoff(first: .seconds(30), longest: .seconds(900))

    @Test(arguments: [(1, 30.0), (2, 60), (3, 120), (5, 480), (6, 900), (100, 900), (.max, 900)] as [(Int, Double)])
    func doublesUpToALimit(attempt: Int, seconds: Double) {
        #expect(backoff.delay(afterAttempt: attempt, random: 1) == .seconds(seconds))
        #expect(backoff.delay(afterAttempt: attempt, random: 0) == .seconds(seconds / 2))
        for _ in 0..<100 {
            let delay = backoff.delay(afterAttempt: attempt)
            #expect(delay >= .seconds(seconds / 2) && delay <= .seconds(seconds))
        }
    }

    @Test func theFirstWaitIsLimitedToo() {
        let short = Backoff(first: .seconds(30), longest: .seconds(1))
        #expect(short.delay(afterAttempt: 1, random: 1) == .seconds(1))
    }
}
