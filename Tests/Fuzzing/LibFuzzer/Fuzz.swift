import CLibFuzzer
import Foundation
import FuzzedParsers

/// Lets libFuzzer look for input that a parser cannot stand: `peerfolio-fuzz PARSER [libFuzzer's own arguments]`.
@main
enum Fuzz {
    /// Written once, before libFuzzer calls a C function, which can hold no context.
    nonisolated(unsafe) fileprivate static var parser = FuzzedParser.copy

    static func main() {
        guard CommandLine.argc >= 2, let parser = FuzzedParser(rawValue: CommandLine.arguments[1]) else {
            fatalError("expected one of \(FuzzedParser.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        Self.parser = parser
        // Without the parser's name.
        CommandLine.unsafeArgv[1] = CommandLine.unsafeArgv[0]
        var (count, arguments) = (CommandLine.argc - 1, Optional(CommandLine.unsafeArgv + 1))
        exit(LLVMFuzzerRunDriver(&count, &arguments, check))
    }
}

/// The name is that of libFuzzer's own `main`, which is linked as well.
@_cdecl("LLVMFuzzerTestOneInput")
func check(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    do throws(Violation) {
        try Fuzz.parser.check(Array(UnsafeBufferPointer(start: bytes, count: count)))
    } catch {
        fatalError("\(error)")
    }
    return 0
}
