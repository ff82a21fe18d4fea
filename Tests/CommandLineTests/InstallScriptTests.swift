import Foundation
import TestSupport
import Testing

/// `scripts/install` and `scripts/uninstall`, in a folder that takes the place of `/`.
@Suite struct InstallScriptTests {
    @Test func installUpgradeAndUninstall() async throws {
        try await TemporaryFolder.with { folder in
            // Another user runs the scripts in there.
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
            let script = PeerfolioBinary.checkout.appendingPathComponent("Tests/CommandLineTests/try-install.bash")
            let outcome = try await ChildProcess.run(
                script, [], environment: ["TMPDIR": folder.path], in: folder, within: .seconds(120))
            #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        }
    }
}
