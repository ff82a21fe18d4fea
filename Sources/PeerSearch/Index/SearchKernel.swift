import CProcessor
public import DistanceKernels

#if arch(x86_64)
internal import DistanceKernelsAVX2
internal import DistanceKernelsAVX512
#endif

/// The instruction set that the inner loops of a search run on.
///
/// It changes the speed of a search, never its result.
public struct SearchKernel: Sendable {
    /// The inner loops.
    public let kernel: any DistanceKernel.Type

    /// The name: `baseline`, `avx2` or `avx512`.
    public var name: String { kernel.name }

    /// All kernels that this program has, the most capable first.
    private static var all: [(kernel: SearchKernel, isSupported: Bool)] {
        #if arch(x86_64)
        [
            (SearchKernel(kernel: AVX512Kernel.self), processor_supports(processor_avx512)),
            (SearchKernel(kernel: AVX2Kernel.self), processor_supports(processor_avx2)),
            (SearchKernel(kernel: BaselineKernel.self), true),
        ]
        #else
        [(SearchKernel(kernel: BaselineKernel.self), true)]
        #endif
    }

    /// The kernels that this processor can run, the most capable first; at least the baseline.
    public static var supported: [SearchKernel] {
        all.filter(\.isSupported).map(\.kernel)
    }

    /// The most capable kernel that this processor can run.
    public static var best: SearchKernel {
        supported.first ?? SearchKernel(kernel: BaselineKernel.self)
    }

    /// Finds a kernel by its name.
    ///
    /// - Throws: ``SearchKernelError`` when there is none of that name, or when this processor cannot run it.
    public static func named(_ name: String) throws(SearchKernelError) -> SearchKernel {
        let known = all
        guard let found = known.first(where: { $0.kernel.name == name }) else {
            throw SearchKernelError(
                message: "there is no kernel of that name; choose one of"
                    + " \(known.map(\.kernel.name).joined(separator: ", "))")
        }
        guard found.isSupported else {
            throw SearchKernelError(
                message: "this processor cannot run the kernel \(name); it can run"
                    + " \(supported.map(\.name).joined(separator: ", "))")
        }
        return found.kernel
    }
}

/// Why a kernel cannot be used.
public struct SearchKernelError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, and which kernels there are.
    public let message: String

    /// The message.
    public var description: String { message }
}
