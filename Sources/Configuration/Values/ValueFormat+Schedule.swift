import Scheduling
import SourceReading

extension ValueFormat<[CronExpression]> {
    /// Cron expressions: a list, or one text in which semicolons separate them.
    static var cron: Self {
        Self(
            "cron expressions such as \"30 5 * * mon-fri\", in quotes",
            write: { $0.isEmpty ? .nothing("") : .list($0.map(\.text)) },
            read: { raw throws(ValueMismatch) in
                var texts: [String] = []
                if case .list(let items) = raw {
                    texts = items
                } else {
                    texts = try raw.text().split(separator: ";", omittingEmptySubsequences: false).map {
                        String($0).trimmingWhitespace()
                    }
                }
                guard !texts.isEmpty else { throw ValueMismatch(found: "an empty list") }
                var expressions: [CronExpression] = []
                for text in texts {
                    do {
                        expressions.append(try CronExpression(text))
                    } catch {
                        throw ValueMismatch(found: "a mistake: \(error)")
                    }
                }
                return expressions
            })
    }
}

extension ValueFormat<WallClock> {
    static var timeZone: Self {
        Self(
            "a time zone of the IANA database such as Europe/Lisbon", write: { .text($0.zoneName, isQuoted: true) }
        ) { raw throws(ValueMismatch) in
            let name = try raw.nameText()
            do {
                return try WallClock(zoneName: name)
            } catch {
                throw ValueMismatch(
                    found: "another text" + (WallClock.nearestZoneName(to: name).map { "; did you mean \($0)?" } ?? ""))
            }
        }
    }
}

extension WallClock {
    /// The zone that was probably meant: with a slip in it, or without its continent.
    fileprivate static func nearestZoneName(to name: String) -> String? {
        let word = name.replacing(" ", with: "_")
        let city = zoneNames.first { $0.split(separator: "/").last?.lowercased() == word.lowercased() }
        return Spelling.nearest(to: word, in: zoneNames) ?? city
    }
}
