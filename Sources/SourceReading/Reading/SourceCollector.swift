import Holdings
import PeerSearch
import Postgres
import Recommending

/// Takes rows as they come, gives ids their arrival indexes, and at the end puts everything into the order of ids, so
/// that nothing depends on the order of rows.
struct SourceCollector {
    private struct Client {
        var isListed = false
        /// Rows in the clients relation beyond the first.
        var duplicates = 0
        var manager: Int32 = -1
        var segment: Int32 = -1
    }

    private struct Product {
        var isListed = false
        /// Rows in the products relation beyond the first.
        var duplicates = 0
        var name: String?
        var isAvailable = true
    }

    /// Fields of a client's row before its attributes.
    static let clientFieldCount = 3

    private let plan: SourcePlan
    private var clientIDs: IdentifierTable
    private var productIDs: IdentifierTable
    private var clients: [Client] = []
    private var products: [Product] = []
    private var managers = NameTable()
    private var segments = NameTable()
    private var attributes: AttributeCollector
    private var builder: HoldingsBuilder
    private var exclusions: [Policy.Exclusion] = []
    private var suitability: SuitabilityCollector?
    private var components: ComponentsCollector?
    private var statistics = SourceStatistics()
    var snapshotDate: String?

    init(_ plan: SourcePlan, minAmount: Double) {
        self.plan = plan
        clientIDs = IdentifierTable(type: plan.clientType)
        productIDs = IdentifierTable(type: plan.productType)
        attributes = AttributeCollector(plan.attributes, firstField: Self.clientFieldCount)
        builder = HoldingsBuilder(minAmount: minAmount)
        suitability = plan.suitability.map(SuitabilityCollector.init)
        components = plan.attributeFields.map {
            ComponentsCollector(attributeFields: $0, productType: plan.productType)
        }
        statistics.ignoresAsOf = plan.ignoresAsOf
    }

    // MARK: Rows

    /// Client id, manager, segment, attributes.
    mutating func addClient(_ row: BinaryCopyRow) throws {
        guard let key = row[0] else {
            statistics.entriesWithNullKey += 1
            return
        }
        let client = Int(try insertClient(key))
        try suitability?.addClient(client, row)
        if clients[client].isListed { clients[client].duplicates += 1 }
        clients[client].isListed = true
        if let name = row[1] {
            let manager = try managers.insert(name)
            clients[client].manager = managers.first(clients[client].manager, manager)
        }
        if let name = row[2] {
            let segment = try segments.insert(name)
            clients[client].segment = segments.first(clients[client].segment, segment)
            guard segments.names.count <= AttributeCollector.mostCategories else {
                throw SourceError(
                    .values, key: "clients.segment",
                    "the column has more than \(AttributeCollector.mostCategories) different values, so it names clients"
                        + " rather than segments; map another column, or group the values in clients.query")
            }
        }
        try attributes.add(row, client: client)
    }

    /// Product id, name, availability.
    mutating func addProduct(_ row: BinaryCopyRow) throws {
        guard let key = row[0] else {
            statistics.entriesWithNullKey += 1
            return
        }
        let product = Int(try insertProduct(key))
        try suitability?.addProduct(product, row)
        components?.addAttributes(of: product, row)
        let name = try row[1].map(NameTable.validText)
        // An unknown availability blocks.
        let isAvailable = try row.bool(2) ?? false
        guard products[product].isListed else {
            products[product] = Product(isListed: true, name: name, isAvailable: isAvailable)
            return
        }
        products[product].duplicates += 1
        products[product].isAvailable = products[product].isAvailable && isAvailable
        if let name, products[product].name.map({ name.utf8.lexicographicallyPrecedes($0.utf8) }) ?? true {
            products[product].name = name
        }
    }

    /// Client id, product id and, if there is one, an amount.
    mutating func addHolding(_ row: BinaryCopyRow, hasAmount: Bool) throws {
        statistics.holdingRows += 1
        guard let client = row[0], let product = row[1] else {
            statistics.rowsWithNullKey += 1
            return
        }
        builder.add(
            client: try insertClient(client), product: try insertProduct(product),
            amount: hasAmount ? try row.double(2) : 1)
    }

    /// Makes the columns of a wide relation products.
    mutating func addProducts(named names: [String]) throws -> [Int32] {
        try names.map { name in try Array(name.utf8).withUnsafeBytes { try insertProduct($0) } }
    }

    /// Client id, then an amount for each product; NULL means that there is no position.
    mutating func addHoldings(_ row: BinaryCopyRow, products: [Int32]) throws {
        statistics.holdingRows += 1
        guard let key = row[0] else {
            statistics.rowsWithNullKey += 1
            return
        }
        let client = try insertClient(key)
        for (column, product) in products.enumerated() {
            guard let amount = try row.double(column + 1), amount != 0 else { continue }
            builder.add(client: client, product: product, amount: amount)
        }
    }

