/// Where the warehouse keeps what a run reads: the relations and the columns in them.
///
/// Column names are names as PostgreSQL keeps them, never SQL text. Nothing here has been compared with a database yet:
/// a relation or column may still turn out not to exist.
public struct SourceMapping: Sendable, Hashable {
    /// Who holds what.
    public var holdings: HoldingsMapping
    /// The clients, those without holdings included, or nil to know only the clients that hold something.
    public var clients: ClientsMapping?
    /// Names and availability of the products, or nil to know only their ids.
    public var products: ProductsMapping?
    /// What must not be offered to whom, or nil when everything may be.
    public var exclusions: ExclusionsMapping?
    /// The words for risk, lowest first, or nil where risk is a number.
    public var riskLevels: [String]?
    /// What to do where row-level security hides rows from the service.
    public var rowSecurity: RowSecurity

    /// Creates a mapping.
    public init(
        holdings: HoldingsMapping,
        clients: ClientsMapping? = nil,
        products: ProductsMapping? = nil,
        exclusions: ExclusionsMapping? = nil,
        riskLevels: [String]? = nil,
        rowSecurity: RowSecurity = .refuse
    ) {
        self.holdings = holdings
        self.clients = clients
        self.products = products
        self.exclusions = exclusions
        self.riskLevels = riskLevels
        self.rowSecurity = rowSecurity
    }
}

extension SourceMapping {
    /// The sections that come with the holdings, in the order of the configuration.
    var sections: [any SectionStatement] {
        let sections: [(any SectionStatement)?] = [
            clients.map { ClientsStatement($0, riskLevels: riskLevels) },
            products.map { ProductsStatement($0, riskLevels: riskLevels) },
            products.flatMap(ComponentsStatement.init),
            exclusions.map(ExclusionsStatement.init),
        ]
        return sections.compactMap(\.self)
    }

    /// Everything that a run reads, in the order of the configuration.
    public var sources: [MappedSource] { [HoldingsStatement(holdings).source] + sections.compactMap(\.source) }
}
