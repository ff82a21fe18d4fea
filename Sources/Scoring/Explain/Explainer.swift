import Configuration
import Foundation
import Holdings
import PeerSearch
import Recommending
import ResultStore
import Schema
import SourceReading

/// Recomputes one client from the sources, with the date and the settings of the live run, and shows every step.
public struct Explainer: Sendable {
    private let installation: Installation

    /// Creates an explainer.
    public init(_ installation: Installation) {
        self.installation = installation
    }

    /// Some clients for a first look: spread over those who hold several products, then over those who hold one, then over all.
    public func exampleClients(limit: Int) async throws -> [String] {
        let input = try await installation.withSession { session in
            try installation.reader(try installation.plan(asOf: nil, session)).read(session)
        }
        var examples: [Int] = []
        for leastHeld in [2, 1, 0] {
            let holders = (0..<input.roster.clients.count).filter { client in
                input.holdings.pairs(ofClient: client).count >= leastHeld && !examples.contains(client)
            }
            let step = max(1, holders.count / (limit + 1))
            let chosen = holders.indices.filter { $0 % step == step / 2 }.prefix(limit - examples.count)
            examples += chosen.map { holders[$0] }
        }
        return examples.map { input.roster.clients.text(at: Int32($0)) }
    }

    /// Explains a client.
    ///
    /// - Parameters:
    ///   - client: Client id as people write it.
    ///   - peerLimit: How many of the nearest portfolios to show.
    /// - Throws: `ScoringError.unknownClient`; `SourceError`, `PostgresError`, `PortfolioError`.
    public func explain(client: String, peerLimit: Int = 10) async throws -> ClientExplanation {
        let configuration = installation.configuration
        let (settings, live, asOf, read, incumbents) = try await installation.withSession { session in
            let isInstalled = try installation.migrator.installedTypes(session) != nil
            let live =
                try isInstalled ? Publication(session).live(channel: configuration.publish.channel) : nil
            let settings = try live.map { try RunSettings(recorded: $0.configJSON) } ?? RunSettings(configuration)
            let plan = try installation.plan(asOf: live?.asOf, attributes: settings.attributes, session)
            let read = try installation.readInput(plan, hybrid: settings.hybrid, session)
            let incumbents = try installation.incumbents(
                ofRun: live?.comparedRunID, margin: settings.hysteresis, for: read.source, session)
            return (settings, live, plan.asOf, read, incumbents)
        }
        let input = read.source
        guard let index = input.roster.clients.index(ofText: client) else {
            throw ScoringError(
                .unknownClient, "the sources know no such client; ids are taken exactly as the warehouse writes them")
        }
        let recommender = try await Recommender(
            read.scoringInput(settings, incumbents: incumbents), kernel: installation.kernel)
        let (outcome, rows) = try recommender.recommend(client: Int(index))
        // As in a run: nobody is looked for where nothing may be offered.
        let explained = outcome.status == .excluded ? nil : try recommender.explain(client: Int(index))
        let view = View(
            input: input, recommender: recommender, metric: settings.model.distance, client: Int(index),
            incumbents: incumbents)
        return ClientExplanation(
            client: input.roster.clients.text(at: index), runID: live?.runID,
            asOf: "\(asOf)", isSameInput: live.map { $0.fingerprint == read.fingerprint },
            lacksEarlierLists: live?.comparedRunID == nil || settings.hysteresis == 0 ? nil : incumbents == nil,
            status: outcome.status.rawValue, portfolio: view.portfolio(),
            peers: outcome.peers, kthDistance: outcome.kthDistance,
            nearestPeers: explained.map { view.peers($0, limit: peerLimit) } ?? [],
            notOffered: view.notOffered(), recommendations: rows.map { view.suggestion($0, explained) })
    }
}

/// Turns indexes into what people read.
private struct View {
    let input: SourceInput
    let recommender: Recommender
    let metric: DistanceMetric
    let client: Int
    let incumbents: Incumbents?

