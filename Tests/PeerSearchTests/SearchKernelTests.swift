import PeerSearch
import Testing

@Suite("The choice of a kernel")
struct SearchKernelTests {
    @Test func theBaselineIsAlwaysThere() throws {
        let names = SearchKernel.supported.map(\.name)
        #expect(names.last == "baseline")
        #expect(Set(names).count == names.count)
        #expect(SearchKernel.best.name == names.first)
        for name in names { #expect(try SearchKernel.named(name).name == name) }
    }

    @Test(arguments: ["", "AVX2", "neon", "avx2 "])
    func anUnknownNameIsToldWhichThereAre(name: String) {
        let error = #expect(throws: SearchKernelError.self) { try SearchKernel.named(name) }
        for kernel in SearchKernel.supported { #expect(error?.message.contains(kernel.name) == true) }
        #expect(error?.message.contains("choose one of") == true)
    }
}
