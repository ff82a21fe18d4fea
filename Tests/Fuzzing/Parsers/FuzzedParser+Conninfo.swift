import CLibPQ
import Postgres

extension FuzzedParser {
    /// A connection string is accepted, and libpq finds no password in it, or refused without showing any part of it.
    static func checkConninfo(_ input: [UInt8]) throws(Violation) {
        guard let conninfo = String(validating: input, as: UTF8.self) else { return }
        do throws(PostgresError) {
            _ = try ConnectionSettings(conninfo: conninfo)
        } catch {
            let shown = [error.description, String(reflecting: error), "\(error.customMirror.children.map(\.value))"]
            let words = tellingWords(of: conninfo) + tellingWords(of: percentDecoded(conninfo))
            for word in words where shown.contains(where: { $0.contains(word) }) {
                throw Violation("\(word) was shown: \(error)")
            }
            return
        }
        try Violation.require(!holdsPassword(conninfo), "a password was accepted")
    }

    /// Whether libpq finds a password, there or in a name of a database that it would take apart once more.
    private static func holdsPassword(_ conninfo: String) -> Bool {
        guard let options = PQconninfoParse(conninfo, nil) else { return false }
        defer { PQconninfoFree(options) }
        var option = options
        while let keyword = option.pointee.keyword.map({ String(cString: $0) }) {
            if let value = option.pointee.val.map({ String(cString: $0) }) {
                if ["password", "sslpassword"].contains(keyword) { return true }
                if keyword == "dbname", holdsPassword(value) { return true }
            }
            option += 1
        }
        return false
    }

    /// The parts that no explanation has by itself: long enough, with letters and digits.
    private static func tellingWords(of conninfo: String) -> [String] {
        conninfo.split { " =&?/:@,'\\\t\n[]".contains($0) }.filter { word in
            word.utf8.count >= 5 && word.contains { $0.isLetter } && word.contains { $0.isNumber }
        }.map(String.init)
    }

    /// The text that `%XX` stand for in a URI.
    private static func percentDecoded(_ text: String) -> String {
        var (bytes, rest) = ([UInt8](), Array(text.utf8)[...])
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let decoded = UInt8(digits, radix: 16) {
                bytes.append(decoded)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
