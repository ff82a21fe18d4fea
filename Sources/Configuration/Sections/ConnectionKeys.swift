/// How to connect: the key `connection` and the section `transport`.
package struct ConnectionKeys: KeySection {
    package let conninfo = Key(
        "connection", .text, default: "", "libpq conninfo or URI; nothing here means the `PG*` environment.")
    package let allowsInsecureTransport = Key(
        "transport.allow_insecure", .boolean, default: false,
        "Accept an `sslmode` or `channel_binding` that does not protect a connection to another machine.")

    package var changes: KeyEffect { .nothing }
}

extension ServiceConfiguration {
    /// Whether `transport.allow_insecure` is set outside of a file, for connections that have no configuration.
    ///
    /// - Throws: `ConfigurationError` for a value that its key cannot hold.
    package static func allowsInsecureTransport(
        environment: [String: String], overrides: [String]
    ) throws(ConfigurationError) -> Bool {
        let settings = try ConfigurationSettings(
            document: ConfigurationDocument(yaml: "transport: {}", fileName: ""), fileName: "",
            environment: environment, overrides: overrides)
        return settings.connection.allowsInsecureTransport
    }
}
