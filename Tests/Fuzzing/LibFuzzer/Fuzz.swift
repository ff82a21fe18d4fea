import CLibFuzzer
import Foundation
import FuzzedParsers

/// Lets libFuzzer look for input that a parser cannot stand: `peerfolio-fuzz PARSER [libFuzzer's own arguments]`.
@main
enum Fuzz {
    /// Written once, before libFuzzer calls a C function, which can hold no context.
    nonisolated(unsafe) fileprivate static var parser = FuzzedParser.copy

    static func main() {
        // To merge inputs, libFuzzer starts this program once more, with its own arguments only.
        let variable = "PEERFOLIO_FUZZED_PARSER"
        var (count, arguments) = (CommandLine.argc, Optional(CommandLine.unsafeArgv))
        if CommandLine.argc >= 2, FuzzedParser(rawValue: CommandLine.arguments[1]) != nil {
            setenv(variable, CommandLine.arguments[1], 1)
            CommandLine.unsafeArgv[1] = CommandLine.unsafeArgv[0]
            (count, arguments) = (count - 1, CommandLine.unsafeArgv + 1)
        }
        guard let parser = getenv(variable).flatMap({ FuzzedParser(rawValue: String(cString: $0)) }) else {
            fatalError("expected one of \(FuzzedParser.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        Self.parser = parser
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