    /// Client id and product id; NULL stands for all.
    mutating func addExclusion(_ row: BinaryCopyRow) throws {
        let client = row[0].map { clientIDs.index(of: $0) }
        let product = row[1].map { productIDs.index(of: $0) }
        if client == .some(nil) || product == .some(nil) {
            statistics.unknownExclusions += 1
        } else {
            exclusions.append(Policy.Exclusion(client: client ?? nil, product: product ?? nil))
        }
    }

    /// Product id, component id, weight.
    mutating func addComponent(_ row: BinaryCopyRow) throws {
        try components?.add(row, products: productIDs)
    }

    // MARK: Result

    /// Everything in the order of ids.
    ///
    /// - Throws: `CancellationError`, within one of its steps of a cancellation.
    consuming func finish() throws -> SourceInput {
        let (clientTable, newClients) = clientIDs.sorted()
        let (productTable, newProducts) = productIDs.sorted()
        try Task.checkCancellation()
        let (holdings, quality) = try builder.finish(clientOrder: newClients, productOrder: newProducts)
        try Task.checkCancellation()
        let sortedClients = Self.reordered(clients, by: newClients)
        let sortedProducts = Self.reordered(products, by: newProducts)
        let suitable = suitability?.finish(clientOrder: newClients, productOrder: newProducts)
        let (managerNames, managerOfClient) = managers.sorted(sortedClients.map(\.manager))
        let (segmentNames, segmentOfClient) = segments.sorted(sortedClients.map(\.segment))
        let unusable = attributes.clientsOfUnusable.map { newClients[Int($0)] }.sorted()
        statistics.unusableAttributes = Self.occurrences(of: unusable, in: clientTable)
        let (clientAttributes, categoryNames) = attributes.finish(newClients: newClients)

        if plan.clientsQuery != nil {
            statistics.unknownClients = Self.occurrences(sortedClients, in: clientTable) { $0.isListed ? 0 : 1 }
            statistics.duplicateClients = Self.occurrences(sortedClients, in: clientTable) { $0.duplicates }
        }
        if plan.productsQuery != nil {
            statistics.unknownProducts = Self.occurrences(sortedProducts, in: productTable) { $0.isListed ? 0 : 1 }
            statistics.duplicateProducts = Self.occurrences(sortedProducts, in: productTable) { $0.duplicates }
        }
        if let suitable {
            statistics.unknownClientRisks = Self.unknown(suitable.risk?.clients, in: clientTable)
            statistics.unknownProductRisks = Self.unknown(suitable.risk?.products, in: productTable)
            statistics.unknownQualifications = Self.unknown(suitable.qualification?.clients, in: clientTable)
            statistics.unknownRequirements = Self.unknown(suitable.qualification?.products, in: productTable)
        }
        let (made, madeStatistics) = finishComponents(holdings, productTable, newProducts)
        if let madeStatistics { statistics.components = madeStatistics }
        statistics.entriesWithNullKey += components?.rowsWithNullKey ?? 0
        // Where availability is mapped, a product that its relation does not know is not offered.
        let unavailable = sortedProducts.indices.filter { index in
            !sortedProducts[index].isAvailable || (plan.hasAvailability && !sortedProducts[index].isListed)
        }.map(Int32.init)
        let finalExclusions = exclusions.map { exclusion in
            Policy.Exclusion(
                client: exclusion.client.map { newClients[Int($0)] },
                product: exclusion.product.map { newProducts[Int($0)] })
        }
        var input = SourceInput(
            roster: Roster(
                clients: clientTable, managers: managerNames, managerOfClient: managerOfClient,
                segments: segmentNames, segmentOfClient: segmentOfClient, products: productTable,
                productNames: sortedProducts.map(\.name)),
            attributes: clientAttributes, holdings: holdings,
            policy: Policy(
                clientCount: clientTable.count, productCount: productTable.count,
                unavailableProducts: unavailable, exclusions: finalExclusions,
                suitability: suitable.map {
                    Suitability(
                        risk: $0.risk, qualification: $0.qualification, clientCount: clientTable.count,
                        productCount: productTable.count)
                }),
            components: made, quality: quality, statistics: statistics, snapshotDate: snapshotDate, fingerprint: "")
        try Task.checkCancellation()
        var fingerprint = try Self.fingerprint(
            of: input, categoryNames: categoryNames, unavailable: unavailable, exclusions: finalExclusions)
        suitable?.combine(into: &fingerprint)
        made?.combine(into: &fingerprint)
        input.fingerprint = fingerprint.text
        return input
    }