    private var portfolios: Portfolios { recommender.portfolios }

    func portfolio() -> [ClientExplanation.Holding] {
        input.holdings.pairs(ofClient: client).map { pair in
            let product = input.holdings.products[pair]
            return ClientExplanation.Holding(
                product: input.roster.products.text(at: product), name: input.roster.productNames[Int(product)],
                amount: input.holdings.amounts[pair])
        }
    }

    func notOffered() -> [ClientExplanation.Exclusion] {
        input.policy.exclusions(ofClient: client).map { product, reason in
            ClientExplanation.Exclusion(
                product: product.map { input.roster.products.text(at: $0) },
                name: product.flatMap { input.roster.productNames[Int($0)] }, reason: reason)
        }
    }

    func peers(_ explanation: PeerExplanation, limit: Int) -> [ClientExplanation.Peer] {
        let own = Set(portfolios.products(of: explanation.portfolio))
        return explanation.peers.levels.flatMap { level in
            explanation.peers.peers[level.range].map { peer in
                let theirs = portfolios.products(of: Int(peer.portfolio))
                let example = portfolios.clients(of: Int(peer.portfolio)).first ?? 0
                return ClientExplanation.Peer(
                    exampleClient: input.roster.clients.text(at: example), clients: Int(peer.clients),
                    distance: level.distance, fraction: level.fraction,
                    inCommon: theirs.filter { own.contains($0) }.map { input.roster.products.text(at: $0) },
                    beyond: theirs.filter { !own.contains($0) }.map { input.roster.products.text(at: $0) })
            }
        }.prefix(limit).map(\.self)
    }

    /// Nothing for popular products, which have no margin.
    private func competingScore(_ row: Recommendation) -> Double? {
        guard let incumbents, row.reason != .popular, incumbents.contains(product: row.product, ofClient: client)
        else { return nil }
        return row.score * (1 + incumbents.margin)
    }

    func suggestion(_ row: Recommendation, _ explanation: PeerExplanation?) -> ClientExplanation.Suggestion {
        let baseRate = recommender.popularity.baseRate(of: row.product)
        let candidate = explanation?.candidates.first { $0.candidate.product == row.product }
        let signals = explanation?.signals.map { scores in
            Dictionary(
                uniqueKeysWithValues: Signal.allCases.compactMap { signal in
                    scores[signal].isEmpty
                        ? nil : (signal.rawValue, min(1, max(0, scores[signal][Int(row.product)])))
                })
        }
        // Of the peers, even where other signals have a part in the score.
        let share = signals.map { $0[Signal.peers.rawValue] } ?? row.score
        let levels = row.reason == .peers ? explanation?.peers.levels ?? [] : []
        return ClientExplanation.Suggestion(
            rank: Int(row.rank), product: input.roster.products.text(at: row.product),
            name: input.roster.productNames[Int(row.product)], score: row.score, competingScore: competingScore(row),
            reasonCode: row.reason.rawValue, signals: row.reason == .popular ? nil : signals, peers: row.peers,
            peersHolding: row.peersHolding,
            baseRate: baseRate,
            lift: baseRate > 0 ? share.map { $0 / baseRate } : nil,
            levels: zip(levels, candidate?.holdersByLevel ?? []).map { level, holders in
                ClientExplanation.Level(
                    distance: level.distance, weight: metric.weight(ofDistance: level.distance),
                    peers: level.mass(ofClients: level.clients), peersHolding: level.mass(ofClients: holders))
            },
            scoredFrom: row.reason == .components ? input.components?.source(of: row.product)?.rawValue : nil,
            components: (candidate?.parts ?? []).map { explained in
                ClientExplanation.Component(
                    product: input.roster.products.text(at: explained.part.product),
                    name: input.roster.productNames[Int(explained.part.product)], weight: explained.part.weight,
                    score: explained.score)
            })
    }
}
