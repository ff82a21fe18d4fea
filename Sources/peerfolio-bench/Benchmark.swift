public import ArgumentParser
import Foundation
public import PeerSearch

/// `peerfolio-bench`: what `scripts/bench` times in Swift.
///
/// It is built with the package and never installed.
@main
struct Benchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peerfolio-bench", abstract: "Times the peer search alone; scripts/bench compares it with others.",
        subcommands: [SearchCommand.self, RecommendCommand.self, TileRateCommand.self])

    /// Prints a value as one line of JSON with sorted keys, at once.
    static func printLine(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        try FileHandle.standardOutput.write(contentsOf: encoder.encode(value) + Data("\n".utf8))
    }

    /// The median of at least one number.
    static func median(_ numbers: [Double]) -> Double {
        let sorted = numbers.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}

extension Encoding: ExpressibleByArgument {}
extension DistanceMetric: ExpressibleByArgument {}