    private func finishComponents(
        _ holdings: ClientHoldings, _ ids: IdentifierTable, _ productOrder: [Int32]
    ) -> (ProductComponents?, ComponentsStatistics?) {
        guard let components else { return (nil, nil) }
        var isHeld = [Bool](repeating: false, count: ids.count)
        for product in holdings.products { isHeld[Int(product)] = true }
        return components.finish(productOrder: productOrder, isHeld: isHeld, ids: ids)
    }

    private static func fingerprint(
        of input: SourceInput, categoryNames: [[String]], unavailable: [Int32], exclusions: [Policy.Exclusion]
    ) throws -> InputFingerprint {
        var fingerprint = InputFingerprint()
        for client in 0..<input.roster.clients.count {
            if client.isMultiple(of: 1 << 15) { try Task.checkCancellation() }
            input.roster.clients.withBytes(at: Int32(client)) { fingerprint.combine($0) }
            fingerprint.combine(UInt64(bitPattern: Int64(input.roster.managerOfClient[client])))
            for pair in input.holdings.pairs(ofClient: client) {
                fingerprint.combine(UInt64(UInt32(bitPattern: input.holdings.products[pair])))
                fingerprint.combine(input.holdings.amounts[pair].bitPattern)
            }
        }
        input.roster.managers.forEach { fingerprint.combine($0) }
        if !input.roster.segments.isEmpty {
            fingerprint.combine(UInt64(input.roster.segments.count))
            input.roster.segments.forEach { fingerprint.combine($0) }
            input.roster.segmentOfClient.forEach { fingerprint.combine(UInt64(bitPattern: Int64($0))) }
        }
        for (attribute, names) in zip(input.attributes, categoryNames) {
            try Task.checkCancellation()
            fingerprint.combine(attribute.name)
            fingerprint.combine(UInt64(names.count))
            names.forEach { fingerprint.combine($0) }
            switch attribute.values {
            case .categories(let categories):
                categories.forEach { fingerprint.combine(UInt64(bitPattern: Int64($0))) }
            case .numbers(let numbers): numbers.forEach { fingerprint.combine($0.bitPattern) }
            }
        }
        for product in 0..<input.roster.products.count {
            input.roster.products.withBytes(at: Int32(product)) { fingerprint.combine($0) }
            fingerprint.combine(input.roster.productNames[product])
        }
        unavailable.forEach { fingerprint.combine(UInt64($0)) }
        let excluded = exclusions.map {
            UInt64(UInt32(bitPattern: $0.client ?? -1)) << 32 | UInt64(UInt32(bitPattern: $0.product ?? -1))
        }
        Set(excluded).sorted().forEach { fingerprint.combine($0) }
        return fingerprint
    }

    // MARK: Parts

    private mutating func insertClient(_ key: UnsafeRawBufferPointer) throws -> Int32 {
        let index = try clientIDs.insert(key)
        if Int(index) == clients.count { clients.append(Client()) }
        return index
    }

    private mutating func insertProduct(_ key: UnsafeRawBufferPointer) throws -> Int32 {
        let index = try productIDs.insert(key)
        if Int(index) == products.count { products.append(Product()) }
        return index
    }

    static func reordered<Element>(_ elements: [Element], by newIndexes: [Int32]) -> [Element] {
        var result = elements
        for (oldIndex, newIndex) in newIndexes.enumerated() { result[Int(newIndex)] = elements[oldIndex] }
        return result
    }

    private static func unknown<Value>(
        _ values: [Value?]?, in ids: IdentifierTable
    ) -> SourceStatistics.Occurrences {
        occurrences(values ?? [], in: ids) { $0 == nil ? 1 : 0 }
    }

    /// - Parameter indexes: What occurred, ascending, each as often as it did.
    private static func occurrences(of indexes: [Int32], in ids: IdentifierTable) -> SourceStatistics.Occurrences {
        var occurrences = SourceStatistics.Occurrences()
        occurrences.count = indexes.count
        for (place, index) in indexes.enumerated() where place == 0 || indexes[place - 1] != index {
            if occurrences.examples.count == 5 { break }
            occurrences.examples.append(ids.text(at: index))
        }
        return occurrences
    }

    private static func occurrences<Element>(
        _ elements: [Element], in ids: IdentifierTable, _ count: (Element) -> Int
    ) -> SourceStatistics.Occurrences {
        var occurrences = SourceStatistics.Occurrences()
        for (index, element) in elements.enumerated() where count(element) > 0 {
            occurrences.count += count(element)
            if occurrences.examples.count < 5 { occurrences.examples.append(ids.text(at: Int32(index))) }
        }
        return occurrences
    }
}
