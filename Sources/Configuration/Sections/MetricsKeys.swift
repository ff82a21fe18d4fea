/// Figures about the daemon.
package struct MetricsKeys: KeySection {
    package let textfile = Key(
        "metrics.textfile", .path,
        "The daemon keeps figures for Prometheus in this file, which node_exporter's textfile collector reads.")

    package var changes: KeyEffect { .nothing }
}
