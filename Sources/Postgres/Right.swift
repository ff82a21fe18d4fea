/// A right on an object of the database, as GRANT names it.
package struct Right: Sendable, Hashable, Encodable {
    /// What kind of object it is a right on.
    package enum Kind: String, Sendable, Encodable {
        /// A schema; `name` is empty.
        case schema
        /// A table or view as a whole.
        case relation
        /// A column of a table or view.
        case column
        /// A function; its name tells which, or its signature where it has one.
        case function
        /// A relation of which at least one column is needed, and it is not known which.
        case anyColumn = "any_column"
    }

    /// Kind of the object.
    package let kind: Kind
    /// Schema of the object.
    package let schema: String
    /// Name of the relation or function.
    package let name: String
    /// Name of the column; nil unless the right is on one.
    package let column: String?
    /// Such as SELECT.
    package let privilege: String

    /// Some column of a relation, where it is not known which.
    package static func anyColumn(of schema: String, _ name: String, _ privilege: String) -> Right {
        Right(kind: .anyColumn, schema: schema, name: name, column: nil, privilege: privilege)
    }

    /// USAGE on a schema.
    package static func usage(onSchema schema: String) -> Right {
        Right(kind: .schema, schema: schema, name: "", column: nil, privilege: "USAGE")
    }

    /// Rights on a table or view as a whole.
    package static func on(_ schema: String, _ name: String, _ privileges: String...) -> [Right] {
        privileges.map { Right(kind: .relation, schema: schema, name: name, column: nil, privilege: $0) }
    }

    /// A right on columns.
    package static func on(_ schema: String, _ name: String, _ privilege: String, columns: [String]) -> [Right] {
        columns.map { Right(kind: .column, schema: schema, name: name, column: $0, privilege: privilege) }
    }

    /// EXECUTE on a function.
    package static func execute(_ schema: String, _ name: String) -> Right {
        Right(kind: .function, schema: schema, name: name, column: nil, privilege: "EXECUTE")
    }

    // By bytes, as PostgreSQL compares names.

    package static func == (left: Right, right: Right) -> Bool {
        left.kind == right.kind && left.privilege == right.privilege
            && left.schema.utf8.elementsEqual(right.schema.utf8) && left.name.utf8.elementsEqual(right.name.utf8)
            && (left.column ?? "").utf8.elementsEqual((right.column ?? "").utf8)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(Array(name.utf8))
    }
}
