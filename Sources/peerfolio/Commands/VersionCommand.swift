import ArgumentParser
import Recommending
import Scoring

/// `peerfolio version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Prints the version and the distance kernel of this machine.")

    func run() {
        print("peerfolio \(Service.version), kernel \(Recommender.kernelName)")
    }
}
