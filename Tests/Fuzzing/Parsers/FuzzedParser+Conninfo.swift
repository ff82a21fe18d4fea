import Postgres

extension FuzzedParser {
    /// A connection string is accepted, or refused without showing any part of it.
    static func checkConninfo(_ input: [UInt8]) throws(Violation) {
        guard let conninfo = String(validating: input, as: UTF8.self) else { return }
        do throws(PostgresError) {
            _ = try ConnectionSettings(conninfo: conninfo)
        } catch {
            let shown = [error.description, String(reflecting: error), "\(error.customMirror.children.map(\.value))"]
            for word in tellingWords(of: conninfo) where shown.contains(where: { $0.contains(word) }) {
                throw Violation("\(word) was shown: \(error)")
            }
        }
    }

    /// The parts that no explanation has by itself: long enough, with letters and digits.
    private static func tellingWords(of conninfo: String) -> [String] {
        conninfo.split { " =&?/:@,'\\\t\n[]".contains($0) }.filter { word in
            word.utf8.count >= 5 && word.contains { $0.isLetter } && word.contains { $0.isNumber }
        }.map(String.init)
    }
}
