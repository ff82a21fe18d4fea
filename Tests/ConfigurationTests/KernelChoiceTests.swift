import Configuration
import PeerSearch
import Testing

/// `PEERFOLIO_KERNEL`.
@Suite struct KernelChoiceTests {
    @Test(arguments: [[:], ["PEERFOLIO_KERNEL": ""], ["PEERFOLIO_CONFIG": "avx2"]])
    func nothingMeansTheBest(environment: [String: String]) throws {
        #expect(try SearchKernel.chosen(environment: environment).name == SearchKernel.best.name)
    }

    @Test func everyKernelOfThisMachineCanBeForced() throws {
        for kernel in SearchKernel.supported {
            #expect(try SearchKernel.chosen(environment: ["PEERFOLIO_KERNEL": kernel.name]).name == kernel.name)
        }
    }

    @Test func anUnknownKernelNamesTheVariableAndTheChoicesAndNotTheValue() {
        let error = #expect(throws: ConfigurationError.self) {
            try SearchKernel.chosen(environment: ["PEERFOLIO_KERNEL": "Canary4711"])
        }
        #expect(error?.code == .invalidValue && error?.location == "environment PEERFOLIO_KERNEL")
        for kernel in SearchKernel.supported { #expect(error?.message.contains(kernel.name) == true) }
        #expect(error.map { "\($0)".contains("Canary4711") } == false)
    }
}
