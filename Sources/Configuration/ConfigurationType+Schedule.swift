import Scheduling

extension ConfigurationType {
    static func cronExpressions(_ raw: UntypedValue) throws(ValueMismatch) -> [CronExpression] {
        let texts: [String]
        if case .list(let items) = raw {
            texts = items
        } else {
            texts = try text(raw).split(separator: ";", omittingEmptySubsequences: false).map {
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
    }

    static func clock(_ raw: UntypedValue) throws(ValueMismatch) -> WallClock {
        let name = try nameText(raw)
        do {
            return try WallClock(zoneName: name)
        } catch {
            throw ValueMismatch(found: "another text")
        }
    }
}
