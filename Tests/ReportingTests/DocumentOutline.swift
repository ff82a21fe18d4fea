import Foundation

#if canImport(FoundationXML)
import FoundationXML
#endif

/// What a parser of XML finds in a document, and what it lacks for those who do not see it.
final class DocumentOutline: NSObject, XMLParserDelegate {
    struct NotWellFormed: Error, CustomStringConvertible {
        let description: String
    }

    /// Elements by name; a link that leads out of the document counts as `a:external`.
    private(set) var counts: [String: Int] = [:]
    /// Levels of the headings, in order.
    private(set) var headings: [Int] = []
    /// Ids of the figures, in order.
    private(set) var figures: [String] = []
    /// Texts of cells, headings and titles.
    private(set) var texts: [String] = []
    private(set) var language: String?
    /// What an element that refers to others, or a drawing or table, lacks.
    private(set) var problems: [String] = []

    private var ids: Set<String> = []
    private var references: [String] = []
    private var text = ""
    private var tableHasCaption = true

    init(_ html: String) throws {
        super.init()
        let parser = XMLParser(data: Data(html.utf8))
        parser.delegate = self
        guard parser.parse() else {
            let line = html.split(separator: "\n", omittingEmptySubsequences: false)[max(0, parser.lineNumber - 1)]
            throw NotWellFormed(description: "line \(parser.lineNumber): \(line)")
        }
        problems += references.filter { !ids.contains($0) }.map { "nothing has the id \($0)" }
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String] = [:]
    ) {
        counts[name, default: 0] += 1
        text = ""
        if let id = attributes["id"], !ids.insert(id).inserted { problems.append("two elements have the id \(id)") }
        references += (attributes["aria-labelledby"] ?? "").split(separator: " ").map(String.init)
        for attribute in attributes.keys where attribute.hasPrefix("on") { problems.append("\(name) has \(attribute)") }
        switch name {
        case "html": language = attributes["lang"]
        case "h1", "h2", "h3", "h4": headings.append(Int(name.dropFirst()) ?? 0)
        case "figure": figures.append(attributes["id"] ?? "")
        case "a":
            let target = attributes["href"] ?? ""
            if target.hasPrefix("#") {
                references.append(String(target.dropFirst()))
            } else {
                counts["a:external", default: 0] += 1
            }
        case "table": tableHasCaption = false
        case "caption": tableHasCaption = true
        case "th" where !["row", "col"].contains(attributes["scope"]): problems.append("a th has no scope")
        case "svg" where attributes["role"] == "img" && attributes["aria-labelledby"] == nil:
            problems.append("a drawing has no name")
        default: break
        }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        switch name {
        case "th", "td", "title", "h1", "h2", "text": texts.append(text)
        case "table" where !tableHasCaption: problems.append("a table has no caption")
        default: break
        }
    }
}
