import Holdings
import Postgres

/// A column of amounts, and how its values are read as they are.
struct AmountColumn: Sendable {
    /// As what the values come.
    private enum Wire {
        case bigint
        case numeric
        case double
    }

    /// How the column keeps its amounts.
    let form: AmountForm
    private let field: Field<Amount>
    private let wire: Wire

    init(_ field: Field<Amount>, in query: SourceQuery) {
        self.field = field
        (wire, form) =
            switch query.type(of: field) {
            case .real: (.double, .real)
            case .double: (.double, .double)
            case .numeric, .money: (.numeric, .decimal)
            default: (.bigint, .decimal)
            }
    }

    /// A row's amount.
    ///
    /// - Parameters:
    ///   - row: The row.
    ///   - builder: Keeps decimals that are too long for a machine word.
    ///   - isNegated: Whether the amount is wanted with the other sign.
    func read(
        _ row: BinaryCopyRow, _ builder: inout HoldingsBuilder, isNegated: Bool = false
    ) throws(PostgresError) -> Amount {
        switch wire {
        case .bigint:
            guard let whole = try row.int64(field) else { return .missing }
            return builder.decimal(whole, isNegated: isNegated)
        case .numeric:
            guard let numeric = try row.numeric(field) else { return .missing }
            return Self.amount(numeric, &builder, isNegated: isNegated)
        case .double:
            let number = try row.double(field)
            return Amount(isNegated ? number.map { -$0 } : number)
        }
    }

    /// The sign of a row's amount: -1, 0 or 1, and 0 for NULL and NaN.
    func sign(_ row: BinaryCopyRow) throws(PostgresError) -> Int {
        switch wire {
        case .bigint: return Int(try row.int64(field)?.signum() ?? 0)
        case .numeric:
            guard let numeric = try row.numeric(field), numeric.kind != .notANumber else { return 0 }
            return numeric.isNegative ? -1 : numeric.count > 0 || numeric.kind == .infinite ? 1 : 0
        case .double:
            let number = try row.double(field) ?? 0
            return number < 0 ? -1 : number > 0 ? 1 : 0
        }
    }

    /// What a numeric stands for.
    private static func amount(
        _ numeric: BinaryNumeric, _ builder: inout HoldingsBuilder, isNegated: Bool
    ) -> Amount {
        switch numeric.kind {
        case .notANumber: return .notANumber
        case .infinite: return .infinite
        case .finite: break
        }
        let isNegative = numeric.isNegative != isNegated
        // Groups of digits after the decimal point, and the zeros at the end that the wire leaves out.
        let places = max(0, numeric.count - 1 - Int(numeric.weight))
        let zeros = max(0, Int(numeric.weight) + 1 - numeric.count)
        // Four groups fit a machine word whatever they are.
        if numeric.count + zeros <= 4 {
            var units: Int64 = 0
            for index in 0..<numeric.count { units = units * 10_000 + Int64(numeric[index]) }
            for _ in 0..<zeros { units *= 10_000 }
            if let short = PackedDecimal(units: isNegative ? -units : units, places: places) { return .decimal(short) }
        }
        return builder.longDecimal(
            isNegative: isNegative, weight: numeric.weight, digits: (0..<numeric.count).map { numeric[$0] })
    }
}
