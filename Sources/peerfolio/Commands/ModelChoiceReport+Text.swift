import Evaluation
import Scoring

extension ModelChoiceReport {
    /// What was tried and chosen, for people.
    var text: String {
        var sections = [headline, table, sentence]
        if chosen != current {
            sections.append(
                "as a part of the configuration; where these sections are there already, change them there:\n\n"
                    + configurationFragment)
        }
        return sections.joined(separator: "\n\n")
    }

    private var headline: String {
        let (choosing, judging) = (Output.grouped(choosingClients), Output.grouped(judgingClients))
        guard kind == BacktestWindow.Kind.temporal.rawValue, days.count > 2 else {
            return "one hidden product of each client: chosen on \(choosing) clients, judged on \(judging) others"
        }
        let (middle, end) = (days[days.count - 2], days[days.count - 1])
        return "chosen on \(days[0]) to \(middle) (\(choosing) clients), judged on \(middle) to \(end) (\(judging))"
    }

    private var table: String {
        var table = TextTable([
            .text("model"), .number("ndcg@10"), .number("behind the best"), .number("95%"), .number("judged"),
            .number("against the configured"), .number("95%"), .text(""),
        ])
        for model in models {
            let marks = [
                model.name == best ? "best" : nil, model.name == current ? "configured" : nil,
                model.name == chosen ? "chosen" : nil,
            ]
            table.add([
                model.name, Output.fixed(model.score.value, 4), Output.fixed(model.loss.value, 4),
                Self.interval(model.loss), Output.fixed(model.judged.value, 4), Self.signed(model.gain.value),
                Self.interval(model.gain), marks.compactMap(\.self).joined(separator: ", "),
            ])
        }
        return table.text
    }

    private var sentence: String {
        guard let model = models.first(where: { $0.name == chosen }) else { return "" }
        let why =
            switch reason {
            case .best: "the best"
            case .simplest: "the simplest of those that are as good as \(best), as far as can be told"
            case .kept: "configured, and nothing else is clearly better"
            }
        guard chosen != current else { return "chosen: \(chosen), since it is \(why)" }
        let gain = "\(Self.signed(model.gain.value)) (\(Self.interval(model.gain)))"
        return "chosen: \(chosen), since it is \(why); where no choice has looked, ndcg@10 is \(gain) against"
            + " the configured model, \(Verdict(model.gain).words)"
    }

    private static func interval(_ estimate: Estimate) -> String {
        "\(Output.fixed(estimate.low, 4)) to \(Output.fixed(estimate.high, 4))"
    }

    private static func signed(_ value: Double) -> String { (value < 0 ? "" : "+") + Output.fixed(value, 4) }
}
