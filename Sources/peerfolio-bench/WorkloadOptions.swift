import ArgumentParser
import PeerSearch
import Recommending

/// What is timed, how often, and with which means.
struct WorkloadOptions: ParsableArguments {
    @Argument(help: "Amounts, clients x products: a NumPy file of float32 in C order.")
    var matrix: String

    @Option(help: "How amounts become a vector.")
    var encoding = Encoding.share

    @Option(help: "How the distance is measured.")
    var distance = DistanceMetric.cosine

    @Option(help: "Peers per client.")
    var k = 200

    @Option(help: "Workers.")
    var width = 2

    @Option(help: "Distinct portfolios per unit of work.")
    var chunk = Recommender.defaultChunkSize

    @Option(help: "Timed runs.")
    var runs = 5

    @Option(help: "baseline, avx2 or avx512; the best that this processor can run by default.")
    var kernel = SearchKernel.best.name

    func validate() throws {
        guard k >= 1, width >= 1, chunk >= 1, runs >= 1 else {
            throw ValidationError("k, width, chunk and runs must be at least 1")
        }
    }
}
