/// Why holdings could not be encoded.
public struct PortfolioError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of error it is.
    public struct Code: RawRepresentable, Sendable, Hashable {
        /// The stable name of the code.
        public let rawValue: String

        /// Creates a code from its stable name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The squares of a client's encoded amounts leave the range in which distances can be computed.
        public static let amountsOutOfRange = Code(rawValue: "amounts_out_of_range")
    }

    /// What kind of error it is.
    public let code: Code
    /// What happened and what to do, without any value from the data.
    public let message: String
    /// The clients concerned.
    public let clientCount: Int
    /// The first clients concerned, at most ``exampleLimit``, ascending.
    public let exampleClients: [Int32]

    /// The most clients that are named.
    public static let exampleLimit = 5

    /// The message.
    public var description: String { message }

    static func amountsOutOfRange(
        encoding: Encoding, haveAttributes: Bool, clientCount: Int, exampleClients: [Int32]
    ) -> PortfolioError {
        PortfolioError(
            code: .amountsOutOfRange,
            message: """
                \(clientCount) client(s) have amounts too large or too small for the encoding \
                \"\(encoding.rawValue)\": their squares leave the range of Float64; correct the amounts, or choose \
                an encoding that tames them (share, log or binary)\
                \(haveAttributes ? ", or weights of clients.attributes nearer to the encoded amounts" : "")
                """,
            clientCount: clientCount,
            exampleClients: exampleClients
        )
    }
}
