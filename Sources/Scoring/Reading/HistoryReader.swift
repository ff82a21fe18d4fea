import Configuration
import Evaluation
import Holdings
import Postgres
import SourceReading

/// Reads history from the mapped sources and makes windows of it, the earliest first.
struct HistoryReader {
    /// Folds of a leave-one-out evaluation: a client has four of five chances to keep everything it holds while others
    /// are tested.
    static let foldCount = 5
    /// What the choice of hidden products follows from.
    static let seed: UInt64 = 20_240_701

    let installation: Installation
    let progress: @Sendable (Int) -> Void

    private var configuration: ServiceConfiguration { installation.configuration }

    /// Reads the windows.
    ///
    /// - Throws: ``EvaluationError``; `SourceError`, `PostgresError`.
    func windows(_ history: EvaluationOptions.History, _ session: Session) throws -> [BacktestWindow] {
        let windows: [BacktestWindow] =
            switch history {
            case .leaveOneOut: try leaveOneOut(session)
            case .dates(let train, let test, let count): try dated(train, test, count, session)
            case .relations(let train, let test): [try between(train, test, session)]
            }
        for window in windows where window.testedClientCount == 0 { throw Self.noTruth(window) }
        guard !windows.isEmpty else {
            throw EvaluationError(
                .noTruth, "nothing can be hidden: no client holds two products; evaluate on dated holdings instead")
        }
        return windows
    }

    private func leaveOneOut(_ session: Session) throws -> [BacktestWindow] {
        let input = try read(configuration.source, asOf: nil, session)
        return (0..<Self.foldCount).map { fold in
            Self.leaveOneOut(input, fold: fold)
        }.filter { $0.testedClientCount > 0 }
    }

    /// Hides one product of each client of a fold.
    static func leaveOneOut(_ input: SourceInput, fold: Int) -> BacktestWindow {
        BacktestWindow.leaveOneOut(
            input.holdings, fold: fold, of: foldCount, seed: seed, attributes: input.attributes,
            segmentOfClient: input.roster.segments.isEmpty ? nil : input.roster.segmentOfClient,
            segments: input.roster.segments)
    }

    private func between(
        _ train: RelationName?, _ test: RelationName, _ session: Session
    ) throws -> BacktestWindow {
        var source = configuration.source
        if let train { source.holdings.source = .relation(train) }
        let before = try read(source, asOf: nil, session)
        source.holdings.source = .relation(test)
        return window(try read(source, asOf: nil, session), since: before, earlier: nil, dates: nil)
    }

    private func dated(
        _ train: BusinessDate, _ test: BusinessDate, _ count: Int, _ session: Session
    ) throws -> [BacktestWindow] {
        guard train < test else {
            throw EvaluationError(
                .dates, "--train must be before --test: products are to be found that were added later")
        }
        guard configuration.source.holdings.isDated else {
            throw EvaluationError(
                .dates,
                "the holdings have no dates: map holdings.as_of, or valid_from and valid_to, or name two relations with"
                    + " --train-relation and --test-relation, or leave the dates out for a leave-one-out evaluation")
        }
        let today = try installation.today(session)
        guard test <= today else {
            throw EvaluationError(
                .dates,
                "--test is in the future: what will have been added by then is not known yet; give a day up to today")
        }
        let days = try Self.boundaries(train, test, count, session)
        let inputs = try days.map { try read(configuration.source, asOf: $0, session) }
        return try (0..<count).map { number in
            window(
                inputs[number + 1], since: inputs[number],
                earlier: try earlierInput(than: days[number], days: configuration.hybrid.recentDays, session),
                dates: ("\(days[number])", "\(days[number + 1])"))
        }
    }

    /// What was held so many days before that what was added since counts as added lately; nothing when nobody held
    /// anything then.
    func earlierInput(than day: BusinessDate, days: Int, _ session: Session) throws -> SourceInput? {
        let text: String = try session.withPinnedNames { session in
            try session.execute(
                "select to_char($1::date - $2::integer, 'YYYY-MM-DD')", [.text("\(day)"), .bigint(Int64(days))]
            ).rows[0].get(at: 0)
        }
        guard let earlier = BusinessDate(text) else { return nil }
        let input = try readSource(configuration.source, asOf: earlier, session)
        return input.holdings.pairCount == 0 ? nil : input
    }

