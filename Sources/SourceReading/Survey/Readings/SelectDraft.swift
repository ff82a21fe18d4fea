/// A `SELECT` over one relation in the making: what cannot be said by names of columns alone.
struct SelectDraft: Sendable, Hashable {
    /// What the relation is called in it.
    static let alias = "h"

    let relation: WarehouseSurvey.Relation
    /// Expressions and what they are called.
    var outputs: [(expression: String, name: String)] = []
    var joins: [String] = []
    var conditions: [String] = []
    /// What comes after the conditions, such as GROUP BY.
    var ending: [String] = []
    /// Expressions of which one row each is kept.
    var distinctOn: [String] = []

    init(_ relation: WarehouseSurvey.Relation) { self.relation = relation }

    /// A column of the relation.
    static func column(_ column: WarehouseSurvey.Column) -> String { "\(alias).\(column.sql)" }

    /// A column of ids, with one text for all that the warehouse takes for the same id.
    static func id(_ column: WarehouseSurvey.Column, of alias: String = Self.alias) -> String {
        let name = "\(alias).\(column.sql)"
        return column.type == .citext ? "lower(\(name)::text)" : name
    }

    /// The statement, a clause on each line.
    var text: String {
        let distinct = distinctOn.isEmpty ? "" : "distinct on (\(distinctOn.joined(separator: ", "))) "
        let list = outputs.map { expression, name in
            expression.hasSuffix(".\(name)") ? expression : "\(expression) as \(name)"
        }
        var lines = ["select \(distinct)"]
        for (index, output) in list.enumerated() {
            if index > 0 && lines[lines.count - 1].count + output.count > 100 { lines.append("       ") }
            lines[lines.count - 1] += output + (index < list.count - 1 ? ", " : "")
        }
        lines = lines.map { $0.hasSuffix(", ") ? String($0.dropLast()) : $0 } + ["from \(relation.sql) \(Self.alias)"]
        lines += joins
        for (index, condition) in conditions.enumerated() {
            lines.append("\(index == 0 ? "where" : "  and") \(condition)")
        }
        return (lines + ending).joined(separator: "\n")
    }

    static func == (left: SelectDraft, right: SelectDraft) -> Bool { left.text == right.text }
    func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// A text as SQL writes it.
    static func literal(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

    /// `column in ('A', 'B')`, without quotes around numbers and booleans.
    static func isOne(of values: [String], _ column: WarehouseSurvey.Column) -> String {
        let list = values.map { column.type.isNumber || column.type == .boolean ? $0 : literal($0) }
        return list.count == 1
            ? "\(Self.column(column)) = \(list[0])" : "\(Self.column(column)) in (\(list.joined(separator: ", ")))"
    }
}
