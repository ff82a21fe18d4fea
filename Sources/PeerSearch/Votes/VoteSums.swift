internal import DistanceKernels

/// A sum for every product, in whole vectors, so that kernels take 32 of them at once.
///
/// Whoever writes to it must be its only user at that time.
struct VoteSums {
    private static let vectorsPerWord = BitRows.wordSize / 8

    private let memory: AlignedMemory<SIMD8<Double>>

    /// Sums of 0.
    init(memberCount: Int) {
        let wordCount = max(1, (memberCount + BitRows.wordSize - 1) / BitRows.wordSize)
        memory = AlignedMemory(repeating: .zero, count: wordCount * Self.vectorsPerWord)
    }

    /// The sums of all products.
    var scalars: UnsafeMutablePointer<Double> {
        UnsafeMutableRawPointer(memory.start).assumingMemoryBound(to: Double.self)
    }

    /// The sums of the 32 products of a word.
    func vectors(ofWord word: Int) -> UnsafeMutablePointer<SIMD8<Double>> {
        memory.start + word * Self.vectorsPerWord
    }

    /// The sum of a product, unchecked.
    subscript(product: Int32) -> Double {
        @inline(__always) get { scalars[Int(product)] }
        @inline(__always) nonmutating set { scalars[Int(product)] = newValue }
    }

    /// Makes all sums 0.
    func clear() { memory.start.update(repeating: .zero, count: memory.count) }
}
