import PeerSearch
import Postgres

/// Takes the attributes of clients as their rows come.
///
/// NULL is not known, and so is a number that is NaN, infinite or beyond double precision, which is counted. Where a
/// client has several rows, the least number counts, or the category that is first by bytes: whatever the order of the
/// rows, and a row in which the value is not known changes nothing.
struct AttributeCollector: Sendable {
    /// The most categories of one attribute.
    ///
    /// Each is a column of every vector; whatever has more is an id or a free text and makes nobody alike.
    static let mostCategories = 1000

    private struct Attribute {
        let mapping: AttributeMapping
        let field: Field<AnyValue>
        /// Whether it is read as a number; otherwise as the text of a category.
        let isNumeric: Bool
        /// By the client's arrival index, NaN where it is not known.
        var numbers: [Double] = []
        var categories = FirstTexts()
    }

    private var attributes: [Attribute]
    /// The client of every number that could not be used, by arrival index.
    private(set) var clientsOfUnusable: [Int32] = []

    init(_ fields: [(mapping: AttributeMapping, field: Field<AnyValue>)], _ query: SourceQuery) {
        attributes = fields.map {
            Attribute(mapping: $0.mapping, field: $0.field, isNumeric: query.type(of: $0.field).isMeasure)
        }
    }

    /// Takes a client's row.
    ///
    /// - Parameter client: The client's arrival index.
    mutating func add(_ row: BinaryCopyRow, client: Int) throws {
        for index in attributes.indices {
            let field = attributes[index].field
            if attributes[index].isNumeric {
                guard let number = try row[field.typed() as Field<Double>] else { continue }
                if number.isFinite { add(number, to: index, client) } else { clientsOfUnusable.append(Int32(client)) }
            } else {
                try attributes[index].categories.add(row[field.typed()], at: client)
                guard attributes[index].categories.count <= Self.mostCategories else {
                    throw SourceError(
                        .values, key: "clients.attributes",
                        "the column \"\(attributes[index].mapping.column)\" has more than \(Self.mostCategories) different"
                            + " values, so it tells hardly anybody to be alike; leave it out, or group its values in"
                            + " clients.query")
                }
            }
        }
    }

    private mutating func add(_ number: Double, to index: Int, _ client: Int) {
        attributes[index].numbers.extend(to: client + 1, with: .nan)
        let known = attributes[index].numbers[client]
        // Zero has one form.
        attributes[index].numbers[client] = known < number ? known : number + 0
    }

    /// The attributes in the order of ids, and the names of each one's categories; none for numbers.
    ///
    /// - Parameter newClients: The final index of every client by arrival index.
    func finish(_ newClients: [Int32]) -> (attributes: [ClientAttribute], categoryNames: [[String]]) {
        var (finished, categoryNames) = ([ClientAttribute](), [[String]]())
        for attribute in attributes {
            let (names, categories) = attribute.categories.finish(newClients)
            categoryNames.append(names)
            finished.append(
                ClientAttribute(
                    name: attribute.mapping.column, weight: attribute.mapping.weight,
                    values: attribute.isNumeric
                        ? .numbers(attribute.numbers.reordered(by: newClients, missing: .nan))
                        : .categories(categories)))
        }
        return (finished, categoryNames)
    }
}
