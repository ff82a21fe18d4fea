import Foundation

/// The clocks on the walls of a time zone.
///
/// Only the offsets from UTC are taken from Foundation; what time it is when, and what that means where clocks are set
/// back or forward, is decided here (`Calendar` loses some firings on such days).
public struct WallClock: Sendable, Hashable {
    /// The name in the IANA database, such as `Europe/Lisbon`.
    public let zoneName: String
    private let zone: TimeZone

    /// The clocks of a time zone.
    ///
    /// - Throws: ``CronError`` when there is no such zone, or only an abbreviation such as `CET`, which says nothing of
    ///   summer time.
    public init(zoneName: String) throws(CronError) {
        // Foundation's list of known names has some only by an older name: `Asia/Calcutta`, not `Asia/Kolkata`.
        let isName = zoneName == "UTC" || zoneName == "GMT" || zoneName.contains("/")
        guard isName, let zone = TimeZone(identifier: zoneName) else {
            let shown = CronError.shown(zoneName)
            throw CronError("there is no time zone \(shown); use a name of the IANA database such as Europe/Lisbon")
        }
        self.zoneName = zoneName
        self.zone = zone
    }

    private init(utc zoneName: String) {
        self.zoneName = zoneName
        zone = TimeZone(identifier: zoneName) ?? .gmt
    }

    /// Coordinated Universal Time.
    public static let utc = WallClock(utc: "UTC")

    /// Names of time zones, to choose from; not all, since older names go on meaning the same zone.
    public static var zoneNames: [String] { TimeZone.knownTimeZoneIdentifiers }

    /// Seconds by which the clocks are ahead of UTC.
    ///
    /// - Parameter instant: Seconds since 1970-01-01 00:00 UTC.
    public func offset(at instant: Int) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant)))
    }

    /// What the clocks show.
    public func time(at instant: Int) -> WallTime {
        WallTime(secondNumber: instant + offset(at: instant))
    }

    /// When the clocks show a time: of two moments the first, and for a time that is skipped the moment after the gap.
    ///
    /// A later time on the wall is never at an earlier moment.
    public func instant(of time: WallTime) -> Int {
        let shown = time.secondNumber
        // No offset is as much as a day, and none changes twice within two.
        let (before, after) = (offset(at: shown - 86_400), offset(at: shown + 86_400))
        let candidates = [shown - before, shown - after].filter { offset(at: $0) == shown - $0 }
        if let first = candidates.min() { return first }
        // Skipped: the first moment at which the clocks show a later time.
        var (low, high) = (shown - max(before, after), shown - min(before, after))
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if middle + offset(at: middle) >= shown { high = middle } else { low = middle }
        }
        return high
    }
}
