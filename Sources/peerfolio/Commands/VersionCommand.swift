import ArgumentParser
import Configuration
import PeerSearch
import Scoring

/// `peerfolio version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Prints the version and the distance kernel of this machine.")

    /// Taken as by every command, so that a script can pass the same options to all; nothing is read from it.
    @OptionGroup var common: CommonOptions

    func run() throws {
        try Output.answer("peerfolio \(Installation.version), kernel \(try SearchKernel.chosen().name)")
    }
}
