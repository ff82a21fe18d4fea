import Evaluation
import Foundation
import Recommending

/// How training of a softmax model has ended, for the log.
public struct TrainedModel: Sendable, CustomStringConvertible {
    /// Distinct sets of products, with attributes where these count, that it was trained on.
    public let rows: Int
    /// What is left to make smaller, by pair of a client and a product.
    public let loss: Double
    /// Steps of L-BFGS.
    public let iterations: Int
    /// The norm of the gradient at the end, which is 0 at the optimum.
    public let gradientNorm: Double

    init(_ training: SoftmaxModel.Training) {
        rows = training.rows
        loss = training.loss
        iterations = training.iterations
        gradientNorm = training.gradientNorm
    }

    /// In words and figures; contains no data.
    public var description: String {
        let format = NumberFormat.terminal
        return
            "softmax model trained on \(format.grouped(rows)) distinct portfolios: loss \(format.fixed(loss, 4))"
            + " after \(format.grouped(iterations)) iterations, norm of the gradient"
            + " \(String(format: "%.1e", gradientNorm))"
    }
}
