import Scheduling
import Testing

@Suite("The clocks of a time zone")
struct WallClockTests {
    @Test(arguments: [
        ("UTC", "2026-07-01T12:00:00", 0), ("Europe/Lisbon", "2026-01-01T12:00:00", 0),
        ("Europe/Lisbon", "2026-07-01T12:00:00", 3600), ("Asia/Kathmandu", "2026-07-01T12:00:00", 20_700),
        ("America/St_Johns", "2026-01-01T12:00:00", -12_600), ("Pacific/Chatham", "2026-01-01T12:00:00", 49_500),
    ])
    func offsets(zoneName: String, utc: String, offset: Int) throws {
        let clock = try WallClock(zoneName: zoneName)
        let instant = try WallTime(text: utc).secondNumber
        #expect(clock.zoneName == zoneName)
        #expect(clock.offset(at: instant) == offset)
        #expect(clock.time(at: instant).secondNumber == instant + offset)
    }

    @Test(arguments: [
        "UTC", "GMT", "Etc/UTC", "US/Eastern", "Asia/Kolkata", "Asia/Calcutta", "Asia/Kathmandu", "Europe/Kyiv",
        "America/Argentina/Buenos_Aires", "America/Nuuk", "Asia/Ho_Chi_Minh", "Asia/Yangon", "Pacific/Kanton",
        "Atlantic/Faroe",
    ])
    func namesOfTheDatabaseAreKnown(zoneName: String) throws {
        _ = try WallClock(zoneName: zoneName)
    }

    @Test(arguments: [
        "", " ", "/", "CET", "PST", "IST", "EST5EDT", "Mars/Phobos", "Europe/", "/UTC", "europe/lisbon",
        "EUROPE/LISBON", "Europe/Lisbon ", "Lisbon", "WEST", "PDT", "GMT+3", "+01:00", "UTC+1", "../etc/passwd",
        "/usr/share/zoneinfo/Europe/Lisbon",
    ])
    func otherNamesAreRefused(zoneName: String) {
        let error = #expect(throws: CronError.self) { try WallClock(zoneName: zoneName) }
        #expect(error?.description.hasPrefix("there is no time zone \(zoneName); use a name of the IANA") == true)
    }

    /// A time that comes twice is at the first of two moments, one that is skipped at the moment after the gap.
    @Test(arguments: [
        ("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T00:30:00"),
        ("Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T02:00:00"),
        ("Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59"),
        ("Europe/Berlin", "2026-03-29T02:00:00", "2026-03-29T01:00:00"),
        ("Europe/Berlin", "2026-03-29T02:59:59", "2026-03-29T01:00:00"),
        ("Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T01:00:00"),
        ("Europe/Berlin", "2026-03-29T03:00:01", "2026-03-29T01:00:01"),
        ("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T10:00:00"),
    ])
    func timesThatComeTwiceOrNever(zoneName: String, wall: String, utc: String) throws {
        let clock = try WallClock(zoneName: zoneName)
        #expect(clock.instant(of: try WallTime(text: wall)) == (try WallTime(text: utc).secondNumber))
    }
}
