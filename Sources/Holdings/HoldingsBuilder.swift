/// Collects the rows of a warehouse, in any order, and makes holdings of them.
///
/// Rows come with *arrival indexes*: dense numbers that the reader gave to clients and products as it met them.
/// ``finish(clientOrder:productOrder:)`` replaces them by final indexes, in the order of the warehouse's ids. The
/// result does not depend on the order of the rows: decimals are summed exactly, and floating point numbers in one order.
///
/// A row without an amount, or with one that is not a number or infinite, is counted and set aside. A negative amount
/// is counted and summed. A pair is held when its sum is greater than the least amount, by more than what may be rounding
/// where several floating point numbers were summed.
public struct HoldingsBuilder: Sendable {
    private struct Row {
        var client: Int32
        var product: Int32
        var amount: AmountForm.Bits
    }

    private enum Defect {
        case null
        case notANumber
        case infinite
    }

    private struct DefectiveRow {
        var client: Int32
        var product: Int32
        var defect: Defect
    }

    /// Clients or rows between two looks at whether the task was cancelled: a few milliseconds of work.
    private static let cancellationInterval = 1 << 16

    private let minAmount: Double
    private let form: AmountForm
    private var formOfProduct: [Int32: AmountForm] = [:]
    private var longs = LongDecimals()
    private var rows: [Row] = []
    private var defectiveRows: [DefectiveRow] = []

    /// Creates a builder without rows.
    ///
    /// - Parameters:
    ///   - minAmount: A product is held when its summed amount is greater; in the unit of the amounts.
    ///   - form: How amounts are kept, unless ``setForm(_:ofProduct:)`` says otherwise of a product.
    /// - Precondition: `minAmount` is finite and not negative, so that held amounts are above 0.
    public init(minAmount: Double = 0, form: AmountForm = .double) {
        precondition(minAmount >= 0 && minAmount.isFinite, "minAmount must be finite and not negative")
        self.minAmount = minAmount
        self.form = form
    }

    /// Says how the amounts of a product are kept, where each product has a column of its own.
    ///
    /// - Parameter product: The product's arrival index.
    public mutating func setForm(_ form: AmountForm, ofProduct product: Int32) {
        formOfProduct[product] = form
    }

    /// Rows added so far.
    public var rowCount: Int { rows.count + defectiveRows.count }

    /// Keeps a decimal that is too long for a ``PackedDecimal``.
    ///
    /// - Parameters:
    ///   - isNegative: Its sign.
    ///   - weight: The power of 10000 that the first group of digits counts.
    ///   - digits: Groups of four digits: 0...9999 each.
    /// - Returns: The amount of a row that is to be added; infinite if it is not 0 and double precision cannot hold it.
    public mutating func longDecimal(isNegative: Bool, weight: Int16, digits: [Int16]) -> Amount {
        let offset = longs.append(isNegative: isNegative, weight: weight, digits: digits)
        // 10000^76 is far within double precision, and so is the first group of digits times 10000^-76.
        if weight.magnitude > 76 {
            let value = longs.value(at: offset)
            guard value.isNormal || digits.allSatisfy({ $0 == 0 }) else { return .infinite }
        }
        return .decimal(PackedDecimal(long: offset))
    }

    /// The amount that is a whole number.
    ///
    /// - Parameters:
    ///   - whole: The number.
    ///   - isNegated: Whether the amount is wanted with the other sign.
    @inlinable
    public mutating func decimal(_ whole: Int64, isNegated: Bool = false) -> Amount {
        // The lowest number has no counterpart, but is long.
        PackedDecimal(units: isNegated ? 0 &- whole : whole, places: 0).map(Amount.decimal)
            ?? longWhole(whole, isNegated: isNegated)
    }

