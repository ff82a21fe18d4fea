import Configuration
import Foundation
import Postgres

extension ConnectionSettings {
    /// Settings for a connection string from the command line, outside of a configuration; warns on standard error about
    /// a connection that is weaker than it should be.
    ///
    /// - Parameters:
    ///   - conninfo: What the user named.
    ///   - overrides: `KEY=VALUE` each; `transport.allow_insecure` counts, as it does in the environment.
    static func announced(_ conninfo: String, overrides: [String] = []) throws -> ConnectionSettings {
        let settings = try ConnectionSettings(
            conninfo: conninfo,
            allowsInsecureTransport: ServiceConfiguration.allowsInsecureTransport(
                environment: ProcessInfo.processInfo.environment, overrides: overrides),
            warn: ServerWarnings.noted())
        if let warning = try settings.transportWarning() { Output.note("warning: \(warning)") }
        return settings
    }
}

extension Redactor {
    /// Masks the password that libpq takes from the environment, besides what looks like one.
    static let ofEnvironment = Redactor(
        secrets: [ProcessInfo.processInfo.environment["PGPASSWORD"]].compactMap(\.self))
}
