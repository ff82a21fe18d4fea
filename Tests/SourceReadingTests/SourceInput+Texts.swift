import Holdings
import SourceReading

extension SourceInput {
    /// Client ids as text.
    var clientTexts: [String] { (0..<roster.clients.count).map { roster.clients.text(at: Int32($0)) } }
    /// What was found of a kind.
    func finding(_ code: Finding.Code) -> Finding? { findings.first { $0.code == code } }
    /// Product ids as text.
    var productTexts: [String] { (0..<roster.products.count).map { roster.products.text(at: Int32($0)) } }
}