    @usableFromInline
    mutating func longWhole(_ whole: Int64, isNegated: Bool) -> Amount {
        var (rest, digits) = (whole.magnitude, [Int16]())
        while rest > 0 {
            digits.append(Int16(rest % 10_000))
            rest /= 10_000
        }
        return longDecimal(
            isNegative: (whole < 0) != isNegated, weight: Int16(digits.count - 1), digits: digits.reversed())
    }

    /// Adds a row; 16 bytes.
    ///
    /// - Parameters:
    ///   - client: The client's arrival index.
    ///   - product: The product's arrival index.
    ///   - amount: The amount, of the form that amounts of the product have.
    public mutating func add(client: Int32, product: Int32, amount: Amount) {
        let defect: Defect
        switch amount {
        case .decimal(let decimal):
            rows.append(Row(client: client, product: product, amount: decimal.bits))
            return
        case .floating(let number):
            rows.append(Row(client: client, product: product, amount: Int64(bitPattern: number.bitPattern)))
            return
        case .missing: defect = .null
        case .notANumber: defect = .notANumber
        case .infinite: defect = .infinite
        }
        defectiveRows.append(DefectiveRow(client: client, product: product, defect: defect))
    }

    /// Adds a row with a floating point number, `nil` for NULL.
    public mutating func add(client: Int32, product: Int32, amount: Double?) {
        add(client: client, product: product, amount: Amount(amount))
    }

    /// Sums the rows of every pair and lists the held ones.
    ///
    /// - Parameters:
    ///   - clientOrder: The final index of every client by arrival index: a permutation of all clients, those without
    ///     rows included.
    ///   - productOrder: The final index of every product by arrival index: a permutation of all products.
    /// - Returns: The holdings in final indexes, and what was found on the way.
    /// - Throws: `CancellationError` within a tenth of a second of a cancellation, at a few million rows.
    /// - Precondition: Every row's client and product have a place in the orders.
    /// - Complexity: O(rows + clients + products) apart from sorting the rows of each client.
    public consuming func finish(
        clientOrder: [Int32], productOrder: [Int32]
    ) throws -> (holdings: ClientHoldings, quality: HoldingsQuality) {
        precondition(Self.isPermutation(clientOrder), "clientOrder is not a permutation")
        precondition(Self.isPermutation(productOrder), "productOrder is not a permutation")
        var quality = HoldingsQuality()
        quality.rowCount = rowCount
        quality.rowsSummed = rows.count
        for row in defectiveRows {
            let pair = ClientProduct(
                client: clientOrder[Int(row.client)], product: productOrder[Int(row.product)])
            switch row.defect {
            case .null: quality.nullAmounts.add(pair)
            case .notANumber: quality.notANumberAmounts.add(pair)
            case .infinite: quality.infiniteAmounts.add(pair)
            }
        }

        var forms = [AmountForm](repeating: form, count: productOrder.count)
        for (product, form) in formOfProduct { forms[Int(productOrder[Int(product)])] = form }
        var sums = Sums(quality: quality, forms: forms, longs: longs)
        sums.reserveCapacity(pairCount: rows.count, clientCount: clientOrder.count)
        let partSize = 1 << Self.partShift(clientCount: clientOrder.count)
        let parts = try partition(clientOrder: clientOrder, productOrder: productOrder)
        for first in stride(from: 0, to: clientOrder.count, by: partSize) {
            try Task.checkCancellation()
            let clientCount = min(partSize, clientOrder.count - first)
            var lists = GroupedLists(
                parts[first / partSize].lazy.map { (list: $0.client - Int32(first), element: $0) }, count: clientCount)
            for list in 0..<clientCount {
                Self.sort(&lists.elements, in: lists.offsets[list]..<lists.offsets[list + 1])
                sums.add(lists[list], of: Int32(first + list), minAmount: minAmount)
            }
        }
        let holdings = ClientHoldings(
            productCount: productOrder.count, offsets: sums.offsets, products: sums.products, amounts: sums.amounts)
        return (holdings, sums.quality)
    }

