/// A calendar day as PostgreSQL counts them: days since 2000-01-01.
struct DemoDay: Hashable, Comparable {
    let number: Int32

    /// 2004-01-01, when the company's first clients came.
    static let foundation = DemoDay(number: 1461)
    /// 2024-11-01, the first day of which the warehouse knows the holdings.
    static let firstOfRecords = DemoDay(number: 9071)
    /// 2026-10-31, the last day on which anything was recorded.
    static let lastOfRecords = DemoDay(number: 9800)

    static func < (first: Self, second: Self) -> Bool {
        first.number < second.number
    }

    static func + (day: Self, dayCount: Int) -> Self {
        DemoDay(number: day.number + Int32(dayCount))
    }

    /// The days from `first` to `second`.
    static func - (second: Self, first: Self) -> Int {
        Int(second.number - first.number)
    }
}
