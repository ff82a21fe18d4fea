public import ArgumentParser
import Configuration
import Foundation
public import Holdings
import PeerSearch
import Scoring
public import SourceReading

/// Options that every command with a configuration takes.
struct CommonOptions: ParsableArguments {
    @Option(
        name: .long,
        help: "Configuration file. (default: $PEERFOLIO_CONFIG, ./peerfolio.yaml, /etc/peerfolio/peerfolio.yaml)")
    var config: String?

    @Option(
        name: .long, help: ArgumentHelp("Overrides a key, such as model.k=100; repeatable.", valueName: "key=value"))
    var set: [String] = []

    /// The service over the configuration that these options name, with the kernel that the environment asks for.
    ///
    /// Warns on standard error about a connection that is weaker than it should be.
    func installation() throws -> Installation {
        let installation = try loadInstallation(warn: ServerWarnings.noted())
        if let warning = installation.transportWarning { Output.note("warning: \(warning)") }
        return installation
    }

    /// The same without the warning, for whoever gives it in its own way.
    ///
    /// - Parameter warn: Called with each warning that the server has about a connection.
    func loadInstallation(warn: @escaping @Sendable (String) -> Void) throws -> Installation {
        let kernel = try SearchKernel.chosen()
        return try Installation(ServiceConfiguration.load(file: config, overrides: set), kernel: kernel, warn: warn)
    }

    /// Runs a command over the service; an error about the mapping gets the place of its key.
    func withInstallation<Value>(_ body: (Installation) async throws -> Value) async throws -> Value {
        let installation = try installation()
        do {
            return try await body(installation)
        } catch let error as SourceError {
            throw LocatedSourceError(
                error: error, location: error.key.flatMap(installation.configuration.location(of:)))
        }
    }
}

/// An error about the mapping with the place where its key is set.
struct LocatedSourceError: Error, CustomStringConvertible {
    let error: SourceError
    let location: String?

    var description: String {
        guard let location else { return "\(error)" }
        // `--set` is named together with its key.
        let isNamed = error.key.map(location.hasSuffix) ?? false
        return "\(location): \(isNamed ? error.message : "\(error)")"
    }
}

/// Which day's holdings a command reads.
struct DayOption: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Take the holdings as of the end of this day. (default: today)", valueName: "yyyy-mm-dd"))
    var asOf: BusinessDate?
}

/// Whether a run goes on where it would refuse.
struct ForceOption: ParsableArguments {
    @Flag(
        name: .long, help: "Go on in spite of findings that refuse, and where nothing has changed, and record that.")
    var force = false
}

/// Options of commands that show results.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print JSON instead of a table.")
    var json = false
}

extension BusinessDate: ExpressibleByArgument {
    /// Reads `YYYY-MM-DD`.
    public init?(argument: String) { self.init(argument) }
}

extension RelationName: ExpressibleByArgument {
    /// Reads `schema.name`.
    public init?(argument: String) {
        guard let name = try? RelationName(parsing: argument) else { return nil }
        self = name
    }
}
