/// Masks secrets in texts that people will read.
///
/// A second net: what is printed is put together from parts without secrets in the first place. It is for texts from
/// elsewhere, such as libpq's messages and the argument parser's.
public struct Redactor: Sendable {
    private let secrets: [String]

    /// What stands in the place of a secret.
    public static let mask = "***"

    /// Creates a redactor.
    ///
    /// - Parameter secrets: Texts to mask wherever they occur. Those with fewer than four characters are not looked for:
    ///   they cannot be told from parts of words, and masking those would give them away.
    public init(secrets: [String] = []) {
        self.secrets = secrets.filter { $0.utf8.count >= 4 }.sorted { $0.utf8.count > $1.utf8.count }
    }

    /// The text with every secret masked, what stands before an `@` in a URI of PostgreSQL, and what follows `password=`.
    public func redact(_ text: String) -> String {
        var text = text
        for secret in secrets { text = text.replacing(secret, with: Self.mask) }
        // Up to the last @ of the line: a password may have an @ or a space in it. Too much is masked rather than too little.
        text = text.replacing(/(?i)(postgres(?:ql)?:\/\/)[^\n]*@/.matchingSemantics(.unicodeScalar)) {
            "\($0.output.1)\(Self.mask)@"
        }
        let assignment = /(?i)((?:password|passwd|pwd)\s*=\s*)(?:'(?:[^'\\]|\\.)*'?|(?:\\.|\S)+)/
        return text.replacing(assignment.matchingSemantics(.unicodeScalar)) { "\($0.output.1)\(Self.mask)" }
    }
}
