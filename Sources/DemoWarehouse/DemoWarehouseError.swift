/// A demo warehouse that cannot be written without harm to what is there.
public enum DemoWarehouseError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The schema exists, and no demo wrote it.
    case schemaIsNotADemo(String)
    /// Views or other objects use the tables of the earlier demo.
    case earlierDemoInUse(String)

    /// What happened and what to do, in one line.
    public var description: String {
        switch self {
        case .schemaIsNotADemo(let schema):
            "the schema \"\(schema)\" exists and is not a demo warehouse, so it is left alone; choose another schema"
        case .earlierDemoInUse(let schema):
            "views or other objects depend on the demo in the schema \"\(schema)\"; drop them or choose another schema"
        }
    }
}
