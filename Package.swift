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
        .target(name: "PeerSearch", dependencies: ["CProcessor", "DistanceKernels"]),
        .target(name: "Recommending", dependencies: ["PeerSearch"]),
        .target(name: "Evaluation", dependencies: ["PeerSearch", "Recommending"]),
        .target(name: "Reporting", dependencies: ["Evaluation"]),
        .target(name: "Warehouse", dependencies: ["Postgres", "Recommending", "Evaluation", "Reporting"]),
        .target(name: "Scheduling"),
        .target(name: "DemoWarehouse", dependencies: ["Postgres", "Warehouse", "Evaluation"]),
        .target(
            name: "Scoring",
            dependencies: [
                "Warehouse", "Evaluation", "Reporting", "Scheduling", "Schema", .product(name: "Yams", package: "Yams"),
            ]
        ),
        .target(
            name: "Daemon",
            dependencies: [
                "Scoring", "Warehouse", "Scheduling", "Postgres",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .executableTarget(
            name: "peerfolio",
            dependencies: [
                "Daemon", "Scoring", "Scheduling", "DemoWarehouse", "Warehouse", "Schema", "Reporting", "Evaluation",
                "Recommending", "PeerSearch", "Postgres",
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
                "DistanceKernels", "PeerSearch", "Recommending",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),

        .target(name: "TestSupport", dependencies: ["Postgres", "Schema"], path: "Tests/TestSupport"),
        // Breaks runs and judges what is left, for scripts/faults; not a product, and never installed.
        .executableTarget(
            name: "faults",
            dependencies: [
                "Postgres", "TestSupport", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Faults"),
        // What must hold of any input, for InputTests and, built with PEERFOLIO_FUZZ=1, for libFuzzer.
        .target(
            name: "FuzzedParsers", dependencies: ["CLibPQ", "Postgres", "Scheduling", "Scoring", "Warehouse"],
            path: "Tests/Fuzzing/Parsers"),
        .testTarget(
            name: "InputTests",
            dependencies: ["FuzzedParsers", "DemoWarehouse", "Postgres", "Scoring", "Warehouse", "TestSupport"]),
        .testTarget(name: "PostgresTests", dependencies: ["Postgres", "TestSupport"]),
        .testTarget(name: "SchemaTests", dependencies: ["Schema", "TestSupport"], exclude: ["Goldens"]),
        .testTarget(name: "PeerSearchTests", dependencies: ["PeerSearch", "DistanceKernels", "TestSupport"]),
        .testTarget(name: "RecommendingTests", dependencies: ["Recommending", "TestSupport"]),
        .testTarget(
            name: "EvaluationTests", dependencies: ["Evaluation", "Recommending", "PeerSearch", "TestSupport"],
            exclude: ["Goldens", "crosscheck.py"]),
        .testTarget(name: "ReportingTests", dependencies: ["Reporting", "Evaluation"]),
        .testTarget(
            name: "SchedulingTests", dependencies: ["Scheduling", "TestSupport"],
            exclude: ["Goldens", "crosscheck.py"]),
        .testTarget(
            name: "WarehouseTests", dependencies: ["Warehouse", "Reporting", "DemoWarehouse", "TestSupport"]),
        .testTarget(
            name: "ScoringTests",
            dependencies: ["Scoring", "Evaluation", "Recommending", "Warehouse", "DemoWarehouse", "TestSupport"]),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Daemon", "Postgres", "Scheduling", "Scoring", "Warehouse", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "RealDataTests", dependencies: ["Scoring", "Evaluation", "Recommending", "Warehouse", "TestSupport"]),
        .testTarget(
            name: "CommandLineTests", dependencies: ["peerfolio", "Evaluation", "Postgres", "TestSupport"],
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
    for target in package.targets where ["PeerSearch", "PeerSearchTests"].contains(target.name) {
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
        "PeerSearch", "PeerSearchTests", "Recommending", "Evaluation", "EvaluationTests", "Scheduling",
        "SchedulingTests", "FuzzedParsers", "InputTests",
    ]
    .contains(target.name)
    if isBusy || target.name.hasPrefix("DistanceKernels") {
        // Unoptimized numeric loops are 100 to 300 times slower; tests that compare thousands of warehouses need them fast.
        settings.append(.unsafeFlags(["-O"], .when(configuration: .debug)))
    }
    if isFuzzing { settings.append(.unsafeFlags(["-sanitize=fuzzer,address"])) }
    target.swiftSettings = settings
}
