public import Foundation

/// Values that tests put in where passwords and client data are, and look for where they must not be.
///
/// None of them can come about by chance, or be part of a name.
public enum Canary {
    /// A password, with characters that URIs and conninfo strings take apart.
    public static let password = "Zeisig@4711/q'geheim"

    /// Ids of clients; the first is the one that tests make errors with.
    public static let clientIDs = ["KANARIE-900001", "KANARIE-900002", "KANARIE-900003"]

    /// The account of a client.
    public static let iban = "DE89370400440532013000"

    /// The amount that a client holds.
    public static let amount = "31337042.17"

    /// What must never be printed, stored or sent unless encrypted.
    ///
    /// A part of a password is a secret, too.
    public static let secrets = [password, "Zeisig", "4711/q", "geheim"]

    /// What a mapping of the tests names: it is in the warehouse, and nowhere else but in the results made of it and in
    /// what shows clients on purpose.
    public static let mapped = clientIDs + [amount, "31337042"]

    /// What is in the warehouse: ``mapped``, and a column that no mapping names, which nothing shows.
    public static let data = mapped + [iban]

    /// Those of the secrets that a text contains, byte for byte.
    public static func secrets(in text: some Sequence<UInt8>) -> [String] {
        find(secrets, in: text)
    }

    /// Those of all the canaries that a text contains, byte for byte, except what it is there to show.
    public static func leaks(in text: some Sequence<UInt8>, except shown: [String] = []) -> [String] {
        find((secrets + data).filter { !shown.contains($0) }, in: text)
    }

    /// The files below a folder that contain a canary, each with what it contains.
    ///
    /// - Parameter isExcluded: Files that are there to hold a canary, such as the password file of a test.
    public static func leaks(
        inFilesOf folder: URL, except isExcluded: (URL) -> Bool
    ) throws -> (searched: Int, leaks: [String]) {
        var (searched, leaks): (Int, [String]) = (0, [])
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
        while let file = files?.nextObject() as? URL {
            let isFile = try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
            guard isFile, !isExcluded(file) else { continue }
            searched += 1
            leaks += self.leaks(in: try Data(contentsOf: file)).map { "\(file.lastPathComponent): \($0)" }
        }
        return (searched, leaks)
    }

    private static func find(_ canaries: [String], in text: some Sequence<UInt8>) -> [String] {
        let bytes = Data(text)
        return canaries.filter { bytes.range(of: Data($0.utf8)) != nil }
    }
}