    /// Replaces the arrival indexes, and puts the rows of clients that follow each other together.
    ///
    /// A part's rows lie in the processor's cache while they are sorted. Rows in no order would wait for memory one by one
    /// otherwise, which took longer than all the rest (measured with 1 M clients).
    private mutating func partition(clientOrder: [Int32], productOrder: [Int32]) throws -> GroupedLists<Row> {
        for number in rows.indices {
            if number.isMultiple(of: Self.cancellationInterval) { try Task.checkCancellation() }
            rows[number].client = clientOrder[Int(rows[number].client)]
            rows[number].product = productOrder[Int(rows[number].product)]
        }
        let shift = Self.partShift(clientCount: clientOrder.count)
        let parts = GroupedLists(
            rows.lazy.map { (list: $0.client >> shift, element: $0) }, count: (clientOrder.count >> shift) + 1)
        rows = []
        return parts
    }

    /// Makes at most 256 parts: as many pages of memory are written to side by side without delay.
    private static func partShift(clientCount: Int) -> Int32 {
        Int32(max(0, Int.bitWidth - clientCount.leadingZeroBitCount - 8))
    }

    /// The sums of pairs, client by client.
    private struct Sums {
        var quality: HoldingsQuality
        let forms: [AmountForm]
        let longs: LongDecimals
        var offsets = [0]
        var products: [Int32] = []
        var amounts: [Double] = []

        mutating func reserveCapacity(pairCount: Int, clientCount: Int) {
            offsets.reserveCapacity(clientCount + 1)
            products.reserveCapacity(pairCount)
            amounts.reserveCapacity(pairCount)
        }

        /// - Parameter rows: The rows of the next client, sorted by product and amount.
        mutating func add(_ rows: ArraySlice<Row>, of client: Int32, minAmount: Double) {
            var index = rows.startIndex
            while index < rows.endIndex {
                let product = rows[index].product
                let form = forms[Int(product)]
                let pair = ClientProduct(client: client, product: product)
                let first = index
                while index < rows.endIndex && rows[index].product == product {
                    if form.isNegative(rows[index].amount, longs) { quality.negativeAmounts.add(pair) }
                    index += 1
                }
                // Most pairs have one row.
                var (sum, rounding) = (form.value(rows[first].amount, longs), 0.0)
                if index - first > 1 {
                    quality.duplicateRows.add(pair, count: index - first - 1)
                    (sum, rounding) = form.sum(rows[first..<index].lazy.map(\.amount), longs)
                }
                if !sum.isFinite {
                    quality.infiniteAmounts.add(pair)
                } else if sum - minAmount > rounding {
                    products.append(product)
                    amounts.append(sum)
                } else {
                    quality.pairsNotHeld.add(pair)
                    if -sum > rounding { quality.negativeSums.add(pair) }
                }
            }
            offsets.append(products.count)
        }
    }

    /// Sorts the rows of one client by product, then by the bits of the amount, so that their order is always the same.
    private static func sort(_ rows: inout [Row], in range: Range<Int>) {
        // Up to this many rows, moving them by hand is several times faster than the general sort.
        let insertionLimit = 24
        guard range.count <= insertionLimit else {
            rows[range].sort(by: precedes)
            return
        }
        for end in range.dropFirst() {
            let row = rows[end]
            var position = end
            while position > range.lowerBound && precedes(row, rows[position - 1]) {
                rows[position] = rows[position - 1]
                position -= 1
            }
            rows[position] = row
        }
    }

    private static func precedes(_ left: Row, _ right: Row) -> Bool {
        left.product != right.product ? left.product < right.product : left.amount < right.amount
    }

    private static func isPermutation(_ order: [Int32]) -> Bool {
        var isTaken = [Bool](repeating: false, count: order.count)
        for index in order {
            guard isTaken.indices.contains(Int(index)), !isTaken[Int(index)] else { return false }
            isTaken[Int(index)] = true
        }
        return true
    }
}