    /// The days between windows, ascending: where each begins, and where the last ends.
    ///
    /// Windows are as many months long as the last one, when it is a whole number of months or reaches from the end of one
    /// month to the end of another, and else as many days.
    private static func boundaries(
        _ train: BusinessDate, _ test: BusinessDate, _ count: Int, _ session: Session
    ) throws -> [BusinessDate] {
        let rows = try session.withPinnedNames { session in
            try session.execute(
                """
                with asked as (
                    select $1::date::timestamp as train, $2::date::timestamp as test,
                           ($1::date + 1)::timestamp as next_train, ($2::date + 1)::timestamp as next_test
                ), length as (
                    select *, extract(day from next_train) = 1 and extract(day from next_test) = 1 as is_between_month_ends
                    from asked
                )
                select to_char(
                    case
                        when is_between_month_ends then next_train - n * age(next_test, next_train) - interval '1 day'
                        when extract(day from age(test, train)) = 0 then train - n * age(test, train)
                        else train - n * (test - train)
                    end, 'YYYY-MM-DD')
                from length, generate_series($3::integer - 1, -1, -1) as n
                """,
                [.text("\(train)"), .text("\(test)"), .bigint(Int64(count))]
            ).rows
        }
        return try rows.map { row in
            guard let day = BusinessDate(try row.get(at: 0)) else {
                throw EvaluationError(.dates, "the windows reach back before the year 1; ask for fewer")
            }
            return day
        }
    }

    /// Reads a day that will be ranked on, or looked at.
    ///
    /// - Throws: `ScoringError.dataRefused` for what refuses a run as well and leaves no figures to trust: attributes that
    ///   tell nobody apart, and transactions of which it is not known whether they add.
    private func read(_ source: SourceMapping, asOf: BusinessDate?, _ session: Session) throws -> SourceInput {
        let input = try readSource(source, asOf: asOf, session)
        let findings = DataChecks(input, previous: nil, limits: configuration.checks).findings()
            .filter { [.uselessAttribute, .unknownSide, .signedSide].contains($0.code) }
        guard findings.isEmpty else { throw ScoringError.refused(findings) }
        return input
    }

    private func readSource(_ source: SourceMapping, asOf: BusinessDate?, _ session: Session) throws -> SourceInput {
        let plan = try SourcePlan(
            source, asOf: asOf, lockTimeout: configuration.timeouts.lock, checksDates: false, session: session)
        return try installation.reader(plan).read(session, progress: progress)
    }

    /// What clients have added from one input to the next.
    private func window(
        _ later: SourceInput, since input: SourceInput, earlier: SourceInput?, dates: (train: String, test: String)?
    ) -> BacktestWindow {
        let added = later.additions(since: input)
            .filter { $0.earlierClient >= 0 && $0.earlierProduct >= 0 }
            .map { ClientProduct(client: $0.earlierClient, product: $0.earlierProduct) }
        // Of snapshots, the days of those that were found, which may be earlier than the days that were asked for.
        return BacktestWindow(
            kind: .temporal, trainDate: dates.map { input.snapshotDate ?? $0.train },
            testDate: dates.map { later.snapshotDate ?? $0.test }, holdings: input.holdings,
            attributes: input.attributes, added: added, recent: earlier.flatMap { input.recentAdditions(since: $0) },
            segmentOfClient: input.roster.segments.isEmpty ? nil : input.roster.segmentOfClient,
            segments: input.roster.segments)
    }

    private static func noTruth(_ window: BacktestWindow) -> EvaluationError {
        guard let train = window.trainDate, let test = window.testDate else {
            return EvaluationError(
                .noTruth,
                "nothing is to be found: no client holds something in the first relation and more in the second")
        }
        guard train != test else {
            return EvaluationError(
                .noTruth,
                "both days of a window stand for the snapshot of \(train): none is dated between them; choose other dates"
            )
        }
        return EvaluationError(
            .noTruth,
            "the window from \(train) to \(test) has nothing to find: no client who held something on its first day had"
                + " added a product by its last that others held before; choose other dates, or fewer windows")
    }
}
