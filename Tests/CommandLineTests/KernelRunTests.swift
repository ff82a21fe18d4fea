import PeerSearch
import TestSupport
import Testing

/// The whole job on every kernel of this machine.
@Suite(.requiresServer) struct KernelRunTests {
    /// All that a run has published, as one number.
    private static let checksum = """
        select md5(string_agg(concat_ws(' ', client_id, rank, product_id, score, peers, peers_holding, reason_code), \
        ',' order by client_id, rank)) || ' of ' || count(*) from peerfolio_bi.recommendations
        """

    @Test(arguments: ["binary", "share"])
    func theResultDependsOnNeitherKernelNorChunkNorWidth(encoding: String) async throws {
        try await Installation.withDemo { installation in
            var checksums: Set<String> = []
            for kernel in SearchKernel.supported.map(\.name) {
                for (chunk, width) in [(1, 2), (7, 3), (256, 1)] {
                    let outcome = try await installation.peerfolio(
                        "run", "--json", "--as-of", "2026-10-31", "--set", "model.encoding=\(encoding)", "--set",
                        "execution.chunk=\(chunk)", "--set", "execution.width=\(width)",
                        environment: ["PEERFOLIO_KERNEL": kernel])
                    let summary = try jsonObject(expectSuccess(outcome))
                    #expect(summary["kernel"] as? String == kernel)
                    let logged = try await installation.rows(
                        "select kernel, width from peerfolio_bi.run_history order by run_id desc limit 1")
                    #expect(logged == [[kernel, "\(width)"]])
                    checksums.insert(try await installation.value(Self.checksum))
                }
            }
            #expect(checksums.count == 1, "\(checksums)")
            #expect(checksums.allSatisfy { !$0.hasSuffix(" of 0") && !$0.isEmpty })
        }
    }

    @Test func aKernelThatThereIsNotIsRefusedBeforeAnythingIsRead() async throws {
        try await TemporaryFolder.with { folder in
            // There is neither a configuration nor a server.
            let installation = Installation(administrator: "host=/nowhere", folder: folder)
            for command in ["run", "version"] {
                let outcome = try await installation.peerfolio(
                    command, environment: ["PEERFOLIO_KERNEL": "avx1024"])
                expectFailure(outcome, 64, saying: "PEERFOLIO_KERNEL", "choose one of", "baseline")
            }
            for kernel in SearchKernel.supported.map(\.name) {
                let version = try await installation.succeed("version", environment: ["PEERFOLIO_KERNEL": kernel])
                #expect(version.hasSuffix(", kernel \(kernel)\n"))
            }
        }
    }
}
