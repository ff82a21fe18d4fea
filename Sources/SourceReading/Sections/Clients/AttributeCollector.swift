import Holdings
import PeerSearch
import Postgres

/// Takes the attributes of clients as their rows come.
///
/// NULL is not known, and so is a number that is NaN, infinite or beyond double precision, which is counted. Where a
/// client has several rows, the least number counts, or the category that is first by bytes: whatever the order of the
/// rows, and a row in which the value is not known changes nothing.
struct AttributeCollector {
    /// The most categories of one attribute.
    ///
    /// Each is a column of every vector; whatever has more is an id or a free text and makes nobody alike.
    static let mostCategories = 1000

    private struct Attribute {
        let column: AttributeColumn
        /// By the client's arrival index, NaN where it is not known; of a numeric column.
        var numbers: [Double] = []
        /// By the client's arrival index, -1 where it is not known; of any other column.
        var categories: [Int32] = []
        var names = NameTable()
    }

    private var attributes: [Attribute]
    /// The client of every number that could not be used, by arrival index.
    private(set) var clientsOfUnusable: [Int32] = []

    init(_ columns: [AttributeColumn]) {
        attributes = columns.map { Attribute(column: $0) }
    }

    /// Takes a client's row.
    ///
    /// - Parameter client: The client's arrival index.
    mutating func add(_ row: BinaryCopyRow, client: Int) throws {
        for index in attributes.indices {
            switch attributes[index].column.kind {
            case .number(let field):
                guard let number = try row[field] else { continue }
                if number.isFinite { add(number, to: index, client) } else { clientsOfUnusable.append(Int32(client)) }
            case .category(let field):
                if let text = row[field] { try add(text, to: index, client) }
            }
        }
    }

    private mutating func add(_ number: Double, to index: Int, _ client: Int) {
        attributes[index].numbers.extend(to: client + 1, with: .nan)
        let known = attributes[index].numbers[client]
        // Zero has one form.
        attributes[index].numbers[client] = known < number ? known : number + 0
    }

    private mutating func add(_ text: UnsafeRawBufferPointer, to index: Int, _ client: Int) throws {
        let category = try attributes[index].names.insert(text)
        guard attributes[index].names.count <= Self.mostCategories else {
            throw SourceError(
                .values, key: "clients.attributes",
                "the column \"\(attributes[index].column.name)\" has more than \(Self.mostCategories) different values,"
                    + " so it tells hardly anybody to be alike; leave it out, or group its values in clients.query")
        }
        attributes[index].categories.extend(to: client + 1, with: -1)
        attributes[index].categories[client] = attributes[index].names.first(
            attributes[index].categories[client], category)
    }

    /// The attributes in the order of ids, and the names of each one's categories; none for numbers.
    ///
    /// - Parameter newClients: The final index of every client by arrival index.
    consuming func finish(newClients: [Int32]) -> (attributes: [ClientAttribute], categoryNames: [[String]]) {
        var (finished, categoryNames) = ([ClientAttribute](), [[String]]())
        for attribute in attributes {
            let values: ClientAttribute.Values
            switch attribute.column.kind {
            case .number:
                values = .numbers(attribute.numbers.reordered(by: newClients, missing: .nan))
                categoryNames.append([])
            case .category:
                let (names, categories) = attribute.names.sorted(attribute.categories)
                values = .categories(categories.reordered(by: newClients, missing: -1))
                categoryNames.append(names)
            }
            finished.append(
                ClientAttribute(name: attribute.column.name, weight: attribute.column.weight, values: values))
        }
        return (finished, categoryNames)
    }
}
