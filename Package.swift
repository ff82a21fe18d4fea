// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "peerfolio",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "peerfolio", targets: ["peerfolio"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // Dependencies point down only: a target may import those above it, never those below.
        .systemLibrary(
            name: "CLibPQ",
            pkgConfig: "libpq",
            providers: [.apt(["libpq-dev", "pkg-config"]), .brew(["libpq"])]
        ),
        .target(name: "Postgres", dependencies: ["CLibPQ"]),
        .target(name: "Schema", dependencies: ["Postgres"], resources: [.embedInCode("sql")]),
        .target(name: "CProcessor"),
        .target(name: "DistanceKernels"),
        .target(name: "Scheduling"),
        .target(name: "Holdings"),
        .target(name: "PeerSearch", dependencies: ["CProcessor", "DistanceKernels", "Holdings"]),
        .target(name: "Recommending", dependencies: ["CProcessor", "PeerSearch", "Holdings"]),
        .target(name: "Evaluation", dependencies: ["Recommending", "PeerSearch", "Holdings"]),
        .target(name: "SourceReading", dependencies: ["Postgres", "Recommending", "PeerSearch", "Holdings"]),
        .target(name: "ResultStore", dependencies: ["Postgres", "Evaluation", "Recommending", "Holdings"]),
        .target(
            name: "Configuration",
            dependencies: [
                "SourceReading", "Recommending", "PeerSearch", "Scheduling",
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .target(name: "DemoWarehouse", dependencies: ["Configuration", "Holdings", "Postgres"]),
        .target(name: "Reporting", dependencies: ["Evaluation"]),
        .target(
            name: "Scoring",
            dependencies: [
                "Configuration", "SourceReading", "ResultStore", "Evaluation", "Recommending", "PeerSearch", "Holdings",
                "Reporting", "Schema", "Postgres",
            ]
        ),
        .target(
            name: "Daemon",
            dependencies: [
                "Scoring", "Configuration", "ResultStore", "Holdings", "Scheduling", "Postgres",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .executableTarget(
            name: "peerfolio",
            dependencies: [
                "Daemon", "Scoring", "DemoWarehouse", "Configuration", "Scheduling", "SourceReading", "ResultStore",
                "Schema", "Reporting", "Evaluation", "PeerSearch", "Holdings", "Postgres",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        // Measures, for scripts/bench; not a product, and never installed.
        .executableTarget(
            name: "peerfolio-bench",
            dependencies: [
                "DistanceKernels", "PeerSearch", "Recommending", "Holdings",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),

        .target(
            name: "TestSupport", dependencies: ["Postgres", "Schema", "SourceReading", "Holdings", "DistanceKernels"],
            path: "Tests/TestSupport"),
        // Breaks runs and judges what is left, for scripts/faults; not a product, and never installed.
        .executableTarget(
            name: "faults",
            dependencies: [
                "Postgres", "TestSupport", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Faults"),
        // What must hold of any input, for InputTests and, built with PEERFOLIO_FUZZ=1, for libFuzzer.
        .target(
            name: "FuzzedParsers",
            dependencies: ["CLibPQ", "Configuration", "Postgres", "Scheduling", "SourceReading", "Holdings"],
            path: "Tests/Fuzzing/Parsers"),
        .testTarget(
            name: "InputTests",
            dependencies: ["FuzzedParsers", "DemoWarehouse", "Postgres", "SourceReading", "Holdings", "TestSupport"]),
        .testTarget(name: "ArchitectureTests"),
        .testTarget(name: "BenchmarkTests", dependencies: ["peerfolio-bench", "Holdings"]),
        .testTarget(name: "CProcessorTests", dependencies: ["CProcessor"]),
        .testTarget(name: "DistanceKernelsTests", dependencies: ["DistanceKernels", "PeerSearch", "TestSupport"]),
        .testTarget(name: "PostgresTests", dependencies: ["Postgres", "TestSupport"]),
        .testTarget(name: "SchemaTests", dependencies: ["Schema", "TestSupport"], exclude: ["Goldens"]),
        .testTarget(name: "HoldingsTests", dependencies: ["Holdings", "TestSupport"]),
        .testTarget(
            name: "PeerSearchTests", dependencies: ["PeerSearch", "DistanceKernels", "Holdings", "TestSupport"]),
        .testTarget(
            name: "RecommendingTests", dependencies: ["Recommending", "PeerSearch", "Holdings", "TestSupport"],
            exclude: ["Goldens", "crosscheck.py"]),
        .testTarget(
            name: "EvaluationTests",
            dependencies: ["Evaluation", "Recommending", "PeerSearch", "Holdings", "TestSupport"],
            exclude: ["Goldens", "crosscheck.py"]),
        .testTarget(name: "ReportingTests", dependencies: ["Reporting", "Evaluation"]),
        .testTarget(
            name: "SchedulingTests", dependencies: ["Scheduling", "TestSupport"],
            exclude: ["Goldens", "crosscheck.py"]),
        .testTarget(
            name: "SourceReadingTests",
            dependencies: [
                "ResultStore", "SourceReading", "Recommending", "PeerSearch", "Holdings", "Postgres", "TestSupport",
            ]),
        .testTarget(
            name: "ResultStoreTests",
            dependencies: [
                "ResultStore", "SourceReading", "Evaluation", "Recommending", "PeerSearch", "Holdings", "Postgres",
                "TestSupport",
            ]),
        .testTarget(
            name: "DemoWarehouseTests", dependencies: ["DemoWarehouse", "SourceReading", "Holdings", "TestSupport"]),
        .testTarget(
            name: "ConfigurationTests",
            dependencies: [
                "Configuration", "DemoWarehouse", "SourceReading", "Recommending", "PeerSearch", "Holdings",
                "Scheduling",
                "TestSupport",
            ]),
        .testTarget(
            name: "ScoringTests",
            dependencies: [
                "Scoring", "Configuration", "Evaluation", "Recommending", "PeerSearch", "SourceReading", "ResultStore",
                "Holdings", "Reporting", "Postgres", "DemoWarehouse", "TestSupport",
            ]),
        .testTarget(
            name: "RealDataTests",
            dependencies: [
                "Scoring", "Configuration", "Evaluation", "Recommending", "PeerSearch", "SourceReading", "ResultStore",
                "Holdings", "TestSupport",
            ]),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Daemon", "Scoring", "ResultStore", "Scheduling", "Postgres", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "peerfolio", "Scoring", "SourceReading", "ResultStore", "Schema", "Evaluation", "Recommending",
                "PeerSearch", "Postgres", "TestSupport",
            ],
            exclude: ["Goldens", "try-install.bash", "try-restart.bash"]),
    ],
    swiftLanguageModes: [.v6]
)

#if arch(x86_64)
// The bodies of the kernels once more for each instruction set; which one a run uses is decided when it starts.
for (name, level) in [("DistanceKernelsAVX2", "x86-64-v3"), ("DistanceKernelsAVX512", "x86-64-v4")] {
    package.targets.append(
        .target(
            name: name, dependencies: ["DistanceKernels"],
            swiftSettings: [.unsafeFlags(["-Xcc", "-march=\(level)"])]))
    for target in package.targets where ["PeerSearch", "PeerSearchTests", "DistanceKernelsTests"].contains(target.name)
    {
        target.dependencies.append(.target(name: name))
    }
}
#endif

// Everything is instrumented for libFuzzer then, so that it sees which way input goes; see scripts/fuzz.
let isFuzzing = Context.environment["PEERFOLIO_FUZZ"] != nil
if isFuzzing {
    package.targets += [
        .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzzing/CLibFuzzer"),
        .executableTarget(
            name: "peerfolio-fuzz", dependencies: ["CLibFuzzer", "FuzzedParsers"], path: "Tests/Fuzzing/LibFuzzer",
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"]), .linkedLibrary("stdc++")]),
    ]
}

for target in package.targets where target.type != .system {
    var settings = target.swiftSettings ?? []
    settings.append(.treatAllWarnings(as: .error))
    settings.append(.enableUpcomingFeature("ExistentialAny"))
    settings.append(.enableUpcomingFeature("MemberImportVisibility"))
    settings.append(.enableUpcomingFeature("InternalImportsByDefault"))
    let isBusy = [
        "Holdings", "HoldingsTests", "PeerSearch", "PeerSearchTests", "Recommending", "Evaluation", "EvaluationTests",
        "Scheduling", "SchedulingTests", "FuzzedParsers", "InputTests", "TestSupport", "ArchitectureTests",
    ]
    .contains(target.name)
    if isBusy || target.name.hasPrefix("DistanceKernels") {
        // Unoptimized numeric loops are 100 to 300 times slower; tests that compare thousands of warehouses need them fast.
        settings.append(.unsafeFlags(["-O"], .when(configuration: .debug)))
    }
    if isFuzzing { settings.append(.unsafeFlags(["-sanitize=fuzzer,address"])) }
    target.swiftSettings = settings
}
