import ArgumentParser
import Scoring

/// `peerfolio explain CLIENT`.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Shows how the recommendations of one client come about.",
        discussion: "Recomputed from the sources with the date and the settings of the live run. Shows data of clients."
    )

    @OptionGroup var common: CommonOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "Client id, as the warehouse writes it.")
    var client: String

    @Option(name: .long, help: "How many of the nearest portfolios to show.")
    var peers = 10

    /// Arguments of the program in which a client whose id is a negative number, such as the -1 of what is unknown, is not
    /// taken for an option.
    static func withIDLast(_ arguments: [String]) -> [String] {
        guard arguments.first == configuration.commandName, !arguments.contains("--"),
            let place = arguments.firstIndex(where: { $0.first == "-" && $0.dropFirst().first?.isNumber == true })
        else { return arguments }
        return arguments[..<place] + arguments[(place + 1)...] + ["--", arguments[place]]
    }

    func validate() throws {
        guard peers >= 0 else { throw ValidationError("--peers must not be negative") }
    }

    func run() async throws {
        try await common.withInstallation { installation in
            let explanation = try await Explainer(installation).explain(client: client, peerLimit: peers)
            try Output.answer(output.json ? Output.json(explanation) : explanation.text)
        }
    }
}

extension ClientExplanation {
    /// The explanation for people.
    var text: String {
        [heading, portfolioText, peersText, notOfferedText, suggestionsText].filter { !$0.isEmpty }.joined(
            separator: "\n\n")
    }

    private var heading: String {
        let source =
            runID.map { "as in run \($0), \(asOf)" } ?? "with today's configuration, \(asOf); nothing is published"
        let warning =
            isSameInput == false
            ? "\nThe sources have changed since that run: what follows is made of what they hold now." : ""
        let gap =
            lacksEarlierLists == true
            ? "\nThe lists that it kept suggestions of are gone: ranks may differ from what it has published." : ""
        return "Client \(client): \(status), \(source)\(warning)\(gap)"
    }

    private var portfolioText: String {
        guard !portfolio.isEmpty else { return "Holds nothing." }
        var table = TextTable([.text("holds"), .text("name"), .number("amount")])
        for holding in portfolio { table.add([holding.product, holding.name ?? "", "\(holding.amount)"]) }
        return table.text
    }

    private var peersText: String {
        guard status != "excluded" else { return "Is offered nothing, so no peers were looked for." }
        guard !nearestPeers.isEmpty else { return "Has no peers." }
        var table = TextTable([
            .number("distance"), .number("clients"), .number("counts"), .text("such as"), .text("in common"),
            .text("beyond"),
        ])
        for peer in nearestPeers {
            table.add([
                "\(peer.distance)", Output.grouped(peer.clients), Output.fixed(peer.fraction, 3), peer.exampleClient,
                peer.inCommon.joined(separator: " "), peer.beyond.joined(separator: " "),
            ])
        }
        return "Nearest of \(peers) peers\(kthDistance.map { ", the last at distance \($0)" } ?? ""):\n" + table.text
    }

    private var notOfferedText: String {
        guard let first = notOffered.first else { return "" }
        // Where nothing is offered, what else is not goes without saying.
        let notOffered = first.product == nil ? [first] : notOffered
        let shown = notOffered.prefix(8).map { exclusion in
            (exclusion.product ?? "anything") + (exclusion.name.map { " \($0)" } ?? "")
                + (exclusion.reason.map { " (\(Output.line($0)))" } ?? "")
        }
        let rest = notOffered.count > shown.count ? "; and \(notOffered.count - shown.count) more" : ""
        return "Not offered: \(shown.joined(separator: "; "))\(rest)"
    }

    private var suggestionsText: String {
        guard !recommendations.isEmpty else { return "Gets no recommendation: nothing may be offered." }
        return recommendations.map(\.text).joined(separator: "\n")
    }
}

extension ClientExplanation.Suggestion {
    /// The recommendation and its arithmetic for people.
    fileprivate var text: String {
        let title =
            "\(rank). \(product)\(name.map { " \($0)" } ?? ""): score \(Output.fixed(score, 4))"
            + (competingScore.map { " (suggested before, so it competes with \(Output.fixed($0, 4)))" } ?? "")
        if let scoredFrom { return title + componentsText(scoredFrom) }
        if let signals {
            return
                "\(title): \(peersHolding > 0 ? "\(Output.fixed(peersHolding, 1)) of \(peers) peers hold it" : "no peer holds it")\n   \(Self.text(of: signals))"
        }
        guard !levels.isEmpty else {
            return "\(title), popular: \(Output.fixed(100 * baseRate, 1))% of clients with a portfolio hold it"
        }
        let shown = levels.prefix(4).map { level in
            "\(Output.fixed(level.weight, 4)) x \(Output.fixed(level.peersHolding, 2)) of \(Output.fixed(level.peers, 2))"
        }
        let rest = levels.count > shown.count ? ", and \(levels.count - shown.count) more distances" : ""
        return """
            \(title), lift \(Output.fixed(lift ?? 0, 2)): \(Output.fixed(peersHolding, 1)) of \(peers) peers hold it, \
            \(Output.fixed(100 * baseRate, 1))% of all
               weight x holders of peers, nearest first: \(shown.joined(separator: "; "))\(rest)
            """
    }

    private static func text(of signals: [String: Double]) -> String {
        signals.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.key) \(Output.fixed($0.value, 4))" }.joined(separator: ", ")
    }

    private func componentsText(_ scoredFrom: String) -> String {
        let shown = components.prefix(8).map { component in
            "\(Output.fixed(component.weight, 4)) x \(Output.fixed(component.score, 4)) \(component.product)"
                + (component.name.map { " \($0)" } ?? "")
        }
        let rest = components.count > shown.count ? "; and \(components.count - shown.count) more" : ""
        let how = scoredFrom == "components" ? "from what it is made of" : "from the products that are most like it"
        return """
            , \(how); \(Output.fixed(peersHolding, 1)) of \(peers) peers hold it itself, \
            \(Output.fixed(100 * baseRate, 1))% of all
               weight x score of each: \(shown.joined(separator: "; "))\(rest)
            """
    }
}
