public import Foundation
public import PeerSearch

extension SearchKernel {
    /// The kernel that the environment variable `PEERFOLIO_KERNEL` asks for, else the best.
    ///
    /// Not a key of the configuration: it says something about the machine, and changes no result.
    ///
    /// - Parameter environment: The process's environment; an empty variable asks for nothing.
    /// - Throws: `ConfigurationError` when there is none of that name, or when this processor cannot run it.
    public static func chosen(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) -> SearchKernel {
        let variable = "PEERFOLIO_KERNEL"
        guard let name = environment[variable], !name.isEmpty else { return .best }
        do throws(SearchKernelError) {
            return try named(name)
        } catch {
            throw ConfigurationError(
                code: .invalidValue, message: error.message, location: "environment \(variable)")
        }
    }
}
